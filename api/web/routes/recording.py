"""Recording: a form for each kind of event, what it would change, and what is put right or verified."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.http.calls import Ask, By, Caller
from api.http.problems import status_of
from api.http.routes.events import DECIDES
from api.issuers.signing_in import inside
from api.web.fields import fieldsets, panels
from api.web.forms import Form, form_in
from api.web.frame import show
from api.web.messages import form_of, message_in
from api.web.pages import page
from api.web.refusals import says
from api.web.routes.patient import Text, View, head_of
from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.what_if import what_if_view
from engine.errors import CarewayError, EventIdReused, MessageRefused, NotFound, RevisionStale
from engine.ports import UnitOfWork
from engine.services.patients import Sender, patient_of
from engine.services.recording import Recorded
from engine.services.supposing import what_if

router = APIRouter(prefix="/patients/{patient}", include_in_schema=False)

KINDS = {
    "obs": "Measurements and findings",
    "med": "A treatment",
    "cond": "A condition",
    "vax": "A vaccination",
    "enrol": "Enrolment on a pathway",
    "admin": "Pause, resume, close or reopen",
    "override": "Put the patient to another state",
    "correct": "Correct what was recorded",
    "verify": "Confirm a value",
    "retract": "Withdraw what was recorded",
}
"""Kinds of events that have a form, and what each is called."""
UNUSUAL = "This value is unusual: it would wait until somebody verifies it."
REFUSALS = (MessageRefused, RevisionStale, EventIdReused)


def kind_of(name: str) -> str:
    """Return a kind of event that has a form; raises `NotFound`."""
    if name not in KINDS:
        raise NotFound("form", name)
    return name


def amended(uow: UnitOfWork, patient: str, target: str) -> tuple[Form, str]:
    """Return an event as the form it could have come by, and its type; raises `NotFound`."""
    record = uow.records.load(patient)
    event, root = record.find(target), record.root(target)
    if event is None or root is None:
        raise NotFound("event of this patient", target)
    return form_of(event), root.type


def form_page(by: Caller, patient: str, kind: str, form: Form, error: CarewayError | None = None) -> Ask[Any]:
    """Return the question of a page with a form, and with what was wrong with it."""

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        head = head_of(by, uow, sender, patient, View(form["pathway"]))
        app, shown, shape = by.application, form, kind
        if kind == "correct":
            before, shape = amended(uow, patient, form["target"])
            if form.again and not form["effective"]:  # asked for to be corrected, not typed before
                shown = Form((*before.fields, *form.fields))
            shown = Form((("only", before["only"]), *shown.fields))
        available = app.shelf.available()
        rules = app.shelf.pathway(form["pathway"] or head.pathway or available[0][0]).definition
        fresh = uuid7(app.clock.now(), app.randomness.draw(RANDOM_BYTES))
        return {
            "head": head,
            "kind": kind,
            "title": KINDS[kind],
            "fieldsets": fieldsets(shape, shown, app.shelf.vocabulary, rules, head.today),
            "event": fresh if isinstance(error, EventIdReused) else form["event"] or fresh,
            "target": form["target"],
            "type": shape,
            "panel": form["panel"],
            "only": shown["only"],
            "problems": says(error),
            "pathways": tuple((name, app.shelf.pathway(name).definition.title) for name, _ in available),
        }

    return ask


@router.get("/record")
async def choose(patient: str, by: By, pathway: Text = "") -> Response:
    """Show what can be recorded."""

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        head = head_of(by, uow, sender, patient, View(pathway))
        hidden = {"correct", "verify", "retract"} | ({"enrol"} if head.pathway else {"admin", "override"})
        hidden |= set() if head.may_decide else {"override"}
        return {
            "head": head,
            "panels": panels(by.application.shelf.vocabulary),
            "kinds": tuple((kind, title) for kind, title in KINDS.items() if kind not in hidden | {"obs"}),
        }

    return await show(by, "record", ask)


@router.get("/record/{kind}")
async def show_form(patient: str, kind: str, by: By, pathway: Text = "", panel: Text = "") -> Response:
    """Show an empty form."""
    empty = Form((("pathway", pathway), ("panel", panel)))
    return await show(by, "record_form", form_page(by, patient, kind_of(kind), empty))


@router.post("/record/{kind}")
async def take_form(patient: str, kind: str, request: Request, by: By) -> Response:
    """Record what was filled in; what cannot be taken is shown again with every problem."""
    form, app = await form_in(request), by.application
    if form.again:
        return await show(by, "record_form", form_page(by, patient, kind_of(kind), form))
    message = message_in(kind_of(kind), form, app.shelf.vocabulary)
    expected = form.number("revision") if kind in DECIDES else None

    def ask(uow: UnitOfWork, sender: Sender) -> Recorded:
        return app.recorder.record(uow, patient, [message], sender, expected=expected)

    try:
        await by.write(ask)
    except REFUSALS as error:
        asked = form_page(by, patient, kind, form, error)
        return await show(by, "record_form", asked, status=status_of(error))
    return RedirectResponse(inside(form["back"] or f"/patients/{patient}"), HTTPStatus.SEE_OTHER)


@router.post("/suppose/{kind}")
async def suppose(patient: str, kind: str, request: Request, by: By) -> Response:
    """Show what would change if the form were sent, or what is wrong with it; nothing is kept."""
    form, app = await form_in(request), by.application
    message = message_in(kind_of(kind), form, app.shelf.vocabulary)
    pathway = form["pathway"]

    def ask(uow: UnitOfWork, sender: Sender) -> Response:
        patient_of(uow, patient, sender)
        try:
            supposed = what_if(uow, app.recorder, patient, pathway, [message], sender, at="")
        except REFUSALS as error:
            return page("supposed", problems=says(error), view=None)
        view = what_if_view(supposed.found, app.shelf.sources(pathway))
        remarks = tuple(UNUSUAL for each in view.events if each.result == "quarantined")
        return page("supposed", problems=(), view=view, remarks=remarks)

    return await by.read(ask)

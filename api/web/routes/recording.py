"""Recording: a form for each kind of event, what it would change, and what is put right or verified."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.http.calls import Ask, By, Caller
from api.http.problems import status_of
from api.http.routes.events import DECIDES
from api.issuers.signing_in import inside
from api.web.choices import choices
from api.web.fields import KINDS, Hand, fieldsets, panels
from api.web.forms import Form, form_in
from api.web.frame import show
from api.web.history import named
from api.web.messages import form_of, message_in
from api.web.pages import page
from api.web.refusals import says
from api.web.routes.patient import Head, Text, View, head_of
from engine.core.events import Event
from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.names import Names
from engine.core.what_if import what_if_view
from engine.errors import CarewayError, EventIdReused, MessageRefused, NotFound, RevisionStale
from engine.ports import UnitOfWork
from engine.services.patients import Sender, patient_of
from engine.services.recording import Recorded
from engine.services.supposing import what_if

router = APIRouter(prefix="/patients/{patient}", include_in_schema=False)

AMENDMENTS = ("correct", "verify", "retract")
UNUSUAL = "This value is unusual: it would wait until somebody verifies it."
UNENROLLED = "This patient is on no pathway yet, so it would change nothing now. It counts from enrolment on."
REFUSALS = (MessageRefused, RevisionStale, EventIdReused)


def kind_of(name: str) -> str:
    """Return a kind of event that has a form; raises `NotFound`."""
    if name not in KINDS:
        raise NotFound("form", name)
    return name


@dataclass(frozen=True, slots=True)
class Amended:
    """An event that is put right."""

    event: Event
    root: Event
    """What it corrects; itself if it corrects nothing."""

    def source(self, *, decides: bool) -> str:
        """Return where an amendment comes from; of one who cannot decide, it has to be the first source."""
        return self.event.source if decides else self.root.source


def amended(uow: UnitOfWork, patient: str, target: str) -> Amended:
    """Return the event that an amendment is about; raises `NotFound`."""
    record = uow.records.load(patient)
    event, root = record.find(target), record.root(target)
    if event is None or root is None:
        raise NotFound("event of this patient", target)
    return Amended(event, root)


def enrollable(by: Caller, uow: UnitOfWork, patient: str) -> tuple[str, ...]:
    """Return the pathways a patient can be enrolled on."""
    enrolled = {enrolment.pathway for enrolment in uow.enrolments.of(patient)}
    return tuple(name for name, _ in by.application.shelf.available() if name not in enrolled)


def pathway_in(by: Caller, uow: UnitOfWork, head: Head, kind: str, asked: str) -> str:
    """Return the pathway a form is about: one to be enrolled on, or that on which the patient is seen."""
    if kind != "enrol":
        return head.pathway
    free = enrollable(by, uow, head.id)
    return asked if asked in free or not free else free[0]


def form_page(by: Caller, patient: str, kind: str, form: Form, error: CarewayError | None = None) -> Ask[Any]:
    """Return the question of a page with a form, and with what was wrong with it."""

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        head = head_of(by, uow, sender, patient, View("" if kind == "enrol" else form["pathway"]))
        app, shown, shape = by.application, form, kind
        pathway = pathway_in(by, uow, head, kind, form["pathway"])
        rules = app.shelf.pathway(pathway or app.shelf.available()[0][0])
        hand, about = Hand(head.today, head.may_decide), ""
        if kind in AMENDMENTS:
            before = amended(uow, patient, form["target"])
            source, about = before.source(decides=head.may_decide), named(before.event, Names(rules))
            hand = replace(hand, source="" if head.may_decide else source)
            shown = Form((("source", source), *form.fields))
            if kind == "correct":
                shape, typed = before.root.type, form_of(before.event)
                if not form["effective"]:  # asked for to be corrected, not typed before
                    shown = Form((*typed.fields, *shown.fields))
                shown = Form((("only", typed["only"]), *shown.fields))
        fresh = uuid7(app.clock.now(), app.randomness.draw(RANDOM_BYTES))
        return {
            "head": head,
            "kind": kind,
            "title": KINDS[kind],
            "about": about,
            "fieldsets": fieldsets(shape, shown, app.shelf.vocabulary, rules.definition, hand),
            "event": fresh if isinstance(error, EventIdReused) else form["event"] or fresh,
            "target": form["target"],
            "type": shape,
            "panel": form["panel"],
            "only": shown["only"],
            "problems": says(error),
            "pathway": pathway,
            "pathways": choices(
                (
                    (name, app.shelf.pathway(name).definition.title)
                    for name in (enrollable(by, uow, patient) if kind == "enrol" else ())
                ),
                pathway,
            ),
        }

    return ask


@router.get("/record")
async def choose(patient: str, by: By, pathway: Text = "") -> Response:
    """Show what can be recorded."""

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        head = head_of(by, uow, sender, patient, View(pathway))
        hidden = {"obs", *AMENDMENTS} | (set() if head.pathway else {"admin", "override"})
        hidden |= set() if head.may_decide else {"override"}
        hidden |= set() if enrollable(by, uow, head.id) else {"enrol"}
        return {
            "head": head,
            "panels": panels(by.application.shelf.vocabulary),
            "kinds": tuple((kind, title) for kind, title in KINDS.items() if kind not in hidden),
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
            return page("supposed", problems=says(error), remarks=(), view=None)
        except NotFound:
            if pathway:
                raise
            return page("supposed", problems=(), remarks=(UNENROLLED,), view=None)
        view = what_if_view(supposed.found, app.shelf.sources(pathway))
        remarks = tuple(UNUSUAL for each in view.events if each.result == "quarantined")
        return page("supposed", problems=(), remarks=remarks, view=view)

    return await by.read(ask)

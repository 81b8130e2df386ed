"""Patients: all of a site in pages, found by what they are known by, and new ones."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.http.calls import By
from api.http.pages import cursor_of, link_of
from api.http.permissions import RECORDERS
from api.http.shapes import SHORT
from api.identifiers import LONGEST
from api.web.choices import choices, served, state_choices
from api.web.forms import NOTHING, Form, form_in
from api.web.frame import Place, may, show
from api.web.residents import beginnings, patient_lines
from engine.core.kept import Identifier, Patient
from engine.errors import MessageRefused, Problem
from engine.ports import Pathways, UnitOfWork
from engine.services.patients import Sender, register

router = APIRouter(prefix="/patients", include_in_schema=False)

PAGE = 50
STATUSES = (("", "under way"), ("active", "active"), ("paused", "paused"), ("closed", "closed"))
"""Of an enrolment; one that is under way is active or paused."""
UNFIT = {"empty": "Nobody stands there.", "ways": (Place("Show all patients", "/patients"),)}
UNKNOWN = {
    "empty": "Nobody at this site is known by that. Look for the whole number or name, as it was registered.",
    "ways": (),
}
"""What to say where nobody is listed, and how to go on."""
Filter = Annotated[str, Query(max_length=SHORT)]


@router.get("")
async def list_patients(
    request: Request,
    by: By,
    cursor: str | None = None,
    pathway: Filter = "",
    state: Filter = "",
    status: Filter = "",
) -> Response:
    """Show the patients of the site, the longest known first; or those who stand somewhere on a pathway."""
    after, app = cursor_of(cursor), by.application
    names = tuple(rules.definition.id for rules in served(app.shelf))
    on = pathway or (names[0] if state or status else "")

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        patients, limit = uow.patients, PAGE + 1
        found = (
            patients.standing(sender.site, on, state, status, after=after, limit=limit)
            if on
            else patients.page(sender.site, after=after, limit=limit)
        )
        shown = found[:PAGE]
        following = link_of(request, shown[-1].id) if len(found) > PAGE else ""
        return {
            **listed(uow, sender, app.shelf, shown),
            "following": following,
            "filtered": bool(on),
            **(UNFIT if on else {}),
            "pathway": on,
            "states": state_choices(app.shelf, state),
            "statuses": choices(STATUSES, status),
        }

    return await show(by, "patients", ask)


@router.post("/search")
async def search(request: Request, by: By) -> Response:
    """Show who is known by a number or name; a POST, so that it stays out of addresses and logs."""
    form, app = await form_in(request), by.application
    sought = form["sought"][:SHORT]

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        found = uow.patients.known_by(sender.site, sought)
        return {**listed(uow, sender, app.shelf, found), "sought": sought, **UNKNOWN}

    return await show(by, "patients", ask)


def listed(
    uow: UnitOfWork,
    sender: Sender,
    pathways: Pathways,
    patients: Sequence[Patient],
    typed: Form = NOTHING,
) -> dict[str, object]:
    """Return what a page of patients shows, whoever they are; `typed` is a form to be shown again."""
    return {
        "sought": "",
        "following": "",
        "filtered": False,
        "pathway": "",
        "states": state_choices(pathways, ""),
        "statuses": choices(STATUSES, ""),
        "rows": patient_lines(uow, pathways, patients),
        "empty": "There are no patients yet.",
        "ways": beginnings(sender),
        "systems": uow.patients.systems(sender.site),
        "may_add": may(sender, RECORDERS),
        "typed": typed,
        "patients": [patient.id for patient in patients],
    }


@router.post("")
async def add(request: Request, by: By) -> Response:
    """Register a patient, and lead to the form by which one is enrolled."""
    form, app = await form_in(request), by.application
    system, value = form["system"], form["value"]
    if form.again:
        sought = value[:SHORT]

        def shown(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
            known = uow.patients.known_by(sender.site, sought)
            return {**listed(uow, sender, app.shelf, known, form), "sought": sought}

        return await show(by, "patients", shown)
    if not 1 <= len(system) <= LONGEST or not 1 <= len(value) <= LONGEST:
        text = f"A patient needs a number or name of 1 to {LONGEST} letters, and the system it belongs to."
        raise MessageRefused((Problem("/value", "bad-field", text),))

    def ask(uow: UnitOfWork, sender: Sender) -> Patient:
        return register(uow, [Identifier(system, value)], sender, app.clock, app.randomness)

    made = await by.write(ask)
    return RedirectResponse(f"/patients/{made.id}/record/enrol", HTTPStatus.SEE_OTHER)

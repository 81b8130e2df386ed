"""Acting on what is open for a patient: accept, decline, seen, put off, not done, hand over."""

from http import HTTPStatus
from typing import Any, get_args

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.http.action_ids import action_key, topic_of
from api.http.calls import By
from api.http.people_shapes import LONGEST_REASON
from api.issuers.signing_in import inside
from api.web.forms import Form, form_in
from api.web.frame import show
from api.web.routes.patient import View, overview
from engine.core import notes
from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.ownership import ActionKey
from engine.core.people import Post
from engine.core.values import iso_date
from engine.errors import MessageRefused, NotFound, Problem
from engine.ports import UnitOfWork
from engine.services.noting import Act, note
from engine.services.ownership import hand_over
from engine.services.patients import Sender
from engine.services.teams import fill_posts

router = APIRouter(prefix="/patients/{patient}", include_in_schema=False)

LEAST_NEEDED = {notes.ACKNOWLEDGE: (), notes.SNOOZE: ("reason", "until"), notes.NOT_DONE: ("reason",)}
"""The notes there are, and what has to be told with each."""


def back(form: Form, patient: str) -> Response:
    """Return to the page a form was sent from."""
    return RedirectResponse(inside(form["back"] or f"/patients/{patient}"), HTTPStatus.SEE_OTHER)


async def once_more(by: By, form: Form, patient: str) -> Response:
    """Show the page a form was sent from, with what was typed."""
    return await show(by, "patient", overview(by, patient, View(form["pathway"]), typed=form))


def revision_in(form: Form) -> int:
    """Return the revision with which somebody saw the patient; raises `MessageRefused`."""
    revision = form.number("revision")
    if revision is None:
        raise MessageRefused((Problem("/revision", "bad-field", "The form does not say what it rests on."),))
    return revision


def subject_in(form: Form, patient: str) -> ActionKey:
    """Return what a form is about; raises `NotFound` for what is of another patient."""
    key = action_key(form["subject"])
    if key.patient != patient:
        raise NotFound("action", form["subject"])
    return key


@router.post("/decide")
async def decide(patient: str, request: Request, by: By) -> Response:
    """Accept or decline an open action, today."""
    form, app = await form_in(request), by.application
    key, expected = subject_in(form, patient), revision_in(form)
    if form.again:
        return await once_more(by, form, patient)

    def ask(uow: UnitOfWork, sender: Sender) -> object:
        told: dict[str, Any] = {
            "id": uuid7(app.clock.now(), app.randomness.draw(RANDOM_BYTES)),
            "type": "decision",
            "effective": str(app.asker.today(uow, sender.site)),
            "pathway": key.pathway,
            "action": key.action,
            "decision": form["decision"],
        }
        if form["reason"]:
            told["reason"] = form["reason"]
        return app.recorder.record(uow, patient, [told], sender, expected=expected)

    await by.write(ask)
    return back(form, patient)


@router.post("/note")
async def note_something(patient: str, request: Request, by: By) -> Response:
    """Say that an open action or a review was seen, put it off, or say why it was not done."""
    form, asker = await form_in(request), by.application.asker
    key, expected = subject_in(form, patient), revision_in(form)
    if form.again:
        return await once_more(by, form, patient)
    act = act_in(form, form["note"])
    kind = "review" if form["kind"] == "review" else "action"
    await by.write(lambda uow, sender: note(uow, asker, topic_of(kind, key), act, sender, expected=expected))
    return back(form, patient)


def act_in(form: Form, what: str) -> Act:
    """Return what is noted; raises `MessageRefused` with everything that is missing or unreadable."""
    problems = list[Problem]()
    if what not in LEAST_NEEDED:
        raise MessageRefused((Problem("/note", "bad-field", "Say what is to be noted."),))
    needed = LEAST_NEEDED[what]
    if "reason" in needed:
        problems += _unreasoned(form, "reason")
    if what == notes.NOT_DONE and form["reason"] not in get_args(notes.WhyNotDone):
        problems.append(Problem("/reason", "bad-field", "Choose one of the reasons."))
    until = None
    if "until" in needed:
        try:
            until = iso_date(form["until"])
        except ValueError:
            problems.append(Problem("/until", "bad-field", "Give the day until which it is put off."))
    if problems:
        raise MessageRefused(tuple(problems))
    return Act(what, form["reason"] if needed else None, until)


@router.post("/hand-over")
async def hand_somebody(patient: str, request: Request, by: By) -> Response:
    """Hand an open action to a person, or back to the care team."""
    form, asker = await form_in(request), by.application.asker
    key, expected = subject_in(form, patient), revision_in(form)
    if form.again:
        return await once_more(by, form, patient)
    person, reason = form["person"] or None, reason_in(form)
    await by.write(lambda uow, sender: hand_over(uow, asker, key, person, reason, sender, expected=expected))
    return back(form, patient)


@router.post("/care-team")
async def change_team(patient: str, request: Request, by: By) -> Response:
    """Say who holds which post of a patient's care team; nobody for one that is left empty."""
    form, clock = await form_in(request), by.application.clock
    expected, wanted = revision_in(form), {post: form[post] or None for post in Post}
    await by.write(lambda uow, sender: fill_posts(uow, patient, wanted, sender, clock, expected=expected))
    return back(form, patient)


def reason_in(form: Form, name: str = "reason") -> str:
    """Return why something is done; raises `MessageRefused`."""
    if problems := _unreasoned(form, name):
        raise MessageRefused(problems)
    return form[name]


def _unreasoned(form: Form, name: str) -> tuple[Problem, ...]:
    if 1 <= len(form[name]) <= LONGEST_REASON:
        return ()
    return (Problem(f"/{name}", "bad-field", f"Give a reason of 1 to {LONGEST_REASON} letters."),)

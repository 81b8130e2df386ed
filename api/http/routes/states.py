"""Where a patient stands: state, reasons, what comes next, and how it came about.

Every answer is worked out from the record. `as_of` asks about a date, `known_at` answers with what was
known then; without them it is today, with everything known.
"""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.http.action_ids import action_id, topic_of
from api.http.calls import Ask, By
from api.http.etags import etag
from api.http.note_views import NamedReviewView, OwnedActionView, noted
from api.http.pages import Page
from api.http.parameters import AS_OF, KNOWN_AT, day_of, moment_of
from api.http.people_views import owner_view
from api.http.responses import sent
from api.http.views import StepView, step_view
from engine.core.answer import result_of
from engine.core.result import MoveView, Result, View
from engine.core.timeline import TimelineEntry, timeline
from engine.core.whynot import WhyNot, why_not
from engine.ports import UnitOfWork
from engine.services.asking import Asked
from engine.services.noting import Noticed, noticed
from engine.services.ownership import Owners, key_of, owners
from engine.services.patients import Sender

router = APIRouter(prefix="/v1/patients/{patient}/pathways/{pathway}", tags=["state"])


class NextActions(View):
    """What comes next."""

    open_actions: tuple[OwnedActionView, ...]
    decided: tuple[Any, ...]
    wanted: tuple[Any, ...]


def questioned(by: By, patient: str, pathway: str, as_of: str | None, known_at: str | None) -> Ask[Asked]:
    """Return the question of a call."""
    on, moment = day_of(as_of), moment_of(known_at)

    def ask(uow: UnitOfWork, sender: Sender) -> Asked:
        return by.application.asker.state(uow, patient, pathway, sender, as_of=on, known_at=moment)

    return ask


async def asked(by: By, patient: str, pathway: str, as_of: str | None, known_at: str | None) -> Asked:
    """Return the answer to the question of a call."""
    return await by.read(questioned(by, patient, pathway, as_of, known_at))


def told(by: By, answer: Asked) -> Result:
    """Return an answer with its reasons, names and sources."""
    shelf, name = by.application.shelf, answer.enrolment.pathway
    published = shelf.library.definition(name, answer.enrolment.version)
    return result_of(answer.evaluation, shelf.sources(name), published)


def tag_of(answer: Asked) -> str:
    """Return the ETag of an answer."""
    return etag(answer.patient.revision, answer.evaluation.as_of)


@router.get("", response_model=Result)
async def state(
    patient: str, pathway: str, request: Request, by: By, as_of: AS_OF = None, known_at: KNOWN_AT = None
) -> Response:
    """Where the patient stands, since when, why, and what comes next."""
    answer = await asked(by, patient, pathway, as_of, known_at)
    return sent(told(by, answer), tag=tag_of(answer))


@router.get("/next-actions", response_model=NextActions)
async def next_actions(
    patient: str, pathway: str, by: By, as_of: AS_OF = None, known_at: KNOWN_AT = None
) -> Response:
    """What is open, what was done about it and whose it is; what decisions keep off the list; data wanted.

    Care team, hand-overs and notes count as they stand now, absences on the day asked about.
    """
    question = questioned(by, patient, pathway, as_of, known_at)

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[Asked, Owners, Noticed]:
        answer = question(uow, sender)
        return answer, owners(uow, answer), noticed(uow, answer)

    answer, found, notes = await by.read(ask)
    result = told(by, answer)
    keys = [(view, key_of(answer, view.id, view.opened_on)) for view in result.open_actions]
    owned = tuple(
        OwnedActionView(
            **dict(view),
            **noted(notes.of[topic_of("action", key)], notes.names),
            action_id=action_id(key),
            owner=owner_view(found.of[key], found.working),
        )
        for view, key in keys
    )
    return sent(
        NextActions(open_actions=owned, decided=result.decided, wanted=result.wanted), tag=tag_of(answer)
    )


@router.get("/reviews", response_model=Page[NamedReviewView])
async def reviews(
    patient: str, pathway: str, by: By, as_of: AS_OF = None, known_at: KNOWN_AT = None
) -> Response:
    """The reviews with their due dates, reminder steps and reasons, and what was done about them."""
    question = questioned(by, patient, pathway, as_of, known_at)

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[Asked, Noticed]:
        answer = question(uow, sender)
        return answer, noticed(uow, answer)

    answer, notes = await by.read(ask)
    keys = [(view, key_of(answer, view.id, view.due)) for view in told(by, answer).reviews]
    named = tuple(
        NamedReviewView(
            **dict(view),
            **noted(notes.of[topic_of("review", key)], notes.names),
            review_id=action_id(key),
            missed=bool(view.steps) and view.steps[-1].on <= answer.evaluation.as_of,
        )
        for view, key in keys
    )
    return sent(Page[NamedReviewView](items=named), tag=tag_of(answer))


@router.get("/why-not", response_model=WhyNot)
async def show_why_not(
    patient: str, pathway: str, by: By, as_of: AS_OF = None, known_at: KNOWN_AT = None
) -> Response:
    """Each way out of the state that is not taken and each option not offered: why, and what would do it.

    `flips` are single data which, recorded on the day asked about, would take the transition or have the
    option offered. Each has been tried; of a number it is the nearest to the newest one.
    """
    answer = await asked(by, patient, pathway, as_of, known_at)
    sources = by.application.shelf.sources(answer.enrolment.pathway)
    return sent(why_not(answer.evaluation, sources), tag=tag_of(answer))


@router.get("/transitions", response_model=Page[StepView])
async def transitions(patient: str, pathway: str, by: By) -> Response:
    """Every step ever recorded, by number; `holds` is false for one that later data withdrew."""

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[StepView, ...]:
        found = by.application.asker.steps(uow, patient, pathway, sender)
        return tuple(map(step_view, found))

    return sent(Page[StepView](items=await by.read(ask)))


@router.get("/transitions/{number}/why", response_model=MoveView)
async def why(patient: str, pathway: str, number: int, by: By) -> Response:
    """Why a step was taken: the data that decided, with dates, events and sources."""

    def ask(uow: UnitOfWork, sender: Sender) -> Response:
        _, answer, step = by.application.asker.step(uow, patient, pathway, sender, number)
        place = answer.evaluation.history.index(step)
        return sent(told(by, answer).history[place], tag=etag(answer.patient.revision))

    return await by.read(ask)


@router.get("/timeline", response_model=Page[TimelineEntry])
async def show_timeline(
    patient: str, pathway: str, by: By, as_of: AS_OF = None, known_at: KNOWN_AT = None
) -> Response:
    """Everything that happened, in order of its clinical date: events as they stand, and steps."""
    answer = await asked(by, patient, pathway, as_of, known_at)
    entries = timeline(answer.record, answer.evaluation)
    return sent(Page[TimelineEntry](items=entries), tag=tag_of(answer))

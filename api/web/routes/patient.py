"""One patient: where they stand and why, what comes next, how it went, and what would change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from api.http.action_ids import action_id, topic_of
from api.http.calls import Ask, By, Caller
from api.http.parameters import day_of, moment_of
from api.http.permissions import DECIDERS, RECORDERS, STAFF
from api.http.routes.teams import team_of
from api.web.cards import card, decided, groups, lacks, pressing, remarks, review_row
from api.web.doing import Doing, doing
from api.web.forms import NOTHING, Form
from api.web.frame import Place, may, show
from api.web.history import doubtful, happenings
from api.web.picture import picture
from api.web.rows import label, spelled
from api.web.team import post_rows
from api.web.trend import thresholds, trend
from api.web.untaken import option, way
from engine.core.answer import result_of
from engine.core.result import Result
from engine.core.whynot import why_not
from engine.errors import NotFound
from engine.ports import UnitOfWork
from engine.services.asking import Asked
from engine.services.noting import farthest, noticed
from engine.services.ownership import key_of, owners
from engine.services.patients import Sender, patient_of, time_zone

router = APIRouter(prefix="/patients/{patient}", include_in_schema=False)

Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class View:
    """On which pathway and from when a patient is to be seen, as an address says; nothing for the usual."""

    pathway: Text = ""
    as_of: Text = ""
    known_at: Text = ""


Seen = Annotated[View, Depends()]


@dataclass(frozen=True, slots=True)
class Head:
    """Who it is about, and from when it is seen."""

    id: str
    label: str
    identifiers: tuple[str, ...]
    pathway: str
    title: str
    """Of the pathway."""
    version: str
    others: tuple[Place, ...]
    """Other pathways the patient is on."""
    revision: int
    today: date
    as_of: date
    known_at: str
    """Empty for everything that is known now."""
    looks_back: bool
    """Whether it is seen from another day than today, or with less than is known now."""
    may_record: bool
    may_decide: bool
    may_note: bool
    views: tuple[Place, ...]


VIEWS = (("Now", ""), ("Timeline", "/timeline"), ("Why not", "/why-not"), ("Print", "/print"))


@dataclass(frozen=True, slots=True)
class Told:
    """A patient on a pathway, with what a page says of it."""

    head: Head
    answer: Asked
    result: Result


def told(by: Caller, uow: UnitOfWork, sender: Sender, head: Head, view: View) -> Told:
    """Return where a patient stands; raises `NotFound` for one who is not on the pathway."""
    app, moment, on = by.application, moment_of(view.known_at or None), day_of(view.as_of or None)
    answer = app.asker.state(uow, head.id, head.pathway, sender, as_of=on, known_at=moment)
    published = app.shelf.library.definition(head.pathway, answer.enrolment.version)
    result = result_of(answer.evaluation, app.shelf.sources(head.pathway), published)
    return Told(head, answer, result)


def head_of(by: Caller, uow: UnitOfWork, sender: Sender, patient: str, view: View) -> Head:
    """Return who a page is about, on the pathway that is asked for or else the first; raises `NotFound`."""
    pathway, as_of, known_at = view.pathway, day_of(view.as_of or None), view.known_at
    found, shelf = patient_of(uow, patient, sender), by.application.shelf
    enrolled = {enrolment.pathway: enrolment.version for enrolment in uow.enrolments.of(found.id)}
    chosen = pathway if pathway in enrolled or (pathway and not enrolled) else next(iter(enrolled), "")
    if pathway and enrolled and pathway not in enrolled:
        raise NotFound("enrolment of this patient", pathway)
    identifiers = uow.patients.identifiers(found.id)
    here, path = f"/patients/{found.id}", by.request.url.path
    asked = "" if not by.request.url.query else f"?{by.request.url.query}"
    today = by.application.asker.today(uow, found.site)
    now = not known_at and as_of in (None, today)  # nothing is decided about what was
    own = found.site == sender.site and now  # a broken glass lets look, not write
    return Head(
        id=found.id,
        label=label(found.id, identifiers),
        identifiers=spelled(identifiers),
        pathway=chosen if chosen in enrolled else "",
        title=shelf.pathway(chosen).definition.title if chosen in enrolled else "On no pathway yet",
        version=enrolled.get(chosen, ""),
        others=tuple(
            Place(shelf.pathway(name).definition.title, f"{here}?pathway={name}")
            for name in enrolled
            if name != chosen
        ),
        revision=found.revision,
        today=today,
        as_of=as_of or today,
        known_at=known_at,
        looks_back=(as_of or today) != today or bool(known_at),
        may_record=own and may(sender, RECORDERS),
        may_decide=own and may(sender, DECIDERS),
        may_note=own and may(sender, STAFF),
        views=tuple(
            Place(title, f"{here}{at}{asked}", path == f"{here}{at}") for title, at in VIEWS if enrolled
        ),
    )


def overview(
    by: Caller, patient: str, view: View, *, printed: bool = False, typed: Form = NOTHING
) -> Ask[Mapping[str, object]]:
    """Return the question of a page that shows everything about a patient.

    Args:
        by: who asks.
        patient: their id.
        view: on which pathway and from when.
        printed: whether it goes on paper.
        typed: a form of the page, to be shown again.
    """

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        head = head_of(by, uow, sender, patient, view)
        if not head.pathway:
            return {"head": head, "result": None, "printed": printed}
        found = told(by, uow, sender, head, view)
        answer, result = found.answer, found.result
        held, notes = owners(uow, answer), noticed(uow, answer)
        zone = time_zone(uow, answer.patient.site)
        today = answer.evaluation.as_of

        def does(name: str, kind: Literal["action", "review"], prio: int | None = None) -> Doing:
            return doing(name, kind, farthest(answer.evaluation, prio), today, typed, held.working)

        cards = []
        for action in result.open_actions:
            key = key_of(answer, action.id, action.opened_on)
            done = remarks(notes.of[topic_of("action", key)], notes.names, zone)
            forms = does(action_id(key), "action", action.prio)
            cards.append((action, card(action, forms, held.of[key], held.working, done, today)))
        reviews = []
        for review in result.reviews:
            key = key_of(answer, review.id, review.due)
            done = remarks(notes.of[topic_of("review", key)], notes.names, zone)
            reviews.append(review_row(review, does(action_id(key), "review"), done, today))
        position = answer.evaluation.position
        return {
            "head": head,
            "result": result,
            "missing": () if result.brief is None else lacks(result.brief.missing),
            "pressing": pressing(cards, reviews),
            "groups": groups(cards),
            "reviews": reviews,
            "picture": picture(
                answer.evaluation.pathway.definition,
                None if position is None else position.state,
                result.history,
                result.edges,
            ),
            "trend": trend(answer.evaluation),
            "doubtful": doubtful(answer.evaluation),
            "printed": printed,
            "team": post_rows(team_of(uow, head.id, held.working), held.working),
            "decided": decided(result.decided),
        }

    return ask


@router.get("")
async def show_patient(patient: str, by: By, view: Seen) -> Response:
    """Show where a patient stands, why, and what comes next."""
    return await show(by, "patient", overview(by, patient, view))


@router.get("/timeline")
async def show_timeline(patient: str, by: By, view: Seen) -> Response:
    """Show everything that happened, newest first, and what can be put right of it."""

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        found = told(by, uow, sender, head_of(by, uow, sender, patient, view), view)
        zone = time_zone(uow, found.answer.patient.site)
        answer, decides = found.answer, found.head.may_decide
        told_of = happenings(answer.record, answer.evaluation, zone, decides=decides)
        return {"head": found.head, "happenings": told_of}

    return await show(by, "timeline", ask)


@router.get("/print")
async def print_patient(patient: str, by: By, view: Seen) -> Response:
    """Show the same on paper, for a meeting."""
    return await show(by, "print", overview(by, patient, view, printed=True))


@router.get("/why-not")
async def show_why_not(patient: str, by: By, view: Seen) -> Response:
    """Show what does not come about, why, and what single datum would do it."""

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        found = told(by, uow, sender, head_of(by, uow, sender, patient, view), view)
        sources = by.application.shelf.sources(found.head.pathway)
        refused = why_not(found.answer.evaluation, sources)
        return {
            "head": found.head,
            "state": found.result.state_title or "nowhere",
            "ways": tuple(map(way, refused.transitions)),
            "options": tuple(map(option, refused.options)),
        }

    return await show(by, "why_not", ask)


@router.get("/trend")
async def show_trend(patient: str, by: By, view: Seen, *, printed: bool = False) -> Response:
    """Show the trend with the values at which something would change, which take a while to find."""

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        head = head_of(by, uow, sender, patient, view)
        evaluation = told(by, uow, sender, head, view).answer.evaluation
        return {"trend": trend(evaluation, thresholds(evaluation)), "printed": printed}

    return await show(by, "trend", ask)

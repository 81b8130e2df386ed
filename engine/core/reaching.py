"""Which steps of an enrolment have come: asked by who writes them down, and by who only looks ahead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from engine.core.climbs import climbs
from engine.core.definition import Ladder
from engine.core.kept import Enrolment, LiveReview, NextAction
from engine.core.notes import ACKNOWLEDGE, about, put_off
from engine.core.pathway import Pathway
from engine.core.people import WorkNote
from engine.core.reminders import OPTIONS, Topic, climbed
from engine.core.urgent import climbed as urgent_steps


@dataclass(frozen=True, slots=True)
class Reached:
    """A step whose time has come."""

    topic: Topic
    step: str
    on: date
    to: tuple[str, ...]
    urgent: bool
    """It is sent at any hour."""


@dataclass(frozen=True, slots=True)
class Come:
    """What has come, and what is to be kept then."""

    steps: tuple[Reached, ...]
    """Those of actions first."""
    actions: tuple[NextAction, ...]
    reviews: tuple[LiveReview, ...]
    """Those whose next step changes, as they are to be kept."""


def come(
    rules: Pathway,
    ladder: Ladder,
    enrolment: Enrolment,
    actions: Iterable[NextAction],
    reviews: Sequence[LiveReview],
    notes: Sequence[WorkNote],
    now: datetime,
    day: date,
) -> Come:
    """Return the steps of an enrolment that have come and were not passed before.

    Args:
        rules: the pathway it is on.
        ladder: the one in force at the site on the day.
        enrolment: as it is kept, up to date with the day.
        actions: its open actions.
        reviews: its live reviews.
        notes: work notes about the patient, which put off and silence.
        now: the present instant.
        day: the present day, in the site's time zone.
    """
    urgent, told = _actions(rules, ladder, enrolment, actions, notes, now, day)
    dated, climbing = _reviews(ladder, enrolment, reviews, notes, day)
    return Come((*urgent, *dated), tuple(told), tuple(climbing))


def _reviews(
    ladder: Ladder, enrolment: Enrolment, live: Sequence[LiveReview], notes: Sequence[WorkNote], day: date
) -> tuple[list[Reached], list[LiveReview]]:
    reached, kept = list[Reached](), list[LiveReview]()
    found = climbs(ladder, ((r.review, r.due, r.base) for r in live))
    for review in live:
        topic = topic_of(enrolment, review)
        sent, after = climbed(found[review.review], review, day, put_off(notes, topic))
        if after != review:
            kept.append(after)
        reached += (Reached(topic, step.step, step.day, step.to, step.urgent) for step in sent)
    return reached, kept


def _actions(
    rules: Pathway,
    ladder: Ladder,
    enrolment: Enrolment,
    actions: Iterable[NextAction],
    notes: Sequence[WorkNote],
    now: datetime,
    day: date,
) -> tuple[list[Reached], list[NextAction]]:
    reached, kept = list[Reached](), list[NextAction]()
    for action in actions:
        own = topic_of(enrolment, action)
        until = put_off(notes, own)
        sent, after = urgent_steps(
            ladder,
            action,
            now,
            acknowledged=about(notes, own, ACKNOWLEDGE) is not None,
            put_off=until is not None and until > day,
        )
        if after != action:
            kept.append(after)
        topic = own
        if rules.actions[action.action].definition.kind == "treatment" and enrolment.since is not None:
            topic = replace(own, subject=OPTIONS, due=enrolment.since)
        reached += (Reached(topic, step.step, day, step.to, urgent=True) for step in sent)
    return reached, kept


def topic_of(enrolment: Enrolment, row: LiveReview | NextAction) -> Topic:
    """Return what a reminder of a review or an action of an enrolment is about, and what notes name it by."""
    if isinstance(row, LiveReview):
        return Topic(enrolment.patient, enrolment.pathway, "review", row.review, row.due)
    return Topic(enrolment.patient, enrolment.pathway, "action", row.action, row.opened_on)

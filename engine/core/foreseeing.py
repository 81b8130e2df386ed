"""What will be told of an enrolment if nothing new comes in: the days ahead, gone through as they will be.

No day is told otherwise here than when it comes: the same evaluation, reconciliation and steps, each at the
first instant at which it could be looked at.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo

from engine.core.asof import AsOf
from engine.core.evaluate import Evaluation
from engine.core.kept import Enrolment, LiveReview, NextAction
from engine.core.notes import put_off
from engine.core.pathway import Pathway
from engine.core.people import WorkNote
from engine.core.reaching import Reached, come, topic_of
from engine.core.reconcile import Kept, reconcile
from engine.core.reviews import due_again
from engine.core.site_ladders import Dated, in_force
from engine.core.urgent import morning


@dataclass(frozen=True, slots=True)
class Ahead:
    """An enrolment as it is kept, and what is needed to look ahead."""

    rules: Pathway
    enrolment: Enrolment
    kept: Kept
    notes: Sequence[WorkNote]
    """Work notes about the patient."""
    zone: tzinfo
    """Of the site."""
    ladders: Dated
    """Of the site."""
    on: Callable[[date], Evaluation]
    """Evaluates it as of a day."""


def foreseen(ahead: Ahead, now: datetime, last: date) -> Iterator[tuple[datetime, tuple[Reached, ...]]]:
    """Yield the steps that come from now on to a last day, with the instants at which they do, in UTC."""
    at: datetime | None = now
    while at is not None and (day := at.astimezone(ahead.zone).date()) <= last:
        ahead = _up_to_date(ahead, at, day)
        kept = ahead.kept
        ladder = in_force(ahead.rules.definition.ladder, ahead.ladders, AsOf(day)).ladder
        found = come(ahead.rules, ladder, ahead.enrolment, kept.actions, kept.reviews, ahead.notes, at, day)
        if found.steps:
            yield at, found.steps
        ahead = replace(ahead, kept=_after(kept, found.actions, found.reviews))
        at = _next(ahead, at)


def falls_due(evaluation: Evaluation, last: date) -> Iterator[tuple[str, date]]:
    """Yield the reviews that fall due up to a last day if each is done on its due date, with those dates.

    An overdue one counts on the day of the evaluation. Each falls due again after the interval it has by what
    is known then; while the enrolment is paused, none does.
    """
    at = evaluation.moment
    if at is None or at.position.status != "active":
        return
    for review in evaluation.reviews:
        due: date | None = max(review.due, evaluation.as_of)
        while due is not None and due <= last:
            yield review.id, due
            due = due_again(review.definition, due, at)


def _up_to_date(ahead: Ahead, at: datetime, day: date) -> Ahead:
    """Return an enrolment as time passing leaves it on a day."""
    revisit = ahead.enrolment.revisit_on
    if revisit is None or revisit > day:
        return ahead
    change = reconcile(
        ahead.enrolment,
        ahead.kept,
        ahead.on(day),
        through=ahead.enrolment.evaluated_through,
        recorded=at,
        began=lambda opened: morning(opened, ahead.zone),
    )
    return replace(ahead, enrolment=change.enrolment, kept=change.kept)


def _after(kept: Kept, actions: Sequence[NextAction], reviews: Sequence[LiveReview]) -> Kept:
    """Return what is kept once some rows have been replaced."""
    told = {action.key: action for action in actions}
    climbed = {review.review: review for review in reviews}
    return replace(
        kept,
        actions=tuple(told.get(action.key, action) for action in kept.actions),
        reviews=tuple(climbed.get(review.review, review) for review in kept.reviews),
    )


def _next(ahead: Ahead, now: datetime) -> datetime | None:
    """Return the next instant at which something can have come; None for never."""

    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(), ahead.zone).astimezone(UTC)

    def not_before(row: LiveReview | NextAction) -> date:
        return put_off(ahead.notes, topic_of(ahead.enrolment, row)) or now.date()

    days = [ahead.enrolment.revisit_on] if ahead.enrolment.revisit_on is not None else []
    days += [max(r.next_step_on, not_before(r)) for r in ahead.kept.reviews if r.next_step_on is not None]
    instants = [midnight(day) for day in days]
    for action in ahead.kept.actions:
        if action.next_step_at is not None:
            instants += [max(action.next_step_at, midnight(not_before(action)))]
    return min((instant for instant in instants if instant > now), default=None)

"""Reviews wanted: what must be looked at again, and when it is due.

A review is satisfied by data, not by ticking. Each has one due date, worked out anew at every
evaluation (spec §8).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from engine.core import ladder
from engine.core.definition import (
    CourseReview,
    CycleReview,
    DoseReview,
    IntervalReview,
    Ladder,
    ReviewDefinition,
)
from engine.core.guards import Node, Trace
from engine.core.moment import Moment
from engine.core.readings import Reading

ReviewStatus = Literal["ok", "upcoming", "due", "overdue"]


@dataclass(frozen=True, slots=True)
class Due:
    """A due date and what it was counted from."""

    on: date
    base: date
    last: tuple[Reading, ...] = ()
    """The newest data that satisfied the review, as far as there is any."""
    rule: Node | None = None
    """The row of the interval table that gave the interval."""


@dataclass(frozen=True, slots=True)
class ReviewWanted:
    """A review of one patient."""

    definition: ReviewDefinition
    due: date
    base: date
    """The date the interval was counted from: last data, start of the drug, or enrolment."""
    status: ReviewStatus
    step: str | None
    """Newest ladder step reached; `held` while paused; None before the first."""
    climb: tuple[ladder.DatedStep, ...]
    last: tuple[Reading, ...]
    rule: Node | None

    @property
    def id(self) -> str:
        """The review's id."""
        return self.definition.id

    @property
    def interval(self) -> int:
        """Days from the base date to the due date."""
        return (self.due - self.base).days


def reviews_wanted(at: Moment, rules: Ladder) -> tuple[ReviewWanted, ...]:
    """Return the reviews that exist as of a moment, in the pathway's order, by the ladder of that day."""
    wanted = []
    for review in at.pathway.definition.reviews:
        due = _due(review, at)
        if due is not None:
            wanted.append(_wanted(review, due, at, rules))
    return tuple(wanted)


def due_again(review: ReviewDefinition, done: date, at: Moment) -> date | None:
    """Return when a review falls due again that is done on a day, by what is known at a moment.

    None for one that only another dose brings back, or whose drug is no longer given.
    """
    days: int | None = None
    match review:
        case IntervalReview():
            days, _ = _chosen(review, done, at)
        case CourseReview():
            start = _start(review.drug, at)
            days = None if start is None else _phase(review, start, done)
        case CycleReview():
            days = review.every
        case DoseReview():
            pass
    return done + timedelta(days=days) if days else None


def rule_trace(review: ReviewWanted, at: Moment) -> Trace | None:
    """Return how the interval was chosen; None when the review has a fixed rule."""
    if review.rule is None:
        return None
    return review.rule.trace(at.review_of(_newest(review)))


def _newest(review: ReviewWanted) -> date | None:
    definition = review.definition
    return _last(definition, review.last) if isinstance(definition, IntervalReview) else None


def _wanted(review: ReviewDefinition, due: Due, at: Moment, rules: Ladder) -> ReviewWanted:
    climb = ladder.steps(rules, review.id, due.on, (due.on - due.base).days)
    reached = ladder.reached(climb, at)
    step = ladder.HELD if at.position.status == "paused" else reached.step if reached else None
    status: ReviewStatus
    if at.passed(due.on):
        status = "overdue"
    elif at.reached(due.on):
        status = "due"
    else:
        status = "upcoming" if reached is not None else "ok"
    return ReviewWanted(review, due.on, due.base, status, step, climb, due.last, due.rule)


def _due(review: ReviewDefinition, at: Moment) -> Due | None:
    match review:
        case IntervalReview():
            return _interval(review, at)
        case CourseReview():
            return _course(review, at)
        case DoseReview():
            return _dose(review, at)
        case CycleReview():
            return _cycle(review, at)


def _interval(review: IntervalReview, at: Moment) -> Due:
    readings = tuple(r for item in review.items if (r := at.last(item)) is not None)
    last = _last(review, readings)
    if last is None:
        return Due(at.enrolled + timedelta(days=review.first_due), at.enrolled)
    days, rule = _chosen(review, last, at)
    return Due(last + timedelta(days=days), last, readings, rule)


def _chosen(review: IntervalReview, last: date, at: Moment) -> tuple[int, Node]:
    """Return the days of the first row of the interval table that applies, and its condition."""
    judged = at.review_of(last)
    for row in at.pathway.intervals[review.id]:
        if row.when.value(judged) is True:
            days = row.days.value(judged)
            assert isinstance(days, Decimal)
            return int(days), row.when
    raise AssertionError(
        f"{review.id}: no interval applies"
    )  # pragma: no cover - lint demands a last row `True`


def _last(review: IntervalReview, readings: tuple[Reading, ...]) -> date | None:
    """The newest date of any item, or the oldest of all items' newest dates (all of them needed)."""
    if review.last == "newest":
        return max((r.day for r in readings), default=None)
    return min(r.day for r in readings) if len(readings) == len(review.items) else None


def _start(drug: str, at: Moment) -> date | None:
    """Start of the current course; for a group, of its earliest active member."""
    running = (at.running(d) for d in at.members(drug))
    return min((c.started for c in running if c is not None and c.started is not None), default=None)


def _course(review: CourseReview, at: Moment) -> Due | None:
    start = _start(review.drug, at)
    if start is None:
        return None
    readings = tuple(r for item in review.items if (r := at.last(item)) is not None)
    last = min(r.day for r in readings) if len(readings) == len(review.items) else None
    if last is not None and last >= start:
        return Due(last + timedelta(days=_phase(review, start, last)), last, readings)
    if review.baseline and (last is None or last < start - timedelta(days=review.baseline_days)):
        return Due(start, start, readings)
    return Due(start + timedelta(days=review.phases[0].days), start, readings)


def _phase(review: CourseReview, start: date, last: date) -> int:
    """Return the days of the phase in which a panel was done."""
    elapsed = (last - start).days
    return next(p.days for p in review.phases if p.until is None or elapsed < p.until)


def _dose(review: DoseReview, at: Moment) -> Due | None:
    given = max(
        (
            c.given
            for d in at.members(review.drug)
            if (c := at.running(d)) is not None and c.given is not None
        ),
        default=None,
    )
    if given is None:
        return None
    first, last = (given + timedelta(days=n) for n in (review.window_from, review.window_to))
    if any(first <= r.day <= last for r in at.readings(review.item)):
        return None
    return Due(given + timedelta(days=review.due), given)


def _cycle(review: CycleReview, at: Moment) -> Due | None:
    start = _start(review.drug, at)
    if start is None:
        return None
    reading = at.last(review.item)
    if reading is not None:
        again = reading.day + timedelta(days=review.every)
        if again >= start:
            return Due(again, reading.day, (reading,))
    return Due(start + timedelta(days=review.first), start)

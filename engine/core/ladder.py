"""The reminder ladder: which steps a due date has, which one is reached, and which are to be sent."""

from dataclasses import dataclass
from datetime import date, timedelta

from engine.core.asof import AsOf
from engine.core.definition import Ladder

HELD = "held"
"""Shown instead of a step while the enrolment is paused."""


@dataclass(frozen=True, slots=True)
class DatedStep:
    """A step of the ladder on its day."""

    step: str
    day: date
    to: tuple[str, ...]
    urgent: bool = False
    """It is sent at any hour."""


def steps(ladder: Ladder, review: str, due: date, interval: int) -> tuple[DatedStep, ...]:
    """Return every step a review climbs, in order.

    Args:
        ladder: the pathway's ladder.
        review: the review's id; decides which steps apply.
        due: its due date.
        interval: days from the base date to `due`; short intervals use the short offsets.
    """
    short = interval < ladder.short_below
    return tuple(
        DatedStep(row.step, due + timedelta(days=row.short if short else row.offset), row.to, row.urgent)
        for row in ladder.reviews
        if any(_matches(review, pattern) for pattern in row.applies)
    )


def reached(climb: tuple[DatedStep, ...], at: AsOf) -> DatedStep | None:
    """Return the newest step whose day has come, or None."""
    newest = None
    for step in climb:
        if at.reached(step.day):
            newest = step
    return newest


def begun(climb: tuple[DatedStep, ...], step: str | None) -> DatedStep | None:
    """Return the step to send first when a climb is begun, or begun again; None if there is none.

    What was passed before is skipped, except the newest.

    Args:
        climb: all steps.
        step: the newest reached; None before the first.
    """
    return next((s for s in climb if s.step == step), climb[0] if climb else None)


def sending(climb: tuple[DatedStep, ...], step: str, day: date) -> tuple[DatedStep, ...]:
    """Return the steps to send on a day, oldest first.

    Args:
        climb: all steps.
        step: the one that comes next.
        day: the present day.
    """
    names = [s.step for s in climb]
    return tuple(s for s in climb[names.index(step) :] if s.day <= day)


def after(climb: tuple[DatedStep, ...], step: str) -> DatedStep | None:
    """Return the step that follows one of them; None after the last."""
    names = [s.step for s in climb]
    return next(iter(climb[names.index(step) + 1 :]), None)


def _matches(review: str, pattern: str) -> bool:
    return review.startswith(pattern[:-1]) if pattern.endswith("*") else review == pattern

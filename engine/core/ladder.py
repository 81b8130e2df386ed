"""The reminder ladder: which steps a due date has, and which one is reached."""

from dataclasses import dataclass
from datetime import date, timedelta

from engine.core.asof import AsOf
from engine.core.definition import Ladder, ReviewStep

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
    return tuple(
        DatedStep(row.step, due + timedelta(days=days), row.to, row.urgent)
        for days, row in offsets(ladder, review, interval)
    )


def offsets(ladder: Ladder, review: str, interval: int) -> tuple[tuple[int, ReviewStep], ...]:
    """Return the steps a review climbs, in order, each with how many days after the due date it comes."""
    short = interval < ladder.short_below
    return tuple(
        (row.short if short else row.offset, row)
        for row in ladder.reviews
        if any(matches(review, pattern) for pattern in row.applies)
    )


def reached(climb: tuple[DatedStep, ...], at: AsOf) -> DatedStep | None:
    """Return the newest step whose day has come, or None."""
    newest = None
    for step in climb:
        if at.reached(step.day):
            newest = step
    return newest


def matches(review: str, pattern: str) -> bool:
    """Whether a review is one of those a pattern names; `*` at its end stands for any ending."""
    return review.startswith(pattern[:-1]) if pattern.endswith("*") else review == pattern

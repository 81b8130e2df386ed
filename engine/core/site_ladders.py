"""A site's own distances: what it changed of a pathway's ladder, and which ladder is in force on a day.

A change is in force from the day after it was made. So every day of a site has one ladder, answers about a
day stay what they were, and a slip can be taken back before it does anything.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from pydantic import Field

from engine.core.asof import AsOf
from engine.core.definition import Ladder
from engine.core.values import Frozen
from engine.errors import Problem

FARTHEST = 730
"""Days from the due date, or which something may be put off, at most."""
LONGEST = 24 * 30
"""Hours after which a step of an urgent action may come, at most."""


class ReviewStepChange(Frozen):
    """Days from the due date at which a step of a review comes; None for as published."""

    offset: int | None = Field(None, ge=-FARTHEST, le=FARTHEST)
    short: int | None = Field(None, ge=-FARTHEST, le=FARTHEST)
    """Used when the interval that produced the due date is short."""


class ActionStepChange(Frozen):
    """Hours at which a step of an urgent action comes; None for as published."""

    hours: int | None = Field(None, ge=0, le=LONGEST)


class SnoozeChange(Frozen):
    """Days ahead to which something may be put off, 0 for never; None for as published."""

    days: int | None = Field(None, ge=0, le=FARTHEST)
    urgent_days: int | None = Field(None, ge=0, le=FARTHEST)


class LadderChange(Frozen):
    """What a site changes of a ladder, by step; nothing at all is the ladder as published."""

    reviews: dict[str, ReviewStepChange] = {}
    actions: dict[str, ActionStepChange] = {}
    snooze: SnoozeChange = SnoozeChange()


@dataclass(frozen=True, slots=True)
class SiteLadder:
    """A change as it was made; never changed itself, but followed by others."""

    site: str
    pathway: str
    number: int
    """1 for the site's first of the pathway, growing by one."""
    since: date
    """First day on which it is in force, in the site's time zone; of several with the same the newest."""
    change: LadderChange
    author: str | None
    """Id of the person who made it; None for whoever runs commands."""
    reason: str
    created: datetime


@dataclass(frozen=True, slots=True)
class InForce:
    """The ladder of a day."""

    ladder: Ladder
    since: date | None = None
    """Its first day; None for the published one before any change."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A number of a ladder that is not the published one."""

    pointer: str
    published: int
    here: int


Dated = Sequence[tuple[date, Ladder]]
"""A site's ladders by their first day, in order; empty for the published one."""


def in_force(published: Ladder, dated: Dated, at: AsOf) -> InForce:
    """Return the ladder of a day; the day of the next change is noted."""
    found = InForce(published)
    for since, ladder in dated:
        if at.reached(since):
            found = InForce(ladder, since)
    return found


def dated(published: Ladder, rows: Iterable[SiteLadder]) -> Dated:
    """Return a site's ladders by their first day.

    Args:
        published: the pathway's ladder.
        rows: all changes of the site, by number.
    """
    newest = {row.since: row for row in rows}
    return tuple((since, changed(published, newest[since].change)) for since in sorted(newest))


def changed(published: Ladder, change: LadderChange) -> Ladder:
    """Return a ladder with what a site changed; steps it does not have are left out."""

    def told(change: Frozen | None) -> dict[str, int]:
        return {} if change is None else change.model_dump(exclude_none=True)

    return published.model_copy(
        update={
            "reviews": tuple(
                step.model_copy(update=told(change.reviews.get(step.step))) for step in published.reviews
            ),
            "actions": tuple(
                step.model_copy(update=told(change.actions.get(step.step))) for step in published.actions
            ),
            "snooze": published.snooze.model_copy(update=told(change.snooze)),
        }
    )


def differences(published: Ladder, ladder: Ladder) -> tuple[Difference, ...]:
    """Return the numbers in which a site's ladder is not the published one."""
    here = dict(_numbers(ladder))
    return tuple(
        Difference(pointer, number, here[pointer])
        for pointer, number in _numbers(published)
        if here[pointer] != number
    )


def problems(published: Ladder, change: LadderChange) -> tuple[Problem, ...]:
    """Return why a change cannot be made: steps there are not, and steps that would change places."""
    return (*_unknown(published, change), *_unordered(published, changed(published, change)))


def _numbers(ladder: Ladder) -> Iterator[tuple[str, int]]:
    for step in ladder.reviews:
        yield f"/reviews/{step.step}/offset", step.offset
        yield f"/reviews/{step.step}/short", step.short
    for urgent in ladder.actions:
        yield f"/actions/{urgent.step}/hours", urgent.hours
    yield "/snooze/days", ladder.snooze.days
    yield "/snooze/urgent_days", ladder.snooze.urgent_days


def _unknown(published: Ladder, change: LadderChange) -> Iterator[Problem]:
    for part, named, steps in (
        ("reviews", change.reviews, [step.step for step in published.reviews]),
        ("actions", change.actions, [step.step for step in published.actions]),
    ):
        for name in named:
            if name not in steps:
                known = ", ".join(steps) or "none"
                text = f"The ladder has no step {name!r} of {part}; it has: {known}."
                yield Problem(f"/{part}/{name}", "unknown-step", text)


def _unordered(published: Ladder, ladder: Ladder) -> Iterator[Problem]:
    """Yield each number that lies before that of the step before; the published ones stand in order."""
    own = {difference.pointer for difference in differences(published, ladder)}
    reviews = [(f"/reviews/{step.step}", step) for step in ladder.reviews]
    columns = [
        [(f"{place}/offset", step.offset) for place, step in reviews],
        [(f"{place}/short", step.short) for place, step in reviews],
        [(f"/actions/{step.step}/hours", step.hours) for step in ladder.actions],
    ]
    for column in columns:
        for (before, low), (after, high) in pairwise(column):
            if high < low:
                text = f"Steps keep their order, but {after} would be {high} and {before} before it {low}."
                yield Problem(after if after in own else before, "steps-unordered", text)

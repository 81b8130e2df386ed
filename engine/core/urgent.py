"""Steps of urgent actions: when each comes, and which are to be sent.

Hour 0 is the instant at which the event that opened the action was recorded; an action that time alone
opened begins at eight in the morning of that day, by the clock of the site.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from engine.core.definition import Ladder
from engine.core.kept import NextAction

MORNING = time(8)
TOLD_OF = ("offer", "needs_data")
"""Dispositions of actions somebody is told of; who is blocked or deferred waits."""

Began = Callable[[date], datetime]
"""Hour 0 of an action that opened on a day and is first seen now."""


@dataclass(frozen=True, slots=True)
class TimedStep:
    """A step of an urgent action at its instant."""

    step: str
    at: datetime
    to: tuple[str, ...]
    unless_acknowledged: bool


def morning(day: date, zone: tzinfo) -> datetime:
    """Return eight in the morning of a day in a time zone, as an instant in UTC."""
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def steps(rules: Ladder, priority: int, began: datetime) -> tuple[TimedStep, ...]:
    """Return every step of an action of a priority, in order; hours pass whatever clocks are set to."""
    return tuple(
        TimedStep(row.step, began + timedelta(hours=row.hours), row.to, row.unless_acknowledged)
        for row in rules.actions
        if priority in row.prios
    )


def enters(rules: Ladder, action: NextAction) -> bool:
    """Whether an action is one somebody is told of by steps."""
    return action.disposition in TOLD_OF and any(action.priority in row.prios for row in rules.actions)


def kept_on(rules: Ladder, action: NextAction, before: NextAction | None, began: Began) -> NextAction:
    """Return an open action with its next step: where it was, or at the first when it enters only now.

    Args:
        rules: the pathway's ladder.
        action: as it is wanted.
        before: as it is kept; None for a new one.
        began: gives hour 0.
    """
    if not enters(rules, action):
        return replace(action, began=None if before is None else before.began)
    if before is not None and before.began is not None and enters(rules, before):
        return replace(
            action, began=before.began, next_step=before.next_step, next_step_at=before.next_step_at
        )
    hour_0 = began(action.opened_on)
    first = steps(rules, action.priority, hour_0)[0]
    return replace(action, began=hour_0, next_step=first.step, next_step_at=first.at)


def climbed(
    rules: Ladder, action: NextAction, now: datetime, *, acknowledged: bool, put_off: bool
) -> tuple[tuple[TimedStep, ...], NextAction]:
    """Return the steps of an action to send now, and the action as it is to be kept then.

    Args:
        rules: the pathway's ladder.
        action: as it is kept.
        now: the present instant.
        acknowledged: somebody has said that they know of it, so it is not repeated.
        put_off: nothing may be sent today.
    """
    since = action.next_step_at
    if since is None or action.began is None or since > now or put_off:
        return (), action
    climb = steps(rules, action.priority, action.began)
    come = tuple(s for s in climb if since <= s.at <= now)
    following = next((s for s in climb if s.at > now), None)
    sent = tuple(s for s in come if not (acknowledged and s.unless_acknowledged))
    if following is None:
        return sent, replace(action, next_step=None, next_step_at=None)
    return sent, replace(action, next_step=following.step, next_step_at=following.at)

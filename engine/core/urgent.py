"""Steps of urgent actions: when each comes, and which are to be sent.

Hour 0 is the instant at which the event that opened the action was recorded; an action that time alone
opened begins at eight in the morning of that day, by the clock of the site.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from engine.core.definition import ActionStep, Ladder
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
        for row in climbing(rules, priority)
    )


def climbing(rules: Ladder, priority: int) -> tuple[ActionStep, ...]:
    """Return the steps of actions of a priority, in order."""
    return tuple(row for row in rules.actions if priority in row.prios)


def enters(rules: Ladder, action: NextAction) -> bool:
    """Whether an action is one somebody is told of by steps."""
    return action.disposition in TOLD_OF and any(action.priority in row.prios for row in rules.actions)


def silent(rules: Ladder, action: NextAction, among: Iterable[NextAction]) -> bool:
    """Whether an action is listed but not told of, because a more urgent one is open.

    Args:
        rules: the pathway's ladder.
        action: the action.
        among: all open actions of the enrolment.
    """
    rule = rules.silence
    return (
        rule is not None
        and action.priority in rule.priorities
        and any(a.priority in rule.while_open and a.disposition in TOLD_OF for a in among)
    )


def kept_on(
    rules: Ladder,
    wanted: Collection[NextAction],
    kept: Collection[NextAction],
    began: Began,
    now: datetime,
    today: date,
    *,
    afresh: bool = False,
) -> tuple[NextAction, ...]:
    """Return the open actions with their next steps.

    An action goes on where it was, or begins at the first step when it enters only now. One that was silent,
    or has another priority now, goes on from the newest step passed.

    Args:
        rules: the pathway's ladder.
        wanted: all open actions as they are wanted.
        kept: all open actions as they are kept.
        began: gives hour 0.
        now: the present instant.
        today: the present day; one that was open before enters on it.
        afresh: all go on from the newest step passed, since the ladder is another one.
    """
    before = {action.key: action for action in kept}
    found = list[NextAction]()
    for action in wanted:
        was = before.get(action.key)
        hour_0 = None if was is None else was.began
        if not enters(rules, action):
            found.append(replace(action, began=hour_0))
            continue
        going_on = was is not None and hour_0 is not None and enters(rules, was)
        if hour_0 is None or not going_on:
            hour_0 = began(action.opened_on if was is None else today)
        step, at = None, None
        if silent(rules, action, wanted):
            pass
        elif was is not None and going_on and not afresh and _same_steps(rules, action, was, kept):
            step, at = was.next_step, was.next_step_at
        else:
            first = _begun(steps(rules, action.priority, hour_0), now if going_on else hour_0)
            step, at = first.step, first.at
        found.append(replace(action, began=hour_0, next_step=step, next_step_at=at))
    return tuple(found)


def _same_steps(rules: Ladder, action: NextAction, was: NextAction, kept: Collection[NextAction]) -> bool:
    return action.priority == was.priority and not silent(rules, was, kept)


def _begun(climb: tuple[TimedStep, ...], now: datetime) -> TimedStep:
    """Return the step to send first: the newest passed, or the first of all."""
    return next((s for s in reversed(climb) if s.at <= now), climb[0])


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

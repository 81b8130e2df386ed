"""Next actions: what is open for a patient, how it stands, and since when it is open.

Spec §7. An action is open when its `when` holds and no decision silences it. The engine never
picks: options of one state are alternatives for the clinician.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from engine.core.chart import Entry
from engine.core.events import Decision
from engine.core.guards import AnyOf, Node
from engine.core.moment import Moment
from engine.core.pathway import Action

Disposition = Literal["offer", "needs_data", "deferred", "blocked"]


@dataclass(frozen=True, slots=True)
class OpenAction:
    """An action that is open for a patient as of a date."""

    action: Action
    disposition: Disposition
    prio: int
    caution: tuple[Node, ...]
    """The clauses of `caution_if` that hold; empty when there is no caution."""
    missing: tuple[str, ...]
    """Items the action needs that are not fresh."""
    opened_on: date
    """First day of the unbroken run of days on which it is open."""
    due: date | None
    """Day by which it should be dealt with; None for "consider"."""

    @property
    def id(self) -> str:
        """The action's id."""
        return self.action.definition.id


def is_open(action: Action, at: Moment) -> bool:
    """Whether an action is open as of a moment."""
    return action.when.value(at) is True and not silenced(action, at)


def silenced(action: Action, at: Moment) -> bool:
    """Whether a decision keeps an action off the list as of a moment."""
    decisions = [d for d in at.chart.decisions.get(action.definition.id, ()) if d.day <= at.day]
    if not decisions:
        return False
    if action.trigger is not None:
        trigger = action.trigger.value(at)
        return isinstance(trigger, date) and any(d.day >= trigger for d in decisions)
    return any(_silences(d, action, at) for d in reversed(decisions))  # the newest mostly settles it


def _silences(entry: Entry, action: Action, at: Moment) -> bool:
    assert isinstance(entry.body, Decision)
    rules = at.pathway.definition.decisions
    rule = rules.kinds.get(action.definition.kind, rules.default)
    if rule.until_entry and at.position.since > entry.day:
        return False
    days: int | None = rule.decline
    if entry.body.decision == "accept":
        days = rule.accept
        if rule.accept_urgent:
            days = rule.accept_urgent.get(str(priority(action, at)), days)
    return days is None or at.within(entry.day, days - 1)


def offered(action: Action, at: Moment) -> bool:
    """Whether an action is open as of a moment, and nothing stands in its way."""
    return is_open(action, at) and _disposition(action, lacking(action, at), at) == "offer"


def priority(action: Action, at: Moment) -> int:
    """Return an action's priority as of a moment: 0 is the most urgent."""
    value = action.prio.value(at)
    assert isinstance(value, Decimal)
    return int(value)


def open_actions(at: Moment) -> list[tuple[Action, Disposition, int, tuple[Node, ...], tuple[str, ...]]]:
    """Return what is open as of a moment, sorted: priority, then red flags, then table order."""
    found = []
    for action in at.pathway.actions.values():
        if is_open(action, at):
            missing = lacking(action, at)
            disposition = _disposition(action, missing, at)
            found.append((action, disposition, priority(action, at), _cautions(action, at), missing))
    found.sort(key=lambda row: (row[2], row[0].definition.kind != "urgent", row[0].order))
    return found


def lacking(action: Action, at: Moment) -> tuple[str, ...]:
    """Return the items an action needs that are not fresh."""
    return tuple(item for item in action.definition.needs if not at.fresh(item))


def _disposition(action: Action, missing: tuple[str, ...], at: Moment) -> Disposition:
    if at.blocked(action.definition.id):
        return "blocked"
    if missing:
        return "needs_data"
    if action.defer_if is not None and action.defer_if.value(at) is True:
        return "deferred"
    return "offer"


def _cautions(action: Action, at: Moment) -> tuple[Node, ...]:
    guard = action.caution_if
    if guard is None:
        return ()
    clauses = guard.operands if isinstance(guard, AnyOf) else (guard,)
    return tuple(clause for clause in clauses if clause.value(at) is True)


def due_date(prio: int, opened_on: date, windows: dict[str, int | None]) -> date | None:
    """Return the day an action is due: the day it opened plus the window of its priority."""
    window = windows[str(prio)]
    return None if window is None else opened_on + timedelta(days=window)

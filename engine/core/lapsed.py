"""What late or corrected data put an end to: actions that were called for and are not any more.

Nothing is cancelled by that. What was decided or begun stays in the record; this only tells of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from engine.core.chains import standing
from engine.core.chart import Chart, Entry
from engine.core.events import Decision, Event
from engine.core.fold import Fold
from engine.core.moment import Moment
from engine.core.pathway import Action, Pathway

if TYPE_CHECKING:
    from engine.core.changes import Change


@dataclass(frozen=True, slots=True)
class Lapsed:
    """An action that was called for until a change of the history, and its newest decision, if any."""

    action: Action
    decision: Entry | None


def lapsed(
    pathway: Pathway, events: Sequence[Event], fold: Fold, day: date, changes: Iterable["Change"]
) -> tuple[Lapsed, ...]:
    """Return the actions that were called for without the newest event and are not with it.

    Args:
        pathway: the rules.
        events: the record up to the message that changed the history, that one last.
        fold: the replay of all of them.
        day: when the message was received; both are asked as of it.
        changes: the changes of the history before this one.
    """
    earlier = tuple(changes)
    chart = Chart(pathway.vocabulary, pathway.jump_limits, standing(events[:-1]))
    before = _moment(pathway, Fold(pathway, chart), day, earlier)
    after = _moment(pathway, fold, day, earlier)
    if before is None:
        return ()
    return tuple(
        Lapsed(action, _decision(action, before))
        for action in pathway.actions.values()
        if action.when.value(before) is True and (after is None or action.when.value(after) is not True)
    )


def _moment(pathway: Pathway, fold: Fold, day: date, changes: tuple["Change", ...]) -> Moment | None:
    checkpoint, enrolment = fold.until(day), fold.chart.enrolment
    if checkpoint is None or enrolment is None or checkpoint.position.status == "closed":
        return None
    at = Moment(pathway, fold.chart, enrolment, day, checkpoint.position)
    at.changes = changes
    return at


def _decision(action: Action, at: Moment) -> Entry | None:
    """The newest decision about an action since the patient came into the state."""
    entries = [
        entry
        for entry in at.chart.decisions.get(action.definition.id, ())
        if at.position.since <= entry.day <= at.day and isinstance(entry.body, Decision)
    ]
    return max(entries, key=lambda e: (e.day, e.stamp), default=None)

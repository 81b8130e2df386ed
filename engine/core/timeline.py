"""The timeline: everything that happened to a patient on a pathway, in order of its clinical date."""

from datetime import date, datetime
from typing import Any, Literal

from engine.core.chains import standing
from engine.core.evaluate import Evaluation
from engine.core.events import Record
from engine.core.messages import message_of
from engine.core.names import Names
from engine.core.result import View

Standing = Literal["stands", "corrected", "retracted", "quarantined"]


class TimelineEntry(View):
    """An event or a step."""

    date: date
    kind: Literal["event", "step"]
    recorded: datetime | None
    """When we learned of it; None for a step."""
    event: dict[str, Any] | None
    """The event as a message; None for a step."""
    standing: Standing | None
    """Whether the event still counts; None for a step."""
    transition: str | None
    to: str | None
    to_title: str | None


def timeline(record: Record, evaluation: Evaluation) -> tuple[TimelineEntry, ...]:
    """Return events and steps up to the date of an evaluation, oldest first; of one date, events come first.

    Args:
        record: as the pathway sees it.
        evaluation: of this record.
    """
    stands = {event.id for event in standing(record)}
    roots = {event.id: root.id for event in record if (root := record.root(event.id))}
    alive = {roots[event_id] for event_id in stands}
    waiting = {r.event_id for held in evaluation.fold.chart.quarantined.values() for r in held}
    entries = []
    for event in record:
        if event.effective > evaluation.as_of:
            continue
        how: Standing = "stands"
        if event.id in waiting:
            how = "quarantined"
        elif event.id not in stands:
            how = "corrected" if roots[event.id] in alive else "retracted"
        entries.append(
            TimelineEntry(
                date=event.effective,
                kind="event",
                recorded=event.stamp.instant,
                event=message_of(event),
                standing=how,
                transition=None,
                to=None,
                to_title=None,
            )
        )
    names = Names(evaluation.pathway)
    entries += [
        TimelineEntry(
            date=step.day,
            kind="step",
            recorded=None,
            event=None,
            standing=None,
            transition=step.transition,
            to=step.target,
            to_title=names.state(step.target),
        )
        for step in evaluation.history
    ]
    return tuple(sorted(entries, key=lambda entry: (entry.date, entry.kind == "step")))

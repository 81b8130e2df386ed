"""Messages that come together at the door: all of them are let in, or every problem of each is named.

Recording and asking what would be if go through here alike, so that nothing can be asked that could not
be recorded.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from engine.core.chart import Chart
from engine.core.events import Event, Record, Stamp
from engine.core.ingest import Door
from engine.errors import EventIdReused, MessageRefused, Problem

Outcome = Literal["accepted", "duplicate", "quarantined"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one message."""

    id: str
    result: Outcome
    """`quarantined` when a value of it waits for verification; it is stored all the same."""
    sequence: int


@dataclass(frozen=True, slots=True)
class Admitted:
    """Messages that were let in together."""

    record: Record
    """The record afterwards; as it was when all of them are known."""
    events: tuple[Event, ...]
    """The event of each message; of one sent again, the one known."""
    new: tuple[Event, ...]

    def taken(self, waiting: Collection[str]) -> tuple[Taken, ...]:
        """Return what became of each message, given the ids of events with a value that waits."""
        fresh = {event.id for event in self.new}
        return tuple(
            Taken(
                event.id,
                "duplicate"
                if event.id not in fresh
                else "quarantined"
                if event.id in waiting
                else "accepted",
                event.stamp.sequence,
            )
            for event in self.events
        )


def admitted(
    door: Door,
    record: Record,
    messages: Sequence[Mapping[str, Any]],
    stamp: Stamp,
    role: str,
    at: str | None = None,
) -> Admitted:
    """Return what becomes of a record when messages are received together.

    Args:
        door: what lets messages in.
        record: the patient's events so far.
        messages: as sent, in order; a later one may amend an earlier one.
        stamp: when they are received, with the number of the newest event so far.
        role: of the sender's credential.
        at: JSON pointer of the list the messages came in; None for a single message sent by itself.

    Raises:
        MessageRefused: with every problem of every message, by JSON pointer.
        EventIdReused: the id of a single message is known with other content.
    """
    events, new, problems = list[Event](), list[Event](), list[Problem]()
    for index, message in enumerate(messages):
        place = "" if at is None else f"{at}/{index}"
        next_stamp = Stamp(stamp.instant, stamp.sequence + len(new) + 1, stamp.day)
        try:
            admission = door.admit(record, message, next_stamp, role)
        except MessageRefused as refused:
            problems += [Problem(place + p.pointer, p.code, p.text) for p in refused.problems]
        except EventIdReused as reused:
            if at is None:
                raise
            problems.append(Problem(f"{place}/id", reused.code, str(reused)))
        else:
            record = admission.record
            events.append(admission.event)
            if not admission.duplicate:
                new.append(admission.event)
    if problems:
        raise MessageRefused(tuple(problems))
    return Admitted(record, tuple(events), tuple(new))


def waiting(charts: Iterable[Chart]) -> frozenset[str]:
    """Return the ids of events with a value that waits for verification on any of some charts."""
    held = (readings for chart in charts for readings in chart.quarantined.values())
    return frozenset(reading.event_id for readings in held for reading in readings)

"""Work notes about reminders: seen, put off, not done. They change who is told when, never what is due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from engine.core.people import WorkNote
from engine.core.reminders import Topic

ACKNOWLEDGE = "acknowledge"
SNOOZE = "snooze"
NOT_DONE = "not-done"

WhyNotDone = Literal[
    "patient_declined",
    "patient_not_reached",
    "not_available",
    "contraindicated",
    "done_elsewhere",
    "not_needed",
    "other",
]
"""Coded reasons for which something was not done."""


@dataclass(frozen=True, slots=True)
class Done:
    """The newest notes about one action or review, each None if there is none."""

    acknowledged: WorkNote | None
    snoozed: WorkNote | None
    """None too when its day has come."""
    not_done: WorkNote | None


def done(notes: Sequence[WorkNote], topic: Topic, day: date) -> Done:
    """Return what was done about something, as of a day."""
    snoozed = about(notes, topic, SNOOZE)
    if snoozed is not None and snoozed.until is not None and snoozed.until <= day:
        snoozed = None
    return Done(about(notes, topic, ACKNOWLEDGE), snoozed, about(notes, topic, NOT_DONE))


def about(notes: Iterable[WorkNote], topic: Topic, note: str) -> WorkNote | None:
    """Return the newest note of one sort about something, or None."""
    found = (
        n
        for n in notes
        if (n.pathway, n.kind, n.subject, n.opened_on, n.note)
        == (topic.pathway, topic.kind, topic.subject, topic.due, note)
    )
    return max(found, key=lambda n: n.number, default=None)


def put_off(notes: Iterable[WorkNote], topic: Topic) -> date | None:
    """Return the first day on which something is told of again; None when it was never put off."""
    note = about(notes, topic, SNOOZE)
    return None if note is None else note.until

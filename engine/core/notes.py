"""Work notes about reminders: seen, put off, not done. They change who is told when, never what is due."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

from engine.core.people import WorkNote
from engine.core.reminders import Topic

ACKNOWLEDGE = "acknowledge"
SNOOZE = "snooze"
NOT_DONE = "not-done"

LONGEST = timedelta(days=14)
URGENT = timedelta(days=1)
"""How far something may be put off at most: anything, and an action that has steps by the hour."""

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

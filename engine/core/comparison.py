"""A comparison of two standpoints as every face shows it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from engine.core.contrast import DifferenceView, StandingView, contrast
from engine.core.events import Event
from engine.core.mentions import mention
from engine.core.messages import message_of
from engine.core.names import Names, lower
from engine.core.result import View
from engine.core.standpoints import Comparison, Standpoint
from engine.core.teller import Sources


class EventView(View):
    """An event that makes a difference."""

    says: str
    """What it says, in words."""
    event: dict[str, Any]
    """As the message that would bring it about; numbers are text, in canonical units."""
    recorded: datetime
    sequence: int


class ComparisonView(View):
    """How what is seen of a patient from two standpoints differs, and which events are responsible."""

    sentence: str
    known_at: str | None
    """Up to when events were known at the first standpoint; null for all that is known now."""
    other_known_at: str | None
    difference: DifferenceView
    """From the first to the second."""
    by_time: DifferenceView
    """What the passing of days alone makes of what is seen from both."""
    between: int
    """Events that are seen from one of them only."""
    responsible: tuple[EventView, ...] | None
    """Without these nothing but time makes a difference; with any one of them back, something does.

    Null when too many events lie between for them to be looked for.
    """
    moved_by: tuple[str, ...] | None
    """Ids of those of them without which the patient would stand where time alone brings him."""


def comparison(found: Comparison, before: Standpoint, after: Standpoint, sources: Sources) -> ComparisonView:
    """Return a comparison as it is shown.

    Args:
        found: of the two standpoints.
        before: the first.
        after: the second.
        sources: the pathway's sources by citation key.
    """
    names = Names(found.difference.after.pathway)
    shown = contrast(found.difference, sources)
    return ComparisonView(
        sentence=_sentence(found, shown, before, after, names),
        known_at=_time(before.known_at),
        other_known_at=_time(after.known_at),
        difference=shown,
        by_time=contrast(found.by_time, sources),
        between=len(found.between),
        responsible=None
        if found.responsible is None
        else tuple(event_view(event, names) for event in found.responsible),
        moved_by=None if found.moved_by is None else tuple(event.id for event in found.moved_by),
    )


def event_view(event: Event, names: Names) -> EventView:
    """Return an event as it is shown where it makes a difference."""
    return EventView(
        says=mention(event.body, names),
        event=message_of(event),
        recorded=event.stamp.instant,
        sequence=event.stamp.sequence,
    )


def _time(known_at: date | datetime | None) -> str | None:
    return None if known_at is None else known_at.isoformat()


def _sentence(
    found: Comparison, shown: DifferenceView, before: Standpoint, after: Standpoint, names: Names
) -> str:
    """Where the patient stands from either standpoint, and what makes the difference."""
    ends = [_end(*end) for end in ((shown.before, before), (shown.after, after))]
    return f"{ends[0]}; {lower(ends[1])}. {_due_to(found, names)}"


def _end(standing: StandingView, standpoint: Standpoint) -> str:
    known = "" if standpoint.known_at is None else f", as known on {standpoint.known_at}"
    title = standing.state_title or "not on the pathway"
    return f"As of {standing.as_of}{known}: {lower(title)}"


def _due_to(found: Comparison, names: Names) -> str:
    if not found.difference:
        return "Nothing differs."
    if found.responsible is None:
        return f"{len(found.between)} events lie between, too many to tell which are responsible."
    if not found.responsible:
        return "Only time has passed."
    moved = found.moved_by or ()
    rest = len(found.responsible) - len(moved)
    if not moved:
        listed = _listed(found.responsible, names)
        return f"No other state; {_count(rest)} actions, reviews or reminders: {listed}."
    others = f" Beside {'it' if len(moved) == 1 else 'them'}, {_count(rest)} actions, reviews or reminders."
    return f"What moved the patient: {_listed(moved, names)}.{others if rest else ''}"


def _count(events: int) -> str:
    return "1 event changes" if events == 1 else f"{events} events change"


def _listed(events: Iterable[Event], names: Names) -> str:
    return "; ".join(
        f"{mention(e.body, names)} ({e.id}, of {e.effective}, received {e.stamp.day})" for e in events
    )

"""Events: the only things that happen to a patient, and the patient's append-only record of them.

Every event has two dates: `effective`, when it was clinically true, and its stamp, when we learned
it. Bodies hold values already converted to canonical units; what was received is kept beside them.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from engine.core.values import Frozen, Number, exact


def _observed_value(value: object) -> object:
    """Leave truths, text and nothing alone; everything else must be an exact number."""
    return value if value is None or isinstance(value, bool | str) else exact(value)


Value = Annotated[bool | Decimal | str, BeforeValidator(_observed_value)]
"""A boolean, an exact number, or text. Text is never read as a number."""


class Enrol(Frozen):
    """A patient enters the pathway; the fields asked are the pathway's own (`enrolment`)."""

    model_config = ConfigDict(extra="allow")

    @property
    def fields(self) -> dict[str, object]:
        """The enrolment fields as sent and checked: text, booleans, dates."""
        return self.model_extra or {}


class Observed(Frozen):
    """One value of an observation message, or the reason why there is none.

    Qualifiers such as the reference equation are further keys, named by the vocabulary.
    """

    model_config = ConfigDict(extra="allow")

    item: str
    value: Value | None = None
    unit: str | None = None
    absent: str | None = None

    @property
    def attributes(self) -> dict[str, Value]:
        """Qualifiers of this value."""
        return self.model_extra or {}


class Observations(Frozen):
    """Values observed together."""

    obs: tuple[Observed, ...] = Field(min_length=1)
    grade: str | None = None
    """Quality grade of every value of the message that has none of its own."""


class Medication(Frozen):
    """A drug is started, its dose changed, one dose given, or it is stopped."""

    drug: str
    op: Literal["start", "dose", "give", "stop"]
    dose: Number | None = None


class Condition(Frozen):
    """A condition begins (or is confirmed) or is resolved."""

    code: str
    status: Literal["active", "resolved"]


class Vaccination(Frozen):
    """A vaccine was given."""

    vaccine: str


class Decision(Frozen):
    """A clinician accepts or declines an action."""

    action: str
    decision: Literal["accept", "decline"]
    reason: str | None = None


class Override(Frozen):
    """A clinician moves the patient to a state."""

    to: str
    reason: str | None = None


class Admin(Frozen):
    """The administrative status of the enrolment changes."""

    op: Literal["pause", "resume", "close", "reopen"]
    reason: str | None = None


class Retract(Frozen):
    """An event, with all its corrections, is withdrawn."""

    target: str
    reason: str | None = None


class Verify(Frozen):
    """The quarantined values of an event are confirmed and become usable."""

    target: str
    reason: str | None = None


class Correct(Frozen):
    """An event is replaced; `body` is the full replacement, of the target's type."""

    target: str
    body: "Body"
    reason: str | None = None


Body = (
    Enrol
    | Observations
    | Medication
    | Condition
    | Vaccination
    | Decision
    | Override
    | Admin
    | Retract
    | Verify
    | Correct
)

BODIES: dict[str, type[Frozen]] = {
    "enrol": Enrol,
    "obs": Observations,
    "med": Medication,
    "cond": Condition,
    "vax": Vaccination,
    "decision": Decision,
    "override": Override,
    "admin": Admin,
    "retract": Retract,
    "verify": Verify,
}
"""Event types with a body of their own; `correct` takes the body of its target."""
TYPES: dict[type[Frozen], str] = {body: name for name, body in BODIES.items()}
"""The same, by body."""


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """When we learned something: an instant (aware), the record's sequence number, and the site's date.

    Ordered by instant, then sequence. No client sets it; it comes from the clock port.
    """

    instant: datetime
    sequence: int
    day: date


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a patient's record."""

    id: str
    type: str
    effective: date
    source: str
    body: Body
    stamp: Stamp
    pathway: str | None = None
    """The pathway it concerns; None for what belongs to the patient and every pathway sees."""

    @property
    def content(self) -> tuple[object, ...]:
        """What makes two events with one id the same: everything but the stamp."""
        return (self.type, self.effective, self.source, self.body, self.pathway)


class Record:
    """A patient's events in order of sequence. Append-only: every method returns a new record."""

    __slots__ = ("_places", "events")

    def __init__(self, events: tuple[Event, ...] = (), _places: dict[str, int] | None = None) -> None:
        """Hold these events; records that grew from one another share the index of their ids."""
        self.events = events
        self._places = _places

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self.events == other.events

    __hash__ = None  # type: ignore[assignment]  # a record is compared whole, never looked up

    def append(self, event: Event) -> "Record":
        """Return the record with one more event."""
        places = self._index()
        places[event.id] = len(self.events)
        return Record((*self.events, event), places)

    def find(self, event_id: str) -> Event | None:
        """Return the event with this id, or None."""
        place = self._index().get(event_id)
        if place is None:
            return None
        if place < len(self.events) and self.events[place].id == event_id:
            return self.events[place]
        # another record that grew from the same one has this id elsewhere
        return next((e for e in self.events if e.id == event_id), None)

    def _index(self) -> dict[str, int]:
        """Return the places of ids: of all these events, and perhaps of some that came to another record."""
        if self._places is None:
            self._places = {event.id: place for place, event in enumerate(self.events)}
        return self._places

    def through(self, sequence: int) -> "Record":
        """Return the record as it was after the given sequence number (inclusive)."""
        return Record(self.events[: bisect_right(self.events, sequence, key=lambda e: e.stamp.sequence)])

    def known_at(self, moment: date | datetime) -> "Record":
        """Return what was known at an instant, or at the end of a day (site dates), both inclusive."""
        if isinstance(moment, datetime):
            return Record(tuple(e for e in self.events if e.stamp.instant <= moment))
        return Record(tuple(e for e in self.events if e.stamp.day <= moment))

    def of(self, pathway: str) -> "Record":
        """Return what a pathway sees: the events of the patient and its own."""
        return Record(tuple(e for e in self.events if e.pathway in (None, pathway)))

    def root(self, event_id: str) -> Event | None:
        """Return the first event of the chain of corrections that an id belongs to, or None."""
        event = self.find(event_id)
        while event is not None and isinstance(event.body, Correct):
            event = self.find(event.body.target)
        return event

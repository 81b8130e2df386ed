"""What is kept beside the events: plain, immutable values that services hand to the store and get back.

A projection (enrolment, step, action, review) can be rebuilt from the record; an event or an audit entry
cannot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, get_args

from engine.core.actions import Disposition
from engine.core.events import Event
from engine.core.facts import FactValue
from engine.core.result import Status
from engine.core.reviews import ReviewStatus


@dataclass(frozen=True, slots=True)
class Site:
    """A hospital or practice; every patient belongs to one."""

    id: str
    name: str
    time_zone: str
    """IANA name, such as Europe/Berlin."""


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient as the store knows one: an opaque id, nothing personal."""

    id: str
    site: str
    created: datetime
    revision: int = 0
    """Grows by one with every write; a write names the revision it saw."""
    basis: int = 0
    """The revision from which on nothing but reminders was written: who saw it may still decide on it."""
    last_sequence: int = 0
    """Sequence number of the newest event; 0 before the first."""

    def unchanged_since(self, revision: int) -> bool:
        """Whether nothing but reminders was written since a revision; False for one there never was."""
        return self.basis <= revision <= self.revision


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number or name by which a system outside knows a patient; one per site and system."""

    system: str
    value: str


@dataclass(frozen=True, slots=True)
class Author:
    """Who did something: in which role, by which credential, and which person if it was one."""

    role: str
    credential: str | None = None
    """Id of the credential; None for one who signed in, and for what no caller sent."""
    person: str | None = None
    """Id of the person; None for another system, and for what no caller sent."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """An event as received, and who sent it."""

    event: Event
    author: Author


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of events handed to the record."""

    revision: int
    """The patient's revision afterwards; unchanged when nothing was new."""
    receipts: tuple[Receipt, ...]
    """As stored, in the order handed over; for a repeated event, the one stored first."""
    repeated: frozenset[str]
    """Ids that had been stored before with the same content."""


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """One site's values of a pathway's parameters."""

    id: str
    pathway: str
    digest: str
    values: Mapping[str, bool | Decimal]
    author: str
    reason: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Where a patient stands on a pathway.

    `status`, `state` and `since` are all None until the day on which the enrolment takes effect.
    """

    patient: str
    pathway: str
    version: str
    digest: str
    parameter_set: str | None = None
    """Id of the site's parameters; None for the published values."""
    status: Status | None = None
    state: str | None = None
    since: date | None = None
    tier: str | None = None
    context: Mapping[str, FactValue | None] = field(default_factory=dict)
    """What the pathway remembers."""
    revisit_on: date | None = None
    """First later date on which this could differ without new data; None for never."""
    evaluated_on: date | None = None
    """The date this was worked out as of, in the site's time zone; None before the first time."""
    evaluated_through: int = 0
    """Sequence number of the newest event this rests on."""


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """A step of a patient's history as it was recorded; number 1 is the first recorded."""

    number: int
    effective: date
    transition: str
    source: str
    target: str
    event_id: str | None
    """The override or status change behind it; None for a step the rules made."""
    version: str
    digest: str
    recorded: datetime
    recorded_after: int
    """Sequence number of the newest event when it was recorded."""
    superseded_by: int | None = None
    """Sequence number of the event after which it no longer held; None while it holds."""

    @property
    def key(self) -> tuple[str, date, str]:
        """What makes two steps the same: transition, date, target."""
        return (self.transition, self.effective, self.target)


@dataclass(frozen=True, slots=True)
class Lack:
    """A datum that an action needs, and that is not there or too old."""

    item: str
    last: date | None = None
    """Date of the newest usable value; None when there is none."""
    within: int | None = None
    """Days for which a value is good; None where nothing says so."""


@dataclass(frozen=True, slots=True)
class NextAction:
    """An action of one patient, keyed by its id and the day it opened."""

    action: str
    opened_on: date
    disposition: Disposition
    priority: int
    caution: bool
    due: date | None
    """None for one that is only to be considered."""
    closed_on: date | None = None
    """None while it is open."""
    began: datetime | None = None
    """Instant from which the steps of an urgent action count; None for one that has none."""
    next_step: str | None = None
    """The step to send next; None after the last, and while nothing may be sent."""
    next_step_at: datetime | None = None
    missing: tuple[Lack, ...] = ()
    """What it waits for, or would if nothing else stood in its way."""

    @property
    def key(self) -> tuple[str, date]:
        """Action and day it opened."""
        return (self.action, self.opened_on)


@dataclass(frozen=True, slots=True)
class LiveReview:
    """A review of one patient and the reminder step that comes next."""

    review: str
    due: date
    base: date
    status: ReviewStatus
    step: str | None
    """Newest step reached; `held` while paused; None before the first."""
    next_step: str | None
    """The step to send next."""
    next_step_on: date | None
    """When, in the site's time zone. Both None after the last step and while nothing may be sent."""


@dataclass(frozen=True, slots=True, order=True)
class Doubt:
    """A reading of one patient that waits for a verify event."""

    event_id: str
    item: str
    effective: date


@dataclass(frozen=True, slots=True)
class Overridden:
    """The override by which a patient came to the present state."""

    event_id: str
    effective: date
    reason: str


MessageKind = Literal["step.added", "step.superseded", "action.opened", "reminder.due", "glass.broken"]
"""What messages to other systems can be about."""
MESSAGE_KINDS: tuple[str, ...] = get_args(MessageKind)


@dataclass(frozen=True, slots=True)
class Message:
    """Something someone must hear about, written with the change it tells of."""

    key: str
    """A second message with the same key is not kept."""
    kind: MessageKind
    body: Mapping[str, object]
    created: datetime
    patient: str | None = None
    sequence: int | None = None
    """Of the message among those about the patient, from 1; None before it is kept, and for no patient."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, when. `body` names ids and codes, never values."""

    instant: datetime
    author: Author
    act: str
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AuditLink:
    """An audit entry in its chain: `hash` covers the entry, its place and the hash before it."""

    chain: str
    number: int
    entry: AuditEntry
    previous_hash: str
    """Empty for the first of a chain."""
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link of an audit chain, when it was sealed."""

    chain: str
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Seal:
    """The heads of all audit chains that grew since the seal before, sealed together."""

    number: int
    instant: datetime
    heads: tuple[Head, ...]
    """By chain."""
    previous_hash: str
    """Empty for the first seal."""
    hash: str
    signature: str
    """Of the hash, with a key that is not in the database."""

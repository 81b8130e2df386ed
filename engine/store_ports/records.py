"""What services need of the store for patients: their records, what these come to, and what was done."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from engine.core.events import Record
from engine.core.kept import (
    Appended,
    AuditEntry,
    AuditLink,
    Author,
    Doubt,
    Enrolment,
    Head,
    Identifier,
    LiveReview,
    NextAction,
    Overridden,
    ParameterSet,
    Patient,
    Receipt,
    RecordedStep,
    Seal,
    Site,
)
from engine.core.ownership import ActionKey
from engine.core.reminders import Topic
from engine.core.site_ladders import SiteLadder


class SiteStore(Protocol):
    """The sites."""

    def add(self, site: Site) -> None:
        """Keep a new site."""

    def get(self, site: str) -> Site | None:
        """Return a site, or None."""

    def all(self) -> tuple[Site, ...]:
        """Return every site, by id."""


class SiteLadderStore(Protocol):
    """What sites changed of the ladders of pathways. Only ever added to."""

    def add(self, row: SiteLadder) -> None:
        """Keep a change."""

    def of(self, site: str, pathway: str) -> tuple[SiteLadder, ...]:
        """Return a site's changes of a pathway's ladder, by number."""


class PatientStore(Protocol):
    """Patients and their identifiers."""

    def add(self, patient: Patient, identifiers: Sequence[Identifier] = ()) -> None:
        """Keep a new patient; raises `IdentifierInUse` when one of the identifiers is taken."""

    def get(self, patient: str) -> Patient | None:
        """Return a patient, or None."""

    def hold(self, patient: str) -> Patient | None:
        """Return a patient, or None, and let nobody else write to it until the transaction ends."""

    def claim(self, patient: str) -> Patient | None:
        """Do the same as `hold`, without waiting: None also when somebody else writes to it just now."""

    def identifiers(self, patient: str) -> tuple[Identifier, ...]:
        """Return a patient's identifiers, by system and value."""

    def identifiers_of(self, patients: Collection[str]) -> Mapping[str, tuple[Identifier, ...]]:
        """Return the same of each of these patients that has any."""

    def identified(self, site: str, identifier: Identifier) -> Patient | None:
        """Return the patient of a site with an identifier, or None."""

    def known_by(self, site: str, value: str) -> tuple[Patient, ...]:
        """Return the patients of a site who have this identifier in any system, by id; at most 50."""

    def systems(self, site: str) -> tuple[str, ...]:
        """Return the systems of which patients of a site have identifiers, by name."""

    def page(self, site: str, *, after: str = "", limit: int = 50) -> tuple[Patient, ...]:
        """Return at most `limit` patients of a site with ids greater than `after`, by id."""

    def standing(
        self, site: str, pathway: str, state: str = "", status: str = "", *, after: str = "", limit: int = 50
    ) -> tuple[Patient, ...]:
        """Return the same of those on a pathway: in a state if one is named, and of a status.

        Without a status they are active or paused. An enrolment that was withdrawn has none.
        """

    def advance(self, patient: str, expected: int, *, reminding: bool = False) -> int:
        """Raise the revision by one and return it; every write that appends no event calls this first.

        The basis becomes the same, but for `reminding`.

        Raises:
            ConcurrencyConflict: the revision is no longer `expected`.
            NotFound: there is no such patient.
        """


class RecordStore(Protocol):
    """The patients' records. There is no way to change or remove an event."""

    def load(self, patient: str, pathway: str | None = None) -> Record:
        """Return a patient's record as a pathway sees it: its own events and those of the patient.

        Without a pathway every event is there. An unknown patient has an empty record.
        """

    def receipts(self, patient: str, *, after: int = 0, limit: int | None = None) -> tuple[Receipt, ...]:
        """Return events with who sent them, from the sequence number after `after` on, at most `limit`."""

    def senders(self, patient: str) -> tuple[tuple[str, datetime, Author], ...]:
        """Return id, instant of receipt and sender of every event, by sequence number; no bodies are read."""

    def find(self, patient: str, event_id: str) -> Receipt | None:
        """Return one event by its id, or None."""

    def append(self, patient: str, receipts: Sequence[Receipt], *, expected: int) -> Appended:
        """Add events in order and raise the revision by one.

        An event stored before with the same content is left out, so sending twice is harmless.

        Raises:
            EventIdReused: an id is known with other content; nothing is added.
            ConcurrencyConflict: the revision is no longer `expected`; nothing is added.
            NotFound: there is no such patient.
        """


class EnrolmentStore(Protocol):
    """Where patients stand."""

    def get(self, patient: str, pathway: str) -> Enrolment | None:
        """Return an enrolment, or None."""

    def of(self, patient: str) -> tuple[Enrolment, ...]:
        """Return a patient's enrolments, by pathway."""

    def of_each(self, patients: Collection[str]) -> Mapping[str, tuple[Enrolment, ...]]:
        """Return the same of each of these patients that has any."""

    def page(self, *, after: tuple[str, str] = ("", ""), limit: int = 500) -> tuple[Enrolment, ...]:
        """Return at most `limit` enrolments after a (patient, pathway), in that order; for replay."""

    def save(self, enrolment: Enrolment) -> None:
        """Keep a new enrolment, or replace what is kept of it."""

    def look_again(self, site: str, pathway: str, day: date) -> None:
        """Have all enrolments of a site on a pathway that are not closed looked at again by a day."""


class HistoryStore(Protocol):
    """Steps as recorded. A step is never removed."""

    def of(self, patient: str, pathway: str, *, superseded: bool = False) -> tuple[RecordedStep, ...]:
        """Return the steps that hold, by number; with `superseded`, the others too."""

    def add(self, patient: str, pathway: str, steps: Sequence[RecordedStep]) -> None:
        """Keep new steps."""

    def supersede(
        self, patient: str, pathway: str, numbers: Iterable[int], sequence: int, instant: datetime
    ) -> None:
        """Mark steps as no longer holding since the event with this sequence number, and this instant."""


class ActionStore(Protocol):
    """Next actions, open and closed."""

    def of(self, patient: str, pathway: str, *, closed: bool = False) -> tuple[NextAction, ...]:
        """Return the open actions, by id and day opened; with `closed`, the others too."""

    def open_at(self, site: str) -> tuple[ActionKey, ...]:
        """Return which actions are open at a site, by patient, pathway, id and day opened."""

    def save(self, patient: str, pathway: str, actions: Sequence[NextAction]) -> None:
        """Keep new actions, or replace what is kept of them; closing one is saving it with `closed_on`."""


class ReviewStore(Protocol):
    """Live reviews."""

    def of(self, patient: str, pathway: str) -> tuple[LiveReview, ...]:
        """Return the live reviews, by id."""

    def open_of(self, patients: Sequence[str]) -> tuple[Topic, ...]:
        """Return the live reviews of patients that are not on hold, by patient, pathway and id."""

    def save(self, patient: str, pathway: str, reviews: Sequence[LiveReview]) -> None:
        """Keep new reviews, or replace what is kept of them."""

    def remove(self, patient: str, pathway: str, reviews: Iterable[str]) -> None:
        """Forget reviews that are not wanted any more."""


class DoubtStore(Protocol):
    """Readings that wait for verification."""

    def of(self, patient: str, pathway: str) -> tuple[Doubt, ...]:
        """Return those of an enrolment, by event and item."""

    def waiting(self, site: str) -> int:
        """Return how many there are at a site."""

    def add(self, patient: str, pathway: str, doubts: Sequence[Doubt]) -> None:
        """Keep new ones."""

    def remove(self, patient: str, pathway: str, doubts: Sequence[Doubt]) -> None:
        """Forget those that do not wait any more."""


class OverrideStore(Protocol):
    """Overrides by which patients stand where they do."""

    def get(self, patient: str, pathway: str) -> Overridden | None:
        """Return that of an enrolment, or None."""

    def put(self, patient: str, pathway: str, override: Overridden | None) -> None:
        """Keep that of an enrolment in place of the one before; with None, that there is none."""


class Audit(Protocol):
    """Chains of audit entries: one per patient, by the patient's id, and one per other subject."""

    def append(self, chain: str, entry: AuditEntry) -> AuditLink:
        """Add an entry to a chain; others who add to it wait until the transaction ends.

        Raises:
            ConcurrencyConflict: another writer took its place all the same; nothing is added.
        """

    def chain(self, chain: str, *, after: int = 0, limit: int | None = None) -> tuple[AuditLink, ...]:
        """Return a chain, oldest first: at most `limit` links with numbers greater than `after`."""

    def links(self, *, after: tuple[str, int] = ("", 0), limit: int) -> tuple[AuditLink, ...]:
        """Return at most `limit` links of all chains after a (chain, number), in that order."""

    def stored(self, heads: Sequence[Head]) -> frozenset[Head]:
        """Return those of some heads that are in their chains with that hash."""

    def missing(self) -> tuple[str, ...]:
        """Return the patients who have no chain, which everybody has who was registered, by id."""


class SealStore(Protocol):
    """Seals over the audit chains. There is no way to change or remove one."""

    def grown(self) -> tuple[Head, ...]:
        """Return the heads of all chains that grew since they were sealed, by chain.

        Nobody else seals them until the transaction ends; those another one is sealing are left out.
        """

    def waiting(self, chain: str) -> int:
        """Return the number of a chain's newest entry if it waits to be sealed; 0 if none does."""

    def add(self, seal: Seal) -> None:
        """Keep a seal; what it covers does not wait any more.

        Raises:
            ConcurrencyConflict: there is a seal with this number already.
        """

    def page(self, *, after: int = 0, limit: int) -> tuple[Seal, ...]:
        """Return at most `limit` seals with numbers greater than `after`, oldest first."""

    def newest(self, *, before: int | None = None, limit: int = 1) -> tuple[Seal, ...]:
        """Return at most `limit` seals with numbers less than `before`, newest first."""

    def covering(self, chain: str, number: int) -> Seal | None:
        """Return the first seal over an entry of a chain or a later one; None if it is not sealed yet."""


class ParameterSetStore(Protocol):
    """Sites' parameters."""

    def add(self, parameters: ParameterSet) -> None:
        """Keep a new set."""

    def get(self, parameters: str) -> ParameterSet | None:
        """Return a set by its id, or None."""


class SettingStore(Protocol):
    """Settings kept with the data."""

    def get(self, key: str) -> str | None:
        """Return a setting, or None."""

    def beginning(self, prefix: str) -> dict[str, str]:
        """Return the settings whose keys begin with a text, by key."""

    def put(self, key: str, value: str) -> None:
        """Set a setting."""

    def swap(self, key: str, seen: str | None, value: str | None) -> bool:
        """Set a setting, or remove it with None, if it still is what was seen; say whether it was."""

"""What services need of the world outside: a clock, chance, a unit of work on the store, and a writer."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from datetime import date, datetime, tzinfo
from types import TracebackType
from typing import Protocol, Self, TypeVar

from engine.core.events import Record
from engine.core.kept import (
    Appended,
    AuditEntry,
    AuditLink,
    Author,
    Enrolment,
    Head,
    Identifier,
    LiveReview,
    Message,
    NextAction,
    ParameterSet,
    Patient,
    Receipt,
    RecordedStep,
    Seal,
    Site,
)
from engine.core.pathway import Pathway
from engine.core.people import Credential
from engine.core.vocabulary import Vocabulary

T = TypeVar("T")


class Clock(Protocol):
    """Tells the time; stories, the demonstration and imports of old data move one of their own."""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""

    def today(self, zone: tzinfo) -> date:
        """Return the present date in a time zone."""


class Randomness(Protocol):
    """Draws what nobody can guess; a seeded one makes a demonstration repeatable."""

    def draw(self, size: int) -> bytes:
        """Return `size` random bytes."""


class Verifier(Protocol):
    """Tells whether a signature is of this installation."""

    def genuine(self, text: str, signature: str) -> bool:
        """Whether a signature was made for this text with a key that is known."""


class Signer(Protocol):
    """Signs for this installation, with a key that is not in the database."""

    def sign(self, text: str) -> str:
        """Return a signature of a text."""


class Pathways(Protocol):
    """The pathways that are served, ready to evaluate."""

    @property
    def vocabulary(self) -> Vocabulary:
        """What may be recorded, shared by all of them."""

    def available(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return every pathway id with its versions, oldest first."""

    def pathway(self, name: str, version: str | None = None) -> Pathway:
        """Return a version of a pathway; the default version if None. Raises `NotFound`."""


class SiteStore(Protocol):
    """The sites."""

    def add(self, site: Site) -> None:
        """Keep a new site."""

    def get(self, site: str) -> Site | None:
        """Return a site, or None."""


class PatientStore(Protocol):
    """Patients and their identifiers."""

    def add(self, patient: Patient, identifiers: Sequence[Identifier] = ()) -> None:
        """Keep a new patient; raises `IdentifierInUse` when one of the identifiers is taken."""

    def get(self, patient: str) -> Patient | None:
        """Return a patient, or None."""

    def hold(self, patient: str) -> Patient | None:
        """Return a patient, or None, and let nobody else write to it until the transaction ends."""

    def identifiers(self, patient: str) -> tuple[Identifier, ...]:
        """Return a patient's identifiers, by system and value."""

    def identified(self, site: str, identifier: Identifier) -> Patient | None:
        """Return the patient of a site with an identifier, or None."""

    def page(self, site: str, *, after: str = "", limit: int = 50) -> tuple[Patient, ...]:
        """Return at most `limit` patients of a site with ids greater than `after`, by id."""

    def advance(self, patient: str, expected: int) -> int:
        """Raise the revision by one and return it; every write that appends no event calls this first.

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

    def page(self, *, after: tuple[str, str] = ("", ""), limit: int = 500) -> tuple[Enrolment, ...]:
        """Return at most `limit` enrolments after a (patient, pathway), in that order; for replay."""

    def save(self, enrolment: Enrolment) -> None:
        """Keep a new enrolment, or replace what is kept of it."""


class HistoryStore(Protocol):
    """Steps as recorded. A step is never removed."""

    def of(self, patient: str, pathway: str, *, superseded: bool = False) -> tuple[RecordedStep, ...]:
        """Return the steps that hold, by number; with `superseded`, the others too."""

    def add(self, patient: str, pathway: str, steps: Sequence[RecordedStep]) -> None:
        """Keep new steps."""

    def supersede(self, patient: str, pathway: str, numbers: Iterable[int], sequence: int) -> None:
        """Mark steps as no longer holding since the event with this sequence number."""


class ActionStore(Protocol):
    """Next actions, open and closed."""

    def of(self, patient: str, pathway: str, *, closed: bool = False) -> tuple[NextAction, ...]:
        """Return the open actions, by id and day opened; with `closed`, the others too."""

    def save(self, patient: str, pathway: str, actions: Sequence[NextAction]) -> None:
        """Keep new actions, or replace what is kept of them; closing one is saving it with `closed_on`."""


class ReviewStore(Protocol):
    """Live reviews."""

    def of(self, patient: str, pathway: str) -> tuple[LiveReview, ...]:
        """Return the live reviews, by id."""

    def save(self, patient: str, pathway: str, reviews: Sequence[LiveReview]) -> None:
        """Keep new reviews, or replace what is kept of them."""

    def remove(self, patient: str, pathway: str, reviews: Iterable[str]) -> None:
        """Forget reviews that are not wanted any more."""


class Outbox(Protocol):
    """Messages waiting to be sent."""

    def add(self, messages: Sequence[Message]) -> None:
        """Keep messages; one whose key is known is left out."""

    def get(self, key: str) -> Message | None:
        """Return a message by its key, or None."""


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


class CredentialStore(Protocol):
    """Credentials."""

    def add(self, credential: Credential) -> None:
        """Keep a new credential."""

    def by_secret(self, secret_hash: str) -> Credential | None:
        """Return the credential with this hash, revoked or not, or None."""

    def all(self) -> tuple[Credential, ...]:
        """Return every credential, oldest first."""

    def revoke(self, credential: str, instant: datetime) -> None:
        """End a credential's use; a second time changes nothing. Raises `NotFound`."""


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

    def put(self, key: str, value: str) -> None:
        """Set a setting."""


class UnitOfWork(Protocol):
    """One transaction. Leaving it without `commit` takes everything back."""

    @property
    def sites(self) -> SiteStore:
        """The sites."""

    @property
    def patients(self) -> PatientStore:
        """Patients and their identifiers."""

    @property
    def records(self) -> RecordStore:
        """The patients' records."""

    @property
    def enrolments(self) -> EnrolmentStore:
        """Where patients stand."""

    @property
    def histories(self) -> HistoryStore:
        """Steps as recorded."""

    @property
    def actions(self) -> ActionStore:
        """Next actions."""

    @property
    def reviews(self) -> ReviewStore:
        """Live reviews."""

    @property
    def outbox(self) -> Outbox:
        """Messages waiting to be sent."""

    @property
    def audit(self) -> Audit:
        """Chains of audit entries."""

    @property
    def seals(self) -> SealStore:
        """Seals over the audit chains."""

    @property
    def credentials(self) -> CredentialStore:
        """Credentials."""

    @property
    def parameter_sets(self) -> ParameterSetStore:
        """Sites' parameters."""

    @property
    def settings(self) -> SettingStore:
        """Settings kept with the data."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def memo(self) -> dict[str, object]:
        """Whatever a service wants to remember until the transaction ends; empty at its beginning."""

    def after_commit(self, call: Callable[[], None]) -> None:
        """Have something called once everything is durable, and not at all if it never is."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Begin a part that an error inside it takes back alone; the error goes on to the caller."""

    def commit(self) -> None:
        """Make everything durable; returns only when it is. Raises `ConcurrencyConflict` on a lost race."""


class Store(Protocol):
    """Opens units of work."""

    def writing(self) -> UnitOfWork:
        """Return a unit of work that may write. On SQLite it waits until no other writes."""

    def reading(self) -> UnitOfWork:
        """Return a unit of work that sees one consistent state and refuses to write."""


class Writer(Protocol):
    """Runs commands: plain functions of a unit of work that neither open nor commit it.

    A command may run more than once, on any thread, so it has no effect outside its unit of work, and it
    never waits for another command. What it raises takes back its own writes and nobody else's.
    """

    def submit(self, command: Callable[[UnitOfWork], T]) -> Future[T]:
        """Hand over a command; return its outcome to come, which is told only when it is durable.

        Cancelling takes the command back as long as it has not begun. The outcome is what the command
        returned or raised, or `StoreUnavailable` when nothing was stored for no fault of its own.

        Raises:
            WriterClosed: the writer takes no more commands.
        """

    def run(self, command: Callable[[UnitOfWork], T]) -> T:
        """Hand over a command and wait; return what it returned, or raise what became of it."""

    def close(self) -> None:
        """Take no more commands, and return when those handed over are done. Closing again is harmless."""

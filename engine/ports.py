"""What services need of the world outside: a clock, chance, a unit of work on the store, and a writer."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from datetime import date, datetime, tzinfo
from types import TracebackType
from typing import Protocol, Self, TypeVar

from engine.core.dispatches import Letter, Outcome
from engine.core.pathway import Pathway
from engine.core.vocabulary import Vocabulary
from engine.store_ports.people import (
    AbsenceStore,
    AnswerStore,
    AssertionStore,
    ClientStore,
    CredentialStore,
    GlassStore,
    InvitationStore,
    NoteStore,
    PeopleStore,
    SessionStore,
    TeamStore,
)
from engine.store_ports.records import (
    ActionStore,
    Audit,
    DoubtStore,
    EnrolmentStore,
    HistoryStore,
    OverrideStore,
    ParameterSetStore,
    PatientStore,
    RecordStore,
    ReviewStore,
    SealStore,
    SettingStore,
    SiteLadderStore,
    SiteStore,
)
from engine.store_ports.sending import (
    CalendarStore,
    ChannelStore,
    DispatchStore,
    Outbox,
    ReminderStore,
)
from engine.store_ports.uploads import UploadStore
from engine.store_ports.worklists import SavedWorklistStore, WorklistStore

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


class Meter(Protocol):
    """Counts what this process does, for those who run it; patients are never told apart."""

    def received(self, site: str, kind: str, result: str) -> None:
        """Count a message that was recorded: its type, and what became of it."""

    def stepped(self, site: str, pathway: str, transition: str) -> None:
        """Count a step that was added to a history."""

    def failed(self, site: str, pathway: str, code: str) -> None:
        """Count an evaluation that could not be finished, by the code of its error."""


class Verifier(Protocol):
    """Tells whether a signature is of this installation."""

    def genuine(self, text: str, signature: str) -> bool:
        """Whether a signature was made for this text with a key that is known."""


class Signer(Protocol):
    """Signs for this installation, with a key that is not in the database."""

    def sign(self, text: str) -> str:
        """Return a signature of a text."""


class Carrier(Protocol):
    """Carries letters to the receivers of one kind of channel."""

    def carry(self, letter: Letter) -> Outcome:
        """Try once, for half a minute at most; return what came of it, whatever goes wrong."""


class Addresses(Protocol):
    """Knows by what somebody can be reached here, and which addresses can be used for it."""

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of channels a person or patient can have: `email`, and gateways by their names."""

    def checked(self, kind: str, address: str) -> str:
        """Return an address as it is to be kept; that of a webhook is a URL. It may ask the network.

        Raises:
            CarewayError: it cannot be used, for the reason the error tells.
        """


class Pathways(Protocol):
    """The pathways that are served, ready to evaluate."""

    @property
    def vocabulary(self) -> Vocabulary:
        """What may be recorded, shared by all of them."""

    def available(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return every pathway id with its versions, oldest first."""

    def pathway(self, name: str, version: str | None = None) -> Pathway:
        """Return a version of a pathway; the default version if None. Raises `NotFound`."""


class Passwords(Protocol):
    """Turns passwords into what may be kept of them; slow on purpose."""

    def hashed(self, password: str) -> str:
        """Return what is kept of a password, with a salt of its own."""

    def fits(self, password: str, kept: str | None) -> bool:
        """Whether a password is the one of which `kept` is kept; takes as long when nothing is kept."""


class UnitOfWork(Protocol):
    """One transaction. Leaving it without `commit` takes everything back."""

    @property
    def sites(self) -> SiteStore:
        """The sites."""

    @property
    def site_ladders(self) -> SiteLadderStore:
        """What sites changed of the ladders of pathways."""

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
    def doubts(self) -> DoubtStore:
        """Readings that wait for verification."""

    @property
    def overrides(self) -> OverrideStore:
        """Overrides by which patients stand where they do."""

    @property
    def worklists(self) -> WorklistStore:
        """Rows of worklists."""

    @property
    def saved_worklists(self) -> SavedWorklistStore:
        """Filters of worklists that somebody saved."""

    @property
    def reviews(self) -> ReviewStore:
        """Live reviews."""

    @property
    def reminders(self) -> ReminderStore:
        """What is due, and what was told to whom."""

    @property
    def channels(self) -> ChannelStore:
        """How people, patients and other systems are reached."""

    @property
    def dispatches(self) -> DispatchStore:
        """What is on its way."""

    @property
    def calendars(self) -> CalendarStore:
        """Calendar feeds."""

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
    def people(self) -> PeopleStore:
        """People and what they may do where."""

    @property
    def sessions(self) -> SessionStore:
        """Sessions of browsers."""

    @property
    def invitations(self) -> InvitationStore:
        """Links by which people choose a password."""

    @property
    def glass(self) -> GlassStore:
        """Patients of other sites that people let themselves in to."""

    @property
    def clients(self) -> ClientStore:
        """Systems that prove themselves by their own keys."""

    @property
    def assertions(self) -> AssertionStore:
        """Assertions of clients that were used."""

    @property
    def answers(self) -> AnswerStore:
        """Answers to calls."""

    @property
    def uploads(self) -> UploadStore:
        """Files that were sent to be imported."""

    @property
    def absences(self) -> AbsenceStore:
        """When somebody stands in for whom."""

    @property
    def teams(self) -> TeamStore:
        """The patients' care teams."""

    @property
    def notes(self) -> NoteStore:
        """What was done about actions and reviews."""

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
        """Begin a part that an error inside it takes back alone; the error goes on to the caller.

        What the part wanted called after the commit is not, and nothing is remembered any more.
        """

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

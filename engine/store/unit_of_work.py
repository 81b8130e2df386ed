"""The unit of work on a database: one transaction, and the stores that share its connection."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine.errors import StoreUnavailable
from engine.store.answers import SqlAnswers
from engine.store.clients import SqlAssertions, SqlClients
from engine.store.database import Database
from engine.store.ledgers import SqlAudit, SqlOutbox
from engine.store.people import SqlAbsences, SqlPeople
from engine.store.projections import (
    SqlActions,
    SqlDoubts,
    SqlEnrolments,
    SqlHistories,
    SqlOverrides,
    SqlReviews,
)
from engine.store.records import SqlPatients, SqlRecords
from engine.store.registers import SqlCredentials, SqlParameterSets, SqlSettings, SqlSiteLadders, SqlSites
from engine.store.reminders import SqlReminders
from engine.store.saved_worklists import SqlSavedWorklists
from engine.store.seals import SqlSeals
from engine.store.sending import SqlCalendars, SqlChannels, SqlDispatches
from engine.store.sign_ins import SqlGlass, SqlInvitations, SqlSessions
from engine.store.statements import intact, translated
from engine.store.teams import SqlNotes, SqlTeams
from engine.store.uploads import SqlUploads
from engine.store.worklists import SqlWorklists


class SqlUnitOfWork:
    """One transaction on one connection; implements `ports.UnitOfWork`.

    Errors of the database leave as errors of ours, without the values of any row. One object may be used
    again after it was left, never by two threads at once.
    """

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._after_commit: list[Callable[[], None]] = []
        self.memo: dict[str, object] = {}

    @property
    def connection(self) -> Connection:
        """The open connection; only inside the `with` block."""
        assert self._connection is not None, "use the unit of work in a `with` block"
        return self._connection

    def __enter__(self) -> Self:
        try:
            self._connection = self._database.connect()
            self._connection.begin()
        except DBAPIError as error:
            self._leave()
            raise translated(error) from None
        except PoolTimeout:
            raise StoreUnavailable from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()
        if isinstance(error, DBAPIError):
            raise translated(error) from None

    def _leave(self) -> None:
        connection, self._connection = self._connection, None
        self._after_commit.clear()
        self.memo = {}
        for part in PARTS:
            self.__dict__.pop(part, None)
        if connection is not None:
            connection.close()  # takes back what was not committed

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Begin a part that an error inside it takes back alone, with what it wanted called or remembered."""
        self._make_sure()
        before = len(self._after_commit)
        try:
            with self.connection.begin_nested():
                yield
        except BaseException as error:
            del self._after_commit[before:]
            self.memo = {}  # who remembered something before may have changed it since
            if isinstance(error, DBAPIError):
                raise translated(error) from None
            raise

    def commit(self) -> None:
        """Make everything durable; nothing may follow inside the block."""
        self._make_sure()
        try:
            self.connection.commit()
        except DBAPIError as error:
            self.connection.invalidate()  # or on SQLite it goes back to the pool with the transaction open
            raise translated(error) from None
        for call in self._after_commit:
            call()

    def after_commit(self, call: Callable[[], None]) -> None:
        """Have something called once everything is durable, and not at all if it never is."""
        self._after_commit.append(call)

    def _make_sure(self) -> None:
        """Raise `StoreUnavailable` when the database took everything back by itself.

        Neither driver says so: SQLite ends a transaction when the disk fails, after which a commit does
        nothing; PostgreSQL answers the commit of a transaction in which a statement failed with a rollback.
        """
        if not intact(self.connection):
            raise StoreUnavailable

    @cached_property
    def sites(self) -> SqlSites:
        """The sites."""
        return SqlSites(self.connection)

    @cached_property
    def site_ladders(self) -> SqlSiteLadders:
        """What sites changed of the ladders of pathways."""
        return SqlSiteLadders(self.connection)

    @cached_property
    def patients(self) -> SqlPatients:
        """Patients and their identifiers."""
        return SqlPatients(self.connection)

    @cached_property
    def records(self) -> SqlRecords:
        """The patients' records."""
        return SqlRecords(self.connection)

    @cached_property
    def enrolments(self) -> SqlEnrolments:
        """Where patients stand."""
        return SqlEnrolments(self.connection)

    @cached_property
    def histories(self) -> SqlHistories:
        """Steps as recorded."""
        return SqlHistories(self.connection)

    @cached_property
    def actions(self) -> SqlActions:
        """Next actions."""
        return SqlActions(self.connection)

    @cached_property
    def doubts(self) -> SqlDoubts:
        """Readings that wait for verification."""
        return SqlDoubts(self.connection)

    @cached_property
    def overrides(self) -> SqlOverrides:
        """Overrides by which patients stand where they do."""
        return SqlOverrides(self.connection)

    @cached_property
    def worklists(self) -> SqlWorklists:
        """Rows of worklists."""
        return SqlWorklists(self.connection)

    @cached_property
    def saved_worklists(self) -> SqlSavedWorklists:
        """Filters of worklists that somebody saved."""
        return SqlSavedWorklists(self.connection)

    @cached_property
    def reviews(self) -> SqlReviews:
        """Live reviews."""
        return SqlReviews(self.connection)

    @cached_property
    def reminders(self) -> SqlReminders:
        """What is due, and what was told to whom."""
        return SqlReminders(self.connection)

    @cached_property
    def channels(self) -> SqlChannels:
        """How people, patients and other systems are reached."""
        return SqlChannels(self.connection)

    @cached_property
    def dispatches(self) -> SqlDispatches:
        """What is on its way."""
        return SqlDispatches(self.connection)

    @cached_property
    def calendars(self) -> SqlCalendars:
        """Calendar feeds."""
        return SqlCalendars(self.connection)

    @cached_property
    def outbox(self) -> SqlOutbox:
        """Messages waiting to be sent."""
        return SqlOutbox(self.connection)

    @cached_property
    def audit(self) -> SqlAudit:
        """Chains of audit entries."""
        return SqlAudit(self.connection)

    @cached_property
    def seals(self) -> SqlSeals:
        """Seals over the audit chains."""
        return SqlSeals(self.connection)

    @cached_property
    def credentials(self) -> SqlCredentials:
        """Credentials."""
        return SqlCredentials(self.connection)

    @cached_property
    def people(self) -> SqlPeople:
        """People and what they may do where."""
        return SqlPeople(self.connection)

    @cached_property
    def sessions(self) -> SqlSessions:
        """Sessions of browsers."""
        return SqlSessions(self.connection)

    @cached_property
    def invitations(self) -> SqlInvitations:
        """Links by which people choose a password."""
        return SqlInvitations(self.connection)

    @cached_property
    def glass(self) -> SqlGlass:
        """Patients of other sites that people let themselves in to."""
        return SqlGlass(self.connection)

    @cached_property
    def clients(self) -> SqlClients:
        """Systems that prove themselves by their own keys."""
        return SqlClients(self.connection)

    @cached_property
    def assertions(self) -> SqlAssertions:
        """Assertions of clients that were used."""
        return SqlAssertions(self.connection)

    @cached_property
    def answers(self) -> SqlAnswers:
        """Answers to calls."""
        return SqlAnswers(self.connection)

    @cached_property
    def uploads(self) -> SqlUploads:
        """Files that were sent to be imported."""
        return SqlUploads(self.connection)

    @cached_property
    def absences(self) -> SqlAbsences:
        """When somebody stands in for whom."""
        return SqlAbsences(self.connection)

    @cached_property
    def teams(self) -> SqlTeams:
        """The patients' care teams."""
        return SqlTeams(self.connection)

    @cached_property
    def notes(self) -> SqlNotes:
        """What was done about actions and reviews."""
        return SqlNotes(self.connection)

    @cached_property
    def parameter_sets(self) -> SqlParameterSets:
        """Sites' parameters."""
        return SqlParameterSets(self.connection)

    @cached_property
    def settings(self) -> SqlSettings:
        """Settings kept with the data."""
        return SqlSettings(self.connection)


PARTS = tuple(name for name, part in vars(SqlUnitOfWork).items() if isinstance(part, cached_property))


class SqlStore:
    """Opens units of work on a database; implements `ports.Store`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def writing(self) -> SqlUnitOfWork:
        """Return a unit of work that may write. On SQLite it waits until no other writes."""
        return SqlUnitOfWork(self.database.writer)

    def reading(self) -> SqlUnitOfWork:
        """Return a unit of work that sees one consistent state and refuses to write."""
        return SqlUnitOfWork(self.database.reader)

"""Writers: answered after COMMIT, in groups on SQLite, tried again on PostgreSQL, and never lost."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import event, text

from engine.core.kept import Patient
from engine.errors import (
    CarewayError,
    ConcurrencyConflict,
    EventIdReused,
    RevisionStale,
    StoreFault,
    StoreUnavailable,
    WriterClosed,
)
from engine.ports import Store, UnitOfWork, Writer
from engine.store.database import Database, open_database
from engine.store.unit_of_work import SqlStore, SqlUnitOfWork
from engine.store.writers import GROUP, PAUSES, GroupWriter, PooledWriter, writer_for
from tests.databases import Backend
from tests.stores.kit import NOW, OTHER, PATIENT, furnish, received
from tests.stores.test_concurrency import numbered
from tests.stores.test_database import hurry

ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
PATIENCE = 60


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    furnish(SqlStore(database))
    with contextlib.closing(writer_for(SqlStore(database))) as made:
        yield made


@pytest.fixture
def store(database: Database) -> Store:
    return SqlStore(database)


def record(name: str, patient: str = PATIENT.id) -> Callable[[UnitOfWork], str]:
    """Record one event as a service does: read, then write on the revision read."""

    def command(uow: UnitOfWork) -> str:
        known = uow.patients.get(patient)
        assert known is not None
        new = numbered(name, known.last_sequence + 1)
        uow.records.append(patient, received([new]), expected=known.revision)
        return name

    return command


def stored(store: Store, patient: str = PATIENT.id) -> list[str]:
    with store.reading() as uow:
        return [event.id for event in uow.records.load(patient)]


@contextlib.contextmanager
def held(writer: Writer) -> Iterator[None]:
    """Keep the one thread of a group writer busy inside; what is handed over meanwhile is one group."""
    begun, free = threading.Event(), threading.Event()

    def command(_: UnitOfWork) -> None:
        begun.set()
        assert free.wait(PATIENCE)

    holding = writer.submit(command)
    assert begun.wait(PATIENCE)
    try:
        yield
    finally:
        free.set()
        holding.result(PATIENCE)


@contextlib.contextmanager
def held_if_grouped(writer: Writer) -> Iterator[None]:
    """Make one group of what is handed over inside, where there are groups."""
    with held(writer) if isinstance(writer, GroupWriter) else contextlib.nullcontext():
        yield


def refusal(future: Future[str]) -> type:
    return type(future.exception(PATIENCE))


def test_each_database_has_its_writer(database: Database) -> None:
    with contextlib.closing(writer_for(SqlStore(database))) as writer:
        assert type(writer) is {"sqlite": GroupWriter, "postgresql": PooledWriter}[database.name]


def test_an_outcome_is_told_when_everybody_can_see_what_was_stored(store: Store, writer: Writer) -> None:
    seen: list[list[str]] = []
    told = threading.Event()

    def look(_: Future[str]) -> None:
        seen.append(stored(store))
        told.set()

    with held_if_grouped(writer):
        future = writer.submit(record("first"))
        future.add_done_callback(look)

    assert future.result(PATIENCE) == "first"
    assert told.wait(PATIENCE)
    assert seen == [["first"]]


@ON_SQLITE
def test_nobody_of_a_group_is_answered_before_its_commit(
    store: Store, writer: Writer, backend: Backend
) -> None:
    ran, free = threading.Event(), threading.Event()

    def last(_: UnitOfWork) -> str:
        ran.set()
        assert free.wait(PATIENCE)
        return "last"

    with held(writer):
        good, bad, slow = writer.submit(record("good")), writer.submit(failing), writer.submit(last)
    assert ran.wait(PATIENCE)
    assert (good.done(), bad.done(), stored(store)) == (False, False, [])
    free.set()

    assert (good.result(PATIENCE), refusal(bad), slow.result(PATIENCE)) == ("good", ZeroDivisionError, "last")
    assert stored(store) == ["good"]


def failing(uow: UnitOfWork) -> str:
    record("never")(uow)
    raise ZeroDivisionError


@ON_SQLITE
def test_what_waits_is_committed_together_up_to_a_limit(
    database: Database, writer: Writer, backend: Backend
) -> None:
    commits: list[int] = []
    event.listen(database.writer, "commit", lambda _: commits.append(1))

    with held(writer):
        waiting = [writer.submit(record(str(number))) for number in range(GROUP + 2)]
    for future in waiting:
        future.result(PATIENCE)

    assert len(commits) == 3  # the one that held the writer, a full group, the rest
    assert stored(SqlStore(database)) == [str(number) for number in range(GROUP + 2)]


def test_a_command_that_fails_takes_back_itself_alone(store: Store, writer: Writer) -> None:
    def reused(uow: UnitOfWork) -> str:
        record("never")(uow)
        record("again")(uow)
        twice = replace(numbered("again", 9), source="lab")
        uow.records.append(PATIENT.id, received([twice]), expected=2)
        return "never"

    def refused_by_the_database(uow: UnitOfWork) -> str:
        record("never")(uow)
        uow.patients.add(PATIENT)
        return "never"

    def stopped(uow: UnitOfWork) -> str:
        raise SystemExit

    with held_if_grouped(writer):
        bad = [writer.submit(c) for c in (failing, reused, refused_by_the_database, stopped)]
        good = writer.submit(record("good"))

    assert [refusal(future) for future in bad] == [ZeroDivisionError, EventIdReused, StoreFault, SystemExit]
    assert good.result(PATIENCE) == "good"
    assert stored(store) == ["good"]
    with pytest.raises(ZeroDivisionError):
        writer.run(failing)


def test_a_command_cancelled_before_its_turn_does_not_run(store: Store, writer: Writer) -> None:
    free = threading.Event()
    busy = [writer.submit(lambda _: free.wait(PATIENCE)) for _ in range(8)]
    future, after = writer.submit(record("cancelled")), writer.submit(record("after"))

    assert future.cancel()
    free.set()

    assert after.result(PATIENCE) == "after"
    assert all(each.result(PATIENCE) for each in busy)
    with pytest.raises(CancelledError):
        future.result(PATIENCE)
    assert stored(store) == ["after"]


@ON_SQLITE
def test_a_group_of_cancelled_commands_writes_nothing(store: Store, writer: Writer, backend: Backend) -> None:
    with held(writer):
        assert writer.submit(record("cancelled")).cancel()

    assert writer.run(record("after")) == "after"
    assert stored(store) == ["after"]


def orphan(uow: UnitOfWork) -> str:
    """Break a foreign key in a way that only COMMIT finds."""
    assert isinstance(uow, SqlUnitOfWork)
    if uow.connection.dialect.name == "sqlite":
        uow.connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    uow.patients.add(Patient("orphan", "nowhere", NOW))
    return "orphan"


@ON_SQLITE
def test_a_commit_that_fails_is_told_to_all_of_its_group(
    store: Store, writer: Writer, backend: Backend
) -> None:
    with held(writer):
        group = [writer.submit(c) for c in (record("first"), orphan, failing, record("second"))]

    assert [refusal(future) for future in group] == [StoreUnavailable] * 4
    assert len({id(future.exception()) for future in group}) == 4
    assert stored(store) == []
    assert writer.run(record("next")) == "next"
    assert stored(store) == ["next"]


@ON_POSTGRESQL
def test_a_commit_that_fails_is_told_to_its_command(
    database: Database, writer: Writer, backend: Backend
) -> None:
    with database.writer.begin() as connection:
        find = "SELECT conname FROM pg_constraint WHERE conrelid = 'patient'::regclass AND contype = 'f'"
        name = connection.exec_driver_sql(find).scalar_one()
        connection.execute(text(f"ALTER TABLE patient ALTER CONSTRAINT {name} DEFERRABLE INITIALLY DEFERRED"))

    assert refusal(writer.submit(orphan)) == StoreFault
    assert writer.run(record("next")) == "next"
    with SqlStore(database).reading() as uow:
        assert uow.patients.get("orphan") is None


@ON_SQLITE
def test_when_the_database_takes_all_back_by_itself_nobody_is_told_otherwise(
    store: Store, writer: Writer, backend: Backend
) -> None:
    def full(uow: UnitOfWork) -> str:
        """End the transaction from inside, as SQLite does when a disk fails."""
        assert isinstance(uow, SqlUnitOfWork)
        uow.connection.exec_driver_sql("INSERT OR ROLLBACK INTO site VALUES ('north', '', '')")
        return "full"

    with held(writer):
        group = [writer.submit(c) for c in (record("first"), full, record("second"))]

    assert [refusal(future) for future in group] == [StoreUnavailable] * 3
    assert stored(store) == []
    assert writer.run(record("next")) == "next"


@ON_POSTGRESQL
def test_a_command_that_hides_an_error_of_the_database_is_not_taken_for_stored(
    store: Store, writer: Writer, backend: Backend
) -> None:
    def hiding(uow: UnitOfWork) -> str:
        record("first")(uow)
        with contextlib.suppress(Exception):
            uow.patients.add(PATIENT)
        return "hidden"

    assert refusal(writer.submit(hiding)) is StoreUnavailable
    assert stored(store) == []


@ON_POSTGRESQL
def test_a_connection_that_breaks_is_told_and_the_next_command_has_another(
    store: Store, writer: Writer, backend: Backend
) -> None:
    def cut(uow: UnitOfWork) -> str:
        record("first")(uow)
        assert isinstance(uow, SqlUnitOfWork)
        uow.connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        return "cut"

    assert refusal(writer.submit(cut)) is StoreUnavailable
    assert writer.run(record("next")) == "next"
    assert stored(store) == ["next"]


@ON_SQLITE
def test_a_transaction_that_cannot_begin_is_told_and_the_writer_goes_on(
    database: Database, url: str, writer: Writer, backend: Backend
) -> None:
    writer.run(record("before"))
    hurry(database)
    with contextlib.closing(open_database(url)) as other, SqlStore(other).writing():
        assert refusal(writer.submit(record("in vain"))) is StoreUnavailable

    assert writer.run(record("after")) == "after"
    assert stored(SqlStore(database)) == ["before", "after"]


@ON_SQLITE
def test_a_defect_outside_commands_reaches_the_caller_and_the_writer_goes_on(
    store: Store, backend: Backend
) -> None:
    furnish(store)
    broken = [KeyError("no unit of work")]

    class Breaking(SqlStore):
        def writing(self) -> SqlUnitOfWork:
            if broken:
                raise broken.pop()
            return super().writing()

    assert isinstance(store, SqlStore)
    with contextlib.closing(GroupWriter(Breaking(store.database))) as writer:
        assert refusal(writer.submit(record("in vain"))) is KeyError
        assert writer.run(record("after")) == "after"


@ON_POSTGRESQL
def test_two_that_meet_on_one_patient_are_both_stored(store: Store, writer: Writer, backend: Backend) -> None:
    both_have_read = threading.Barrier(2, timeout=PATIENCE)
    tries: list[str] = []

    def meeting(name: str) -> Callable[[UnitOfWork], str]:
        def command(uow: UnitOfWork) -> str:
            patient = uow.patients.get(PATIENT.id)
            assert patient is not None
            if name not in tries:
                both_have_read.wait()
            tries.append(name)
            new = numbered(name, patient.last_sequence + 1)
            uow.records.append(patient.id, received([new]), expected=patient.revision)
            return name

        return command

    futures = [writer.submit(meeting(name)) for name in ("first", "second")]

    assert [future.result(PATIENCE) for future in futures] == ["first", "second"]
    assert sorted(stored(store)) == ["first", "second"]
    assert len(tries) == 3


def counted(error: CarewayError, tries: list[int]) -> Callable[[UnitOfWork], str]:
    def command(uow: UnitOfWork) -> str:
        tries.append(1)
        record(f"try {len(tries)}")(uow)
        raise error

    return command


@ON_POSTGRESQL
def test_a_race_lost_again_and_again_is_told(store: Store, backend: Backend) -> None:
    furnish(store)
    tries: list[int] = []
    with (
        contextlib.closing(PooledWriter(store, jitter=lambda _: 0)) as writer,
        pytest.raises(ConcurrencyConflict, match="revision was 1"),
    ):
        writer.run(counted(ConcurrencyConflict("The patient", 1), tries))

    assert len(tries) == len(PAUSES) + 1 == 4
    assert stored(store) == []


def test_a_revision_the_caller_named_is_not_tried_again(store: Store, writer: Writer) -> None:
    tries: list[int] = []

    with pytest.raises(RevisionStale, match="you named revision 3, and it is now 5"):
        writer.run(counted(RevisionStale("The patient", 3, 5), tries))

    assert (len(tries), stored(store)) == (1, [])


def test_a_closed_writer_has_done_what_it_was_given_and_takes_no_more(store: Store, writer: Writer) -> None:
    free = threading.Event()
    held_up = writer.submit(lambda _: free.wait(PATIENCE))
    waiting = [writer.submit(record(str(number), OTHER.id)) for number in range(3)]
    with ThreadPoolExecutor(1) as pool:
        closing = pool.submit(writer.close)
        free.set()
        closing.result(PATIENCE)

    assert held_up.result(0)
    assert all(future.done() for future in waiting)
    assert sorted(stored(store, OTHER.id)) == ["0", "1", "2"]
    with pytest.raises(WriterClosed, match="takes no more writes"):
        writer.submit(record("late"))
    writer.close()


def test_everything_acknowledged_to_many_threads_is_there(store: Store, writer: Writer) -> None:
    threads, commands = 32, 20

    def busy(thread: int) -> list[str]:
        patient = (PATIENT, OTHER)[thread % 2].id
        return [persistent(writer, record(f"{thread}:{number}", patient)) for number in range(commands)]

    with ThreadPoolExecutor(threads) as pool:
        acknowledged = {name for names in pool.map(busy, range(threads)) for name in names}

    assert len(acknowledged) == threads * commands
    for patient in (PATIENT.id, OTHER.id):
        with store.reading() as uow:
            numbers = [event.stamp.sequence for event in uow.records.load(patient)]
            assert numbers == list(range(1, threads * commands // 2 + 1))
        acknowledged -= set(stored(store, patient))
    assert not acknowledged


def persistent(writer: Writer, command: Callable[[UnitOfWork], str]) -> str:
    """Send until it is stored, as a caller does who hears of a conflict."""
    for _ in range(100):
        with contextlib.suppress(ConcurrencyConflict):
            return writer.run(command)
    raise AssertionError("lost 100 races")

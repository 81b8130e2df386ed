"""Many writers at once: every update that was acknowledged is there, and a lost race is reported."""

import contextlib
import multiprocessing
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace

import pytest

from engine.core.events import Event
from engine.core.kept import AuditEntry, Author
from engine.core.sealing import broken_at
from engine.errors import ConcurrencyConflict
from engine.ports import Store
from engine.store.database import Database, open_database
from engine.store.unit_of_work import SqlStore
from tests.databases import Backend
from tests.stores.kit import NOW, PATIENT, events, furnish, received, writing

ENTRY = AuditEntry(NOW, Author("admin"), "create token", {})


def numbered(name: str, sequence: int) -> Event:
    """An event of its own."""
    first = events()[0]
    return replace(first, id=name, stamp=replace(first.stamp, sequence=sequence))


def record_one(store: Store, name: str, tries: int) -> int:
    """Record one event as a service does: read, then write on the revision read; count the races lost."""
    for lost in range(tries):
        with contextlib.suppress(ConcurrencyConflict), writing(store) as uow:
            patient = uow.patients.get(PATIENT.id)
            assert patient is not None
            event = numbered(name, patient.last_sequence + 1)
            uow.records.append(patient.id, received([event]), expected=patient.revision)
            return lost
    raise AssertionError(f"lost {tries} races")


def record_many(url: str, name: str, count: int, tries: int) -> list[str]:
    """Record events from a process of its own; return the ids that were acknowledged."""
    with contextlib.closing(open_database(url)) as database:
        store = SqlStore(database)
        for number in range(count):
            record_one(store, f"{name}:{number}", tries)
    return [f"{name}:{number}" for number in range(count)]


@pytest.mark.prove
def test_writers_in_several_processes_lose_nothing(
    store: Store, url: str, backend: Backend, proving: bool
) -> None:
    furnish(store)
    count, tries = (500 if proving else 25), (1 if backend == "sqlite" else 1000)

    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(4, mp_context=spawn) as pool:
        running = [pool.submit(record_many, url, f"writer {n}", count, tries) for n in range(4)]
        acknowledged = {name for each in running for name in each.result()}

    with store.reading() as uow:
        record = uow.records.load(PATIENT.id)
        patient = uow.patients.get(PATIENT.id)
    assert patient is not None
    assert len(acknowledged) == 4 * count
    assert {event.id for event in record} == acknowledged
    assert [event.stamp.sequence for event in record] == list(range(1, 4 * count + 1))
    assert patient.revision == patient.last_sequence == 4 * count


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_the_slower_of_two_writers_hears_that_it_lost(store: Store, backend: Backend) -> None:
    furnish(store)
    both_have_read = threading.Barrier(2, timeout=30)

    def write(name: str) -> str:
        with store.writing() as uow:
            patient = uow.patients.get(PATIENT.id)
            assert patient is not None
            both_have_read.wait()
            try:
                uow.records.append(patient.id, received([numbered(name, 1)]), expected=patient.revision)
            except ConcurrencyConflict as conflict:
                return f"lost: {conflict.expected} became {conflict.found}"
            uow.commit()
            return name

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(write, ["first", "second"]))

    lost = "lost: 0 became 1"
    assert outcomes.count(lost) == 1
    with store.reading() as uow:
        assert [event.id for event in uow.records.load(PATIENT.id)] == [o for o in outcomes if o != lost]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_writer_on_sqlite_reads_only_when_its_turn_has_come(store: Store, backend: Backend) -> None:
    furnish(store)
    begun = threading.Event()

    def second() -> int:
        begun.set()
        return record_one(store, "second", tries=1)

    with ThreadPoolExecutor(1) as pool:
        with writing(store) as uow:
            waiting = pool.submit(second)
            assert begun.wait(30)
            uow.records.append(PATIENT.id, received([numbered("first", 1)]), expected=0)
        assert waiting.result(30) == 0

    with store.reading() as uow:
        assert [event.id for event in uow.records.load(PATIENT.id)] == ["first", "second"]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_two_entries_of_an_audit_chain_wait_for_each_other(database: Database, backend: Backend) -> None:
    store = SqlStore(database)

    def append() -> None:
        with store.writing() as uow:
            uow.audit.append("tokens", ENTRY)
            uow.commit()

    with ThreadPoolExecutor(1) as pool, store.writing() as uow:
        uow.audit.append("tokens", ENTRY)
        second = pool.submit(append)
        until_somebody_waits(database)
        uow.commit()
        second.result(30)

    with store.reading() as uow:
        chain = uow.audit.chain("tokens")
    assert [link.number for link in chain] == [1, 2]
    assert broken_at(chain) is None


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_who_holds_a_patient_lets_nobody_else_write(database: Database, backend: Backend) -> None:
    store = furnish(SqlStore(database))

    def second() -> int:
        with store.writing() as uow:
            patient = uow.patients.hold(PATIENT.id)
            assert patient is not None
            return patient.revision

    with ThreadPoolExecutor(1) as pool, store.writing() as uow:
        assert uow.patients.hold(PATIENT.id) is not None
        waiting = pool.submit(second)
        until_somebody_waits(database)
        uow.records.append(PATIENT.id, received([numbered("first", 1)]), expected=0)
        uow.commit()
        assert waiting.result(30) == 1


def until_somebody_waits(database: Database) -> None:
    """Return as soon as a transaction waits for a lock that another one holds."""
    for _ in range(600):
        with database.reader.connect() as connection:
            if connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar():
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")

"""Sealing: whoever seals at the same time, and whoever looks, nothing is sealed twice and nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from engine.core.kept import AuditEntry, Author
from engine.core.sealing import SEALS, broken_at
from engine.ports import Store, UnitOfWork
from engine.services.inspecting import inspected
from engine.services.sealing import seal
from engine.store.database import Database
from engine.store.unit_of_work import SqlStore
from engine.store.writers import writer_for
from tests.databases import Backend
from tests.services.auditing import Seals
from tests.stores.kit import NOW, PATIENT, furnish, writing

READ = AuditEntry(NOW, Author("viewer"), "read", {})


def look(uow: UnitOfWork) -> None:
    uow.audit.append(PATIENT.id, READ)


def sealed(uow: UnitOfWork) -> int:
    made = seal(uow, Seals(), NOW)
    return 0 if made is None else made.number


def test_many_that_look_and_seal_at_once_leave_one_chain_and_no_gaps(database: Database) -> None:
    """Two writers, as two processes have; whoever comes second has nothing to seal, or what grew since."""
    store = SqlStore(database)
    furnish(store)
    with (
        closing(writer_for(store)) as first,
        closing(writer_for(SqlStore(database))) as second,
        ThreadPoolExecutor(8) as pool,
    ):
        looking = [pool.submit((first, second)[n % 2].run, look) for n in range(60)]
        sealing = [pool.submit((first, second)[n % 2].run, sealed) for n in range(20)]
        for each in looking:
            each.result()
        numbers = [each.result() for each in sealing]
        numbers.append(first.run(sealed))

    made = sorted(number for number in numbers if number)
    assert made == list(range(1, len(made) + 1))
    with store.reading() as uow:
        chain = uow.audit.chain(PATIENT.id)
        assert len(chain) == 60
        assert broken_at(chain) is None
        assert uow.seals.waiting(PATIENT.id) == 0
        assert len(uow.audit.chain(SEALS)) == len(made)
    faults = [str(fault) for piece in inspected(store, Seals()) for fault in piece.faults]
    assert faults == [f"{patient} 1: the whole chain of a patient is gone" for patient in chainless(store)]


def chainless(store: Store) -> tuple[str, ...]:
    """Patients the kit put in without an entry."""
    with store.reading() as uow:
        return uow.audit.missing()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)  # on SQLite a writer holds everything
def test_what_another_one_is_sealing_is_left_to_it(database: Database, backend: Backend) -> None:
    store = SqlStore(database)
    furnish(store)
    with writing(store) as uow:
        look(uow)
    with store.writing() as one:
        assert sealed(one) == 1
        with store.writing() as other:
            assert sealed(other) == 0
        one.commit()


def test_an_entry_that_comes_while_its_chain_is_sealed_is_sealed_next(store: Store) -> None:
    furnish(store)
    with writing(store) as uow:
        look(uow)
        assert sealed(uow) == 1
        look(uow)
    with writing(store) as uow:
        assert sealed(uow) == 2
        (newest,) = uow.seals.newest()
    assert {head.chain: head.number for head in newest.heads} == {PATIENT.id: 2, SEALS: 1}
    with writing(store) as uow:
        assert sealed(uow) == 0


def test_sealing_costs_what_grew_not_what_there_is(store: Store) -> None:
    with writing(store) as uow:
        for number in range(300):
            uow.audit.append(f"chain {number}", READ)
        assert sealed(uow) == 1
        uow.audit.append("chain 7", READ)
    with store.reading() as uow:
        assert {head.chain for head in uow.seals.page(limit=1)[0].heads} == {f"chain {n}" for n in range(300)}
    with writing(store) as uow:
        assert {head.chain for head in uow.seals.grown()} == {"chain 7", SEALS}

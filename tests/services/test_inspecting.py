"""The audit cannot be changed unnoticed: whatever is done to one row is found where it was done."""

from dataclasses import replace

import pytest

from engine.core.kept import AuditEntry, AuditLink, Author
from engine.core.sealing import SEALS, linked
from engine.services.inspecting import inspected
from engine.store.database import Database
from engine.store.mapping import audit_row
from engine.store.unit_of_work import SqlStore
from tests.laws.world import told
from tests.services.auditing import Seals, behind_its_back, sealed
from tests.services.clinic import Clinic, Served
from tests.services.test_orders import accepted

COLUMNS = "chain, number, instant, credential_id, person_id, role, act, body, previous_hash, hash"


@pytest.fixture
def clinic(database: Database) -> Clinic:
    """Two patients with a story each; sealed twice, and a third time not yet."""
    case = told()["V01"]
    made = Clinic(SqlStore(database), Served({"pm-ild": case.pathway}))
    messages = list(accepted(case).values())
    newest = ""
    for _ in range(2):
        newest = made.patient()
        for message in messages[:3]:
            made.told(newest, message)
        assert sealed(made) is not None
    for message in messages[3:5]:
        made.told(newest, message)
    return made


@pytest.fixture
def patients(clinic: Clinic) -> list[str]:
    with clinic.store.reading() as uow:
        return [patient.id for patient in uow.patients.page("main")]


def faults(clinic: Clinic) -> list[str]:
    return [str(fault) for piece in inspected(clinic.store, Seals()) for fault in piece.faults]


def chain(clinic: Clinic, name: str) -> tuple[AuditLink, ...]:
    with clinic.store.reading() as uow:
        return uow.audit.chain(name)


def put(database: Database, link: AuditLink) -> None:
    """Write a link as it is, past everything."""
    behind_its_back(
        database,
        f"INSERT INTO audit ({COLUMNS}) VALUES (:{COLUMNS.replace(', ', ', :')})",
        **{**audit_row(link), "instant": link.entry.instant.strftime("%Y-%m-%d %H:%M:%S.%f")}
        if database.name == "sqlite"
        else audit_row(link),
    )


def test_what_nobody_touched_has_no_faults(clinic: Clinic) -> None:
    pieces = list(inspected(clinic.store, Seals()))

    assert [fault for piece in pieces for fault in piece.faults] == []
    assert sum(piece.seals for piece in pieces) == 2
    assert sum(piece.entries for piece in pieces) == 2 * 4 + 2 + 2


def test_every_entry_changed_in_any_column_is_found_where_it_is(
    clinic: Clinic, database: Database, patients: list[str]
) -> None:
    for name in (*patients, SEALS):
        for link in chain(clinic, name):
            where = "WHERE chain = :chain AND number = :number"
            key = {"chain": name, "number": link.number}
            row = audit_row(link)
            for column, value in {
                "role": "admin", "person_id": "p9", "act": "sing", "body": '{"events":[]}',
                "previous_hash": "0" * 64, "hash": "1" * 64,
            }.items():  # fmt: skip
                assert (
                    behind_its_back(database, f"UPDATE audit SET {column} = :v {where}", v=value, **key) == 1
                )
                found = faults(clinic)
                assert any(fault.startswith(f"{name} {link.number}: ") for fault in found), (column, found)
                assert (
                    behind_its_back(database, f"UPDATE audit SET {column} = :v {where}", v=row[column], **key)
                    == 1
                )
    assert faults(clinic) == []


def test_every_entry_taken_out_is_missed_where_it_was(
    clinic: Clinic, database: Database, patients: list[str]
) -> None:
    for name in (*patients, SEALS):
        for link in chain(clinic, name):
            key = {"chain": name, "number": link.number}
            behind_its_back(database, "DELETE FROM audit WHERE chain = :chain AND number = :number", **key)
            found = faults(clinic)
            assert any(fault.startswith(f"{name} {link.number}: ") for fault in found), found
            put(database, link)
    assert faults(clinic) == []


def test_the_end_of_a_chain_and_a_whole_chain_are_missed(
    clinic: Clinic, database: Database, patients: list[str]
) -> None:
    first, second = patients
    behind_its_back(database, "DELETE FROM audit WHERE chain = :chain AND number > 2", chain=first)
    behind_its_back(database, "DELETE FROM audit WHERE chain = :chain", chain=second)

    found = faults(clinic)
    assert f"{first} 4: is gone, or another than the one seal 1 covers" in found
    assert f"{second} 4: is gone, or another than the one seal 2 covers" in found
    assert f"{second} 1: the whole chain of a patient is gone" in found


def test_an_entry_put_in_is_found_though_its_hash_is_right(
    clinic: Clinic, database: Database, patients: list[str]
) -> None:
    for name in (*patients, SEALS, "made up"):
        links = chain(clinic, name)
        entry = AuditEntry(clinic.clock.now(), Author("clinician"), "read", {})
        put(database, linked(name, len(links) + 1, entry, links[-1].hash if links else ""))
        found = faults(clinic)
        place = ("seal" if name == SEALS else name, len(links) + 1)
        assert any(fault.startswith("{} {}: ".format(*place)) for fault in found), found
        behind_its_back(
            database, "DELETE FROM audit WHERE chain = :c AND number = :n", c=name, n=len(links) + 1
        )
    assert faults(clinic) == []


SEAL_CHANGES = [
    ("UPDATE seal SET heads = '[]' WHERE number = :n", "was changed"),
    ("UPDATE seal SET heads = 'x' WHERE number = :n", "was changed"),
    ("UPDATE seal SET hash = 'x' WHERE number = :n", "was changed"),
    ("UPDATE seal SET previous_hash = 'x' WHERE number = :n", "was changed"),
    ("UPDATE seal SET signature = 'x' WHERE number = :n", "no signature by a known key"),
    ("DELETE FROM seal WHERE number = :n", "is gone"),
    (
        "INSERT INTO seal SELECT number + 2, instant, heads, previous_hash, hash, signature "
        "FROM seal WHERE number = :n",
        "",
    ),
]


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize(("statement", "says"), SEAL_CHANGES)
def test_a_seal_changed_taken_out_or_put_in_is_found_where_it_is(
    clinic: Clinic, database: Database, statement: str, says: str, number: int
) -> None:
    assert behind_its_back(database, statement, n=number) == 1

    place = number + 2 if statement.startswith("INSERT") else number
    assert any(f.startswith(f"seal {place}: ") and says in f for f in faults(clinic)), faults(clinic)


def test_an_event_nobody_accounts_for_and_one_that_is_gone_are_found(
    clinic: Clinic, database: Database, patients: list[str]
) -> None:
    with clinic.store.reading() as uow:
        ids = [event for event, *_ in uow.records.senders(patients[0])]
    of = "WHERE patient_id = :patient AND event_id = :event"
    behind_its_back(database, f"UPDATE event SET role = 'viewer' {of}", patient=patients[0], event=ids[0])
    behind_its_back(database, f"UPDATE event SET event_id = 'new' {of}", patient=patients[0], event=ids[1])

    assert faults(clinic) == [
        f"{patients[0]} 2: the event {ids[0]!r} has another sender or time of receipt",
        f"{patients[0]} 4: no entry names the event 'new'",
        f"{patients[0]} 3: the event {ids[1]!r} it names is gone",
    ]


def test_a_seal_covers_what_grew_and_nothing_is_sealed_twice(clinic: Clinic, patients: list[str]) -> None:
    assert (sealed(clinic), sealed(clinic)) == (3, None)

    with clinic.store.reading() as uow:
        first, second, third = uow.seals.page(limit=10)
        assert [head.chain for head in first.heads] == [patients[0]]
        assert [head.chain for head in second.heads] == sorted([patients[1], SEALS])
        assert {head.chain: head.number for head in third.heads} == {patients[1]: 6, SEALS: 2}
        assert (second.previous_hash, third.previous_hash) == (first.hash, second.hash)
        assert uow.seals.newest() == (third,)
        assert uow.seals.covering(patients[1], 4) == second
        assert uow.seals.covering(patients[1], 5) == third
        assert uow.seals.covering(patients[1], 7) is None


def test_the_seal_of_somebody_elses_key_is_not_ours(clinic: Clinic) -> None:
    class Others(Seals):
        def sign(self, text: str) -> str:
            return f"by others {text}"

    found = [f for piece in inspected(clinic.store, Others()) for f in piece.faults]
    assert [(f.place, f.number) for f in found] == [("seal", 1), ("seal", 2)]
    assert replace(found[0], number=2) == found[1]

"""The patients' records in the database: only ever added to, in order, once each, by whoever came first."""

import contextlib
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from engine.core.channels import Channel
from engine.core.dispatches import Dispatch
from engine.core.events import Record, Vaccination
from engine.core.kept import Identifier, Patient
from engine.errors import ConcurrencyConflict, EventIdReused, IdentifierInUse, NotFound, StoreFault
from engine.ports import Store
from engine.store.database import Database
from engine.store.tables import APPEND_ONLY, METADATA
from tests.stores.kit import (
    ENROLMENT,
    NOW,
    OTHER,
    PATHWAY,
    PATIENT,
    TODAY,
    concerning,
    events,
    furnish,
    received,
    writing,
)


@pytest.fixture(autouse=True)
def furnished(store: Store) -> None:
    furnish(store)


def append_all(store: Store) -> None:
    with writing(store) as uow:
        uow.records.append(PATIENT.id, received(events()), expected=0)


def test_a_record_comes_back_as_it_went_in(store: Store) -> None:
    append_all(store)

    with store.reading() as uow:
        assert uow.records.load(PATIENT.id) == Record(events())
        assert uow.records.receipts(PATIENT.id) == tuple(received(events()))
        assert uow.records.load(OTHER.id) == Record()


def test_a_pathway_sees_its_own_events_and_those_of_the_patient(store: Store) -> None:
    first, second, third, *_ = events()
    with writing(store) as uow:
        uow.records.append(PATIENT.id, received([concerning("pm-ild", first)]), expected=0)
        uow.records.append(PATIENT.id, received([concerning(None, second)]), expected=1)
        uow.records.append(PATIENT.id, received([concerning("other", third)]), expected=2)

    with store.reading() as uow:
        assert [e.id for e in uow.records.load(PATIENT.id, "pm-ild")] == [first.id, second.id]
        assert [e.id for e in uow.records.load(PATIENT.id, "other")] == [second.id, third.id]
        assert len(uow.records.load(PATIENT.id)) == 3


def test_the_revision_grows_by_one_with_every_write_and_the_sequence_with_every_event(store: Store) -> None:
    first, second, third, *_ = events()
    with writing(store) as uow:
        assert uow.records.append(PATIENT.id, received([first, second]), expected=0).revision == 1
        assert uow.patients.advance(PATIENT.id, 1) == 2
        assert uow.records.append(PATIENT.id, received([third]), expected=2).revision == 3
        assert uow.patients.advance(PATIENT.id, 3, reminding=True) == 4

    with store.reading() as uow:
        assert uow.patients.get(PATIENT.id) == replace(PATIENT, revision=4, basis=3, last_sequence=3)


def test_an_event_sent_again_is_stored_once(store: Store) -> None:
    first, second, *_ = events()
    again = replace(second, stamp=replace(second.stamp, sequence=9))
    with writing(store) as uow:
        uow.records.append(PATIENT.id, received([first, second]), expected=0)

    with writing(store) as uow:
        appended = uow.records.append(PATIENT.id, received([again]), expected=0)  # even on an old revision

    assert appended.revision == 0
    assert appended.receipts == tuple(received([second]))
    assert appended.repeated == {second.id}
    with store.reading() as uow:
        assert len(uow.records.load(PATIENT.id)) == 2


def test_new_events_are_stored_beside_repeated_ones(store: Store) -> None:
    first, second, third, *_ = events()
    with writing(store) as uow:
        uow.records.append(PATIENT.id, received([first]), expected=0)
        late = replace(first, stamp=replace(first.stamp, sequence=2))
        moved = [replace(e, stamp=replace(e.stamp, sequence=n)) for n, e in ((3, second), (4, third))]
        appended = uow.records.append(PATIENT.id, received([late, *moved, moved[0]]), expected=1)

    assert [r.event.stamp.sequence for r in appended.receipts] == [1, 3, 4, 3]
    assert appended.repeated == {first.id, second.id}
    with store.reading() as uow:
        patient = uow.patients.get(PATIENT.id)
        assert patient is not None
        assert patient.last_sequence == 4


def test_an_id_with_other_content_is_refused_and_nothing_is_stored(store: Store) -> None:
    first, second, *_ = events()
    with writing(store) as uow:
        uow.records.append(PATIENT.id, received([first]), expected=0)

    other = replace(second, id=first.id)
    with pytest.raises(EventIdReused), store.writing() as uow:
        uow.records.append(PATIENT.id, received([second, other]), expected=1)
    with pytest.raises(EventIdReused), store.writing() as uow:
        uow.records.append(PATIENT.id, received([concerning("another pathway", first)]), expected=1)

    with store.reading() as uow:
        assert len(uow.records.load(PATIENT.id)) == 1


def test_two_patients_may_have_events_with_one_id(store: Store) -> None:
    first, *_ = events()
    with writing(store) as uow:
        uow.records.append(PATIENT.id, received([first]), expected=0)
        uow.records.append(OTHER.id, received([first]), expected=0)

    with store.reading() as uow:
        assert uow.records.load(PATIENT.id) == uow.records.load(OTHER.id) == Record((first,))


def test_a_write_on_an_old_revision_is_refused(store: Store) -> None:
    first, second, *_ = events()
    with writing(store) as uow:
        uow.records.append(PATIENT.id, received([first]), expected=0)

    with pytest.raises(ConcurrencyConflict, match="was 0 and is now 1") as refused, store.writing() as uow:
        uow.records.append(PATIENT.id, received([second]), expected=0)
    with pytest.raises(ConcurrencyConflict), store.writing() as uow:
        uow.patients.advance(PATIENT.id, 7)

    assert (refused.value.expected, refused.value.found) == (0, 1)
    with store.reading() as uow:
        assert len(uow.records.load(PATIENT.id)) == 1


def test_a_patient_nobody_knows_is_not_found(store: Store) -> None:
    with store.writing() as uow:
        assert uow.patients.get("nobody") is None
        assert uow.records.find("nobody", "enrol") is None
        with pytest.raises(NotFound):
            uow.records.append("nobody", received(events()[:1]), expected=0)
        with pytest.raises(NotFound):
            uow.patients.advance("nobody", 0)


def test_events_are_read_page_by_page_and_one_by_one(store: Store) -> None:
    append_all(store)

    with store.reading() as uow:
        assert [r.event.stamp.sequence for r in uow.records.receipts(PATIENT.id, after=3, limit=2)] == [4, 5]
        found = uow.records.find(PATIENT.id, "correct")
        assert found is not None
        assert found.event.id == "correct"
        assert uow.records.find(PATIENT.id, "unknown") is None


ROWS = {
    "event": None,  # there by `append_all`
    "audit": {"chain": PATIENT.id, "number": 1, "instant": NOW, "role": "r", "act": "a"}
    | {"body": "{}", "previous_hash": "", "hash": ""},
    "seal": {"number": 1, "instant": NOW, "heads": "{}", "previous_hash": "", "hash": "", "signature": ""},
    "team_post": {"patient_id": PATIENT.id, "number": 1, "post": "coordinator", "since": NOW},
    "work_note": {"patient_id": PATIENT.id, "number": 1, "pathway": PATHWAY, "kind": "action"}
    | {"subject": "a", "opened_on": TODAY, "note": "owner", "instant": NOW},
    "delivery": {"patient_id": PATIENT.id, "pathway": PATHWAY, "kind": "review", "subject": "pft"}
    | {"due": TODAY, "step": "due", "recipient": "p1", "created": NOW, "notice": "n1"},
    "site_ladder": {"site": PATIENT.site, "pathway": PATHWAY, "number": 1, "since": TODAY, "change": "{}"}
    | {"author_id": None, "reason": "why", "created": NOW},
    "attempt": {"dispatch_id": "d1", "number": 1, "instant": NOW, "outcome": "250"},
}


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_the_database_itself_refuses_to_change_what_was_stored(
    store: Store, database: Database, table: str, change: str
) -> None:
    append_all(store)
    hook = Channel("c1", PATIENT.site, "webhook", "https://example.org", "", NOW)
    with writing(store) as uow:
        uow.enrolments.save(ENROLMENT)
        uow.channels.add(hook)
        uow.dispatches.add(Dispatch("d1", hook.id, "outbox/1", NOW, urgent=False, next_at=NOW))
    with database.writer.begin() as connection:
        if row := ROWS[table]:
            connection.execute(insert(METADATA.tables[table]), row)

    column = METADATA.tables[table].c[1].name
    with pytest.raises(DBAPIError, match="append-only"), database.writer.begin() as connection:
        connection.exec_driver_sql(change.format(table, column))
    way_round = {"sqlite": "INSERT OR REPLACE INTO {0} SELECT * FROM {0}", "postgresql": "TRUNCATE {0}"}
    with pytest.raises(DBAPIError, match="append-only"), database.writer.begin() as connection:
        connection.exec_driver_sql(way_round[database.name].format(table))

    with store.reading() as uow:
        assert uow.records.load(PATIENT.id) == Record(events())


def test_what_is_not_committed_is_taken_back(store: Store) -> None:
    with store.writing() as uow:
        uow.records.append(PATIENT.id, received(events()), expected=0)
    with contextlib.suppress(ZeroDivisionError), writing(store) as uow:
        uow.records.append(PATIENT.id, received(events()), expected=0)
        raise ZeroDivisionError

    with store.reading() as uow:
        assert uow.records.load(PATIENT.id) == Record()
        assert uow.patients.get(PATIENT.id) == PATIENT


def test_an_error_in_a_part_takes_back_that_part_alone(store: Store) -> None:
    first, second, *_ = events()
    with writing(store) as uow:
        with uow.savepoint():
            uow.records.append(PATIENT.id, received([first]), expected=0)
        with contextlib.suppress(ConcurrencyConflict), uow.savepoint():
            uow.records.append(OTHER.id, received([first]), expected=0)
            uow.records.append(PATIENT.id, received([second]), expected=0)
        with pytest.raises(StoreFault), uow.savepoint():
            uow.patients.add(PATIENT)

    with store.reading() as uow:
        assert uow.records.load(PATIENT.id) == Record((first,))
        assert uow.records.load(OTHER.id) == Record()


def test_what_the_database_refuses_leaves_without_the_values(store: Store) -> None:
    secret = replace(PATIENT, id="secret-patient", revision=-1)

    with pytest.raises(StoreFault) as refused, store.writing() as uow:
        uow.patients.add(secret)

    assert "secret-patient" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreFault), store.reading() as uow:
        uow.records.append(PATIENT.id, received(events()), expected=0)


def test_a_reader_sees_one_state_while_others_write(store: Store) -> None:
    with store.reading() as reader:
        before = reader.patients.get(PATIENT.id)
        append_all(store)
        assert reader.records.load(PATIENT.id) == Record()
        assert reader.patients.get(PATIENT.id) == before


def test_an_identifier_belongs_to_one_patient_of_a_site(store: Store) -> None:
    number = Identifier("urn:hospital:mrn", "4711")
    third = Patient("third", "north", NOW)
    with writing(store) as uow:
        uow.patients.add(third, [number, Identifier("urn:insurance", "A 1")])

    with pytest.raises(IdentifierInUse) as refused, store.writing() as uow:
        uow.patients.add(Patient("fourth", "north", NOW), [number])

    assert "4711" not in str(refused.value)
    with store.reading() as uow:
        assert uow.patients.identified("north", number) == third
        assert uow.patients.identified("south", number) is None
        assert uow.patients.identified("north", Identifier("urn:insurance", "4711")) is None
        assert uow.patients.identifiers("third") == (number, Identifier("urn:insurance", "A 1"))
        assert uow.patients.get("fourth") is None


def test_patients_are_listed_page_by_page_within_a_site(store: Store) -> None:
    with store.reading() as uow:
        assert uow.patients.page("north", limit=1) == (PATIENT,)
        assert uow.patients.page("north", after=PATIENT.id) == (OTHER,)
        assert uow.patients.page("north", after=OTHER.id) == ()
        assert uow.patients.page("south") == ()


def test_patients_are_found_by_where_they_stand(store: Store) -> None:
    at, state = ENROLMENT.pathway, "monitor"
    here = replace(ENROLMENT, state=state, since=TODAY)
    with store.writing() as uow:
        uow.enrolments.save(replace(here, status="paused"))
        uow.enrolments.save(replace(here, patient=OTHER.id, status="closed"))
        uow.commit()
    with store.reading() as uow:
        standing = uow.patients.standing
        assert standing("north", at) == standing("north", at, state) == (PATIENT,)
        assert standing("north", at, status="paused") == standing("north", at, state, "paused") == (PATIENT,)
        assert standing("north", at, status="closed") == (OTHER,)
        assert standing("north", at, status="active") == standing("north", at, "other") == ()
        assert (
            standing("north", at, after=PATIENT.id) == standing("south", at) == standing("north", "x") == ()
        )


def test_instants_keep_their_microseconds_and_their_zone(store: Store) -> None:
    first, *_ = events()
    exact = replace(
        first, stamp=replace(first.stamp, instant=NOW), body=Vaccination(vaccine="flu"), type="vax"
    )
    with writing(store) as uow:
        uow.records.append(PATIENT.id, received([exact]), expected=0)

    with store.reading() as uow:
        (event,) = uow.records.load(PATIENT.id)
    assert event.stamp.instant == NOW
    assert event.stamp.instant.utcoffset() == NOW.utcoffset()
    assert type(event.effective) is date

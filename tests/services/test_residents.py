"""Patients at hand make events cheap; whether one is at hand changes no answer."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from engine.core.events import Record
from engine.core.kept import Receipt
from engine.errors import EventIdReused, MessageRefused, RevisionStale
from engine.ports import Store, UnitOfWork
from engine.services.importing import Importer, Row
from engine.services.residents import Residents
from tests.laws.world import pathway, told
from tests.services.clinic import CLINICIAN, Clinic, Served
from tests.services.test_orders import accepted, kept_as
from tests.stores.kit import writing

ENROL = {
    "id": "enrol",
    "type": "enrol",
    "effective": "2024-01-08",
    "iim_dx": "PM",
    "ild_confirmed": True,
    "sex": "male",
    "birth_date": "1970-01-01",
}
MMF = {"id": "mmf", "type": "med", "effective": "2024-01-08", "drug": "mmf", "op": "start"}
SPO2 = {
    "id": "spo2",
    "type": "obs",
    "effective": "2024-01-08",
    "obs": [{"item": "spo2_rest", "value": 97, "unit": "%", "o2_flow": 0}],
}


class Nobody(Residents):
    """Never has anybody at hand."""

    def __init__(self) -> None:
        super().__init__(events=0)


def served() -> Served:
    return Served({"pm-ild": pathway()})


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return Clinic(store, served())


class Watched:
    """Counts the events a store is asked for."""

    def __init__(self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read = 0
        with clinic.store.reading() as uow:
            records = type(uow.records)
        original = records.receipts

        def receipts(records: object, *args: object, **keys: object) -> tuple[Receipt, ...]:
            found: tuple[Receipt, ...] = original(records, *args, **keys)  # type: ignore[arg-type]
            self.read += len(found)
            return found

        monkeypatch.setattr(records, "receipts", receipts)


def taken_back(clinic: Clinic, uow: UnitOfWork, patient: str, message: dict[str, Any]) -> None:
    """Record a message in a part of the transaction that fails afterwards."""
    with suppress(ZeroDivisionError), uow.savepoint():
        clinic.recorder.record(uow, patient, [message], CLINICIAN)
        raise ZeroDivisionError


def test_a_patient_at_hand_is_not_read_again(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    patient, watched = clinic.patient(), Watched(clinic, monkeypatch)
    clinic.send(patient, ENROL)
    clinic.send(patient, MMF)
    clinic.send(patient, SPO2)
    assert watched.read == 0


def test_what_others_stored_meanwhile_is_caught_up(clinic: Clinic) -> None:
    other = Clinic.__new__(Clinic)
    other.__dict__.update(clinic.__dict__)
    other.residents = Residents()
    other.recorder = replace(clinic.recorder, residents=other.residents)
    patient = clinic.patient()
    clinic.send(patient, ENROL)
    other.send(patient, MMF)
    clinic.send(patient, SPO2)
    other.send(patient, {**MMF, "id": "tac", "drug": "tac"})

    assert clinic.differences(patient) == ()


def test_a_refused_message_leaves_the_patient_at_hand_as_it_was(clinic: Clinic) -> None:
    patient = clinic.patient()
    clinic.send(patient, ENROL)
    with pytest.raises(MessageRefused):
        clinic.send(patient, {**MMF, "drug": "unheard of"})
    with pytest.raises(EventIdReused):
        clinic.send(patient, {**ENROL, "sex": "female"})
    with pytest.raises(RevisionStale):
        clinic.send(patient, MMF, expected=0)
    clinic.send(patient, MMF)

    assert clinic.differences(patient) == ()
    with clinic.store.reading() as uow:
        assert [e.id for e in uow.records.load(patient)] == ["enrol", "mmf"]


def test_what_was_taken_back_is_not_at_hand(clinic: Clinic) -> None:
    patient = clinic.patient()
    clinic.send(patient, ENROL)

    def never_committed(uow: UnitOfWork) -> None:
        clinic.recorder.record(uow, patient, [MMF], CLINICIAN)
        taken_back(clinic, uow, patient, SPO2)

    with clinic.store.writing() as uow:
        never_committed(uow)
    clinic.send(patient, {**SPO2, "id": "another"})

    assert clinic.differences(patient) == ()
    with clinic.store.reading() as uow:
        assert [e.id for e in uow.records.load(patient)] == ["enrol", "another"]


def test_a_part_that_was_taken_back_is_not_at_hand_though_the_rest_is_committed(clinic: Clinic) -> None:
    patient = clinic.patient()
    with writing(clinic.store) as uow:
        clinic.recorder.record(uow, patient, [ENROL], CLINICIAN)
        taken_back(clinic, uow, patient, MMF)
        clinic.recorder.record(uow, patient, [SPO2], CLINICIAN)
    clinic.send(patient, {**SPO2, "id": "another"})

    assert clinic.differences(patient) == ()
    with clinic.store.reading() as uow:
        assert [e.id for e in uow.records.load(patient)] == ["enrol", "spo2", "another"]


@pytest.mark.parametrize("story", ["V03", "V06", "V12"])
def test_with_and_without_anybody_at_hand_the_same_is_kept(store: Store, story: str) -> None:
    case = told()[story]
    clinics = [Clinic(store, Served({"pm-ild": case.pathway}))]
    clinics.append(Clinic(store, clinics[0].served, residents=Nobody()))
    clinics[1].chance.number = 1000
    kept = []
    for clinic in clinics:
        patient = clinic.patient()
        for message in accepted(case).values():
            clinic.told(patient, message)
        kept.append(kept_as(*clinic.kept(patient)))
    assert kept[0] == kept[1]


def test_the_least_recently_used_patients_go_first(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic.recorder = replace(clinic.recorder, residents=Residents(events=3))
    first, second = clinic.patient(), clinic.patient()
    for patient in (first, second):
        clinic.send(patient, ENROL)
        clinic.send(patient, MMF)
    watched = Watched(clinic, monkeypatch)

    clinic.send(second, SPO2)
    assert watched.read == 0
    clinic.send(first, SPO2)
    assert watched.read == 2


def test_an_import_keeps_nobody_at_hand(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = clinic.patient()
    importer = Importer(clinic.recorder, clinic.chance, CLINICIAN)
    with writing(clinic.store) as uow:
        importer.take(uow, [Row(1, ENROL), Row(2, MMF)], patient=patient)
    watched = Watched(clinic, monkeypatch)

    clinic.send(patient, SPO2)

    assert watched.read == 2


def test_two_pathways_share_the_record_and_nothing_else(store: Store) -> None:
    one = pathway()
    another = replace(one, definition=one.definition.model_copy(update={"id": "another"}))
    clinic = Clinic(store, Served({"pm-ild": one, "another": another}))
    patient = clinic.patient()
    clinic.send(patient, {**ENROL, "pathway": "pm-ild"})
    clinic.send(patient, {**ENROL, "id": "second", "pathway": "another"})
    changed = clinic.send(patient, SPO2).changes
    clinic.send(patient, {"id": "moved", "type": "override", "effective": "2024-01-08", "pathway": "another",
                          "to": "monitor", "reason": "seen elsewhere"})  # fmt: skip

    assert [c.enrolment.pathway for c in changed] == ["another", "pm-ild"]
    assert clinic.kept(patient, "pm-ild")[0].state == "assess"
    assert clinic.kept(patient, "another")[0].state == "monitor"
    assert clinic.differences(patient, "pm-ild") == clinic.differences(patient, "another") == ()
    with clinic.store.reading() as uow:
        record: Record = uow.records.load(patient)
        assert [e.id for e in record.of("another")] == ["second", "spo2", "moved"]

    with pytest.raises(MessageRefused, match="already enrolled in another"):
        clinic.send(patient, {**ENROL, "id": "third", "pathway": "another"})
    with pytest.raises(MessageRefused, match="`pathway` is needed: one of another, pm-ild"):
        clinic.send(patient, {"id": "p", "type": "admin", "effective": "2024-01-08", "op": "pause"})


def test_an_enrolment_that_is_retracted_stands_nowhere(clinic: Clinic) -> None:
    patient = clinic.patient()
    clinic.send(patient, ENROL)
    clinic.send(patient, {"id": "no", "type": "retract", "effective": "2024-01-08", "target": "enrol"})

    enrolment, kept = clinic.kept(patient)
    assert (enrolment.status, enrolment.state, enrolment.since) == (None, None, None)
    assert (kept.holding, kept.actions, kept.reviews) == ((), (), ())


def test_an_enrolment_of_tomorrow_begins_tomorrow(clinic: Clinic) -> None:
    patient, tomorrow = clinic.patient(), date(2024, 1, 9)
    clinic.send(patient, {**ENROL, "effective": str(tomorrow)})
    assert clinic.kept(patient)[0].state is None
    assert clinic.kept(patient)[0].revisit_on == tomorrow

    clinic.clock.to(tomorrow + timedelta(days=1))
    clinic.refresh(patient)
    assert clinic.kept(patient)[0].state == "assess"
    assert clinic.differences(patient) == ()

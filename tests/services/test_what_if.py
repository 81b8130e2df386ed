"""What is supposed is not written, and recording it makes exactly the difference that was told."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from engine.core.contrast import contrast
from engine.core.difference import difference
from engine.core.evaluate import evaluate
from engine.core.events import Record
from engine.core.site_ladders import LadderChange
from engine.core.what_if import what_if_view
from engine.errors import EventIdReused, MessageRefused, NotFound
from engine.services.access import OPERATOR
from engine.services.ladders import change_ladder
from engine.services.patients import Sender
from engine.services.recording import Recorded
from engine.services.supposing import Supposed, what_if
from engine.store.database import Database
from engine.store.unit_of_work import SqlStore
from tests.laws.test_what_if import Supposal, refused, supposals
from tests.laws.world import Message, library, pathway
from tests.services.clinic import CLINICIAN, Clinic, Counted, Served
from tests.services.test_residents import ENROL, MMF, SPO2
from tests.stores.contents import contents
from tests.stores.kit import writing

COORDINATOR = Sender("coordinator", "main")
FEW, MANY = 10, 200
"""Patients made up for each database: with every other test, and when proving."""


def supposed(
    clinic: Clinic,
    patient: str,
    messages: Sequence[Message],
    by: Sender = CLINICIAN,
    as_of: date | None = None,
) -> Supposed:
    with clinic.store.reading() as uow:
        return what_if(uow, clinic.recorder, patient, "pm-ild", messages, by, as_of=as_of, at="/events")


def recorded(clinic: Clinic, patient: str, messages: Sequence[Message], by: Sender = CLINICIAN) -> Recorded:
    with writing(clinic.store) as uow:
        return clinic.recorder.record(uow, patient, messages, by, at="/events")


@pytest.mark.prove
def test_recording_makes_the_difference_that_was_told_and_telling_writes_nothing(
    database: Database, *, proving: bool
) -> None:
    store, chance = SqlStore(database), Counted()
    seen = {"alike": 0, "different": 0, "refused": 0}

    @settings(max_examples=MANY if proving else FEW)
    @given(supposals())
    def law(supposal: Supposal) -> None:
        clinic = Clinic(store, Served({"pm-ild": supposal.case.pathway}))
        clinic.chance = chance
        patient = clinic.patient()
        for message in supposal.recorded:
            with suppress(MessageRefused, EventIdReused):
                clinic.told(patient, message)
        clinic.clock.to(supposal.today)
        with suppress(NotFound):
            clinic.refresh(patient)
        seen[compared(Asking(clinic, patient, database), supposal)] += 1

    law()
    assert seen["different"] > 1, seen


@dataclass(frozen=True)
class Asking:
    """Somebody who asks about one patient, and makes sure each time that nothing was written."""

    clinic: Clinic
    patient: str
    database: Database

    def suppose(self, supposal: Supposal, as_of: date | None = None) -> Supposed:
        """Ask where reading alone is possible, and again where anything written would be kept."""
        held, by = contents(self.database), sender(supposal)
        try:
            with writing(self.clinic.store) as uow:
                what_if(uow, self.clinic.recorder, self.patient, "pm-ild", supposal.bodies, by, at="/events")
            return supposed(self.clinic, self.patient, supposal.bodies, by, as_of)
        finally:
            assert contents(self.database) == held

    def record(self, supposal: Supposal) -> Recorded:
        return recorded(self.clinic, self.patient, supposal.bodies, sender(supposal))

    def possible(self, supposal: Supposal) -> Supposal | None:
        """Leave out what is refused, which recording has to refuse alike; None when nothing can be told."""
        try:
            self.suppose(supposal)
        except MessageRefused as error:
            problems = error.problems
        except NotFound:
            assert self.record(supposal).changes == ()
            return None
        else:
            return supposal
        with pytest.raises(MessageRefused) as again:
            self.record(supposal)
        assert again.value.problems == problems
        rest = supposal.without(refused(problems))
        return None if rest is None else self.possible(rest)


def sender(supposal: Supposal) -> Sender:
    return Sender(supposal.role, "main")


def compared(asking: Asking, supposal: Supposal) -> str:
    """Suppose and record; return what came of it."""
    clinic, patient, left = asking.clinic, asking.patient, asking.possible(supposal)
    if left is None:
        return "refused"
    found, of_that_day = asking.suppose(left), asking.suppose(left, left.as_of)
    with clinic.store.reading() as uow:
        record = uow.records.load(patient)
    came = asking.record(left)
    assert came.taken == found.found.taken
    agree(clinic, patient, record, found)
    agree(clinic, patient, record, of_that_day)
    for change in came.changes:
        steps = [(s.effective, s.transition, s.target) for s in change.added]
        assert steps == [(s.day, s.transition, s.target) for s in found.found.difference.brought]
        assert len(change.superseded) == len(found.found.difference.withdrawn)
    assert clinic.differences(patient) == ()
    return "different" if found.found.difference else "alike"


def agree(clinic: Clinic, patient: str, before: Record, told: Supposed) -> None:
    """Make sure that what was told is how the patient now differs from the patient before."""
    sources, was = library().sources("pm-ild"), told.found.difference.before
    with clinic.store.reading() as uow:
        now = clinic.asker.state(uow, patient, "pm-ild", CLINICIAN, as_of=was.as_of).evaluation
    real = difference(evaluate(was.pathway, before, was.as_of), now)
    assert what_if_view(told.found, sources).difference == contrast(real, sources)


@pytest.fixture
def clinic(database: Database) -> Clinic:
    return Clinic(SqlStore(database), Served({"pm-ild": pathway()}))


def test_a_patient_who_is_not_enrolled_may_be_supposed_to_be(clinic: Clinic) -> None:
    patient = clinic.patient()
    with pytest.raises(NotFound, match="enrolment"):
        supposed(clinic, patient, [SPO2])
    found = supposed(clinic, patient, [ENROL, SPO2]).found
    assert found.difference.before.position is None
    shown = what_if_view(found, library().sources("pm-ild"))
    assert shown.sentence.startswith("As of 2024-01-08: not on the pathway; with these 2 events: ")

    assert recorded(clinic, patient, [ENROL, SPO2]).taken == found.taken
    assert clinic.kept(patient)[0].state == found.difference.after.position.state  # type: ignore[union-attr]


def test_a_value_nobody_believes_waits_and_what_is_known_already_changes_nothing(clinic: Clinic) -> None:
    patient = clinic.patient()
    clinic.send(patient, ENROL)
    doubtful = {**SPO2, "id": "doubt", "obs": [{"item": "spo2_rest", "value": 58, "unit": "%", "o2_flow": 0}]}
    found = supposed(clinic, patient, [doubtful, ENROL]).found
    assert [one.result for one in found.taken] == ["quarantined", "duplicate"]
    told = what_if_view(found, library().sources("pm-ild")).sentence
    assert told.endswith("1 event would wait for verification. 1 event is recorded already.")
    assert recorded(clinic, patient, [doubtful, ENROL]).taken == found.taken

    again = supposed(clinic, patient, [ENROL]).found
    assert not again.difference
    assert what_if_view(again, library().sources("pm-ild")).sentence == (
        "As of 2024-01-08: assessment; with this event: assessment. Nothing would differ. "
        "1 event is recorded already."
    )


def test_a_later_event_may_amend_one_supposed_before_it(clinic: Clinic) -> None:
    patient = clinic.patient()
    clinic.send(patient, ENROL)
    retraction = {"id": "no", "type": "retract", "effective": "2024-01-08", "target": "mmf"}
    assert supposed(clinic, patient, [MMF]).found.difference
    assert not supposed(clinic, patient, [MMF, retraction]).found.difference
    with pytest.raises(MessageRefused) as refusal:
        supposed(clinic, patient, [retraction])
    assert [(p.pointer, p.code) for p in refusal.value.problems] == [("/events/0/target", "unknown-target")]


def test_who_could_not_record_is_not_answered(clinic: Clinic) -> None:
    patient = clinic.patient()
    clinic.send(patient, ENROL)
    opened = Sender("clinician", "south", opened=frozenset({patient}))
    with clinic.store.reading() as uow:
        assert clinic.asker.state(uow, patient, "pm-ild", opened).evaluation.position
    for call in (supposed, recorded):
        with pytest.raises(NotFound, match="patient"):
            call(clinic, patient, [SPO2], opened)


def test_a_site_reminds_at_its_own_distances_here_too(clinic: Clinic) -> None:
    patient, rules = clinic.patient(), pathway().definition
    change = LadderChange.model_validate({"reviews": {"reminder": {"short": -2}}})
    with writing(clinic.store) as uow:
        change_ladder(uow, "main", rules, change, "nobody is booked sooner", by=OPERATOR, clock=clinic.clock)
    found = []
    for day in (date(2024, 1, 8), date(2024, 1, 9)):
        clinic.clock.to(day)
        told = supposed(clinic, patient, [ENROL, MMF]).found.difference
        due = {review.id: review.due for review in told.after.reviews}
        found.append({due[r.subject] - r.on for r in told.added if r.step == "reminder"})
    assert found == [{timedelta(days=1)}, {timedelta(days=2)}]


def test_what_other_pathways_hold_counts_at_the_door(database: Database) -> None:
    one = pathway()
    another = replace(one, definition=one.definition.model_copy(update={"id": "another"}))
    clinic = Clinic(SqlStore(database), Served({"pm-ild": one, "another": another}))
    patient = clinic.patient()
    clinic.send(patient, {**ENROL, "pathway": "pm-ild"})
    clinic.send(patient, {**ENROL, "id": "second", "pathway": "another"})
    pause = {"id": "p", "type": "admin", "effective": "2024-01-08", "op": "pause", "pathway": "another"}
    assert not supposed(clinic, patient, [pause]).found.difference
    for message, by in (({**MMF, "id": "second"}, CLINICIAN), ({**pause, "op": "close"}, COORDINATOR)):
        with pytest.raises(MessageRefused) as asked:
            supposed(clinic, patient, [message], by)
        with pytest.raises(MessageRefused) as sent:
            recorded(clinic, patient, [message], by)
        assert asked.value.problems == sent.value.problems

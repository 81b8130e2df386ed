"""Differences and what is responsible for them: told whole, told once, and in words a clinician reads."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.core.comparison import ComparisonView, comparison
from engine.core.contrast import DifferenceView, contrast
from engine.core.difference import difference
from engine.core.events import Correct, Enrol, Medication, Observations, Observed, Retract, Verify
from engine.core.mentions import mention
from engine.core.names import Names
from engine.core.standpoints import MOST, Standpoint, compare
from tests.unit.builders import Patient, a_patient, enrolled, pathway, when

SEEN = enrolled().fvc("3.00", on=0).treated(on=1)
FEW_CELLS = SEEN.saw("anc", "0.4", on=45)
LATE = SEEN.fvc("2.60", on=40, received=60, id="late", source="lab").saw("weight", 70, on=41, received=60)


def differs(before: Patient, after: Patient, day: int, other: int | None = None) -> DifferenceView:
    return contrast(difference(before.at(day).evaluation, after.at(other or day).evaluation), {})


Look = tuple[int, int | None]
"""Days after `DAY_0`: as of, and as known on."""


def compared(patient: Patient, before: Look, after: Look) -> ComparisonView:
    one, two = (Standpoint(when(d), None if known is None else when(known)) for d, known in (before, after))
    return comparison(compare(patient.pathway, patient.record, one, two), one, two, {})


def test_a_patient_does_not_differ_from_himself() -> None:
    found = differs(SEEN, SEEN, 50)

    assert found.same
    assert (found.differs, found.brought, found.withdrawn, found.actions, found.reviews, found.reminders) == (
        (), (), (), (), (), (),
    )  # fmt: skip


def test_what_differs_is_told_with_its_reasons_and_turned_round_it_is_withdrawn() -> None:
    there, back = differs(SEEN, LATE, 50), differs(LATE, SEEN, 50)

    assert (there.before.state, there.after.state) == ("monitor", "escalate")
    assert there.differs[:2] == ("state", "since")
    assert [(m.transition, m.date) for m in there.brought] == [("T08", when(40))]
    assert there.brought[0].reasons
    assert [(m.transition, m.to) for m in back.withdrawn] == [("T08", "escalate.standard")]
    new = {a.id: a for a in there.actions if a.change == "new"}
    gone = {a.id: a for a in back.actions if a.change == "gone"}
    assert new.keys() == gone.keys() >= {"rev.regimen"}
    assert all(a.after is not None and a.before is None and a.reasons for a in new.values())
    assert all(a.after is None and a.before is not None and a.reasons for a in gone.values())
    assert {r.id for r in there.reviews} == {r.id for r in back.reviews}
    assert any(r.change == "new" for r in there.reminders)


def test_why_an_action_is_gone_is_said() -> None:
    before = enrolled().assessed(3).healthy(3)
    decided = before.declined("tx.mmf", on=4)
    closed = before.admin("close", on=4)
    reasons = {
        name: next(a.reasons for a in differs(before, after, 5).actions if a.id == "tx.mmf")
        for name, after in (("decided", decided), ("closed", closed))
    }
    assert [line.says for line in reasons["decided"]] == [f"Declined on {when(4)}"]
    assert [line.says for line in reasons["closed"]] == ["The enrolment is closed"]
    never = differs(before, a_patient(), 5)
    assert never.after.state is None
    assert [line.says for line in never.actions[0].reasons] == ["There is no enrolment"]


def test_a_change_of_priority_is_a_change_and_says_how_it_stood() -> None:
    aged = differs(LATE, LATE, 50, 200)
    changed = [a for a in aged.actions if a.change == "changed"]

    assert changed
    assert all(a.before is not None and a.after is not None for a in changed)


def test_evaluations_on_different_pathways_have_nothing_in_common() -> None:
    here = SEEN.at(5).evaluation
    other = here.pathway.definition.model_copy(update={"id": "other"})
    elsewhere = replace(here, pathway=replace(here.pathway, definition=other))
    with pytest.raises(ValueError, match="evaluations on pm-ild and other cannot be compared"):
        difference(here, elsewhere)


def test_the_late_value_alone_is_responsible() -> None:
    found = compared(LATE, (50, 50), (50, None))

    assert (found.between, found.moved_by) == (2, ("late",))
    assert found.responsible is not None
    assert [(e.says, e.event["effective"], e.recorded.date()) for e in found.responsible] == [
        ("FVC 2.6 L", str(when(40)), when(60))
    ]
    assert found.by_time.same
    assert (found.known_at, found.other_known_at) == (str(when(50)), None)
    assert found.sentence == (
        f"As of {when(50)}, as known on {when(50)}: monitoring on treatment; as of {when(50)}: escalation "
        f"after progression. What moved the patient: FVC 2.6 L (late, of {when(40)}, received {when(60)})."
    )


@pytest.mark.parametrize(
    ("patient", "before", "after", "says"),
    [
        (SEEN, (50, None), (50, None), "Nothing differs."),
        (SEEN, (20, None), (400, None), "Only time has passed."),
        (
            SEEN.saw("anc", "0.4", on=45),
            (44, None),
            (46, None),
            "No other state; 1 event changes actions",
        ),
        (a_patient(), (5, None), (9, None), "Nothing differs."),
        (
            SEEN,
            (50, None),
            (-9, None),
            "not on the pathway. What moved the patient: Enrolled",
        ),
    ],
)
def test_what_is_responsible_is_said_in_a_sentence(
    patient: Patient, before: Look, after: Look, says: str
) -> None:
    assert says in compared(patient, before, after).sentence


def test_too_many_events_are_counted_and_not_searched() -> None:
    patient = SEEN
    for number in range(MOST + 1):
        patient = patient.saw("weight", 60 + number % 9, on=50 + number)
    found = compared(patient.fvc("2.60", on=49), (48, None), (200, None))

    assert (found.responsible, found.moved_by, found.between) == (None, None, MOST + 2)
    assert found.sentence.endswith(f"{MOST + 2} events lie between, too many to tell which are responsible.")


def test_a_correction_and_a_retraction_are_responsible_with_what_they_amend() -> None:
    withdrawn = LATE.retracted("late", on=70)
    found = compared(withdrawn, (80, 65), (80, None))

    assert found.moved_by is not None
    assert len(found.moved_by) == 1
    assert found.responsible is not None
    assert found.responsible[-1].says == "Event late withdrawn"
    assert compared(withdrawn, (50, 50), (50, None)).difference.same


ABSENT = Observations(obs=(Observed(item="fvc_l", absent="too breathless"),))
DOSE = Medication(drug="gc_oral", op="dose", dose=Decimal(20))
BEGUN = Medication(drug="aza", op="start")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (ABSENT, "FVC could not be done (too breathless)"),
        (DOSE, "Oral glucocorticoid (prednisone equivalent) continued at 20 mg/day"),
        (Medication(drug="mmf", op="stop"), "Mycophenolate mofetil stopped"),
        (Retract(target="e1", reason="wrong_patient"), "Event e1 withdrawn: wrong patient"),
        (Verify(target="e1"), "Event e1 verified"),
        (Correct(target="e1", body=BEGUN), "Event e1 corrected to: azathioprine started"),
        (Enrol(), "Enrolled"),
    ],
)
def test_events_in_words(body: object, says: str) -> None:
    assert mention(body, Names(pathway())) == says  # type: ignore[arg-type]


def test_what_people_did_in_words() -> None:
    patient = enrolled().has("pregnancy", on=1).resolved("pregnancy", on=2).vaccinated("flu", on=3)
    patient = patient.accepted("ord.pft", on=4).moved("monitor", on=5).admin("pause", on=6)
    told = [mention(event.body, Names(patient.pathway)) for event in patient.record]

    assert told == [
        "Enrolled",
        "Pregnancy recorded",
        "Pregnancy resolved",
        "Influenza vaccine given",
        "Full PFT accepted",
        "Moved to “Monitoring on treatment” by a clinician: clinical judgement",
        "Enrolment paused",
    ]
    assert isinstance(patient.record.events[0].effective, date)


def test_a_retraction_is_seen_on_days_before_its_own() -> None:
    withdrawn = SEEN.retracted("e1", on=90)
    found = compared(withdrawn, (10, 10), (10, None))

    assert found.difference.after.state is None
    assert found.moved_by == (withdrawn.newest.id,)

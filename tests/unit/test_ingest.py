"""The door: what is taken in, what is refused, and what a refusal says."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from engine.core.events import Correct, Medication, Observations
from engine.errors import MessageRefused
from tests.unit.builders import Patient, a_patient, a_value, enrolled

DAY_2 = "2024-01-03"
ENROL = {"type": "enrol", "effective": DAY_2, "iim_dx": "PM", "sex": "female", "birth_date": "1980-02-29"}


def known() -> Patient:
    """A patient with one event of several types, received on day 2."""
    return (
        enrolled(0)
        .fvc("2.5", on=1, id="fvc")
        .started("mmf", on=2, id="mmf")
        .fvc("2.4", on=2, id="wrong")
        .retracted("wrong", on=2, id="gone")
    )


def problem(message: Mapping[str, Any], role: str = "clinician") -> tuple[str, str, str]:
    """Return pointer, code and sentence of the only problem of a message."""
    (only,) = known().acting_as(role).refused({"effective": DAY_2, **message}, received=2)
    return only.pointer, only.code, only.text


def obs(item: str, value: object = None, **fields: Any) -> dict[str, Any]:
    return {"type": "obs", "obs": [{"item": item, "value": value, **fields}]}


# ── the envelope ────────────────────────────────────────────────────────────────────────────────

ENVELOPE: dict[str, tuple[Mapping[str, Any], tuple[str, str, str]]] = {
    "no id": (
        {"id": None, "type": "vax", "vaccine": "flu"},
        ("/id", "bad-id", "`id` must be 1 to 200 characters of text; got None."),
    ),
    "an empty id": (
        {"id": "", "type": "vax", "vaccine": "flu"},
        ("/id", "bad-id", "`id` must be 1 to 200 characters of text; got ''."),
    ),
    "no type": (
        {},
        (
            "/type",
            "unknown-type",
            "Event type None is not known; use one of enrol, obs, med, cond, vax, decision, override, admin, "
            "retract, verify, correct.",
        ),
    ),
    "a type that is a list": (
        {"type": ["obs"]},
        (
            "/type",
            "unknown-type",
            "Event type ['obs'] is not known; use one of enrol, obs, med, cond, vax, decision, override, admin, "
            "retract, verify, correct.",
        ),
    ),
    "an unknown source": (
        {"type": "vax", "vaccine": "flu", "source": "phone"},
        ("/source", "unknown-source", "`source` 'phone' is not known; use one of lab, device, manual, patient."),
    ),
    "a date that is not written out": (
        {"type": "vax", "vaccine": "flu", "effective": "2024-1-3"},
        ("/effective", "bad-date", "`effective` must be a date as YYYY-MM-DD; got '2024-1-3'."),
    ),
    "a date that does not exist": (
        {"type": "vax", "vaccine": "flu", "effective": "2023-02-29"},
        ("/effective", "bad-date", "`effective` must be a date as YYYY-MM-DD; got '2023-02-29'."),
    ),
    "a date with a time": (
        {"type": "vax", "vaccine": "flu", "effective": "2024-01-03T08:00:00"},
        ("/effective", "bad-date", "`effective` must be a date as YYYY-MM-DD; got '2024-01-03T08:00:00'."),
    ),
    "a date two days ahead": (
        {"type": "vax", "vaccine": "flu", "effective": "2024-01-05"},
        (
            "/effective",
            "future-date",
            "`effective` 2024-01-05 is more than 1 day after the day of receipt, 2024-01-03. "
            "Send it when the day has come, or correct the date.",
        ),
    ),
    "a field the type does not have": (
        {"type": "vax", "vaccine": "flu", "batch": "A1"},
        ("/batch", "bad-field", "`batch` is not a field of this event."),
    ),
    "a field that is missing": ({"type": "vax"}, ("/vaccine", "bad-field", "`vaccine` is missing.")),
    "a field that is not text": (
        {"type": "vax", "vaccine": 5},
        ("/vaccine", "bad-field", "`vaccine` must be text; got 5."),
    ),
}


@pytest.mark.parametrize("case", ENVELOPE)
def test_an_envelope_is_refused_for(case: str) -> None:
    message, expected = ENVELOPE[case]
    assert problem(message) == expected


def test_something_that_is_no_object_is_refused() -> None:
    patient = enrolled()
    with pytest.raises(MessageRefused) as refused:
        _admit_anything(patient, ["obs"])
    assert str(refused.value) == "An event is an object with `id`, `type` and more; got ['obs']."


def _admit_anything(patient: Patient, message: Any) -> None:
    from engine.core.ingest import Door
    from tests.unit.builders import stamp

    Door(patient.pathway.vocabulary, patient.pathway.definition).admit(patient.record, message, stamp(2, 9), "clinician")


def test_an_id_of_200_characters_is_taken_and_one_more_is_not() -> None:
    vax = {"type": "vax", "effective": DAY_2, "vaccine": "flu"}
    assert enrolled().sent({**vax, "id": "x" * 200}).newest.id == "x" * 200
    assert [p.code for p in enrolled().refused({**vax, "id": "x" * 201})] == ["bad-id"]


def test_a_date_one_day_ahead_is_taken() -> None:
    patient = enrolled().sent({"type": "vax", "effective": "2024-01-04", "vaccine": "flu"}, received=2)
    assert str(patient.newest.effective) == "2024-01-04"


def test_a_message_without_source_counts_as_manual() -> None:
    assert enrolled().vaccinated("flu", on=1).newest.source == "manual"


def test_every_problem_of_a_message_is_named_and_nothing_is_stored() -> None:
    patient = enrolled()
    message = {
        "id": "",
        "type": "obs",
        "effective": "2024-01-09",
        "source": "phone",
        "grade": "G",
        "obs": [
            {"item": "fvc", "value": 2, "unit": "L"},
            {"item": "fvc_l", "value": Decimal("2.5")},
            {"item": "fvc_pp", "value": 201, "unit": "%", "eq": "mine"},
            a_value("dlco_pp", 60),
        ],
    }
    before = patient.record
    assert [(p.pointer, p.code) for p in patient.refused(message, received=2)] == [
        ("/id", "bad-id"),
        ("/effective", "future-date"),
        ("/source", "unknown-source"),
        ("/grade", "unknown-grade"),
        ("/obs/0/item", "unknown-item"),
        ("/obs/1/unit", "missing-unit"),
        ("/obs/2/eq", "unknown-eq-value"),
        ("/obs/2/value", "out-of-range"),
    ]
    assert patient.record == before
    assert len(patient.record) == 1


def test_a_refusal_reads_as_one_sentence_per_problem_with_its_place() -> None:
    with pytest.raises(MessageRefused) as refused:
        enrolled().started("mmf", on=1, dose=5, source="phone")
    assert str(refused.value) == (
        "/source: `source` 'phone' is not known; use one of lab, device, manual, patient.; "
        "/dose: No dose is recorded for Mycophenolate mofetil; leave `dose` out."
    )


@pytest.mark.parametrize(
    "message",
    [
        {"type": "obs", "obs": [{"item": "fvc", "value": 2, "unit": "L", "grade": "Z"}], "grade": "Z"},
        {"type": "admin", "op": "close", "reason": "bored"},
        {"type": "enrol", "colour": "red"},
        {"type": "med", "drug": "x", "op": "y"},
    ],
)
def test_every_code_is_written_in_kebab_case(message: Mapping[str, Any]) -> None:
    for found in enrolled().refused({"effective": DAY_2, **message}):
        assert found.code.replace("-", "").isalpha(), found.code
        assert found.code == found.code.lower()


# ── the same event again ────────────────────────────────────────────────────────────────────────


def test_the_same_message_again_is_a_duplicate_and_stores_nothing() -> None:
    patient = enrolled().fvc("2.9", on=1, id="f")
    again = patient.admit({"id": "f", "type": "obs", "effective": "2024-01-02", "obs": [a_value("fvc_l", "2.90")]})
    assert again.duplicate
    assert again.record == patient.record
    assert again.event == patient.newest


def test_content_is_compared_after_conversion() -> None:
    patient = enrolled().fvc("2.9", on=1, id="f")
    millilitres = {"item": "fvc_l", "value": 2900, "unit": "mL"}
    assert patient.admit({"id": "f", "type": "obs", "effective": "2024-01-02", "obs": [millilitres]}).duplicate


def test_the_day_of_receipt_is_no_content() -> None:
    patient = enrolled().fvc("2.9", on=1, id="f")
    message = {"id": "f", "type": "obs", "effective": "2024-01-02", "obs": [a_value("fvc_l", "2.9")]}
    assert patient.admit(message, received=50).duplicate


@pytest.mark.parametrize(
    "change",
    [
        {"effective": "2024-01-03"},
        {"source": "lab"},
        {"obs": [a_value("fvc_l", "2.8")]},
        {"obs": [a_value("fvc_l", "2.9"), a_value("fvc_pp", "80")]},
        {"type": "vax", "vaccine": "flu", "obs": None},
    ],
)
def test_an_id_with_other_content_is_a_conflict(change: Mapping[str, Any]) -> None:
    patient = enrolled().fvc("2.9", on=1, id="f")
    message = {"id": "f", "type": "obs", "effective": "2024-01-02", "obs": [a_value("fvc_l", "2.9")], **change}
    sentence = patient.conflicts({k: v for k, v in message.items() if v is not None})
    assert sentence == (
        "Event id 'f' is already stored with other content. "
        "Send a `correct` event that names it as target, or use a new id."
    )


# ── enrolment ───────────────────────────────────────────────────────────────────────────────────

ENROLMENTS: dict[str, tuple[Mapping[str, Any], list[tuple[str, str, str]]]] = {
    "nothing but the type": (
        {"ild_confirmed": None, "iim_dx": None, "sex": None, "birth_date": None},
        [
            ("/iim_dx", "missing-field", "`iim_dx` (Type of idiopathic inflammatory myopathy) is needed to enrol a patient."),
            (
                "/ild_confirmed",
                "missing-field",
                "`ild_confirmed` (Interstitial lung disease is confirmed) is needed to enrol a patient.",
            ),
            ("/sex", "missing-field", "`sex` (Sex) is needed to enrol a patient."),
            ("/birth_date", "missing-field", "`birth_date` (Date of birth) is needed to enrol a patient."),
        ],
    ),
    "no lung disease": (
        {"ild_confirmed": False},
        [("/ild_confirmed", "not-eligible", "`ild_confirmed` must be true to enrol a patient on this pathway.")],
    ),
    "a lung disease in words": (
        {"ild_confirmed": "yes"},
        [("/ild_confirmed", "bad-value", "`ild_confirmed` must be true or false; got 'yes'.")],
    ),
    "an unknown diagnosis": (
        {"iim_dx": "IBM"},
        [("/iim_dx", "bad-value", "`iim_dx` must be one of PM, ASyS, DM, CADM, IMNM, other; got 'IBM'.")],
    ),
    "an unknown sex": (
        {"sex": "f"},
        [("/sex", "bad-value", "`sex` must be one of male, female, other, unknown; got 'f'.")],
    ),
    "a birth date that is none": (
        {"birth_date": "1980-02-30"},
        [("/birth_date", "bad-date", "`birth_date`: '1980-02-30' is not a date written as YYYY-MM-DD.")],
    ),
    "a birth after receipt": (
        {"birth_date": "2024-01-04"},
        [("/birth_date", "future-date", "`birth_date` 2024-01-04 lies after the day of receipt.")],
    ),
    "an unknown field": (
        {"height": 170},
        [
            (
                "/height",
                "unknown-enrolment-field",
                "Enrolment field 'height' is not known; use one of iim_dx, ild_confirmed, sex, birth_date, "
                "can_become_pregnant.",
            )
        ],
    ),
    "a pregnancy question answered in words": (
        {"can_become_pregnant": "no"},
        [("/can_become_pregnant", "bad-value", "`can_become_pregnant` must be true or false; got 'no'.")],
    ),
}


@pytest.mark.parametrize("case", ENROLMENTS)
def test_an_enrolment_is_refused_for(case: str) -> None:
    fields, expected = ENROLMENTS[case]
    message = {k: v for k, v in {**ENROL, "ild_confirmed": True, **fields}.items() if v is not None}
    assert [(p.pointer, p.code, p.text) for p in a_patient().refused(message, received=2)] == expected


def test_a_birth_on_the_day_of_receipt_is_taken_and_pregnancy_may_be_left_out() -> None:
    patient = a_patient().sent({**ENROL, "ild_confirmed": True, "birth_date": DAY_2}, received=2)
    assert patient.at(2).state == "assess"


def test_a_second_enrolment_is_refused_while_one_stands() -> None:
    (found,) = enrolled(0, id="first").refused({**ENROL, "ild_confirmed": True})
    assert (found.pointer, found.code) == ("/type", "already-enrolled")
    assert found.text == "The patient is already enrolled by event 'first'; correct or retract that one instead."


def test_a_retracted_enrolment_makes_room_for_another() -> None:
    patient = enrolled(0, id="first").retracted("first", on=1).enrolled(2, id="second")
    assert patient.at(2).since == 2


def test_a_corrected_and_then_retracted_enrolment_makes_room_too() -> None:
    fields = {"iim_dx": "DM", "ild_confirmed": True, "sex": "male", "birth_date": "1970-01-01"}
    patient = enrolled(0, id="a").corrected("a", on=1, id="b", **fields).retracted("b", on=2).enrolled(3)
    assert patient.at(3).since == 3


def test_an_enrolment_sent_twice_is_a_duplicate() -> None:
    patient = enrolled(0, id="first")
    fields = {"iim_dx": "PM", "ild_confirmed": True, "sex": "male", "birth_date": "1970-01-01"}
    assert patient.admit({"id": "first", "type": "enrol", "effective": "2024-01-01", **fields}).duplicate


# ── drugs, conditions, vaccines ─────────────────────────────────────────────────────────────────

CLINICAL: dict[str, tuple[Mapping[str, Any], tuple[str, str, str]]] = {
    "an unknown operation": (
        {"type": "med", "drug": "mmf", "op": "begin"},
        ("/op", "bad-field", "`op` must be 'start', 'dose', 'give' or 'stop'; got 'begin'."),
    ),
    "a change of dose without the dose": (
        {"type": "med", "drug": "gc_oral", "op": "dose"},
        ("/dose", "missing-dose", "A change of dose needs the new `dose`."),
    ),
    "a dose of a drug that has none": (
        {"type": "med", "drug": "mmf", "op": "start", "dose": 2},
        ("/dose", "unexpected-dose", "No dose is recorded for Mycophenolate mofetil; leave `dose` out."),
    ),
    "a negative dose": (
        {"type": "med", "drug": "gc_oral", "op": "start", "dose": Decimal("-0.5")},
        ("/dose", "out-of-range", "`dose` -0.5 is below 0."),
    ),
    "a dose that is a binary float": (
        {"type": "med", "drug": "gc_oral", "op": "start", "dose": 2.5},
        ("/dose", "bad-field", "`dose`: 2.5 is not a number written as text, an integer or a decimal."),
    ),
    "a dose in words": (
        {"type": "med", "drug": "gc_oral", "op": "start", "dose": "low"},
        ("/dose", "bad-field", "`dose`: 'low' is not a number."),
    ),
    "an unknown status of a condition": (
        {"type": "cond", "code": "diabetes", "status": "on"},
        ("/status", "bad-field", "`status` must be 'active' or 'resolved'; got 'on'."),
    ),
    "an unknown vaccine": (
        {"type": "vax", "vaccine": "zoster"},
        ("/vaccine", "unknown-vaccine", "Vaccine 'zoster' is not known; use one of flu, pneumo, covid, other."),
    ),
}


@pytest.mark.parametrize("case", CLINICAL)
def test_clinical_data_are_refused_for(case: str) -> None:
    message, expected = CLINICAL[case]
    assert problem(message) == expected


@pytest.mark.parametrize(
    ("message", "pointer", "code", "start"),
    [
        ({"type": "med", "drug": "mtx", "op": "start"}, "/drug", "unknown-drug", "Drug 'mtx' is not known; use one of gc_oral, "),
        (
            {"type": "cond", "code": "gout", "status": "active"},
            "/code",
            "unknown-condition",
            "Condition 'gout' is not known; use one of pregnancy, ",
        ),
    ],
)
def test_an_unknown_name_is_refused_with_the_names_that_work(
    message: Mapping[str, Any], pointer: str, code: str, start: str
) -> None:
    found = problem(message)
    assert found[:2] == (pointer, code)
    assert found[2].startswith(start)


def test_doses_are_taken_from_text_and_zero_is_a_dose() -> None:
    patient = enrolled().sent({"type": "med", "effective": DAY_2, "drug": "gc_oral", "op": "start", "dose": "7.5"})
    assert patient.newest.body == Medication(drug="gc_oral", op="start", dose=Decimal("7.5"))
    assert patient.dosed("gc_oral", 0, on=3).at(3).number("gc_dose") == 0


# ── decisions of people ─────────────────────────────────────────────────────────────────────────

PEOPLE: dict[str, tuple[Mapping[str, Any], tuple[str, str, str]]] = {
    "a declined action without a reason": (
        {"type": "decision", "action": "tx.mmf", "decision": "decline"},
        ("/reason", "missing-reason", "A declined action needs a `reason`."),
    ),
    "a declined action with a blank reason": (
        {"type": "decision", "action": "tx.mmf", "decision": "decline", "reason": " "},
        ("/reason", "missing-reason", "A declined action needs a `reason`."),
    ),
    "an unknown decision": (
        {"type": "decision", "action": "tx.mmf", "decision": "maybe"},
        ("/decision", "bad-field", "`decision` must be 'accept' or 'decline'; got 'maybe'."),
    ),
    "an override without a reason": (
        {"type": "override", "to": "monitor"},
        ("/reason", "missing-reason", "An override needs a `reason`."),
    ),
    "an override to a family of states": (
        {"type": "override", "to": "escalate", "reason": "worse"},
        (
            "/to",
            "unknown-state",
            "State 'escalate' is not known; use one of assess, first_line.non_progressive, "
            "first_line.progressive_severe, monitor, escalate.standard, escalate.rapid, recurrent.early, recurrent.late.",
        ),
    ),
    "closing without a reason": (
        {"type": "admin", "op": "close"},
        ("/reason", "missing-reason", "To close an enrolment needs a `reason`."),
    ),
    "closing for a reason of one's own": (
        {"type": "admin", "op": "close", "reason": "bored"},
        (
            "/reason",
            "unknown-close-reason",
            "Close reason 'bored' is not known; use one of death, lung_transplant, transferred, withdrew_consent, "
            "diagnosis_revised, lost_to_follow_up, entered_in_error.",
        ),
    ),
    "reopening without a reason": (
        {"type": "admin", "op": "reopen"},
        ("/reason", "missing-reason", "To reopen an enrolment needs a `reason`."),
    ),
    "an unknown administrative step": (
        {"type": "admin", "op": "stop"},
        ("/op", "bad-field", "`op` must be 'pause', 'resume', 'close' or 'reopen'; got 'stop'."),
    ),
}


@pytest.mark.parametrize("case", PEOPLE)
def test_a_persons_message_is_refused_for(case: str) -> None:
    message, expected = PEOPLE[case]
    assert problem(message) == expected


def test_an_unknown_action_is_refused_with_the_actions_there_are() -> None:
    pointer, code, text = problem({"type": "decision", "action": "tx.mtx", "decision": "accept"})
    assert (pointer, code) == ("/action", "unknown-action")
    assert text.startswith("Action 'tx.mtx' is not known; use one of ord.pft, ")


CLINICIANS_ONLY: dict[str, tuple[Mapping[str, Any], str]] = {
    "an accepted action": ({"type": "decision", "action": "tx.mmf", "decision": "accept"}, "A decision"),
    "a declined action": (
        {"type": "decision", "action": "tx.mmf", "decision": "decline", "reason": "no"},
        "A decision",
    ),
    "an override": ({"type": "override", "to": "monitor", "reason": "no"}, "An override"),
    "closing": ({"type": "admin", "op": "close", "reason": "death"}, "To close an enrolment"),
    "reopening": ({"type": "admin", "op": "reopen", "reason": "back"}, "To reopen an enrolment"),
}


@pytest.mark.parametrize("role", ["coordinator", "integrator", "viewer"])
@pytest.mark.parametrize("case", CLINICIANS_ONLY)
def test_only_a_clinician_may_send(case: str, role: str) -> None:
    message, what = CLINICIANS_ONLY[case]
    sentence = f"{what} needs a clinician; this credential has the role {role}."
    assert problem(message, role) == ("", "clinician-needed", sentence)


@pytest.mark.parametrize("role", ["clinician", "clinical_lead"])
@pytest.mark.parametrize("case", CLINICIANS_ONLY)
def test_clinicians_and_their_lead_may_send(case: str, role: str) -> None:
    message, _ = CLINICIANS_ONLY[case]
    patient = known().acting_as(role).sent({"effective": DAY_2, **message})
    assert patient.newest.type == message["type"]


@pytest.mark.parametrize("op", ["pause", "resume"])
def test_a_coordinator_may_pause_and_resume_without_a_reason(op: str) -> None:
    assert known().acting_as("coordinator").admin(op, on=3).newest.type == "admin"


# ── amendments ──────────────────────────────────────────────────────────────────────────────────

AMENDMENTS: dict[str, tuple[Mapping[str, Any], tuple[str, str, str]]] = {
    "retracting what was never sent": (
        {"type": "retract", "target": "none"},
        ("/target", "unknown-target", "`target` 'none' is not an event of this patient."),
    ),
    "verifying what was never sent": (
        {"type": "verify", "target": "none"},
        ("/target", "unknown-target", "`target` 'none' is not an event of this patient."),
    ),
    "correcting what was never sent": (
        {"type": "correct", "target": "none", "obs": [a_value("fvc_l", 2)]},
        ("/target", "unknown-target", "`target` 'none' is not an event of this patient."),
    ),
    "correcting nothing": (
        {"type": "correct"},
        ("/target", "unknown-target", "`target` None is not an event of this patient."),
    ),
    "retracting a retraction": (
        {"type": "retract", "target": "gone"},
        ("/target", "target-retraction", "`target` 'gone' is a retraction, which cannot be retracted."),
    ),
    "correcting a retraction": (
        {"type": "correct", "target": "gone"},
        ("/target", "target-retraction", "`target` 'gone' is a retraction, which cannot be corrected."),
    ),
    "verifying a retraction": (
        {"type": "verify", "target": "gone"},
        ("/target", "target-retraction", "`target` 'gone' is a retraction, which cannot be verified."),
    ),
    "verifying a prescription": (
        {"type": "verify", "target": "mmf"},
        ("/target", "nothing-to-verify", "`target` 'mmf' holds no observed values."),
    ),
    "a correction with a body of another type": (
        {"type": "correct", "target": "mmf", "drug": "mmf", "op": "start", "vaccine": "flu"},
        ("/vaccine", "bad-field", "`vaccine` is not a field of this event."),
    ),
    "a correction with a bad value": (
        {"type": "correct", "target": "fvc", "obs": [a_value("fvc_l", "8.1")]},
        (
            "/obs/0/value",
            "out-of-range",
            "FVC 8.1 L lies outside 0.3 to 8 L, the range in which a value is possible. Check the value and its unit.",
        ),
    ),
}


@pytest.mark.parametrize("case", AMENDMENTS)
def test_an_amendment_is_refused_for(case: str) -> None:
    message, expected = AMENDMENTS[case]
    assert problem(message) == expected


CORRECTABLE: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "enrol": (
        {**ENROL, "ild_confirmed": True},
        {"iim_dx": "DM", "ild_confirmed": True, "sex": "male", "birth_date": "1970-01-01"},
    ),
    "obs": ({"type": "obs", "obs": [a_value("ck", 500)]}, {"obs": [a_value("ck", 600)], "grade": "B"}),
    "med": ({"type": "med", "drug": "gc_oral", "op": "start", "dose": 20}, {"drug": "gc_oral", "op": "stop"}),
    "cond": ({"type": "cond", "code": "diabetes", "status": "active"}, {"code": "diabetes", "status": "resolved"}),
    "vax": ({"type": "vax", "vaccine": "flu"}, {"vaccine": "covid"}),
    "decision": (
        {"type": "decision", "action": "tx.mmf", "decision": "accept"},
        {"action": "tx.mmf", "decision": "decline", "reason": "no"},
    ),
    "override": (
        {"type": "override", "to": "monitor", "reason": "a"},
        {"to": "recurrent.late", "reason": "b"},
    ),
    "admin": ({"type": "admin", "op": "pause"}, {"op": "resume"}),
}


@pytest.mark.parametrize("kind", CORRECTABLE)
def test_every_type_can_be_corrected_with_a_body_of_its_own(kind: str) -> None:
    first, replacement = CORRECTABLE[kind]
    start = a_patient() if kind == "enrol" else enrolled()
    patient = start.sent({"id": "x", "effective": DAY_2, **first})
    message = {"type": "correct", "target": "x", "effective": DAY_2, **replacement}
    corrected = patient.sent(message).newest
    assert isinstance(corrected.body, Correct)
    assert corrected.body.target == "x"
    assert type(corrected.body.body) is type(patient.newest.body)


def test_a_coordinator_cannot_correct_a_decision() -> None:
    patient = enrolled().accepted("tx.mmf", on=1, id="d").acting_as("coordinator")
    message = {"type": "correct", "target": "d", "effective": DAY_2, "action": "tx.mmf", "decision": "accept"}
    assert [p.code for p in patient.refused(message)] == ["clinician-needed"]


def test_a_correction_takes_values_in_other_units_and_a_new_date() -> None:
    patient = known().corrected("fvc", on=1, obs=[{"item": "fvc_l", "value": 2450, "unit": "mL"}])
    body = patient.newest.body
    assert isinstance(body, Correct)
    assert isinstance(body.body, Observations)
    assert body.body.obs[0].value == Decimal("2.45")


def test_data_from_before_enrolment_are_taken() -> None:
    patient = a_patient().fvc("2.5", on=-30).started("mmf", on=-20).enrolled(0)
    assert patient.at(0).kept("fvc_l") == "2.5"

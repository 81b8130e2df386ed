"""The door for what people do: treatment, conditions, decisions, overrides, amendments."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from engine.core.events import Correct, Medication, Observations
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
        (
            "/vaccine",
            "unknown-vaccine",
            "Vaccine 'zoster' is not known; use one of flu, pneumo, covid, other.",
        ),
    ),
}


@pytest.mark.parametrize("case", CLINICAL)
def test_clinical_data_are_refused_for(case: str) -> None:
    message, expected = CLINICAL[case]
    assert problem(message) == expected


@pytest.mark.parametrize(
    ("message", "pointer", "code", "start"),
    [
        (
            {"type": "med", "drug": "mtx", "op": "start"},
            "/drug",
            "unknown-drug",
            "Drug 'mtx' is not known; use one of gc_oral, ",
        ),
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
    patient = enrolled().sent(
        {"type": "med", "effective": DAY_2, "drug": "gc_oral", "op": "start", "dose": "7.5"}
    )
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
            "first_line.progressive_severe, monitor, escalate.standard, escalate.rapid, recurrent.early, "
            "recurrent.late.",
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
            "Close reason 'bored' is not known; use one of death, lung_transplant, transferred, "
            "withdrew_consent, diagnosis_revised, lost_to_follow_up, entered_in_error.",
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
            "FVC 8.1 L lies outside 0.3 to 8 L, the range in which a value is possible. "
            "Check the value and its unit.",
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
    "cond": (
        {"type": "cond", "code": "diabetes", "status": "active"},
        {"code": "diabetes", "status": "resolved"},
    ),
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


# ── who may amend ───────────────────────────────────────────────────────────────────────────────


def from_the_lab() -> Patient:
    return enrolled(0).fvc("6.8", on=1, id="x", source="lab")


AMENDING: dict[str, Mapping[str, Any]] = {
    "retract": {"type": "retract", "target": "x"},
    "verify": {"type": "verify", "target": "x"},
    "correct": {"type": "correct", "target": "x", "obs": [a_value("fvc_l", "2.5")]},
}


@pytest.mark.parametrize("kind", AMENDING)
@pytest.mark.parametrize("role", ["coordinator", "integrator"])
def test_an_amendment_comes_from_the_original_source(kind: str, role: str) -> None:
    patient = from_the_lab().acting_as(role)
    amendment = {"effective": DAY_2, **AMENDING[kind]}
    assert patient.sent({**amendment, "source": "lab"}).newest.type == kind
    (found,) = patient.refused({**amendment, "source": "device"})
    assert (found.pointer, found.code) == ("/source", "not-the-source")
    assert found.text == (
        "An amendment comes from the original source (lab) or from a clinician; "
        f"got 'device' from the role {role}."
    )


@pytest.mark.parametrize("kind", AMENDING)
@pytest.mark.parametrize("role", ["clinician", "clinical_lead"])
def test_a_clinician_may_amend_anything(kind: str, role: str) -> None:
    patient = from_the_lab().acting_as(role)
    assert patient.sent({"effective": DAY_2, **AMENDING[kind]}).newest.type == kind


def test_the_original_source_is_that_of_the_first_version() -> None:
    patient = from_the_lab().corrected("x", on=1, id="y", obs=[a_value("fvc_l", "2.6")])
    retraction = {"effective": DAY_2, "type": "retract", "target": "y"}
    assert patient.acting_as("integrator").sent({**retraction, "source": "lab"}).at(2).kept("fvc_l") is None

"""The door: envelopes, events that come twice, and enrolment; what a refusal says."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from engine.core.ingest import Door
from engine.errors import MessageRefused
from tests.unit.builders import a_patient, a_value, enrolled, stamp

DAY_2 = "2024-01-03"
ENROL = {"type": "enrol", "effective": DAY_2, "iim_dx": "PM", "sex": "female", "birth_date": "1980-02-29"}


def problem(message: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return pointer, code and sentence of the only problem of a message."""
    (only,) = enrolled(0).refused({"effective": DAY_2, **message}, received=2)
    return only.pointer, only.code, only.text


# ── the envelope ────────────────────────────────────────────────────────────────────────────────

ENVELOPE: dict[str, tuple[Mapping[str, Any], tuple[str, str, str]]] = {
    "no id": (
        {"id": None, "type": "vax", "vaccine": "flu"},
        ("/id", "bad-id", "`id` must be 1 to 200 printable characters; got None."),
    ),
    "an empty id": (
        {"id": "", "type": "vax", "vaccine": "flu"},
        ("/id", "bad-id", "`id` must be 1 to 200 printable characters; got ''."),
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
            "Event type ['obs'] is not known; use one of enrol, obs, med, cond, vax, decision, override, "
            "admin, retract, verify, correct.",
        ),
    ),
    "an unknown source": (
        {"type": "vax", "vaccine": "flu", "source": "phone"},
        (
            "/source",
            "unknown-source",
            "`source` 'phone' is not known; use one of lab, device, manual, patient.",
        ),
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
    "a date nobody alive can remember": (
        {"type": "vax", "vaccine": "flu", "effective": "1899-12-31"},
        ("/effective", "implausible-date", "`effective` 1899-12-31 lies before 1900. Correct the date."),
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
    door = Door(patient.pathway.vocabulary, {patient.pathway.definition.id: patient.pathway.definition})
    anything: Any = ["obs"]
    with pytest.raises(MessageRefused) as refused:
        door.admit(patient.record, anything, stamp(2, 9), "clinician")
    assert str(refused.value) == "An event is an object with `id`, `type` and more; got ['obs']."


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
    again = patient.admit(
        {"id": "f", "type": "obs", "effective": "2024-01-02", "obs": [a_value("fvc_l", "2.90")]}
    )
    assert again.duplicate
    assert again.record == patient.record
    assert again.event == patient.newest


def test_content_is_compared_after_conversion() -> None:
    patient = enrolled().fvc("2.9", on=1, id="f")
    millilitres = {"item": "fvc_l", "value": 2900, "unit": "mL"}
    assert patient.admit(
        {"id": "f", "type": "obs", "effective": "2024-01-02", "obs": [millilitres]}
    ).duplicate


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
    message = {
        "id": "f",
        "type": "obs",
        "effective": "2024-01-02",
        "obs": [a_value("fvc_l", "2.9")],
        **change,
    }
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
            (
                "/iim_dx",
                "missing-field",
                "`iim_dx` (Type of idiopathic inflammatory myopathy) is needed to enrol a patient.",
            ),
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
        [
            (
                "/ild_confirmed",
                "not-eligible",
                "`ild_confirmed` (Interstitial lung disease is confirmed) must be true to enrol a patient on "
                "this pathway.",
            )
        ],
    ),
    "a lung disease in words": (
        {"ild_confirmed": "yes"},
        [
            (
                "/ild_confirmed",
                "bad-value",
                "`ild_confirmed` (Interstitial lung disease is confirmed) must be true or false; got 'yes'.",
            )
        ],
    ),
    "an unknown diagnosis": (
        {"iim_dx": "IBM"},
        [
            (
                "/iim_dx",
                "bad-value",
                "`iim_dx` (Type of idiopathic inflammatory myopathy) must be one of PM, ASyS, DM, CADM, "
                "IMNM, other; got 'IBM'.",
            )
        ],
    ),
    "an unknown sex": (
        {"sex": "f"},
        [("/sex", "bad-value", "`sex` (Sex) must be one of male, female, other, unknown; got 'f'.")],
    ),
    "a birth date that is none": (
        {"birth_date": "1980-02-30"},
        [
            (
                "/birth_date",
                "bad-date",
                "`birth_date` (Date of birth): '1980-02-30' is not a date written as YYYY-MM-DD.",
            )
        ],
    ),
    "a birth after receipt": (
        {"birth_date": "2024-01-04"},
        [
            (
                "/birth_date",
                "future-date",
                "`birth_date` (Date of birth) 2024-01-04 lies after the day of receipt.",
            )
        ],
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
        [
            (
                "/can_become_pregnant",
                "bad-value",
                "`can_become_pregnant` (Can become pregnant) must be true or false; got 'no'.",
            )
        ],
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
    assert (
        found.text
        == "The patient is already enrolled in pm-ild by event 'first'; correct or retract that one instead."
    )


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


def test_data_from_before_enrolment_are_taken() -> None:
    patient = a_patient().fvc("2.5", on=-30).started("mmf", on=-20).enrolled(0)
    assert patient.at(0).kept("fvc_l") == "2.5"

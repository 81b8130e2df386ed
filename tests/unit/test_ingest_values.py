"""The door again: single values, their units, ranges and qualifiers."""

from decimal import Decimal
from typing import Any

import pytest

from engine.core.events import Observations
from tests.unit.builders import Patient, a_value, enrolled, vocabulary

ON = "2024-01-02"


def message(*values: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "obs", "effective": ON, "obs": list(values), **fields}


def problem(*values: dict[str, Any], **fields: Any) -> tuple[str, str, str]:
    (only,) = enrolled().refused(message(*values, **fields))
    return only.pointer, only.code, only.text


def stored(*values: dict[str, Any], **fields: Any) -> Observations:
    body = enrolled().sent(message(*values, **fields)).newest.body
    assert isinstance(body, Observations)
    return body


REFUSED: dict[str, tuple[dict[str, Any], tuple[str, str, str]]] = {
    "no unit": (
        {"item": "fvc_l", "value": Decimal("2.5")},
        (
            "/obs/0/unit",
            "missing-unit",
            "FVC 2.5 came without a unit, and a unit is never guessed; send L or mL.",
        ),
    ),
    "a unit of something else": (
        {"item": "fvc_l", "value": 74, "unit": "%"},
        ("/obs/0/unit", "unknown-unit", "FVC 74 was sent in '%', which cannot be converted; send L or mL."),
    ),
    "a unit in other letters": (
        {"item": "fvc_l", "value": 2, "unit": "l"},
        ("/obs/0/unit", "unknown-unit", "FVC 2 was sent in 'l', which cannot be converted; send L or mL."),
    ),
    "a value nobody can have": (
        {"item": "fvc_l", "value": 8100, "unit": "mL"},
        (
            "/obs/0/value",
            "out-of-range",
            "FVC 8100 mL lies outside 0.3 to 8 L, the range in which a value is possible. "
            "Check the value and its unit.",
        ),
    ),
    "a binary float": (
        {"item": "fvc_l", "value": 2.5, "unit": "L"},
        (
            "/obs/0/value",
            "bad-field",
            "`value`: 2.5 is not a number written as text, an integer or a decimal.",
        ),
    ),
    "a number as text": (
        {"item": "fvc_l", "value": "2.5", "unit": "L"},
        ("/obs/0/value", "not-a-number", "FVC must be a number in L or mL; got '2.5'."),
    ),
    "a truth for a number": (
        {"item": "fvc_l", "value": True, "unit": "L"},
        ("/obs/0/value", "not-a-number", "FVC must be a number in L or mL; got True."),
    ),
    "not a number": (
        {"item": "fvc_l", "value": Decimal("NaN"), "unit": "L"},
        ("/obs/0/value", "bad-field", "`value`: Decimal('NaN') is not a finite number."),
    ),
    "infinity": (
        {"item": "fvc_l", "value": Decimal("Infinity"), "unit": "L"},
        ("/obs/0/value", "bad-field", "`value`: Decimal('Infinity') is not a finite number."),
    ),
    "a number too large to write out": (
        {"item": "anc", "value": Decimal("1E+999999999"), "unit": "10*9/L"},
        ("/obs/0/value", "bad-field", "`value`: a number may have 40 digits at most."),
    ),
    "a number too small to write out": (
        {"item": "anc", "value": Decimal("1E-999999999"), "unit": "10*9/L"},
        ("/obs/0/value", "bad-field", "`value`: a number may have 40 digits at most."),
    ),
    "a list as value": (
        {"item": "fvc_l", "value": [2], "unit": "L"},
        (
            "/obs/0/value",
            "bad-field",
            "`value`: (2,) is not a number written as text, an integer or a decimal.",
        ),
    ),
    "a unit that is no text": (
        {"item": "fvc_l", "value": 2, "unit": 1},
        ("/obs/0/unit", "bad-field", "`unit` must be text; got 1."),
    ),
    "a value and a reason for its absence": (
        {"item": "fvc_l", "value": 2, "unit": "L", "absent": "too ill"},
        ("/obs/0", "value-or-absent", "FVC: send either `value` or `absent` with its reason."),
    ),
    "neither value nor reason": (
        {"item": "fvc_l"},
        ("/obs/0", "value-or-absent", "FVC: send either `value` or `absent` with its reason."),
    ),
    "a blank reason for absence": (
        {"item": "fvc_pp", "absent": " "},
        ("/obs/0/absent", "missing-reason", "FVC % predicted: say why the test could not be done."),
    ),
    "a value without its item": (
        {"value": 2, "unit": "L"},
        ("/obs/0/item", "bad-field", "`item` is missing."),
    ),
    "a qualifier the item does not have": (
        {"item": "fvc_l", "value": 2, "unit": "L", "o2_flow": 0},
        ("/obs/0/o2_flow", "unknown-attribute", "Attribute 'o2_flow' is not known; use one of grade, eq."),
    ),
    "an unknown grade": (
        {"item": "fvc_l", "value": 2, "unit": "L", "grade": "a"},
        ("/obs/0/grade", "unknown-grade-value", "Grade value 'a' is not known; use one of A, B, C, D, E, F."),
    ),
    "a flow below zero": (
        {"item": "spo2_rest", "value": 92, "unit": "%", "o2_flow": -1},
        ("/obs/0/o2_flow", "out-of-range", "`o2_flow` -1 is below 0."),
    ),
    "a flow that is a binary float": (
        {"item": "spo2_rest", "value": 92, "unit": "%", "o2_flow": 0.5},
        (
            "/obs/0/o2_flow",
            "not-a-number",
            "`o2_flow`: 0.5 is not a number written as text, an integer or a decimal.",
        ),
    ),
    "an onset in words": (
        {"item": "resp_change", "value": "worse", "onset_days": "a week"},
        ("/obs/0/onset_days", "not-a-number", "`onset_days`: 'a week' is not a number."),
    ),
    "a code the item never has": (
        {"item": "resp_change", "value": "worst"},
        (
            "/obs/0/value",
            "unknown-code",
            "Respiratory symptoms since the last visit must be one of better, same, worse; got 'worst'.",
        ),
    ),
    "a number for a code": (
        {"item": "igra", "value": 1},
        ("/obs/0/value", "unknown-code", "IGRA must be one of positive, negative, indeterminate; got 1."),
    ),
    "a unit for a code": (
        {"item": "igra", "value": "negative", "unit": "{score}"},
        ("/obs/0/unit", "unexpected-unit", "IGRA has no unit; leave `unit` out."),
    ),
    "a code for a truth": (
        {"item": "hrct_new_ggo", "value": "true"},
        (
            "/obs/0/value",
            "bad-value",
            "New ground-glass opacity or consolidation on HRCT must be true or false; got 'true'.",
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_value_is_refused_for(case: str) -> None:
    value, expected = REFUSED[case]
    assert problem(value) == expected


def test_an_unknown_item_is_refused_with_the_items_there_are() -> None:
    pointer, code, text = problem({"item": "fvc", "value": 2, "unit": "L"})
    assert (pointer, code) == ("/obs/0/item", "unknown-item")
    assert text.startswith("Item 'fvc' is not known; use one of fvc_l, fvc_pp, dlco_pp, ")


@pytest.mark.parametrize(
    ("obs", "expected"),
    [
        ([], ("/obs", "bad-field", "`obs` must not be empty.")),
        ({}, ("/obs", "bad-field", "`obs` must be a list; got {}.")),
        ("fvc_l", ("/obs", "bad-field", "`obs` must be a list; got 'fvc_l'.")),
        ([5], ("/obs/0", "bad-field", "`0` must be an object; got 5.")),
    ],
)
def test_values_come_as_a_list_of_objects(obs: object, expected: tuple[str, str, str]) -> None:
    (only,) = enrolled().refused({"type": "obs", "effective": ON, "obs": obs})
    assert (only.pointer, only.code, only.text) == expected


def test_an_unknown_grade_of_the_message_is_refused() -> None:
    assert problem(a_value("fvc_l", 2), grade="G") == (
        "/grade",
        "unknown-grade",
        "Grade 'G' is not known; use one of A, B, C, D, E, F.",
    )


# ── conversion: the factors of the specification, worked out by hand ────────────────────────────

CONVERTED = [
    ("fvc_l", "2900", "mL", "2.9"),
    ("ferritin", "300", "ug/L", "300"),
    ("mip", "5", "kPa", "50.985"),
    ("snip", "4", "kPa", "40.788"),
    ("anc", "4.5", "10*3/uL", "4.5"),
    ("anc", "4500", "/uL", "4.5"),
    ("alc", "1.2", "10*3/uL", "1.2"),
    ("alc", "1200", "/uL", "1.2"),
    ("hb", "13.2", "g/dL", "132"),
    ("plt", "210", "10*3/uL", "210"),
    ("creatinine", "1.5", "mg/dL", "132.63"),
    ("glucose", "270.24", "mg/dL", "15"),
    ("lipids", "116.01", "mg/dL", "3"),
    ("igg", "800", "mg/dL", "8"),
    ("tac_trough", "8", "ug/L", "8"),
    ("csa_trough", "150", "ug/L", "150"),
    ("weight", "200", "[lb_av]", "90.718"),
]


@pytest.mark.parametrize(("item", "sent", "unit", "canonical"), CONVERTED)
def test_an_accepted_unit_becomes_the_canonical_one(item: str, sent: str, unit: str, canonical: str) -> None:
    (value,) = stored({"item": item, "value": Decimal(sent), "unit": unit}).obs
    assert value.value == Decimal(canonical)
    assert value.unit == vocabulary().items[item].unit


def test_every_conversion_there_is_was_worked_out() -> None:
    there = {(name, unit) for name, item in vocabulary().items.items() for unit in item.accepts}
    assert there == {(item, unit) for item, _, unit, _ in CONVERTED}


NUMBERS = [name for name, item in vocabulary().items.items() if item.kind == "number"]
STEP = Decimal("0.001")


@pytest.mark.parametrize("item", NUMBERS)
def test_the_bounds_of_what_is_possible_are_possible_and_one_step_beyond_is_not(item: str) -> None:
    reject = vocabulary().items[item].reject
    assert reject is not None
    for bound in (reject.low, reject.high):
        assert stored(a_value(item, bound)).obs[0].value == bound
    for beyond in (reject.low - STEP, reject.high + STEP):
        assert problem(a_value(item, beyond))[:2] == ("/obs/0/value", "out-of-range")


@pytest.mark.parametrize("item", NUMBERS)
def test_the_bounds_of_what_is_plausible_are_plausible_and_one_step_beyond_waits(item: str) -> None:
    definition = vocabulary().items[item]
    assert definition.warn is not None
    assert definition.reject is not None
    for bound, beyond in (
        (definition.warn.low, definition.warn.low - STEP),
        (definition.warn.high, definition.warn.high + STEP),
    ):
        assert _waiting(enrolled().saw(item, bound, on=1)) == 0
        if beyond in definition.reject:
            assert _waiting(enrolled().saw(item, beyond, on=1)) == 1


def _waiting(patient: Patient) -> Decimal | None:
    return patient.at(1).number("quarantined_n")


def test_a_range_is_judged_after_conversion() -> None:
    assert stored({"item": "hb", "value": 25, "unit": "g/dL"}).obs[0].value == 250
    pointer, code, text = problem({"item": "hb", "value": Decimal("25.1"), "unit": "g/dL"})
    assert (pointer, code) == ("/obs/0/value", "out-of-range")
    assert text.startswith("Haemoglobin 25.1 g/dL lies outside 20 to 250 g/L")


# ── qualifiers ──────────────────────────────────────────────────────────────────────────────────


def test_the_grade_of_the_message_goes_to_spirometry_that_has_none_of_its_own() -> None:
    body = stored(a_value("fvc_l", 2, grade="A"), a_value("fvc_pp", 60), a_value("dlco_pp", 50), grade="B")
    assert [one.attributes.get("grade") for one in body.obs] == ["A", "B", None]


def test_flow_and_onset_are_exact_numbers_and_zero_is_allowed() -> None:
    body = stored(
        a_value("spo2_rest", 95, o2_flow=0),
        a_value("spo2_rest", 95, o2_flow="1.5"),
        a_value("resp_change", "worse", onset_days=Decimal(0)),
    )
    assert [next(iter(one.attributes.values())) for one in body.obs] == [0, Decimal("1.5"), 0]


def test_absence_keeps_its_reason_and_nothing_else() -> None:
    (one,) = stored({"item": "dlco_pp", "absent": "cannot hold breath", "unit": "%", "eq": "gli2012"}).obs
    assert one.absent == "cannot hold breath"
    assert one.value is None
    assert one.attributes == {}

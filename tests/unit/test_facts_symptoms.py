"""Symptoms, course, imaging, pregnancy and severity: the smaller facts, by hand."""

import pytest

from tests.unit.builders import Change, Patient, a_patient, a_value, enrolled

# ── breathing ───────────────────────────────────────────────────────────────────────────────────


def worse(*changes: tuple[int, str], patient: Patient | None = None) -> Patient:
    told = patient or enrolled(0)
    for day, value in changes:
        told = told.saw("resp_change", value, on=day)
    return told


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ([(5, "worse")], True),
        ([(5, "worse"), (9, "same")], True),
        ([(5, "worse"), (9, "better")], False),
        ([(5, "worse"), (9, "better"), (12, "worse")], True),
        ([(5, "better"), (9, "worse")], True),
        ([(5, "same")], False),
    ],
)
def test_worse_breathing_lasts_until_it_is_better(changes: list[tuple[int, str]], holds: bool) -> None:
    assert worse(*changes).at(20).holds("resp_worse") is holds


def test_worse_breathing_counts_for_a_year() -> None:
    patient = worse((5, "worse"))
    assert patient.at(370).holds("resp_worse")
    assert not patient.at(371).holds("resp_worse")


def test_worse_breathing_must_be_later_than_the_anchor() -> None:
    assert not worse((5, "worse")).treated(on=5).at(5).holds("resp_worse")
    assert worse((6, "worse"), patient=enrolled(0).treated(on=5)).at(6).holds("resp_worse")
    both = worse((5, "worse")).treated(on=9)
    assert worse((12, "worse"), patient=both).at(12).holds("resp_worse")


# ── progression ─────────────────────────────────────────────────────────────────────────────────


def test_hrct_progression_counts_for_a_year_and_after_the_anchor() -> None:
    patient = enrolled(0).saw("hrct_change", "progressed", on=5)
    assert patient.at(370).holds("hrct_prog")
    assert not patient.at(371).holds("hrct_prog")
    assert not patient.saw("hrct_change", "indeterminate", on=9).at(9).holds("hrct_prog")
    assert not patient.treated(on=5).at(5).holds("hrct_prog")


SIGNS: dict[str, Change] = {
    "major FVC": lambda p: p.fvc("2.5", on=5).fvc("2.2", on=40),
    "marginal FVC": lambda p: p.fvc("2.5", on=5).fvc("2.35", on=40),
    "DLCO": lambda p: p.saw("dlco_pp", 60, on=5).saw("dlco_pp", 45, on=40),
    "symptoms": lambda p: p.saw("resp_change", "worse", on=40),
    "HRCT": lambda p: p.saw("hrct_change", "progressed", on=40),
}


@pytest.mark.parametrize("sign", SIGNS)
def test_one_sign_is_not_two_of_three(sign: str) -> None:
    assert not SIGNS[sign](enrolled(0)).at(40).holds("ppf")


@pytest.mark.parametrize(
    ("one", "other", "holds"),
    [
        ("marginal FVC", "symptoms", True),
        ("major FVC", "HRCT", True),
        ("DLCO", "symptoms", True),
        ("symptoms", "HRCT", True),
        ("marginal FVC", "DLCO", False),
    ],
)
def test_two_of_three_signs_are_progression(one: str, other: str, holds: bool) -> None:
    view = SIGNS[other](SIGNS[one](enrolled(0))).at(40)
    assert view.holds("ppf") is holds
    assert view.holds("prog") is holds
    assert (view.state == "first_line.progressive_severe") is holds


@pytest.mark.parametrize(
    ("course", "holds"),
    [
        ("progressive", True),
        ("rapidly_progressive", True),
        ("stable", False),
        ("improving", False),
        ("unknown", False),
    ],
)
def test_a_recorded_course_is_progression(course: str, holds: bool) -> None:
    assert enrolled(0).saw("clinical_course", course, on=5).at(5).holds("course_prog") is holds


def test_a_recorded_course_counts_for_ninety_days_and_after_the_anchor() -> None:
    patient = enrolled(0).saw("clinical_course", "progressive", on=5)
    assert patient.at(95).holds("course_prog")
    assert not patient.at(96).holds("course_prog")
    assert not patient.treated(on=5).at(5).holds("course_prog")


def test_another_explanation_holds_progression_back_from_its_newest_status() -> None:
    patient = (
        enrolled(0).treated(on=0).has("alt_explanation", on=9).saw("clinical_course", "progressive", on=10)
    )
    assert patient.at(10).state == "monitor"
    assert patient.at(10).action("rev.alt_explanation") == "offer P1"
    resolved = patient.resolved("alt_explanation", on=20)
    assert resolved.at(20).history[-1] == "T08 20 escalate.standard"
    confirmed = patient.has("alt_explanation", on=40).vaccinated("flu", on=60)
    assert confirmed.at(60).state == "monitor"


# ── severity and assessment ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("flow", [1, "0.5"])
def test_any_oxygen_at_rest_is_severe(flow: int | str) -> None:
    assert enrolled(0).saw("spo2_rest", 97, on=1, o2_flow=flow).at(1).holds("severe")


def test_a_low_saturation_at_an_unknown_flow_is_not_severe() -> None:
    assert not enrolled(0).saw("spo2_rest", 89, on=1).at(1).holds("severe")
    assert enrolled(0).saw("spo2_rest", 89, on=1, o2_flow=0).at(1).holds("severe")


@pytest.mark.parametrize(
    ("item", "value", "stale"), [("fvc_pp", 45, 90), ("dlco_pp", 30, 90), ("spo2_rest", 89, 30)]
)
def test_severity_lasts_as_long_as_the_value_is_fresh(item: str, value: int, stale: int) -> None:
    fields = {"o2_flow": 0} if item == "spo2_rest" else {}
    patient = enrolled(0).saw(item, value, on=1, **fields)
    assert patient.at(1 + stale).holds("severe")
    assert not patient.at(2 + stale).holds("severe")


COMPLETE = {
    "fvc_pp": a_value("fvc_pp", 80),
    "dlco_pp": a_value("dlco_pp", 70),
    "hrct_change": a_value("hrct_change", "stable"),
    "spo2_rest": a_value("spo2_rest", 96, o2_flow=0),
    "clinical_course": a_value("clinical_course", "improving"),
}


def test_everything_fresh_and_a_quiet_course_complete_the_assessment() -> None:
    assert enrolled(0).obs(1, *COMPLETE.values()).at(1).state == "first_line.non_progressive"


@pytest.mark.parametrize("missing", COMPLETE)
def test_one_missing_value_leaves_the_assessment_open(missing: str) -> None:
    values = [value for item, value in COMPLETE.items() if item != missing]
    assert enrolled(0).obs(1, *values).at(1).state == "assess"


@pytest.mark.parametrize("missing", ["fvc_pp", "dlco_pp"])
def test_a_breathing_test_that_could_not_be_done_does_not(missing: str) -> None:
    values = [value for item, value in COMPLETE.items() if item != missing]
    assert enrolled(0).absent(missing, on=0).obs(1, *values).at(1).state == "first_line.non_progressive"


@pytest.mark.parametrize("missing", ["hrct_change", "spo2_rest", "clinical_course"])
def test_another_test_that_could_not_be_done_does(missing: str) -> None:
    values = [value for item, value in COMPLETE.items() if item != missing]
    assert enrolled(0).absent(missing, on=0).obs(1, *values).at(1).state == "assess"


@pytest.mark.parametrize(
    ("item", "stale"),
    [("fvc_pp", 90), ("dlco_pp", 90), ("hrct_change", 180), ("spo2_rest", 30), ("clinical_course", 90)],
)
def test_a_stale_value_leaves_the_assessment_open(item: str, stale: int) -> None:
    others = [value for name, value in COMPLETE.items() if name != item]
    patient = a_patient().obs(-stale, COMPLETE[item]).enrolled(-stale)
    assert patient.obs(0, *others).at(0).state == "first_line.non_progressive"
    assert patient.obs(1, *others).at(1).state == "assess"


@pytest.mark.parametrize("course", ["progressive", "rapidly_progressive", "unknown"])
def test_an_unquiet_course_does_not_complete_the_assessment(course: str) -> None:
    values = [*list(COMPLETE.values())[:-1], a_value("clinical_course", course)]
    view = enrolled(0).obs(1, *values).at(1)
    assert not view.holds("assess_complete")
    assert (view.action("rev.course") is not None) is (course == "unknown")


# ── risk ────────────────────────────────────────────────────────────────────────────────────────

RISKS: dict[str, Change] = {
    "ground glass": lambda p: p.saw("hrct_ggo", "extensive", on=1),
    "lavage": lambda p: p.saw("bal_neut_pct", 4, on=1),
    "low capacity": lambda p: p.fvc(pp="55", on=1),
    "anti-ARS": lambda p: p.saw("ab_ars", "positive", on=1),
    "myositis": lambda p: p.saw("myositis_activity", "active", on=1),
}


@pytest.mark.parametrize("risk", RISKS)
def test_each_risk_factor_alone_raises_the_tier(risk: str) -> None:
    view = RISKS[risk](enrolled(0)).at(1)
    assert view.tier == "elevated"
    assert view.number("risk_n") == 1


def test_all_risk_factors_are_counted_and_anti_mda5_stands_above_them() -> None:
    patient = enrolled(0)
    for risk in RISKS.values():
        patient = risk(patient)
    assert patient.at(1).tier == "elevated"
    assert patient.at(1).number("risk_n") == 5
    assert patient.saw("ab_mda5", "positive", on=1).at(1).tier == "very_high"
    assert enrolled(0).saw("ab_mda5", "positive", on=1).at(1).number("risk_n") == 0


@pytest.mark.parametrize("ggo", ["none", "limited"])
def test_other_findings_are_no_risk(ggo: str) -> None:
    patient = enrolled(0).saw("hrct_ggo", ggo, on=1).saw("ab_ars", "negative", on=1)
    assert patient.at(1).tier == "standard"


@pytest.mark.parametrize(
    ("judged", "ck", "holds"),
    [
        ((1, "active"), None, True),
        ((1, "inactive"), None, False),
        (None, (1, 1000), True),
        (None, (1, 999), False),
        ((1, "active"), (5, 500), False),
        ((5, "active"), (1, 500), True),
        ((1, "inactive"), (5, 2000), True),
        ((5, "inactive"), (1, 2000), False),
        ((5, "active"), (5, 500), True),
        ((5, "inactive"), (5, 2000), True),
        ((5, "inactive"), (5, 500), False),
    ],
)
def test_the_newer_of_judgement_and_creatine_kinase_says_whether_myositis_is_active(
    judged: tuple[int, str] | None, ck: tuple[int, int] | None, holds: bool
) -> None:
    patient = enrolled(0)
    if judged:
        patient = patient.saw("myositis_activity", judged[1], on=judged[0])
    if ck:
        patient = patient.saw("ck", ck[1], on=ck[0], received=9)
    assert patient.at(3000).holds("myositis_active") is holds


# ── fever, muscle, pregnancy ────────────────────────────────────────────────────────────────────


def test_the_newest_fever_counts_not_the_newest_temperature() -> None:
    patient = enrolled(0).saw("temp", "38.0", on=3).saw("temp", "37.9", on=5)
    assert patient.at(9).day("fever_on") == 3
    assert enrolled(0).saw("temp", "37.9", on=5).at(9).day("fever_on") is None


@pytest.mark.parametrize(("item", "value"), [("mip", 50), ("snip", 30), ("supine_drop_pct", 30)])
def test_weak_breathing_muscles_are_known_for_half_a_year(item: str, value: int) -> None:
    patient = enrolled(0).saw(item, value, on=1)
    assert patient.at(183).holds("resp_muscle_weak")
    assert not patient.at(184).holds("resp_muscle_weak")


def test_weak_breathing_muscles_found_otherwise_last_until_resolved() -> None:
    patient = enrolled(0).has("rms_weak", on=1)
    assert patient.at(3000).holds("resp_muscle_weak")
    assert not patient.resolved("rms_weak", on=9).at(9).holds("resp_muscle_weak")


def pregnancy(*evidence: tuple[int, str]) -> Patient:
    """Evidence by day: `test +`, `test -`, `yes` (recorded), `over` (resolved)."""
    patient = enrolled(0, sex="female")
    for day, what in evidence:
        if what.startswith("test"):
            patient = patient.saw("pregnancy_test", "positive" if what == "test +" else "negative", on=day)
        else:
            patient = (patient.has if what == "yes" else patient.resolved)("pregnancy", on=day)
    return patient


@pytest.mark.parametrize(
    ("evidence", "pregnant", "known_on"),
    [
        ([], False, None),
        ([(5, "test +")], True, 5),
        ([(5, "test -")], False, None),
        ([(5, "yes")], True, 5),
        ([(5, "test +"), (9, "yes")], True, 5),
        ([(5, "yes"), (9, "test +")], True, 5),
        ([(5, "test +"), (9, "test -")], False, None),
        ([(5, "yes"), (200, "over")], False, None),
        ([(5, "yes"), (200, "over"), (300, "test +")], True, 300),
        ([(5, "test +"), (9, "test -"), (12, "yes"), (20, "test +")], True, 12),
        ([(5, "test -"), (5, "yes")], True, 5),
        ([(5, "over"), (5, "test +")], True, 5),
    ],
)
def test_the_newest_evidence_says_whether_she_is_pregnant_and_since_when_it_is_known(
    evidence: list[tuple[int, str]], pregnant: bool, known_on: int | None
) -> None:
    view = pregnancy(*evidence).at(400)
    assert view.holds("pregnant") is pregnant
    assert view.day("preg_on") == known_on


@pytest.mark.parametrize(
    ("fields", "possible"),
    [
        ({"sex": "female"}, True),
        ({"sex": "male"}, False),
        ({"sex": "other"}, True),
        ({"sex": "unknown"}, True),
        ({"sex": "male", "can_become_pregnant": True}, True),
        ({"sex": "female", "can_become_pregnant": False}, False),
        ({"sex": "female", "birth_date": "1969-01-11", "can_become_pregnant": True}, True),
    ],
)
def test_pregnancy_is_possible_as_recorded_or_unless_ruled_out(
    fields: dict[str, object], possible: bool
) -> None:
    assert enrolled(0, **fields).at(10).holds("can_become_pregnant") is possible


def test_pregnancy_is_taken_as_impossible_from_the_55th_birthday() -> None:
    patient = enrolled(0, sex="female", birth_date="1969-01-11")
    assert patient.at(9).holds("can_become_pregnant")
    assert not patient.at(10).holds("can_become_pregnant")

"""Hypoxaemia, and the features of rapid progression one by one."""

from collections.abc import Callable

import pytest

from tests.unit.builders import Patient, a_patient, a_value, enrolled


def low_on(patient: Patient, day: int) -> int | None:
    return patient.at(day).day("desat_on")


def score(patient: Patient, day: int) -> int:
    """Return the score of a day; another explanation keeps the patient where he stands to be judged."""
    number = patient.has("alt_explanation", on=day).at(day).number("rp_score")
    assert number is not None
    return int(number)


def room_air(patient: Patient, value: int | str, on: int) -> Patient:
    return patient.saw("spo2_rest", value, on=on, o2_flow=0)


# ── desaturation ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("flow", [None, 0, 3])
def test_88_percent_is_a_desaturation_at_any_flow(flow: int | None) -> None:
    fields = {} if flow is None else {"o2_flow": flow}
    assert low_on(enrolled(0).saw("spo2_rest", 88, on=1, **fields), 1) == 1
    assert low_on(enrolled(0).saw("spo2_rest", 89, on=1, **fields), 1) is None


def test_a_fall_counts_from_the_highest_room_air_value_of_ninety_days() -> None:
    patient = room_air(room_air(room_air(enrolled(0), 97, 10), 94, 30), 93, 60)
    assert low_on(patient, 60) == 60
    assert low_on(room_air(room_air(room_air(enrolled(0), 95, 10), 96, 30), 93, 60), 60) is None


@pytest.mark.parametrize(("day", "low"), [(90, True), (91, False)])
def test_the_ninety_days_before_include_the_ninetieth(day: int, low: bool) -> None:
    # a nearer value keeps the look-back of a year out of it
    patient = room_air(room_air(room_air(enrolled(0), 98, 0), 95, 80), 93, day)
    assert low_on(patient, day) == (day if low else None)


def test_a_value_of_the_same_day_is_not_compared_with() -> None:
    assert low_on(room_air(enrolled(0), 98, 1).saw("spo2_rest", 93, on=1, o2_flow=0), 1) is None


def test_a_fall_on_oxygen_or_at_an_unknown_flow_does_not_count() -> None:
    known = room_air(enrolled(0), 98, 1)
    assert low_on(known.saw("spo2_rest", 92, on=30), 30) is None
    on_oxygen = enrolled(0).saw("spo2_rest", 98, on=1, o2_flow=2).saw("spo2_rest", 92, on=30, o2_flow=2)
    assert low_on(on_oxygen, 30) is None


def test_a_value_at_an_unknown_flow_is_not_compared_with() -> None:
    assert low_on(room_air(enrolled(0).saw("spo2_rest", 98, on=1), 93, 30), 30) is None


def test_a_value_on_oxygen_is_no_reference_for_a_fall_on_room_air() -> None:
    assert low_on(room_air(enrolled(0).saw("spo2_rest", 98, on=1, o2_flow=1), 93, 30), 30) is None


def test_more_oxygen_counts_from_the_lowest_flow_of_ninety_days() -> None:
    patient = room_air(enrolled(0), 96, 1).saw("spo2_rest", 96, on=20, o2_flow=2)
    assert low_on(patient, 20) == 20
    kept = patient.saw("spo2_rest", 96, on=40, o2_flow=2)
    assert low_on(kept, 40) == 40
    assert low_on(patient.saw("spo2_rest", 96, on=110, o2_flow=2), 110) is None


def test_without_a_near_value_the_newest_of_the_year_is_compared() -> None:
    patient = room_air(room_air(enrolled(0), 98, 0), 94, 50)
    assert low_on(room_air(patient, 92, 200), 200) is None
    assert low_on(room_air(patient, 90, 200), 200) == 200
    assert low_on(room_air(enrolled(0), 98, 0).saw("spo2_rest", 95, on=200, o2_flow=1), 200) == 200


def test_an_unknown_flow_nearby_does_not_stand_in_the_way_of_the_year() -> None:
    patient = room_air(enrolled(0), 98, 0).saw("spo2_rest", 97, on=150)
    assert low_on(room_air(patient, 93, 200), 200) == 200


def test_a_quarantined_value_is_judged_and_is_compared_with_nothing() -> None:
    assert low_on(room_air(enrolled(0), 55, 5), 5) == 5
    after = room_air(room_air(enrolled(0), 55, 5), 92, 20)
    assert low_on(after, 20) is None


def test_only_the_newest_date_counts_and_any_value_of_it() -> None:
    patient = room_air(enrolled(0), 85, 5)
    assert low_on(room_air(patient, 96, 6), 6) is None
    two = room_air(patient, 96, 6).saw("spo2_rest", 86, on=6, o2_flow=3)
    assert low_on(two, 6) == 6
    # the score looks at the value kept, that of the lowest flow
    assert score(two, 6) == 0


def test_a_corrected_saturation_is_forgotten() -> None:
    patient = enrolled(0).saw("spo2_rest", 85, on=5, id="low", o2_flow=0)
    fixed = patient.corrected("low", on=5, obs=[a_value("spo2_rest", 95, o2_flow=0)])
    assert low_on(fixed, 5) is None


# ── features, each alone ────────────────────────────────────────────────────────────────────────

FEATURES: dict[str, Callable[[Patient, int], Patient]] = {
    "a desaturation": lambda p, day: room_air(p, 88, day),
    "rapid worsening": lambda p, day: p.saw("resp_change", "worse", on=day, onset_days=30),
    "progression on HRCT": lambda p, day: p.saw("hrct_change", "progressed", on=day),
    "new ground glass": lambda p, day: p.saw("hrct_new_ggo", True, on=day),
    "a fall of FVC": lambda p, day: p.fvc("2.5", on=day - 20).fvc("2.25", on=day),
}


@pytest.mark.parametrize("feature", FEATURES)
def test_each_feature_counts_one_for_ninety_days(feature: str) -> None:
    patient = FEATURES[feature](enrolled(0), 30)
    assert [score(patient, d) for d in (29, 30, 120, 121)] == [0, 1, 1, 0]


@pytest.mark.parametrize("feature", FEATURES)
def test_each_feature_must_be_later_than_the_anchor(feature: str) -> None:
    on_anchor = FEATURES[feature](enrolled(0), 30).treated(on=30)
    assert score(on_anchor, 30) == 0
    after = FEATURES[feature](enrolled(0).treated(on=9), 30)
    assert score(after, 30) == 1


def test_both_findings_of_one_image_are_one_feature() -> None:
    patient = enrolled(0).saw("hrct_change", "progressed", on=5).saw("hrct_new_ggo", True, on=5)
    assert score(patient, 5) == 1


def test_a_newer_image_without_the_finding_ends_the_feature() -> None:
    patient = enrolled(0).saw("hrct_change", "progressed", on=5)
    assert score(patient.saw("hrct_change", "stable", on=20), 20) == 0
    ggo = enrolled(0).saw("hrct_new_ggo", True, on=5)
    assert score(ggo.saw("hrct_new_ggo", False, on=20), 20) == 0
    assert score(ggo.saw("hrct_change", "stable", on=20), 20) == 1


def test_a_newer_saturation_without_a_fall_ends_the_feature() -> None:
    assert score(room_air(room_air(enrolled(0), 88, 5), 95, 20), 20) == 0


def test_better_breathing_ends_the_feature_and_the_same_does_not() -> None:
    patient = enrolled(0).saw("resp_change", "worse", on=5, onset_days=10)
    assert score(patient.saw("resp_change", "better", on=20), 20) == 0
    assert score(patient.saw("resp_change", "same", on=20), 20) == 1
    assert score(patient.saw("resp_change", "worse", on=20, onset_days=200), 20) == 1


def test_worsening_of_unknown_onset_is_no_rapid_worsening() -> None:
    assert score(enrolled(0).saw("resp_change", "worse", on=5), 5) == 0


@pytest.mark.parametrize(("days", "counts"), [(6, 0), (7, 1), (90, 1), (91, 0)])
def test_the_fall_of_fvc_is_against_a_test_of_7_to_90_days_before(days: int, counts: int) -> None:
    patient = enrolled(0).fvc("2.5", on=0).fvc("2.25", on=days)
    assert score(patient, days) == counts


@pytest.mark.parametrize(("litres", "counts"), [("2.25", 1), ("2.251", 0)])
def test_the_fall_of_fvc_is_ten_percent_whatever_the_site_calls_major(litres: str, counts: int) -> None:
    patient = a_patient(FVC_MAJOR_REL=20).enrolled(0).fvc("2.5", on=0).fvc(litres, on=30)
    assert score(patient, 30) == counts


def test_the_fall_of_percent_counts_without_litres_and_with_the_same_equation() -> None:
    patient = enrolled(0).fvc(pp="80", eq="gli2012", on=0)
    assert score(patient.fvc(pp="72", eq="gli2012", on=30), 30) == 1
    assert score(patient.fvc(pp="72", eq="other", on=30), 30) == 0
    assert score(enrolled(0).fvc("2.5", pp="80", on=0).fvc("2.4", pp="70", on=30), 30) == 0


def test_the_reference_of_the_fall_is_not_older_than_the_floor() -> None:
    patient = enrolled(0).fvc("2.8", on=5).fvc("2.5", on=20).treated(on=30)
    assert score(patient.fvc("2.4", on=50), 50) == 0
    assert score(patient.fvc("2.25", on=50), 50) == 1


def test_values_a_feature_is_compared_with_may_be_older_than_the_anchor() -> None:
    patient = room_air(enrolled(0), 98, 1).treated(on=30)
    assert score(room_air(patient, 93, 50), 50) == 1


def test_a_window_of_more_than_a_year_reaches_every_feature() -> None:
    # a site may set RP_WINDOW as it likes; worsening must count as long as the other features do
    patient = a_patient(RP_WINDOW=400).enrolled(0).saw("resp_change", "worse", on=0, onset_days=10)
    assert score(patient, 400) == 1


# ── what follows from them ──────────────────────────────────────────────────────────────────────


def test_two_features_are_rapid_disease_unless_there_is_another_explanation() -> None:
    patient = FEATURES["rapid worsening"](FEATURES["new ground glass"](enrolled(0), 30), 30)
    assert patient.at(30).holds("rp_active")
    assert patient.at(30).state == "first_line.progressive_severe"
    explained = patient.has("alt_explanation", on=30).at(30)
    assert not explained.holds("rp_active")
    assert explained.action("rf.rp") == "offer P0"


def test_a_recorded_rapid_course_is_rapid_disease_whatever_explains_it() -> None:
    patient = enrolled(0).has("alt_explanation", on=5).saw("clinical_course", "rapidly_progressive", on=5)
    assert patient.at(5).holds("rp_active")
    assert patient.at(95).holds("rp_confirmed")
    assert not patient.at(96).holds("rp_confirmed")


def test_a_recorded_rapid_course_must_be_later_than_the_anchor() -> None:
    patient = enrolled(0).saw("clinical_course", "rapidly_progressive", on=5).treated(on=5)
    assert not patient.at(5).holds("rp_confirmed")


def test_a_newer_course_ends_it() -> None:
    patient = (
        enrolled(0).saw("clinical_course", "rapidly_progressive", on=5).saw("clinical_course", "stable", on=9)
    )
    assert not patient.at(9).holds("rp_confirmed")


def test_rapid_disease_is_dated_by_the_newest_evidence() -> None:
    features = enrolled(0).saw("resp_change", "worse", on=10, onset_days=5).saw("hrct_new_ggo", True, on=20)
    assert features.at(30).day("rp_on") == 20
    assert enrolled(0).saw("hrct_new_ggo", True, on=20).at(30).day("rp_on") is None
    confirmed = features.saw("clinical_course", "rapidly_progressive", on=25)
    assert confirmed.at(30).day("rp_on") == 25
    older = enrolled(0).saw("clinical_course", "rapidly_progressive", on=5)
    assert older.at(30).day("rp_on") == 5


def test_rapid_disease_is_dated_by_its_state_while_it_lasts_and_14_days_from_entry() -> None:
    patient = enrolled(0).treated(on=0).moved("escalate.rapid", on=30)
    assert patient.at(300).day("rp_on") == 30
    left = patient.started("cyc", on=33)
    assert left.at(44).day("rp_on") == 30
    assert left.at(45).day("rp_on") is None


def test_a_decided_red_flag_rises_again_with_newer_evidence() -> None:
    patient = enrolled(0).saw("resp_change", "worse", on=10, onset_days=5).saw("hrct_new_ggo", True, on=20)
    decided = patient.accepted("rf.rp", on=20)
    assert decided.at(20).action("rf.rp") is None
    assert room_air(decided, 85, 21).at(21).action("rf.rp") == "offer P0"

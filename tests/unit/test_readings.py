"""Which value of a day is kept, when two values are a conflict, and what is set aside until verified."""

from itertools import pairwise

import pytest

from tests.unit.builders import Patient, Plain, a_value, enrolled, vocabulary


def both(item: str, one: Plain, other: Plain) -> tuple[Patient, Patient]:
    """Return a patient with two values of one day in either order of arrival."""
    return (
        enrolled().saw(item, one, on=1, id="p").saw(item, other, on=1, id="q"),
        enrolled().saw(item, other, on=1, id="q").saw(item, one, on=1, id="p"),
    )


def kept(patient: Patient, item: str = "fvc_l", day: int = 1) -> str | None:
    return patient.at(day).kept(item)


def conflicts(patient: Patient, day: int = 1) -> int:
    number = patient.at(day).number("conflict_n")
    assert number is not None
    return int(number)


# ── which one is kept ───────────────────────────────────────────────────────────────────────────

LOWER_IS_WORSE = {
    "fvc_l", "fvc_pp", "dlco_pp", "spo2_rest", "spo2_exert", "mip", "snip", "anc", "alc", "hb", "plt", "egfr",
    "igg", "dxa_t",
}  # fmt: skip
"""Spec §3: lower fvc/dlco/spo2/mip/snip/anc/alc/hb/plt/egfr/igg/dxa."""


@pytest.mark.parametrize("item", [n for n, i in vocabulary().items.items() if i.kind == "number"])
def test_the_more_adverse_number_is_kept_whatever_came_first(item: str) -> None:
    warn = vocabulary().items[item].warn
    assert warn is not None
    low, high = warn.low, warn.high
    for patient in both(item, low, high):
        assert patient.at(1).kept(item) == str(low if item in LOWER_IS_WORSE else high)


WORSE_FIRST = {
    "resp_change": ["worse", "same", "better"],
    "clinical_course": ["rapidly_progressive", "progressive", "stable"],
    "hrct_change": ["progressed", "stable", "improved"],
    "myositis_activity": ["active", "inactive"],
    "igra": ["positive", "indeterminate", "negative"],
    "g6pd": ["deficient", "normal"],
    "tpmt": ["deficient", "intermediate", "normal"],
    "hrct_ggo": ["extensive", "limited", "none"],
    **{
        item: ["positive", "negative"]
        for item in ("ab_ars", "ab_mda5", "urine_blood", "pregnancy_test", "hbsag", "anti_hbc")
    },
}


@pytest.mark.parametrize(
    ("item", "worse", "better"),
    [(item, *pair) for item, codes in WORSE_FIRST.items() for pair in pairwise(codes)],
)
def test_the_worse_code_is_kept_whatever_came_first(item: str, worse: str, better: str) -> None:
    for patient in both(item, better, worse):
        assert patient.at(1).kept(item) == worse
        assert conflicts(patient) == 1


def test_a_finding_is_kept_against_its_absence() -> None:
    for patient in both("hrct_new_ggo", False, True):
        assert patient.at(1).kept("hrct_new_ggo") == "True"


def test_a_better_grade_beats_source_and_adversity() -> None:
    patient = enrolled().fvc("2.9", on=1, grade="B", source="patient").fvc("2.4", on=1, source="lab")
    assert kept(patient) == "2.9"


def test_no_grade_counts_as_c() -> None:
    assert kept(enrolled().fvc("2.9", on=1, grade="B").fvc("2.4", on=1)) == "2.9"
    assert kept(enrolled().fvc("2.9", on=1, grade="C").fvc("2.4", on=1)) == "2.4"


@pytest.mark.parametrize(
    ("better", "worse"), [("lab", "device"), ("device", "manual"), ("manual", "patient")]
)
def test_a_more_trusted_source_beats_adversity(better: str, worse: str) -> None:
    assert kept(enrolled().fvc("2.9", on=1, source=better).fvc("2.4", on=1, source=worse)) == "2.9"
    assert kept(enrolled().fvc("2.4", on=1, source=worse).fvc("2.9", on=1, source=better)) == "2.9"


def test_equal_values_come_from_the_smaller_id() -> None:
    for first, second in (("a", "b"), ("b", "a")):
        patient = enrolled().fvc("2.5", on=1, id=first).fvc("2.5", on=1, id=second)
        reading = patient.at(1).moment.last("fvc_l")
        assert reading is not None
        assert reading.event_id == "a"


def test_litres_and_percent_are_settled_each_for_itself() -> None:
    patient = enrolled().fvc("2.4", pp="80", on=1).fvc("2.8", pp="70", on=1)
    assert (kept(patient), kept(patient, "fvc_pp")) == ("2.4", "70")
    assert conflicts(patient) == 2


# ── saturation and oxygen ───────────────────────────────────────────────────────────────────────


def test_at_different_flows_the_lowest_flow_is_kept_and_there_is_no_conflict() -> None:
    patient = (
        enrolled()
        .saw("spo2_rest", 98, on=1, o2_flow=2)
        .saw("spo2_rest", 94, on=1, o2_flow=0)
        .saw("spo2_rest", 80, on=1, o2_flow=1)
    )
    assert (kept(patient, "spo2_rest"), conflicts(patient)) == ("94", 0)


def test_at_the_same_flow_the_lower_value_is_kept_and_it_is_a_conflict() -> None:
    patient = enrolled().saw("spo2_rest", 97, on=1, o2_flow=2).saw("spo2_rest", 94, on=1, o2_flow=2)
    assert (kept(patient, "spo2_rest"), conflicts(patient)) == ("94", 1)


def test_a_known_flow_is_kept_before_an_unknown_one() -> None:
    patient = enrolled().saw("spo2_rest", 85, on=1).saw("spo2_rest", 94, on=1, o2_flow=3)
    assert kept(patient, "spo2_rest") == "94"


def test_values_of_unknown_flow_conflict_with_each_other() -> None:
    patient = enrolled().saw("spo2_rest", 97, on=1).saw("spo2_rest", 94, on=1)
    assert (kept(patient, "spo2_rest"), conflicts(patient)) == ("94", 1)


# ── when it is a conflict ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("item", "one", "within", "beyond"),
    [
        ("fvc_l", "2.50", "2.65", "2.651"),
        ("fvc_pp", "70", "75", "75.01"),
        ("dlco_pp", "60", "65", "65.01"),
        ("spo2_exert", "90", "92", "92.1"),
        ("ck", "100", "100", "100.1"),
    ],
)
def test_a_spread_within_tolerance_is_no_conflict(item: str, one: str, within: str, beyond: str) -> None:
    assert conflicts(enrolled().saw(item, one, on=1).saw(item, within, on=1)) == 0
    assert conflicts(enrolled().saw(item, one, on=1).saw(item, beyond, on=1)) == 1


def test_a_saturation_spread_within_two_points_is_no_conflict() -> None:
    def pair(other: str) -> Patient:
        return enrolled().saw("spo2_rest", 90, on=1, o2_flow=0).saw("spo2_rest", other, on=1, o2_flow=0)

    assert conflicts(pair("92")) == 0
    assert conflicts(pair("92.1")) == 1


def test_the_spread_is_that_of_all_values_of_the_day() -> None:
    patient = enrolled().fvc("2.5", on=1).fvc("2.6", on=1).fvc("2.7", on=1)
    assert conflicts(patient) == 1


def test_a_conflict_is_open_for_thirty_days() -> None:
    patient = enrolled().saw("ck", 100, on=1).saw("ck", 200, on=1)
    assert patient.at(31).action("dq.conflict") == "offer P3"
    assert patient.at(32).action("dq.conflict") is None


def test_a_value_set_aside_conflicts_with_nothing() -> None:
    assert conflicts(enrolled().fvc("2.5", on=1, grade="E").fvc("2.9", on=1)) == 0
    assert conflicts(enrolled().fvc("6.8", on=1).fvc("2.9", on=1)) == 0


def test_the_same_value_under_another_id_is_ignored() -> None:
    patient = (
        enrolled().fvc("2.9", on=1, id="a").obs(1, {"item": "fvc_l", "value": 2900, "unit": "mL"}, id="b")
    )
    assert (kept(patient), conflicts(patient)) == ("2.9", 0)


def test_retracting_one_value_ends_the_conflict() -> None:
    patient = enrolled().fvc("2.5", on=1, id="a").fvc("2.9", on=1, id="b").retracted("a", on=2)
    assert (kept(patient, day=2), conflicts(patient, 2)) == ("2.9", 0)


# ── quarantine ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("grade", ["D", "E", "F"])
def test_spirometry_of_a_bad_grade_is_stored_and_unusable(grade: str) -> None:
    patient = enrolled().fvc("2.5", pp="80", on=1, grade=grade)
    assert (kept(patient), kept(patient, "fvc_pp")) == (None, None)
    assert patient.at(1).number("quarantined_n") == 0
    assert patient.at(1).action("dq.verify") is None


@pytest.mark.parametrize("grade", ["A", "B", "C"])
def test_spirometry_of_a_fair_grade_is_usable(grade: str) -> None:
    assert kept(enrolled().fvc("2.5", on=1, grade=grade)) == "2.5"


def test_unusable_litres_take_the_percent_of_their_message_along() -> None:
    message = enrolled().obs(1, a_value("fvc_l", "2.5", grade="F"), a_value("fvc_pp", 80, grade="A"))
    assert kept(message, "fvc_pp") is None
    apart = enrolled().fvc("2.5", on=1, grade="F").fvc(pp="80", on=1)
    assert kept(apart, "fvc_pp") == "80"


def test_unusable_percent_leaves_the_litres_alone() -> None:
    patient = enrolled().obs(1, a_value("fvc_l", "2.5", grade="A"), a_value("fvc_pp", 80, grade="F"))
    assert (kept(patient), kept(patient, "fvc_pp")) == ("2.5", None)


def test_quarantined_litres_take_the_percent_of_their_message_along() -> None:
    patient = enrolled().fvc("6.8", pp="80", on=1, id="a")
    assert kept(patient, "fvc_pp") is None
    assert patient.at(1).action("dq.verify") == "offer P1"
    assert kept(patient.verified("a", on=1), "fvc_pp") == "80"


@pytest.mark.parametrize(
    ("first", "second", "usable"),
    [
        ("2.5", "1.5", True),
        ("2.5", "1.499", False),
        ("2.5", "3.5", True),
        ("2.5", "3.501", False),
    ],
)
def test_a_jump_of_more_than_forty_percent_of_the_value_before_waits(
    first: str, second: str, usable: bool
) -> None:
    patient = enrolled().fvc(first, on=1).fvc(second, on=30)
    assert kept(patient, day=30) == (second if usable else first)
    assert patient.at(30).number("quarantined_n") == (0 if usable else 1)


def test_a_value_more_than_a_year_old_does_not_make_a_jump() -> None:
    assert kept(enrolled().fvc("2.5", on=1).fvc("1.2", on=366), day=366) == "2.5"
    assert kept(enrolled().fvc("2.5", on=1).fvc("1.2", on=367), day=367) == "1.2"


def test_a_jump_is_judged_against_the_value_kept_that_day() -> None:
    # 2.0 is kept of day 1 (the lower one): 1.3 is within 40 % of it, though not of 2.4
    patient = enrolled().fvc("2.4", on=1).fvc("2.0", on=1).fvc("1.3", on=30)
    assert kept(patient, day=30) == "1.3"


def test_a_value_of_the_same_day_does_not_make_a_jump() -> None:
    patient = enrolled().fvc("2.5", on=1).fvc("1.4", on=1)
    assert (kept(patient), conflicts(patient)) == ("1.4", 1)


def test_a_chain_of_jumps_is_judged_against_the_last_usable_value() -> None:
    patient = enrolled().fvc("2.5", on=1).fvc("1.4", on=30, id="low").fvc("1.4", on=60)
    assert patient.at(60).number("quarantined_n") == 2
    verified = patient.verified("low", on=61).at(61)
    assert verified.number("quarantined_n") == 0
    assert verified.evaluation.fold.chart.kept["fvc_l"].entries[-1].day.isoformat() == "2024-03-01"


def test_a_late_value_is_judged_in_its_place_and_so_are_those_after_it() -> None:
    patient = enrolled().fvc("2.5", on=1).fvc("1.4", on=60)
    assert kept(patient, day=60) == "2.5"
    bridged = patient.fvc("2.0", on=30)
    assert kept(bridged, day=60) == "1.4"


def test_a_jump_of_percent_predicted_does_not_wait() -> None:
    assert kept(enrolled().fvc(pp="100", on=1).fvc(pp="50", on=30), "fvc_pp", 30) == "50"


def test_one_doubtful_value_of_a_day_leaves_the_other_usable() -> None:
    patient = enrolled().fvc("6.8", on=1, grade="A").fvc("2.5", on=1)
    assert kept(patient) == "2.5"
    assert patient.at(1).number("quarantined_n") == 1


def test_a_quarantined_saturation_counts_for_the_red_flag_and_for_nothing_else() -> None:
    patient = enrolled().saw("spo2_rest", 59, on=1, o2_flow=0)
    assert patient.at(1).action("rf.spo2") == "offer P0"
    assert not patient.at(1).holds("severe")
    assert patient.at(1).number("rp_score") == 0
    assert patient.at(1).state == "assess"
    verified = patient.verified("e2", on=1).at(1)
    assert verified.state == "first_line.progressive_severe"


def test_quarantine_is_not_seen_before_its_day() -> None:
    patient = enrolled().fvc("6.8", on=5, received=5)
    assert patient.at(4).number("quarantined_n") == 0
    assert patient.at(4).number("conflict_n") == 0


# ── tests that could not be done ────────────────────────────────────────────────────────────────


def test_a_test_that_could_not_be_done_stands_in_for_ninety_days() -> None:
    patient = enrolled().fvc(pp="80", on=60).absent("dlco_pp", on=1)
    assert patient.at(91).action("ord.pft") is None
    assert patient.at(92).action("ord.pft") == "offer P2"


def test_a_value_of_the_same_day_wins_over_the_absence() -> None:
    moment = enrolled().saw("dlco_pp", 60, on=1).absent("dlco_pp", on=1).at(1).moment
    assert moment.absence("dlco_pp") is None


def test_a_newer_absence_wins_over_an_older_value() -> None:
    moment = enrolled().saw("dlco_pp", 60, on=1).absent("dlco_pp", on=2).at(2).moment
    absence = moment.absence("dlco_pp")
    assert absence is not None
    assert str(absence) == "2024-01-03: too breathless"


def test_absence_stands_in_for_no_other_item() -> None:
    patient = enrolled().absent("hrct_change", on=1).absent("spo2_rest", on=1)
    assert {"ord.hrct", "ord.oximetry"} <= patient.at(1).actions.keys()

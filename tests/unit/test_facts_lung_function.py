"""FVC and DLCO against a reference that moves with time and treatment, worked out by hand."""

import pytest

from tests.unit.builders import Patient, View, a_patient, enrolled


def verdict(view: View) -> str:
    """Return how the newest FVC is judged."""
    if view.holds("fvc_major"):
        assert not view.holds("fvc_marginal")
        return "major"
    return "marginal" if view.holds("fvc_marginal") else "none"


def judged(patient: Patient, day: int) -> str:
    """Return the verdict of a day; another explanation keeps the patient where he stands to be judged."""
    return verdict(patient.has("alt_explanation", on=day).at(day))


def treated(start: int = 0) -> Patient:
    """In monitor; line 1 starts on the day given, and so does the anchor."""
    return enrolled(0).treated(on=start)


# ── relative and absolute falls ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("2.5", "2.25", "major"),
        ("2.5", "2.2500000001", "marginal"),
        ("2.5", "2.375", "marginal"),
        ("2.5", "2.3750000001", "none"),
        ("2.5", "2.5", "none"),
        ("2.5", "2.9", "none"),
        ("0.9", "0.81", "major"),
        ("0.7", "0.63", "major"),
    ],
)
def test_a_fall_in_litres_is_compared_exactly(before: str, after: str, expected: str) -> None:
    assert judged(enrolled(0).fvc(before, on=0).fvc(after, on=60), 60) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("80", "72", "major"),
        ("80", "72.1", "marginal"),
        ("80", "76", "marginal"),
        ("80", "76.1", "none"),
        ("120", "115", "marginal"),
        ("120", "115.1", "none"),
    ],
)
def test_without_litres_percent_predicted_is_compared(before: str, after: str, expected: str) -> None:
    assert judged(enrolled(0).fvc(pp=before, on=0).fvc(pp=after, on=60), 60) == expected


def test_the_highest_percent_is_the_reference() -> None:
    patient = enrolled(0).fvc(pp="80", on=0).fvc(pp="76", on=20).fvc(pp="78", on=40)
    assert judged(patient.fvc(pp="72", on=60), 60) == "major"


def test_litres_come_before_percent() -> None:
    # litres fell by 4 %, percent by 12.5 % and 10 points: the relative fall is that of litres
    patient = enrolled(0).fvc("2.5", pp="80", on=0).fvc("2.4", pp="70", on=60)
    assert judged(patient, 60) == "marginal"


def test_percent_is_compared_when_no_candidate_has_litres() -> None:
    assert judged(enrolled(0).fvc(pp="80", on=0).fvc("2.4", pp="70", on=60), 60) == "major"


def test_the_highest_litres_are_the_reference_even_of_another_date_than_the_highest_percent() -> None:
    patient = enrolled(0).fvc("2.5", pp="70", on=0).fvc("2.4", pp="76", on=30).fvc("2.4", pp="71", on=60)
    # litres: 2.5 → 2.4 is 4 %; points: 76 → 71 is 5
    assert judged(patient, 60) == "marginal"


def test_a_candidate_with_litres_is_found_beside_candidates_without() -> None:
    patient = enrolled(0).fvc("2.5", on=0).fvc(pp="80", on=20).fvc("2.2", pp="80", on=60)
    assert judged(patient, 60) == "major"


def test_percent_by_different_equations_is_never_compared() -> None:
    patient = enrolled(0).fvc(pp="80", eq="gli2012", on=0)
    assert judged(patient.fvc(pp="60", eq="gli_global", on=60), 60) == "none"
    assert judged(patient.fvc(pp="60", on=60), 60) == "none"
    assert judged(patient.fvc(pp="60", eq="gli2012", on=60), 60) == "major"
    assert judged(enrolled(0).fvc(pp="80", on=0).fvc(pp="60", on=60), 60) == "major"


def test_points_need_the_same_equation_too() -> None:
    patient = enrolled(0).fvc("2.5", pp="80", eq="gli2012", on=0)
    assert judged(patient.fvc("2.45", pp="70", eq="gli_global", on=60), 60) == "none"
    assert judged(patient.fvc("2.45", pp="75", eq="gli2012", on=60), 60) == "marginal"


def test_the_candidate_with_the_same_equation_is_the_reference_for_percent() -> None:
    patient = enrolled(0).fvc(pp="90", eq="gli_global", on=0).fvc(pp="80", eq="gli2012", on=20)
    assert judged(patient.fvc(pp="77", eq="gli2012", on=60), 60) == "none"


# ── the window of references ────────────────────────────────────────────────────────────────────


def test_a_fallback_reference_shows_a_major_fall_only() -> None:
    patient = enrolled(0).fvc("2.5", on=0)
    assert judged(patient.fvc("2.25", on=366), 366) == "major"
    assert judged(patient.fvc("2.26", on=366), 366) == "none"


def test_a_fallback_knows_no_points() -> None:
    assert judged(enrolled(0).fvc(pp="120", on=0).fvc(pp="109", on=366), 366) == "none"
    assert judged(enrolled(0).fvc(pp="120", on=0).fvc(pp="108", on=366), 366) == "major"


def test_the_fallback_is_the_newest_older_test_not_the_highest() -> None:
    patient = enrolled(0).fvc("2.8", on=0).fvc("2.5", on=100)
    assert judged(patient.fvc("2.26", on=466), 466) == "none"
    assert judged(patient.fvc("2.25", on=466), 466) == "major"


def test_a_newest_older_test_that_cannot_be_compared_is_no_reference() -> None:
    patient = enrolled(0).fvc(pp="90", eq="gli2012", on=0).fvc(pp="90", eq="other", on=100)
    assert judged(patient.fvc(pp="60", eq="gli2012", on=466), 466) == "none"


def test_there_is_no_fallback_while_the_year_before_has_a_candidate() -> None:
    # day 0 is 400 days back; day 300 is within the year, and 2.2 → 2.2 is no fall
    assert judged(enrolled(0).fvc("2.8", on=0).fvc("2.2", on=300).fvc("2.2", on=400), 400) == "none"


def test_a_candidate_that_cannot_be_compared_still_rules_the_fallback_out() -> None:
    patient = enrolled(0).fvc(pp="90", eq="gli2012", on=0).fvc(pp="60", eq="other", on=300)
    assert judged(patient.fvc(pp="60", eq="gli2012", on=400), 400) == "none"


def test_a_test_too_near_is_neither_candidate_nor_fallback() -> None:
    assert judged(enrolled(0).fvc("2.8", on=0).fvc("2.2", on=13), 13) == "none"


def test_an_old_test_is_judged_no_more() -> None:
    patient = enrolled(0).fvc("2.5", on=0).fvc("2.2", on=60)
    assert verdict(patient.at(60 + 365)) == "major"
    assert verdict(patient.at(60 + 366)) == "none"


def test_data_from_before_enrolment_serve_as_reference() -> None:
    assert judged(a_patient().fvc("2.5", on=-200).enrolled(0).fvc("2.2", on=1), 1) == "major"


# ── the anchor and the floor ────────────────────────────────────────────────────────────────────


def test_before_treatment_there_is_no_anchor() -> None:
    assert enrolled(0).at(0).day("anchor") is None


def test_the_anchor_is_the_start_of_the_line_or_a_later_reaction() -> None:
    assert treated(5).at(5).day("anchor") == 5
    reacted = treated(5).moved("escalate.standard", on=50)
    assert reacted.at(50).day("anchor") == 50
    assert reacted.started("tac", on=60).at(60).day("anchor") == 60
    back = reacted.moved("monitor", on=70)
    assert back.at(70).day("anchor") == 50


@pytest.mark.parametrize(
    ("first", "second"), [("escalate.standard", "recurrent.late"), ("recurrent.early", "escalate.rapid")]
)
def test_of_several_reactions_the_last_is_the_anchor(first: str, second: str) -> None:
    patient = treated(5).moved(first, on=50).moved(second, on=70)
    assert patient.at(70).day("anchor") == 70


def test_a_reaction_before_any_line_is_an_anchor() -> None:
    assert enrolled(0).moved("recurrent.late", on=7).at(7).day("anchor") == 7


def test_a_test_on_the_anchor_is_not_judged_and_the_day_after_is() -> None:
    patient = treated(50).fvc("2.8", on=20)
    assert judged(patient.fvc("2.2", on=50), 50) == "none"
    assert judged(patient.fvc("2.2", on=51), 51) == "major"


def test_the_last_test_up_to_the_start_of_the_line_is_the_oldest_reference() -> None:
    # 2.8 of day 10 is older than the last test up to the line start (day 40), so 2.5 is the best
    patient = enrolled(0).fvc("2.8", on=10).fvc("2.5", on=40).treated(on=50)
    assert judged(patient.fvc("2.4", on=80), 80) == "none"
    assert judged(patient.fvc("2.25", on=80), 80) == "major"


def test_a_test_on_the_day_the_line_starts_is_its_baseline() -> None:
    patient = enrolled(0).fvc("2.8", on=10).fvc("2.5", on=50).treated(on=50)
    assert judged(patient.fvc("2.4", on=80), 80) == "none"


def test_a_baseline_from_long_before_the_line_serves_while_in_reach() -> None:
    patient = a_patient().fvc("2.5", on=-300).enrolled(0).treated(on=0)
    assert judged(patient.fvc("2.35", on=65), 65) == "marginal"
    assert judged(patient.fvc("2.35", on=66), 66) == "none"
    assert judged(patient.fvc("2.2", on=66), 66) == "major"


def test_without_a_baseline_only_tests_of_the_line_itself_are_references() -> None:
    patient = treated(0).fvc("2.5", on=10)
    assert judged(patient, 10) == "none"
    assert judged(patient.fvc("2.2", on=60), 60) == "major"


def test_after_a_reaction_an_older_test_predates_the_worsening() -> None:
    # escalated on day 50: the test of day 35 is 15 days older, so the new line has no baseline yet
    patient = treated(0).fvc("2.8", on=35).moved("escalate.standard", on=50).started("tac", on=60)
    assert judged(patient.fvc("2.2", on=80), 80) == "none"
    assert judged(patient.fvc("2.5", on=70).fvc("2.2", on=100), 100) == "major"


def test_after_a_reaction_the_last_test_up_to_the_anchor_is_the_baseline() -> None:
    # both tests lie within 14 days before the escalation or up to the new line start: the last one counts
    patient = treated(0).fvc("2.8", on=40).moved("escalate.standard", on=50).fvc("2.4", on=55)
    assert judged(patient.started("tac", on=60).fvc("2.3", on=80), 80) == "none"
    assert judged(patient.started("tac", on=60).fvc("2.16", on=80), 80) == "major"


def test_the_fall_that_led_to_the_escalation_does_not_fire_again() -> None:
    patient = treated(0).fvc("2.8", on=0).fvc("2.4", on=60)
    assert patient.at(60).state == "escalate.standard"
    assert verdict(patient.at(60)) == "none"
    after = patient.started("tac", on=65).fvc("2.4", on=100)
    assert (after.at(100).state, verdict(after.at(100))) == ("monitor", "none")


def test_without_a_baseline_the_fallback_begins_at_the_anchor() -> None:
    patient = treated(0).fvc("2.8", on=35).moved("recurrent.late", on=50).started("tac", on=60)
    assert judged(patient.fvc("2.2", on=35 + 366), 35 + 366) == "none"


# ── confirmation ────────────────────────────────────────────────────────────────────────────────


def test_a_marginal_fall_is_confirmed_by_a_marginal_or_major_one() -> None:
    for earlier in ("2.36", "2.2"):
        patient = enrolled(0).fvc("2.5", on=0).fvc(earlier, on=60).fvc("2.35", on=90)
        assert patient.at(90).holds("fvc_confirmed")


def test_a_marginal_fall_is_not_confirmed_by_a_test_without_one() -> None:
    patient = enrolled(0).fvc("2.5", on=0).fvc("2.4", on=60).fvc("2.35", on=90)
    assert not patient.at(90).holds("fvc_confirmed")


def test_a_major_fall_needs_no_confirmation() -> None:
    patient = enrolled(0).fvc("2.5", on=0).fvc("2.36", on=60).fvc("2.2", on=90)
    assert not patient.at(90).holds("fvc_confirmed")
    assert patient.at(90).holds("prog")


def test_any_test_of_the_right_age_confirms_not_only_the_last() -> None:
    patient = enrolled(0).fvc("2.5", on=0).fvc("2.36", on=60).fvc("2.5", on=80).fvc("2.35", on=100)
    assert patient.at(100).holds("fvc_confirmed")


def test_a_fall_from_before_the_anchor_confirms_nothing() -> None:
    patient = enrolled(0).fvc("2.5", on=0).fvc("2.36", on=60).treated(on=60)
    later = patient.fvc("2.22", on=100)
    # baseline 2.36 of day 60; 2.22 is 5.9 % below; the marginal fall of day 60 lies on the anchor
    assert later.at(100).holds("fvc_marginal")
    assert not later.at(100).holds("fvc_confirmed")


# ── DLCO ────────────────────────────────────────────────────────────────────────────────────────


def dlco(*values: tuple[int, int | str], patient: Patient | None = None, **fields: str) -> Patient:
    told = patient or enrolled(0)
    for day, value in values:
        told = told.saw("dlco_pp", value, on=day, **fields)
    return told


def test_dlco_is_compared_in_points_with_the_highest_of_the_year() -> None:
    assert dlco((0, 60), (30, 65), (60, 55)).at(60).holds("dlco_decline")
    assert not dlco((0, 60), (30, 64), (60, "54.1")).at(60).holds("dlco_decline")


def test_dlco_by_different_equations_is_never_compared() -> None:
    patient = enrolled(0).saw("dlco_pp", 70, on=0, eq="gli2012").saw("dlco_pp", 50, on=60, eq="other")
    assert not patient.at(60).holds("dlco_decline")


def test_dlco_has_no_fallback() -> None:
    assert not dlco((0, 70), (366, 40)).at(366).holds("dlco_decline")


def test_an_old_dlco_is_judged_no_more() -> None:
    patient = dlco((0, 70), (60, 50))
    assert patient.at(60 + 365).holds("dlco_decline")
    assert not patient.at(60 + 366).holds("dlco_decline")


def test_dlco_has_a_floor_of_its_own() -> None:
    # an FVC on day 45 does not count: the floor is the last DLCO up to the anchor, day 40
    patient = dlco((10, 80), (40, 60)).fvc("2.5", on=45).treated(on=50)
    assert not dlco((80, 55), patient=patient).at(80).holds("dlco_decline")
    assert dlco((80, 50), patient=patient).at(80).holds("dlco_decline")


def test_a_dlco_on_the_anchor_is_not_judged() -> None:
    patient = dlco((10, 80)).treated(on=50)
    assert not dlco((50, 50), patient=patient).at(50).holds("dlco_decline")
    assert dlco((51, 50), patient=patient).at(51).holds("dlco_decline")


def test_after_a_reaction_an_older_dlco_is_no_reference() -> None:
    patient = treated(0).saw("dlco_pp", 80, on=35).moved("escalate.standard", on=50)
    assert not dlco((80, 50), patient=patient).at(80).holds("dlco_decline")
    nearer = treated(0).saw("dlco_pp", 80, on=36).moved("escalate.standard", on=50)
    assert dlco((80, 50), patient=nearer).at(80).holds("dlco_decline")


# ── control and low capacity ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("late", "controlled"), [("2.5", True), ("2.38", True), ("2.37", False), ("2.2", False), ("2.9", True)]
)
def test_a_test_that_did_not_fall_late_on_the_line_is_control(late: str, controlled: bool) -> None:
    patient = treated(0).fvc("2.5", on=0).fvc(late, on=180).has("alt_explanation", on=180)
    assert patient.at(181).holds("controlled") is controlled


def test_control_is_reached_the_day_after_the_test() -> None:
    patient = treated(0).fvc("2.5", on=0).fvc("2.5", on=180)
    assert not patient.at(180).holds("controlled")
    assert patient.at(181).holds("controlled")


def test_a_test_without_a_reference_is_no_control() -> None:
    assert not treated(0).fvc("2.5", on=180).at(181).holds("controlled")


def test_a_test_against_a_fallback_reference_is_control_unless_it_fell_far() -> None:
    patient = treated(0).fvc("2.5", on=0)
    assert patient.fvc("2.3", on=366).at(367).holds("controlled")
    assert not patient.fvc("2.2", on=366).has("alt_explanation", on=366).at(367).holds("controlled")


def test_control_once_reached_is_not_lost_by_a_later_fall() -> None:
    patient = treated(0).fvc("2.5", on=0).fvc("2.5", on=180).fvc("2.2", on=250)
    assert patient.at(250).history[-1] == "T07 250 recurrent.early"


def test_a_recorded_control_counts_from_the_day_after_if_not_before_the_line() -> None:
    patient = treated(10).has("disease_control", on=10)
    assert not patient.at(10).holds("controlled")
    assert patient.at(11).holds("controlled")
    assert not enrolled(0).has("disease_control", on=9).treated(on=10).at(30).holds("controlled")
    assert not patient.resolved("disease_control", on=20).at(21).holds("controlled")


def test_a_new_line_must_reach_control_anew() -> None:
    patient = treated(0).has("disease_control", on=100).moved("recurrent.late", on=200).started("tac", on=210)
    assert patient.at(205).holds("controlled")
    assert not patient.at(215).holds("controlled")


def test_there_is_no_control_without_a_line() -> None:
    assert not enrolled(0).has("disease_control", on=1).at(5).holds("controlled")


@pytest.mark.parametrize(("before", "low"), [(-90, True), (-91, False)])
def test_the_earliest_percent_from_ninety_days_before_enrolment_counts(before: int, low: bool) -> None:
    patient = a_patient().fvc(pp="55", on=before).fvc(pp="70", on=-10).enrolled(0)
    assert patient.at(0).holds("low_vc") is low


def test_a_later_fall_is_no_low_capacity_at_the_start() -> None:
    assert not enrolled(0).fvc(pp="70", on=5).fvc(pp="40", on=60).at(60).holds("low_vc")
    assert enrolled(0).fvc("2.0", on=2).fvc(pp="55", on=5).at(5).holds("low_vc")


# ── the baseline that is missing ────────────────────────────────────────────────────────────────


def test_a_worsened_patient_without_a_recent_test_needs_one() -> None:
    patient = treated(0).moved("recurrent.late", on=50)
    assert patient.at(50).action("ord.pft") == "offer P2"
    assert patient.fvc("2.5", on=55).at(55).action("ord.pft") is None
    assert patient.fvc(pp="80", on=55).at(55).action("ord.pft") is None


def test_outside_a_worsening_no_baseline_is_missing() -> None:
    assert not treated(0).at(50).holds("line_fvc_missing")


def test_an_entry_into_rapid_asks_for_a_test_of_its_own() -> None:
    patient = treated(0).fvc("2.5", on=40).moved("escalate.standard", on=50)
    assert not patient.at(50).holds("line_fvc_missing")
    assert patient.moved("escalate.rapid", on=60).at(60).holds("line_fvc_missing")

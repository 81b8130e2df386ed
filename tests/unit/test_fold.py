"""The replay: what happens on one date, in which order, and what a line of treatment is."""

import pytest

from tests.unit.builders import Patient, a_patient, a_value, enrolled


def in_monitor(on: int = 0) -> Patient:
    """Enrolled and treated since the same day; line 1 starts then."""
    return enrolled(on).treated(on=on)


def worsened(patient: Patient, on: int) -> Patient:
    """The clinician records a progressive course: progression by itself."""
    return patient.saw("clinical_course", "progressive", on=on)


# ── before, at and after enrolment ──────────────────────────────────────────────────────────────


def test_before_enrolment_there_is_no_state_and_data_are_kept() -> None:
    patient = a_patient().fvc("2.5", pp="45", on=-10)
    assert not patient.at(0).enrolled
    assert (patient.at(0).actions, patient.at(0).reviews, patient.at(0).tier) == ({}, {}, None)
    assert patient.enrolled(0).at(0).state == "first_line.progressive_severe"


def test_the_day_before_enrolment_is_before_it() -> None:
    patient = enrolled(5)
    assert not patient.at(4).enrolled
    assert patient.at(4).evaluation.revisit_on == patient.at(5).evaluation.as_of
    assert patient.at(5).state == "assess"
    assert patient.at(5).since == 5


def test_dates_before_enrolment_are_not_evaluated() -> None:
    patient = a_patient().saw("spo2_rest", 80, on=-40, o2_flow=0).enrolled(0)
    assert patient.at(0).history == []
    assert patient.at(0).state == "assess"


def test_retracting_the_enrolment_leaves_no_state() -> None:
    patient = in_monitor().retracted("e1", on=3)
    assert not patient.at(3).enrolled
    assert patient.at(3).evaluation.revisit_on is None


def test_correcting_the_enrolment_date_moves_everything_after_it() -> None:
    fields = {"iim_dx": "PM", "ild_confirmed": True, "sex": "male", "birth_date": "1970-01-01"}
    patient = enrolled(0).assessed(5).corrected("e1", on=10, **fields)
    assert patient.at(9).enrolled is False
    assert patient.at(10).history == ["T02 10 first_line.non_progressive"]


def test_of_a_position_only_what_happened_up_to_the_day_asked_counts() -> None:
    patient = enrolled(0).assessed(5).started("mmf", on=9)
    assert [patient.at(d).state for d in (4, 5, 8, 9)] == [
        "assess",
        "first_line.non_progressive",
        "first_line.non_progressive",
        "monitor",
    ]


# ── one date ────────────────────────────────────────────────────────────────────────────────────


def test_several_transitions_of_one_date_follow_each_other() -> None:
    patient = enrolled(0).assessed(5).started("mmf", on=5)
    assert patient.at(5).history == ["T02 5 first_line.non_progressive", "T04 5 monitor"]


def test_the_transition_with_the_lower_priority_number_goes_first() -> None:
    # complete, stable and severe at once: T01 (prio 1) before T02 (prio 2)
    patient = enrolled(0).saw("dlco_pp", 34, on=5).assessed(5)
    assert patient.at(5).history == ["T01 5 first_line.progressive_severe"]


def test_an_override_comes_after_the_transitions_of_its_date_and_before_further_ones() -> None:
    patient = enrolled(0).moved("first_line.non_progressive", on=5, received=5).started("mmf", on=5)
    # first: no transition leaves assess; then the override; then T04
    assert patient.at(5).history == ["T13 5 first_line.non_progressive", "T04 5 monitor"]


def test_each_transition_fires_at_most_once_a_date() -> None:
    # T04 fires, the override goes back, and T04 may not fire again that day
    patient = enrolled(0).assessed(4).started("mmf", on=5).moved("first_line.non_progressive", on=5)
    assert patient.at(5).history == [
        "T02 4 first_line.non_progressive",
        "T04 5 monitor",
        "T13 5 first_line.non_progressive",
    ]
    assert patient.at(400).state == "first_line.non_progressive"


def test_the_next_event_lets_it_fire_again() -> None:
    patient = enrolled(0).assessed(4).started("mmf", on=5).moved("first_line.non_progressive", on=5)
    assert patient.vaccinated("flu", on=6).at(6).history[-1] == "T04 6 monitor"


def test_of_several_overrides_of_a_date_the_newest_recorded_wins() -> None:
    patient = (
        enrolled(0).moved("recurrent.late", on=5, received=9).moved("escalate.standard", on=5, received=10)
    )
    assert patient.at(10).history == ["T13 5 escalate.standard"]


def test_an_override_to_the_state_one_is_in_is_an_entry() -> None:
    patient = enrolled(0).moved("assess", on=5)
    assert (patient.at(5).history, patient.at(5).since) == (["T13 5 assess"], 5)


def test_a_retracted_override_never_was() -> None:
    patient = enrolled(0).moved("monitor", on=5, id="o").retracted("o", on=6)
    assert patient.at(6).history == []


def test_time_alone_moves_nobody() -> None:
    patient = enrolled(0).assessed(5)
    assert patient.at(3000).history == ["T02 5 first_line.non_progressive"]


def test_every_date_of_an_event_is_looked_at_even_if_the_event_says_nothing_new() -> None:
    # On day 50 another explanation holds the progression back; no event falls on the day it ends
    patient = worsened(in_monitor(), 10).has("alt_explanation", on=10)
    assert patient.at(100).state == "monitor"
    assert patient.vaccinated("flu", on=53).at(53).history[-1] == "T08 53 escalate.standard"


def test_a_retraction_has_a_date_and_is_looked_at() -> None:
    patient = worsened(in_monitor(), 10).has("alt_explanation", on=10).tell("vax", 11, vaccine="flu", id="v")
    assert patient.retracted("v", on=53).at(53).history[-1] == "T08 53 escalate.standard"


# ── administrative status ───────────────────────────────────────────────────────────────────────


def test_a_pause_keeps_state_actions_and_reviews() -> None:
    patient = enrolled(0).admin("pause", on=2)
    view = patient.at(2)
    assert (view.status, view.state, view.history) == ("paused", "assess", ["A01 2 paused"])
    assert view.actions == enrolled(0).at(2).actions
    assert view.reviews == enrolled(0).at(2).reviews


def test_transitions_go_on_while_paused() -> None:
    patient = enrolled(0).admin("pause", on=2).assessed(5)
    assert patient.at(5).history == ["A01 2 paused", "T02 5 first_line.non_progressive"]


def test_closed_means_no_transitions_no_actions_no_reviews() -> None:
    patient = enrolled(0).admin("close", on=2).assessed(5)
    view = patient.at(5)
    assert (view.status, view.state, view.actions, view.reviews) == ("closed", "assess", {}, {})
    assert view.history == ["A03 2 closed"]


def test_the_day_of_closing_still_sees_its_transitions() -> None:
    patient = enrolled(0).assessed(5).admin("close", on=5)
    assert patient.at(5).history == ["T02 5 first_line.non_progressive", "A03 5 closed"]
    assert patient.at(5).actions == {}


def test_an_override_while_closed_does_nothing() -> None:
    patient = enrolled(0).admin("close", on=2).moved("monitor", on=5)
    assert patient.at(5).state == "assess"


def test_reopening_takes_effect_before_the_transitions_of_its_day() -> None:
    patient = enrolled(0).admin("close", on=2).assessed(5).admin("reopen", on=9)
    assert patient.at(9).history == ["A03 2 closed", "A04 9 active", "T02 9 first_line.non_progressive"]
    assert patient.at(9).status == "active"


def test_resuming_comes_first_and_pausing_last_on_one_day() -> None:
    patient = enrolled(0).admin("pause", on=2).admin("pause", on=5).admin("resume", on=5)
    assert patient.at(5).history == ["A01 2 paused", "A02 5 active", "A01 5 paused"]


def test_closing_is_possible_while_paused_and_reopening_makes_active() -> None:
    patient = enrolled(0).admin("pause", on=2).admin("close", on=3).admin("reopen", on=4)
    assert patient.at(4).history == ["A01 2 paused", "A03 3 closed", "A04 4 active"]


@pytest.mark.parametrize("op", ["resume", "reopen"])
def test_a_step_that_does_not_apply_changes_nothing(op: str) -> None:
    assert enrolled(0).admin(op, on=2).at(2).history == []


def test_pausing_what_is_closed_changes_nothing() -> None:
    assert enrolled(0).admin("close", on=2).admin("pause", on=3).at(3).history == ["A03 2 closed"]


# ── lines of treatment ──────────────────────────────────────────────────────────────────────────


def line(patient: Patient, on: int) -> tuple[int, int | None, bool]:
    view = patient.at(on)
    return view.line, view.line_start, view.evaluation.context["line_rp"] is True


def test_before_treatment_there_is_no_line() -> None:
    assert line(enrolled(0).assessed(5), 5) == (0, None, False)


def test_line_1_starts_with_the_earliest_running_immunosuppressant() -> None:
    patient = (
        a_patient()
        .started("aza", on=-50)
        .started("mmf", on=-20)
        .stopped("aza", on=-10)
        .enrolled(0)
        .assessed(3)
    )
    assert line(patient, 3) == (1, -20, False)
    assert patient.at(3).action("rev.prior_is") == "offer P2"


def test_ivig_alone_starts_no_first_line() -> None:
    assert enrolled(0).assessed(3).started("ivig", on=4).at(4).state == "first_line.non_progressive"
    assert enrolled(0).assessed(3).started("other_is", on=4).at(4).state == "first_line.non_progressive"


def test_first_treatment_of_rapid_disease_is_remembered() -> None:
    patient = enrolled(0).saw("clinical_course", "rapidly_progressive", on=3).started("cyc", on=4)
    assert patient.at(4).history == ["T01 3 first_line.progressive_severe", "T04 4 monitor"]
    assert line(patient, 4) == (1, 4, True)


def test_an_override_into_monitor_from_assess_starts_line_1_that_day_without_treatment() -> None:
    assert line(enrolled(0).moved("monitor", on=7), 7) == (1, 7, False)


def test_an_override_into_monitor_from_assess_starts_line_1_with_running_treatment() -> None:
    assert line(enrolled(0).started("mmf", on=2).moved("monitor", on=7), 7) == (1, 2, False)


def test_an_override_into_monitor_from_first_line_starts_line_1() -> None:
    assert line(enrolled(0).assessed(3).moved("monitor", on=7), 7) == (1, 7, False)


@pytest.mark.parametrize(
    "state", ["escalate.standard", "escalate.rapid", "recurrent.early", "recurrent.late"]
)
def test_an_override_into_monitor_from_a_worsening_keeps_line_and_start(state: str) -> None:
    patient = in_monitor(0).moved(state, on=50).moved("monitor", on=60)
    assert line(patient, 60) == (1, 0, False)


def test_an_override_into_first_line_keeps_what_is_remembered_until_treatment_starts_again() -> None:
    patient = in_monitor(0).stopped("mmf", on=20).moved("first_line.non_progressive", on=30)
    assert line(patient, 30) == (1, 0, False)
    assert line(patient.started("aza", on=40), 40) == (1, 40, False)


def test_an_escalation_before_any_line_makes_line_1() -> None:
    patient = enrolled(0).moved("escalate.standard", on=5).started("mmf", on=9)
    assert line(patient, 9) == (1, 9, False)


@pytest.mark.parametrize(
    ("state", "drug", "after"),
    [
        ("escalate.standard", "tac", (2, 55, False)),
        ("escalate.standard", "ivig", (2, 55, False)),
        ("escalate.standard", "nintedanib", (2, 55, False)),
        ("recurrent.early", "ivig", (2, 55, False)),
        ("recurrent.late", "rtx", (2, 55, False)),
        ("escalate.rapid", "cyc", (2, 55, True)),
    ],
)
def test_a_new_agent_starts_the_next_line(state: str, drug: str, after: tuple[int, int, bool]) -> None:
    patient = in_monitor(0).moved(state, on=50).started(drug, on=55)
    assert patient.at(55).state == "monitor"
    assert line(patient, 55) == after


@pytest.mark.parametrize("drug", ["ivig", "nintedanib", "gc_oral", "gc_pulse", "other_is"])
def test_leaving_rapid_needs_an_immunosuppressant(drug: str) -> None:
    patient = in_monitor(0).moved("escalate.rapid", on=50).started(drug, on=55)
    assert patient.at(55).state == "escalate.rapid"


def test_from_rapid_the_line_starts_with_the_immunosuppressant_not_with_ivig() -> None:
    patient = in_monitor(0).moved("escalate.rapid", on=50).started("ivig", on=52).started("cyc", on=55)
    assert line(patient, 55) == (2, 55, True)


def test_of_several_new_agents_the_earliest_starts_the_line() -> None:
    closed = in_monitor(0).moved("recurrent.late", on=50).admin("close", on=51)
    patient = closed.started("ivig", on=54).started("tac", on=58).admin("reopen", on=60)
    assert line(patient, 60) == (2, 54, False)
    rapid = in_monitor(0).moved("escalate.rapid", on=50).admin("close", on=51)
    patient = rapid.started("ivig", on=54).started("tac", on=58).started("cyc", on=59).admin("reopen", on=60)
    assert line(patient, 60) == (2, 58, True)


def test_the_running_drug_is_no_new_agent() -> None:
    patient = in_monitor(0).moved("escalate.standard", on=50).given("mmf", on=55).started("mmf", on=56)
    assert patient.at(56).state == "escalate.standard"


def test_a_change_of_dose_leaves_no_state() -> None:
    patient = in_monitor(0).started("gc_oral", on=1, dose=10).moved("escalate.standard", on=50)
    assert patient.dosed("gc_oral", 60, on=55).at(55).state == "escalate.standard"


def test_a_drug_restarted_the_day_of_entry_after_a_stop_before_is_new() -> None:
    patient = in_monitor(0).stopped("mmf", on=49).moved("escalate.standard", on=50).started("mmf", on=50)
    assert patient.at(50).state == "monitor"
    assert line(patient, 50) == (2, 50, False)


def test_a_drug_stopped_on_the_day_of_entry_ran_the_day_before_and_is_not_new() -> None:
    patient = in_monitor(0).stopped("mmf", on=50).moved("escalate.standard", on=50).started("mmf", on=60)
    assert patient.at(60).state == "escalate.standard"


@pytest.mark.parametrize(("gap", "state"), [(168, "escalate.standard"), (169, "monitor")])
def test_a_repeated_rituximab_dose_counts_after_168_days(gap: int, state: str) -> None:
    patient = in_monitor(0).given("rtx", on=10).moved("escalate.standard", on=100).given("rtx", on=10 + gap)
    assert patient.at(10 + gap).state == state


def test_a_repeated_rituximab_dose_starts_the_line_on_its_date() -> None:
    patient = in_monitor(0).given("rtx", on=10).moved("recurrent.late", on=200).given("rtx", on=205)
    assert line(patient, 205) == (2, 205, False)


def test_a_repeated_rituximab_dose_before_entry_does_not_count() -> None:
    patient = in_monitor(0).given("rtx", on=10).given("rtx", on=199).moved("recurrent.late", on=200)
    assert patient.vaccinated("flu", on=201).at(201).state == "recurrent.late"


def test_a_third_dose_soon_after_a_repeated_one_does_not_move_the_start() -> None:
    closed = in_monitor(0).given("rtx", on=10).moved("recurrent.late", on=200).admin("close", on=200)
    patient = closed.given("rtx", on=201).given("rtx", on=215).admin("reopen", on=220)
    assert line(patient, 220)[:2] == (2, 201)


def test_the_third_line_counts_on() -> None:
    patient = in_monitor(0).moved("recurrent.late", on=50).started("tac", on=55)
    patient = patient.moved("escalate.standard", on=90).started("rtx", on=95)
    assert line(patient, 95) == (3, 95, False)


def test_a_line_after_rapid_disease_is_followed_closely_and_the_next_is_not() -> None:
    patient = in_monitor(0).moved("escalate.rapid", on=50).started("cyc", on=55)
    assert patient.at(56).holds("rp_watch")
    later = patient.moved("recurrent.early", on=60).started("tac", on=61)
    assert line(later, 61) == (3, 61, False)
    assert not later.at(61).holds("rp_watch")


# ── what fires in monitor ───────────────────────────────────────────────────────────────────────


def test_progression_before_control_escalates() -> None:
    assert worsened(in_monitor(), 30).at(30).history[-1] == "T08 30 escalate.standard"


def test_progression_after_control_recurs_early_or_late() -> None:
    patient = in_monitor(0).has("disease_control", on=100)
    assert worsened(patient, 364).at(364).history[-1] == "T07 364 recurrent.early"
    assert worsened(patient, 365).at(365).history[-1] == "T06 365 recurrent.late"


def test_rapid_disease_goes_first_from_every_treated_state() -> None:
    for state in ("monitor", "escalate.standard", "recurrent.early", "recurrent.late"):
        patient = in_monitor(0).has("disease_control", on=10).moved(state, on=20)
        view = patient.saw("clinical_course", "rapidly_progressive", on=30).at(30)
        assert view.state == "escalate.rapid"


def test_the_evidence_of_an_escalation_cannot_fire_it_again_once_treatment_changes() -> None:
    patient = worsened(in_monitor(), 30).started("tac", on=35)
    assert patient.vaccinated("flu", on=40).at(40).history[1:] == [
        "T08 30 escalate.standard",
        "T11 35 monitor",
    ]


def test_several_values_of_one_message_are_seen_together() -> None:
    patient = in_monitor().obs(
        30, a_value("resp_change", "worse", onset_days=20), a_value("hrct_change", "progressed")
    )
    assert patient.at(30).history[-1] == "T05 30 escalate.rapid"

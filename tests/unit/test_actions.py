"""Next actions: how they stand, when they are due, and how long a decision keeps them off the list."""

import pytest

from tests.unit.builders import Patient, a_patient, a_value, enrolled


def escalated(on: int = 2) -> Patient:
    """On azathioprine since day 1, everything measured and harmless, then escalated."""
    return enrolled(0).healthy(1).treated(on=1, drug="aza").moved("escalate.standard", on=on)


def open_days(patient: Patient, action: str, days: list[int]) -> list[int]:
    return [day for day in days if patient.at(day).action(action) is not None]


# ── decisions ───────────────────────────────────────────────────────────────────────────────────


def test_an_accepted_action_is_silent_for_28_days_and_then_asked_again() -> None:
    patient = enrolled().accepted("vx.flu", on=10)
    assert open_days(patient, "vx.flu", [9, 10, 11, 37, 38, 39]) == [9, 38, 39]


def test_a_declined_action_is_silent_for_90_days() -> None:
    patient = enrolled().declined("vx.flu", on=10)
    assert open_days(patient, "vx.flu", [9, 10, 99, 100]) == [9, 100]


def test_an_accepted_action_of_priority_1_is_silent_for_3_days() -> None:
    patient = enrolled().fvc("6.8", on=5).accepted("dq.verify", on=10)
    assert open_days(patient, "dq.verify", [9, 10, 12, 13]) == [9, 13]


def test_a_declined_action_of_priority_1_is_silent_for_90_days_all_the_same() -> None:
    patient = enrolled().fvc("6.8", on=5).declined("dq.verify", on=10)
    assert open_days(patient, "dq.verify", [9, 10, 13, 99, 100]) == [9, 100]


def test_the_priority_of_the_day_counts_not_that_of_the_decision() -> None:
    # rev.regimen is P2 for 28 days after entry on day 2 and P1 from day 31 on
    patient = escalated(2).accepted("rev.regimen", on=20)
    assert open_days(patient, "rev.regimen", [19, 20, 30, 31, 47, 48]) == [19, 31, 47, 48]
    assert patient.at(31).action("rev.regimen") == "offer P1"


def test_the_next_entry_after_the_decision_ends_it_early() -> None:
    patient = enrolled().accepted("vx.flu", on=10).moved("monitor", on=12)
    assert open_days(patient, "vx.flu", [10, 11, 12, 13]) == [12, 13]
    declined = enrolled().declined("vx.flu", on=10).moved("monitor", on=12)
    assert open_days(declined, "vx.flu", [10, 11, 12, 13]) == [12, 13]


def test_an_entry_on_the_day_of_the_decision_does_not_end_it() -> None:
    patient = enrolled().moved("monitor", on=10).accepted("vx.flu", on=10)
    assert open_days(patient, "vx.flu", [9, 10, 11, 37, 38]) == [9, 38]


@pytest.mark.parametrize("state", ["first_line.progressive_severe", "escalate.standard", "recurrent.late"])
def test_an_accepted_referral_is_silent_until_the_next_entry(state: str) -> None:
    patient = enrolled().moved(state, on=1).accepted("ref.mdt", on=5)
    assert open_days(patient, "ref.mdt", [4, 5, 40, 4000]) == [4]
    again = patient.moved("escalate.rapid", on=60)
    assert open_days(again, "ref.mdt", [59, 60]) == [60]


def test_a_declined_referral_is_silent_for_90_days() -> None:
    patient = enrolled().moved("recurrent.late", on=1).declined("ref.mdt", on=5)
    assert open_days(patient, "ref.mdt", [4, 5, 94, 95]) == [4, 95]


@pytest.mark.parametrize("action", ["edu.gc", "sup.rehab"])
def test_education_and_support_are_silent_for_a_year_whatever_the_state(action: str) -> None:
    patient = enrolled().moved("monitor", on=1).started("gc_oral", on=1, dose=5)
    accepted = patient.accepted(action, on=10).moved("escalate.standard", on=20)
    assert open_days(accepted, action, [9, 10, 20, 374, 375]) == [9, 375]
    declined = patient.declined(action, on=10).moved("escalate.standard", on=20)
    assert open_days(declined, action, [9, 10, 20, 99, 100]) == [9, 100]


@pytest.mark.parametrize("decide", [Patient.accepted, Patient.declined])
def test_a_red_flag_is_silent_until_a_trigger_dated_later(decide: object) -> None:
    assert callable(decide)
    patient = enrolled().saw("glucose", 16, on=5)
    decided: Patient = decide(patient, "rf.glucose", on=5)
    assert open_days(decided, "rf.glucose", [5, 6, 33]) == []
    assert open_days(decided.saw("glucose", 17, on=6), "rf.glucose", [5, 6]) == [6]


def test_a_red_flag_is_not_silenced_by_a_decision_before_its_trigger() -> None:
    patient = enrolled().accepted("rf.glucose", on=4).saw("glucose", 16, on=5)
    assert open_days(patient, "rf.glucose", [5]) == [5]


def test_a_red_flag_is_not_reopened_by_an_entry() -> None:
    patient = enrolled().saw("glucose", 16, on=5).accepted("rf.glucose", on=5).moved("monitor", on=7)
    assert open_days(patient, "rf.glucose", [7, 8]) == []


def test_a_decision_counts_from_its_effective_date() -> None:
    patient = enrolled().accepted("vx.flu", on=11, received=10)
    assert open_days(patient, "vx.flu", [10, 11, 38, 39]) == [10, 39]


def test_one_decision_that_still_holds_is_enough() -> None:
    patient = enrolled().declined("vx.flu", on=10).accepted("vx.flu", on=20)
    assert open_days(patient, "vx.flu", [48, 99, 100]) == [100]


def test_a_retracted_decision_never_was() -> None:
    patient = enrolled().accepted("vx.flu", on=10, id="d").retracted("d", on=12)
    assert open_days(patient, "vx.flu", [11, 12]) == [11, 12]


# ── when it is due ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("action", "window"),
    [("rf.spo2", 0), ("dq.verify", 2), ("ord.pft", 7), ("vx.flu", 28), ("sup.rehab", None)],
)
def test_an_action_is_due_its_window_after_the_first_day_it_is_open(action: str, window: int | None) -> None:
    patient = (
        enrolled(0)
        .moved("first_line.non_progressive", on=3)
        .obs(3, a_value("fvc_l", "6.8"), a_value("spo2_rest", 85))
        .moved("first_line.non_progressive", on=3)
    )
    since = {"ord.pft": 0, "vx.flu": 0}.get(action, 3)
    assert patient.at(10).opened(action) == since
    assert patient.at(10).due(action) == (None if window is None else since + window)


def test_the_run_of_open_days_begins_anew_after_a_silence() -> None:
    patient = enrolled(0).accepted("vx.flu", on=10)
    assert patient.at(9).opened("vx.flu") == 0
    assert patient.at(50).opened("vx.flu") == 38
    assert patient.at(50).due("vx.flu") == 66


def test_an_action_opened_by_time_alone_is_due_from_that_day() -> None:
    patient = enrolled(0).vaccinated("flu", on=10)
    assert patient.at(400).opened("vx.flu") == 376
    assert patient.at(400).due("vx.flu") == 404


def test_a_change_of_priority_keeps_the_first_open_day() -> None:
    patient = escalated(2)
    assert (patient.at(30).due("rev.regimen"), patient.at(31).due("rev.regimen")) == (9, 4)


def test_an_action_open_before_and_after_a_closure_begins_anew() -> None:
    patient = enrolled(0).admin("close", on=5).admin("reopen", on=9)
    assert patient.at(9).opened("vx.flu") == 9


def test_nothing_is_open_before_enrolment() -> None:
    patient = a_patient().saw("spo2_rest", 80, on=-3).enrolled(0)
    assert patient.at(0).opened("rf.spo2") == 0


# ── order and disposition ───────────────────────────────────────────────────────────────────────


def test_actions_stand_by_priority_then_red_flags_then_table() -> None:
    patient = (
        enrolled(0)
        .started("rtx", on=0)
        .obs(
            0,
            a_value("spo2_rest", 85),
            a_value("alt", 200),
            a_value("igg", 3),
            a_value("fvc_l", "6.8"),
        )
    )
    assert list(patient.at(0).actions) == [
        "rf.spo2",
        "rf.liver",
        "sup.o2",
        "dq.verify",
        "rf.igg",
        "ord.pft",
        "ord.hrct",
        "rev.course",
        "ord.screen",
        "ord.serology",
        "vx.flu",
        "vx.pneumo",
        "vx.covid",
    ]


def test_blocked_comes_before_needs_data() -> None:
    patient = enrolled().moved("first_line.non_progressive", on=1)
    assert patient.at(1).action("tx.mmf") == "needs_data P2"
    assert patient.has("active_tb", on=1).at(1).action("tx.mmf") == "blocked P2"


def test_a_missing_value_blocks_nothing_and_an_old_bad_value_blocks_until_replaced() -> None:
    patient = enrolled().saw("anc", "0.9", on=1).moved("first_line.non_progressive", on=1)
    assert patient.at(900).action("tx.mmf") == "blocked P2"
    assert patient.saw("anc", "1.0", on=900).at(900).action("tx.mmf") == "needs_data P2"


def test_an_action_names_what_it_needs_fresh() -> None:
    patient = enrolled().moved("first_line.non_progressive", on=1).saw("anc", 4, on=1).saw("egfr", 90, on=2)
    assert patient.at(29).missing("tx.mmf") == ("alt",)
    assert patient.at(30).missing("tx.mmf") == ("anc", "alt")


def test_a_pregnancy_test_is_needed_where_pregnancy_is_possible() -> None:
    woman = enrolled(sex="female").moved("first_line.non_progressive", on=1).healthy(1)
    assert woman.at(1).missing("tx.mmf") == ("preg",)
    tested = woman.saw("pregnancy_test", "negative", on=1)
    assert tested.at(8).action("tx.mmf") == "offer P2"
    assert tested.at(9).missing("tx.mmf") == ("preg",)
    man = enrolled(sex="male").moved("first_line.non_progressive", on=1).healthy(1)
    assert man.at(1).action("tx.mmf") == "offer P2"


@pytest.mark.parametrize("item", ["hbsag", "anti_hbc", "igra", "anc", "egfr", "alt"])
def test_the_screen_is_ordered_until_every_test_is_fresh(item: str) -> None:
    patient = enrolled(sex="male").healthy(0)
    assert patient.at(0).action("ord.screen") is None
    stale = enrolled().pathway.vocabulary.items[item].stale
    assert stale is not None
    renewed = patient
    for day in range(28, stale + 1, 28):
        renewed = renewed.obs(
            day, *(a_value(i, v) for i, v in (("anc", 4), ("egfr", 90), ("alt", 20)) if i != item)
        )
    assert renewed.at(stale).action("ord.screen") is None
    assert renewed.at(stale + 1).action("ord.screen") == "offer P2"


@pytest.mark.parametrize("item", ["mip", "snip", "supine_drop_pct"])
def test_any_one_test_of_the_breathing_muscles_is_enough(item: str) -> None:
    patient = enrolled().has("orthopnoea", on=0)
    assert patient.at(0).action("ord.rms") == "offer P3"
    tested = patient.saw(item, 50, on=0)
    assert tested.at(182).action("ord.rms") is None
    assert tested.at(183).action("ord.rms") == "offer P3"


@pytest.mark.parametrize(
    ("action", "days", "vaccine"),
    [("vx.flu", 365, "flu"), ("vx.pneumo", 1825, "pneumo"), ("vx.covid", 365, "covid")],
)
def test_a_vaccine_is_due_again_after(action: str, days: int, vaccine: str) -> None:
    patient = enrolled().vaccinated(vaccine, on=0)
    assert patient.at(days).action(action) is None
    assert patient.at(days + 1).action(action) == "offer P3"


def test_rapid_disease_defers_what_can_wait() -> None:
    patient = (
        enrolled(sex="female")
        .started("gc_oral", on=0, dose=5)
        .started("mmf", on=0)
        .moved("escalate.rapid", on=1)
    )
    deferred = [a for a, text in patient.at(1).actions.items() if text.startswith("deferred")]
    assert deferred == ["vx.flu", "vx.pneumo", "vx.covid", "edu.teratogen", "sup.rehab", "edu.gc"]

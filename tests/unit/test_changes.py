"""When late or corrected data change the history itself."""

from engine.core.changes import history_after
from tests.unit.builders import Patient, a_value, enrolled


def changes(patient: Patient, day: int) -> list[tuple[str, list[str], list[str]]]:
    """Return each change: the event, the steps withdrawn, the steps brought."""
    return [
        (c.event_id, [s.transition for s in c.withdrawn], [s.transition for s in c.brought])
        for c in patient.at(day).evaluation.changes
    ]


def treated() -> Patient:
    """Assessed on day 5, treated on day 9."""
    return enrolled(0, id="enrol").obs(
        5,
        a_value("fvc_pp", 80),
        a_value("dlco_pp", 70),
        a_value("hrct_change", "baseline"),
        a_value("spo2_rest", 97, o2_flow=0),
        a_value("clinical_course", "stable"),
        id="assessed",
    ).started("mmf", on=9, id="mmf")  # fmt: skip


def test_data_in_order_change_nothing() -> None:
    patient = treated().saw("clinical_course", "progressive", on=30)
    assert changes(patient, 30) == []
    assert patient.at(30).action("rev.history_changed") is None
    assert patient.at(30).value("history_changed") is False


def test_a_late_event_that_only_adds_at_the_end_changes_nothing() -> None:
    patient = enrolled(0).assessed(5).vaccinated("flu", on=20).started("mmf", on=15, received=21)
    assert patient.at(21).history[-1] == "T04 15 monitor"
    assert changes(patient, 21) == []


def test_a_late_event_that_puts_a_step_before_another_is_a_change() -> None:
    patient = treated().saw("dlco_pp", 30, on=7, received=20, id="late")
    assert patient.at(20).history == [
        "T02 5 first_line.non_progressive",
        "T03 7 first_line.progressive_severe",
        "T04 9 monitor",
    ]
    assert changes(patient, 20) == [("late", [], ["T03"])]


def test_a_late_event_without_an_effect_on_the_history_is_no_change() -> None:
    assert changes(treated().saw("ck", 500, on=7, received=20), 20) == []


def test_a_correction_that_moves_a_step_withdraws_the_old_one() -> None:
    patient = treated().corrected("mmf", on=12, drug="mmf", op="start", received=20, id="fix")
    assert patient.at(20).history[-1] == "T04 12 monitor"
    assert changes(patient, 20) == [("fix", ["T04"], ["T04"])]


def test_a_retraction_that_takes_the_last_step_away_is_a_change() -> None:
    patient = treated().retracted("mmf", on=20, id="gone")
    assert patient.at(20).state == "first_line.non_progressive"
    assert changes(patient, 20) == [("gone", ["T04"], [])]


def test_retracting_the_enrolment_withdraws_everything() -> None:
    patient = treated().retracted("enrol", on=20)
    assert patient.at(20).enrolled is False
    assert patient.at(20).evaluation.changes == ()
    back = patient.enrolled(20)
    assert [c[1] for c in changes(back, 20)] == [["T02", "T04"]]


def test_a_verification_that_brings_a_step_before_another_is_a_change() -> None:
    patient = treated().vaccinated("flu", on=10)
    doubtful = patient.saw("spo2_rest", 55, on=7, o2_flow=0, received=11, id="low")
    assert changes(doubtful, 11) == []
    assert changes(doubtful.verified("low", on=12, id="yes"), 12) == [("yes", [], ["T03"])]


def test_a_change_of_the_administrative_history_is_a_change() -> None:
    patient = treated().admin("pause", on=10, id="pause").vaccinated("flu", on=11)
    assert changes(patient.retracted("pause", on=12, id="r"), 12) == [("r", ["A01"], [])]


def test_another_way_to_the_same_state_on_the_same_day_is_a_change() -> None:
    patient = enrolled(0, id="enrol").moved("monitor", on=5, id="o")
    patient = patient.corrected("o", on=5, to="recurrent.late", reason="typing mistake", received=6, id="fix")
    assert changes(patient, 6) == [("fix", ["T13"], ["T13"])]


def test_a_change_opens_a_question_until_it_is_decided() -> None:
    patient = treated().retracted("mmf", on=20, id="gone")
    assert patient.at(20).action("rev.history_changed") == "offer P1"
    assert patient.at(20).due("rev.history_changed") == 22
    assert patient.at(900).action("rev.history_changed") == "offer P1"
    for decide in (patient.accepted, patient.declined):
        assert decide("rev.history_changed", on=25).at(25).action("rev.history_changed") is None


def test_a_decision_before_the_next_change_does_not_silence_it() -> None:
    patient = treated().retracted("mmf", on=20).accepted("rev.history_changed", on=21)
    again = patient.retracted("assessed", on=22)
    assert again.at(21).action("rev.history_changed") is None
    assert again.at(22).action("rev.history_changed") == "offer P1"


def test_a_change_is_not_known_before_it_was_received() -> None:
    patient = treated().retracted("mmf", on=15, received=20)
    assert patient.at(19).action("rev.history_changed") is None
    assert patient.at(19).evaluation.changes == ()
    assert patient.at(20).action("rev.history_changed") == "offer P1"


def test_the_question_is_asked_while_the_patient_stands_where_he_did() -> None:
    # a change that was undone is still a change: the history was another one in between
    patient = treated().retracted("mmf", on=20).started("mmf", on=9, received=21)
    assert patient.at(21).history == treated().at(21).history
    assert patient.at(21).action("rev.history_changed") == "offer P1"


def test_an_event_of_tomorrow_is_compared_when_its_day_has_come() -> None:
    patient = enrolled(0).assessed(5).started("mmf", on=10, received=9)
    assert patient.at(9).state == "first_line.non_progressive"
    moved_on = patient.vaccinated("flu", on=12)
    assert moved_on.at(12).history[-1] == "T04 10 monitor"
    assert changes(moved_on, 12) == []


def test_the_history_is_that_of_a_plain_replay() -> None:
    patient = treated().corrected("mmf", on=12, drug="aza", op="start", received=20)
    plain = history_after(patient.pathway, patient.record.events, patient.at(30).evaluation.as_of)
    assert [s.key for s in plain] == [s.key for s in patient.at(30).evaluation.history]
    assert history_after(patient.pathway, patient.record.events[:0], patient.at(30).evaluation.as_of) == ()

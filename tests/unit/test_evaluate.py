"""One evaluation as a whole: what it holds, and when it must be asked again."""

import pytest

from tests.unit.builders import DAY_0, Change, Patient, a_patient, enrolled


def revisit(patient: Patient, day: int) -> int | None:
    on = patient.at(day).evaluation.revisit_on
    return None if on is None else (on - DAY_0).days


def output(patient: Patient, day: int) -> tuple[object, ...]:
    view = patient.at(day)
    steps = {r.id: r.step for r in view.evaluation.reviews}
    return (view.state, view.status, view.tier, view.actions, view.reviews, steps, view.history)


def test_an_unknown_patient_has_nothing_and_need_not_be_asked_again() -> None:
    view = a_patient().at(0)
    assert (view.state, view.tier, view.actions, view.reviews, view.history) == (None, None, {}, {}, [])
    assert view.evaluation.context == {}
    assert revisit(a_patient(), 0) is None


def test_before_enrolment_the_day_of_enrolment_is_the_day_to_ask_again() -> None:
    assert revisit(enrolled(5), 2) == 5


def test_a_closed_enrolment_need_not_be_asked_again() -> None:
    assert revisit(enrolled(0).admin("close", on=1), 1) is None


def test_an_event_of_tomorrow_is_a_day_to_ask_again() -> None:
    assert revisit(enrolled(0).admin("close", on=1).admin("reopen", on=9, received=8), 8) == 9


@pytest.mark.parametrize(
    ("told", "day", "on"),
    [
        # due on day 14: reminded from day 11 (upcoming), 13, on the day, the day after, 17 and 21
        (enrolled(0), 1, 11),
        (enrolled(0), 11, 13),
        (enrolled(0), 14, 15),
        # rev.delay opens 21 days after entry
        (enrolled(0), 17, 21),
    ],
)
def test_the_day_to_ask_again_is_the_next_on_which_something_changes(
    told: Patient, day: int, on: int
) -> None:
    assert revisit(told, day) == on
    assert output(told, on) != output(told, on - 1)


def test_nothing_changes_before_the_day_to_ask_again() -> None:
    patient = enrolled(0).assessed(5).healthy(5).started("mmf", on=9).started("gc_oral", on=9, dose=20)
    day = 9
    while day < 400:
        on = min(revisit(patient, day) or 400, 400)
        for between in range(day + 1, on):
            assert output(patient, between) == output(patient, day), between
        day = on


def test_the_tier_and_what_is_remembered_are_part_of_it() -> None:
    view = enrolled(0).treated(on=3).at(3)
    assert view.tier == "standard"
    assert {name: str(value) for name, value in view.evaluation.context.items()} == {
        "line": "1",
        "line_start": "2024-01-04",
        "line_rp": "False",
    }


def test_only_changes_received_by_the_day_asked_are_told() -> None:
    patient = enrolled(0).assessed(5).saw("dlco_pp", 30, on=3, received=9)
    assert [len(patient.at(day).evaluation.changes) for day in (8, 9)] == [0, 1]


def test_asking_twice_gives_the_same() -> None:
    patient = enrolled(0).assessed(5).healthy(5).started("mmf", on=9)
    assert output(patient, 40) == output(patient, 40)


def test_asking_about_the_past_sees_what_is_known_today() -> None:
    patient = enrolled(0).assessed(5).saw("dlco_pp", 30, on=4, received=90)
    assert patient.at(5).state == "first_line.progressive_severe"
    before = Patient(patient.pathway, patient.record.known_at(patient.at(89).evaluation.as_of))
    assert before.at(5).state == "first_line.non_progressive"


def test_the_order_of_arrival_does_not_matter() -> None:
    steps: list[Change] = [
        lambda p: p.assessed(5),
        lambda p: p.started("mmf", on=9),
        lambda p: p.fvc("2.5", on=6),
        lambda p: p.fvc("2.2", on=60),
    ]
    there, back = enrolled(0), enrolled(0)
    for step in steps:
        there = step(there)
    for step in reversed(steps):
        back = step(back)
    assert there.at(90).history == back.at(90).history
    assert there.at(90).reviews == back.at(90).reviews

"""When a drug is active, since when, and at what dose."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import pytest

from engine.core.courses import Course, Order, courses
from engine.core.events import Medication
from tests.unit.builders import Patient, enrolled

Op = Literal["start", "dose", "give", "stop"]
DAY_1 = date(2024, 1, 1)


def day(number: int) -> date:
    return DAY_1 + timedelta(days=number - 1)


def course(*orders: tuple[int, Op] | tuple[int, Op, int], lasts: int | None = None) -> Course:
    """Return where a drug stands after orders of (day, operation, dose)."""
    placed = [
        Order(
            day(order[0]),
            Medication(drug="x", op=order[1], dose=Decimal(order[2]) if len(order) == 3 else None),
            f"o{number}",
        )
        for number, order in enumerate(orders)
    ]
    return courses(placed, lasts).entries[-1]


def test_a_start_begins_a_course_with_its_dose() -> None:
    now = course((1, "start", 60))
    assert (now.started, now.given, now.dose, now.start_event) == (day(1), day(1), Decimal(60), "o0")
    assert now.active(day(1))
    assert now.active(day(5000))


def test_a_stop_ends_the_course_on_its_day_and_keeps_the_last_dose_given() -> None:
    now = course((1, "start"), (10, "stop"))
    assert not now.active(day(10))
    assert (now.started, now.given, now.dose, now.start_event, now.event_id) == (
        None,
        day(1),
        None,
        None,
        "o1",
    )


def test_a_dose_given_while_inactive_begins_a_course() -> None:
    assert course((1, "give")).started == day(1)
    assert course((1, "start"), (5, "stop"), (9, "give")).started == day(9)


def test_a_dose_given_while_active_goes_on_with_the_course() -> None:
    now = course((1, "start"), (29, "give"))
    assert (now.started, now.given, now.previous, now.start_event) == (day(1), day(29), day(1), "o0")


def test_a_second_start_while_active_is_no_new_course() -> None:
    assert course((1, "start"), (29, "start")).started == day(1)


def test_a_stop_and_a_start_on_one_day_are_a_new_course() -> None:
    for orders in (((1, "start"), (9, "stop"), (9, "start")), ((1, "start"), (9, "start"), (9, "stop"))):
        now = course(*orders)
        assert (now.started, now.previous) == (day(9), day(1))


def test_two_doses_of_one_day_are_one_with_the_dose_before_that_day_before_it() -> None:
    now = course((1, "give"), (9, "start"), (9, "give"))
    assert (now.given, now.previous) == (day(9), day(1))


def test_a_change_of_dose_changes_nothing_else() -> None:
    now = course((1, "start", 60), (9, "dose", 40))
    assert (now.started, now.given, now.dose) == (day(1), day(1), Decimal(40))


def test_a_change_of_dose_of_a_stopped_drug_is_no_dose() -> None:
    now = course((1, "start", 60), (5, "stop"), (9, "dose", 40))
    assert (now.started, now.dose) == (None, None)


def test_the_dose_of_a_new_course_without_one_is_unknown() -> None:
    assert course((1, "start", 60), (5, "stop"), (9, "start")).dose is None
    assert course((1, "start", 60), (9, "give")).dose == 60


def test_a_pulse_lasts_its_days_from_its_last_dose() -> None:
    now = course((1, "give"), (20, "give"), lasts=28)
    assert (now.started, now.ends) == (day(1), day(48))
    assert now.active(day(47))
    assert not now.active(day(48))


def test_a_pulse_after_the_last_one_has_worn_off_is_a_new_course() -> None:
    assert course((1, "give"), (28, "give"), lasts=28).started == day(1)
    assert course((1, "give"), (29, "give"), lasts=28).started == day(29)


# ── seen from a patient ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("on", "active"), [(0, False), (1, True), (9, True), (10, False), (11, False)])
def test_a_drug_is_active_from_its_start_to_the_day_before_its_stop(on: int, active: bool) -> None:
    patient = enrolled().started("mmf", on=1).stopped("mmf", on=10)
    assert patient.at(on).holds("is_active") is active


@pytest.mark.parametrize(("on", "high"), [(0, False), (1, True), (28, True), (29, False)])
def test_a_steroid_pulse_counts_as_high_dose_for_28_days(on: int, high: bool) -> None:
    patient = enrolled().given("gc_pulse", on=1)
    assert patient.at(on).holds("gc_high") is high


def test_orders_of_one_day_apply_in_order_of_receipt_stops_first() -> None:
    patient = enrolled().started("gc_oral", on=1, dose=60)
    changed = patient.dosed("gc_oral", 40, on=5).dosed("gc_oral", 30, on=5)
    assert changed.at(5).number("gc_dose") == 30
    again = patient.started("gc_oral", on=5, dose=20).stopped("gc_oral", on=5)
    assert again.at(5).number("gc_dose") == 20


def test_late_orders_take_their_place() -> None:
    patient = enrolled().dosed("gc_oral", 40, on=9).started("gc_oral", on=1, dose=60, received=10)
    assert [patient.at(d).number("gc_dose") for d in (0, 1, 8, 9)] == [0, 60, 60, 40]


def groups(patient: Patient, on: int) -> list[str]:
    moment = patient.at(on).moment
    return [
        g
        for g in ("is", "newline", "cni", "jaki", "pjp")
        if any(moment.running(d) for d in moment.members(g))
    ]


@pytest.mark.parametrize(
    ("drug", "member_of"),
    [
        ("mmf", ["is", "newline"]),
        ("aza", ["is", "newline"]),
        ("cyc", ["is", "newline"]),
        ("rtx", ["is", "newline"]),
        ("tac", ["is", "newline", "cni"]),
        ("csa", ["is", "newline", "cni"]),
        ("tofa", ["is", "newline", "jaki"]),
        ("bari", ["is", "newline", "jaki"]),
        ("ivig", ["newline"]),
        ("nintedanib", ["newline"]),
        ("tmp_smx", ["pjp"]),
        ("atovaquone", ["pjp"]),
        ("dapsone", ["pjp"]),
        ("pentamidine", ["pjp"]),
        ("other_is", []),
        ("gc_oral", []),
    ],
)
def test_a_group_is_active_while_a_member_is(drug: str, member_of: list[str]) -> None:
    assert groups(enrolled().started(drug, on=1), 1) == member_of

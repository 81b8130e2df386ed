"""Drug courses against a day-by-day diary, and the dated series against a sorted list."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.courses import Order, courses
from engine.core.events import Medication
from engine.core.series import Series

pytestmark = pytest.mark.prove

FIRST = date(2024, 2, 20)
Op = Literal["start", "dose", "give", "stop"]


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


ops: st.SearchStrategy[Op] = st.sampled_from(["start", "start", "give", "give", "stop", "dose"])
gaps = st.sampled_from([0, 0, 0, 1, 1, 2, 26, 27, 28, 29])


@st.composite
def orders(draw: st.DrawFn) -> list[Order]:
    """Orders in order of date and receipt, many of them on one day or at the edge of 28 days."""
    found: list[Order] = []
    at = 0
    for number in range(draw(st.integers(1, 9))):
        at += draw(gaps)
        op = draw(ops)
        dosed = op == "dose" or (op == "start" and draw(st.booleans()))
        dose = Decimal(draw(st.sampled_from([0, 10, 20]))) if dosed else None
        found.append(Order(day(at), Medication(drug="x", op=op, dose=dose), f"o{number}"))
    return found


@given(orders(), st.sampled_from([None, 28]))
def test_a_course_is_what_a_diary_kept_day_by_day_says(placed: list[Order], lasts: int | None) -> None:
    series = courses(placed, lasts)
    started: date | None = None
    doses: list[date] = []
    dose: Decimal | None = None
    for number in range((placed[-1].day - FIRST).days + 60):
        today = day(number)
        if lasts is not None and doses and (today - doses[-1]).days >= lasts:
            started = dose = None
        todays = [o for o in placed if o.day == today]
        if any(o.medication.op == "stop" for o in todays):
            started = dose = None
        for order in todays:
            if order.medication.op in ("start", "give"):
                started = started or today
                doses = doses if doses and doses[-1] == today else [*doses, today]
                dose = order.medication.dose if order.medication.dose is not None else dose
            elif order.medication.op == "dose":
                dose = order.medication.dose if started else None

        course = series.last(today)

        assert course is not None or not [o for o in placed if o.day <= today]
        if course is None:
            continue
        assert course.active(today) is (started is not None)
        assert course.given == (doses[-1] if doses else None)
        assert course.previous == (doses[-2] if len(doses) > 1 else None)
        if started is not None:
            assert (course.started, course.dose) == (started, dose)
            begun = [o for o in placed if o.day == started and o.medication.op in ("start", "give")]
            assert course.start_event == begun[0].event_id


@given(orders())
def test_stops_of_a_day_count_first_whenever_they_were_received(placed: list[Order]) -> None:
    stops_last = sorted(placed, key=lambda o: (o.day, o.medication.op == "stop"))

    one, two = courses(placed, None), courses(stops_last, None)

    assert (one.days, one.entries) == (two.days, two.entries)


@given(st.lists(st.tuples(st.sampled_from(["put", "put", "drop"]), st.integers(0, 12), st.integers(0, 99))))
def test_a_series_is_a_sorted_list_with_one_entry_a_day(changes: list[tuple[str, int, int]]) -> None:
    series: Series[int] = Series()
    model: dict[date, int] = {}
    for what, number, entry in changes:
        if what == "put":
            series.put(day(number), entry)
            model[day(number)] = entry
        else:
            series.drop(day(number))
            model.pop(day(number), None)
    listed = sorted(model.items())

    assert list(zip(series.days, series.entries, strict=True)) == listed
    for number in range(-1, 14):
        until = [e for d, e in listed if d <= day(number)]
        assert series.until(day(number)) == until
        assert series.last(day(number)) == (until[-1] if until else None)
        assert series.at_or_before(day(number)) == len(until) - 1
        assert series.get(day(number)) == model.get(day(number))
        assert series.between(day(number), day(number + 4)) == [
            e for d, e in listed if day(number) <= d <= day(number + 4)
        ]

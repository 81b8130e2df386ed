"""Questions about time, and the dates on which their answers flip."""

from datetime import date
from decimal import Decimal

import pytest

from engine.core.asof import Age, AsOf, Elapsed

TODAY = date(2024, 6, 15)


def test_nothing_asked_never_flips() -> None:
    at = AsOf(TODAY)
    assert (at.day, at.steady_from, at.steady_until) == (TODAY, date.min, date.max)


@pytest.mark.parametrize(
    ("day", "days", "answer", "first", "end"),
    [
        (date(2024, 6, 5), 10, True, date.min, date(2024, 6, 16)),
        (date(2024, 6, 4), 10, False, date(2024, 6, 15), date.max),
        (TODAY, 0, True, date.min, date(2024, 6, 16)),
    ],
)
def test_within_counts_whole_days_inclusively(
    day: date, days: int, answer: bool, first: date, end: date
) -> None:
    at = AsOf(TODAY)
    assert at.within(day, days) is answer
    assert (at.steady_from, at.steady_until) == (first, end)


def test_a_day_is_reached_on_it_and_passed_the_day_after() -> None:
    assert AsOf(TODAY).reached(TODAY)
    assert not AsOf(TODAY).passed(TODAY)
    assert AsOf(date(2024, 6, 16)).passed(TODAY)
    assert not AsOf(date(2024, 6, 14)).reached(TODAY)


def test_the_span_is_as_narrow_as_the_nearest_flips() -> None:
    at = AsOf(TODAY)
    for day in (date(2024, 7, 1), date(2024, 6, 20), date(2024, 1, 1), date(2024, 6, 10)):
        at.reached(day)
    assert (at.steady_from, at.steady_until) == (date(2024, 6, 10), date(2024, 6, 20))


SINCE = Elapsed(date(2024, 6, 5))
"""Ten days ago."""


@pytest.mark.parametrize(
    ("sign", "number", "answer", "flips"),
    [
        ("<", "10", False, [15]),
        ("<", "11", True, [16]),
        ("<=", "10", True, [16]),
        ("<=", "9", False, [15]),
        (">", "10", False, [16]),
        (">", "9", True, [15]),
        (">=", "10", True, [15]),
        (">=", "11", False, [16]),
        ("==", "10", True, [15, 16]),
        ("!=", "10", False, [15, 16]),
        ("==", "12", False, [17]),
        (">=", "10.5", False, [16]),
        ("<=", "9.5", False, [15]),
    ],
)
def test_days_since_a_date_flip_on_the_day_their_comparison_changes(
    sign: str, number: str, answer: bool, flips: list[int]
) -> None:
    at = AsOf(TODAY)
    assert SINCE.compare(sign, Decimal(number), at) is answer
    past = [d for d in flips if d <= TODAY.day]
    to_come = [d for d in flips if d > TODAY.day]
    assert at.steady_from == (date(2024, 6, max(past)) if past else date.min)
    assert at.steady_until == (date(2024, 6, min(to_come)) if to_come else date.max)


@pytest.mark.parametrize(
    ("today", "years"),
    [(date(2024, 6, 14), 53), (date(2024, 6, 15), 54), (date(2024, 6, 16), 54), (date(2025, 6, 14), 54)],
)
def test_an_age_moves_on_at_the_birthday(today: date, years: int) -> None:
    assert Age(date(1970, 6, 15)).value(AsOf(today)) == years


@pytest.mark.parametrize(
    ("today", "years"),
    [(date(2023, 2, 28), 22), (date(2023, 3, 1), 23), (date(2024, 2, 28), 23), (date(2024, 2, 29), 24)],
)
def test_a_leap_day_birthday_is_the_first_of_march_in_common_years(today: date, years: int) -> None:
    assert Age(date(2000, 2, 29)).value(AsOf(today)) == years


def test_an_age_flips_on_the_birthday_that_reaches_it() -> None:
    born = Age(date(1960, 2, 29))
    assert born.reaches(Decimal(65)) == date(2025, 3, 1)
    assert born.reaches(Decimal(64)) == date(2024, 2, 29)
    at = AsOf(TODAY)
    assert not born.compare(">=", Decimal(65), at)
    assert at.steady_until == date(2025, 3, 1)
    assert born.unit == "a"

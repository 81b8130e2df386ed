"""A dated series finds what stands on, before and between days."""

from datetime import date

import pytest

from engine.core.series import Series


def day(number: int) -> date:
    return date(2024, 1, number)


@pytest.fixture
def series() -> Series[str]:
    found: Series[str] = Series()
    for number in (5, 20, 10):
        found.put(day(number), f"on {number}")
    return found


def test_entries_stand_in_order_of_date_whatever_the_order_of_putting(series: Series[str]) -> None:
    assert series.days == [day(5), day(10), day(20)]
    assert series.entries == ["on 5", "on 10", "on 20"]


def test_a_second_entry_replaces_the_first_of_its_day(series: Series[str]) -> None:
    series.put(day(10), "again")
    series.put(day(20), "last")
    assert series.entries == ["on 5", "again", "last"]


def test_only_an_entry_of_exactly_that_day_is_got(series: Series[str]) -> None:
    assert series.get(day(10)) == "on 10"
    assert series.get(day(11)) is None
    assert series.get(day(21)) is None


def test_what_is_dropped_is_gone_and_what_is_not_there_does_not_matter(series: Series[str]) -> None:
    series.drop(day(10))
    series.drop(day(11))
    series.drop(day(30))
    assert series.entries == ["on 5", "on 20"]


def test_until_and_between_include_their_bounds(series: Series[str]) -> None:
    assert series.until(day(10)) == ["on 5", "on 10"]
    assert series.until(day(4)) == []
    assert series.between(day(5), day(10)) == ["on 5", "on 10"]
    assert series.between(day(6), day(9)) == []


def test_the_last_entry_is_the_newest_on_or_before_a_day(series: Series[str]) -> None:
    assert series.last(day(19)) == "on 10"
    assert series.last(day(20)) == "on 20"
    assert series.last(day(4)) is None
    assert (series.at_or_before(day(20)), series.at_or_before(day(4))) == (2, -1)

"""When a job is stale: nobody noted for long that it came on."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.core.ticks import LEAST, patience, stale

NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("seconds", "silent"), [(5, LEAST), (60, timedelta(minutes=3))])
def test_a_job_may_miss_three_intervals_and_two_minutes_in_any_case(seconds: int, silent: timedelta) -> None:
    every = {"job": seconds}

    assert patience(seconds) == silent
    assert stale(every, {"job": NOW - silent}, NOW) == {}
    assert stale(every, {"job": NOW - silent - SECOND}, NOW) == {"job": NOW - silent - SECOND}


def test_what_was_before_the_beginning_is_not_held_against_it() -> None:
    begun, every, ticks = NOW, {"new": 60, "old": 60}, {"old": NOW - timedelta(days=1)}

    assert stale(every, ticks, NOW + patience(60), begun) == {}
    assert stale(every, ticks, NOW + patience(60) + SECOND, begun) == {"new": begun, "old": begun}
    assert stale(every, ticks | {"new": NOW + SECOND}, NOW + patience(60) + SECOND, begun) == {"old": begun}


def test_without_a_beginning_only_who_ever_ticked_is_judged() -> None:
    ticks = {"old": NOW - timedelta(days=1), "gone": NOW - timedelta(days=1)}

    assert stale({"new": 60, "old": 60}, ticks, NOW) == {"old": ticks["old"]}

"""When something may be sent: at once, after the quiet hours, or with the digest."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.core.channels import Channel, sending_at
from engine.core.dispatches import JITTER, PAUSES, pause

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)
MAIL = Channel("c1", "main", "email", "anna@example.org", "work", NOW, person="p1", time_zone=BERLIN)
NIGHT = replace(MAIL, quiet_from=time(21), quiet_until=time(7))
NOON = replace(MAIL, quiet_from=time(12), quiet_until=time(13, 30))
DAILY = replace(MAIL, digest_at=time(8, 15))

ZONES = st.sampled_from(
    [BERLIN, "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Australia/Lord_Howe"]
)
INSTANTS = st.timedeltas(timedelta(), timedelta(days=2000)).map(lambda since: NOW + since)
TIMES = st.times().map(lambda t: t.replace(second=0, microsecond=0))


def sent(channel: Channel, now: datetime, *, urgent: bool = False) -> datetime:
    return sending_at(channel, ZoneInfo(channel.time_zone), now, urgent=urgent)


def local(day: str, zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("channel", "now", "at"),
    [
        pytest.param(MAIL, "2026-01-12 03:00", "2026-01-12 03:00", id="no quiet hours"),
        pytest.param(NIGHT, "2026-01-12 20:59", "2026-01-12 20:59", id="before the night"),
        pytest.param(NIGHT, "2026-01-12 21:00", "2026-01-13 07:00", id="as the night begins"),
        pytest.param(NIGHT, "2026-01-13 00:30", "2026-01-13 07:00", id="after midnight"),
        pytest.param(NIGHT, "2026-01-13 07:00", "2026-01-13 07:00", id="as the night ends"),
        pytest.param(NOON, "2026-01-12 12:00", "2026-01-12 13:30", id="at noon"),
        pytest.param(NOON, "2026-01-12 13:30", "2026-01-12 13:30", id="after noon"),
        pytest.param(DAILY, "2026-01-12 08:14", "2026-01-12 08:15", id="before the digest"),
        pytest.param(DAILY, "2026-01-12 08:15", "2026-01-13 08:15", id="with the digest it is too late"),
        pytest.param(NIGHT, "2026-03-28 23:00", "2026-03-29 07:00", id="the night that loses an hour"),
        pytest.param(NIGHT, "2026-10-24 23:00", "2026-10-25 07:00", id="the night that gains an hour"),
        pytest.param(
            replace(MAIL, digest_at=time(2, 30)), "2026-03-28 12:00", "2026-03-29 03:30", id="a skipped time"
        ),
        pytest.param(
            replace(MAIL, digest_at=time(2, 30)),
            "2026-10-24 12:00",
            "2026-10-25 02:30",
            id="a time shown twice",
        ),
        pytest.param(
            replace(NIGHT, digest_at=time(6)), "2026-01-12 12:00", "2026-01-13 07:00", id="a digest at night"
        ),
    ],
)
def test_it_is_sent_at_the_clock_of_the_recipient(channel: Channel, now: str, at: str) -> None:
    assert sent(channel, local(now)) == local(at)


@given(zone=ZONES, now=INSTANTS, first=TIMES, until=TIMES, digest=st.none() | TIMES)
def test_it_is_never_early_never_in_the_quiet_hours_and_within_two_days(
    zone: str, now: datetime, first: time, until: time, digest: time | None
) -> None:
    awake = (first.hour * 60 + first.minute - until.hour * 60 - until.minute) % (24 * 60)
    assume(first == until or awake > 60)  # a time that clocks skip ends the quiet hours an hour later
    channel = replace(MAIL, time_zone=zone, quiet_from=first, quiet_until=until, digest_at=digest)
    at = sent(channel, now)

    assert sent(channel, now, urgent=True) == now
    assert now <= at <= now + timedelta(days=2, hours=1)
    shown = at.astimezone(ZoneInfo(zone)).time().replace(microsecond=0, second=0)
    quiet = first <= shown < until if first <= until else shown >= first or shown < until
    assert not quiet


@given(
    zone=ZONES, now=INSTANTS, later=st.timedeltas(timedelta(), timedelta(days=2)), digest=st.none() | TIMES
)
def test_what_came_first_is_never_sent_after_what_came_later(
    zone: str, now: datetime, later: timedelta, digest: time | None
) -> None:
    channel = replace(NIGHT, time_zone=zone, digest_at=digest)
    assert sent(channel, now) <= sent(channel, now + later)


def test_pauses_grow_to_about_three_days_and_end() -> None:
    planned = [pause(attempts, None, 0) for attempts in range(1, len(PAUSES) + 2)]
    assert planned == [*PAUSES, None]
    assert timedelta(days=3) < sum(PAUSES, timedelta()) < timedelta(days=3, hours=6)


@given(
    attempts=st.integers(1, len(PAUSES)),
    asked=st.none() | st.timedeltas(timedelta(), timedelta(days=9)),
    jitter=st.integers(0, JITTER),
)
def test_a_receiver_may_ask_for_more_but_not_for_ever(
    attempts: int, asked: timedelta | None, jitter: int
) -> None:
    waited = pause(attempts, asked, jitter)
    assert waited is not None
    assert PAUSES[attempts - 1] <= waited <= PAUSES[-1] * (100 + jitter) / 100
    assert asked is None or waited >= min(asked, PAUSES[-1])

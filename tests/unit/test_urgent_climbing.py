"""Steps of urgent actions by the hour: each once, whenever somebody looks, and none before its instant."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.actions import Disposition
from engine.core.kept import NextAction
from engine.core.notes import ACKNOWLEDGE, SNOOZE, about, put_off
from engine.core.people import WorkNote
from engine.core.reminders import Topic
from engine.core.urgent import TOLD_OF, climbed, kept_on, morning, steps
from tests.laws.world import pathway

RULES = pathway().definition.ladder
BEGAN = datetime(2024, 1, 8, 15, tzinfo=UTC)
DAY = date(2024, 1, 8)
FLAG = NextAction("rf.spo2", DAY, "offer", 0, caution=False, due=DAY)
LOOKS = st.lists(st.integers(0, 40 * 60), min_size=1, max_size=12).map(sorted)


def kept(action: NextAction = FLAG, before: NextAction | None = None) -> NextAction:
    (found,) = kept_on(RULES, [action], [] if before is None else [before], lambda _: BEGAN, BEGAN, DAY)
    return found


@given(priority=st.sampled_from([0, 1]), looks=LOOKS, known=st.booleans())
def test_every_step_is_sent_once_and_a_repeat_only_to_who_does_not_know(
    priority: int, looks: list[int], *, known: bool
) -> None:
    action, sent = kept(replace(FLAG, priority=priority)), list[str]()
    for minutes in looks:
        now = BEGAN + timedelta(minutes=minutes)
        come, action = climbed(RULES, action, now, acknowledged=known, put_off=False)
        assert all(step.at <= now for step in come)
        sent += [step.step for step in come]

    last = BEGAN + timedelta(minutes=looks[-1])
    climb = steps(RULES, priority, BEGAN)
    assert sent == [s.step for s in climb if s.at <= last and not (known and s.unless_acknowledged)]
    left = [s for s in climb if s.at > last]
    assert (action.next_step, action.next_step_at) == ((left[0].step, left[0].at) if left else (None, None))


def test_what_is_put_off_is_silent_and_loses_nothing() -> None:
    now, action = BEGAN + timedelta(hours=5), kept()
    assert climbed(RULES, action, now, acknowledged=False, put_off=True) == ((), action)
    assert [s.step for s in climbed(RULES, action, now, acknowledged=False, put_off=False)[0]] == [
        "opened",
        "repeated",
    ]


@pytest.mark.parametrize("changed", [{"disposition": "blocked"}, {"priority": 2}])
def test_only_what_is_urgent_and_can_be_done_climbs(changed: dict[str, object]) -> None:
    quiet = replace(FLAG, **changed)  # type: ignore[arg-type]
    assert kept(quiet).next_step is None
    assert kept(before=kept(quiet)).next_step == "opened"
    going = replace(kept(), next_step="backup")
    assert kept(before=going).next_step == "backup"
    assert kept(quiet, going).next_step is None
    assert kept(before=kept(quiet, going)).next_step == "opened"


WIDE = RULES.model_copy(
    update={"actions": tuple(row.model_copy(update={"prios": (0, 3, 4)}) for row in RULES.actions)}
)
"""A ladder whose steps are those of what can wait as well."""
MINOR = replace(FLAG, action="vx.flu", priority=3)
HOURS = st.integers(0, 40)


@given(opened=HOURS, closed=HOURS, looks=st.lists(HOURS, min_size=1, max_size=12).map(sorted))
def test_what_can_wait_is_silent_while_a_p0_is_open_and_then_tells_the_newest_step(
    opened: int, closed: int, looks: list[int]
) -> None:
    """The minor action is open from hour 0 on; whoever looks evaluates."""
    action, sent = list[NextAction](), list[tuple[int, str]]()
    times = sorted({*looks, opened, closed, 0})
    for hours in times:
        now = BEGAN + timedelta(hours=hours)
        wanted = [MINOR, FLAG] if opened <= hours < closed else [MINOR]
        action = list(kept_on(WIDE, wanted, action, lambda _: BEGAN, now, DAY))
        again = kept_on(WIDE, wanted, action, lambda _: BEGAN, now, DAY)
        assert again == tuple(action), "evaluating again changes nothing"
        if hours in looks:
            come, action[0] = climbed(WIDE, action[0], now, acknowledged=False, put_off=False)
            sent += [(hours, step.step) for step in come]

    told = dict.fromkeys(step for _, step in sent)
    assert not [hours for hours, _ in sent if opened <= hours < closed]
    climb = [(0, "opened"), (4, "repeated"), (24, "backup")]
    last = looks[-1]
    if opened >= closed:
        assert [step for _, step in sent] == [step for hour, step in climb if hour <= last]
    elif last >= closed:
        before = [hour for hour, _ in climb if hour <= closed]
        assert {step for hour, step in climb if closed < hour <= last} <= told.keys()
        assert climb[len(before) - 1][1] in told
        held = [step for hour, step in climb if opened < hour < closed]
        looked = [hour for hour in looks if hour < opened]
        early = {step for hour, step in climb if looked and hour <= looked[-1]}
        assert not told.keys() & {*held[:-1]} - early


@pytest.mark.parametrize("disposition", ["offer", "needs_data", "blocked", "deferred"])
def test_only_a_p0_that_is_told_of_silences_others(disposition: Disposition) -> None:
    flag = replace(FLAG, disposition=disposition)
    minor, _ = kept_on(WIDE, [MINOR, flag], [], lambda _: BEGAN, BEGAN, DAY)

    assert minor.began == BEGAN
    assert minor.next_step == (None if disposition in TOLD_OF else "opened")
    soon, _ = kept_on(WIDE, [replace(MINOR, priority=0), flag], [], lambda _: BEGAN, BEGAN, DAY)
    assert soon.next_step == "opened"


def test_one_that_becomes_urgent_later_begins_on_that_day() -> None:
    waiting = kept(replace(FLAG, priority=2))
    (entered,) = kept_on(
        RULES, [FLAG], [waiting], lambda day: morning(day, UTC), BEGAN, DAY + timedelta(days=30)
    )
    assert entered.began == datetime(2024, 2, 7, 8, tzinfo=UTC)
    (new,) = kept_on(RULES, [FLAG], [], lambda day: morning(day, UTC), BEGAN, DAY + timedelta(days=3))
    assert new.began == datetime(2024, 1, 8, 8, tzinfo=UTC), "one seen late opened when it did"


@pytest.mark.parametrize(
    ("hours", "before", "priority", "following"),
    [(1, 1, 0, "opened"), (5, 1, 0, "repeated"), (5, 0, 1, "opened"), (30, 1, 0, "backup")],
)
def test_another_priority_goes_on_from_its_newest_step(
    hours: int, before: int, priority: int, following: str
) -> None:
    """What of it was told already is not told again; that is asked when it is written."""
    now = BEGAN + timedelta(hours=hours)
    was = kept(replace(FLAG, priority=before))
    _, was = climbed(RULES, was, now, acknowledged=False, put_off=False)
    (found,) = kept_on(RULES, [replace(FLAG, priority=priority)], [was], lambda _: now, now, DAY)

    assert (found.began, found.next_step) == (BEGAN, following)


def test_the_morning_is_that_of_the_site() -> None:
    assert morning(DAY, ZoneInfo("Asia/Tokyo")) == datetime(2024, 1, 7, 23, tzinfo=UTC)


def test_the_newest_note_about_the_very_thing_counts() -> None:
    topic = Topic("p", "pm-ild", "action", "rf.spo2", DAY)
    off = WorkNote("p", "pm-ild", "action", "rf.spo2", DAY, 1, SNOOZE, None, "ill", BEGAN, "x", DAY)
    notes = [off, replace(off, number=2, until=date(2024, 1, 9)), replace(off, number=3, subject="rf.rp")]

    assert put_off(notes, topic) == date(2024, 1, 9)
    assert put_off(notes, replace(topic, due=date(2024, 1, 9))) is None
    assert about(notes, topic, ACKNOWLEDGE) is None

"""Steps of urgent actions by the hour: each once, whenever somebody looks, and none before its instant."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.kept import NextAction
from engine.core.notes import ACKNOWLEDGE, SNOOZE, about, put_off
from engine.core.people import WorkNote
from engine.core.reminders import Topic
from engine.core.urgent import climbed, kept_on, morning, steps
from tests.laws.world import pathway

RULES = pathway().definition.ladder
BEGAN = datetime(2024, 1, 8, 15, tzinfo=UTC)
DAY = date(2024, 1, 8)
FLAG = NextAction("rf.spo2", DAY, "offer", 0, caution=False, due=DAY)
LOOKS = st.lists(st.integers(0, 40 * 60), min_size=1, max_size=12).map(sorted)


def kept(action: NextAction = FLAG, before: NextAction | None = None) -> NextAction:
    return kept_on(RULES, action, before, lambda _: BEGAN)


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


def test_the_morning_is_that_of_the_site() -> None:
    assert morning(DAY, ZoneInfo("Asia/Tokyo")) == datetime(2024, 1, 7, 23, tzinfo=UTC)


def test_the_newest_note_about_the_very_thing_counts() -> None:
    topic = Topic("p", "pm-ild", "action", "rf.spo2", DAY)
    off = WorkNote("p", "pm-ild", "action", "rf.spo2", DAY, 1, SNOOZE, None, "ill", BEGAN, "x", DAY)
    notes = [off, replace(off, number=2, until=date(2024, 1, 9)), replace(off, number=3, subject="rf.rp")]

    assert put_off(notes, topic) == date(2024, 1, 9)
    assert put_off(notes, replace(topic, due=date(2024, 1, 9))) is None
    assert about(notes, topic, ACKNOWLEDGE) is None

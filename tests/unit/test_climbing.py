"""Which steps are sent on which day: each once, whenever somebody looks, and none before its day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.core import ladder
from engine.core.kept import LiveReview
from engine.core.reminders import climbed
from tests.laws.world import pathway

RULES = pathway().definition.ladder
DAYS = st.dates(date(2023, 1, 1), date(2025, 12, 31))
LOOKS = st.lists(st.integers(0, 90), min_size=1, max_size=12).map(sorted)


def begun(review: str, due: date, interval: int, day: date) -> LiveReview:
    """A review as it is kept when it is first wanted on a day."""
    climb = ladder.steps(RULES, review, due, interval)
    reached = [step for step in climb if step.day <= day]
    first = ladder.begun(climb, reached[-1].step if reached else None)
    assert first is not None
    return LiveReview(review, due, due - timedelta(days=interval), "ok", None, first.step, first.day)


@given(due=DAYS, interval=st.integers(0, 400), start=st.integers(-40, 40), looks=LOOKS)
def test_every_step_from_the_newest_passed_on_is_sent_once(
    due: date, interval: int, start: int, looks: list[int]
) -> None:
    began = due + timedelta(days=start)
    climb = ladder.steps(RULES, "pft", due, interval)
    passed = [step for step in climb if step.day <= began]
    last = began + timedelta(days=looks[-1])
    wanted = passed[-1:] + [step for step in climb if began < step.day <= last]

    review, sent = begun("pft", due, interval, began), list[ladder.DatedStep]()
    for days in looks:
        now, review = climbed(RULES, review, began + timedelta(days=days))
        assert all(step.day <= began + timedelta(days=days) for step in now)
        sent += now

    assert sent == wanted
    left = [step for step in climb if step.day > last]
    if wanted or left:
        assert (review.next_step, review.next_step_on) == (
            (left[0].step, left[0].day) if left else (None, None)
        )


@given(due=DAYS, interval=st.integers(0, 400), until=st.integers(-30, 40), looks=LOOKS)
def test_what_is_put_off_is_silent_until_the_day_and_then_tells_the_newest_missed(
    due: date, interval: int, until: int, looks: list[int]
) -> None:
    began, day = due - timedelta(days=40), due + timedelta(days=until)
    climb = ladder.steps(RULES, "pft", due, interval)
    review, sent = begun("pft", due, interval, began), list[tuple[date, ladder.DatedStep]]()
    for days in looks:
        now = began + timedelta(days=days)
        steps, review = climbed(RULES, review, now, day)
        sent += [(now, step) for step in steps]

    assert all(now >= day for now, _ in sent)
    last = began + timedelta(days=looks[-1])
    missed = [step for step in climb if step.day < day]
    later = [step for step in climb if day <= step.day <= last]
    assert [step for _, step in sent] == (missed[-1:] + later if last >= day else [])

"""Between a day and the day to look again nothing changes, and that day is not simply tomorrow."""

from collections.abc import Iterator
from datetime import date, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core import evaluate as evaluation_module
from engine.core.changes import replay
from engine.core.evaluate import Evaluation
from engine.core.events import Record
from engine.core.pathway import Pathway
from tests.laws import oracle
from tests.laws.strategies import cases
from tests.laws.world import ONE_DAY, Case, projection, told

pytestmark = pytest.mark.prove

HORIZON = 800
DAYS_PER_LOOK = 10
"""On average over the stories; a daily sweep looks at a patient far less often than daily."""
SHARE_THAT_CHANGES = 0.9
"""Of the looks, those that find something changed: the promised day is seldom too early either."""


@pytest.fixture
def replayed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replay a record once for all days: the fold is a function of the record, which another law proves."""
    known: list[tuple[Pathway, Record, object]] = []

    def once(pathway: Pathway, record: Record) -> object:
        if not known or known[0][0] is not pathway or known[0][1] is not record:
            known[:] = [(pathway, record, replay(pathway, record))]
        return known[0][2]

    monkeypatch.setattr(evaluation_module, "replay", once)


def hops(case: Case, first: date, last: date) -> Iterator[tuple[Evaluation, date]]:
    """Evaluations from day of change to day of change, each with the first day it no longer speaks for."""
    day = first
    while day <= last:
        evaluation = case.evaluate(day)
        until = evaluation.revisit_on or last + ONE_DAY
        assert until > day
        yield evaluation, until
        day = until


@given(cases(), st.data())
@pytest.mark.usefixtures("replayed_once")
def test_nothing_changes_before_the_day_to_look_again(case: Case, data: st.DataObject) -> None:
    first, last = case.days
    day = first - ONE_DAY + timedelta(days=data.draw(st.integers(0, (last - first).days + 40)))
    for evaluation, until in list(hops(case, day, day + timedelta(days=200)))[:6]:
        day = evaluation.as_of
        between = data.draw(st.integers(0, min(HORIZON, (until - day).days) - 1))
        for later in (day + timedelta(days=between), min(until, day + timedelta(days=HORIZON)) - ONE_DAY):
            assert projection(case.evaluate(later)) == projection(evaluation), later


@pytest.mark.usefixtures("replayed_once")
def test_shipped_stories_change_on_no_day_before_the_day_to_look_again(
    subtests: pytest.Subtests, proving: bool
) -> None:
    for name, case in told().items():
        first, last = case.days[0] - ONE_DAY, case.days[1] + timedelta(days=HORIZON)
        with subtests.test(name):
            (check_every_day if proving else check_some_days)(case, first, last)


def check_every_day(case: Case, first: date, last: date) -> None:
    """Day by day: when the output changes, no earlier day may have promised that it would not."""
    previous = case.evaluate(first)
    promised: dict[date, date] = {}
    for count in range(1, (last - first).days + 1):
        now = case.evaluate(first + timedelta(days=count))
        promised[previous.as_of] = previous.revisit_on or date.max
        if projection(now) != projection(previous):
            assert not [day for day, until in promised.items() if until > now.as_of], now.as_of
            promised.clear()
        previous = now


def check_some_days(case: Case, first: date, last: date) -> None:
    for evaluation, until in hops(case, first, last):
        span = (min(until, last) - evaluation.as_of).days
        for days in {span // 2, span - 1} - {0}:
            assert projection(case.evaluate(evaluation.as_of + timedelta(days=days))) == projection(
                evaluation
            )


@pytest.mark.usefixtures("replayed_once")
def test_the_day_to_look_again_is_not_simply_tomorrow() -> None:
    distances, days, changed = [], 0, 0
    for case in told().values():
        first, last = case.days[0], case.days[1] + timedelta(days=HORIZON)
        days += (last - first).days
        for evaluation, until in hops(case, first, last):
            if evaluation.revisit_on is not None:
                distances.append((until - evaluation.as_of).days)
                changed += projection(case.evaluate(until)) != projection(evaluation)

    assert median(distances) > 1
    assert days / len(distances) > DAYS_PER_LOOK
    assert changed / len(distances) > SHARE_THAT_CHANGES


def check_opened(case: Case, day: date, known: list[oracle.Days]) -> None:
    evaluation = case.evaluate(day)
    if not known or known[0].evaluation.moment is None:
        known[:] = [oracle.Days(evaluation)]
    days = known[0]
    assert {a.id for a in evaluation.actions} == {a for a in case.pathway.actions if days.open(a, day)}
    for action in evaluation.actions:
        assert action.opened_on == days.opened(action.id, day), (day, action.id)
        window = case.pathway.definition.priorities[str(action.prio)]
        assert action.due == (None if window is None else action.opened_on + timedelta(days=window))


@pytest.mark.usefixtures("replayed_once")
def test_shipped_stories_open_each_action_on_the_first_day_of_its_run(
    subtests: pytest.Subtests, proving: bool
) -> None:
    for name, case in told().items():
        first, last = case.days[0], case.days[1] + timedelta(days=HORIZON if proving else 100)
        known: list[oracle.Days] = []
        with subtests.test(name):
            for count in range(0, (last - first).days + 1, 1 if proving else 41):
                check_opened(case, first + timedelta(days=count), known)


@given(cases(), st.integers(0, 60))
@pytest.mark.usefixtures("replayed_once")
def test_an_action_opened_on_the_first_day_of_its_run(case: Case, days: int) -> None:
    check_opened(case, case.days[1] + timedelta(days=days), [])

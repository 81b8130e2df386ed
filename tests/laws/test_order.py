"""The order of arrival decides nothing, the short cut is a full replay, and the future is not seen."""

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.changes import Replay, replay
from engine.core.evaluate import Evaluation, evaluate, evaluated
from engine.core.events import Correct, Event, Record, Retract, Verify
from engine.core.explain import why_step
from tests.laws import oracle
from tests.laws.strategies import cases
from tests.laws.world import HISTORY_CHANGED, Case, Message, arriving, projection, told

pytestmark = pytest.mark.prove


def as_may_arrive(events: list[Event], record: Record) -> list[Event]:
    """The nearest order there can be: an amendment after its target, corrections of a chain in order."""
    before = {}
    for event in record:
        if isinstance(event.body, Correct):
            chain = [e for e in record if record.root(e.id) is record.root(event.id)]
            before[event.id] = {e.id for e in chain if e.stamp < event.stamp}
        elif isinstance(event.body, Retract | Verify):
            before[event.id] = {event.body.target}
    arrived: dict[str, Event] = {}
    waiting = list(events)
    while waiting:
        event = next(e for e in waiting if before.get(e.id, set()) <= arrived.keys())
        arrived[event.id] = event
        waiting.remove(event)
    return list(arrived.values())


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[Case, Record, date]:
    """A patient, the same messages in another order, and a day."""
    case = draw(cases())
    events = list(case.record)
    shuffled = draw(st.one_of(st.permutations(events), st.sampled_from([events, events[::-1]])))
    first, last = case.days
    day = first + timedelta(days=draw(st.integers(0, (last - first).days + 120)))
    return case, arriving(as_may_arrive(list(shuffled), case.record)), day


def evidence(evaluation: Evaluation) -> list[tuple[str, ...]]:
    return [why_step(evaluation, step).evidence for step in evaluation.history]


@given(arrivals())
def test_any_order_of_arrival_gives_the_same_result(arrival: tuple[Case, Record, date]) -> None:
    case, other, day = arrival

    for each in (day, case.days[1]):
        one, two = case.evaluate(each), evaluate(case.pathway, other, each)

        assert projection(one, without=HISTORY_CHANGED) == projection(two, without=HISTORY_CHANGED)
        assert evidence(one) == evidence(two)


@given(arrivals())
def test_continuing_the_fold_is_replaying_the_whole_record(arrival: tuple[Case, Record, date]) -> None:
    case, other, _ = arrival

    for record in (case.record, other):
        fold = replay(case.pathway, record).fold
        plain = oracle.Replay(case.pathway, record.events)

        for day in (*plain.days, date(2040, 1, 1)):
            checkpoint = fold.until(day)
            assert (checkpoint and checkpoint.position) == plain.position(day)
            assert (checkpoint.steps if checkpoint else ()) == plain.history(day)


@given(arrivals())
def test_changes_of_the_history_are_those_between_plain_replays_of_all_prefixes(
    arrival: tuple[Case, Record, date],
) -> None:
    case, record, _ = arrival

    changes = tuple(replay(case.pathway, record).changes)

    assert changes == oracle.changes(case.pathway, record)


@given(arrivals(), st.data())
def test_a_replay_that_is_kept_and_asked_on_the_way_answers_like_a_fresh_one(
    arrival: tuple[Case, Record, date], data: st.DataObject
) -> None:
    case, record, _ = arrival
    kept = Replay(case.pathway)

    for number, event in enumerate(record, start=1):
        kept.take(event)
        asked = event.stamp.day + timedelta(days=data.draw(st.integers(-3, 40)))
        fresh = evaluate(case.pathway, record.through(number), asked)
        assert projection(evaluated(kept, asked)) == projection(fresh)


def test_shipped_stories_hold_against_plain_replays_of_all_prefixes() -> None:
    for case in told().values():
        whole = replay(case.pathway, case.record)
        fold, changes = whole.fold, tuple(whole.changes)
        plain = oracle.Replay(case.pathway, case.record.events)

        assert changes == oracle.changes(case.pathway, case.record)
        for day in plain.days:
            checkpoint = fold.until(day)
            assert checkpoint is not None
            assert (checkpoint.position, checkpoint.steps) == (plain.position(day), plain.history(day))


def sent(number: int, kind: str, **body: Any) -> Message:
    """A message of the day so many days after the first, received on it."""
    day = date(2024, 1, 8) + timedelta(days=number)
    return {"id": f"{kind}{number}", "type": kind, "effective": day, "recorded": day, **body}


ENROLLED = sent(0, "enrol", iim_dx="PM", ild_confirmed=True, sex="male", birth_date="1970-01-01")
STABLE = sent(
    0,
    "obs",
    obs=[
        {"item": "fvc_pp", "value": 80, "unit": "%"},
        {"item": "dlco_pp", "value": 60, "unit": "%"},
        {"item": "spo2_rest", "value": 96, "unit": "%", "o2_flow": 0},
        {"item": "hrct_change", "value": "stable"},
        {"item": "clinical_course", "value": "stable"},
    ],
)
CORNERS: dict[str, list[Message]] = {
    "a transition spent on one date fires on the next, whatever that brings": [
        sent(0, "med", drug="mmf", op="start"),
        sent(0, "override", to="first_line.non_progressive", reason="not given after all"),
        sent(1, "vax", vaccine="flu"),
        sent(2, "vax", vaccine="pneumo"),
    ],
    "what was held back fires on the first date after its time": [
        sent(1, "med", drug="mmf", op="start"),
        sent(10, "cond", code="alt_explanation", status="active"),
        sent(20, "obs", obs=[{"item": "clinical_course", "value": "progressive"}]),
        sent(53, "vax", vaccine="flu"),
        sent(60, "vax", vaccine="pneumo"),
    ],
    "a verification does not reach a later correction": [
        sent(3, "obs", obs=[{"item": "dlco_pp", "value": 9, "unit": "%"}]),
        sent(4, "verify", target="obs3"),
        sent(5, "correct", target="obs3", obs=[{"item": "dlco_pp", "value": 8, "unit": "%"}]),
        sent(6, "vax", vaccine="flu"),
    ],
    "the newest override of a date counts": [
        sent(1, "override", to="monitor", reason="one"),
        {**sent(1, "override", to="escalate.standard", reason="two"), "id": "second"},
        sent(2, "vax", vaccine="flu"),
    ],
    "statuses of a date change in order of receipt": [
        sent(1, "admin", op="pause", reason="away"),
        {**sent(1, "admin", op="close", reason="transferred"), "id": "closed"},
        sent(2, "vax", vaccine="flu"),
    ],
}


@pytest.mark.parametrize("name", CORNERS)
def test_corner_cases_are_the_same_in_every_order_of_arrival(name: str) -> None:
    case = Case("v1", (ENROLLED, STABLE, *CORNERS[name]))
    first, second, *rest = case.record
    plain = oracle.Replay(case.pathway, case.record.events)
    seen = {d: projection(case.evaluate(d), without=HISTORY_CHANGED) for d in plain.days}
    for shuffled in permutations(rest):
        record = arriving(as_may_arrive([first, second, *shuffled], case.record))
        whole = replay(case.pathway, record)
        fold, changes = whole.fold, tuple(whole.changes)

        assert changes == oracle.changes(case.pathway, record)
        for day in plain.days:
            checkpoint = fold.until(day)
            assert checkpoint is not None
            assert (checkpoint.position, checkpoint.steps) == (plain.position(day), plain.history(day))
            got = projection(evaluate(case.pathway, record, day), without=HISTORY_CHANGED)
            assert got == seen[day]


def known_by(record: Record, day: date) -> Record:
    """The record without chains dated after a day; what amends another chain is kept with it."""
    dated = {}
    for event in sorted(record, key=lambda e: e.stamp):
        root = record.root(event.id)
        assert root is not None
        dated[root.id] = event.effective

    def kept(event: Event) -> bool:
        root = record.root(event.id)
        assert root is not None
        if isinstance(root.body, Retract | Verify):
            target = record.root(root.body.target)
            return target is not None and kept(target)
        return dated[root.id] <= day

    return Record(tuple(e for e in record if kept(e)))


@given(arrivals())
def test_what_is_dated_later_is_not_seen(arrival: tuple[Case, Record, date]) -> None:
    case, _, day = arrival

    seen = evaluate(case.pathway, known_by(case.record, day), day)

    assert projection(case.evaluate(day), without=HISTORY_CHANGED) == projection(
        seen, without=HISTORY_CHANGED
    )


@given(arrivals())
def test_evaluating_twice_gives_equal_results_and_leaves_the_record_alone(
    arrival: tuple[Case, Record, date],
) -> None:
    case, _, day = arrival
    before = repr(case.record)

    one, two = case.evaluate(day), case.evaluate(day)

    assert projection(one) == projection(two)
    assert one.revisit_on == two.revisit_on
    assert one.changes == two.changes
    assert repr(case.record) == before

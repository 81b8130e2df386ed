"""Events responsible for a difference: without them there is none, and every one of them is needed."""

from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.evaluate import Evaluation, evaluate
from engine.core.events import Event
from engine.core.standpoints import Comparison, Standpoint, compare, seen_by_both, without
from tests.laws.strategies import cases
from tests.laws.world import HISTORY_CHANGED, Case, projection, told

pytestmark = pytest.mark.prove

Looks = tuple[Standpoint, Standpoint]


@st.composite
def looks(draw: st.DrawFn) -> tuple[Case, Standpoint, Standpoint]:
    """A patient, and two standpoints: near one another or far, on one clock or on both."""
    case = draw(cases())
    first, last = case.days
    days = st.integers(0, (last - first).days + 30).map(lambda n: first + timedelta(days=n))
    received = st.sampled_from([None, *(event.stamp.day for event in case.record)])
    known = (draw(received), draw(received))
    if draw(st.booleans()):
        same = draw(days)
        return case, Standpoint(same, known[0]), Standpoint(same, known[1])
    return case, Standpoint(draw(days), known[0]), Standpoint(draw(days), known[1])


fewer = settings(max_examples=max(12, settings().max_examples // 10))
"""Each example asks dozens of times."""


def seen(evaluation: Evaluation, *, places: bool) -> object:
    """What an evaluation tells; with `places`, where the patient stands and how he came there."""
    position = evaluation.position
    if places:
        return position and (position.state, position.since, position.status), [
            s.key for s in evaluation.history
        ]
    return projection(evaluation)


def agree(case: Case, looks: Looks, out: set[str], *, places: bool = False) -> bool:
    """Whether without some events each standpoint sees what both see, as it is on its own date."""
    records = [look.record(case.record) for look in looks]
    common = seen_by_both(min(records, key=len), min(look.as_of for look in looks))
    return all(
        seen(evaluate(case.pathway, without(record, out), look.as_of), places=places)
        == seen(evaluate(case.pathway, common, look.as_of), places=places)
        for look, record in zip(looks, records, strict=True)
    )


def ids(events: tuple[Event, ...] | None) -> set[str]:
    return {event.id for event in events or ()}


def check(case: Case, looks: Looks, found: Comparison) -> None:
    for events, places in ((found.responsible, False), (found.moved_by, True)):
        responsible = ids(events)
        assert responsible <= ids(found.between)
        assert agree(case, looks, responsible, places=places)
        for kept in range(len(responsible)) if len(responsible) <= 4 else [len(responsible) - 1]:
            for some in combinations(sorted(responsible), kept):
                assert not agree(case, looks, set(some), places=places), some


@fewer
@given(looks())
def test_without_the_events_responsible_only_time_makes_a_difference_and_each_is_needed(
    looks: tuple[Case, Standpoint, Standpoint],
) -> None:
    case, *two = looks
    check(case, (two[0], two[1]), compare(case.pathway, case.record, two[0], two[1]))


@fewer
@given(looks())
def test_what_both_see_is_all_there_is_on_the_earlier_clocks(
    looks: tuple[Case, Standpoint, Standpoint],
) -> None:
    case, one, _ = looks
    record = one.record(case.record)
    seen = evaluate(case.pathway, seen_by_both(record, one.as_of), one.as_of)

    assert projection(evaluate(case.pathway, record, one.as_of), without=HISTORY_CHANGED) == projection(
        seen, without=HISTORY_CHANGED
    )


@fewer
@given(looks())
def test_turning_a_comparison_round_turns_the_difference_round(
    looks: tuple[Case, Standpoint, Standpoint],
) -> None:
    case, one, two = looks
    there, back = (compare(case.pathway, case.record, *pair) for pair in ((one, two), (two, one)))

    assert set(there.difference.standing) == set(back.difference.standing)
    assert there.difference.withdrawn == back.difference.brought
    assert there.difference.dropped == back.difference.added
    assert {p.id: (p.before, p.after) for p in there.difference.reviews} == {
        p.id: (p.after, p.before) for p in back.difference.reviews
    }
    assert (there.responsible, there.between) == (back.responsible, back.between)


def test_shipped_stories_compared_with_each_day_something_was_received(
    subtests: pytest.Subtests, proving: bool
) -> None:
    for name, case in list(told().items())[:: 1 if proving else 3]:
        last = case.days[1]
        days = sorted({event.stamp.day for event in case.record})
        for day in days if proving else days[:: max(1, len(days) // 3)]:
            with subtests.test(name, day=day):
                looks = (Standpoint(day, day), Standpoint(last))
                check(case, looks, compare(case.pathway, case.record, *looks))

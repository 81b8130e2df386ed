"""What a site may change of a ladder, and which ladder is in force on a day."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from engine.core.asof import AsOf
from engine.core.evaluate import evaluate
from engine.core.site_ladders import (
    LadderChange,
    SiteLadder,
    changed,
    dated,
    differences,
    in_force,
    problems,
)
from tests.laws.world import pathway, told

RULES = pathway().definition.ladder
SOON = LadderChange.model_validate(
    {
        "reviews": {"upcoming": {"offset": -42}, "escalated": {"short": 2}},
        "actions": {"repeated": {"hours": 2}},
        "snooze": {"days": 7},
    }
)
DAY = date(2024, 3, 1)


def row(number: int, day: int, change: LadderChange = SOON) -> SiteLadder:
    return SiteLadder(
        "main", "pm-ild", number, date(2024, 3, day), change, None, "why", datetime(2024, 3, 1, tzinfo=UTC)
    )


def test_only_the_numbers_named_differ() -> None:
    assert [(d.pointer, d.published, d.here) for d in differences(RULES, changed(RULES, SOON))] == [
        ("/reviews/upcoming/offset", -28, -42),
        ("/reviews/escalated/short", 3, 2),
        ("/actions/repeated/hours", 4, 2),
        ("/snooze/days", 14, 7),
    ]
    assert changed(RULES, LadderChange()) == RULES
    assert problems(RULES, SOON) == ()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"reviews": {"soon": {"offset": 1}}}, [("/reviews/soon", "unknown-step")]),
        ({"actions": {"due": {"hours": 1}}}, [("/actions/due", "unknown-step")]),
        ({"reviews": {"reminder": {"offset": 1}}}, [("/reviews/reminder/offset", "steps-unordered")]),
        ({"reviews": {"due": {"offset": -8}}}, [("/reviews/due/offset", "steps-unordered")]),
        ({"reviews": {"upcoming": {"short": 0}}}, [("/reviews/upcoming/short", "steps-unordered")]),
        ({"actions": {"backup": {"hours": 3}}}, [("/actions/backup/hours", "steps-unordered")]),
        (
            {"reviews": {"due": {"offset": 2}, "overdue": {"offset": 1}}},
            [("/reviews/due/offset", "steps-unordered")],
        ),
        ({"reviews": {"due": {"offset": 1}}}, []),
    ],
)
def test_steps_there_are_not_and_steps_out_of_order_are_refused(
    change: dict[str, object], found: list[tuple[str, str]]
) -> None:
    refused = problems(RULES, LadderChange.model_validate(change))
    assert [(p.pointer, p.code) for p in refused] == found
    assert all(p.text.endswith(".") for p in refused)


@pytest.mark.parametrize(
    "change",
    [
        {"snooze": {"days": -1}},
        {"actions": {"repeated": {"hours": -1}}},
        {"reviews": {"due": {"offset": 1000}}},
        {"reviews": {"due": {"to": ["clinician"]}}},
        {"together": {"days": 3}},
    ],
)
def test_what_no_site_may_change_is_no_change(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LadderChange.model_validate(change)


def test_a_ladder_is_in_force_from_its_day_until_the_next() -> None:
    ladders = dated(RULES, [row(1, 5), row(2, 5, LadderChange()), row(3, 9)])
    for day, since, ladder, again in [
        (4, None, RULES, date(2024, 3, 5)),
        (5, date(2024, 3, 5), RULES, date(2024, 3, 9)),
        (8, date(2024, 3, 5), RULES, date(2024, 3, 9)),
        (9, date(2024, 3, 9), changed(RULES, SOON), date.max),
    ]:
        at = AsOf(date(2024, 3, day))
        found = in_force(RULES, ladders, at)
        assert (found.since, found.ladder, at.steady_until) == (since, ladder, again)


def test_a_change_to_come_is_a_day_to_look_again_and_decides_nothing() -> None:
    case = told()["V01"]
    first, last = case.days
    ladders = dated(
        RULES, [SiteLadder("main", "pm-ild", 1, last, SOON, None, "why", datetime(2024, 1, 1, tzinfo=UTC))]
    )
    for day in (first, last):
        plain, own = (
            evaluate(case.pathway, case.record, day),
            evaluate(case.pathway, case.record, day, ladders),
        )
        assert (own.position, own.history, own.tier) == (plain.position, plain.history, plain.tier)
        assert [(a.id, a.prio, a.disposition) for a in own.actions] == [
            (a.id, a.prio, a.disposition) for a in plain.actions
        ]
        assert [(r.id, r.due) for r in own.reviews] == [(r.id, r.due) for r in plain.reviews]
        assert own.pathway.digest == plain.pathway.digest
        if day < last and own.revisit_on is not None:
            assert own.revisit_on <= last
        assert (own.in_force.since == last) is (day == last)

"""Who may decide, what a decision silences and for how long, and that nothing blocked is ever offered."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.evaluate import evaluate
from engine.core.pathway import Pathway, compile_pathway
from engine.errors import MessageRefused
from pathways.facts import CATALOGUE
from tests.laws import oracle
from tests.laws.strategies import cases
from tests.laws.world import Case, Message, admitted, library, moment, pathway, receive_one, vocabulary

ENROLLED = date(2024, 1, 8)


def days(number: int) -> date:
    """The day so many days after enrolment."""
    return ENROLLED + timedelta(days=number)


def message(number: int, type_: str, received: int | None = None, **body: Any) -> Message:
    """A message of a day, received on it unless said otherwise."""
    on = days(number)
    stamp = days(number if received is None else received)
    return {"id": f"{type_}{number}{body}", "type": type_, "effective": on, "recorded": stamp, **body}


def enrolment() -> Message:
    return message(0, "enrol", iim_dx="PM", ild_confirmed=True, sex="male", birth_date="1970-01-01")


def observed(number: int, item: str, value: object, unit: str | None = None, **rest: Any) -> Message:
    one = {"item": item, "value": value, **({"unit": unit} if unit else {})}
    return message(number, "obs", source="lab", obs=[one], **rest)


def decision(number: int, action: str, word: str, received: int | None = None) -> Message:
    return message(number, "decision", received, action=action, decision=word, reason="discussed")


def override(number: int, to: str) -> Message:
    return message(number, "override", to=to, reason="judged so")


def listed(messages: Sequence[Message], action: str, until: int, on: Pathway | None = None) -> list[int]:
    """The days, counted from enrolment, on which an action is on the list."""
    chosen = on or pathway()
    record = admitted(sorted([enrolment(), *messages], key=lambda m: m["recorded"]), chosen)
    assert len(record) == len(messages) + 1
    return [n for n in range(until) if action in {a.id for a in evaluate(chosen, record, days(n)).actions}]


def all_but(silent: Iterable[int], until: int, first: int = 0) -> list[int]:
    return sorted(set(range(first, until)) - set(silent))


def test_without_a_decision_an_action_is_listed_every_day() -> None:
    assert listed([], "ord.serology", 130) == all_but([], 130)


@pytest.mark.parametrize(("word", "days_silent"), [("accept", 28), ("decline", 90)])
def test_a_decision_silences_an_action_for_its_days_and_not_one_more(word: str, days_silent: int) -> None:
    silent = range(5, 5 + days_silent)

    assert listed([decision(5, "ord.serology", word)], "ord.serology", 130) == all_but(silent, 130)


def test_a_decision_counts_from_its_own_date_however_late_it_is_received() -> None:
    assert listed([decision(5, "ord.serology", "accept", 60)], "ord.serology", 80) == all_but(
        range(5, 33), 80
    )


def test_a_decision_made_for_tomorrow_silences_nothing_today() -> None:
    assert listed([decision(5, "ord.serology", "accept", 4)], "ord.serology", 10) == [0, 1, 2, 3, 4]


def test_a_second_decision_silences_from_its_own_date_on() -> None:
    both = [decision(5, "ord.serology", "accept"), decision(20, "ord.serology", "accept")]

    assert listed(both, "ord.serology", 80) == all_but(range(5, 48), 80)


def test_accepting_a_p1_action_silences_it_for_three_days() -> None:
    assert listed([decision(30, "rev.delay", "accept")], "rev.delay", 60) == all_but(
        range(30, 33), 60, first=21
    )


def test_declining_a_p1_action_silences_it_for_ninety_days() -> None:
    assert listed([decision(30, "rev.delay", "decline")], "rev.delay", 140) == all_but(
        range(30, 120), 140, first=21
    )


def test_accepting_a_p0_action_of_another_kind_than_urgent_silences_it_for_one_day() -> None:
    definition = library().definition("pm-ild")
    actions = tuple(
        a.model_copy(update={"prio": "0"}) if a.id == "rev.delay" else a for a in definition.actions
    )
    raised = compile_pathway(definition.model_copy(update={"actions": actions}), CATALOGUE, vocabulary())

    assert listed([decision(30, "rev.delay", "accept")], "rev.delay", 60, raised) == all_but(
        [30], 60, first=21
    )


def test_the_priority_an_action_has_now_decides_how_long_an_acceptance_lasts() -> None:
    """rev.regimen turns from P2 into P1 when more than 28 days have passed since entry, here on day 39."""
    record = [override(10, "escalate.standard"), decision(30, "rev.regimen", "accept")]
    just_before = [override(10, "escalate.standard"), decision(37, "rev.regimen", "accept")]

    assert listed(record, "rev.regimen", 80) == all_but(range(30, 39), 80, first=10)
    assert listed(just_before, "rev.regimen", 80) == all_but(range(37, 40), 80, first=10)


@pytest.mark.parametrize("word", ["accept", "decline"])
def test_a_state_entered_on_a_later_date_ends_a_decision(word: str) -> None:
    moves = [override(10, "escalate.standard"), override(30, "recurrent.late")]

    assert listed([*moves, decision(20, "tx.rtx", word)], "tx.rtx", 60) == all_but(
        range(20, 30), 60, first=10
    )


@pytest.mark.parametrize("word", ["accept", "decline"])
def test_a_state_entered_on_the_date_of_a_decision_does_not_end_it(word: str) -> None:
    moves = [override(10, "escalate.standard"), override(30, "recurrent.late")]

    assert listed([*moves, decision(30, "tx.rtx", word)], "tx.rtx", 50) == list(range(10, 30))


def test_entering_the_same_state_again_ends_a_decision_too() -> None:
    moves = [override(10, "escalate.standard"), override(30, "escalate.standard")]

    assert listed([*moves, decision(20, "tx.rtx", "decline")], "tx.rtx", 60) == all_but(
        range(20, 30), 60, first=10
    )


def test_an_accepted_referral_stays_silent_until_the_next_state() -> None:
    moves = [override(10, "escalate.standard"), override(500, "recurrent.late")]

    accepted = listed([*moves, decision(20, "ref.mdt", "accept")], "ref.mdt", 520)
    declined = listed([*moves, decision(20, "ref.mdt", "decline")], "ref.mdt", 130)

    assert accepted == all_but(range(20, 500), 520, first=10)
    assert declined == all_but(range(20, 110), 130, first=10)


@pytest.mark.parametrize(("word", "days_silent"), [("accept", 365), ("decline", 90)])
@pytest.mark.parametrize("action", ["edu.gc", "sup.rehab"])
def test_education_and_support_stay_silent_whatever_state_is_entered(
    action: str, word: str, days_silent: int
) -> None:
    record = [
        message(2, "med", drug="gc_oral", op="start", dose=20),
        override(2, "monitor"),
        override(30, "escalate.standard"),
        decision(20, action, word),
    ]

    assert listed(record, action, 400) == all_but(range(20, 20 + days_silent), 400, first=2)


@pytest.mark.parametrize("word", ["accept", "decline"])
def test_a_red_flag_stays_silent_until_a_later_finding(word: str) -> None:
    high = [observed(n, "potassium", 6, "mmol/L") for n in (3, 10, 14, 50)]
    decided = decision(10, "rf.potassium", word)

    assert listed([*high, decided], "rf.potassium", 90) == [*range(3, 10), *range(14, 43), *range(50, 79)]


@pytest.mark.parametrize("word", ["accept", "decline"])
def test_a_changed_history_stays_silent_until_a_later_change(word: str) -> None:
    first, second = (observed(number, "dlco_pp", 30, "%") for number in (3, 5))
    record = [
        first,
        message(20, "retract", target=first["id"]),
        decision(25, "rev.history_changed", word),
        second,
        message(40, "retract", target=second["id"]),
    ]

    assert listed(record, "rev.history_changed", 60) == [*range(20, 25), *range(40, 60)]


@pytest.mark.parametrize("role", ["coordinator", "integrator", "viewer", ""])
@pytest.mark.parametrize(
    "sent",
    [decision(5, "ord.serology", "accept"), decision(5, "ord.serology", "decline"), override(5, "monitor")],
)
def test_only_a_clinician_decides(sent: Message, role: str) -> None:
    with pytest.raises(MessageRefused) as refused:
        receive_one([enrolment()], sent, role)

    assert "clinician-needed" in {p.code for p in refused.value.problems}


@pytest.mark.parametrize("role", ["clinician", "clinical_lead"])
def test_a_clinician_and_a_clinical_lead_may_decide(role: str) -> None:
    assert len(receive_one([enrolment()], decision(5, "ord.serology", "accept"), role)) == 2


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_decline_needs_a_reason_and_an_acceptance_does_not(reason: str | None) -> None:
    declined = {**decision(5, "ord.serology", "decline"), "reason": reason}

    with pytest.raises(MessageRefused) as refused:
        receive_one([enrolment()], declined, "clinician")

    assert [p.code for p in refused.value.problems] == ["missing-reason"]
    assert receive_one([enrolment()], {**declined, "decision": "accept"}, "clinician")


# ── on any record ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.prove
@given(cases(), st.data())
def test_an_action_is_listed_exactly_when_it_applies_and_no_decision_silences_it(
    case: Case, data: st.DataObject
) -> None:
    first, last = case.days
    for _ in range(3):
        day = first + timedelta(days=data.draw(st.integers(0, (last - first).days + 100)))
        evaluation = case.evaluate(day)
        at = moment(evaluation)
        if at is None or at.position.status == "closed":
            assert not evaluation.actions
            continue
        wanted = set()
        for name, action in case.pathway.actions.items():
            trigger = None if action.trigger is None else action.trigger.value(at)
            if action.when.value(at) is True and not oracle.decided(at, name, trigger):
                wanted.add(name)

        assert {a.id for a in evaluation.actions} == wanted


@pytest.mark.prove
@given(cases(), st.data())
def test_the_first_disposition_that_applies_is_given_and_nothing_blocked_is_offered(
    case: Case, data: st.DataObject
) -> None:
    first, last = case.days
    evaluation = case.evaluate(first + timedelta(days=data.draw(st.integers(0, (last - first).days + 100))))
    at = moment(evaluation)
    for action in evaluation.actions:
        assert at is not None
        rule, definition = case.pathway.actions[action.id], case.pathway.actions[action.id].definition
        missing = tuple(item for item in definition.needs if not at.fresh(item))
        if rule.block_if is not None and rule.block_if.value(at) is True:
            expected = "blocked"
        elif missing:
            expected = "needs_data"
        elif rule.defer_if is not None and rule.defer_if.value(at) is True:
            expected = "deferred"
        else:
            expected = "offer"
        assert (action.disposition, action.missing) == (expected, missing), action.id
        assert bool(action.caution) is (rule.caution_if is not None and rule.caution_if.value(at) is True)
        assert definition.kind != "urgent" or action.disposition == "offer"
    order = [(a.prio, a.action.definition.kind != "urgent", a.action.order) for a in evaluation.actions]
    assert order == sorted(order)

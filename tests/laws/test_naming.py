"""Explanations name every operand of the deciding guard, with its value and date, and no other event.

What decided is worked out here from the guard's tree and the record, without the code that makes the
words. A bound that a shorter alternative already settles on the same value may go unsaid, as may the bare
freshness of a value that is told: what they look at is named, with its value and date.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest

from engine.core.asof import Elapsed
from engine.core.evaluate import Evaluation, evaluate
from engine.core.explain import Why, step_moment, why_step
from engine.core.guards import AllOf, AnyOf, Call, Compare, CriterionRef, FactRef, ItemRef, Node, Trace
from engine.core.moment import Moment
from engine.core.names import Names, shown
from engine.core.narrate import Line, Narrator
from tests.laws.world import Case, told

CASES = told()


@dataclass
class Decided:
    """What decided a guard: the words that must be said, and the events that were read."""

    words: dict[str, None] = field(default_factory=dict)
    events: dict[str, None] = field(default_factory=dict)

    def say(self, *words: object) -> None:
        self.words.update(dict.fromkeys(str(word).lower() for word in words))


def deciding(trace: Trace) -> tuple[Trace, ...]:
    """The parts that settled a value: those of a true `or` that are true, of a false `and` that are false."""
    if isinstance(trace.node, AllOf | AnyOf):
        return tuple(part for part in trace.parts if part.value is trace.value)
    if isinstance(trace.node, Compare) and counted(trace.parts[0]) and trace.value is True:
        return tuple(part for part in counted(trace.parts[0]) if part.value is True)
    return trace.parts


def counted(trace: Trace) -> tuple[Trace, ...]:
    """What a count looked at, if a value is one: where enough hold, those that hold decide."""
    inner = trace.parts[0] if isinstance(trace.node, CriterionRef) else trace
    return inner.parts if isinstance(inner.node, Call) and inner.node.function.name == "count" else ()


def decide(trace: Trace, at: Moment, found: Decided) -> Decided:
    """Collect the operands of what decided a trace, leaf by leaf."""
    names, node = Names(at.pathway), trace.node
    found.events.update(dict.fromkeys(trace.sources))
    match node:
        case ItemRef():
            reading = at.last(node.item)
            found.say(names.of(node.item))
            if reading is not None:
                found.say(shown(reading.value), reading.day)
        case CriterionRef() if node.kind == "days":
            found.say(names.criterion(node.name), *(v.since for v in [trace.value] if isinstance(v, Elapsed)))
            found.events.update(dict.fromkeys(trace.evidence))
            return found
        case FactRef() if node.name == "history_changed":
            found.say(names.fact(node.name), *(c.received for c in at.changes if c.received <= at.day))
        case FactRef() if trace.value is not None or trace.missing:
            found.say(names.fact(node.name))
            _dates(trace, at, found)
        case Call() if node.names:
            _call(node, trace, at, found)
    for part in deciding(trace):
        decide(part, at, found)
    return found


def _dates(trace: Trace, at: Moment, found: Decided) -> None:
    """Whatever event a fact rests on is named with its date, unless its value is the age of a person."""
    enrolment = at.enrolment.event_id
    days = {e.event_id: e.day for e in events_of(at)}
    found.say(*(days[event] for event in trace.sources if event in days and event != enrolment))


def _call(node: Call, trace: Trace, at: Moment, found: Decided) -> None:
    names, name, function = Names(at.pathway), node.names[0], node.function.name
    if function in ("in_state", "entered", "none_left"):
        return  # a state is told by its title; which options are due is told with the reason
    if function in ("blocked", "blocked_without"):
        found.say(names.short(name))
        guard = at.pathway.actions[name].block_if
        if trace.value is True and guard is not None:
            decide(guard.trace(at), at, found)
        return
    if name in at.pathway.composites:
        decide(at.pathway.composites[name].trace(at), at, found)
        return
    match function:
        case "active":
            for drug in at.members(name):
                course = at.running(drug)
                found.say(*(() if course is None else (names.of(drug), course.started)))
        case "fresh" | "known" | "date" | "attr" | "absent":
            reading = at.last(name)
            read = reading is not None and reading.event_id in trace.sources
            found.say(names.of(name).partition(" (")[0], *((reading.day,) if reading and read else ()))
        case "cond" | "cond_on":
            status = at.condition(name)
            found.say(names.of(name), *((status.day,) if status is not None and status.active else ()))
        case "vaccinated":
            found.say(names.of(name))


@dataclass(frozen=True)
class Dated:
    event_id: str
    day: date


def events_of(at: Moment) -> Iterator[Dated]:
    for item in at.pathway.vocabulary.items:
        for slot in at.slots(item):
            yield from (Dated(r.event_id, r.day) for r in slot.readings)
    for drug in at.pathway.vocabulary.drugs:
        yield from (Dated(c.event_id, c.day) for c in at.courses(drug))


def said(lines: tuple[Line, ...]) -> str:
    return " ".join(f"{line.says} {said(line.below)}" for line in lines).lower()


def named(lines: tuple[Line, ...]) -> set[str]:
    return {e for line in lines for e in (*line.events, *named(line.below))}


def check(guard: Node, at: Moment, why: Why, where: str) -> None:
    trace = guard.trace(at)
    found = decide(trace, at, Decided())
    text = said(why.lines)
    unsaid = [word for word in found.words if word not in text]
    assert not unsaid, f"{where}: {unsaid} in: {text}"
    assert named(why.lines) == set(found.events) - {""}, f"{where}: {text}"
    assert set(why.evidence) <= set(found.events), where


def why(guard: Node, at: Moment) -> Why:
    trace = guard.trace(at)
    return Why(Narrator(at).lines(trace), trace.evidence)


def judge(evaluation: Evaluation) -> int:
    """Check every step of the history, every open action and every way out; return how many guards."""
    seen = 0
    pathway, at = evaluation.pathway, evaluation.moment
    for step in evaluation.history:
        rule = pathway.transitions.get(step.transition)
        if step.event_id is None and rule is not None and rule.when is not None:
            there = step_moment(evaluation, step)
            check(rule.when, there, why_step(evaluation, step), f"{step.day} {step.transition}")
            seen += 1
    if at is None:
        return seen
    for action in evaluation.actions:
        guards = [action.action.when, *action.caution]
        guards += [g for g in (action.action.block_if,) if g is not None and action.disposition == "blocked"]
        guards += [g for g in (action.action.defer_if,) if g is not None and action.disposition == "deferred"]
        for guard in guards:
            check(guard, at, why(guard, at), f"{evaluation.as_of} {action.id}: {guard.text}")
            seen += 1
    return seen


@pytest.mark.parametrize("name", CASES)
def test_every_operand_that_decided_is_named_with_its_value_and_date_and_no_other_event(name: str) -> None:
    """On every date the record names, of receipt or of effect, as known then and as known now."""
    case: Case = CASES[name]
    dates = sorted({d for e in case.record for d in (e.effective, e.stamp.day)})

    seen = 0
    for day in dates:
        seen += judge(case.evaluate(day))
        seen += judge(evaluate(case.pathway, case.record.known_at(day), day))

    assert seen > 2 * len(dates)

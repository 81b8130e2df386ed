"""Guards: Kleene's tables, the specification's own reading, and traces that say what the values say."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.core.chains import Standing, standing
from engine.core.chart import Chart
from engine.core.events import Observations, Observed, Stamp
from engine.core.facts import FactValue
from engine.core.guards import (
    AllOf,
    AnyOf,
    Arithmetic,
    Call,
    Choice,
    Compare,
    CriterionRef,
    FactRef,
    Node,
    Not,
    OneOf,
    Trace,
    walk,
)
from engine.core.moment import Moment
from engine.core.pathway import Pathway
from engine.core.values import Truth
from tests.laws.messages import NUMBERS
from tests.laws.strategies import Asked, moments
from tests.laws.two_valued import TwoValued, plain_value
from tests.laws.world import expressions, pathway, vocabulary

pytestmark = pytest.mark.prove

ASK_FOR_ABSENCE = frozenset(
    {"fresh", "known", "absent", "latest", "count", "blocked", "blocked_without", "none_left"}
)
"""Functions that ask what is there: a new reading may turn their answer round, as it may that of a fact."""


@dataclass(frozen=True, slots=True)
class Leaf(Node):
    """A part of an expression whose value is given."""

    def value(self, at: Moment) -> FactValue | None:
        return cast(dict[str, FactValue | None], at)[self.text]


def judge(tree: Node, given: dict[str, Any]) -> FactValue | None:
    return tree.value(cast(Moment, given))


def leaf(name: str) -> Leaf:
    return Leaf(name, "any")


TRUTHS: tuple[Truth, ...] = (False, None, True)
RANK = {False: 0, None: 1, True: 2}


@pytest.mark.parametrize("one", TRUTHS)
@pytest.mark.parametrize("two", TRUTHS)
def test_and_is_the_lesser_and_or_the_greater_of_two_truths(one: Truth, two: Truth) -> None:
    values = {"a": one, "b": two}
    parts = (leaf("a"), leaf("b"))

    assert judge(AllOf("", "boolean", parts), values) is min(one, two, key=RANK.__getitem__)
    assert judge(AnyOf("", "boolean", parts), values) is max(one, two, key=RANK.__getitem__)


def test_not_turns_what_is_known_and_leaves_the_unknown() -> None:
    tree = Not("", "boolean", leaf("a"))

    assert [judge(tree, {"a": value}) for value in TRUTHS] == [True, None, False]


@pytest.mark.parametrize("sign", ["==", "!=", "<", "<=", ">", ">="])
def test_a_comparison_with_a_missing_side_is_unknown(sign: str) -> None:
    tree = Compare("", "boolean", leaf("a"), sign, leaf("b"))

    for values in ({"a": None, "b": Decimal(1)}, {"a": Decimal(1), "b": None}, {"a": None, "b": None}):
        assert judge(tree, values) is None
    assert judge(OneOf("", "boolean", leaf("a"), ("x", "y")), {"a": None}) is None


def test_a_choice_takes_the_other_branch_when_its_condition_is_unknown() -> None:
    tree = Choice("", "number", leaf("c"), leaf("a"), leaf("b"))

    assert [judge(tree, {"c": c, "a": Decimal(1), "b": Decimal(2)}) for c in (True, False, None)] == [1, 2, 2]


# ── filling in what is unknown never overturns what is decided ─────────────────────────────────────

NAMES = tuple("abcde")
numbers = st.sampled_from([Decimal(n) for n in range(4)])


def comparisons() -> st.SearchStrategy[Node]:
    number: st.SearchStrategy[Node] = st.sampled_from([leaf(f"n{n}") for n in NAMES])
    sums: st.SearchStrategy[Node] = st.builds(
        lambda one, sign, two: Arithmetic("", "number", one, sign, two), number, st.sampled_from("+*"), number
    )
    sides = st.one_of(number, sums)
    signs = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    compared: st.SearchStrategy[Node] = st.builds(
        lambda a, s, b: Compare("", "boolean", a, s, b), sides, signs, sides
    )
    among: st.SearchStrategy[Node] = number.map(lambda n: OneOf("", "boolean", n, (Decimal(1), Decimal(2))))
    return st.one_of(compared, among)


def joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=2, max_size=4).map(tuple)
    every: st.SearchStrategy[Node] = several.map(lambda p: AllOf("", "boolean", p))
    some: st.SearchStrategy[Node] = several.map(lambda p: AnyOf("", "boolean", p))
    other: st.SearchStrategy[Node] = parts.map(lambda p: Not("", "boolean", p))
    return st.one_of(every, some, other)


trees = st.recursive(
    st.one_of(st.sampled_from([leaf(n) for n in NAMES]), comparisons()), joined, max_leaves=12
)


def filled(
    data: st.DataObject, names: list[str], known: st.SearchStrategy[Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values with gaps, and the same values with some gaps filled."""
    some = {name: data.draw(st.one_of(st.none(), known)) for name in names}
    more = {n: data.draw(st.one_of(st.none(), known)) if v is None else v for n, v in some.items()}
    return some, more


@given(trees, st.data())
def test_filling_in_the_unknown_never_overturns_a_decided_tree(tree: Node, data: st.DataObject) -> None:
    some, more = filled(data, list(NAMES), st.booleans())
    some_numbers, more_numbers = filled(data, [f"n{n}" for n in NAMES], numbers)

    before = judge(tree, some | some_numbers)

    assert before is None or judge(tree, more | more_numbers) is before


def spelled_out(node: Node, pathway: Pathway) -> Node:
    """The tree with every criterion replaced by its own tree, so that unknown is not settled on the way."""
    if isinstance(node, CriterionRef):
        return spelled_out(pathway.criteria[node.name], pathway)
    changed: dict[str, Any] = {}
    for name in ("operands", "operand", "left", "right", "condition", "then", "otherwise"):
        part = getattr(node, name, None)
        if isinstance(part, tuple):
            changed[name] = tuple(spelled_out(p, pathway) for p in part)
        elif part is not None:
            changed[name] = spelled_out(part, pathway)
    return replace(node, **changed) if changed else node


def bared(node: Node) -> Node:
    """The tree with everything but `and`, `or`, `not` taken as a given truth, by its text."""
    if isinstance(node, AllOf | AnyOf):
        return type(node)(node.text, node.kind, tuple(bared(p) for p in node.operands))
    if isinstance(node, Not):
        return Not(node.text, node.kind, bared(node.operand))
    return leaf(node.text)


@cache
def shapes() -> dict[str, tuple[Node, tuple[str, ...]]]:
    """The logic of every condition of the pathway, with the names of the truths it is given."""
    found = {}
    for name, _, tree in expressions(pathway()):
        if tree.kind == "boolean" and not isinstance(tree, Choice):
            shape = bared(spelled_out(tree, pathway()))
            found[f"{name} {tree.text}"] = (
                shape,
                tuple({n.text: None for n in walk(shape) if isinstance(n, Leaf)}),
            )
    return found


@given(st.randoms(use_true_random=True))
def test_filling_in_the_unknown_never_overturns_a_decided_rule_of_the_pathway(random: Random) -> None:
    for name, (shape, given_names) in shapes().items():
        some = {n: random.choice(TRUTHS) for n in given_names}
        more = {n: random.choice(TRUTHS) if truth is None else truth for n, truth in some.items()}

        before = judge(shape, some)

        assert before is None or judge(shape, more) is before, name


def reads_absence(node: Node, item: str, pathway: Pathway) -> bool:
    if isinstance(node, Call):
        return node.function.name in ASK_FOR_ABSENCE
    if isinstance(node, FactRef) and node.name in pathway.catalogue:
        return bool(pathway.readership.named(node.name) & {("item", item)})
    return isinstance(node, FactRef | Choice)


@given(moments(), st.sampled_from(sorted(NUMBERS)), st.data())
def test_a_first_reading_of_an_item_never_overturns_what_was_decided_without_it(
    asked: Asked, item: str, data: st.DataObject
) -> None:
    at = asked.at
    assume(at.last(item) is None)
    definition = vocabulary().items[item]
    number = Decimal(data.draw(st.sampled_from(NUMBERS[item].split())))
    assert definition.warn is not None
    assume(number in definition.warn)
    day = at.day - timedelta(days=data.draw(st.integers(0, 100)))
    observed = Observations(obs=(Observed(item=item, value=number, unit=definition.unit),))
    stamp = Stamp(at.enrolment.stamp.instant, 0, at.enrolment.stamp.day)
    stands = (*standing(asked.case.record), Standing("first", "obs", day, "lab", observed, stamp))
    chart = Chart(at.pathway.vocabulary, at.pathway.jump_limits, stands)
    then = Moment(at.pathway, chart, at.enrolment, at.day, at.position)
    assume(then.last(item) is not None)
    for name, _, tree in expressions(at.pathway):
        for node in walk(spelled_out(tree, at.pathway)):
            if not any(reads_absence(n, item, at.pathway) for n in walk(node)):
                before = node.value(at)
                assert before is None or node.value(then) == before, (name, node.text)


@given(moments())
def test_a_rule_holds_exactly_when_the_specification_reads_it_as_true(asked: Asked) -> None:
    at = asked.at
    reader = TwoValued(at)
    for name, text, tree in expressions(at.pathway):
        value = tree.value(at)
        if tree.kind == "boolean":
            assert reader.read(text) is (value is True), name
        else:
            assert reader.read(text) == plain_value(value, at), name


@given(moments())
def test_every_trace_says_what_its_node_says(asked: Asked) -> None:
    at = asked.at
    seen: set[int] = set()

    def check(trace: Trace) -> None:
        if id(trace.node) in seen:
            return
        seen.add(id(trace.node))
        assert trace.value == trace.node.value(at), trace.node.text
        assert type(trace.value) is type(trace.node.value(at))
        if not isinstance(trace.node, CriterionRef):
            assert {id(p.node) for p in trace.parts} <= {id(p) for p in trace.node.parts}
        for part in trace.parts:
            check(part)

    for _, _, tree in expressions(at.pathway):
        check(tree.trace(at))

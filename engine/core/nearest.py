"""What is nearest to happening: the single changes, any one of which would make a guard hold.

A change is one datum (a value, a condition, a drug) or one fact; it may settle several parts of a guard
at once, as a new recorded value settles what it says and that it is recent. Where more than one datum
would have to change there is nothing to name. Settings, and the state the patient is in, do not change.
"""

from collections.abc import Iterator
from decimal import Decimal

from engine.core.asof import COMPARE
from engine.core.guards import (
    AllOf,
    AnyOf,
    Call,
    Compare,
    Constant,
    CriterionRef,
    FactRef,
    ItemRef,
    Node,
    Not,
    ParameterRef,
    Trace,
    walk,
)
from engine.core.moment import Moment
from engine.core.names import Names, upper
from engine.core.phrases import Phrases

DATA = frozenset({"item", "drug", "condition", "vaccine"})


def single_changes(trace: Trace, at: Moment) -> tuple[str, ...]:
    """Return what would have to become so for a guard to hold, each alone enough; nothing if it holds."""
    if trace.value is True:
        return ()
    phrases = Phrases(Names(at.pathway))
    return tuple(dict.fromkeys(upper(text) for text in _changes(trace, phrases, want=True)))


def _changes(trace: Trace, phrases: Phrases, *, want: bool) -> Iterator[str]:
    node = trace.node
    if trace.value is want:
        return
    match node:
        case Not() | CriterionRef():
            wanted = not want if isinstance(node, Not) else want
            yield from _changes(trace.parts[0], phrases, want=wanted)
        case AllOf() | AnyOf():
            open_parts = [p for p in trace.parts if p.value is not want]
            every = isinstance(node, AllOf) is want
            if not every or len(open_parts) == 1:
                for part in open_parts:
                    yield from _changes(part, phrases, want=want)
            elif _shared(open_parts):
                # a new value is also recent: what it must be is enough to say
                said = [p for p in open_parts if any(isinstance(n, ItemRef) for n in walk(p.node))]
                yield " and ".join(phrases.of(p.node, holds=want) for p in said or open_parts)
        case Compare(left=Call(function=function)) if function.name == "count":
            yield from _count(node, trace, phrases, want=want)
        case _ if not _fixed(node):
            yield phrases.of(node, holds=want)


def _count(node: Compare, trace: Trace, phrases: Phrases, *, want: bool) -> Iterator[str]:
    """One more, or one fewer, of a count, where that is enough."""
    counted, limit = (part.value for part in trace.parts)
    assert isinstance(counted, Decimal)
    assert isinstance(limit, Decimal)
    for one_more in (True, False):
        if COMPARE[node.sign](counted + (1 if one_more else -1), limit) is want:
            for part in trace.parts[0].parts:
                if (part.value is True) is not one_more:
                    yield from _changes(part, phrases, want=one_more)


def _shared(parts: list[Trace]) -> bool:
    """Whether one datum has a say in all of these parts."""
    return bool(frozenset.intersection(*(_data(part.node) for part in parts)))


def _data(node: Node) -> frozenset[str]:
    found: set[str] = set()
    for each in walk(node):
        if isinstance(each, ItemRef):
            found.add(each.item)
        elif isinstance(each, Call):
            kinds = each.function.arguments
            found.update(n for n, kind in zip(each.names, kinds, strict=False) if kind in DATA)
    return frozenset(found)


def _fixed(node: Node) -> bool:
    """Whether a part does not change with new data."""
    if isinstance(node, Call):
        return node.function.name == "in_state"
    leaves = (each for each in walk(node) if not each.parts)
    return all(
        isinstance(leaf, Constant | ParameterRef)
        or (isinstance(leaf, FactRef) and leaf.name in ("target", "enrolled"))
        for leaf in leaves
    )

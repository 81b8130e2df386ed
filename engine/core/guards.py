"""Guards: expressions as trees that give a value, and can show how they came to it.

Every node answers `value` (three-valued for truths: None is unknown) and `trace`. The two always
agree; a property test holds them to it. Explanation, lint, diff and diagram read the same tree.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from engine.core.asof import COMPARE, Elapsed
from engine.core.facts import Fact, FactKind, FactValue
from engine.core.functions import Function

if TYPE_CHECKING:
    from engine.core.moment import Moment

Kind = FactKind | Literal["any"]


@dataclass(frozen=True, slots=True)
class Trace:
    """How a node came to its value.

    `sources` are the events read here, `missing` what was not known, `note` the data in words;
    `parts` are the traces of the nodes below that were looked at.
    """

    node: "Node"
    value: FactValue | None
    sources: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    note: object = ""
    parts: tuple["Trace", ...] = ()

    @property
    def deciding(self) -> tuple["Trace", ...]:
        """The parts that settled the value: the true ones of a true `or`, the false ones of a false `and`.

        Of an unknown `and` or `or`, the unknown ones; where enough of several hold, those that hold; of
        anything else, all.
        """
        if isinstance(self.node, AllOf | AnyOf):
            return tuple(p for p in self.parts if p.value is self.value)
        if isinstance(self.node, Compare) and self.node.sign[0] == ">" and self.value is True:
            return (_holding(self.parts[0]), *self.parts[1:])
        return self.parts

    @property
    def evidence(self) -> tuple[str, ...]:
        """Events of what decided, in order of appearance, each once."""
        found = dict.fromkeys(self.sources)
        for part in self.deciding:
            found.update(dict.fromkeys(part.evidence))
        return tuple(found)

    @property
    def lacking(self) -> tuple[str, ...]:
        """What was missing in what decided, each once."""
        found = dict.fromkeys(self.missing)
        for part in self.deciding:
            found.update(dict.fromkeys(part.lacking))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all nodes: the author's text, and the kind of value it gives."""

    text: str
    kind: Kind

    def value(self, at: "Moment") -> FactValue | None:
        """Return the value as of a moment; None when it cannot be told."""
        raise NotImplementedError

    def trace(self, at: "Moment") -> Trace:
        """Return the value with its derivation."""
        return Trace(self, self.value(at))

    @property
    def parts(self) -> tuple["Node", ...]:
        """The nodes directly below."""
        return ()


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A literal."""

    literal: FactValue

    def value(self, at: "Moment") -> FactValue | None:
        return self.literal


@dataclass(frozen=True, slots=True)
class ParameterRef(Node):
    """A parameter of the pathway, by its name in capitals, with the value it has there."""

    name: str
    setting: bool | Decimal

    def value(self, at: "Moment") -> FactValue | None:
        return self.setting


@dataclass(frozen=True, slots=True)
class ItemRef(Node):
    """The last usable value of an item."""

    item: str

    def value(self, at: "Moment") -> FactValue | None:
        reading = at.last(self.item)
        return None if reading is None else reading.value

    def trace(self, at: "Moment") -> Trace:
        reading = at.last(self.item)
        if reading is None:
            return Trace(self, None, missing=(self.item,))
        return Trace(self, reading.value, (reading.event_id,), note=reading.day)


@dataclass(frozen=True, slots=True)
class FactRef(Node):
    """A fact computed by a function, or a name the engine itself provides."""

    name: str

    def value(self, at: "Moment") -> FactValue | None:
        return at.fact(self.name).value

    def trace(self, at: "Moment") -> Trace:
        fact = at.fact(self.name)
        return Trace(self, fact.value, fact.sources, fact.missing, fact.note)


@dataclass(frozen=True, slots=True)
class CriterionRef(Node):
    """A named expression. A criterion that states a truth is never unknown: it holds or it does not."""

    name: str

    def value(self, at: "Moment") -> FactValue | None:
        return at.criterion(self.name)

    def trace(self, at: "Moment") -> Trace:
        inner = at.pathway.criteria[self.name].trace(at)
        return Trace(self, self.value(at), parts=(inner,))


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A general function: of names (fresh, active), or of values (since, count)."""

    function: Function
    names: tuple[str, ...]
    operands: tuple[Node, ...]

    def value(self, at: "Moment") -> FactValue | None:
        if not self.operands:
            return self.function.compute(at, *self.names).value
        return self._fact(at).value

    def _fact(self, at: "Moment") -> Fact:
        if not self.operands:
            return self.function.compute(at, *self.names)
        return self.function.compute(at, *self.names, *[o.value(at) for o in self.operands])

    def trace(self, at: "Moment") -> Trace:
        fact = self._fact(at)
        parts = tuple(o.trace(at) for o in self.operands)
        return Trace(self, fact.value, fact.sources, fact.missing, fact.note, parts)

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.operands


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """A comparison; unknown when a side is missing."""

    left: Node
    sign: str
    right: Node

    def value(self, at: "Moment") -> FactValue | None:
        left, right = self.left.value(at), self.right.value(at)
        if left is None or right is None:
            return None
        if isinstance(left, Elapsed):
            return left.compare(self.sign, _number(right), at)
        if isinstance(right, Elapsed):
            raise TypeError(f"{self.text}: a duration must stand on the left of a comparison")
        return COMPARE[self.sign](left, right)

    def trace(self, at: "Moment") -> Trace:
        return Trace(self, self.value(at), parts=(self.left.trace(at), self.right.trace(at)))

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """Whether a value is one of some literals; unknown when it is missing."""

    left: Node
    options: tuple[FactValue, ...]

    def value(self, at: "Moment") -> FactValue | None:
        left = self.left.value(at)
        return None if left is None else left in self.options

    def trace(self, at: "Moment") -> Trace:
        return Trace(self, self.value(at), parts=(self.left.trace(at),))

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.left,)


@dataclass(frozen=True, slots=True)
class Not(Node):
    """Negation; unknown stays unknown."""

    operand: Node

    def value(self, at: "Moment") -> FactValue | None:
        value = self.operand.value(at)
        return None if value is None else not value

    def trace(self, at: "Moment") -> Trace:
        return Trace(self, self.value(at), parts=(self.operand.trace(at),))

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class AllOf(Node):
    """Conjunction: false as soon as one part is false, unknown if none is false and one is unknown."""

    operands: tuple[Node, ...]

    def value(self, at: "Moment") -> FactValue | None:
        answer: bool | None = True
        for operand in self.operands:
            value = operand.value(at)
            if value is False:
                return False
            if value is None:
                answer = None
        return answer

    def trace(self, at: "Moment") -> Trace:
        return Trace(self, self.value(at), parts=tuple(o.trace(at) for o in self.operands))

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.operands


@dataclass(frozen=True, slots=True)
class AnyOf(Node):
    """Disjunction: true as soon as one part is true, unknown if none is true and one is unknown."""

    operands: tuple[Node, ...]

    def value(self, at: "Moment") -> FactValue | None:
        answer: bool | None = False
        for operand in self.operands:
            value = operand.value(at)
            if value is True:
                return True
            if value is None:
                answer = None
        return answer

    def trace(self, at: "Moment") -> Trace:
        return Trace(self, self.value(at), parts=tuple(o.trace(at) for o in self.operands))

    @property
    def parts(self) -> tuple[Node, ...]:
        return self.operands


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """`A if C else B`; B also when C is unknown."""

    condition: Node
    then: Node
    otherwise: Node

    def value(self, at: "Moment") -> FactValue | None:
        return (self.then if self.condition.value(at) is True else self.otherwise).value(at)

    def trace(self, at: "Moment") -> Trace:
        taken = self.then if self.condition.value(at) is True else self.otherwise
        return Trace(self, taken.value(at), parts=(self.condition.trace(at), taken.trace(at)))

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.condition, self.then, self.otherwise)


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """Sum or product of two numbers; missing when a side is."""

    left: Node
    sign: Literal["+", "*"]
    right: Node

    def value(self, at: "Moment") -> FactValue | None:
        left, right = self.left.value(at), self.right.value(at)
        if left is None or right is None:
            return None
        return _number(left) + _number(right) if self.sign == "+" else _number(left) * _number(right)

    def trace(self, at: "Moment") -> Trace:
        return Trace(self, self.value(at), parts=(self.left.trace(at), self.right.trace(at)))

    @property
    def parts(self) -> tuple[Node, ...]:
        return (self.left, self.right)


def _number(value: FactValue) -> Decimal:
    if isinstance(value, Decimal) and not isinstance(value, date):
        return value
    raise TypeError(f"{value!r} is not a number")


def _holding(trace: Trace) -> Trace:
    """A count without the parts that do not hold, directly or as a criterion; anything else as it is."""
    if isinstance(trace.node, CriterionRef):
        return replace(trace, parts=(_holding(trace.parts[0]),))
    if isinstance(trace.node, Call) and trace.node.function.name == "count":
        return replace(trace, parts=tuple(p for p in trace.parts if p.value is True))
    return trace


def walk(node: Node) -> tuple[Node, ...]:
    """Return a node and all nodes below it, outermost first."""
    return (node, *(below for part in node.parts for below in walk(part)))

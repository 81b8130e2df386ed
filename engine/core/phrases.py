"""Rules in words: what a guard asks for, read off its tree, without any patient.

The same words serve the description of a pathway, its diagram, and "what would have to change".
"""

from dataclasses import dataclass

from engine.core.guards import (
    AllOf,
    AnyOf,
    Arithmetic,
    Call,
    Choice,
    Compare,
    Constant,
    CriterionRef,
    FactRef,
    ItemRef,
    Node,
    Not,
    OneOf,
    ParameterRef,
)
from engine.core.names import Names, lower, set_by, shown

OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
AMOUNT = {"==": "", "!=": "not ", "<": "below ", "<=": "at most ", ">": "above ", ">=": "at least "}
AGO = {
    "==": "exactly {} ago",
    "!=": "not {} ago",
    "<": "less than {} ago",
    "<=": "at most {} ago",
    ">": "more than {} ago",
    ">=": "at least {} ago",
}
ORDER = {
    "==": "on",
    "!=": "not on",
    "<": "before",
    "<=": "on or before",
    ">": "after",
    ">=": "on or after",
}

SAYS = {
    "fresh": ("{} up to date", "{} missing or out of date"),
    "known": ("{} known", "{} never recorded"),
    "absent": ("{} recorded as not possible", "{} not recorded as not possible"),
    "cond": ("{} recorded", "{} not recorded"),
    "active": ("{} running", "{} not running"),
    "ever": ("{} given before", "{} never given"),
    "blocked": ("{} blocked", "{} not blocked"),
    "in_state": ("state is {}", "state is not {}"),
}
"""Functions of one name, as they read when they hold and when they do not."""

CALLED = {
    "date": "last {}",
    "cond_on": "{}",
    "started": "start of {}",
    "given": "last dose of {}",
    "dose": "dose of {}",
}
"""What the values of functions of one name are called."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """Puts the rules of one pathway into words."""

    names: Names

    def of(self, node: Node, *, holds: bool = True) -> str:
        """Return what must be so for a condition to hold (or not to hold), on one line."""
        match node:
            case AllOf() | AnyOf():
                return self._join(node, holds=holds)
            case Not():
                return self.of(node.operand, holds=not holds)
            case Compare():
                return self._compare(node, node.sign if holds else OPPOSITE[node.sign])
            case OneOf():
                options = [shown(o) for o in node.options]
                listed = " or ".join(options) if holds else f"not {' or '.join(options)}"
                return f"{self.label(node.left)} {listed}"
            case Call():
                return self._call(node, holds=holds)
            case CriterionRef() if state := self._state(node):
                return self._call(state, holds=holds)
            case ParameterRef():
                return f"setting {node.name} {'on' if holds else 'off'}"
            case Constant():
                return "always" if node.literal is holds else "never"
            case _:
                return self.label(node) if holds else f"not “{self.label(node)}”"

    def value(self, node: Node) -> str:
        """Return how a value is chosen: a literal, a parameter, or one of several by condition."""
        if isinstance(node, Choice):
            then = f"({self.value(node.then)})" if isinstance(node.then, Choice) else self.value(node.then)
            return f"{then} if {self.of(node.condition)}, else {self.value(node.otherwise)}"
        if isinstance(node, Arithmetic):
            sign = "+" if node.sign == "+" else "×"
            return f"{self.value(node.left)} {sign} {self.value(node.right)}"
        if isinstance(node, Constant | ParameterRef):
            return f"{self.names.amount(node)}{set_by(node)}"
        if _asks(node, "since"):
            return f"days since {self.label(node)}"
        if isinstance(node, Call) and node.function.name == "count":
            return f"how many hold of: {'; '.join(self.of(o) for o in node.operands)}"
        return self.label(node)

    def label(self, node: Node) -> str:
        """Return what a value is called, for the middle of a sentence."""
        names = self.names
        match node:
            case ItemRef():
                return lower(names.of(node.item))
            case CriterionRef():
                return lower(names.criterion(node.name))
            case FactRef():
                return lower(names.fact(node.name))
            case Call():
                return self._called(node)
            case Arithmetic() | Choice() | Constant() | ParameterRef():
                return self.value(node)
            case _:
                return node.text

    def _called(self, node: Call) -> str:
        """Return what the value of a function is called: "last dose of …", "days from … to …"."""
        names, function = self.names, node.function
        if function.name == "since":
            return self.label(node.operands[0])
        if function.name == "attr":
            return f"{lower(names.attribute(node.names[1]))} ({names.of(node.names[0])})"
        if function.name == "days_between":
            return f"days from {self.label(node.operands[0])} to {self.label(node.operands[1])}"
        if function.name == "entered":
            return f"last entry into “{names.state(node.names[0])}”"
        subject = ", ".join(lower(names.of(n)) for n in node.names)
        if function.name in CALLED:
            return CALLED[function.name].format(subject)
        return f"{function.says} ({subject})" if subject else function.says

    def _state(self, node: CriterionRef) -> Call | None:
        """The call behind a criterion that only says which state the patient is in."""
        tree = self.names.pathway.criteria[node.name]
        return tree if isinstance(tree, Call) and tree.function.name == "in_state" else None

    def _join(self, node: AllOf | AnyOf, *, holds: bool) -> str:
        word = " and " if isinstance(node, AllOf) is holds else " or "
        parts = []
        for operand in node.operands:
            inner = operand.operand if isinstance(operand, Not) else operand
            text = self.of(operand, holds=holds)
            parts.append(f"({text})" if isinstance(inner, AllOf | AnyOf) else text)
        return word.join(parts)

    def _compare(self, node: Compare, sign: str) -> str:
        left = node.left
        if isinstance(left, Call) and left.function.name == "count":
            return self._count(left, sign, node.right)
        if left.kind == "date":
            return f"{self.label(left)} {ORDER[sign]} {self.label(node.right)}"
        if isinstance(left, Call) and left.function.name == "since":
            recorded = " recorded" if _asks(left.operands[0], "cond_on") else ""
            return f"{self.label(left)}{recorded} {self.ago(node.right, sign)}"
        word = "is " if sign == "==" and not isinstance(left, ItemRef) else AMOUNT[sign]
        colon = ":" if counts(left) and sign != "==" else ""
        return f"{self.label(left)}{colon} {word}{self.limit(node.right, self.names.unit(left))}"

    def ago(self, limit: Node, sign: str) -> str:
        """Return how long ago something must be: "at most 14 days ago"."""
        return f"{AGO[sign].format(self.names.amount(limit, 'days'))}{set_by(limit)}"

    def limit(self, node: Node, unit: str = "") -> str:
        """Return what something is compared with: the number, its unit, and the parameter it is set by."""
        known = isinstance(node, Constant | ParameterRef)
        return f"{self.names.amount(node, unit)}{set_by(node)}" if known else self.label(node)

    def _count(self, call: Call, sign: str, limit: Node) -> str:
        listed = "; ".join(self.of(o) for o in call.operands)
        return f"{AMOUNT[sign]}{self.value(limit)} of: {listed}"

    def _call(self, node: Call, *, holds: bool) -> str:
        names, function = self.names, node.function.name
        if function in SAYS:
            title = names.short if function == "blocked" else names.of
            quoted = " or ".join(f"“{state}”" for state in names.states(node.names[0]))
            subject = quoted if function == "in_state" else lower(title(node.names[0]))
            return SAYS[function][0 if holds else 1].format(subject)
        if function == "vaccinated":
            given = "given" if holds else "not given"
            return f"{lower(names.of(node.names[0]))} {given} within {self.value(node.operands[0])} days"
        if function == "blocked_without":
            blocked = "blocked" if holds else "not blocked"
            return (
                f"{lower(names.short(node.names[0]))} {blocked} apart from {lower(names.of(node.names[1]))}"
            )
        if function == "none_left":
            listed = ", ".join(lower(names.short(n)) for n in node.names)
            return f"{'all' if holds else 'not all'} that would be offered of these are blocked: {listed}"
        if function == "after":
            first, second = (self.label(o) for o in node.operands)
            word = "later than" if holds else "not later than"
            return f"{first} {word} {second}"
        return f"{self.label(node)}: {'yes' if holds else 'no'}"


def counts(node: Node) -> bool:
    """Whether a value is a bare number of a fact or a criterion, which reads better after a colon."""
    return isinstance(node, CriterionRef | FactRef) and node.kind == "number"


def _asks(node: Node, function: str) -> bool:
    return isinstance(node, Call) and node.function.name == function

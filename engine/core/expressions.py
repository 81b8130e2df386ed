"""Expressions: the specification's one-line conditions, parsed to guard trees and never executed.

The standard library's parser reads the text; an allow-list turns its tree into ours. Everything
that cannot be meant is a flaw with a sentence, found when the pathway is loaded: unknown names,
codes an item can never have, comparisons of different kinds, calls with wrong arguments.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.core.definition import PathwayDefinition
from engine.core.facts import FactCatalogue, FactValue
from engine.core.functions import ENGINE_FACTS, FUNCTIONS, NAMED
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
    Kind,
    Node,
    Not,
    OneOf,
    ParameterRef,
)
from engine.core.vocabulary import Vocabulary

SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
MIRROR = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
DEEPEST = 40
"""Levels an expression may have: reading and judging it must never run out of stack."""
NOTHING = Constant("", "any", False)
"""Stands in for a part that could not be read, so that reading can go on and find further flaws."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong with a definition: the path inside it, and the sentence to show."""

    path: tuple[str | int, ...]
    text: str


@dataclass(slots=True)
class Scope:
    """What names mean in the expressions of one pathway."""

    definition: PathwayDefinition
    vocabulary: Vocabulary
    catalogue: FactCatalogue
    criterion_kind: Callable[[str], Kind]
    """Kind of a criterion, reading it first if need be."""
    flaws: list[Flaw]

    def parse(self, text: str, path: tuple[str | int, ...], expects: Kind = "boolean") -> Node:
        """Return the tree of an expression; flaws are collected, not raised."""
        return _Parser(self, text, path).read(expects)

    def names(self, argument: str) -> Mapping[str, object] | tuple[str, ...]:
        """Return the known names for a kind of quoted argument."""
        definition, vocabulary = self.definition, self.vocabulary
        match argument:
            case "item":
                return {**vocabulary.items, **definition.composites}
            case "drug":
                return {**vocabulary.drugs, **definition.groups}
            case "condition":
                return vocabulary.conditions
            case "vaccine":
                return vocabulary.vaccines
            case "action":
                return tuple(a.id for a in definition.actions)
            case "state":
                families = {s.split(".")[0] for s in definition.states}
                return (*definition.states, *sorted(families - set(definition.states)))
            case _:
                return vocabulary.attributes


class _Parser:
    def __init__(self, scope: Scope, text: str, path: tuple[str | int, ...]) -> None:
        self.scope = scope
        self.text = text
        self.path = path

    def flaw(self, text: str) -> Node:
        self.scope.flaws.append(Flaw(self.path, text))
        return NOTHING

    def read(self, expects: Kind) -> Node:
        try:
            tree = ast.parse(self.text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return self.flaw(f"`{self.text}` is not an expression")
        if _depth(tree) > DEEPEST:
            return self.flaw(
                f"`{self.text}` has more than {DEEPEST} levels inside each other; name parts of it"
            )
        node = self.node(tree)
        if "any" not in (expects, node.kind) and node.kind != expects:
            return self.flaw(f"`{node.text}` gives a {node.kind}, but a {expects} is needed here")
        return node

    def node(self, tree: ast.expr) -> Node:
        match tree:
            case ast.BoolOp():
                return self._join(tree)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(ast.unparse(tree), "boolean", self._truth(operand))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)) if not isinstance(
                value, str | bool
            ):
                return Constant(ast.unparse(tree), "number", -self._decimal(tree.operand))
            case ast.Compare():
                return self._compare(tree)
            case ast.IfExp():
                return self._choice(tree)
            case ast.BinOp(op=ast.Add() | ast.Mult()):
                return self._arithmetic(tree)
            case ast.Call(func=ast.Name(id=name), keywords=[]):
                return self._call(tree, name)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Constant():
                return self._constant(tree)
            case _:
                return self.flaw(f"`{ast.unparse(tree)}` is not part of the expression language")

    def _truth(self, tree: ast.expr) -> Node:
        node = self.node(tree)
        if node.kind not in ("boolean", "any"):
            return self.flaw(f"`{node.text}` gives a {node.kind}, but a condition is needed here")
        return node

    def _join(self, tree: ast.BoolOp) -> Node:
        operands = tuple(self._truth(v) for v in tree.values)
        kind = AllOf if isinstance(tree.op, ast.And) else AnyOf
        return kind(ast.unparse(tree), "boolean", operands)

    def _choice(self, tree: ast.IfExp) -> Node:
        condition, then, otherwise = self._truth(tree.test), self.node(tree.body), self.node(tree.orelse)
        if "any" not in (then.kind, otherwise.kind) and then.kind != otherwise.kind:
            return self.flaw(
                f"`{ast.unparse(tree)}` gives a {then.kind} or a {otherwise.kind}; both must be alike"
            )
        return Choice(ast.unparse(tree), then.kind, condition, then, otherwise)

    def _arithmetic(self, tree: ast.BinOp) -> Node:
        left, right = self.node(tree.left), self.node(tree.right)
        for side in (left, right):
            if side.kind not in ("number", "any"):
                return self.flaw(
                    f"`{side.text}` gives a {side.kind}; only numbers can be added or multiplied"
                )
        return Arithmetic(
            ast.unparse(tree), "number", left, "+" if isinstance(tree.op, ast.Add) else "*", right
        )

    def _compare(self, tree: ast.Compare) -> Node:
        text = ast.unparse(tree)
        if len(tree.ops) != 1:
            return self.flaw(f"`{text}` chains comparisons; join them with `and`")
        left, sign, other = self.node(tree.left), tree.ops[0], tree.comparators[0]
        if isinstance(sign, ast.In):
            return self._one_of(text, left, other)
        if type(sign) not in SIGNS:
            return self.flaw(f"`{text}` uses a comparison that is not part of the expression language")
        right, written = self.node(other), SIGNS[type(sign)]
        if right.kind == "days" and left.kind != "days":
            left, right, written = right, left, MIRROR[written]
        kinds = {left.kind, right.kind} - {"any"}
        if kinds == {"days", "number"}:
            kinds = {"number"}
        if len(kinds) > 1:
            return self.flaw(f"`{text}` compares a {left.kind} with a {right.kind}")
        if kinds & {"boolean", "code"} and written not in ("==", "!="):
            return self.flaw(f"`{text}` orders values that have no order")
        self._check_code(left, right)
        self._check_code(right, left)
        return Compare(text, "boolean", left, written, right)

    def _one_of(self, text: str, left: Node, other: ast.expr) -> Node:
        if not isinstance(other, ast.Tuple | ast.List) or not all(
            isinstance(e, ast.Constant) for e in other.elts
        ):
            return self.flaw(f"`{text}`: `in` needs a list of literals, such as ('a', 'b')")
        options = tuple(self.node(e) for e in other.elts)
        for option in options:
            self._check_code(left, option)
        return OneOf(text, "boolean", left, tuple(o.literal for o in options if isinstance(o, Constant)))

    def _check_code(self, side: Node, literal: Node) -> None:
        if not isinstance(literal, Constant) or not isinstance(literal.literal, str):
            return
        if isinstance(side, ItemRef):
            codes = self.scope.vocabulary.items[side.item].codes
            if codes and literal.literal not in codes:
                self.flaw(f"{side.item} can never be '{literal.literal}'; it is one of {', '.join(codes)}")
        elif isinstance(side, FactRef) and side.name == "target":
            self._known("state", literal.literal)

    def _known(self, argument: str, name: str) -> bool:
        if name in self.scope.names(argument):
            return True
        self.flaw(f"there is no {argument} '{name}'")
        return False

    def _call(self, tree: ast.Call, name: str) -> Node:
        text, function = ast.unparse(tree), FUNCTIONS.get(name)
        if function is None:
            return self.flaw(f"there is no function `{name}`")
        wanted = function.arguments
        if len(tree.args) < len(wanted) or (len(tree.args) > len(wanted) and not function.variadic):
            return self.flaw(f"`{text}`: {name} takes {', '.join(wanted)}{' …' if function.variadic else ''}")
        names: list[str] = []
        operands: list[Node] = []
        for index, argument in enumerate(tree.args):
            kind = wanted[min(index, len(wanted) - 1)]
            if kind in NAMED:
                if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
                    return self.flaw(f"`{text}`: {name} needs the name of {_one(kind)} in quotes")
                if not self._known(kind, argument.value):
                    return NOTHING
                names.append(argument.value)
            else:
                operands.append(self._operand(argument, kind, text))
        kind_given = self._attribute_kind(names) if name == "attr" else function.kind
        return Call(text, kind_given, function, tuple(names), tuple(operands))

    def _operand(self, tree: ast.expr, kind: str, text: str) -> Node:
        node = self.node(tree)
        wanted = {"date": "date", "truth": "boolean", "days": "number", "number": "number"}[kind]
        if node.kind not in (wanted, "any"):
            return self.flaw(f"`{text}`: `{node.text}` gives a {node.kind}, but a {wanted} is needed")
        return node

    def _attribute_kind(self, names: list[str]) -> Kind:
        return "code" if self.scope.vocabulary.attributes[names[1]].codes else "number"

    def _name(self, name: str) -> Node:
        scope = self.scope
        if name in scope.definition.criteria:
            return CriterionRef(name, scope.criterion_kind(name), name)
        if name in scope.definition.parameters:
            value = scope.definition.parameters[name].value
            return ParameterRef(name, "boolean" if isinstance(value, bool) else "number", name, value)
        if name in scope.definition.context:
            return FactRef(name, scope.definition.context[name].kind, name)
        if name in scope.catalogue:
            return FactRef(name, scope.catalogue[name].kind, name)
        if name in ENGINE_FACTS:
            return FactRef(name, ENGINE_FACTS[name][0], name)
        if name in scope.vocabulary.items:
            return ItemRef(name, scope.vocabulary.items[name].kind, name)
        return self.flaw(f"`{name}` is not an item, parameter, criterion or fact")

    def _constant(self, tree: ast.Constant) -> Node:
        value = tree.value
        if isinstance(value, bool):
            return Constant(str(value), "boolean", value)
        if isinstance(value, str):
            return Constant(f"'{value}'", "code", value)
        return Constant(ast.unparse(tree), "number", self._decimal(tree))

    def _decimal(self, tree: ast.expr) -> Decimal:
        """Return the number as written: the parser has made a binary float of it, so read the text."""
        written = ast.get_source_segment(self.text.strip(), tree) or ""
        try:
            return Decimal(written)
        except ArithmeticError:
            self.flaw(f"`{written}` is not a decimal number")
            return Decimal(0)


def literal(node: Node) -> FactValue | None:
    """Return the value of a literal node, or None for any other node."""
    return node.literal if isinstance(node, Constant) else None


def _depth(tree: ast.expr) -> int:
    deepest = 0
    waiting: list[tuple[int, ast.AST]] = [(1, tree)]
    while waiting:
        level, node = waiting.pop()
        deepest = max(deepest, level)
        waiting += [(level + 1, child) for child in ast.iter_child_nodes(node)]
    return deepest


def _one(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"

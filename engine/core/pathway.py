"""A pathway ready to run: the definition with every expression parsed and the machine built."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from engine.core.circles import Circles, Place
from engine.core.definition import (
    ActionDefinition,
    IntervalReview,
    PathwayDefinition,
    ReviewDefinition,
    TransitionDefinition,
)
from engine.core.expressions import Flaw, Scope
from engine.core.facts import Fact, FactCatalogue, FactFunction
from engine.core.functions import ENGINE_FACTS
from engine.core.guards import Choice, Constant, CriterionRef, FactRef, Kind, Node, walk
from engine.core.limits import limits
from engine.core.lint import structure_flaws
from engine.core.machine import Move, PathwayMachine
from engine.core.moment import Moment, belongs
from engine.core.subjects import Readership, Subject
from engine.core.vocabulary import Vocabulary
from engine.errors import CarewayError


class PathwayFlawed(CarewayError):
    """A definition cannot be compiled; every flaw found is listed with its path."""

    code = "pathway-flawed"

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        self.flaws = flaws
        super().__init__("\n".join(f"{'.'.join(str(p) for p in f.path)}: {f.text}" for f in flaws))


@dataclass(frozen=True, slots=True)
class Action:
    """An action with its expressions parsed."""

    definition: ActionDefinition
    order: int
    """Place in the table, the last resort of sorting."""
    prio: Node
    when: Node
    block_if: Node | None
    defer_if: Node | None
    caution_if: Node | None
    trigger: Node | None


@dataclass(frozen=True, slots=True)
class Transition:
    """A transition with its guard and assignments parsed."""

    definition: TransitionDefinition
    when: Node | None
    assign: dict[str, Node]


@dataclass(frozen=True, slots=True)
class Interval:
    """A row of an interval table, parsed."""

    when: Node
    days: Node


@dataclass(frozen=True)
class Pathway:
    """One version of a pathway, ready to evaluate. Immutable and safe to share between threads."""

    definition: PathwayDefinition
    vocabulary: Vocabulary
    catalogue: FactCatalogue
    criteria: dict[str, Node]
    composites: dict[str, Node]
    transitions: dict[str, Transition]
    actions: dict[str, Action]
    intervals: dict[str, tuple[Interval, ...]]
    machine: PathwayMachine

    @cached_property
    def settings(self) -> dict[str, bool | Decimal]:
        """Parameter values by name."""
        return {name: p.value for name, p in self.definition.parameters.items()}

    @cached_property
    def days(self) -> dict[str, int]:
        """Parameters that are whole numbers, such as those that count days."""
        return {
            name: int(value)
            for name, value in self.settings.items()
            if not isinstance(value, bool) and value == value.to_integral_value()
        }

    @cached_property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Drugs by group."""
        return dict(self.definition.groups)

    @cached_property
    def facts(self) -> dict[str, FactFunction]:
        """Everything a name in an expression can stand for that is worked out, not looked up."""
        return {
            **{name: _remembered(name) for name in self.definition.context},
            **{name: fact.compute for name, fact in self.catalogue.definitions.items()},
            **{name: compute for name, (_, compute, _) in ENGINE_FACTS.items()},
        }

    @cached_property
    def readership(self) -> Readership:
        """What the expressions of this pathway read."""
        asked = {name: (a.when, a.block_if) for name, a in self.actions.items()}
        trees = {**self.criteria, **self.composites}
        return Readership(
            self.definition, self.catalogue, trees, {n: tuple(filter(None, g)) for n, g in asked.items()}
        )

    @cached_property
    def stirs(self) -> dict[str, frozenset[Subject]]:
        """For each state, what can make one of the transitions that leave it fire."""
        return {
            state: self.readership.of(self.transitions[move.id].when for move in self.machine.moves(state))
            for state in self.definition.states
        }

    @cached_property
    def stirred(self) -> frozenset[Subject]:
        """What can make any transition fire."""
        return frozenset().union(*self.stirs.values())

    @cached_property
    def opens(self) -> dict[str, frozenset[Subject]]:
        """For each action, what can open or close it."""
        return {name: self.readership.of((a.when, a.prio, a.trigger)) for name, a in self.actions.items()}

    @cached_property
    def limits(self) -> dict[str, frozenset[Decimal]]:
        """The numbers with which rules compare items directly."""
        of_actions = (n for a in self.actions.values() for n in (a.when, a.block_if, a.defer_if, a.prio))
        named = (*self.criteria.values(), *self.composites.values())
        return limits((*named, *(t.when for t in self.transitions.values()), *of_actions))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over definition, vocabulary version and facts revision."""
        return self.definition.digest(self.vocabulary.version, self.catalogue.revision)

    @cached_property
    def reviews(self) -> dict[str, ReviewDefinition]:
        """Reviews by id, in table order."""
        return {r.id: r for r in self.definition.reviews}

    @cached_property
    def review_criteria(self) -> frozenset[str]:
        """Criteria that depend, directly or through others, on the review being judged (`last`)."""
        found: set[str] = set()
        grew = True
        while grew:
            grew = False
            for name, tree in self.criteria.items():
                if name not in found and any(
                    (isinstance(n, FactRef) and n.name == "last")
                    or (isinstance(n, CriterionRef) and n.name in found)
                    for n in walk(tree)
                ):
                    found.add(name)
                    grew = True
        return frozenset(found)

    @cached_property
    def jump_limits(self) -> dict[str, Decimal]:
        """Percent by which a value may differ from the one before, per item that has such a limit."""
        return {
            name: Decimal(self.definition.parameters[item.jump.parameter].value)
            for name, item in self.vocabulary.items.items()
            if item.jump is not None and item.jump.parameter in self.definition.parameters
        }

    @cached_property
    def entry_rule(self) -> Transition:
        """The transition that stands for a person's override."""
        return next(t for t in self.transitions.values() if t.when is None)


def _remembered(name: str) -> FactFunction:
    def remembered(at: Moment) -> Fact:
        return Fact(at.context(name))

    return remembered


class _Criteria:
    """Parses criteria on demand, so that one may use another, and finds circles."""

    def __init__(self, definition: PathwayDefinition) -> None:
        self.definition = definition
        self.trees: dict[str, Node] = {}
        self.open: list[str] = []
        self.scope: Scope

    def kind(self, name: str) -> Kind:
        if name in self.trees:
            return self.trees[name].kind
        path = ("criteria", name, "when")
        if name in self.open:
            circle = " → ".join([*self.open[self.open.index(name) :], name])
            self.scope.flaws.append(Flaw(path, f"criteria refer to each other in a circle: {circle}"))
            return "any"
        self.open.append(name)
        self.trees[name] = self.scope.parse(self.definition.criteria[name].when, path, "any")
        self.open.pop()
        return self.trees[name].kind


def compile_pathway(
    definition: PathwayDefinition, catalogue: FactCatalogue, vocabulary: Vocabulary
) -> Pathway:
    """Return the pathway ready to run.

    Raises:
        PathwayFlawed: with every flaw of structure and of expressions, all at once.
    """
    flaws: list[Flaw] = list(structure_flaws(definition, catalogue, vocabulary))
    criteria = _Criteria(definition)
    scope = criteria.scope = Scope(definition, vocabulary, catalogue, criteria.kind, flaws)
    for name in definition.criteria:
        criteria.kind(name)
    composites = {n: scope.parse(text, ("composites", n)) for n, text in definition.composites.items()}
    transitions = {
        t.id: Transition(
            t,
            None if t.when is None else scope.parse(t.when, ("transitions", i, "when")),
            {
                n: scope.parse(text, ("transitions", i, "set", n), definition.context[n].kind)
                for n, text in t.assign.items()
                if n in definition.context
            },
        )
        for i, t in enumerate(definition.transitions)
    }
    actions = {a.id: _action(scope, i, a) for i, a in enumerate(definition.actions)}
    intervals = {
        r.id: tuple(
            Interval(
                scope.parse(row.when, ("reviews", i, "intervals", k, "when")),
                scope.parse(row.days, ("reviews", i, "intervals", k, "days"), "number"),
            )
            for k, row in enumerate(r.intervals)
        )
        for i, r in enumerate(definition.reviews)
        if isinstance(r, IntervalReview)
    }
    places: dict[Place, Node] = {("criteria", n, "when"): tree for n, tree in criteria.trees.items()}
    places |= {("composites", n): tree for n, tree in composites.items()}
    for action in actions.values():
        places["actions", action.order, "when"] = action.when
        if action.block_if is not None:
            places["actions", action.order, "block_if"] = action.block_if
    flaws.extend(Circles(places, tuple(a.id for a in definition.actions), catalogue).flaws())
    if flaws:
        raise PathwayFlawed(tuple(flaws))
    machine = PathwayMachine(tuple(definition.states), definition.initial, _moves(definition))
    return Pathway(
        definition,
        vocabulary,
        catalogue,
        criteria.trees,
        composites,
        transitions,
        actions,
        intervals,
        machine,
    )


def _action(scope: Scope, index: int, action: ActionDefinition) -> Action:
    def parse(name: str, text: str | None, expects: Kind = "boolean") -> Node | None:
        return None if text is None else scope.parse(text, ("actions", index, name), expects)

    prio = scope.parse(action.prio, ("actions", index, "prio"), "number")
    for leaf in _chosen(prio):
        known = scope.definition.priorities
        if isinstance(leaf, Constant) and leaf.kind == "number" and leaf.text not in known:
            text = f"there is no priority {leaf.text}; it is one of {', '.join(known)}"
            scope.flaws.append(Flaw(("actions", index, "prio"), text))
    return Action(
        action,
        index,
        prio,
        scope.parse(action.when, ("actions", index, "when")),
        parse("block_if", action.block_if),
        parse("defer_if", action.defer_if),
        parse("caution_if", action.caution_if),
        parse("trigger", action.trigger, "date"),
    )


def _chosen(node: Node) -> tuple[Node, ...]:
    """Return what an expression may come down to, choices taken apart."""
    return (*_chosen(node.then), *_chosen(node.otherwise)) if isinstance(node, Choice) else (node,)


def _moves(definition: PathwayDefinition) -> tuple[Move, ...]:
    """All moves, by priority and then by id, a state family written out."""
    rules = [t for t in definition.transitions if t.when is not None and t.to is not None]
    rules.sort(key=lambda t: (t.prio or 0, t.id))
    return tuple(
        Move(t.id, state, t.to or "")
        for t in rules
        for state in definition.states
        if any(belongs(state, source) for source in t.source)
    )

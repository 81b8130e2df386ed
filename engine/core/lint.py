"""Defects of a pathway's structure, found when it is loaded and all reported at once.

Expressions are checked where they are parsed (`expressions`); here are the questions only the whole
document can answer: ids used twice, states nobody can reach or leave, targets and sources that do
not exist, rules without a source.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from decimal import Decimal
from typing import get_args

from engine.core.definition import (
    CourseReview,
    CycleReview,
    DoseReview,
    IntervalReview,
    PathwayDefinition,
    ReviewDefinition,
    StatusChange,
    TransitionDefinition,
)
from engine.core.events import BODIES
from engine.core.expressions import Flaw
from engine.core.facts import FactCatalogue
from engine.core.functions import ENGINE_FACTS
from engine.core.ladder import matches
from engine.core.moment import belongs
from engine.core.vocabulary import Vocabulary


def structure_flaws(
    definition: PathwayDefinition, catalogue: FactCatalogue, vocabulary: Vocabulary
) -> Iterator[Flaw]:
    """Yield every flaw of structure; expressions are not looked at."""
    yield from _ids(definition)
    yield from _states(definition)
    yield from _names(definition, catalogue, vocabulary)
    yield from _citations(definition)
    yield from _status_changes(definition)
    yield from _actions(definition, vocabulary)
    for index, review in enumerate(definition.reviews):
        yield from _review(index, review, definition, vocabulary)
    yield from _ladder(definition)
    yield from _references(definition, catalogue)


def citation_flaws(definition: PathwayDefinition, sources: Container[str]) -> Iterator[Flaw]:
    """Yield every citation whose key is not among the sources."""
    for section in ("transitions", "actions", "reviews", "risk_factors", "conflicts"):
        for index, row in enumerate(getattr(definition, section)):
            for key in row.cite:
                if key not in sources:
                    yield Flaw((section, index, "cite"), f"there is no source {key}")
    for section in ("parameters", "criteria"):
        for name, row in getattr(definition, section).items():
            for key in row.cite:
                if key not in sources:
                    yield Flaw((section, name, "cite"), f"there is no source {key}")


def _ids(definition: PathwayDefinition) -> Iterator[Flaw]:
    for section in ("transitions", "actions", "reviews"):
        rows = getattr(definition, section)
        counts = Counter(r.id for r in rows)
        for index, row in enumerate(rows):
            if counts[row.id] > 1:
                yield Flaw((section, index, "id"), f"the id {row.id} is used {counts[row.id]} times")


def _states(definition: PathwayDefinition) -> Iterator[Flaw]:
    if definition.initial in definition.states:
        yield from _reachable(definition)
    else:
        yield Flaw(("initial",), f"there is no state {definition.initial}")
    for index, row in enumerate(definition.transitions):
        yield from _transition(index, row, definition)
    if sum(1 for row in definition.transitions if row.when is None) != 1:
        yield Flaw(
            ("transitions",), "exactly one transition must stand for a person's override (`when: null`)"
        )
    yield from _overlaps(definition)


def _transition(index: int, row: TransitionDefinition, definition: PathwayDefinition) -> Iterator[Flaw]:
    at = ("transitions", index)
    if row.to is not None and row.to not in definition.states:
        yield Flaw((*at, "to"), f"there is no state {row.to}")
    for source in row.source:
        if source != "*" and not any(belongs(s, source) for s in definition.states):
            yield Flaw((*at, "from"), f"there is no state {source}")
    if (row.when is None) != (row.to is None):
        yield Flaw(at, "only an override has neither a guard nor a target")
    if row.when is not None and row.prio is None:
        yield Flaw((*at, "prio"), f"{row.id} needs a prio, which says when it is tried")
    for name in row.assign:
        if name not in definition.context:
            yield Flaw((*at, "set", name), f"there is no context variable {name}")


def _leaves(row: TransitionDefinition, state: str) -> bool:
    return any(belongs(state, family) for family in row.source)


def _reachable(definition: PathwayDefinition) -> Iterator[Flaw]:
    moves = [(row, row.to) for row in definition.transitions if row.to is not None]
    reached, grown = {definition.initial}, {definition.initial}
    while grown:
        grown = {to for row, to in moves if to not in reached and any(_leaves(row, s) for s in reached)}
        reached |= grown
    for state in definition.states:
        if state not in reached:
            text = f"the state {state} cannot be reached from {definition.initial}"
            yield Flaw(("states", state), text)
        if not any(to != state and _leaves(row, state) for row, to in moves):
            yield Flaw(("states", state), f"the state {state} has no way out: no transition leaves it")


def _overlaps(definition: PathwayDefinition) -> Iterator[Flaw]:
    seen: dict[tuple[str, int | None], str] = {}
    for index, row in enumerate(definition.transitions):
        clashes = set()
        for state in definition.states:
            if row.when is not None and _leaves(row, state):
                other = seen.setdefault((state, row.prio), row.id)
                if other != row.id:
                    clashes.add((other, state))
        for other, state in sorted(clashes):
            text = (
                f"{row.id} and {other} leave {state} with the same prio {row.prio}; say which is tried first"
            )
            yield Flaw(("transitions", index, "prio"), text)


def _names(definition: PathwayDefinition, catalogue: FactCatalogue, vocabulary: Vocabulary) -> Iterator[Flaw]:
    taken: dict[str, str] = {}
    kinds: tuple[tuple[str, str, Iterable[str]], ...] = (
        ("an item", "criteria", vocabulary.items),
        ("a name of the engine", "criteria", ENGINE_FACTS),
        ("a fact", "criteria", catalogue.definitions),
        ("a context variable", "context", definition.context),
        ("a criterion", "criteria", definition.criteria),
        ("a parameter", "parameters", definition.parameters),
    )
    for kind, section, names in kinds:
        for name in names:
            if name in taken:
                yield Flaw((section, name), f"`{name}` is already {taken[name]}")
            taken[name] = kind
    if definition.tier not in definition.criteria:
        yield Flaw(("tier",), f"there is no criterion {definition.tier}")
    for item_name, item in vocabulary.items.items():
        if item.jump is not None and item.jump.parameter not in definition.parameters:
            yield Flaw(("parameters",), f"the item {item_name} needs the parameter {item.jump.parameter}")
    yield from _groups(definition, vocabulary)
    yield from _context(definition)
    yield from _facts(definition, catalogue, vocabulary)


def _groups(definition: PathwayDefinition, vocabulary: Vocabulary) -> Iterator[Flaw]:
    for group, drugs in definition.groups.items():
        if group in vocabulary.drugs:
            yield Flaw(("groups", group), f"`{group}` is already a drug")
        for drug in drugs:
            if drug not in vocabulary.drugs:
                yield Flaw(("groups", group), f"there is no drug {drug}")
    for composite in definition.composites:
        if composite in vocabulary.items:
            yield Flaw(("composites", composite), f"`{composite}` is already an item")


def _context(definition: PathwayDefinition) -> Iterator[Flaw]:
    kinds = {bool: "boolean", Decimal: "number"}
    for name, variable in definition.context.items():
        if variable.start is not None and kinds[type(variable.start)] != variable.kind:
            yield Flaw(("context", name, "start"), f"`{name}` is a {variable.kind} and cannot start as this")


def _facts(definition: PathwayDefinition, catalogue: FactCatalogue, vocabulary: Vocabulary) -> Iterator[Flaw]:
    for name, fact in catalogue.definitions.items():
        known: tuple[tuple[str, Iterable[str], Container[str]], ...] = (
            ("parameter", fact.parameters, definition.parameters),
            ("item", fact.items, vocabulary.items),
            ("condition", fact.conditions, vocabulary.conditions),
            ("drug or group", fact.drugs, {**vocabulary.drugs, **definition.groups}),
            ("fact or criterion", fact.facts, {**catalogue.definitions, **definition.criteria}),
        )
        for kind, wanted, there in known:
            for each in wanted:
                if each not in there:
                    section = "parameters" if kind == "parameter" else "criteria"
                    yield Flaw((section,), f"the fact {name} reads the unknown {kind} {each}")


def _citations(definition: PathwayDefinition) -> Iterator[Flaw]:
    for section in ("transitions", "actions", "reviews"):
        for index, row in enumerate(getattr(definition, section)):
            if not row.cite and not row.seed and getattr(row, "kind", "") != "data":
                yield Flaw((section, index), f"{row.id} has no source: give `cite` or `seed`")
            for statement in row.seed:
                if statement not in definition.coverage:
                    yield Flaw((section, index, "seed"), f"{row.id} names the unknown statement {statement}")


def _status_changes(definition: PathwayDefinition) -> Iterator[Flaw]:
    counts = Counter(change.op for change in definition.status_changes)
    for op in get_args(StatusChange.model_fields["op"].annotation):
        if counts[op] != 1:
            yield Flaw(
                ("status_changes",), f"exactly one row must say what `{op}` does; there are {counts[op]}"
            )


def _actions(definition: PathwayDefinition, vocabulary: Vocabulary) -> Iterator[Flaw]:
    for index, row in enumerate(definition.actions):
        for item in row.needs:
            if item not in vocabulary.items and item not in definition.composites:
                yield Flaw(("actions", index, "needs"), f"{row.id} needs the unknown item {item}")
        if row.kind == "urgent" and row.trigger is None:
            yield Flaw(("actions", index), f"{row.id} is urgent and needs a `trigger` date")


def _review(
    index: int, review: ReviewDefinition, definition: PathwayDefinition, vocabulary: Vocabulary
) -> Iterator[Flaw]:
    items = review.items if isinstance(review, IntervalReview | CourseReview) else (review.item,)
    for item in items:
        if item not in vocabulary.items:
            yield Flaw(("reviews", index), f"{review.id} looks for the unknown item {item}")
    if isinstance(review, CourseReview | DoseReview | CycleReview) and (
        review.drug not in vocabulary.drugs and review.drug not in definition.groups
    ):
        yield Flaw(("reviews", index, "drug"), f"{review.id} watches the unknown drug {review.drug}")
    if isinstance(review, IntervalReview) and review.intervals[-1].when != "True":
        yield Flaw(
            ("reviews", index, "intervals"), f"{review.id}: the last interval must apply always (`True`)"
        )
    if isinstance(review, CourseReview) and review.phases[-1].until is not None:
        yield Flaw(("reviews", index, "phases"), f"{review.id}: the last phase must have no end")


def _ladder(definition: PathwayDefinition) -> Iterator[Flaw]:
    rules = definition.ladder
    named: list[tuple[tuple[str | int, ...], tuple[str, ...]]] = [
        (("ladder", "reviews", index, "applies"), step.applies) for index, step in enumerate(rules.reviews)
    ]
    if rules.together is not None:
        named.append((("ladder", "together", "reviews"), rules.together.reviews))
    for place, patterns in named:
        for pattern in patterns:
            if not any(matches(review.id, pattern) for review in definition.reviews):
                yield Flaw(place, f"no review matches {pattern}")
    for offsets in ([s.offset for s in rules.reviews], [s.short for s in rules.reviews]):
        if offsets != sorted(offsets):
            yield Flaw(("ladder", "reviews"), "steps must stand in order of their offset")


def _references(definition: PathwayDefinition, catalogue: FactCatalogue) -> Iterator[Flaw]:
    rules = {
        r.id for section in (definition.transitions, definition.actions, definition.reviews) for r in section
    }
    facts = {*definition.criteria, *catalogue.definitions}
    for statement, row in definition.coverage.items():
        for name in row.where:
            if (
                name not in rules
                and name not in facts
                and name not in definition.parameters
                and name not in BODIES
            ):
                yield Flaw(
                    ("coverage", statement, "where"), f"there is no rule, fact, parameter or event {name}"
                )
    for index, factor in enumerate(definition.risk_factors):
        if factor.fact not in facts:
            yield Flaw(("risk_factors", index, "fact"), f"there is no fact {factor.fact}")
    yield from _disagreements(definition, rules)


def _disagreements(definition: PathwayDefinition, rules: set[str]) -> Iterator[Flaw]:
    for index, conflict in enumerate(definition.conflicts):
        for name in conflict.parameters:
            if name not in definition.parameters:
                yield Flaw(("conflicts", index, "parameters"), f"there is no parameter {name}")
        for name in conflict.where:
            if name not in rules and not any(belongs(state, name) for state in definition.states):
                yield Flaw(("conflicts", index, "where"), f"there is no rule or state {name}")

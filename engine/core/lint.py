"""Defects of a pathway's structure, found when it is loaded and all reported at once.

Expressions are checked where they are parsed (`expressions`); here are the questions only the whole
document can answer: ids used twice, states nobody can reach or leave, targets and sources that do
not exist, rules without a source.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from engine.core.definition import (
    CourseReview,
    CycleReview,
    DoseReview,
    IntervalReview,
    PathwayDefinition,
    ReviewDefinition,
)
from engine.core.expressions import Flaw
from engine.core.facts import FactCatalogue
from engine.core.functions import ENGINE_FACTS
from engine.core.moment import belongs
from engine.core.vocabulary import Vocabulary


def structure_flaws(definition: PathwayDefinition, catalogue: FactCatalogue, vocabulary: Vocabulary) -> Iterator[Flaw]:
    """Yield every flaw of structure; expressions are not looked at."""
    yield from _ids(definition)
    yield from _states(definition)
    yield from _names(definition, catalogue, vocabulary)
    yield from _citations(definition)
    yield from _actions(definition, vocabulary)
    for index, review in enumerate(definition.reviews):
        yield from _review(index, review, definition, vocabulary)
    yield from _ladder(definition)


def _ids(definition: PathwayDefinition) -> Iterator[Flaw]:
    for section in ("transitions", "actions", "reviews"):
        rows = getattr(definition, section)
        counts = Counter(r.id for r in rows)
        for index, row in enumerate(rows):
            if counts[row.id] > 1:
                yield Flaw((section, index, "id"), f"the id {row.id} is used {counts[row.id]} times")


def _states(definition: PathwayDefinition) -> Iterator[Flaw]:
    states = definition.states
    if definition.initial not in states:
        yield Flaw(("initial",), f"there is no state {definition.initial}")
    for index, row in enumerate(definition.transitions):
        if row.to is not None and row.to not in states:
            yield Flaw(("transitions", index, "to"), f"there is no state {row.to}")
        for source in row.source:
            if source != "*" and not any(belongs(s, source) for s in states):
                yield Flaw(("transitions", index, "from"), f"there is no state {source}")
        if (row.when is None) != (row.to is None):
            yield Flaw(("transitions", index), "only an override has neither a guard nor a target")
        for name in row.assign:
            if name not in definition.context:
                yield Flaw(("transitions", index, "set", name), f"there is no context variable {name}")
    if sum(1 for row in definition.transitions if row.when is None) != 1:
        yield Flaw(("transitions",), "exactly one transition must stand for a person's override (`when: null`)")
    reached = {definition.initial}
    moves = [(row, row.to) for row in definition.transitions if row.to is not None]
    while grown := {
        to for row, to in moves if to not in reached and any(belongs(s, f) for s in reached for f in row.source)
    }:
        reached |= grown
    for state in states:
        if state not in reached:
            yield Flaw(("states", state), f"the state {state} cannot be reached from {definition.initial}")
        if not any(to != state and any(belongs(state, f) for f in row.source) for row, to in moves):
            yield Flaw(("states", state), f"the state {state} has no way out: no transition leaves it")
    seen: dict[tuple[str, int | None], int] = {}
    for index, row in enumerate(definition.transitions):
        for state in states:
            if row.when is None or not any(belongs(state, f) for f in row.source):
                continue
            other = seen.setdefault((state, row.prio), index)
            if other != index:
                yield Flaw(
                    ("transitions", index, "prio"),
                    f"{row.id} and {definition.transitions[other].id} leave {state} with the same prio {row.prio}; "
                    "say which is tried first",
                )


def _names(definition: PathwayDefinition, catalogue: FactCatalogue, vocabulary: Vocabulary) -> Iterator[Flaw]:
    taken: dict[str, str] = {}
    kinds: tuple[tuple[str, Iterable[str]], ...] = (
        ("an item", vocabulary.items),
        ("a name of the engine", ENGINE_FACTS),
        ("a fact", catalogue.definitions),
        ("a context variable", definition.context),
        ("a criterion", definition.criteria),
        ("a parameter", definition.parameters),
    )
    sections = {"a context variable": "context", "a criterion": "criteria", "a parameter": "parameters"}
    for kind, names in kinds:
        for name in names:
            # an item may share its name with a fact that refines it (the newer of two sources)
            if name in taken and not (taken[name] == "an item" and kind in ("a fact",)):
                yield Flaw((sections.get(kind, "criteria"), name), f"`{name}` is already {taken[name]}")
            taken[name] = kind
    for group, drugs in definition.groups.items():
        for drug in drugs:
            if drug not in vocabulary.drugs:
                yield Flaw(("groups", group), f"there is no drug {drug}")
    for name, fact in catalogue.definitions.items():
        for parameter in fact.parameters:
            if parameter not in definition.parameters:
                yield Flaw(("parameters",), f"the fact {name} needs the parameter {parameter}")
        for item in fact.items:
            if item not in vocabulary.items:
                yield Flaw(("criteria",), f"the fact {name} reads the unknown item {item}")
    for name, parameter_item in vocabulary.items.items():
        if parameter_item.jump is not None and parameter_item.jump.parameter not in definition.parameters:
            yield Flaw(("parameters",), f"the item {name} needs the parameter {parameter_item.jump.parameter}")
    if definition.tier not in definition.criteria:
        yield Flaw(("tier",), f"there is no criterion {definition.tier}")


def _citations(definition: PathwayDefinition) -> Iterator[Flaw]:
    for section in ("transitions", "actions", "reviews"):
        for index, row in enumerate(getattr(definition, section)):
            if not row.cite and not row.seed and not getattr(row, "kind", "") == "data":
                yield Flaw((section, index), f"{row.id} has no source: give `cite` or `seed`")
            for statement in row.seed:
                if statement not in definition.coverage:
                    yield Flaw((section, index, "seed"), f"{row.id} names the unknown statement {statement}")


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
        yield Flaw(("reviews", index, "intervals"), f"{review.id}: the last interval must apply always (`True`)")
    if isinstance(review, CourseReview) and review.phases[-1].until is not None:
        yield Flaw(("reviews", index, "phases"), f"{review.id}: the last phase must have no end")


def _ladder(definition: PathwayDefinition) -> Iterator[Flaw]:
    ids = [r.id for r in definition.reviews]
    for index, step in enumerate(definition.ladder.reviews):
        for pattern in step.applies:
            if not any(i == pattern or (pattern.endswith("*") and i.startswith(pattern[:-1])) for i in ids):
                yield Flaw(("ladder", "reviews", index, "applies"), f"no review matches {pattern}")
    offsets = [s.offset for s in definition.ladder.reviews]
    if offsets != sorted(offsets):
        yield Flaw(("ladder", "reviews"), "steps must stand in order of their offset")

"""What a fact reads is what it declares: evaluation relies on it when it passes over dates."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from engine.core.chart import Status, Together
from engine.core.courses import Course
from engine.core.evaluate import Evaluation
from engine.core.facts import Fact, FactDefinition
from engine.core.moment import Moment
from engine.core.pathway import Pathway, compile_pathway
from engine.core.readings import Reading, Slot
from engine.core.stories import Stories, tell
from pathways.facts import CATALOGUE
from pathways.library import Library
from pathways.reader import read_yaml, validated

Read = tuple[str, str]


class Watched(Moment):
    """A moment that remembers what was asked of it."""

    seen: set[Read]

    def last(self, item: str) -> Reading | None:
        self.seen.add(("item", item))
        return super().last(item)

    def readings(self, item: str) -> list[Reading]:
        self.seen.add(("item", item))
        return super().readings(item)

    def between(self, item: str, first: date, last: date) -> list[Reading]:
        self.seen.add(("item", item))
        return super().between(item, first, last)

    def newest_first(self, item: str) -> Iterator[Reading]:
        self.seen.add(("item", item))
        return super().newest_first(item)

    def together(self, items: tuple[str, ...], first: date, last: date) -> list[Together]:
        self.seen.update(("item", item) for item in items)
        return super().together(items, first, last)

    def slots(self, item: str) -> list[Slot]:
        self.seen.add(("item", item))
        return super().slots(item)

    def condition(self, code: str) -> Status | None:
        self.seen.add(("condition", code))
        return super().condition(code)

    def statuses(self, code: str) -> list[Status]:
        self.seen.add(("condition", code))
        return super().statuses(code)

    def course(self, drug: str) -> Course | None:
        self.seen.add(("drug", drug))
        return super().course(drug)

    def courses(self, drug: str) -> list[Course]:
        self.seen.add(("drug", drug))
        return super().courses(drug)

    def was_active(self, drug: str, day: date) -> bool:
        self.seen.add(("drug", drug))
        return super().was_active(drug, day)

    def number(self, name: str) -> Decimal:
        self.seen.add(("parameter", name))
        return super().number(name)

    def days(self, name: str) -> int:
        self.seen.add(("parameter", name))
        return super().days(name)

    def fact(self, name: str) -> Fact:
        self.seen.add(("fact", name))
        return Moment(self.pathway, self.chart, self.enrolment, self.day, self.position).fact(name)

    def holds(self, name: str) -> bool:
        self.seen.add(("fact", name))
        return Moment(self.pathway, self.chart, self.enrolment, self.day, self.position).holds(name)


def declared(fact: FactDefinition, pathway: Pathway) -> set[Read]:
    """Everything a fact says it reads."""
    drugs = {d for name in fact.drugs for d in pathway.groups.get(name, (name,))}
    return {
        *(("item", i) for i in fact.items),
        *(("parameter", p) for p in fact.parameters),
        *(("condition", c) for c in fact.conditions),
        *(("fact", f) for f in fact.facts),
        *(("drug", d) for d in drugs),
    }


def evaluations() -> Iterator[Evaluation]:
    """Every evaluation of the shipped stories."""
    library = Library()
    ((name, text),) = library.vignettes("pm-ild")
    definition = library.definition("pm-ild")
    for story in validated(read_yaml(text, name), Stories, name).vignettes:
        pathway = compile_pathway(
            definition.with_parameters(dict(story.params)), CATALOGUE, library.vocabulary()
        )
        for outcome in tell(story, pathway):
            yield outcome.evaluation


@pytest.fixture(scope="module")
def told() -> list[Evaluation]:
    return [e for e in evaluations() if e.moment is not None]


@pytest.mark.parametrize("name", list(CATALOGUE.definitions))
def test_a_fact_reads_nothing_it_does_not_declare(name: str, told: list[Evaluation]) -> None:
    fact = CATALOGUE[name]
    read: set[Read] = set()
    for evaluation in told:
        at = evaluation.moment
        assert at is not None
        watched = Watched(at.pathway, at.chart, at.enrolment, at.day, at.position)
        watched.seen = set()
        fact.compute(watched)
        undeclared = watched.seen - declared(fact, at.pathway)
        assert not undeclared, f"{name} reads {sorted(undeclared)} on {at.day}; declare it"
        read |= watched.seen
    items = {("item", i) for i in fact.items}
    assert not items or read & items, f"{name} never read any of its items in the stories"

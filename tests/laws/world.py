"""What the laws run on: the packaged pathway, its stories as records, and the output that laws compare."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from typing import Any

from engine.core.definition import IntervalReview
from engine.core.evaluate import Evaluation, evaluate
from engine.core.events import Event, Record, Stamp
from engine.core.guards import Node
from engine.core.ingest import Door
from engine.core.moment import Moment
from engine.core.pathway import Pathway, compile_pathway
from engine.core.stories import Stories, Story
from engine.core.vocabulary import Vocabulary
from engine.errors import EventIdReused, MessageRefused
from pathways.facts import CATALOGUE
from pathways.library import Library
from pathways.reader import read_yaml, validated

Message = dict[str, Any]
"""A message as stories write it: what was sent, with `recorded`, the day of receipt."""

HISTORY_CHANGED = "rev.history_changed"
"""The one action that depends on the order of receipt."""

ONE_DAY = timedelta(days=1)


@cache
def library() -> Library:
    return Library()


@cache
def vocabulary() -> Vocabulary:
    return library().vocabulary()


@cache
def pathway(name: str = "v1") -> Pathway:
    """The packaged pathway by version (`v1`, `v2`), or with the parameters of a story, by the story's id."""
    if name.startswith("v"):
        return compile_pathway(library().definition("pm-ild", name[1:]), CATALOGUE, vocabulary())
    definition = library().definition("pm-ild").with_parameters(stories()[name].params)
    return compile_pathway(definition, CATALOGUE, vocabulary())


@cache
def stories() -> Mapping[str, Story]:
    """Every packaged story by its id."""
    found: dict[str, Story] = {}
    for name, text in library().vignettes("pm-ild"):
        document = validated(read_yaml(text, name), Stories, name)
        found.update({story.id: story for story in document.vignettes})
    return found


def sent(story: Story) -> list[Message]:
    """The messages of a story, in order of receipt."""
    return [{**entry.message, "recorded": entry.received} for entry in story.events if not entry.is_check]


def admitted(messages: Iterable[Message], pathway: Pathway) -> Record:
    """The record after all messages, each at an instant of its own; what the door refuses is left out."""
    door, record = Door(pathway.vocabulary, {pathway.definition.id: pathway.definition}), Record()
    for number, message in enumerate(messages, start=1):
        day = message["recorded"]
        stamp = Stamp(datetime.combine(day, time(8, tzinfo=UTC)) + timedelta(seconds=number), number, day)
        body = {k: v for k, v in message.items() if k not in ("recorded", "role")}
        try:
            record = door.admit(record, body, stamp, message.get("role", "clinician")).record
        except (MessageRefused, EventIdReused):
            continue
    return record


def receive_one(before: Iterable[Message], message: Message, role: str) -> Record:
    """The record after messages that are fine and one more, sent with a role; raises what the door raises."""
    record = admitted(before, pathway())
    stamp = Stamp(
        datetime.combine(message["recorded"], time(9, tzinfo=UTC)), len(record) + 1, message["recorded"]
    )
    body = {k: v for k, v in message.items() if k != "recorded"}
    return (
        Door(vocabulary(), {pathway().definition.id: pathway().definition})
        .admit(record, body, stamp, role)
        .record
    )


@dataclass(frozen=True)
class Case:
    """A patient: messages in order of receipt, and the pathway they are on, by name."""

    name: str
    messages: tuple[Message, ...]

    @cached_property
    def pathway(self) -> Pathway:
        return pathway(self.name)

    @cached_property
    def record(self) -> Record:
        return admitted(self.messages, self.pathway)

    @cached_property
    def days(self) -> tuple[date, date]:
        """First and last day that anything in the record names."""
        named = [d for e in self.record for d in (e.effective, e.stamp.day)] or [date(2024, 1, 1)]
        return min(named), max(named)

    def evaluate(self, day: date) -> Evaluation:
        return evaluate(self.pathway, self.record, day)


@cache
def told() -> Mapping[str, Case]:
    """Every packaged story with its complete record, by its id."""
    return {name: Case(name if s.params else "v1", tuple(sent(s))) for name, s in stories().items()}


def arriving(events: Iterable[Event]) -> Record:
    """The record of events received in this order, each keeping the instant of its own receipt."""
    return Record(
        tuple(replace(e, stamp=replace(e.stamp, sequence=n)) for n, e in enumerate(events, start=1))
    )


def projection(evaluation: Evaluation, *, without: str = "") -> dict[str, object]:
    """Everything an evaluation tells, but for traces; `without` names an action to leave out."""
    position = evaluation.position
    return {
        "position": position and (position.state, position.since, position.status, position.context),
        "entries": position and position.entries,
        "tier": evaluation.tier,
        "history": [step.key for step in evaluation.history],
        "actions": {
            a.id: (
                a.disposition,
                a.prio,
                tuple(clause.text for clause in a.caution),
                a.missing,
                a.opened_on,
                a.due,
            )
            for a in evaluation.actions
            if a.id != without
        },
        "order": [a.id for a in evaluation.actions if a.id != without],
        "reviews": {r.id: (r.due, r.base, r.status, r.step) for r in evaluation.reviews},
    }


def moment(evaluation: Evaluation) -> Moment | None:
    """A fresh moment like that of an evaluation, with nothing asked yet; None before enrolment."""
    old = evaluation.moment
    if old is None:
        return None
    at = Moment(old.pathway, old.chart, old.enrolment, old.day, old.position)
    at.changes = old.changes
    return at


Expression = tuple[str, str, Node]
"""Where an expression stands, the author's text, and the tree made of it."""


def expressions(pathway: Pathway) -> Iterator[Expression]:
    """Every expression of a pathway."""
    definition = pathway.definition
    for name, criterion in definition.criteria.items():
        yield f"criteria.{name}", criterion.when, pathway.criteria[name]
    for name, text in definition.composites.items():
        yield f"composites.{name}", text, pathway.composites[name]
    yield from _of_transitions(pathway)
    for action in pathway.actions.values():
        for part in ("prio", "when", "block_if", "defer_if", "caution_if", "trigger"):
            if getattr(action, part) is not None:
                yield (
                    f"{action.definition.id}.{part}",
                    getattr(action.definition, part),
                    getattr(action, part),
                )
    for review in definition.reviews:
        rows = review.intervals if isinstance(review, IntervalReview) else ()
        for row, parsed in zip(rows, pathway.intervals.get(review.id, ()), strict=True):
            yield f"{review.id}.when", row.when, parsed.when
            yield f"{review.id}.days", row.days, parsed.days


def _of_transitions(pathway: Pathway) -> Iterator[Expression]:
    for rule in pathway.transitions.values():
        if rule.when is not None and rule.definition.when is not None:
            yield f"{rule.definition.id}.when", rule.definition.when, rule.when
        for name, node in rule.assign.items():
            yield f"{rule.definition.id}.set.{name}", rule.definition.assign[name], node

"""Explanations: traces in words, with the numbers, their dates, their sources and what is missing.

Every sentence is made from the tree of the rule, the titles in pathway and vocabulary, and the data;
there is no hand-written sentence per rule.
"""

from dataclasses import dataclass

from decimal import Decimal

from engine.core.asof import Elapsed
from engine.core.evaluate import Evaluation
from engine.core.fold import Step
from engine.core.guards import (
    AllOf,
    AnyOf,
    Call,
    Choice,
    Compare,
    CriterionRef,
    FactRef,
    ItemRef,
    Node,
    Not,
    OneOf,
    ParameterRef,
    Trace,
)
from engine.core.moment import Moment
from engine.core.pathway import Pathway
from engine.core.values import plain

WORDS = {
    "==": ("is", "is not"),
    "!=": ("is not", "is"),
    "<": ("is below", "is not below"),
    "<=": ("is at most", "is above"),
    ">": ("is above", "is not above"),
    ">=": ("is at least", "is below"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation, with the events it rests on and the lines that support it."""

    says: str
    events: tuple[str, ...] = ()
    below: tuple["Line", ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """A transition that leaves the current state, and why it is or is not taken."""

    id: str
    to: str
    holds: bool
    because: tuple[Line, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Narrator:
    """Puts the traces of one pathway into words."""

    pathway: Pathway
    at: Moment

    def lines(self, trace: Trace) -> tuple[Line, ...]:
        """Return what decided a trace, as lines; conjunctions and choices are taken apart."""
        node = trace.node
        if isinstance(node, AllOf | AnyOf):
            return tuple(line for part in trace.deciding for line in self.lines(part))
        if isinstance(node, Not):
            return self.lines(trace.parts[0])
        if isinstance(node, Choice):
            return self.lines(trace.parts[0])
        if isinstance(node, CriterionRef):
            return (self._criterion(node, trace),)
        return (Line(self._say(trace), trace.evidence),)

    def _criterion(self, node: CriterionRef, trace: Trace) -> Line:
        title = self.pathway.definition.criteria[node.name].title
        if node.kind != "boolean":
            return Line(f"{title}: {self.shown(trace.value)}", trace.evidence)
        below = self.lines(trace.parts[0])
        if len(below) == 1 and not below[0].below and isinstance(trace.parts[0].node, Call | FactRef | CriterionRef):
            return Line(f"{title}: {self.shown(trace.value)}", trace.evidence)
        return Line(f"{title}: {self.shown(trace.value)}", trace.evidence, below)

    def _say(self, trace: Trace) -> str:
        node = trace.node
        if isinstance(node, Compare):
            return self._compare(node, trace)
        if isinstance(node, OneOf):
            options = " or ".join(self.shown(o) for o in node.options)
            left = self._operand(trace.parts[0])
            if trace.value is None:
                return f"{left}, so it cannot be told whether it is {options}"
            return left if trace.value else f"{left}, not {options}"
        if isinstance(node, Call):
            return self._call(node, trace)
        if isinstance(node, FactRef):
            title = self._fact_title(node.name)
            return f"{title}: {self.shown(trace.value)}{_bracket(trace.note)}"
        if isinstance(node, ParameterRef):
            return f"{self.pathway.definition.parameters[node.name].meaning}: {self.shown(trace.value)}"
        return self._operand(trace) if isinstance(node, ItemRef) else self.shown(trace.value)

    def _compare(self, node: Compare, trace: Trace) -> str:
        left, right = trace.parts
        if trace.value is None:
            unknown = [self._operand(p) for p in (left, right) if p.value is None]
            return f"{' and '.join(unknown)}, so `{node.text}` cannot be told"
        word = WORDS[node.sign][0 if trace.value else 1]
        return f"{self._operand(left)}, which {word} {self._limit(right, left)}"

    def _operand(self, trace: Trace) -> str:
        node = trace.node
        if isinstance(node, ItemRef):
            item = self.pathway.vocabulary.items[node.item]
            if trace.value is None:
                return f"{item.title} is not known"
            return f"{item.title} {self.shown(trace.value)}{_unit(item.unit)} on {trace.note}"
        if isinstance(node, CriterionRef):
            return f"{self.pathway.definition.criteria[node.name].title}: {self.shown(trace.value)}"
        if isinstance(node, Call) and node.function.name == "since":
            return self._since(trace)
        if isinstance(node, FactRef):
            return f"{self._fact_title(node.name)}: {self.shown(trace.value)}{_bracket(trace.note)}"
        if isinstance(node, Call):
            return self._call(node, trace)
        return self.shown(trace.value)

    def _since(self, trace: Trace) -> str:
        inner = trace.parts[0]
        if not isinstance(trace.value, Elapsed):
            return f"{self._label(inner.node)} has no date"
        return f"{self._label(inner.node)} {trace.value.since}, {plain(trace.value.value(self.at))} days ago"

    def _label(self, node: Node) -> str:
        if isinstance(node, CriterionRef):
            return self.pathway.definition.criteria[node.name].title
        if isinstance(node, FactRef):
            return self._fact_title(node.name)
        if isinstance(node, Call):
            return f"{node.function.says}: {', '.join(map(self.name, node.names))}"
        return node.text

    def _limit(self, trace: Trace, beside: Trace) -> str:
        node = trace.node
        unit = ""
        if isinstance(beside.node, ItemRef):
            unit = _unit(self.pathway.vocabulary.items[beside.node.item].unit)
        elif isinstance(beside.value, Elapsed):
            unit = " days" if beside.value.unit == "d" else " years"
        if isinstance(node, ParameterRef):
            return f"{self.shown(trace.value)}{unit} ({node.name})"
        return f"{self.shown(trace.value)}{unit}"

    def _call(self, node: Call, trace: Trace) -> str:
        names = ", ".join(map(self.name, node.names))
        match node.function.name:
            case "fresh":
                return self._fresh(node.names[0], trace.value is True)
            case "known":
                return f"{names} is {'known' if trace.value else 'not known'}"
            case "absent":
                return f"{names} could not be done{_bracket(trace.note)}" if trace.value else f"{names} was not tried"
            case "cond":
                return f"{names}: {'recorded' + _bracket(trace.note) if trace.value else 'not recorded'}"
            case "active":
                return f"{names}: {'running' + _bracket(trace.note) if trace.value else 'not running'}"
            case "ever":
                return f"{names}: {'given before' if trace.value else 'never given'}"
            case "vaccinated":
                return f"{names} vaccine: {'up to date' if trace.value else 'not up to date'}{_bracket(trace.note)}"
            case "blocked" | "blocked_without":
                return f"{names}: {'blocked' if trace.value else 'not blocked'}"
            case "in_state":
                return f"{'in' if trace.value else 'not in'} {node.names[0]}"
        return f"{node.function.says}{_bracket(names)}: {self.shown(trace.value)}"

    def _fresh(self, item: str, fresh: bool) -> str:
        if item in self.pathway.composites:
            return f"{item}: {'up to date' if fresh else 'not up to date'}"
        definition, reading = self.pathway.vocabulary.items[item], self.at.last(item)
        if reading is None:
            return f"{definition.title}: none recorded"
        limit = "never goes stale" if definition.stale is None else f"fresh for {definition.stale} days"
        return f"{definition.title}: last on {reading.day}, {limit if fresh else f'stale ({limit})'}"

    def name(self, name: str) -> str:
        """Return the title of an item, drug, condition, vaccine or action, or the name itself."""
        vocabulary = self.pathway.vocabulary
        if name in self.pathway.actions:
            return self.pathway.actions[name].definition.title
        for known in (vocabulary.items, vocabulary.drugs, vocabulary.conditions, vocabulary.vaccines):
            if name in known:
                return known[name].title
        return name

    def _fact_title(self, name: str) -> str:
        definition = self.pathway.definition
        if name in definition.context:
            return definition.context[name].title
        if name in self.pathway.catalogue:
            return self.pathway.catalogue[name].title
        return name

    def shown(self, value: object) -> str:
        """Return a value as people write it."""
        if value is None:
            return "not known"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, Decimal):
            return plain(value)
        if isinstance(value, Elapsed):
            return f"{plain(value.value(self.at))} days since {value.since}"
        return str(value).replace("_", " ")


def _unit(unit: str | None) -> str:
    return "" if unit is None or unit == "{score}" else f" {unit}"


def _bracket(note: object) -> str:
    """Return a note in brackets; several parts are joined by commas, nothing stays nothing."""
    text = ", ".join(map(str, note)) if isinstance(note, tuple) else str(note)
    return f" ({text})" if text else ""


def step_trace(evaluation: Evaluation, step: Step) -> Trace | None:
    """Return the guard of a past transition, judged again where it was taken; None for a person's move."""
    rule = evaluation.pathway.transitions.get(step.transition)
    if rule is None or rule.when is None:
        return None
    return rule.when.trace(step_moment(evaluation, step))


def step_moment(evaluation: Evaluation, step: Step) -> Moment:
    """Return the moment in which a past step was taken."""
    chart = evaluation.fold.chart
    assert chart.enrolment is not None
    return Moment(evaluation.pathway, chart, chart.enrolment, step.day, step.before)


def step_evidence(evaluation: Evaluation, step: Step) -> tuple[str, ...]:
    """Return the events that brought a step about."""
    trace = step_trace(evaluation, step)
    return (step.event_id,) if trace is None and step.event_id else trace.evidence if trace else ()


def edges(evaluation: Evaluation) -> tuple[Edge, ...]:
    """Return every transition that leaves the current state, and why it is or is not taken as of the date asked."""
    at = evaluation.moment
    if at is None:
        return ()
    narrator = Narrator(evaluation.pathway, at)
    found = []
    for rule in evaluation.pathway.transitions.values():
        if rule.when is None or not any(at.in_state(s) for s in rule.definition.source):
            continue
        trace = rule.when.trace(at)
        found.append(
            Edge(rule.definition.id, rule.definition.to or "", trace.value is True, narrator.lines(trace), trace.lacking)
        )
    return tuple(found)


def wanted(evaluation: Evaluation) -> dict[str, tuple[str, ...]]:
    """Return the data that would settle something, with the rules that wait for it.

    From actions that need data, from transitions whose guard lacks something, and from reviews past
    their day.
    """
    found: dict[str, list[str]] = {}
    for action in evaluation.actions:
        if action.disposition == "needs_data":
            for item in action.missing:
                found.setdefault(item, []).append(action.id)
    for edge in edges(evaluation):
        if not edge.holds:
            for item in edge.missing:
                found.setdefault(item, []).append(edge.id)
    for review in evaluation.reviews:
        if review.status == "overdue":
            definition = review.definition
            items = definition.items if hasattr(definition, "items") else (definition.item,)
            for item in items:
                found.setdefault(item, []).append(review.id)
    return {item: tuple(dict.fromkeys(rules)) for item, rules in found.items()}



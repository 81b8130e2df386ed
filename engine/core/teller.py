"""Telling: names, reasons and sources of whatever of an evaluation is handed over."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Protocol

from engine.core.actions import OpenAction, silenced
from engine.core.definition import (
    Cited,
    PathwayDefinition,
    StatusChange,
    TransitionDefinition,
)
from engine.core.evaluate import Evaluation
from engine.core.events import Decision
from engine.core.explain import Edge, Why, wanted, why_review, why_step
from engine.core.facts import FactValue
from engine.core.fold import Step
from engine.core.guards import Node
from engine.core.moment import Moment
from engine.core.names import Names
from engine.core.narrate import Line, Narrator
from engine.core.pathway import Action
from engine.core.readings import Reading
from engine.core.result import (
    ActionView,
    Citation,
    Datum,
    DecidedView,
    EdgeView,
    Missing,
    MoveView,
    NamedMove,
    Plain,
    Reason,
    Remembered,
    ReviewView,
    StepOfLadder,
    Waiting,
    Wanted,
)
from engine.core.reviews import ReviewWanted
from engine.core.values import plain

ENGINEERING_DEFAULT = "eng"


class SourceEntry(Protocol):
    """What a list of sources says about one of them."""

    @property
    def title(self) -> str:
        """Title of the publication."""

    @property
    def year(self) -> int | None:
        """Year of publication."""

    @property
    def doi(self) -> str | None:
        """Digital object identifier."""

    @property
    def checked(self) -> str:
        """What of it was actually read."""


Sources = Mapping[str, SourceEntry]


def plain_of(value: object) -> Plain:
    """Return a value as it is shown."""
    if value is None or isinstance(value, bool):
        return value
    return plain(value) if isinstance(value, Decimal) else str(value)


def _events(lines: Iterable[Line]) -> Iterable[str]:
    for line in lines:
        yield from line.events
        yield from _events(line.below)


def citations_of(definition: PathwayDefinition, sources: Sources, *rows: Cited) -> tuple[Citation, ...]:
    """Return where rows come from: statements of the source article first, each once."""
    found = {key: _statement(definition, key) for row in rows for key in row.seed}
    found |= {key: _source(sources, key) for row in rows for key in row.cite}
    return tuple(found.values())


def _statement(definition: PathwayDefinition, key: str) -> Citation:
    says = definition.coverage[key].says if key in definition.coverage else key
    return Citation(key=key, kind="statement", title=says, year=None, doi=None, checked=None)


def _source(sources: Sources, key: str) -> Citation:
    if key not in sources:
        return Citation(key=key, kind="source", title=key, year=None, doi=None, checked="not in the sources")
    source = sources[key]
    return Citation(
        key=key,
        kind="engineering default" if key == ENGINEERING_DEFAULT else "source",
        title=source.title,
        year=source.year,
        doi=source.doi,
        checked=source.checked,
    )


class Teller:
    """Fills the models of one evaluation: names, reasons and sources of whatever is handed to it."""

    def __init__(self, evaluation: Evaluation, sources: Sources) -> None:
        """Tell of an evaluation with the pathway's sources by citation key."""
        self.evaluation = evaluation
        self.sources = sources
        self.definition = evaluation.pathway.definition
        self.names = Names(evaluation.pathway)

    def cite(self, *rows: Cited) -> tuple[Citation, ...]:
        """Return where rows come from."""
        return citations_of(self.definition, self.sources, *rows)

    def context(self) -> dict[str, Remembered]:
        """Return what the pathway remembers."""
        return self.remembered(self.evaluation.context)

    def remembered(self, context: Mapping[str, FactValue | None]) -> dict[str, Remembered]:
        """Return what the pathway remembered at a time."""
        declared = self.definition.context
        return {
            name: Remembered(title=declared[name].title, kind=declared[name].kind, value=plain_of(value))
            for name, value in context.items()
        }

    def tier(self) -> tuple[Line, ...]:
        """Return why the tier is what it is."""
        at = self.evaluation.moment
        if at is None:
            return ()
        return Narrator(at).lines(self.evaluation.pathway.criteria[self.definition.tier].trace(at))

    # ── actions ─────────────────────────────────────────────────────────────────────────────────

    def action(self, action: OpenAction, at: Moment) -> ActionView:
        """Return an open action."""
        definition = action.action.definition
        told = self.told(action.action.when, at)
        blocked = action.action.block_if if action.disposition == "blocked" else None
        deferred = action.action.defer_if if action.disposition == "deferred" else None
        return ActionView(
            id=action.id,
            title=definition.title,
            kind=definition.kind,
            disposition=action.disposition,
            prio=action.prio,
            opened_on=action.opened_on,
            due=action.due,
            caution=bool(action.caution),
            caution_reasons=tuple(line for clause in action.caution for line in self.told(clause, at).lines),
            block_reasons=self.told(blocked, at).lines,
            defer_reasons=self.told(deferred, at).lines,
            rationale=tuple(
                Reason(says=r.says, citations=tuple(_statement(self.definition, s) for s in r.seed))
                for r in definition.rationale
            ),
            missing=tuple(self.missing(item) for item in action.missing),
            reasons=told.lines,
            evidence=_evidence(told),
            citations=self.cite(definition),
        )

    def told(self, guard: Node | None, at: Moment) -> Why:
        """Return why a condition holds or not; nothing for none."""
        if guard is None:
            return Why((), ())
        trace = guard.trace(at)
        lines = Narrator(at).lines(trace)
        return Why(lines, trace.evidence)

    def decided(self) -> tuple[DecidedView, ...]:
        """Return the actions a decision keeps off the list."""
        at = self.evaluation.moment
        if at is None or at.position.status == "closed":
            return ()
        found = (self._decision(a, at) for a in self.evaluation.pathway.actions.values())
        return tuple(view for view in found if view is not None)

    def _decision(self, action: Action, at: Moment) -> DecidedView | None:
        definition = action.definition
        entries = [e for e in at.chart.decisions.get(definition.id, ()) if e.day <= at.day]
        if not entries or action.when.value(at) is not True or not silenced(action, at):
            return None
        newest = max(entries, key=lambda e: (e.day, e.stamp))
        assert isinstance(newest.body, Decision)
        return DecidedView(
            id=definition.id,
            title=definition.title,
            decision=newest.body.decision,
            on=newest.day,
            reason=newest.body.reason,
            event_id=newest.event_id,
        )

    # ── reviews ─────────────────────────────────────────────────────────────────────────────────

    def review(self, review: ReviewWanted, at: Moment) -> ReviewView:
        """Return a review."""
        why = why_review(review, at)
        definition = review.definition
        rows: tuple[Cited, ...] = (definition,)
        if definition.schedule == "interval":
            compiled = self.evaluation.pathway.intervals[definition.id]
            chosen = zip(definition.intervals, compiled, strict=True)
            rows = (*(row for row, rule in chosen if rule.when is review.rule), definition)
        return ReviewView(
            id=review.id,
            title=definition.title,
            due=review.due,
            status=review.status,
            step=review.step,
            interval=review.interval,
            base=review.base,
            last=tuple(self.datum(r) for r in review.last),
            reasons=why.lines,
            evidence=_evidence(why),
            citations=self.cite(*rows),
            steps=tuple(StepOfLadder(step=s.step, on=s.day, to=s.to) for s in review.climb),
        )

    def datum(self, reading: Reading) -> Datum:
        """Return a recorded value."""
        return Datum(
            item=reading.item,
            title=self.names.of(reading.item),
            value=plain_of(reading.value),
            unit=self.evaluation.pathway.vocabulary.items[reading.item].unit,
            date=reading.day,
            event_id=reading.event_id,
        )

    # ── history ─────────────────────────────────────────────────────────────────────────────────

    def step(self, step: Step) -> MoveView:
        """Return a step with its reasons."""
        why, row = why_step(self.evaluation, step), self.row(step)
        return MoveView(
            date=step.day,
            transition=step.transition,
            source=step.source,
            to=step.target,
            from_title=self.names.state(step.source),
            to_title=self.names.state(step.target),
            evidence=_evidence(why),
            reasons=why.lines,
            citations=self.cite(row),
            strength=row.strength if isinstance(row, TransitionDefinition) else ENGINEERING_DEFAULT,
        )

    def row(self, step: Step) -> TransitionDefinition | StatusChange:
        """Return the rule by which a step was taken."""
        rules = self.evaluation.pathway.transitions
        if step.transition in rules:
            return rules[step.transition].definition
        return next(c for c in self.definition.status_changes if c.id == step.transition)

    def named(self, step: Step) -> NamedMove:
        """Return a step with the titles of its states."""
        return NamedMove(
            date=step.day,
            transition=step.transition,
            source=step.source,
            to=step.target,
            from_title=self.names.state(step.source),
            to_title=self.names.state(step.target),
        )

    # ── what could come next ────────────────────────────────────────────────────────────────────

    def edge(self, edge: Edge) -> EdgeView:
        """Return a way out of the current state."""
        definition = edge.rule.definition
        to = definition.to or ""
        return EdgeView(
            id=definition.id,
            to=to,
            to_title=self.names.state(to),
            trigger=definition.trigger,
            prio=definition.prio,
            strength=definition.strength,
            holds=edge.holds,
            reasons=edge.because,
            missing=tuple(self.missing(name) for name in edge.missing),
            nearest=edge.nearest,
            citations=self.cite(definition),
        )

    def wanted(self, outgoing: tuple[Edge, ...]) -> tuple[Wanted, ...]:
        """Return the data that would settle something."""
        found = wanted(self.evaluation, outgoing)
        return tuple(
            Wanted(**dict(self.missing(name)), waiting=tuple(map(self._waiting, rules)))
            for name, rules in found.items()
        )

    def _waiting(self, rule: str) -> Waiting:
        pathway = self.evaluation.pathway
        if rule in pathway.actions:
            return Waiting(kind="action", id=rule, title=pathway.actions[rule].definition.title)
        if rule in pathway.reviews:
            return Waiting(kind="review", id=rule, title=pathway.reviews[rule].title)
        to = pathway.transitions[rule].definition.to or ""
        return Waiting(kind="transition", id=rule, title=self.names.state(to))

    def missing(self, name: str) -> Missing:
        """Return something that is not there, or out of date."""
        at = self.evaluation.moment
        reading = at.last(name) if at is not None and name in at.pathway.vocabulary.items else None
        return Missing(item=name, title=self.names.datum(name), last=None if reading is None else reading.day)


def _evidence(why: Why) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*why.evidence, *_events(why.lines))))

"""From an evaluation to a result: the same answer with its reasons, names and sources filled in."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Protocol, cast

from engine.core.actions import OpenAction, silenced
from engine.core.definition import (
    Cited,
    DeclaredConflict,
    PathwayDefinition,
    StatusChange,
    TransitionDefinition,
)
from engine.core.earlier import earlier
from engine.core.evaluate import Evaluation
from engine.core.events import Decision
from engine.core.explain import Edge, Why, edges, wanted, why_review, why_step
from engine.core.facts import FactValue
from engine.core.fold import Step
from engine.core.guards import Node
from engine.core.lapsed import Lapsed
from engine.core.leading import conflicts_touched, deciding_step, leading_sentence, numbers
from engine.core.moment import Moment
from engine.core.names import Names
from engine.core.narrate import Line, Narrator
from engine.core.pathway import Action
from engine.core.readings import Reading
from engine.core.result import (
    ActionView,
    Brief,
    ChangeView,
    Citation,
    Datum,
    DecidedView,
    Disagreement,
    EdgeView,
    LapsedView,
    LineView,
    Missing,
    MoveView,
    NamedMove,
    PathwayView,
    Plain,
    Reason,
    Remembered,
    Result,
    ReviewView,
    Setting,
    Status,
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


def result_of(evaluation: Evaluation, sources: Sources, published: PathwayDefinition | None = None) -> Result:
    """Return what an evaluation says, with reasons and sources.

    Args:
        evaluation: the answer to be shown.
        sources: the pathway's sources by citation key.
        published: the version as published, to name the parameters that differ; None if it was used as it is.
    """
    teller = Teller(evaluation, sources)
    position, at = evaluation.position, evaluation.moment
    outgoing = edges(evaluation)
    family, _, substate = ("" if position is None else position.state).partition(".")
    definition = evaluation.pathway.definition
    missing = teller.wanted(outgoing)
    result = Result(
        pathway=PathwayView(
            id=definition.id,
            version=definition.version,
            label=definition.label,
            title=definition.title,
            digest=evaluation.pathway.digest,
            content=definition.content,
        ),
        parameter_set=_settings(definition, published),
        as_of=evaluation.as_of,
        enrolled=None if at is None else at.enrolled,
        brief=None if position is None else teller.brief(position.state, missing),
        status=None if position is None else cast("Status", position.status),
        state=family or None,
        substate=substate or None,
        state_title=None if position is None else teller.names.state(position.state),
        since=None if position is None else position.since,
        context=teller.context(),
        tier=evaluation.tier,
        tier_reasons=teller.tier(),
        open_actions=tuple(teller.action(a, at) for a in evaluation.actions if at is not None),
        decided=teller.decided(),
        reviews=tuple(teller.review(r, at) for r in evaluation.reviews if at is not None),
        history=tuple(teller.step(s) for s in evaluation.history),
        lines=teller.lines(),
        changes=teller.changes(),
        wanted=missing,
        edges=tuple(teller.edge(e) for e in outgoing),
        revisit_on=None,
        limits=definition.limits,
    )
    return result.model_copy(update={"revisit_on": _revisit(evaluation)})


def _revisit(evaluation: Evaluation) -> date | None:
    """The evaluation's own date, or an earlier one on which a reason given beside it would change."""
    steady = date.max if evaluation.moment is None else evaluation.moment.steady_until
    found = min(steady, evaluation.revisit_on or date.max)
    return None if found == date.max else found


def _settings(used: PathwayDefinition, published: PathwayDefinition | None) -> tuple[Setting, ...]:
    if published is None:
        return ()
    return tuple(
        Setting(
            name=name,
            meaning=now.meaning,
            unit=now.unit,
            value=_plain(now.value),
            published=_plain(published.parameters[name].value),
        )
        for name, now in used.parameters.items()
        if now.value != published.parameters[name].value
    )


def _plain(value: object) -> Plain:
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
            name: Remembered(title=declared[name].title, kind=declared[name].kind, value=_plain(value))
            for name, value in context.items()
        }

    def brief(self, state: str, missing: tuple[Wanted, ...]) -> Brief:
        """Return what is read first."""
        evaluation, definition = self.evaluation, self.definition
        step = deciding_step(evaluation)
        why = None if step is None else why_step(evaluation, step)
        row = None if step is None else self._row(step)
        shown = [a.id for a in evaluation.actions] + [r.id for r in evaluation.reviews if r.status != "ok"]
        touched = conflicts_touched(definition, state, (*shown, "" if step is None else step.transition))
        return Brief(
            says=leading_sentence(evaluation, step, why, self.names),
            numbers=tuple(map(self.datum, numbers(evaluation, step))),
            citations=() if row is None else self.cite(row),
            strength=row.strength if isinstance(row, TransitionDefinition) else None,
            status=definition.content.status,
            missing=tuple(
                self.missing(w.item) for w in missing if any(x.kind != "review" for x in w.waiting)
            ),
            disagreements=tuple(map(self.disagreement, touched)),
        )

    def disagreement(self, conflict: DeclaredConflict) -> Disagreement:
        """Return where the sources disagree."""
        return Disagreement(
            id=conflict.id,
            topic=conflict.topic,
            article=conflict.article,
            newer=conflict.newer,
            choice=conflict.choice,
            parameters=conflict.parameters,
            citations=self.cite(conflict),
        )

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
            value=_plain(reading.value),
            unit=self.evaluation.pathway.vocabulary.items[reading.item].unit,
            date=reading.day,
            event_id=reading.event_id,
        )

    # ── history ─────────────────────────────────────────────────────────────────────────────────

    def step(self, step: Step) -> MoveView:
        """Return a step with its reasons."""
        why, row = why_step(self.evaluation, step), self._row(step)
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

    def _row(self, step: Step) -> TransitionDefinition | StatusChange:
        rules = self.evaluation.pathway.transitions
        if step.transition in rules:
            return rules[step.transition].definition
        return next(c for c in self.definition.status_changes if c.id == step.transition)

    def lines(self) -> tuple[LineView, ...]:
        """Return the earlier lines of treatment and how they ended."""
        return tuple(
            LineView(
                context=self.remembered(line.context),
                since=line.since,
                until=line.until,
                drugs=tuple(map(self.names.of, line.drugs)),
                outcome=tuple(map(self.named, line.moves)),
            )
            for line in earlier(self.evaluation)
        )

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

    def lapsed(self, gone: Lapsed) -> LapsedView:
        """Return an action that late or corrected data put an end to."""
        definition, entry = gone.action.definition, gone.decision
        body = None if entry is None else entry.body
        return LapsedView(
            id=definition.id,
            title=definition.title,
            kind=definition.kind,
            decision=body.decision if isinstance(body, Decision) else None,
            decided_on=None if entry is None else entry.day,
            event_id=None if entry is None else entry.event_id,
        )

    def changes(self) -> tuple[ChangeView, ...]:
        """Return when late or corrected data changed the history."""
        return tuple(
            ChangeView(
                received=change.received,
                event_id=change.event_id,
                withdrawn=tuple(map(self.named, change.withdrawn)),
                brought=tuple(map(self.named, change.brought)),
                lapsed=tuple(map(self.lapsed, change.lapsed)),
            )
            for change in self.evaluation.changes
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

"""From an evaluation to a result: the same answer with its reasons, names and sources filled in."""

from datetime import date
from typing import cast

from engine.core.definition import (
    DeclaredConflict,
    PathwayDefinition,
    TransitionDefinition,
)
from engine.core.evaluate import Evaluation
from engine.core.explain import edges, why_step
from engine.core.leading import conflicts_touched, deciding_step, leading_sentence, numbers
from engine.core.ledger import changes, lines
from engine.core.result import (
    Brief,
    Disagreement,
    PathwayView,
    Result,
    Setting,
    Status,
    Wanted,
)
from engine.core.teller import Sources, Teller, plain_of


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
        brief=None if position is None else _brief(teller, position.state, missing),
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
        lines=lines(teller),
        changes=changes(teller),
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
            value=plain_of(now.value),
            published=plain_of(published.parameters[name].value),
        )
        for name, now in used.parameters.items()
        if now.value != published.parameters[name].value
    )


def _brief(teller: Teller, state: str, missing: tuple[Wanted, ...]) -> Brief:
    """What is read first."""
    evaluation, definition = teller.evaluation, teller.definition
    step = deciding_step(evaluation)
    why = None if step is None else why_step(evaluation, step)
    row = None if step is None else teller.row(step)
    shown = [a.id for a in evaluation.actions] + [r.id for r in evaluation.reviews if r.status != "ok"]
    touched = conflicts_touched(definition, state, (*shown, "" if step is None else step.transition))
    return Brief(
        says=leading_sentence(evaluation, step, why, teller.names),
        numbers=tuple(map(teller.datum, numbers(evaluation, step))),
        citations=() if row is None else teller.cite(row),
        strength=row.strength if isinstance(row, TransitionDefinition) else None,
        status=definition.content.status,
        missing=tuple(teller.missing(w.item) for w in missing if any(x.kind != "review" for x in w.waiting)),
        disagreements=tuple(_disagreement(conflict, teller) for conflict in touched),
    )


def _disagreement(conflict: DeclaredConflict, teller: Teller) -> Disagreement:
    return Disagreement(
        id=conflict.id,
        topic=conflict.topic,
        article=conflict.article,
        newer=conflict.newer,
        choice=conflict.choice,
        parameters=conflict.parameters,
        citations=teller.cite(conflict),
    )

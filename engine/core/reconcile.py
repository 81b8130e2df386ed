"""What an evaluation asks to be kept, and what must change so that it is.

Pure: projections as wanted against projections as kept. A step that no longer holds is superseded,
an action that is no longer open is closed, a review that is no longer wanted goes; nothing is told twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import takewhile
from typing import cast

from engine.core import ladder, urgent
from engine.core.actions import OpenAction
from engine.core.climbs import Climb, climbs
from engine.core.evaluate import Evaluation
from engine.core.events import Override
from engine.core.fold import Step
from engine.core.kept import Doubt, Enrolment, Lack, LiveReview, NextAction, Overridden, RecordedStep
from engine.core.moment import Moment
from engine.core.result import Status
from engine.core.reviews import ReviewWanted
from engine.core.urgent import Began


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one enrolment beside its row: steps, open actions, live reviews, what is in doubt."""

    steps: tuple[RecordedStep, ...] = ()
    actions: tuple[NextAction, ...] = ()
    reviews: tuple[LiveReview, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    override: Overridden | None = None

    @property
    def holding(self) -> tuple[RecordedStep, ...]:
        """The steps that hold."""
        return tuple(s for s in self.steps if s.superseded_by is None)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What has to be written so that the projections say what an evaluation says."""

    enrolment: Enrolment
    superseded: tuple[RecordedStep, ...]
    added: tuple[RecordedStep, ...]
    opened: tuple[NextAction, ...]
    changed: tuple[NextAction, ...]
    closed: tuple[NextAction, ...]
    reviews: tuple[LiveReview, ...]
    """New ones, and those that differ from what is kept."""
    dropped: tuple[str, ...]
    """Reviews that are not wanted any more."""
    doubted: tuple[Doubt, ...]
    """Readings that wait for verification, and did not before."""
    settled: tuple[Doubt, ...]
    """Readings that waited, and do not any more."""
    kept: Kept
    """What is kept once all this is written."""


def reconcile(
    before: Enrolment,
    kept: Kept,
    evaluation: Evaluation,
    *,
    through: int,
    recorded: datetime,
    began: Began | None = None,
) -> Reconciliation:
    """Return what has to change.

    Args:
        before: the enrolment as kept.
        kept: its steps, actions and reviews as kept.
        evaluation: where the patient stands now.
        through: sequence number of the newest event the evaluation rests on.
        recorded: the instant at which new steps are recorded.
        began: hour 0 of a new action by the day it opened; `recorded` if None.
    """
    added, superseded = _steps(kept, evaluation, through, recorded)
    was_open = {a.key: a for a in kept.actions}
    rules, hour_0 = evaluation.in_force.ladder, began or (lambda opened_on: recorded)
    afresh = _new_ladder(before, evaluation)
    actions = urgent.kept_on(
        rules,
        actions_wanted(evaluation),
        kept.actions,
        hour_0,
        recorded,
        evaluation.as_of,
        afresh=afresh,
    )
    wanted = {a.key: a for a in actions}
    reviews = {r.review: r for r in kept.reviews}
    wanted_reviews = reviews_wanted(evaluation, kept.reviews, afresh=afresh)
    doubts, override = doubts_of(evaluation), override_of(evaluation)
    return Reconciliation(
        enrolled(before, evaluation, through),
        superseded,
        added,
        tuple(a for key, a in wanted.items() if key not in was_open),
        tuple(a for key, a in wanted.items() if key in was_open and was_open[key] != a),
        tuple(
            replace(a, closed_on=max(a.opened_on, evaluation.as_of), next_step=None, next_step_at=None)
            for key, a in was_open.items()
            if key not in wanted
        ),
        tuple(r for r in wanted_reviews if reviews.get(r.review) != r),
        tuple(sorted(reviews.keys() - {r.review for r in wanted_reviews})),
        tuple(doubt for doubt in doubts if doubt not in kept.doubts),
        tuple(doubt for doubt in kept.doubts if doubt not in doubts),
        Kept(_after(kept.steps, superseded, added, through), actions, wanted_reviews, doubts, override),
    )


def _after(
    steps: tuple[RecordedStep, ...],
    superseded: tuple[RecordedStep, ...],
    added: tuple[RecordedStep, ...],
    through: int,
) -> tuple[RecordedStep, ...]:
    if superseded:
        gone = {step.number for step in superseded}
        steps = tuple(replace(s, superseded_by=through) if s.number in gone else s for s in steps)
    return steps + added


def enrolled(before: Enrolment, evaluation: Evaluation, through: int) -> Enrolment:
    """Return the row of an enrolment as an evaluation wants it."""
    position = evaluation.position
    return replace(
        before,
        status=None if position is None else cast(Status, position.status),
        state=None if position is None else position.state,
        since=None if position is None else position.since,
        tier=evaluation.tier,
        context=evaluation.context,
        revisit_on=evaluation.revisit_on,
        evaluated_on=evaluation.as_of,
        evaluated_through=through,
    )


def actions_wanted(evaluation: Evaluation) -> tuple[NextAction, ...]:
    """Return the open actions an evaluation wants."""
    at = evaluation.moment
    return tuple(
        NextAction(
            a.id,
            a.opened_on,
            a.disposition,
            a.prio,
            bool(a.caution),
            a.due,
            missing=() if at is None else _missing(a, at),
        )
        for a in evaluation.actions
    )


def _missing(action: OpenAction, at: Moment) -> tuple[Lack, ...]:
    """Return what an action lacks; of several items together nothing more is known than that."""
    items, found = at.pathway.vocabulary.items, list[Lack]()
    for name in action.missing:
        reading = at.last(name) if name in items else None
        within = items[name].stale if name in items else None
        found.append(Lack(name, None if reading is None else reading.day, within))
    return tuple(found)


def doubts_of(evaluation: Evaluation) -> tuple[Doubt, ...]:
    """Return the readings that wait for a verify event, by event and item."""
    waiting = evaluation.fold.chart.quarantined.values()
    return tuple(sorted({Doubt(r.event_id, r.item, r.day) for readings in waiting for r in readings}))


def override_of(evaluation: Evaluation) -> Overridden | None:
    """Return the override that brought the patient where they stand; None if something else did.

    None as well while the enrolment is closed: nobody stands anywhere then.
    """
    if evaluation.position is not None and evaluation.position.status == "closed":
        return None
    pathway = evaluation.pathway
    statuses = {change.id for change in pathway.definition.status_changes}
    step = next((s for s in reversed(evaluation.history) if s.transition not in statuses), None)
    if step is None or step.event_id is None:
        return None
    given = evaluation.fold.chart.overrides.get(step.day, ())
    body = next(entry.body for entry in given if entry.event_id == step.event_id)
    assert isinstance(body, Override)
    return Overridden(step.event_id, step.day, body.reason or "")


def _new_ladder(before: Enrolment, evaluation: Evaluation) -> bool:
    """Whether another ladder is in force than when the enrolment was evaluated last."""
    since, last = evaluation.in_force.since, before.evaluated_on
    return since is not None and last is not None and last < since


def reviews_wanted(
    evaluation: Evaluation, kept: Sequence[LiveReview] = (), *, afresh: bool = False
) -> tuple[LiveReview, ...]:
    """Return the live reviews an evaluation wants; while paused no step comes next.

    How far the steps of a review were sent is kept, not evaluated: it goes on from there as long as the
    review stays as it is.

    Args:
        evaluation: where the patient stands.
        kept: the reviews as they are kept.
        afresh: all begin again, since the ladder is another one.
    """
    before = {} if afresh else {review.review: review for review in kept}
    found = climbs(evaluation.in_force.ladder, ((r.id, r.due, r.base) for r in evaluation.reviews))
    return tuple(
        _review(review, before.get(review.id), found[review.id], evaluation.as_of)
        for review in evaluation.reviews
    )


def _review(review: ReviewWanted, before: LiveReview | None, climb: Climb, day: date) -> LiveReview:
    """Return the row of a review: new, dated anew or resumed it begins at the newest step reached."""
    step, waiting = climb.begun(review.step), None
    if review.step == ladder.HELD:
        step = None
    elif before is not None and _goes_on(before, review):
        step, waiting = before.next_step, before.next_step_on
    on = None if step is None else climb.next_on(step, day, waiting)
    return LiveReview(review.id, review.due, review.base, review.status, review.step, step, on)


def _goes_on(before: LiveReview, review: ReviewWanted) -> bool:
    return (before.due, before.base) == (review.due, review.base) and before.step != ladder.HELD


def _steps(
    kept: Kept, evaluation: Evaluation, through: int, recorded: datetime
) -> tuple[tuple[RecordedStep, ...], tuple[RecordedStep, ...]]:
    """Return the steps to add and those to supersede; equal steps are matched one to one, oldest first."""
    holding, history = kept.holding, evaluation.history
    alike = sum(1 for _ in takewhile(_same, zip(holding, history, strict=False)))
    unmatched: dict[tuple[str, date, str], list[RecordedStep]] = {}
    for held in holding[alike:]:
        unmatched.setdefault(held.key, []).append(held)
    number = kept.steps[-1].number if kept.steps else 0
    definition, digest = evaluation.pathway.definition, evaluation.pathway.digest
    added: list[RecordedStep] = []
    for step in history[alike:]:
        if same := unmatched.get(step.key):
            same.pop(0)
            continue
        number += 1
        added.append(
            RecordedStep(
                number,
                step.day,
                step.transition,
                step.source,
                step.target,
                step.event_id,
                definition.version,
                digest,
                recorded,
                through,
            )
        )
    gone: Sequence[RecordedStep] = [step for steps in unmatched.values() for step in steps]
    return tuple(added), tuple(sorted(gone, key=lambda s: s.number))


def _same(pair: tuple[RecordedStep, Step]) -> bool:
    held, step = pair
    return held.transition == step.transition and held.effective == step.day and held.target == step.target

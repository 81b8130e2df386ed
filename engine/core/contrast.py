"""A difference as every face shows it: what changes, from what to what, and why.

Reasons are those of the evaluation after; the one before is told as it stood. Nothing is decided here.
"""

from datetime import date
from typing import Literal, cast

from engine.core.actions import Disposition, OpenAction
from engine.core.closed import why_closed
from engine.core.definition import Kind
from engine.core.difference import Difference, Pair, Reminder
from engine.core.evaluate import Evaluation
from engine.core.fold import Step
from engine.core.narrate import Line
from engine.core.result import ActionView, Move, MoveView, Remembered, ReviewView, Status, View
from engine.core.reviews import ReviewStatus, ReviewWanted
from engine.core.teller import Sources, Teller

Kept = Literal["new", "gone", "changed"]
"""What became of a thing between two evaluations."""


class StandingView(View):
    """Where a patient stands as of a date; all null before enrolment."""

    as_of: date
    status: Status | None
    state: str | None
    substate: str | None
    state_title: str | None
    since: date | None
    tier: str | None
    context: dict[str, Remembered]


class ActionStood(View):
    """An open action as it stood before."""

    disposition: Disposition
    prio: int
    caution: bool
    opened_on: date
    due: date | None


class ActionContrast(View):
    """An action that opens, closes, or stands otherwise than before."""

    id: str
    title: str
    kind: Kind
    change: Kept
    before: ActionStood | None
    after: ActionView | None
    reasons: tuple[Line, ...]
    """Why it is open now; of one that is gone, why it is not."""


class ReviewStood(View):
    """A review as it stood before."""

    due: date
    status: ReviewStatus
    step: str | None


class ReviewContrast(View):
    """A review that comes, goes, or is dated otherwise than before."""

    id: str
    title: str
    change: Kept
    before: ReviewStood | None
    after: ReviewView | None


class ReminderContrast(View):
    """A reminder that will come now, or will not come any more."""

    change: Literal["new", "gone"]
    kind: Literal["review", "action"]
    subject: str
    """Id of the review or action."""
    title: str
    step: str
    on: date
    """Its day; of an action's step the day on which the action opened."""
    hours: int | None
    """Hours after the action opened; null for a review's step, which comes on its day."""
    to: tuple[str, ...]


class DifferenceView(View):
    """How one evaluation of a patient differs from another."""

    same: bool
    """Whether nothing differs: all lists are empty then."""
    before: StandingView
    after: StandingView
    differs: tuple[str, ...]
    """What differs of where the patient stands, by the names used in `before` and `after`."""
    withdrawn: tuple[Move, ...]
    """Steps that are not in the history any more."""
    brought: tuple[MoveView, ...]
    """Steps that came to the history, with their reasons."""
    actions: tuple[ActionContrast, ...]
    reviews: tuple[ReviewContrast, ...]
    reminders: tuple[ReminderContrast, ...]


def contrast(found: Difference, sources: Sources) -> DifferenceView:
    """Return a difference as it is shown, with the reasons and sources of what comes after.

    Args:
        found: the difference; its evaluation after must still be true of its own replay.
        sources: the pathway's sources by citation key.
    """
    told = _Contrast(found, sources)
    return DifferenceView(
        same=not found,
        before=standing(found.before, sources),
        after=standing(found.after, sources),
        differs=found.standing,
        withdrawn=tuple(map(told.move, found.withdrawn)),
        brought=tuple(told.teller.step(step) for step in found.brought),
        actions=tuple(map(told.action, found.actions)),
        reviews=tuple(map(told.review, found.reviews)),
        reminders=(
            *(told.reminder(r, "gone") for r in found.dropped),
            *(told.reminder(r, "new") for r in found.added),
        ),
    )


def standing(evaluation: Evaluation, sources: Sources) -> StandingView:
    """Return where a patient stands, in short."""
    teller, position = Teller(evaluation, sources), evaluation.position
    family, _, substate = ("" if position is None else position.state).partition(".")
    return StandingView(
        as_of=evaluation.as_of,
        status=None if position is None else cast("Status", position.status),
        state=family or None,
        substate=substate or None,
        state_title=None if position is None else teller.names.state(position.state),
        since=None if position is None else position.since,
        tier=evaluation.tier,
        context=teller.context(),
    )


class _Contrast:
    """Fills the models of one difference."""

    def __init__(self, found: Difference, sources: Sources) -> None:
        self.teller = Teller(found.after, sources)
        self.pathway = found.after.pathway
        self.at = found.after.moment

    def move(self, step: Step) -> Move:
        return Move(date=step.day, transition=step.transition, source=step.source, to=step.target)

    def action(self, pair: Pair[OpenAction]) -> ActionContrast:
        definition = self.pathway.actions[pair.id].definition
        after = None if pair.after is None or self.at is None else self.teller.action(pair.after, self.at)
        return ActionContrast(
            id=pair.id,
            title=definition.title,
            kind=definition.kind,
            change=_change(pair),
            before=None if pair.before is None else _stood(pair.before),
            after=after,
            reasons=self._why_closed(pair.id) if after is None else after.reasons,
        )

    def _why_closed(self, name: str) -> tuple[Line, ...]:
        return why_closed(self.pathway.actions[name], self.at, self.teller)

    def review(self, pair: Pair[ReviewWanted]) -> ReviewContrast:
        before = pair.before
        return ReviewContrast(
            id=pair.id,
            title=self.pathway.reviews[pair.id].title,
            change=_change(pair),
            before=None
            if before is None
            else ReviewStood(due=before.due, status=before.status, step=before.step),
            after=None if pair.after is None or self.at is None else self.teller.review(pair.after, self.at),
        )

    def reminder(self, reminder: Reminder, change: Literal["new", "gone"]) -> ReminderContrast:
        name, pathway = reminder.subject, self.pathway
        of = pathway.reviews[name] if reminder.kind == "review" else pathway.actions[name].definition
        return ReminderContrast(
            change=change,
            kind=reminder.kind,
            subject=name,
            title=of.title,
            step=reminder.step,
            on=reminder.on,
            hours=reminder.hours,
            to=reminder.to,
        )


def _change(pair: Pair[OpenAction] | Pair[ReviewWanted]) -> Kept:
    if pair.before is None:
        return "new"
    return "gone" if pair.after is None else "changed"


def _stood(action: OpenAction) -> ActionStood:
    return ActionStood(
        disposition=action.disposition,
        prio=action.prio,
        caution=bool(action.caution),
        opened_on=action.opened_on,
        due=action.due,
    )

"""How two evaluations of one enrolment differ: standing, history, actions, reviews and reminders.

One function tells what a comparison found, what would be if, and what came of what was recorded. Nothing
is decided here, and nothing is put into words.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, Literal, TypeVar

from engine.core import ladder, urgent
from engine.core.actions import OpenAction
from engine.core.climbs import climbs
from engine.core.evaluate import Evaluation
from engine.core.fold import Step
from engine.core.reconcile import actions_wanted
from engine.core.reviews import ReviewWanted

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pair(Generic[T]):
    """One thing as it is in each of two evaluations; None where it is not there."""

    id: str
    before: T | None
    after: T | None


@dataclass(frozen=True, slots=True)
class Reminder:
    """A step of a ladder that is still to come, or was the newest to come."""

    kind: Literal["review", "action"]
    subject: str
    """Id of the review or action."""
    step: str
    on: date
    """Its day; of an action's step the day on which the action opened."""
    hours: int | None
    """Hours after the action was opened; None for a review's step."""
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two evaluations; nothing is said twice."""

    before: Evaluation
    after: Evaluation
    standing: tuple[str, ...]
    """What differs of where the patient stands: status, state, since, tier, names of what is remembered."""
    withdrawn: tuple[Step, ...]
    """Steps of the history before that are not in the one after."""
    brought: tuple[Step, ...]
    actions: tuple[Pair[OpenAction], ...]
    reviews: tuple[Pair[ReviewWanted], ...]
    dropped: tuple[Reminder, ...]
    """Reminders that will not come any more."""
    added: tuple[Reminder, ...]

    @property
    def moved(self) -> bool:
        """Whether the patient stands elsewhere, or came there in another way."""
        return bool(self.withdrawn or self.brought or {"status", "state", "since"} & set(self.standing))

    def __bool__(self) -> bool:
        return bool(
            self.standing
            or self.withdrawn
            or self.brought
            or self.actions
            or self.reviews
            or self.dropped
            or self.added
        )


def difference(before: Evaluation, after: Evaluation) -> Difference:
    """Return how one evaluation differs from another.

    Neither is asked anything but what it holds, so a replay may have gone on since.

    Raises:
        ValueError: they are evaluations on different pathways, which have nothing in common.
    """
    names = [e.pathway.definition.id for e in (before, after)]
    if names[0] != names[1]:
        raise ValueError(f"evaluations on {names[0]} and {names[1]} cannot be compared")
    day = max(before.as_of, after.as_of)
    earlier, later = (reminders(e, day) for e in (before, after))
    return Difference(
        before,
        after,
        _differing(_standing(before), _standing(after)),
        _unmatched(before.history, after.history),
        _unmatched(after.history, before.history),
        _pairs({a.id: a for a in before.actions}, {a.id: a for a in after.actions}, _action),
        _pairs({r.id: r for r in before.reviews}, {r.id: r for r in after.reviews}, _review),
        tuple(r for r in earlier if r not in later),
        tuple(r for r in later if r not in earlier),
    )


def reminders(evaluation: Evaluation, day: date) -> tuple[Reminder, ...]:
    """Return the reminders of an evaluation from a day on, with the newest that has come by then.

    While paused those of reviews are held. Those of actions count from the opening; what has been told
    already is not known here.
    """
    rules, found = evaluation.in_force.ladder, list[Reminder]()
    climbing = climbs(rules, ((r.id, r.due, r.base) for r in evaluation.reviews))
    for review in evaluation.reviews:
        if review.step != ladder.HELD:
            own = climbing[review.id].own
            come = [step for step in own if step.day <= day][-1:]
            to_come = [step.step for step in own if step.day > day][:1]
            following = [s for name in to_come for s in climbing[review.id].coming(name, day)]
            found += [Reminder("review", review.id, s.step, s.day, None, s.to) for s in (*come, *following)]
    wanted = actions_wanted(evaluation)
    for action in wanted:
        if urgent.enters(rules, action) and not urgent.silent(rules, action, wanted):
            found += [
                Reminder("action", action.action, row.step, action.opened_on, row.hours, row.to)
                for row in rules.actions
                if action.priority in row.prios
            ]
    return tuple(found)


def _standing(evaluation: Evaluation) -> dict[str, object]:
    position = evaluation.position
    if position is None:
        return {}
    return {
        "status": position.status,
        "state": position.state,
        "since": position.since,
        "tier": evaluation.tier,
        **position.context,
    }


def _action(action: OpenAction) -> object:
    """What counts of an open action."""
    caution = tuple(clause.text for clause in action.caution)
    return (action.disposition, action.prio, caution, action.missing, action.opened_on, action.due)


def _review(review: ReviewWanted) -> object:
    """What counts of a review."""
    return (review.due, review.base, review.status, review.step)


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    names = dict.fromkeys([*before, *after])
    return tuple(n for n in names if (n in before, before.get(n)) != (n in after, after.get(n)))


def _pairs(
    before: Mapping[str, T], after: Mapping[str, T], counts: Callable[[T], object]
) -> tuple[Pair[T], ...]:
    """Return what is in one only, or differs in what counts: of the later first, then what is gone."""
    pairs = (Pair(name, before.get(name), after.get(name)) for name in dict.fromkeys([*after, *before]))
    return tuple(
        p for p in pairs if p.before is None or p.after is None or counts(p.before) != counts(p.after)
    )


def _unmatched(steps: Sequence[Step], others: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps of a history that another does not have; equal ones are matched one to one."""
    there, found = Counter(step.key for step in others), list[Step]()
    for step in steps:
        if there[step.key]:
            there[step.key] -= 1
        else:
            found.append(step)
    return tuple(found)

"""The one question everything else asks: where does this patient stand, and what comes next?

`evaluate(pathway, record, as_of)` is a pure function. Reading as it was known then, trying events
before sending them, replaying, upgrading and simulating are this function on other inputs.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from engine.core.actions import OpenAction, due_date, is_open, open_actions
from engine.core.changes import Change, replay
from engine.core.events import Record
from engine.core.facts import FactValue
from engine.core.fold import Fold, Step
from engine.core.moment import Moment, Position
from engine.core.pathway import Action, Pathway
from engine.core.reviews import ReviewWanted, reviews_wanted

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A patient on a pathway as of a date.

    `position`, `tier` and `moment` are None when no enrolment is known as of that date. Actions and
    reviews are empty then, and while the enrolment is closed.
    """

    pathway: Pathway
    as_of: date
    position: Position | None
    tier: str | None
    history: tuple[Step, ...]
    changes: tuple[Change, ...]
    """Messages that changed the history, received up to `as_of`."""
    actions: tuple[OpenAction, ...]
    reviews: tuple[ReviewWanted, ...]
    revisit_on: date | None
    """First later date on which the output could differ without new data; None for never."""
    moment: Moment | None
    fold: Fold

    @property
    def context(self) -> dict[str, FactValue | None]:
        """What the pathway remembers about the patient."""
        return {} if self.position is None else self.position.context


def evaluate(pathway: Pathway, record: Record, as_of: date) -> Evaluation:
    """Return where a patient stands as of a date.

    Args:
        pathway: compiled, with its parameters.
        record: everything known; pass `record.known_at(t)` for what was known then.
        as_of: the date asked, in the site's time zone; data dated later are not seen.
    """
    fold, changes = replay(pathway, record)
    checkpoint = fold.until(as_of)
    enrolment = fold.chart.enrolment
    if checkpoint is None or enrolment is None:
        revisit = enrolment.day if enrolment is not None else None
        return Evaluation(pathway, as_of, None, None, (), (), (), (), revisit, None, fold)
    at = Moment(pathway, fold.chart, enrolment, as_of, checkpoint.position)
    at.changes = changes
    tier = at.criterion(pathway.definition.tier)
    closed = checkpoint.position.status == "closed"
    found = [] if closed else open_actions(at)
    reviews = () if closed else reviews_wanted(at)
    future = next((d for d in fold.chart.dates.days if d > as_of), date.max)
    revisit = min(at.steady_until, future)
    opened = _opened_on([row[0] for row in found], at, fold)
    windows = pathway.definition.priorities
    actions = tuple(
        OpenAction(action, disposition, prio, caution, missing, opened[action.definition.id], due)
        for action, disposition, prio, caution, missing in found
        for due in (due_date(prio, opened[action.definition.id], windows),)
    )
    return Evaluation(
        pathway,
        as_of,
        checkpoint.position,
        str(tier),
        checkpoint.steps,
        tuple(c for c in changes if c.received <= as_of),
        actions,
        reviews,
        None if revisit == date.max else revisit,
        at,
        fold,
    )


def _opened_on(actions: list[Action], at: Moment, fold: Fold) -> dict[str, date]:
    """Return for each open action the first day of the unbroken run of days on which it is open.

    Walks back from span to span of days on which nothing can change: the answer on the last day of
    a span is the answer on all of it.
    """
    opened: dict[str, date] = {}
    day = _span_start(at, fold)
    while actions and day > at.enrolled:
        before = day - ONE_DAY
        checkpoint = fold.until(before)
        if checkpoint is None or checkpoint.position.status == "closed":
            break
        then = Moment(at.pathway, at.chart, at.enrolment, before, checkpoint.position)
        then.changes = at.changes
        still = []
        for action in actions:
            if is_open(action, then):
                still.append(action)
            else:
                opened[action.definition.id] = day
        actions, day = still, _span_start(then, fold)
    for action in actions:
        opened[action.definition.id] = day
    return opened


def _span_start(at: Moment, fold: Fold) -> date:
    """First day of the span around a moment in which its answers do not change."""
    latest_event = fold.chart.dates.days[fold.chart.dates.at_or_before(at.day)]
    return max(at.steady_from, latest_event, at.enrolled)

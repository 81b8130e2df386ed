"""The one question everything else asks: where does this patient stand, and what comes next?

`evaluate(pathway, record, as_of)` is a pure function. Reading as it was known then, trying events
before sending them, replaying, upgrading and simulating are this function on other inputs.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from engine.core.actions import OpenAction, due_date, is_open, open_actions
from engine.core.asof import AsOf
from engine.core.changes import Change, Replay, replay
from engine.core.events import Record
from engine.core.facts import FactValue
from engine.core.fold import Fold, Step
from engine.core.moment import Moment, Position
from engine.core.pathway import Action, Pathway
from engine.core.reviews import ReviewWanted, reviews_wanted
from engine.core.site_ladders import Dated, InForce, in_force

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
    in_force: InForce
    """The reminder ladder of that day."""

    @property
    def context(self) -> dict[str, FactValue | None]:
        """What the pathway remembers about the patient."""
        return {} if self.position is None else self.position.context


def evaluate(pathway: Pathway, record: Record, as_of: date, ladders: Dated = ()) -> Evaluation:
    """Return where a patient stands as of a date.

    Args:
        pathway: compiled, with its parameters.
        record: everything known; pass `record.known_at(t)` for what was known then.
        as_of: the date asked, in the site's time zone; data dated later are not seen.
        ladders: the site's own, which remind at other distances and decide nothing.
    """
    return evaluated(replay(pathway, record), as_of, ladders)


def evaluated(whole: Replay, as_of: date, ladders: Dated = ()) -> Evaluation:
    """Return where a patient stands as of a date, from a replay that may be kept and continued."""
    pathway, fold, changes = whole.pathway, whole.fold, tuple(whole.changes)
    checkpoint = fold.until(as_of)
    enrolment = fold.chart.enrolment
    if checkpoint is None or enrolment is None:
        revisit = enrolment.day if enrolment is not None else None
        known = in_force(pathway.definition.ladder, ladders, AsOf(as_of))
        return Evaluation(pathway, as_of, None, None, (), (), (), (), revisit, None, fold, known)
    at = Moment(pathway, fold.chart, enrolment, as_of, checkpoint.position)
    at.changes = changes
    tier = at.criterion(pathway.definition.tier)
    closed = checkpoint.position.status == "closed"
    found = [] if closed else open_actions(at)
    known = in_force(pathway.definition.ladder, ladders, AsOf(as_of) if closed else at)
    reviews = () if closed else reviews_wanted(at, known.ladder)
    revisit = min(at.steady_until, fold.chart.dates.after(as_of))
    opened = _opened_on([row[0] for row in found], at, whole)
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
        known,
    )


def _opened_on(actions: list[Action], at: Moment, whole: Replay) -> dict[str, date]:
    """Return for each open action the first day of the unbroken run of days on which it is open."""
    moments: dict[date, Moment | None] = {at.day: at}
    opened = {action.definition.id: _opened(action, at, whole, moments) for action in actions}
    whole.remember_runs(at.day, opened)
    return opened


def _opened(action: Action, at: Moment, whole: Replay, moments: dict[date, Moment | None]) -> date:
    """Walk back from span to span of days on which the answer cannot change, to the first open one.

    A span that holds a day asked about before need not be left: the run began when it did then.
    """
    last, day = at.day, _span_start(action, at)
    while day > at.enrolled:
        known = next((opened for asked, opened in reversed(whole.runs) if day <= asked <= last), None)
        if known is not None:
            return known[action.definition.id]
        last = day - ONE_DAY
        if last not in moments:
            moments[last] = _moment(at, whole.fold, last)
        earlier = moments[last]
        if earlier is None or not is_open(action, earlier):
            return day
        day = _span_start(action, earlier)
    return max(day, at.enrolled)


def _moment(at: Moment, fold: Fold, day: date) -> Moment | None:
    """Return the moment of an earlier day with today's knowledge; None while the enrolment was closed."""
    checkpoint = fold.until(day)
    if checkpoint is None or checkpoint.position.status == "closed":
        return None
    then = Moment(at.pathway, at.chart, at.enrolment, day, checkpoint.position)
    then.changes = at.changes
    return then


def _span_start(action: Action, at: Moment) -> date:
    """First day of the span up to a moment on which nothing an action depends on changed."""
    name = action.definition.id
    decided = (d.day for d in at.chart.decisions.get(name, ()) if d.day <= at.day)
    administered = (d for d in at.chart.admin if d <= at.day)
    return max(
        at.steady_from,
        at.position.since,
        at.chart.last_touched(at.pathway.opens[name], at.day),
        max(decided, default=date.min),
        max(administered, default=date.min),
    )

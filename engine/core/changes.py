"""When the history itself was changed by late or corrected data, and the fold that results.

The record is taken message by message in the order received. A message after which the history is
not an extension of the history before it is a change, dated by its receipt (spec §3).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from engine.core.chains import alone, standing
from engine.core.chart import Chart, subjects
from engine.core.events import Admin, Correct, Enrol, Event, Override, Record, Retract, Verify
from engine.core.fold import Fold, Step
from engine.core.lapsed import Lapsed, lapsed
from engine.core.pathway import Pathway

RUNS_KEPT = 4
"""Days whose open actions are kept: data often come for the day itself, which takes the newest ones back."""


@dataclass(frozen=True, slots=True)
class Change:
    """A message that changed the history: the steps it withdrew and brought, and what it put an end to."""

    event_id: str
    received: date
    withdrawn: tuple[Step, ...]
    brought: tuple[Step, ...]
    lapsed: tuple[Lapsed, ...]
    """Actions that were called for on that day without the message, and are not with it."""


class Replay:
    """One pathway's reading of a patient's record as it grows, event by event in the order received.

    Whatever is taken one by one gives what a fresh replay of the whole record gives (a law), so a replay
    may be kept and continued. It is not safe to share between threads.
    """

    def __init__(self, pathway: Pathway) -> None:
        """Begin with an empty record."""
        self.pathway = pathway
        self.chart = Chart(pathway.vocabulary, pathway.jump_limits)
        self.fold = Fold(pathway, self.chart)
        self.changes: list[Change] = []
        self.runs: list[tuple[date, dict[str, date]]] = []
        """Days asked about lately, oldest first, each with the open actions and since when they were open."""
        self._events: list[Event] = []

    def take(self, event: Event) -> None:
        """Take the next event of the record; one that concerns another pathway is not seen."""
        if event.pathway not in (None, self.pathway.definition.id):
            return
        self._events.append(event)
        if _extends(self.pathway, self.chart, event):
            self._forget_runs(event.effective)
            self.chart.add(alone(event))
            return
        received = event.stamp.day
        before = _history(self.fold, received)
        enrolled = self.chart.enrolment
        first = _first_date(self._events, event)
        self._forget_runs(first)
        if isinstance(event.body, Correct | Retract | Verify):
            self.chart = Chart(self.pathway.vocabulary, self.pathway.jump_limits, standing(self._events))
        else:
            self.chart.add(alone(event))
        moved = self.chart.enrolment != enrolled
        self.fold.rewind(self.chart, None if moved else first)
        if not moved and (not before or before[-1].day < first):
            return  # what was before stays, so this can only add to it
        after = _history(self.fold, received)
        if [s.key for s in after[: len(before)]] != [s.key for s in before]:
            had, kept = {s.key for s in before}, {s.key for s in after}
            withdrawn = tuple(s for s in before if s.key not in kept)
            brought = tuple(s for s in after if s.key not in had)
            gone = lapsed(self.pathway, self._events, self.fold, received, self.changes)
            self.changes.append(Change(event.id, received, withdrawn, brought, gone))
            self._forget_runs(date.min)

    def remember_runs(self, day: date, opened: dict[str, date]) -> None:
        """Keep since when actions are open as of a day; the next question need not look further back."""
        self._forget_runs(day)
        self.runs.append((day, opened))
        del self.runs[:-RUNS_KEPT]

    def _forget_runs(self, day: date) -> None:
        while self.runs and self.runs[-1][0] >= day:
            self.runs.pop()


def replay(pathway: Pathway, record: Record) -> Replay:
    """Return the replay of a whole record."""
    whole = Replay(pathway)
    for event in record:
        whole.take(event)
    return whole


def _extends(pathway: Pathway, chart: Chart, event: Event) -> bool:
    """Whether an event can only add to the history, so that nothing need be compared.

    It is dated after everything else; or its date is known and it touches nothing any guard reads.
    """
    if isinstance(event.body, Correct | Retract | Verify | Enrol):
        return False
    days = chart.dates.days
    if not days or event.effective > days[-1]:
        return True
    if isinstance(event.body, Override | Admin) or chart.dates.get(event.effective) is None:
        return False
    return pathway.stirred.isdisjoint(subjects(event.body))


def _first_date(events: Iterable[Event], event: Event) -> date:
    """Return the first date an event can have an effect on: its own, or the first of the chain it amends."""
    if not isinstance(event.body, Correct | Retract | Verify):
        return event.effective
    record = Record(tuple(events))
    root = record.root(event.body.target)
    chain = [e.effective for e in record if record.root(e.id) is root]
    return min([event.effective, *chain])


def _history(fold: Fold, day: date) -> tuple[Step, ...]:
    checkpoint = fold.until(day)
    return () if checkpoint is None else checkpoint.steps


def history_after(pathway: Pathway, events: tuple[Event, ...], day: date) -> tuple[Step, ...]:
    """Return the history by a thorough replay from the start; the law `replay` is held to."""
    fold = Fold(pathway, Chart(pathway.vocabulary, pathway.jump_limits, standing(events)), thorough=True)
    return _history(fold, day)

"""When the history itself was changed by late or corrected data, and the fold that results.

The record is taken message by message in the order received. A message after which the history is
not an extension of the history before it is a change, dated by its receipt (spec §3).
"""

from dataclasses import dataclass
from datetime import date

from engine.core.chains import alone, standing
from engine.core.chart import Chart, subjects
from engine.core.events import Admin, Correct, Enrol, Event, Override, Record, Retract, Verify
from engine.core.fold import Fold, Step
from engine.core.pathway import Pathway


@dataclass(frozen=True, slots=True)
class Change:
    """A message that changed the history: the steps it withdrew and those it brought."""

    event_id: str
    received: date
    withdrawn: tuple[Step, ...]
    brought: tuple[Step, ...]


def replay(pathway: Pathway, record: Record) -> tuple[Fold, tuple[Change, ...]]:
    """Return the fold over the whole record, and every change of history on the way, oldest first."""
    chart = Chart(pathway.vocabulary, pathway.jump_limits)
    fold = Fold(pathway, chart)
    changes: list[Change] = []
    for index, event in enumerate(record.events):
        received = event.stamp.day
        if _extends(pathway, chart, event):
            _add(chart, event)
            continue
        before = _history(fold, received)
        amends = isinstance(event.body, Correct | Retract | Verify)
        enrolled = chart.enrolment
        if amends:
            chart = Chart(pathway.vocabulary, pathway.jump_limits, standing(record.events[: index + 1]))
        else:
            _add(chart, event)
        moved = chart.enrolment != enrolled
        fold.rewind(chart, None if moved else _first_date(record.events[: index + 1], event))
        after = _history(fold, received)
        if [s.key for s in after[: len(before)]] != [s.key for s in before]:
            had, kept = {s.key for s in before}, {s.key for s in after}
            withdrawn = tuple(s for s in before if s.key not in kept)
            changes.append(Change(event.id, received, withdrawn, tuple(s for s in after if s.key not in had)))
    return fold, tuple(changes)


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


def _add(chart: Chart, event: Event) -> None:
    chart.add(alone(event))


def _first_date(events: tuple[Event, ...], event: Event) -> date:
    """Return the first date an event can have an effect on: its own, or the first of the chain it amends."""
    if not isinstance(event.body, Correct | Retract | Verify):
        return event.effective
    record = Record(events)
    root = record.root(event.body.target)
    chain = [e.effective for e in events if record.root(e.id) is root]
    return min([event.effective, *chain])


def _history(fold: Fold, day: date) -> tuple[Step, ...]:
    checkpoint = fold.until(day)
    return () if checkpoint is None else checkpoint.steps


def history_after(pathway: Pathway, events: tuple[Event, ...], day: date) -> tuple[Step, ...]:
    """Return the history by a thorough replay from the start; the law `replay` is held to."""
    fold = Fold(pathway, Chart(pathway.vocabulary, pathway.jump_limits, standing(events)), thorough=True)
    return _history(fold, day)

"""When the history itself was changed by late or corrected data, and the fold that results.

The record is taken message by message in the order received. A message after which the history is
not an extension of the history before it is a change, dated by its receipt (spec §3).
"""

from dataclasses import dataclass
from datetime import date

from engine.core.chains import standing
from engine.core.chart import Chart
from engine.core.events import Correct, Event, Record, Retract, Verify
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
        before = _history(fold, received)
        rewind: date | None = None
        if isinstance(event.body, Correct | Retract | Verify):
            chart = Chart(pathway.vocabulary, pathway.jump_limits, standing(record.events[: index + 1]))
        else:
            enrolled = chart.enrolment
            for new in standing((event,)):
                chart.add(new)
            rewind = event.effective if chart.enrolment is enrolled else None
        fold.rewind(chart, rewind)
        after = _history(fold, received)
        if [s.key for s in after[: len(before)]] != [s.key for s in before]:
            kept = {s.key for s in after}
            had = {s.key for s in before}
            changes.append(
                Change(
                    event.id,
                    received,
                    tuple(s for s in before if s.key not in kept),
                    tuple(s for s in after if s.key not in had),
                )
            )
    return fold, tuple(changes)


def _history(fold: Fold, day: date) -> tuple[Step, ...]:
    checkpoint = fold.until(day)
    return () if checkpoint is None else checkpoint.steps


def history_after(pathway: Pathway, events: tuple[Event, ...], day: date) -> tuple[Step, ...]:
    """Return the history by a plain replay from the start; the law `replay` is held to."""
    fold = Fold(pathway, Chart(pathway.vocabulary, pathway.jump_limits, standing(events)))
    return _history(fold, day)

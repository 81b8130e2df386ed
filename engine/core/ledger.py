"""The ledger: earlier lines of treatment with their outcome, and what late or corrected data changed."""

from engine.core.earlier import earlier
from engine.core.events import Decision
from engine.core.lapsed import Lapsed
from engine.core.result import (
    ChangeView,
    LapsedView,
    LineView,
)
from engine.core.teller import Teller


def lines(teller: Teller) -> tuple[LineView, ...]:
    """Return the earlier lines of treatment and how they ended."""
    return tuple(
        LineView(
            context=teller.remembered(line.context),
            since=line.since,
            until=line.until,
            drugs=tuple(map(teller.names.of, line.drugs)),
            outcome=tuple(map(teller.named, line.moves)),
        )
        for line in earlier(teller.evaluation)
    )


def changes(teller: Teller) -> tuple[ChangeView, ...]:
    """Return when late or corrected data changed the history."""
    return tuple(
        ChangeView(
            received=change.received,
            event_id=change.event_id,
            withdrawn=tuple(map(teller.named, change.withdrawn)),
            brought=tuple(map(teller.named, change.brought)),
            lapsed=tuple(map(_lapsed, change.lapsed)),
        )
        for change in teller.evaluation.changes
    )


def _lapsed(gone: Lapsed) -> LapsedView:
    """An action that late or corrected data put an end to."""
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

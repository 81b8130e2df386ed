"""What would be if events were recorded: the same messages, the same door, the same evaluation.

Nothing is decided here. Recording the events makes exactly this difference (a law).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from engine.core.admitting import Admitted, Outcome, Taken, waiting
from engine.core.changes import replay
from engine.core.contrast import DifferenceView, contrast
from engine.core.difference import Difference, difference
from engine.core.evaluate import evaluate, evaluated
from engine.core.events import Record
from engine.core.mentions import mention
from engine.core.names import Names, lower
from engine.core.pathway import Pathway
from engine.core.result import View
from engine.core.site_ladders import Dated
from engine.core.teller import Sources


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What events would make of a patient."""

    let_in: Admitted
    taken: tuple[Taken, ...]
    """What would become of each message."""
    difference: Difference
    """From the patient as recorded to the patient with the events."""


class SupposedView(View):
    """An event that was supposed."""

    id: str
    says: str
    """What it says, in words."""
    effective: date
    result: Outcome
    """`quarantined`: a value of it would wait for a `verify` event. `duplicate`: it is recorded already."""


class WhatIfView(View):
    """What would be if events were recorded."""

    sentence: str
    events: tuple[SupposedView, ...]
    difference: DifferenceView


def what_if(
    pathway: Pathway,
    record: Record,
    let_in: Admitted,
    as_of: date,
    ladders: Dated = (),
    others: Iterable[Pathway] = (),
) -> WhatIf:
    """Return what events that were let in would make of a patient.

    Args:
        pathway: the one asked about, compiled, with its parameters.
        record: everything recorded about the patient.
        let_in: the events, let in to this record.
        as_of: the date asked, before and after.
        ladders: the site's own.
        others: further pathways the patient would be on, which may hold values back for verification.
    """
    after = replay(pathway, let_in.record)
    charts = [after.chart, *(replay(other, let_in.record).chart for other in others)]
    return WhatIf(
        let_in,
        let_in.taken(waiting(charts)),
        difference(evaluate(pathway, record, as_of, ladders), evaluated(after, as_of, ladders)),
    )


def what_if_view(found: WhatIf, sources: Sources) -> WhatIfView:
    """Return what would be as it is shown.

    Args:
        found: what would be.
        sources: the pathway's sources by citation key.
    """
    names = Names(found.difference.after.pathway)
    shown = contrast(found.difference, sources)
    return WhatIfView(
        sentence=_sentence(found.taken, shown),
        events=tuple(
            SupposedView(
                id=event.id,
                says=mention(event.body, names),
                effective=event.effective,
                result=taken.result,
            )
            for event, taken in zip(found.let_in.events, found.taken, strict=True)
        ),
        difference=shown,
    )


def _sentence(taken: tuple[Taken, ...], shown: DifferenceView) -> str:
    """Where the patient stands, where the events would lead, and what else there is to know of them."""
    before, after = (lower(each.state_title or "not on the pathway") for each in (shown.before, shown.after))
    these = "this event" if len(taken) == 1 else f"these {len(taken)} events"
    told = [f"As of {shown.before.as_of}: {before}; with {these}: {after}."]
    if shown.same:
        told.append("Nothing would differ.")
    elif before == after and not (shown.withdrawn or shown.brought):
        rows = len(shown.actions) + len(shown.reviews) + len(shown.reminders)
        told.append(f"No other state; {rows} actions, reviews or reminders would differ." if rows else "")
    held, known = (sum(one.result == result for one in taken) for result in ("quarantined", "duplicate"))
    if held:
        told.append(f"{_events(held)} would wait for verification.")
    if known:
        told.append(f"{_events(known)} {'is' if known == 1 else 'are'} recorded already.")
    return " ".join(part for part in told if part)


def _events(number: int) -> str:
    return "1 event" if number == 1 else f"{number} events"

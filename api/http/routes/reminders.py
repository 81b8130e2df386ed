"""Whether reminders are as they should be."""

from fastapi import APIRouter

from api.http.calls import By
from engine.core.reminders import Tally
from engine.core.result import View
from engine.services.tallying import tally

router = APIRouter(prefix="/v1", tags=["running"])


class TallyView(View):
    """How the reminders of a site stand; `ok` when nothing is orphaned, doubled, late or unsent."""

    ok: bool
    open_reviews: int
    live_steps: int
    """Open reviews with a next step; the others are paused, or their last step was told."""
    urgent_steps: int
    """Open actions with a next step."""
    orphaned: int
    """Open reviews that nobody would ever be reminded of, and reminders not put on their way on a channel."""
    doubled: int
    """Steps told more than once."""
    late: int
    """Steps due and not told; a server or worker tells them when it looks."""
    unsent: int
    """Messages that could have been sent minutes ago, and nobody tried."""
    undeliverable: int
    """Messages given up on channels that are open, and steps told to nobody of what is still open."""


def view_of(found: Tally) -> TallyView:
    """Return a tally as it is shown."""
    return TallyView(
        ok=found.sound and not found.late and not found.unsent,
        open_reviews=found.reviews,
        live_steps=found.live,
        urgent_steps=found.urgent,
        orphaned=found.orphaned,
        doubled=found.doubled,
        late=found.late,
        unsent=found.unsent,
        undeliverable=found.undeliverable,
    )


@router.get("/reminders/reconcile", response_model=TallyView)
async def reconcile(by: By) -> TallyView:
    """Count what is open at the caller's site against what will be told of it and what was."""
    clock = by.application.clock
    return view_of(await by.read(lambda uow, sender: tally(uow, sender.site, clock)))

"""Whether reminders are as they should be, and what they will say."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.http.calls import By
from api.http.pages import cursor_of, link_to
from api.http.problems import ParameterUnreadable
from api.http.responses import sent
from api.present.preview import PreviewView
from api.present.preview import view_of as preview_view
from engine.core.people import Role
from engine.core.reminders import Tally
from engine.core.result import View
from engine.ports import UnitOfWork
from engine.services.patients import Sender
from engine.services.previewing import Previewer
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


@router.get("/reminders/preview", response_model=PreviewView)
async def preview(
    request: Request,
    by: By,
    days: Annotated[int, Query(ge=0, le=92)] = 14,
    pathway: str | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    cursor: str | None = None,
) -> Response:
    """Look ahead: what would be told and sent about the patients of the caller's site if nothing new came in.

    Looking ahead takes time, so it comes in pages of patients; a message is counted on each page that has
    reminders for it. Who only administers sees messages and counts, without the reminders.
    """
    after, app = cursor_of(cursor), by.application
    served = [name for name, _ in app.shelf.available()]
    if pathway is not None and pathway not in served:
        raise ParameterUnreadable(f"`pathway` must be one of {', '.join(served)}; got {pathway!r}.")

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[PreviewView, str | None]:
        site = uow.sites.get(sender.site)
        assert site is not None, "credentials are of a site"
        previewer = Previewer(app.shelf, site, app.clock.now(), days, pathway)
        found = uow.patients.page(site.id, after=after, limit=limit + 1)
        for patient in found[:limit]:
            previewer.look(uow, patient)
        view = preview_view(previewer.preview())
        if sender.role == Role.ADMIN:
            view = view.model_copy(update={"reminders": ()})
        return view, found[limit - 1].id if len(found) > limit else None

    view, following = await by.read(ask, lambda found: sorted({one.patient for one in found[0].reminders}))
    headers = link_to(request, following, limit)
    return sent(view, 200, headers)

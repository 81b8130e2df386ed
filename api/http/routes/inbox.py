"""What the signed-in person was told, and how it stands."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.http.action_ids import action_id
from api.http.calls import By
from api.http.pages import Page, before_of, link_to, place_of
from api.http.responses import sent
from engine.core.result import View
from engine.ports import UnitOfWork
from engine.services.inbox import Notice, inbox
from engine.services.patients import Sender
from engine.services.standing import Entry

router = APIRouter(prefix="/v1", tags=["working"])


class ChoiceView(View):
    """A treatment option that is open."""

    action_id: str
    title: str


class NoticeEntryView(View):
    """One thing somebody was told of, and how it stands now."""

    kind: str
    """`review`, `action` or `channel`."""
    subject: str
    """Id of the review or action in the pathway; `options` for the treatment options of a state together.

    For `channel`, the id of the channel on which messages could not be delivered.
    """
    title: str
    due: date
    """For an action the day it opened, for options the day the state was entered."""
    step: str
    open: bool
    acknowledged: datetime | None
    snoozed_until: date | None
    not_done: str | None
    review_id: str | None
    """Names the review in other calls; None for what is none."""
    action_id: str | None
    """Names the action in other calls; None for what is none."""
    choices: tuple[ChoiceView, ...]
    """For options, those that are open."""


class NoticeView(View):
    """All that somebody was told of a patient at once."""

    id: str
    patient: str
    pathway: str
    created: datetime
    urgent: bool
    entries: tuple[NoticeEntryView, ...]


def entry_view(entry: Entry) -> NoticeEntryView:
    """Return an entry as shown."""
    told, key = entry.told, entry.key
    return NoticeEntryView(
        kind=told.kind,
        subject=told.subject,
        title=entry.title,
        due=told.due,
        step=told.step,
        open=entry.open,
        acknowledged=entry.acknowledged,
        snoozed_until=entry.snoozed_until,
        not_done=entry.not_done,
        review_id=action_id(key) if key is not None and told.kind == "review" else None,
        action_id=action_id(key) if key is not None and told.kind == "action" else None,
        choices=tuple(ChoiceView(action_id=action_id(c.key), title=c.title) for c in entry.choices),
    )


def notice_view(notice: Notice) -> NoticeView:
    """Return a notice as shown."""
    return NoticeView(
        id=notice.id,
        patient=notice.patient,
        pathway=notice.pathway,
        created=notice.created,
        urgent=notice.urgent,
        entries=tuple(map(entry_view, notice.entries)),
    )


@router.get("/inbox", response_model=Page[NoticeView])
async def show_inbox(
    request: Request,
    by: By,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Response:
    """What you were told about patients of the site, newest first, also when no message reached you.

    Each entry says how it stands now; `review_id` and `action_id` are those of the calls of work notes.
    """
    before, app = before_of(cursor), by.application

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[Notice, ...]:
        return inbox(uow, app.shelf, app.clock, sender, before=before, limit=limit + 1)

    found = await by.read(ask, lambda found: dict.fromkeys(notice.patient for notice in found[:limit]))
    last = found[limit - 1] if len(found) > limit else None
    headers = link_to(request, None if last is None else place_of(last.created, last.id), limit)
    return sent(Page[NoticeView](items=tuple(map(notice_view, found[:limit]))), 200, headers)

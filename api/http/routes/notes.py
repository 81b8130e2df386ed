"""What somebody did about an open action or a review: seen, put off, not done."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.http.action_ids import action_id, action_key, topic_of
from api.http.body import json_of
from api.http.calls import By
from api.http.etags import REVISION, etag, expected_revision
from api.http.note_views import NoteView
from api.http.people_shapes import NOT_DONE, SEEN, SNOOZE
from api.http.responses import sent
from api.http.shapes import Shape, shaped
from engine.core import notes
from engine.ports import UnitOfWork
from engine.services.noting import Act, note
from engine.services.patients import Sender

router = APIRouter(prefix="/v1", tags=["working"])


async def noted(request: Request, by: By, kind: str, subject: str, what: str, shape: Shape) -> Response:
    """Note what was done, and answer with the note and the patient's ETag."""
    body: dict[str, Any] = shaped(await json_of(request), shape)
    expected = expected_revision(request, needed=True)
    act = Act(what, body.get("reason"), body.get("until"))
    asker = by.application.asker

    def ask(uow: UnitOfWork, sender: Sender) -> NoteView:
        key = action_key(subject)
        found = note(uow, asker, topic_of(kind, key), act, sender, expected=expected)
        return NoteView(
            id=action_id(key),
            patient=key.patient,
            revision=found.revision,
            note=found.note.note,
            reason=found.note.reason,
            until=found.note.until,
            at=found.note.instant,
            by=found.note.author,
        )

    return await by.answer(ask, lambda view: sent(view, tag=etag(view.revision)))


@router.post("/actions/{action}/acknowledge", response_model=NoteView, openapi_extra=SEEN.body | REVISION)
async def acknowledge_action(action: str, request: Request, by: By) -> Response:
    """Say that an open action was seen; an urgent one is then not repeated. Needs `If-Match`."""
    return await noted(request, by, "action", action, notes.ACKNOWLEDGE, SEEN)


@router.post("/actions/{action}/snooze", response_model=NoteView, openapi_extra=SNOOZE.body | REVISION)
async def snooze_action(action: str, request: Request, by: By) -> Response:
    """Remind nobody of an open action until a day, 14 at most, one if it is urgent. Needs `If-Match`."""
    return await noted(request, by, "action", action, notes.SNOOZE, SNOOZE)


@router.post("/actions/{action}/not-done", response_model=NoteView, openapi_extra=NOT_DONE.body | REVISION)
async def action_not_done(action: str, request: Request, by: By) -> Response:
    """Say why an open action was not done; it stays open. Needs `If-Match`."""
    return await noted(request, by, "action", action, notes.NOT_DONE, NOT_DONE)


@router.post("/reviews/{review}/acknowledge", response_model=NoteView, openapi_extra=SEEN.body | REVISION)
async def acknowledge_review(review: str, request: Request, by: By) -> Response:
    """Say that a review was seen; `review` is the `review_id` of a call of reviews. Needs `If-Match`."""
    return await noted(request, by, "review", review, notes.ACKNOWLEDGE, SEEN)


@router.post("/reviews/{review}/snooze", response_model=NoteView, openapi_extra=SNOOZE.body | REVISION)
async def snooze_review(review: str, request: Request, by: By) -> Response:
    """Remind nobody of a review until a day, 14 at most. Needs `If-Match`."""
    return await noted(request, by, "review", review, notes.SNOOZE, SNOOZE)


@router.post("/reviews/{review}/not-done", response_model=NoteView, openapi_extra=NOT_DONE.body | REVISION)
async def review_not_done(review: str, request: Request, by: By) -> Response:
    """Say why a review was not done; only data satisfy it. Needs `If-Match`."""
    return await noted(request, by, "review", review, notes.NOT_DONE, NOT_DONE)

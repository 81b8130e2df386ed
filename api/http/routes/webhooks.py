"""Webhooks: other systems are told what happens at a site, and see what became of each message."""

from asyncio import to_thread
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.http.body import json_of
from api.http.calls import Ask, By, Caller
from api.http.pages import Page, before_of, link_to, place_of
from api.http.responses import made, sent
from api.http.shapes import SHORT, Shape, shaped
from engine.core.channels import WEBHOOK, Channel
from engine.core.dispatches import Dispatch
from engine.core.result import View
from engine.core.values import Frozen
from engine.ports import UnitOfWork
from engine.services.channels import Draft, checked
from engine.services.patients import Sender
from engine.services.webhooks import (
    change_webhook,
    enable_webhook,
    open_webhook,
    remove_webhook,
    resend,
    rotate_webhook,
    webhook_of,
)

router = APIRouter(prefix="/v1/webhooks", tags=["telling"])

LONGEST_URL = 2000


class WebhookBody(Frozen):
    """A webhook to set up."""

    url: str = Field(max_length=LONGEST_URL)
    label: str = Field(max_length=SHORT)
    events: tuple[str, ...] = Field(default=(), max_length=SHORT)
    """Kinds of messages; all if there are none."""


class WebhookChange(Frozen):
    """What to change about a webhook; what is left out stays."""

    label: str = Field(default="", max_length=SHORT)
    events: tuple[str, ...] = Field(default=(), max_length=SHORT)


WEBHOOK_BODY = Shape(
    WebhookBody,
    {"url": "https://hospital.example/careway", "label": "data warehouse", "events": ["step.added"]},
)
WEBHOOK_CHANGE = Shape(WebhookChange, {"events": ["step.added", "step.superseded"]}, partial=True)


class WebhookView(View):
    """A webhook, without its secret."""

    id: str
    url: str
    label: str
    events: tuple[str, ...]
    """Kinds of messages; all if there are none."""
    created: datetime
    rotated: datetime | None
    disabled: datetime | None
    """None while messages are sent to it."""
    why: str | None
    """Why it was shut: `removed`, `gone` (410) or `failing` (for three days)."""


class NewSecret(View):
    """A webhook with its new secret, which cannot be shown again."""

    secret: str
    webhook: WebhookView


class AttemptView(View):
    """One attempt to send a message."""

    number: int
    instant: datetime
    outcome: str


class SentView(View):
    """A message on its way to a webhook, or what became of it."""

    id: str
    """The `webhook-id` its receiver sees."""
    type: str
    """The kind of message."""
    created: datetime
    sent: datetime | None
    gave_up: datetime | None
    next_at: datetime | None
    """When it is tried next; None once it was sent or given up."""
    outcome: str | None
    """Code of the newest attempt, or why it was given up untried."""
    attempts: tuple[AttemptView, ...]


def webhook_view(webhook: Channel) -> WebhookView:
    """Return a webhook as shown."""
    alike = WebhookView.model_fields.keys() - {"url"}
    return WebhookView(url=webhook.address, **{name: getattr(webhook, name) for name in alike})


def sent_view(uow: UnitOfWork, dispatch: Dispatch) -> SentView:
    """Return a message on its way as shown; by its kind, for its key would name the patient."""
    message = uow.outbox.get(str(dispatch.outbox))
    assert message is not None, "messages are never removed"
    attempts = tuple(
        AttemptView(number=a.number, instant=a.instant, outcome=a.outcome)
        for a in uow.dispatches.attempts(dispatch.id)
    )
    alike = SentView.model_fields.keys() - {"type", "attempts"}
    return SentView(type=message.kind, attempts=attempts, **{name: getattr(dispatch, name) for name in alike})


def one(webhook: str) -> Ask[WebhookView]:
    """Return the question after a webhook of the caller's site."""
    return lambda uow, sender: webhook_view(webhook_of(uow, webhook, sender.site))


def with_secret(by: Caller, webhook: Channel) -> NewSecret:
    """Return a webhook with its newest secret."""
    secret = by.application.secret_of(webhook.id, webhook.secret)
    return NewSecret(secret=secret, webhook=webhook_view(webhook))


@router.get("", response_model=Page[WebhookView])
async def list_webhooks(by: By) -> Response:
    """List the webhooks of the caller's site, those that were shut included."""

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[WebhookView, ...]:
        return tuple(map(webhook_view, uow.channels.webhooks(sender.site)))

    return sent(Page[WebhookView](items=await by.read(ask)))


@router.post("", status_code=201, response_model=NewSecret, openapi_extra=WEBHOOK_BODY.body)
async def make_webhook(request: Request, by: By) -> Response:
    """Set up a webhook; its secret is shown this once. Its address is one everybody can reach, by https."""
    draft = await draft_of(by, shaped(await json_of(request), WEBHOOK_BODY))
    return await by.answer(opening(by, draft), made, secret=True)


async def draft_of(by: Caller, body: dict[str, Any]) -> Draft:
    """Return a webhook as a body of the shape wishes it, checked outside any transaction.

    Raises:
        MessageRefused: with everything that cannot be used.
    """
    await by.admit()  # or anybody could have us look up names
    wished = Draft(WEBHOOK, body["url"], body["label"], events=tuple(body["events"]))
    return await to_thread(checked, wished, by.application.addresses, (WEBHOOK,), "/url")


def opening(by: Caller, draft: Draft) -> Ask[NewSecret]:
    """Return the command that sets up a webhook at the sender's site, and gives it with its secret."""
    app = by.application

    def ask(uow: UnitOfWork, sender: Sender) -> NewSecret:
        now, randomness = app.clock.now(), app.randomness
        made = open_webhook(uow, draft, sender.site, by=sender.author, now=now, randomness=randomness)
        return with_secret(by, made)

    return ask


@router.get("/{webhook}", response_model=WebhookView)
async def show_webhook(webhook: str, by: By) -> Response:
    """Show a webhook."""
    return sent(await by.read(one(webhook)))


@router.patch("/{webhook}", response_model=WebhookView, openapi_extra=WEBHOOK_CHANGE.body)
async def alter_webhook(webhook: str, request: Request, by: By) -> Response:
    """Change label and kinds of messages, for what happens from now on."""
    wishes, clock = shaped(await json_of(request), WEBHOOK_CHANGE), by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> WebhookView:
        found = webhook_of(uow, webhook, sender.site, hold=True)
        return webhook_view(change_webhook(uow, found, wishes, by=sender.author, now=clock.now()))

    return await by.answer(ask, sent, of=one(webhook))


@router.delete("/{webhook}", response_model=WebhookView)
async def retire_webhook(webhook: str, by: By) -> Response:
    """Remove a webhook for good; what waits for it is not sent any more."""
    clock = by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> WebhookView:
        found = webhook_of(uow, webhook, sender.site, hold=True)
        return webhook_view(remove_webhook(uow, found, by=sender.author, now=clock.now()))

    return await by.answer(ask, sent, of=one(webhook))


@router.post("/{webhook}/rotate", response_model=NewSecret)
async def rotate_secret(webhook: str, by: By) -> Response:
    """Give a webhook a new secret, shown this once; the one before goes on signing beside it for a day."""
    clock = by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> NewSecret:
        found = webhook_of(uow, webhook, sender.site, hold=True)
        return with_secret(by, rotate_webhook(uow, found, by=sender.author, now=clock.now()))

    return await by.answer(ask, sent, secret=True)


@router.post("/{webhook}/enable", response_model=WebhookView)
async def reopen_webhook(webhook: str, by: By) -> Response:
    """Have messages sent again to a webhook that was shut by itself; those of meanwhile can be resent."""
    clock = by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> WebhookView:
        found = webhook_of(uow, webhook, sender.site, hold=True)
        return webhook_view(enable_webhook(uow, found, by=sender.author, now=clock.now()))

    return await by.answer(ask, sent)


@router.get("/{webhook}/deliveries", response_model=Page[SentView])
async def deliveries(
    webhook: str,
    request: Request,
    by: By,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Response:
    """What was sent to a webhook, newest first: each message with its attempts and when it is tried next."""
    before = before_of(cursor)

    def ask(uow: UnitOfWork, sender: Sender) -> list[SentView]:
        found = webhook_of(uow, webhook, sender.site)
        return [sent_view(uow, one) for one in uow.dispatches.on(found.id, before=before, limit=limit + 1)]

    found = await by.read(ask)
    last = found[limit - 1] if len(found) > limit else None
    headers = link_to(request, None if last is None else place_of(last.created, last.id), limit)
    return sent(Page[SentView](items=tuple(found[:limit])), 200, headers)


@router.post("/{webhook}/deliveries/{delivery}/resend", response_model=SentView)
async def resend_delivery(webhook: str, delivery: str, by: By) -> Response:
    """Have a message sent again, under the same `webhook-id`; what waits anyway stays as it is."""
    clock = by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> SentView:
        found = webhook_of(uow, webhook, sender.site, hold=True)
        return sent_view(uow, resend(uow, found, delivery, by=sender.author, now=clock.now()))

    return await by.answer(ask, sent)

"""Webhooks of the site: other systems that hear what happens, and what became of each message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.http.calls import By, Caller
from api.http.pages import before_of, link_of, place_of
from api.http.routes.webhooks import (
    WEBHOOK_BODY,
    WEBHOOK_CHANGE,
    NewSecret,
    draft_of,
    opening,
    sent_view,
    with_secret,
)
from api.http.shapes import shaped
from api.web import words
from api.web.choices import Choice
from api.web.forms import Form, form_in
from api.web.frame import show
from api.web.refusals import says
from api.web.settings import Once, tabs
from engine.core.channels import Channel
from engine.core.dispatches import Dispatch
from engine.core.kept import MESSAGE_KINDS
from engine.errors import CarewayError
from engine.ports import UnitOfWork
from engine.services.patients import Sender, time_zone
from engine.services.webhooks import (
    change_webhook,
    enable_webhook,
    remove_webhook,
    resend,
    rotate_webhook,
    webhook_of,
)

router = APIRouter(prefix="/settings/webhooks", include_in_schema=False)

HERE = "/settings/webhooks"
PAGE = 50
WHY = {"gone": "its receiver said it is gone", "failing": "nothing arrived for three days"}


@dataclass(frozen=True, slots=True)
class WebhookLine:
    """A webhook that was not removed."""

    id: str
    label: str
    url: str
    hears: str
    kinds: tuple[Choice, ...]
    """Every kind of message, with those it is sent chosen."""
    shut: str
    """Why it was shut by itself; nothing while it is sent messages."""


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """A message, and what became of it."""

    id: str
    kind: str
    created: str
    status: str
    attempts: tuple[str, ...]
    failed: bool


def line_of(webhook: Channel) -> WebhookLine:
    """Return a webhook as shown."""
    return WebhookLine(
        webhook.id,
        webhook.label,
        webhook.address,
        ", ".join(webhook.events) or "everything",
        kinds(webhook.events),
        "" if webhook.why is None else WHY.get(webhook.why, webhook.why),
    )


def kinds(chosen: tuple[str, ...]) -> tuple[Choice, ...]:
    """Return the kinds of messages, some of which are chosen."""
    return tuple(Choice(kind, kind, kind in chosen) for kind in MESSAGE_KINDS)


@router.get("")
async def list_webhooks(by: By) -> Response:
    """Show the webhooks of the site, and the form by which one is added."""
    return await _shown(by)


async def _shown(
    by: Caller, filled: Form | None = None, error: CarewayError | None = None, once: Once | None = None
) -> Response:
    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        form = filled or Form(())
        found = uow.channels.webhooks(sender.site)
        return {
            "tabs": tabs(sender, HERE),
            "problems": says(error),
            "once": once,
            "filled": form,
            "opened": filled is not None,
            "webhooks": [line_of(each) for each in found if each.why != "removed"],
            "kinds": kinds(form.all("events")),
            "patients": (),
        }

    status = HTTPStatus.OK if error is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return await show(by, "webhooks", ask, status)


def _secret(made: NewSecret) -> Once:
    told = "The receiver checks signatures with it. Keep it now: it cannot be shown again."
    return Once(f"Secret of {made.webhook.label}", made.secret, told)


@router.post("")
async def add_webhook(request: Request, by: By) -> Response:
    """Set up a webhook, and show its secret this once."""
    form = await form_in(request)
    if form.again:
        return await _shown(by, form)
    told = {"url": form["url"], "label": form["label"], "events": list(form.all("events"))}
    try:
        draft = await draft_of(by, shaped(told, WEBHOOK_BODY))
        made = await by.write(opening(by, draft))
    except CarewayError as error:
        return await _shown(by, form, error)
    return await _shown(by, once=_secret(made))


@router.get("/{webhook}")
async def show_deliveries(webhook: str, request: Request, by: By, cursor: str | None = None) -> Response:
    """Show what was sent to a webhook, newest first, and how that went."""
    before = before_of(cursor)

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        found, zone = webhook_of(uow, webhook, sender.site), time_zone(uow, sender.site)
        sent = uow.dispatches.on(found.id, before=before, limit=PAGE + 1)
        last = sent[PAGE - 1] if len(sent) > PAGE else None
        return {
            "tabs": tabs(sender, HERE),
            "webhook": line_of(found),
            "deliveries": [_delivery(uow, each, zone) for each in sent[:PAGE]],
            "beginning": before is not None,
            "following": "" if last is None else link_of(request, place_of(last.created, last.id)),
            "patients": (),
        }

    return await show(by, "deliveries", ask)


def _delivery(uow: UnitOfWork, dispatch: Dispatch, zone: tzinfo) -> DeliveryLine:
    view = sent_view(uow, dispatch)
    if view.sent is not None:
        status = f"arrived {words.moment(view.sent, zone)}"
    elif view.gave_up is not None:
        status = f"given up {words.moment(view.gave_up, zone)}"
    else:
        status = "on its way" if view.next_at is None else f"tried next {words.moment(view.next_at, zone)}"
    return DeliveryLine(
        view.id,
        view.type,
        words.moment(view.created, zone),
        status,
        tuple(f"{words.moment(a.instant, zone)}: {a.outcome}" for a in view.attempts),
        view.gave_up is not None,
    )


Change = Callable[..., object]
"""What is done about a webhook: takes the transaction, the webhook, `by` and `now`."""


async def _changed(by: Caller, webhook: str, change: Change) -> Channel:
    clock = by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> Channel:
        found = webhook_of(uow, webhook, sender.site, hold=True)
        change(uow, found, by=sender.author, now=clock.now())
        return webhook_of(uow, webhook, sender.site)

    return await by.write(ask)


def back(webhook: str = "") -> Response:
    """Lead back to the webhooks, or to one of them."""
    return RedirectResponse(f"{HERE}/{webhook}" if webhook else HERE, HTTPStatus.SEE_OTHER)


@router.post("/{webhook}")
async def alter_webhook(webhook: str, request: Request, by: By) -> Response:
    """Change label and kinds of messages of a webhook."""
    form = await form_in(request)
    wishes = shaped({"label": form["label"], "events": list(form.all("events"))}, WEBHOOK_CHANGE)
    await _changed(by, webhook, lambda uow, found, **at: change_webhook(uow, found, wishes, **at))
    return back()


@router.post("/{webhook}/rotate")
async def rotate_secret(webhook: str, request: Request, by: By) -> Response:
    """Give a webhook a new secret, shown this once; the one before goes on signing beside it for a day."""
    await form_in(request)
    found = await _changed(by, webhook, rotate_webhook)
    return await _shown(by, once=_secret(with_secret(by, found)))


@router.post("/{webhook}/enable")
async def reopen_webhook(webhook: str, request: Request, by: By) -> Response:
    """Have messages sent again to a webhook that was shut by itself."""
    await form_in(request)
    await _changed(by, webhook, enable_webhook)
    return back()


@router.post("/{webhook}/remove")
async def retire_webhook(webhook: str, request: Request, by: By) -> Response:
    """Remove a webhook for good; what waits for it is not sent any more."""
    await form_in(request)
    await _changed(by, webhook, remove_webhook)
    return back()


@router.post("/{webhook}/deliveries/{delivery}/resend")
async def resend_message(webhook: str, delivery: str, request: Request, by: By) -> Response:
    """Have a message sent again."""
    await form_in(request)
    await _changed(by, webhook, lambda uow, found, **at: resend(uow, found, delivery, **at))
    return back(webhook)

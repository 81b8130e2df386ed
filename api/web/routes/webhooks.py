"""Webhooks of the site: other systems that hear what happens, and what became of each message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from fastapi import APIRouter, Request, Response

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
from api.web.forms import Form
from api.web.frame import show
from api.web.settings import Once, tabs
from api.web.settling import Sent, SettingsPage
from engine.core.channels import Channel
from engine.core.dispatches import Dispatch
from engine.core.kept import MESSAGE_KINDS
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
    called: str
    """Its label as it is, or as it was typed to change it."""
    kinds: tuple[Choice, ...]
    """Every kind of message, with those chosen it is sent, or were typed."""
    opened: bool
    """Whether somebody is about to change it."""
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


def line_of(webhook: Channel, typed: Form | None = None) -> WebhookLine:
    """Return a webhook as shown, with what was typed to change it."""
    return WebhookLine(
        webhook.id,
        webhook.label,
        webhook.address,
        ", ".join(webhook.events) or "everything",
        webhook.label if typed is None else typed["label"],
        kinds(webhook.events if typed is None else typed.all("events")),
        typed is not None,
        "" if webhook.why is None else WHY.get(webhook.why, webhook.why),
    )


def kinds(chosen: tuple[str, ...]) -> tuple[Choice, ...]:
    """Return the kinds of messages, some of which are chosen."""
    return tuple(Choice(kind, kind, kind in chosen) for kind in MESSAGE_KINDS)


def _values(_: Caller, uow: UnitOfWork, sender: Sender, sent: Sent) -> Mapping[str, object]:
    typed = sent.to(HERE)
    new = typed or Form(())
    return {
        "filled": new,
        "opened": typed is not None,
        "webhooks": [
            line_of(each, sent.to(f"{HERE}/{each.id}"))
            for each in uow.channels.webhooks(sender.site)
            if each.why != "removed"
        ],
        "kinds": kinds(new.all("events")),
    }


SHEET = SettingsPage("webhooks", HERE, _values)


@router.get("")
async def list_webhooks(by: By) -> Response:
    """Show the webhooks of the site, and the form by which one is added."""
    return await SHEET.shown(by)


def _secret(made: NewSecret) -> Once:
    told = "The receiver checks signatures with it. Keep it now: it cannot be shown again."
    return Once(f"Secret of {made.webhook.label}", made.secret, told)


@router.post("")
async def add_webhook(by: By) -> Response:
    """Set up a webhook, and show its secret this once."""

    async def do(form: Form) -> Once:
        told = {"url": form["url"], "label": form["label"], "events": list(form.all("events"))}
        draft = await draft_of(by, shaped(told, WEBHOOK_BODY))
        return _secret(await by.write(opening(by, draft)))

    return await SHEET.taken(by, do)


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


@router.post("/{webhook}")
async def alter_webhook(webhook: str, by: By) -> Response:
    """Change label and kinds of messages of a webhook."""

    async def do(form: Form) -> None:
        wishes = shaped({"label": form["label"], "events": list(form.all("events"))}, WEBHOOK_CHANGE)
        await _changed(by, webhook, lambda uow, found, **at: change_webhook(uow, found, wishes, **at))

    return await SHEET.taken(by, do)


@router.post("/{webhook}/rotate")
async def rotate_secret(webhook: str, by: By) -> Response:
    """Give a webhook a new secret, shown this once; the one before goes on signing beside it for a day."""

    async def do(_: Form) -> Once:
        return _secret(with_secret(by, await _changed(by, webhook, rotate_webhook)))

    return await SHEET.taken(by, do)


@router.post("/{webhook}/enable")
async def reopen_webhook(webhook: str, by: By) -> Response:
    """Have messages sent again to a webhook that was shut by itself."""

    async def do(_: Form) -> None:
        await _changed(by, webhook, enable_webhook)

    return await SHEET.taken(by, do)


@router.post("/{webhook}/remove")
async def retire_webhook(webhook: str, by: By) -> Response:
    """Remove a webhook for good; what waits for it is not sent any more."""

    async def do(_: Form) -> None:
        await _changed(by, webhook, remove_webhook)

    return await SHEET.taken(by, do)


@router.post("/{webhook}/deliveries/{delivery}/resend")
async def resend_message(webhook: str, delivery: str, by: By) -> Response:
    """Have a message sent again."""

    async def do(_: Form) -> None:
        await _changed(by, webhook, lambda uow, found, **at: resend(uow, found, delivery, **at))

    return await SHEET.taken(by, do, f"{HERE}/{webhook}")

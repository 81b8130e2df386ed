"""Webhooks of a site: where other systems are told what happens, which messages, and what became of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.core.channels import WEBHOOK, Channel
from engine.core.dispatches import Dispatch
from engine.core.kept import AuditEntry, Author
from engine.errors import ChannelShut, NotFound
from engine.ports import Randomness, UnitOfWork
from engine.services.channels import Draft, add, changed_as, channel_from
from engine.services.delivering import shut
from engine.services.sites import CHAIN

FAILED = ("failing", "gone")
"""Reasons for which a webhook was shut by itself; it can be opened again."""


def open_webhook(
    uow: UnitOfWork, draft: Draft, site: str, *, by: Author, now: datetime, randomness: Randomness
) -> Channel:
    """Return a new webhook of a site, which is told what happens from now on.

    Raises:
        AlreadyThere: the site has one with this address.
        MessageRefused: there are as many webhooks as there can be.
    """
    made = channel_from(uow, draft, site, now, randomness)
    add(uow, made, uow.channels.open_webhooks(site))
    _note(uow, "open webhook", made, by, now)
    return made


def webhook_of(uow: UnitOfWork, webhook: str, site: str, *, hold: bool = False) -> Channel:
    """Return a webhook of a site; with `hold`, nobody else changes it before the transaction ends.

    Raises:
        NotFound: there is none; also when it is another site's.
    """
    found = uow.channels.hold(webhook) if hold else uow.channels.get(webhook)
    if found is None or found.kind != WEBHOOK or found.site != site:
        raise NotFound("webhook", webhook)
    return found


def change_webhook(
    uow: UnitOfWork, webhook: Channel, wishes: Mapping[str, Any], *, by: Author, now: datetime
) -> Channel:
    """Return a webhook with another label or other kinds of messages, for what happens from now on.

    Raises:
        ChannelShut: nothing is sent to it any more.
        MessageRefused: a wish cannot be met.
    """
    changed = changed_as(uow, webhook, wishes)
    if changed != webhook:
        uow.channels.save(changed)
        _note(uow, "change webhook", changed, by, now)
    return changed


def rotate_webhook(uow: UnitOfWork, webhook: Channel, *, by: Author, now: datetime) -> Channel:
    """Return a webhook with a new secret; the one before goes on signing beside it for a day.

    Raises:
        ChannelShut: nothing is sent to it any more.
    """
    if webhook.why is not None:
        raise ChannelShut(webhook.why)
    changed = replace(webhook, secret=webhook.secret + 1, rotated=now)
    uow.channels.save(changed)
    _note(uow, "rotate webhook", changed, by, now)
    return changed


def enable_webhook(uow: UnitOfWork, webhook: Channel, *, by: Author, now: datetime) -> Channel:
    """Return a webhook that failed as open again; what happened meanwhile is not sent, unless it is resent.

    Raises:
        ChannelShut: somebody removed it.
    """
    if webhook.open:
        return webhook
    if webhook.why not in FAILED:
        raise ChannelShut(str(webhook.why))
    changed = replace(webhook, disabled=None, why=None)
    uow.channels.save(changed)
    _note(uow, "enable webhook", changed, by, now)
    return changed


def remove_webhook(uow: UnitOfWork, webhook: Channel, *, by: Author, now: datetime) -> Channel:
    """Shut a webhook for good and give up whatever waits for it; one that was removed stays as it is."""
    if webhook.why == "removed":
        return webhook
    if not webhook.open:
        removed = replace(webhook, disabled=now, why="removed")
        uow.channels.save(removed)
    else:
        removed = shut(uow, webhook.id, "removed", now)
    _note(uow, "remove webhook", removed, by, now)
    return removed


def resend(uow: UnitOfWork, channel: Channel, dispatch: str, *, by: Author, now: datetime) -> Dispatch:
    """Have what was sent or given up on a channel tried again; what waits anyway stays as it is.

    What was tried as often as anything is tried by itself gets one attempt more.

    Raises:
        ChannelShut: nothing is sent on the channel any more.
        NotFound: nothing of this id was put on the channel.
    """
    found = uow.dispatches.get(dispatch)
    if found is None or found.channel != channel.id:
        raise NotFound("delivery", dispatch)
    if channel.why is not None:
        raise ChannelShut(channel.why)
    if uow.dispatches.resend(dispatch, now):
        body = {"channel": channel.id, "dispatch": dispatch}
        uow.audit.append(CHAIN, AuditEntry(now, by, "resend", body))
    again = uow.dispatches.get(dispatch)
    assert again is not None, "it was there"
    return again


def _note(uow: UnitOfWork, act: str, webhook: Channel, by: Author, now: datetime) -> None:
    """Note what was done about a webhook, without its address, which may hold a secret of the receiver."""
    body = {"site": webhook.site, "channel": webhook.id, "secret": webhook.secret}
    uow.audit.append(CHAIN, AuditEntry(now, by, act, body))

"""Channels as somebody wishes them: checked, kept beside the others, and changed.

What a draft says is checked before the transaction, because that may ask the network.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from engine.core.channels import Channel
from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.kept import MESSAGE_KINDS
from engine.errors import AlreadyThere, CarewayError, ChannelShut, MessageRefused, NotFound, Problem
from engine.ports import Addresses, Randomness, UnitOfWork
from engine.services.patients import time_zone

MOST = 20
"""Open channels of one person, patient or site."""
LONGEST_LABEL = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """A channel as somebody wishes it."""

    kind: str
    address: str
    label: str
    time_zone: str | None = None
    """IANA name; None for the site's."""
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_at: time | None = None
    events: tuple[str, ...] = ()
    """Kinds of messages, for a webhook."""


def checked(draft: Draft, addresses: Addresses, kinds: Collection[str], pointer: str = "/address") -> Draft:
    """Return a draft with its address as it is to be kept.

    Args:
        draft: what is wished.
        addresses: knows which can be used; it may ask the network.
        kinds: of which the channel has to be one.
        pointer: where the address was sent.

    Raises:
        MessageRefused: with everything that cannot be used.
    """
    problems = list(_problems(draft))
    if draft.kind not in kinds:
        text = f"A channel here is of the kind {' or '.join(kinds)}; got {draft.kind!r}."
        if not kinds:
            text = "Nothing is sent to people here: the settings name neither a mail server nor a gateway."
        raise MessageRefused((*problems, Problem("/kind", "unknown-kind", text)))
    try:
        address = addresses.checked(draft.kind, draft.address)
    except CarewayError as error:
        raise MessageRefused((*problems, Problem(pointer, error.code, str(error)))) from None
    if problems:
        raise MessageRefused(tuple(problems))
    return replace(draft, address=address)


def held_channel(uow: UnitOfWork, channel: str) -> Channel:
    """Return a channel that nobody else changes before the transaction ends; raises `NotFound`."""
    found = uow.channels.hold(channel)
    if found is None:
        raise NotFound("channel", channel)
    return found


def channel_from(uow: UnitOfWork, draft: Draft, site: str, now: datetime, randomness: Randomness) -> Channel:
    """Return a channel of a site as a checked draft wishes it, of nobody yet."""
    return Channel(
        uuid7(now, randomness.draw(RANDOM_BYTES)),
        site,
        draft.kind,
        draft.address,
        draft.label.strip(),
        now,
        time_zone=draft.time_zone or str(time_zone(uow, site)),
        quiet_from=draft.quiet_from,
        quiet_until=draft.quiet_until,
        digest_at=draft.digest_at,
        events=tuple(dict.fromkeys(draft.events)),
    )


def add(uow: UnitOfWork, channel: Channel, beside: Collection[Channel]) -> None:
    """Keep a new channel beside the open ones of the same person, patient or site.

    Raises:
        AlreadyThere: one of them has the same address.
        MessageRefused: there are as many as there can be.
    """
    same = next((c for c in beside if (c.kind, c.address) == (channel.kind, channel.address)), None)
    if same is not None:
        raise AlreadyThere("channel with the address", same.address)
    if len(beside) >= MOST:
        text = f"There are {MOST} channels, which is as many as there can be. Remove one of them first."
        raise MessageRefused((Problem("", "too-many-channels", text),))
    uow.channels.add(channel)


def changed_as(uow: UnitOfWork, channel: Channel, wishes: Mapping[str, Any]) -> Channel:
    """Return an open channel with other wishes, not yet kept; raises `ChannelShut`, `MessageRefused`."""
    if channel.why is not None:
        raise ChannelShut(channel.why)
    if "time_zone" in wishes:
        wishes = {**wishes, "time_zone": wishes["time_zone"] or str(time_zone(uow, channel.site))}
    changed = replace(channel, **wishes)
    if problems := tuple(_problems(changed)):
        raise MessageRefused(problems)
    return replace(changed, label=changed.label.strip(), events=tuple(dict.fromkeys(changed.events)))


def _problems(wished: Draft | Channel) -> Iterator[Problem]:
    begin, end = wished.quiet_from, wished.quiet_until
    if not (0 < len(wished.label.strip()) <= LONGEST_LABEL and wished.label.isprintable()):
        yield Problem("/label", "bad-name", f"A label is 1 to {LONGEST_LABEL} printable characters.")
    if (begin is None) != (end is None):
        text = "Quiet hours have a beginning and an end: send both, or null for both."
        yield Problem("/quiet_from" if begin is None else "/quiet_until", "bad-quiet-hours", text)
    elif begin is not None and begin == end:
        text = "Quiet hours that end when they begin are none. Send null for both to have none."
        yield Problem("/quiet_until", "bad-quiet-hours", text)
    for place, event in enumerate(wished.events):
        if event not in MESSAGE_KINDS:
            text = f"A message is of the kind {', '.join(MESSAGE_KINDS)}; got {event!r}."
            yield Problem(f"/events/{place}", "unknown-kind", text)

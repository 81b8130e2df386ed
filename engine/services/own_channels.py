"""Channels of people: what somebody is told on, and when; for good until removed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.core.channels import Channel
from engine.core.kept import Author
from engine.core.people import Person
from engine.errors import NotFound
from engine.ports import Randomness, UnitOfWork
from engine.services.channels import Draft, add, changed_as, channel_from, held_channel
from engine.services.delivering import shut
from engine.services.people import held, note


def open_for_person(
    uow: UnitOfWork,
    draft: Draft,
    person: Person,
    site: str,
    *,
    by: Author,
    now: datetime,
    randomness: Randomness,
) -> Channel:
    """Open a channel on which a person is told from now on.

    Raises:
        AlreadyThere: the person is told at this address already.
        MessageRefused: the person has as many channels as anybody can have.
    """
    held(uow, person.id)
    made = replace(channel_from(uow, draft, site, now, randomness), person=person.id)
    add(uow, made, uow.channels.open_of_person(person.id))
    note(uow, "open channel", person, by, now, channel=made.id, kind=made.kind)
    return made


def channel_of(
    uow: UnitOfWork, channel: str, person: Person, site: str | None = None, *, hold: bool = False
) -> Channel:
    """Return a channel of a person; with `site`, one made there.

    Args:
        uow: the transaction.
        channel: id of the channel.
        person: whose it is.
        site: where it was made; None for anywhere.
        hold: nobody else changes it meanwhile.

    Raises:
        NotFound: there is none; also when it is somebody else's.
    """
    found = held_channel(uow, channel) if hold else uow.channels.get(channel)
    if found is None or found.person != person.id or site not in (None, found.site):
        raise NotFound("channel", channel)
    return found


def change_for_person(
    uow: UnitOfWork, channel: Channel, person: Person, wishes: Mapping[str, Any], *, by: Author, now: datetime
) -> Channel:
    """Return a person's channel with other wishes, which hold for what is told from now on.

    Args:
        uow: the transaction.
        channel: whose row is held.
        person: whose it is.
        wishes: new values by the names of a draft's fields; what is left out stays.
        by: who changes it.
        now: the present instant.

    Raises:
        ChannelShut: nothing is sent on it any more.
        MessageRefused: a wish cannot be met.
    """
    changed = changed_as(uow, channel, wishes)
    if changed != channel:
        uow.channels.save(changed)
        note(uow, "change channel", person, by, now, channel=channel.id)
    return changed


def remove_for_person(
    uow: UnitOfWork, channel: Channel, person: Person, *, by: Author, now: datetime
) -> Channel:
    """Shut a person's channel for good and give up whatever waits on it; one that is shut stays as it is."""
    if not channel.open:
        return channel
    note(uow, "remove channel", person, by, now, channel=channel.id)
    return shut(uow, channel.id, "removed", now)

"""Posting: what was told is put on its way, on every open channel of whoever it is for.

In the transaction that writes it: either both are kept, or neither. Sending comes later, and by anybody.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.core.channels import Channel
from engine.core.dispatches import Dispatch, carried_as, key_of
from engine.core.kept import Message
from engine.core.reminders import PATIENT, Delivery
from engine.ports import UnitOfWork


def post(
    uow: UnitOfWork, told: Iterable[Delivery], urgent: frozenset[str], now: datetime, *, but: str = ""
) -> None:
    """Put notices on their way: one message per notice and channel, or one with others that wait as well.

    Args:
        uow: the transaction.
        told: what is told, newly written.
        urgent: ids of the notices that are held back by no quiet hours and no digest.
        now: the present instant.
        but: id of a channel on which nothing is put, for it just failed.
    """
    for notice, delivery in {delivery.notice: delivery for delivery in told}.items():
        for channel in _channels(uow, delivery):
            if channel.id != but:
                _put(uow, channel, notice, now, urgent=notice in urgent)


def tell(uow: UnitOfWork, site: str, messages: Sequence[Message], now: datetime) -> None:
    """Keep messages for other systems, and put those that are new on their way to a site's webhooks."""
    new = uow.outbox.add(messages)
    for channel in uow.channels.open_webhooks(site) if new else ():
        for message in new:
            if not channel.events or message.kind in channel.events:
                about = f"outbox/{message.key}"
                uow.dispatches.add(
                    Dispatch(
                        key_of(channel.id, about),
                        channel.id,
                        about,
                        now,
                        urgent=False,
                        outbox=message.key,
                        next_at=now,
                    )
                )


def _channels(uow: UnitOfWork, delivery: Delivery) -> tuple[Channel, ...]:
    if delivery.recipient == PATIENT:
        return uow.channels.open_of_patient(delivery.patient)
    return uow.channels.open_of_person(delivery.recipient)


def _put(uow: UnitOfWork, channel: Channel, notice: str, now: datetime, *, urgent: bool) -> None:
    about, at = carried_as(channel, ZoneInfo(channel.time_zone), notice, now, urgent=urgent)
    uow.dispatches.add(
        Dispatch(key_of(channel.id, about), channel.id, about, now, urgent=urgent, next_at=at), (notice,)
    )

"""Dispatches: one message on one channel, tried until it arrives or is given up.

What arrived may arrive again when a process dies before it could note that: every attempt carries the same
key, by which the receiver knows it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Literal

from engine.core.channels import Channel, sending_at

LEASE = timedelta(minutes=2)
"""How long a process that took a dispatch has it to itself; an attempt takes at most half a minute."""

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Pauses between attempts, about three days in all (Standard Webhooks 1.0); after the last it is given up."""

MOST = len(PAUSES) + 1
"""Attempts that are made by themselves; whoever has it tried again after those gets one more each time."""

JITTER = 10
"""Percent by which a pause is longer at most, so that what failed together is not tried again together."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A message on its way; the fields after `outbox` say how far it got."""

    id: str
    """The key the receiver knows it by, the same at every attempt; it follows from the next two."""
    channel: str
    about: str
    """What it carries; a channel gets it once: `notice/…`, `digest/…` or `outbox/…`."""
    created: datetime
    urgent: bool
    outbox: str | None = None
    """Key of the message it carries to a webhook; None for one to people."""
    next_at: datetime | None = None
    """From when on it may be tried; None once it was sent or given up. Who takes it sets it a lease ahead."""
    attempts: int = 0
    """How often it was taken; who took it notes what came of it only while nobody has taken it since."""
    sent: datetime | None = None
    gave_up: datetime | None = None
    outcome: str | None = None
    """Code of the newest attempt, or of the reason for which it was given up untried."""


def carried_as(
    channel: Channel, zone: tzinfo, notice: str, now: datetime, *, urgent: bool
) -> tuple[str, datetime]:
    """Return as what a notice goes out on a channel, and from when on: by itself, or with others that wait.

    Args:
        channel: the channel.
        zone: its time zone.
        notice: id of the notice.
        now: the present instant.
        urgent: it is held back by no quiet hours and no digest.
    """
    at = sending_at(channel, zone, now, urgent=urgent)
    return (f"notice/{notice}" if at <= now else f"digest/{at.isoformat()}"), at


def key_of(channel: str, about: str) -> str:
    """Return the id of the dispatch that carries something on a channel."""
    return sha256(f"{channel}\n{about}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to send a dispatch, as the log keeps it."""

    dispatch: str
    number: int
    instant: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Queue:
    """How much is on its way."""

    waiting: int
    oldest: datetime | None
    """Since when the first of those could be tried, or may be once more; None when nothing waits."""
    undeliverable: int
    """Given up after the last attempt, on channels that are open."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What came of all attempts so far."""

    sent: int
    failed: int
    """What is sent once more counts as sent once, and the time before as a failure."""


@dataclass(frozen=True, slots=True)
class Told:
    """What people are told outside Careway: how much there is, and nothing about whom or what."""

    reminders: int
    urgent: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """A dispatch as it is handed to whoever carries it."""

    id: str
    channel: Channel
    created: datetime
    told: Told | None = None
    """For people."""
    body: str | None = None
    """For a webhook: the message, as canonical JSON."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt."""

    result: Literal["sent", "failed", "gone"]
    """`gone` when the receiver wants nothing more, ever."""
    code: str
    """Such as `smtp-250`, `http-503`, `timeout` or `refused`; never a value."""
    after: timedelta | None = None
    """How long the receiver asks us to wait; None when it does not say."""


def pause(attempts: int, asked: timedelta | None, jitter: int) -> timedelta | None:
    """Return how long to wait after an attempt that failed; None when it is to be given up.

    Args:
        attempts: made so far, this one included; at least 1.
        asked: how long the receiver wants us to wait; no less than that, up to the longest pause.
        jitter: percent to add, 0 to `JITTER`.
    """
    if attempts >= MOST:
        return None
    planned = PAUSES[attempts - 1] * (100 + jitter) / 100
    return planned if asked is None else max(planned, min(asked, PAUSES[-1]))

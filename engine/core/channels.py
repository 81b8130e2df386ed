"""Channels: how somebody is reached outside Careway, and at which times of the day.

A channel belongs to a person, to a patient who consented to it, or to a site, for other systems.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

EMAIL = "email"
WEBHOOK = "webhook"
"""Kinds of channels every installation has; the others are the gateways its settings name."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to reach somebody."""

    id: str
    site: str
    kind: str
    """`email`, `webhook`, or the name of a gateway of the installation."""
    address: str
    """An e-mail address, a URL, or what the gateway understands, such as a telephone number."""
    label: str
    """What it is called by those who set it up."""
    created: datetime
    person: str | None = None
    """Whose it is; None for a patient's and for a webhook."""
    patient: str | None = None
    consented: date | None = None
    """The day on which the patient agreed to be told this way; every channel of a patient has one."""
    time_zone: str = "UTC"
    """In which the times below are meant."""
    quiet_from: time | None = None
    quiet_until: time | None = None
    """Nothing but what is urgent is sent from the one to the other, the latter excluded; None for never."""
    digest_at: time | None = None
    """When what is not urgent is sent once a day, together; None for as it comes."""
    events: tuple[str, ...] = ()
    """Kinds of messages a webhook is sent; empty for all."""
    secret: int = 1
    """Which of a webhook's secrets signs; each rotation makes a new one."""
    rotated: datetime | None = None
    """When the newest secret replaced the one before, which goes on signing beside it for a day."""
    disabled: datetime | None = None
    """When it was shut; nothing is sent on it from then on."""
    why: str | None = None
    """Code of the reason for which it was shut: `revoked`, `gone`, `failing` or `removed`."""

    @property
    def open(self) -> bool:
        """Whether something can be sent on it."""
        return self.disabled is None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar feed of a person; whoever has its secret can read it, until it is revoked."""

    id: str
    person: str
    site: str
    secret_hash: str
    created: datetime
    revoked: datetime | None = None


def sending_at(channel: Channel, zone: tzinfo, now: datetime, *, urgent: bool) -> datetime:
    """Return the instant, in UTC, from which something may be sent on a channel in its zone: now, or later.

    What is urgent is never held back. With a digest the rest waits for its time of the day, otherwise for
    the end of the quiet hours. A time that clocks skip is told by the clock as it went before, and of one
    they show twice the first is meant.
    """
    if urgent:
        return now
    if channel.digest_at is not None:
        now = _next(channel.digest_at, now, zone)
    if channel.quiet_from is not None and channel.quiet_until is not None:
        local = now.astimezone(zone).time()
        if _within(local, channel.quiet_from, channel.quiet_until):
            return _next(channel.quiet_until, now, zone)
    return now


def _within(at: time, first: time, until: time) -> bool:
    """Whether a time of the day lies in hours that may go past midnight."""
    return first <= at < until if first <= until else at >= first or at < until


def _next(at: time, now: datetime, zone: tzinfo) -> datetime:
    """Return the first instant after now at which clocks show a time of the day."""
    day = now.astimezone(zone).date()
    found = datetime.combine(day, at, zone).astimezone(UTC)
    return found if found > now else datetime.combine(day + timedelta(days=1), at, zone).astimezone(UTC)

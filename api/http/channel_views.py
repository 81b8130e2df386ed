"""What HTTP answers about channels."""

from datetime import date, datetime, time
from typing import Any

from engine.core.channels import Channel
from engine.core.result import View


class ChannelView(View):
    """A way to reach somebody."""

    id: str
    kind: str
    address: str
    label: str
    created: datetime
    time_zone: str
    quiet_from: str | None
    """From when to when only what is urgent is sent, as HH:MM."""
    quiet_until: str | None
    digest_at: str | None
    """When what is not urgent is sent once a day, together; None for as it comes."""
    disabled: datetime | None
    """None while something can be sent on it."""
    why: str | None
    """Why it was shut: `removed`, `revoked`, `gone` or `failing`."""


class ConsentedView(ChannelView):
    """A channel of a patient."""

    consented_on: date


def channel_view(channel: Channel) -> ChannelView:
    """Return a channel of a person as shown."""
    return ChannelView(**_shown(channel))


def consented_view(channel: Channel) -> ConsentedView:
    """Return a channel of a patient as shown."""
    assert channel.consented is not None, "every channel of a patient has one"
    return ConsentedView(**_shown(channel), consented_on=channel.consented)


def _shown(channel: Channel) -> dict[str, Any]:
    alike = ("id", "kind", "address", "label", "created", "time_zone", "disabled", "why")
    times = ("quiet_from", "quiet_until", "digest_at")
    return {name: getattr(channel, name) for name in alike} | {
        name: _clock(getattr(channel, name)) for name in times
    }


def _clock(at: time | None) -> str | None:
    return None if at is None else f"{at:%H:%M}"

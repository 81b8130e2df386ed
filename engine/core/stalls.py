"""Stalls: what no longer goes on by itself, so that whoever runs this installation has to hear of it.

They hear once that it began and once that it is over, however many processes look. What they heard is kept:
a process that tells them has it to itself for a while, and when it dies meanwhile another one tells them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

LONG = timedelta(minutes=15)
"""How long a message may wait beyond its time."""

RECENT = timedelta(days=7)
"""For how long it is told that a webhook was shut, if nobody was told before."""

TURN = timedelta(minutes=2)
"""How long a process has to tell of a stall."""

SHUT = ("failing", "gone")
"""Codes of the reasons for which a webhook is shut without anybody doing so."""

What = Literal["delivery", "job", "webhook"]


@dataclass(frozen=True, slots=True)
class Stall:
    """Something that no longer goes on."""

    what: What
    name: str
    """Of the job, or id of the webhook; empty for delivery."""
    since: datetime
    """When the oldest message could have been sent, the job last came on, or the webhook was shut."""
    why: str = ""
    """Code of the reason for which a webhook was shut."""
    over: bool = False
    """It goes on again."""

    @property
    def key(self) -> str:
        """What it is known by as long as it lasts."""
        return f"{self.what}/{self.name}"


@dataclass(frozen=True, slots=True)
class Heard:
    """What the operator heard of a stall."""

    since: datetime
    began: bool = False
    """They were told that it began."""
    turn: datetime | None = None
    """Until then somebody is telling them."""


Act = Literal["tell-began", "tell-over", "forget"]


def act_on(key: str, heard: Heard | None, now: datetime, *, lasts: bool) -> Act | None:
    """Return what is to be done about a stall now; None for nothing.

    Args:
        key: of the stall.
        heard: what the operator heard of it; None for nothing yet.
        now: the present instant.
        lasts: it is there.
    """
    if heard is not None and heard.turn is not None and heard.turn > now:
        return None
    if lasts:
        return None if heard is not None and heard.began else "tell-began"
    if heard is None:
        return None
    return "tell-over" if heard.began and not key.startswith("webhook/") else "forget"

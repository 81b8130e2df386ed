"""Channels and letters for tests, made hostile on demand."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from engine.core.channels import EMAIL, WEBHOOK, Channel
from engine.core.dispatches import Letter, Told
from tests.services.clinic import Moved

NOW = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef"
"""Id of a dispatch, as they are made."""


def moved() -> Moved:
    """Return a clock that stands at that instant."""
    clock = Moved()
    clock.instant = NOW
    return clock


def channel(kind: str = EMAIL, address: str = "may@clinic.example", **more: Any) -> Channel:
    values = {"label": "My mail", "created": NOW, "person": "p-may", **more}
    return Channel("c1", "main", kind, address, **values)


def notice(to: Channel, reminders: int = 1, *, urgent: bool = False, key: str = KEY) -> Letter:
    return Letter(key, to, NOW, told=Told(reminders, urgent))


def message(to: str, body: str = '{"type":"x"}', *, key: str = KEY, **more: Any) -> Letter:
    return Letter(key, channel(WEBHOOK, to, person=None, **more), NOW, body=body)


told = st.builds(Told, st.integers(1, 10_000), st.booleans())
names = st.text(min_size=1, max_size=40) | st.sampled_from(
    ["{link}", "{reminders.__class__}", "%s", "\r\nBcc: x@evil.example", "Ann Example", "Prednisone 40 mg"]
)
"""What people may call a channel, and ids; any of it could be a name or a diagnosis."""

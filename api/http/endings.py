"""Calls that will end: answered as before, with the day on which they go and what takes their place."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ends."""

    deprecated: datetime
    """Since when it should not be used any more."""
    sunset: datetime
    """When it goes; at least half a year later."""
    instead: str
    """Path of what takes its place."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers that tell of it (RFC 9745, RFC 8594)."""
        return {
            "Deprecation": f"@{int(self.deprecated.timestamp())}",
            "Sunset": format_datetime(self.sunset.astimezone(UTC), usegmt=True),
            "Link": f'<{self.instead}>; rel="successor-version"',
        }


ENDINGS: dict[str, Ending] = {}
"""By call, as in the table of rules. Within `/v1` calls are added and not changed, so there is none yet."""


class Ends:
    """Tells with every answer of a call that it will end."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and (ending := ending_of(scope)):
                headers = MutableHeaders(scope=message)
                for name, value in ending.headers.items():
                    headers.append(name, value)
            await send(message)

        await self.app(scope, receive, told if scope["type"] == "http" else send)


def ending_of(scope: Scope) -> Ending | None:
    """Return how the call ends that answers; None if it does not, or none answers."""
    path = getattr(scope.get("route"), "path", None)
    return ENDINGS.get(f"{scope['method']} {path}")

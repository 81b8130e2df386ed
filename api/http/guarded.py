"""Headers by which browsers protect people: nothing is kept, framed, guessed at or told to other sites."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Unless an answer says otherwise. Other origins are let in by nothing: there is no CORS."""

OVER_TLS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


class Guarded:
    """Adds the headers to every answer that does not have its own."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        """Wrap an application; `secure` if browsers reach it over TLS."""
        self.app = app
        self.headers = ALWAYS | OVER_TLS if secure else ALWAYS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, guarded if scope["type"] == "http" else send)

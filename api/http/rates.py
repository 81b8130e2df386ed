"""How many calls a minute: one credential cannot crowd out the others, and nobody can try passwords fast."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import CallsTooMany
from engine.errors import CarewayError

WINDOW = 60
"""Seconds over which calls are counted."""

PROVING = frozenset({"POST /sign-in", "GET /sign-in/oidc/callback", "POST /welcome", "POST /auth/token"})
"""Calls by which somebody proves who it is; counted by address, and much tighter."""

FREE = frozenset({"/livez", "/readyz", "/startupz"})


@dataclass(frozen=True)
class Rates:
    """Calls a minute, counted in this process."""

    calls: int = 6000
    """Of one credential, or of one address without any."""
    proofs: int = 30
    """Of one address, at the calls by which somebody proves who it is."""
    limiter: SlidingWindowCounterRateLimiter = field(
        default_factory=lambda: SlidingWindowCounterRateLimiter(MemoryStorage())
    )


class Limited:
    """Counts calls, tells how many are left, and refuses those beyond."""

    def __init__(self, app: ASGIApp, rates: Rates, told: Callable[[Request, CarewayError], Response]) -> None:
        """Wrap an application; `told` makes the answer to those beyond."""
        self.app, self.told = app, told
        self.limiter = rates.limiter
        self.calls = RateLimitItemPerMinute(rates.calls, namespace="calls")
        self.proofs = RateLimitItemPerMinute(rates.proofs, namespace="proofs")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope["path"] in FREE:
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        proving = f"{request.method} {scope['path']}" in PROVING
        item, key = (self.proofs, address_of(request)) if proving else (self.calls, caller_of(request))
        within = self.limiter.hit(item, key)
        left = self.limiter.get_window_stats(item, key).remaining
        headers = {
            "RateLimit-Policy": f'"{item.namespace}";q={item.amount};w={WINDOW}',
            "RateLimit": f'"{item.namespace}";r={left};t={WINDOW}',
        }
        told = _with(headers, send)
        if within:
            await self.app(scope, receive, told)
            return
        error = CallsTooMany(
            f"More than {item.amount} calls came within a minute. Wait a little, then go on."
        )
        await self.told(request, error)(scope, receive, told)


def caller_of(request: Request) -> str:
    """Return what a caller is counted by: a hash of what it shows, or its address."""
    shown = request.headers.get("authorization") or request.headers.get("cookie")
    return sha256(shown.encode()).hexdigest() if shown else address_of(request)


def address_of(request: Request) -> str:
    """Return the address a call came from."""
    return request.client.host if request.client else ""


def _with(headers: dict[str, str], send: Send) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return told

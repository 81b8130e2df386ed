"""How many calls a minute: one credential cannot crowd out the others, and nobody can try passwords fast."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from limits import RateLimitItem, RateLimitItemPerMinute
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

KNOWN = 10_000
"""Credentials of which it is remembered that they let in; a forgotten one is counted by address once."""

FREE = frozenset({"/livez", "/readyz", "/startupz"})


@dataclass(frozen=True)
class Rates:
    """Calls a minute, counted in this process."""

    calls: int = 6000
    """Of one credential, or of one address without any that lets in."""
    proofs: int = 30
    """Of one address, at the calls by which somebody proves who it is."""
    limiter: SlidingWindowCounterRateLimiter = field(
        default_factory=lambda: SlidingWindowCounterRateLimiter(MemoryStorage())
    )


class Limited:
    """Counts calls, tells how many are left, and refuses those beyond.

    A call is counted by its credential once this process has seen that it lets in, and by its address until
    then: otherwise a made-up credential, or junk beside a real one, would have a count of its own.
    """

    def __init__(self, app: ASGIApp, rates: Rates, told: Callable[[Request, CarewayError], Response]) -> None:
        """Wrap an application; `told` makes the answer to those beyond."""
        self.app, self.told = app, told
        self.limiter = rates.limiter
        self.calls = RateLimitItemPerMinute(rates.calls, namespace="calls")
        self.proofs = RateLimitItemPerMinute(rates.proofs, namespace="proofs")
        self.callers = OrderedDict[str, str]()
        """Whose the shown credentials are that let in, by their hashes; the latest ones."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope["path"] in FREE:
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        proving = f"{request.method} {scope['path']}" in PROVING
        item, shown = (self.proofs, None) if proving else (self.calls, shown_by(request))
        caller = None if shown is None else self.callers.get(shown)
        by = address_of(request) if caller is None else caller
        within = self.limiter.hit(item, by)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = self._left(item, self._found(item, shown, caller, request) or by)
                MutableHeaders(scope=message).update(headers)
            await send(message)

        if within:
            await self.app(scope, receive, told)
            return
        error = CallsTooMany(
            f"More than {item.amount} calls came within a minute. Wait a little, then go on."
        )
        await self.told(request, error)(scope, receive, told)

    def _found(
        self, item: RateLimitItem, shown: str | None, caller: str | None, request: Request
    ) -> str | None:
        """Return whose call it was; from the first of a credential on it is counted by that."""
        let_in = getattr(request.state, "caller", None)
        if shown is None or let_in is None:
            return caller
        self.callers[shown] = let_in
        self.callers.move_to_end(shown)
        if len(self.callers) > KNOWN:
            self.callers.popitem(last=False)
        if caller is None:
            self.limiter.hit(item, let_in)
        return str(let_in)

    def _left(self, item: RateLimitItem, by: str) -> dict[str, str]:
        left = self.limiter.get_window_stats(item, by).remaining
        return {
            "RateLimit-Policy": f'"{item.namespace}";q={item.amount};w={WINDOW}',
            "RateLimit": f'"{item.namespace}";r={left};t={WINDOW}',
        }


def shown_by(request: Request) -> str | None:
    """Return a hash of what a caller shows to be let in; None for nothing."""
    shown = request.headers.get("authorization") or request.headers.get("cookie")
    return sha256(shown.encode()).hexdigest() if shown else None


def address_of(request: Request) -> str:
    """Return the address a call came from."""
    return request.client.host if request.client else ""

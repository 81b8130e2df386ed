"""One line of log for every request: what kind, how it ended, how long it took. Never who or what about.

Also the outermost layer: an error nobody raised on purpose becomes a problem that tells nothing but a trace
id, and a line that names the place in our code and not the values.
"""

import json
import logging
import time
from collections.abc import Callable
from traceback import extract_tb

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import FAILED
from engine.errors import CarewayError
from engine.ports import Randomness

LOG = logging.getLogger("careway.http")
TRACE_BYTES = 8


class Logged:
    """Logs every request and answers what was not foreseen."""

    def __init__(
        self, app: ASGIApp, randomness: Randomness, told: Callable[[Request, CarewayError], Response]
    ) -> None:
        """Wrap an application; trace ids are drawn from `randomness`; `told` makes the answer to a defect."""
        self.app, self.told = app, told
        self.randomness = randomness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace = self.randomness.draw(TRACE_BYTES).hex()
        scope.setdefault("state", {})["trace"] = trace
        started, status = time.perf_counter_ns(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"trace-id", trace.encode())]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            where = extract_tb(error.__traceback__)[-1]
            LOG.error(
                _line(
                    event="defect", trace=trace, kind=type(error).__name__, at=f"{where.name}:{where.lineno}"
                )
            )
            if status == 0:
                await self.told(Request(scope), CarewayError(FAILED))(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", None)
            took = (time.perf_counter_ns() - started) // 1000
            LOG.info(
                _line(
                    event="request",
                    method=scope["method"],
                    route=route or "none",
                    status=status,
                    microseconds=took,
                    trace=trace,
                )
            )


def _line(**fields: object) -> str:
    return json.dumps(fields)

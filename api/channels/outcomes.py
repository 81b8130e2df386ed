"""How attempts end: within their time, and with a short code that holds no value."""

import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")

CODES: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLError, "tls"),
    (TimeoutError, "timeout"),
    (socket.gaierror, "unresolved"),
    (ConnectionRefusedError, "refused"),
    (ConnectionError, "dropped"),
    (OSError, "unreachable"),
)
"""Codes by what went wrong on the way, the most telling first."""


def code_of(error: BaseException, otherwise: str) -> str:
    """Return the code of what went wrong on the way; `otherwise` when nothing is known about it."""
    causes = tuple(_causes(error))
    known = (code for kind, code in CODES if any(isinstance(cause, kind) for cause in causes))
    return next(known, otherwise)


def within(seconds: int, work: Callable[[], T]) -> T:
    """Return what a piece of work returns, or raise what it raises.

    Looking up a name cannot be interrupted, and a server that sends a byte now and then outlasts every
    time-out of a socket. So the work has a thread of its own, which is left behind when time is over.

    Raises:
        TimeoutError: it took longer.
    """
    outcome: Future[T] = Future()

    def do() -> None:
        try:
            outcome.set_result(work())
        except Exception as error:
            outcome.set_exception(error)

    Thread(target=do, name="careway-attempt", daemon=True).start()
    return outcome.result(seconds)


def silenced(*names: str) -> None:
    """Keep loggers of libraries quiet for good: they tell addresses, and hosts with their secrets."""
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__

"""A running server: its port taken, its requests answered, and everything closed when it is told to stop.

The libraries behind it take a second to import, so they are imported here, by the command that serves.
"""

import errno
import logging
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.addresses import loopback
from api.application import Application
from api.errors import BadInput
from api.issuers.configured import Elsewhere
from api.settings import Settings
from api.traces import tracing

if TYPE_CHECKING:
    from fastapi import FastAPI

HEADERS = 32 * 1024
"""Bytes the headers of a request may have."""
KEEP_ALIVE = 30
"""Seconds a connection may lie idle between two requests."""
PATIENCE = 10
"""Seconds requests under way may still take when the server is told to stop."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How others reach the server: encrypted by itself, through a proxy that encrypts, or not at all."""

    certificate: Path | None = None
    key: Path | None = None
    proxy: str | None = None
    """Address of a proxy that encrypts, and is believed when it says for whom it asks."""

    @property
    def secure(self) -> bool:
        """Whether what others send is encrypted."""
        return self.certificate is not None or self.proxy is not None


def bound(host: str, port: int, reach: Reach) -> socket.socket:
    """Return a socket that has taken a port of this machine; the caller closes it. Port 0 is any free one.

    Raises:
        BadInput: others could reach it without encryption, or the port cannot be had.
    """
    address = "127.0.0.1" if host == "localhost" else host
    if not loopback(address) and not reach.secure:
        raise BadInput(
            f"--host: {host!r} can be reached from other machines, and nothing is encrypted. Name "
            "--tls-certificate and --tls-key, or the --proxy that encrypts; or leave --host out."
        )
    taken = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # or a restart would wait for old connections
    try:
        taken.bind((address, port))
        taken.listen()  # who comes before we answer waits instead of being turned away
    except OSError as error:
        taken.close()
        in_use = error.errno == errno.EADDRINUSE
        why = "is in use by another program" if in_use else f"cannot be used: {error.strerror}"
        raise BadInput(f"--port: {port} {why}. Choose another, for example --port 8001.") from None
    return taken


def address_of(taken: socket.socket, reach: Reach) -> str:
    """Return the URL at which a socket is reached."""
    host, port = taken.getsockname()[:2]
    scheme = "http" if reach.certificate is None else "https"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def log_to_stderr() -> None:
    """Write what Careway logs to standard error: a line of JSON each request, and each job that fails."""
    told = logging.getLogger("careway")
    told.setLevel(logging.INFO)
    told.addHandler(logging.StreamHandler())


def serve(
    application: Application,
    taken: socket.socket,
    reach: Reach,
    settings: Settings,
    every: Mapping[str, int],
) -> bool:
    """Answer requests until SIGINT or SIGTERM, finishing those under way; False if it could not begin.

    The application stays open: whoever opened it closes it, and with it the writer.

    Args:
        application: what answers.
        taken: the socket.
        reach: how others reach it.
        settings: of the installation.
        every: seconds from one beginning to the next of each job that is done beside it.
    """
    from api.http import create_app

    log_to_stderr()
    elsewhere = Elsewhere(settings.address or address_of(taken, reach), settings.issuers)
    with tracing(settings.collector) as tracer:
        app = create_app(application, secure=reach.secure, elsewhere=elsewhere, every=every, tracer=tracer)
        return answering(app, taken, reach)


def answering(app: "FastAPI", taken: socket.socket, reach: Reach) -> bool:
    """Answer requests with an application until SIGINT or SIGTERM; False if it could not begin."""
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(
            app,
            ssl_certfile=reach.certificate,
            ssl_keyfile=reach.key,
            proxy_headers=reach.proxy is not None,
            forwarded_allow_ips=reach.proxy,
            h11_max_incomplete_event_size=HEADERS,
            timeout_keep_alive=KEEP_ALIVE,
            access_log=False,  # it would hold the ids of patients
            log_level="warning",
            timeout_graceful_shutdown=PATIENCE,
            server_header=False,
        )
    )
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(
            stop, server.handle_exit
        )  # uvicorn raises the signal again at the end: not to be killed
    server.run(sockets=[taken])
    return server.started

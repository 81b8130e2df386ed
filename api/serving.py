"""A running server: its port taken, its requests answered, and everything closed when it is told to stop.

The libraries behind it take a second to import, so they are imported here, by the command that serves.
"""

import errno
import logging
import signal
import socket

from api.addresses import loopback
from api.application import Application
from api.errors import BadInput
from api.issuers.configured import Elsewhere
from api.settings import Settings

PATIENCE = 10
"""Seconds requests under way may still take when the server is told to stop."""


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that has taken a port of this machine; the caller closes it. Port 0 is any free one.

    Raises:
        BadInput: the host is another than this machine, or the port cannot be had.
    """
    address = "127.0.0.1" if host == "localhost" else host
    if not loopback(address):
        raise BadInput(
            f"--host: {host!r} is not this machine's own address. Careway has no accounts yet and does not "
            "encrypt, so it serves this machine only: leave --host out, or use 127.0.0.1, ::1 or localhost."
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


def address_of(taken: socket.socket) -> str:
    """Return the URL at which a socket is reached."""
    host, port = taken.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(application: Application, taken: socket.socket, settings: Settings) -> bool:
    """Answer requests until SIGINT or SIGTERM, finishing those under way; False if it could not begin.

    The application stays open: whoever opened it closes it, and with it the writer.
    """
    import uvicorn

    from api.http import create_app

    told = logging.getLogger("careway")
    told.setLevel(logging.INFO)
    told.addHandler(logging.StreamHandler())  # one line of JSON a request, on stderr
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(application, Elsewhere(settings.address or address_of(taken), settings.issuers)),
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

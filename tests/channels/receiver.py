"""A real receiver of webhooks and of gateways for tests, which answers as it is told."""

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """What is answered."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    pause: float = 0
    """Seconds before the status line."""
    drip: float = 0
    """Seconds before each byte of the body."""
    hang_up: bool = False
    """Say nothing, and close the line."""


@dataclass
class Heard:
    """A request that came."""

    path: str
    headers: dict[str, str]
    body: bytes
    server_name: str | None


class Receiver(ThreadingHTTPServer):
    """Listens on a free port of this machine."""

    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.heard: list[Heard] = []
        self.names: list[str | None] = []
        """Names asked for in TLS."""
        self.said = 0
        """Bytes of bodies that were sent off."""
        self.over = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about calls that broke off."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        names = self.server.names
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.heard.append(Heard(self.path, headers, body, names[-1] if names else None))
        answer = self.server.answer
        self.server.over.wait(answer.pause)
        if answer.hang_up:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            size = 1 if answer.drip else 65536
            for start in range(0, len(answer.body), size):
                self.server.over.wait(answer.drip)
                self.wfile.write(answer.body[start : start + size])
                self.server.said += size

    do_GET = do_POST  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Write nothing."""


@contextmanager
def receiving(answer: Answer | None = None, certificate: tuple[str, str] | None = None) -> Iterator[Receiver]:
    """Start a receiver, by TLS if there is a certificate."""
    with Receiver(answer or Answer()) as receiver:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            context.sni_callback = lambda _, name, __: receiver.names.append(name)
            receiver.socket = context.wrap_socket(receiver.socket, server_side=True)
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.over.set()
            receiver.shutdown()
            thread.join()

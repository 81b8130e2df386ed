"""A real mail server for tests, which does as it is told at each command."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PASSWORD = "p@ss: w/rd"


@dataclass
class Office:
    """What the server does, and what it took."""

    answers: dict[str, str] = field(default_factory=dict)
    """By command; `drop` to close the line, `hang` to say nothing for long, `drip` to go on and on."""
    taken: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str | None, list[str], str | None]] = field(default_factory=list)
    """From whom, to whom, and as what the caller introduced itself."""
    lines: int = 0
    """Connections made."""
    let_go: threading.Event = field(default_factory=threading.Event)
    """Ends hanging and dripping."""

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await self._answer("MAIL", server)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT", server)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await self._answer("DATA", server)
        if answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=policy.SMTP)
            assert isinstance(message, EmailMessage)
            self.taken.append(message)
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos, session.host_name))
        return answer

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return await self._answer("QUIT", server, "221 bye")

    async def _answer(self, command: str, server: SMTP, usual: str = "250 ok") -> str:
        answer = self.answers.get(command, usual)
        if answer == "drop":
            _drop(server)
        while answer in ("hang", "drip") and not self.let_go.is_set():
            await asyncio.sleep(0.1)
            if answer == "drip":
                await server.push("250-wait")
        return {"drop": "421 dropped", "hang": usual, "drip": usual}.get(answer, answer)


def _drop(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


class _Server(SMTP):
    def connection_made(self, transport: Any) -> None:
        self.event_handler.lines += 1
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if self.event_handler.answers.get("middle") == "drop":
            await self.push("354 go on")
            _drop(self)
        else:
            await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


def _known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, shown: Any) -> AuthResult:
    right = isinstance(shown, LoginPassword) and shown == LoginPassword(b"careway", PASSWORD.encode())
    return AuthResult(success=right, handled=right)


@contextmanager
def serving(
    answers: dict[str, str] | None = None,
    certificate: tuple[str, str] | None = None,
    *,
    wrapped: bool = False,
    login: bool = False,
) -> Iterator[tuple[Office, int]]:
    """Start a server on a free port of this machine.

    Args:
        answers: what it does at each command, if not what is usual.
        certificate: files for TLS, by STARTTLS, without which it takes nothing; None to offer none.
        wrapped: use TLS from the beginning instead.
        login: take nothing without the password.
    """
    office = Office(answers or {})
    options: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        options = {"ssl_context": context} if wrapped else {"tls_context": context, "require_starttls": True}
    if login:
        options |= {"authenticator": _known, "auth_required": True, "auth_require_tls": not wrapped}
    controller = _Controller(office, hostname="127.0.0.1", port=0, **options)
    controller.start()
    office.lines = 0  # it calls itself to see whether it works
    try:
        yield office, controller.port
    finally:
        office.let_go.set()
        controller.stop()


@contextmanager
def dripping() -> Iterator[int]:
    """Listen, and greet whoever calls with a letter now and then, without end; return the port."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            line, _ = listening.accept()
            with line:
                while not over.wait(0.1):
                    try:
                        line.sendall(b"2")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            over.set()
            thread.join()

"""E-mail: each notice a message of its own, over a connection of its own."""

import ssl
from contextlib import closing, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from socket import SHUT_RDWR, socket
from threading import Event

from api.channels.addresses import email_address
from api.channels.configured import MailServer
from api.channels.letters import words
from api.channels.outcomes import code_of, within
from api.errors import AddressUnusable
from engine.core.dispatches import Letter, Outcome
from engine.ports import Clock

PATIENCE = 15
"""Seconds an attempt may take in all."""
TAKEN = 250
"""What a server answers when it has taken charge of a message."""
NAME = "Careway"


class Email:
    """Carries notices by e-mail."""

    def __init__(self, server: MailServer, link: str, clock: Clock, patience: int = PATIENCE) -> None:
        """Send by a server.

        Args:
            server: by which, and from which address.
            link: where people sign in.
            clock: dates the messages.
            patience: seconds an attempt may take in all.
        """
        self._server, self._link, self._clock, self._patience = server, link, clock, patience
        self._trust = ssl.create_default_context()

    def carry(self, letter: Letter) -> Outcome:
        """Try once; it is sent when the server says that it took charge of the message."""
        try:
            call = _Call(self._server, self._trust, self._patience, self._message(letter))
        except AddressUnusable as error:
            return Outcome("failed", error.code)
        try:
            within(self._patience, call.make)
        except TimeoutError:
            call.hang_up()
            return Outcome("failed", "timeout")
        except (OSError, UnicodeError) as error:  # the latter when the host has no possible name
            return Outcome("failed", _code(error))
        return Outcome("sent", f"smtp-{TAKEN}")

    def _message(self, letter: Letter) -> EmailMessage:
        assert letter.told is not None, "e-mail is for people"
        said = words(letter.told, None if letter.channel.patient else self._link)
        message = EmailMessage(WIRE)
        message["From"] = Address(NAME, addr_spec=self._server.sender)
        message["To"] = Address(addr_spec=email_address(letter.channel.address))
        message["Subject"] = said.subject
        message["Date"] = self._clock.now()
        message["Message-ID"] = f"<{letter.id}@{_domain(self._server)}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(said.text)
        return message


class _Call:
    """One call at a mail server; who waits for it may hang up, and then nothing is sent any more."""

    def __init__(
        self, server: MailServer, trust: ssl.SSLContext, patience: int, message: EmailMessage
    ) -> None:
        self._server, self._trust, self._patience, self._message = server, trust, patience, message
        self._over = Event()
        self._line: SMTP | None = None

    def make(self) -> None:
        """Hand over the message; raises OSError, of which those of the library are a kind."""
        with closing(self._connected()) as line:
            self._prepare(line)
            self._line = line
            if self._over.is_set():  # asked after the line can be seen, so that hanging up misses neither
                return
            line.send_message(self._message)
            with suppress(OSError):  # it was taken; how the server says good-bye changes nothing
                line.putcmd("QUIT")

    def hang_up(self) -> None:
        """Keep the message from being sent; one that is under way breaks off."""
        self._over.set()
        sock = None if self._line is None else self._line.sock
        if sock is not None:
            with suppress(OSError):  # TLS would wait for the other side to say good-bye
                socket.shutdown(sock, SHUT_RDWR)

    def _connected(self) -> SMTP:
        kept, ours = self._server, _domain(self._server)
        if kept.protection == "tls":
            return SMTP_SSL(kept.host, kept.port, ours, timeout=self._patience, context=self._trust)
        return SMTP(kept.host, kept.port, ours, timeout=self._patience)

    def _prepare(self, line: SMTP) -> None:
        if self._server.protection == "starttls":
            line.starttls(context=self._trust)
        if self._server.user and self._server.password:
            line.login(self._server.user, self._server.password)


def _domain(server: MailServer) -> str:
    """Return the name we go by: the machine's own would be looked up, and is nobody's business."""
    return server.sender.rpartition("@")[2]


def _code(error: Exception) -> str:
    """Return the code of what the server said, or of what kept it from saying something."""
    if isinstance(error, SMTPServerDisconnected):
        known = code_of(error, "dropped")
        return "dropped" if known == "unreachable" else known
    if isinstance(error, SMTPResponseException):
        return _status(error.smtp_code)
    if isinstance(error, SMTPRecipientsRefused):
        return _status(next(iter(error.recipients.values()))[0])
    return "unsupported" if isinstance(error, SMTPException) else code_of(error, "unreachable")


def _status(code: int) -> str:
    return f"smtp-{code}" if 200 <= code < 600 else "garbled"

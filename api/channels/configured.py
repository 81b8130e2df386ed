"""By what an installation may say something outside, as its settings tell.

Hosts and secrets stand here, so nobody but the operator chooses them, and none of them is in the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from api.addresses import loopback
from api.channels.addresses import email_address
from api.errors import AddressUnusable, BadInput

SMTP = "CAREWAY_SMTP"
"""The environment variable that names the server by which e-mail is sent."""

SENDER = "CAREWAY_SENDER"
"""The environment variable that says from which address."""

NETWORKS = "CAREWAY_WEBHOOK_NETWORKS"
"""The environment variable that opens networks of one's own to webhooks."""

PORTS = {"smtp": 587, "smtps": 465}
"""Where a mail server listens if nothing is said: the ports of submission."""

Protection = Literal["tls", "starttls", "none"]
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server by which e-mail is sent."""

    host: str
    port: int
    sender: str
    protection: Protection
    """TLS from the beginning, from the command STARTTLS on, or none, for this machine or a line of trust."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    """There is one exactly when there is a user."""


@dataclass(frozen=True, slots=True)
class Outside:
    """By what something may be said outside."""

    mail: MailServer | None = None
    """None when no e-mail is sent."""
    networks: tuple[Network, ...] = ()
    """Where webhooks may lead, beside what everybody can reach."""


def outside_in(told: Mapping[str, str]) -> Outside:
    """Return what an environment tells.

    Raises:
        BadInput: some of it cannot be used; the message repeats no secret.
    """
    mail, networks = told.get(SMTP), told.get(NETWORKS)
    return Outside(
        mail=mail_in(mail, told.get(SENDER)) if mail else None,
        networks=networks_in(networks) if networks else (),
    )


def mail_in(url: str, sender: str | None) -> MailServer:
    """Return the mail server a URL names; raises `BadInput`.

    Args:
        url: `smtp://[user:password@]host[:port]`, with `?plain=yes` or `?plain=no`, or `smtps://…`.
        sender: the address that e-mail comes from.
    """
    parts, port = _parts(url)
    if parts is None or parts.scheme not in PORTS or not parts.hostname:
        raise BadInput(
            f"{SMTP}: this is no URL of a mail server. It is smtp://USER:PASSWORD@HOST:PORT or smtps://…, "
            "and what has another meaning in a URL is written with %, such as %40 for an @ in a password."
        )
    try:
        address = email_address(sender or "")
    except AddressUnusable:
        raise BadInput(f"{SENDER}: set it to the e-mail address that Careway writes from.") from None
    user, password = (None if each is None else unquote(each) for each in (parts.username, parts.password))
    if bool(user) != bool(password) or not f"{user}{password}".isascii():
        raise BadInput(f"{SMTP}: a user and a password go together, and both have plain letters only.")
    protection = _protection(parts)
    if user and protection == "none" and not loopback(parts.hostname):
        raise BadInput(f"{SMTP}: a password is not sent unprotected. Leave out `plain=yes`, or the password.")
    return MailServer(
        parts.hostname, port or PORTS[parts.scheme], address, protection, user or None, password or None
    )


def networks_in(text: str) -> tuple[Network, ...]:
    """Return networks, written with commas between them; raises `BadInput`."""
    try:
        return tuple(ip_network(each.strip()) for each in text.split(","))
    except ValueError as error:
        raise BadInput(
            f"{NETWORKS}: {error}. It takes networks such as 10.20.0.0/16, with commas between them."
        ) from None


def _parts(url: str) -> tuple[SplitResult | None, int | None]:
    """Return the parts of a URL and its port; no parts when it holds what none of ours does."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None, None
    whole = url.isprintable() and " " not in url and not parts.path.strip("/") and not parts.fragment
    return (parts, port) if whole else (None, None)


def _protection(parts: SplitResult) -> Protection:
    asked = parse_qsl(parts.query, keep_blank_values=True)
    if parts.scheme == "smtps" and not asked:
        return "tls"
    if parts.scheme == "smtp" and asked in ([], [("plain", "yes")], [("plain", "no")]):
        plain = asked == [("plain", "yes")] or (not asked and loopback(parts.hostname or ""))
        return "none" if plain else "starttls"
    raise BadInput(f"{SMTP}: after the ? only plain=yes or plain=no can stand, and only for smtp://.")

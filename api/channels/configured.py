"""By what an installation may say something outside, as its settings tell.

Hosts and secrets stand here, so nobody but the operator chooses them, and none of them is in the database.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pydantic import Field, TypeAdapter, ValidationError

from api.addresses import loopback
from api.channels.addresses import email_address
from api.errors import AddressUnusable, BadInput
from engine.core.channels import EMAIL, WEBHOOK
from engine.core.values import Frozen

SMTP = "CAREWAY_SMTP"
"""The environment variable that names the server by which e-mail is sent."""

SENDER = "CAREWAY_SENDER"
"""The environment variable that says from which address."""

NETWORKS = "CAREWAY_WEBHOOK_NETWORKS"
"""The environment variable that opens networks of one's own to webhooks."""

GATEWAYS = "CAREWAY_GATEWAYS"
"""The environment variable that names the gateways to chat and text messages."""

OPERATOR = "CAREWAY_OPERATOR"
"""The environment variable that says where the operator hears of the installation itself."""

PORTS = {"smtp": 587, "smtps": 465}
"""Where a mail server listens if nothing is said: the ports of submission."""

PLACE = "{address}"
"""Where the address of somebody goes in the URL of a gateway."""

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


class Gateway(Frozen):
    """A way to chat or text messages, through Apprise."""

    url: str = Field(repr=False)
    """Its Apprise URL, with secrets; at most once with `{address}`, where the address of somebody goes."""
    address: str
    """The regular expression that a whole address has to match."""
    hint: str = Field(min_length=1, max_length=200)
    """How an address is written, in words for those who enter one."""


@dataclass(frozen=True, slots=True)
class Outside:
    """By what something may be said outside."""

    mail: MailServer | None = None
    """None when no e-mail is sent."""
    networks: tuple[Network, ...] = ()
    """Where webhooks may lead, beside what everybody can reach."""
    gateways: Mapping[str, Gateway] = field(default_factory=dict)
    """By name, which is the kind of their channels."""
    operator: str | None = field(default=None, repr=False)
    """Apprise URL by which the operator hears of the installation; None when nobody does."""


def outside_in(told: Mapping[str, str]) -> Outside:
    """Return what an environment tells.

    Raises:
        BadInput: some of it cannot be used; the message repeats no secret.
    """
    mail, networks, gateways = told.get(SMTP), told.get(NETWORKS), told.get(GATEWAYS)
    return Outside(
        mail=mail_in(mail, told.get(SENDER)) if mail else None,
        networks=networks_in(networks) if networks else (),
        gateways=gateways_in(gateways) if gateways else {},
        operator=_operator(told.get(OPERATOR) or None),
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


def gateways_in(text: str) -> Mapping[str, Gateway]:
    """Return the gateways a JSON object describes, by name; raises `BadInput`."""
    try:
        sent = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput(
            f"{GATEWAYS}: this is not JSON. It takes an object of gateways by name, each with `url`, "
            "`address` and `hint`."
        ) from None
    try:
        found = _GATEWAYS.validate_json(json.dumps(sent))
    except ValidationError as error:
        told = "; ".join(f"{'/'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadInput(f"{GATEWAYS}: {told}.") from None
    for name, gateway in found.items():
        _make_sure(name, gateway)
    return found


_GATEWAYS = TypeAdapter(dict[str, Gateway])
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_SERVICE = re.compile(r"[a-z][a-z0-9+.-]*://[^\s{}]+")
_HOST = re.compile(r"[a-z0-9+.-]+://[^/?]*[/?]")


def _make_sure(name: str, gateway: Gateway) -> None:
    if not _NAME.fullmatch(name) or name in (EMAIL, WEBHOOK):
        raise BadInput(
            f"{GATEWAYS}: a gateway cannot be called {name!r}. A name has small letters, digits and hyphens, "
            f"begins with a letter, and is neither `{EMAIL}` nor `{WEBHOOK}`."
        )
    before, *after = gateway.url.split(PLACE)
    if (
        len(after) > 1
        or not _SERVICE.fullmatch(f"{before}x{''.join(after)}")
        or not gateway.url.isprintable()
    ):
        raise BadInput(
            f"{GATEWAYS}: {name}/url: this is no Apprise URL with at most one {PLACE} in it, and no other "
            "braces."
        )
    if after and not _HOST.match(before):
        raise BadInput(
            f"{GATEWAYS}: {name}/url: {PLACE} stands where a host does. Put it behind the host, so that "
            "nobody but you chooses hosts."
        )
    try:
        re.compile(gateway.address)
    except re.error as error:
        raise BadInput(f"{GATEWAYS}: {name}/address: no regular expression: {error}.") from None


def _operator(url: str | None) -> str | None:
    if url is not None and not (_SERVICE.fullmatch(url) and url.isprintable()):
        raise BadInput(f"{OPERATOR}: this is no Apprise URL, such as mailto://… or tgram://….")
    return url


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

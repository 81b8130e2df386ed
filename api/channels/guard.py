"""Where webhooks may lead: out into the world, and into networks the operator opened.

Whoever sets up a webhook makes Careway send from inside the hospital, and could reach what is meant for the
inside only. So the host is looked up once, each address it has must be one that everybody can reach, and the
connection is made to such an address and not to the name, which could mean another one a moment later.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from httpx2 import URL, InvalidURL

from api.channels.configured import Network
from api.channels.outcomes import within
from api.errors import WebhookAddressUnusable

Resolve = Callable[[str], Sequence[str]]
"""Returns the addresses of a host; raises OSError when there are none."""

PATIENCE = 5
"""Seconds in which a host has to be found."""
LONGEST = 2000
"""Characters a URL may have."""

UNICAST = ip_network("2000::/3")
"""All that is routed over the internet in version 6; what lies outside leads home, or to version 4."""
SPECIAL = tuple(
    map(
        ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
    )
)
"""Tunnels into version 4, protocols and examples; not every Python knows that they are no hosts."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a webhook leads."""

    url: URL
    addresses: tuple[str, ...]
    """Those of its host, at least one; any of them may be connected to."""


def looked_up(host: str) -> tuple[str, ...]:
    """Return the addresses of a host, the best first; raises OSError when it cannot be found in time."""
    try:
        found = within(PATIENCE, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except UnicodeError:  # a label of a name is empty, or too long
        raise socket.gaierror(socket.EAI_NONAME, "no name of a host") from None
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def check_url(text: str, networks: Sequence[Network] = (), resolve: Resolve = looked_up) -> None:
    """Make sure that a webhook may lead somewhere; for setting it up.

    Raises:
        WebhookAddressUnusable: it may not, or its host cannot be found.
    """
    try:
        destination(text, networks, resolve)
    except OSError:
        raise WebhookAddressUnusable(
            "The host of the webhook's address cannot be found. Check how it is written, or try again later."
        ) from None


def destination(text: str, networks: Sequence[Network] = (), resolve: Resolve = looked_up) -> Destination:
    """Return where a webhook leads at this moment.

    Args:
        text: the URL.
        networks: those the operator opened; plain http leads into them only.
        resolve: looks up a host.

    Raises:
        WebhookAddressUnusable: it may not lead there.
        OSError: the host cannot be found.
    """
    url = _url(text)
    addresses = tuple(resolve(url.raw_host.decode("ascii")))
    if not addresses:
        raise socket.gaierror(socket.EAI_NONAME, "no addresses")
    found = tuple(map(_address, addresses))
    if all(_within(each, networks) for each in found):
        return Destination(url, addresses)
    if url.scheme != "https":
        raise WebhookAddressUnusable(
            "A webhook's address begins with https://, so that nobody reads what is sent on its way."
        )
    if not all(_within(each, networks) or _global(each) for each in found):
        raise WebhookAddressUnusable(
            "The webhook's address leads into a network of its own, or to a machine itself. Use one that "
            "everybody can reach, or ask whoever runs Careway to open that network to webhooks."
        )
    return Destination(url, addresses)


def _url(text: str) -> URL:
    """Return a URL, read as whoever connects reads it."""
    strange = not text.isprintable() or any(letter in text for letter in " \\#") or len(text) > LONGEST
    try:
        url = None if strange else URL(text)
    except InvalidURL:
        url = None
    if url is None or url.scheme not in ("https", "http") or not url.host or url.userinfo:
        raise WebhookAddressUnusable(
            "This is no address of a webhook. It is a URL such as https://HOST/PATH, with neither a user and "
            "password nor a # in it."
        )
    if url.port is not None and not 0 < url.port < 65536:
        raise WebhookAddressUnusable("The webhook's address names a port that does not exist.")
    return url


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address; None for one that nobody could connect to."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def _within(address: IPv4Address | IPv6Address | None, networks: Sequence[Network]) -> bool:
    return address is not None and any(address in network for network in networks)


def _global(address: IPv4Address | IPv6Address | None) -> bool:
    """Whether everybody can reach an address, and it means one machine."""
    if address is None or not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if _within(address, SPECIAL):
        return False
    return isinstance(address, IPv4Address) or address in UNICAST

"""Addresses in a network: which are this machine's own, and which may be trusted with a question."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def reachable(url: str) -> bool:
    """Whether we would fetch anything from a URL: over TLS, or from this machine itself."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and loopback(host))


def loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

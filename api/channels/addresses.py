"""Addresses of e-mail: one, complete, and nothing that could become a header or a second one."""

import re

from api.errors import AddressUnusable

LONGEST, LONGEST_NAME = 254, 64
"""Characters an address, and its part before the `@`, may have (RFC 5321)."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")


def email_address(text: str) -> str:
    """Return an address of e-mail as it is.

    Raises:
        AddressUnusable: it is none, several, not complete, or has letters that not all mail servers take.
    """
    if not text.isprintable() or any(letter in text for letter in ' ,;:<>()[]"\\'):
        raise AddressUnusable(
            "This is no single e-mail address. It is written name@hospital.example, without a name beside "
            "it, spaces, quotes or a second address."
        )
    name, at, domain = text.rpartition("@")
    if not text.isascii():
        raise AddressUnusable(
            "An e-mail address may only have plain letters (a to z) here. A domain with others can be "
            "written in its form with `xn--`."
        )
    if not at or not _DOMAIN.fullmatch(domain):
        raise AddressUnusable(
            "The e-mail address has no complete domain. It is written name@hospital.example."
        )
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME or len(text) > LONGEST:
        raise AddressUnusable(
            "The part before the @ is missing, too long, or not one that mail servers take. The address is "
            "written name@hospital.example."
        )
    return text

"""Which issuers an installation trusts, as its settings say."""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import Field, ValidationError

from api.addresses import reachable
from api.errors import BadInput
from engine.core.values import Frozen

ISSUERS = "CAREWAY_ISSUERS"
"""The environment variable that says which issuers are trusted."""

ADDRESS = "CAREWAY_ADDRESS"
"""The environment variable that says at which address others reach this installation."""

LOCAL = "http://127.0.0.1:8000"
"""The address of a server nobody gave another one."""

ALGORITHMS = ("RS256", "RS384", "ES256", "ES384")
"""Signatures an issuer may use: never none, and never one whose key two sides share."""


class Issuer(Frozen):
    """An OpenID provider whose word is taken: for access tokens, for signing in at a browser, or both."""

    issuer: str
    """Its URL, exactly as it names itself."""
    audience: str | None = Field(default=None, min_length=1)
    """What access tokens meant for us are for; None when none of its access tokens are accepted."""
    client_id: str | None = Field(default=None, min_length=1)
    """Our name there; None when nobody signs in by it."""
    client_secret: str | None = Field(default=None, min_length=1, repr=False)
    """None for a client that proves itself by PKCE alone."""
    algorithms: tuple[str, ...] = ALGORITHMS


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where others reach this installation, and whose word it takes."""

    address: str = LOCAL
    """Without a last stroke."""
    issuers: tuple[Issuer, ...] = ()

    @property
    def secure(self) -> bool:
        """Whether browsers reach it over TLS."""
        return urlsplit(self.address).scheme == "https"

    @property
    def provider(self) -> Issuer | None:
        """The issuer at which people sign in; None when there is none."""
        return next((each for each in self.issuers if each.client_id is not None), None)


class _Issuers(Frozen):
    """The list as it is written."""

    issuers: tuple[Issuer, ...]


def issuers_in(text: str) -> tuple[Issuer, ...]:
    """Return the issuers a JSON list describes.

    Raises:
        BadInput: it cannot be used; the message says where and why, and repeats no secret.
    """
    try:
        sent = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput(f"{ISSUERS}: this is not JSON. It takes a list of objects with `issuer`.") from None
    try:
        found = _Issuers.model_validate_json(json.dumps({"issuers": sent})).issuers
    except ValidationError as error:
        told = "; ".join(f"{'/'.join(map(str, e['loc'][1:]))}: {e['msg']}" for e in error.errors())
        raise BadInput(f"{ISSUERS}: {told}.") from None
    for each in found:
        _make_sure(each)
    if len({each.issuer for each in found}) < len(found):
        raise BadInput(f"{ISSUERS}: an issuer stands there twice. Put all about it into one object.")
    if sum(each.client_id is not None for each in found) > 1:
        raise BadInput(f"{ISSUERS}: people sign in at one issuer; leave `client_id` out of the others.")
    return found


def address_in(text: str) -> str:
    """Return an address of this installation without a last stroke; raises `BadInput`."""
    parts = urlsplit(text)
    if not reachable(text) or parts.path.strip("/") or parts.query:
        raise BadInput(
            f"{ADDRESS}: {text!r} is not an address of a server. It is https://NAME, or http:// and an "
            "address of this machine."
        )
    return text.rstrip("/")


def _make_sure(issuer: Issuer) -> None:
    name = f"{ISSUERS}: {issuer.issuer!r}"
    if not reachable(issuer.issuer):
        raise BadInput(f"{name} is no URL that could be trusted. It begins with https://.")
    if issuer.audience is None and issuer.client_id is None:
        raise BadInput(
            f"{name} needs an `audience` for access tokens, a `client_id` for signing in, or both."
        )
    if issuer.audience == issuer.client_id:
        raise BadInput(
            f"{name}: `audience` and `client_id` are the same, so an ID token could pass for an access token."
        )
    unknown = [name for name in issuer.algorithms if name not in ALGORITHMS]
    if unknown or not issuer.algorithms:
        raise BadInput(f"{name}: `algorithms` takes some of {', '.join(ALGORITHMS)}; got {unknown}.")

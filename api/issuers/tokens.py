"""Signed tokens (JWT): whether the signature, the times and the names in one are as they must be."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jws import extract_compact

from api.errors import ProofRefused
from api.issuers.keys import Key, Keys

LEEWAY = 60
"""Seconds by which clocks may differ."""
LONGEST = 8192
"""Letters a token may have."""

KIND = {"RS256": "RSA", "RS384": "RSA", "ES256": "EC", "ES384": "EC"}
"""The kind of key that each signature we take is made with."""


@dataclass(frozen=True, slots=True)
class Unverified:
    """What a token says about itself before anything of it was checked."""

    text: str
    algorithm: str
    kid: str
    claims: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """Name and kind of the key it must be signed with."""
        return self.kid, KIND[self.algorithm]

    def issuer(self) -> str:
        """Return who is said to have issued it; empty when that is not said."""
        told = self.claims.get("iss")
        return told if isinstance(told, str) else ""


def looks_signed(text: str) -> bool:
    """Whether a text has the form of a signed token: three parts with a point between them."""
    return text.count(".") == 2


def opened(text: str, algorithms: Collection[str]) -> Unverified:
    """Return what a token says about itself.

    Raises:
        ProofRefused: it is no signed token, names no key, or is signed in a way that is not allowed.
    """
    if len(text) > LONGEST:
        raise ProofRefused(f"The token is too long: it may have {LONGEST} letters.")
    try:
        token = extract_compact(text.encode("ascii"))
        header, claims = token.headers(), json.loads(token.payload or b"")
        algorithm, kid = header.get("alg"), header.get("kid")
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise ProofRefused("This is no signed token that can be read.") from None
    if algorithm not in algorithms or algorithm not in KIND:
        raise ProofRefused(f"The token must be signed with {', '.join(algorithms)}.")
    if not isinstance(kid, str) or not kid:
        raise ProofRefused("The token does not name its key (`kid`).")
    if not isinstance(claims, dict):
        raise ProofRefused("The token holds no claims.")
    return Unverified(text, algorithm, kid, claims)


def verified(token: Unverified, keys: Keys) -> dict[str, Any]:
    """Return the claims of a token whose signature one of the keys made.

    Raises:
        ProofRefused: there is no such key, or the signature is not its own.
    """
    key: Key | None = keys.get(token.key)
    if key is None:
        raise ProofRefused("The token is signed with a key its issuer does not publish.")
    try:
        return jwt.decode(token.text, key, algorithms=[token.algorithm]).claims
    except (JoseError, ValueError, TypeError, RecursionError):
        raise ProofRefused("The signature of the token is not that of its issuer.") from None


def check_claims(
    claims: dict[str, Any], now: datetime, *, issuer: str, audience: str, needed: Collection[str] = ()
) -> None:
    """Make sure that a token is for us and good at this moment.

    Args:
        claims: of a token whose signature was checked.
        now: the present instant.
        issuer: who must have issued it.
        audience: whom it must be meant for, perhaps among others.
        needed: claims it must have beside issuer, audience, subject and end.

    Raises:
        ProofRefused: it is not; the message says in which regard.
    """
    essential: dict[str, Any] = {name: {"essential": True} for name in ("sub", "exp", *needed)}
    rules = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        **essential,
    )
    try:
        rules.validate(claims)
    except ExpiredTokenError:
        raise ProofRefused("The token has expired. Fetch a new one.") from None
    except MissingClaimError as error:
        raise ProofRefused(f"The token does not say {error.claim}.") from None
    except InvalidClaimError as error:
        raise ProofRefused(
            f"The claim {error.claim} of the token does not fit: it is not for Careway, or not yet good."
        ) from None
    if not claims["sub"]:
        raise ProofRefused("The token does not say sub.")

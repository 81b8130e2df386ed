"""Tokens as the provider makes them, or as somebody else might."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import urlsafe_b64decode

from tests.oidc.provider import AUDIENCE, Provider


def claims(provider: Provider, now: datetime, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good access token of May, with changes; None leaves one out."""
    second = int(now.timestamp())
    good = {
        "iss": provider.issuer,
        "sub": "may",
        "aud": AUDIENCE,
        "iat": second,
        "exp": second + 600,
        "jti": "one",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(told: dict[str, Any], key: RSAKey | ECKey, algorithm: str, **header: Any) -> str:
    """Return a token signed with a key; the header names the key unless it is told otherwise."""
    made = {"alg": algorithm, "kid": key.kid, **header}
    return jwt.encode({k: v for k, v in made.items() if v is not None}, told, key, algorithms=[algorithm])


def part(value: Any) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(content).decode().rstrip("=")


def unsigned(told: dict[str, Any], kid: str) -> str:
    """Return a token that says it needs no signature."""
    return f"{part({'alg': 'none', 'kid': kid})}.{part(told)}."


def keyed_with_what_is_public(told: dict[str, Any], key: RSAKey, algorithm: str = "HS256") -> str:
    """Return a token whose shared secret is the provider's public key, as in the well-known attack."""
    start = f"{part({'alg': algorithm, 'kid': key.kid})}.{part(told)}"
    return f"{start}.{part(hmac.new(key.as_pem(private=False), start.encode(), sha256).digest())}"


def tampered(token: str, **changes: Any) -> str:
    """Return a token with other claims under the old signature."""
    header, _, signature = token.split(".")
    told = jwt_claims(token) | changes
    return f"{header}.{part(told)}.{signature}"


def jwt_claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(urlsafe_b64decode(token.split(".")[1].encode()))
    return found

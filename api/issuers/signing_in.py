"""Signing in at a provider: authorization code with PKCE, state and nonce (OpenID Connect).

All three are made from one secret that only the browser keeps, in a cookie that lasts as long as the sign-in.
So nothing is kept here, any server of several may end what another began, and whoever changes the cookie
also changes what the provider was told at the beginning, which the provider notices.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, unquote, urlencode

from api.errors import ProofRefused, ProviderUnavailable
from api.issuers.configured import Issuer
from api.issuers.fetching import json_at
from api.issuers.issuers import Issuers

PATIENCE = timedelta(minutes=10)
"""How long somebody may take to sign in at the provider."""

HOME = "/"


@dataclass(frozen=True, slots=True)
class Errand:
    """A sign-in that began at our page and has gone to the provider."""

    secret: str
    begun: int
    """Seconds since 1970."""
    then: str
    """Where to go afterwards: a path of ours."""

    def part(self, name: str) -> str:
        """Return the state, the nonce or the verifier, none of which tells the others."""
        told = f"{name} {self.begun} {self.then}"
        return _text(hmac.digest(self.secret.encode(), told.encode(), "sha256"))

    def cookie(self) -> str:
        """Return what the browser keeps."""
        return f"{self.secret}.{self.begun}.{quote(self.then, safe='/')}"


def errand_in(cookie: str, state: str, now: datetime) -> Errand:
    """Return the sign-in a browser began, if this state belongs to it.

    Raises:
        ProofRefused: the browser began none, another, or one that is too old.
    """
    secret, _, rest = cookie.partition(".")
    begun, _, then = rest.partition(".")
    errand = Errand(secret, int(begun) if begun.isdecimal() and len(begun) < 12 else 0, inside(unquote(then)))
    if not secret or not hmac.compare_digest(errand.part("state").encode(), state.encode()):
        raise ProofRefused("This sign-in did not begin in this browser, or has ended. Begin again.")
    if not 0 <= now.timestamp() - errand.begun < PATIENCE.total_seconds():
        raise ProofRefused("This sign-in took too long. Begin again.")
    return errand


def inside(wanted: str) -> str:
    """Return a path of ours to go on to; the first page for anything that could lead elsewhere."""
    ours = wanted.startswith("/") and not wanted.startswith("//") and len(wanted) <= 1000
    plain = wanted.isascii() and wanted.isprintable() and not any(letter in wanted for letter in "\\ ")
    return wanted if ours and plain else HOME


async def leading_there(issuers: Issuers, provider: Issuer, errand: Errand, back: str) -> str:
    """Return the address at the provider where somebody signs in; raises `ProviderUnavailable`."""
    where = (await issuers.metadata(provider)).authorization
    if where is None:
        raise ProviderUnavailable("The provider does not say where people sign in.")
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": "openid",
        "state": errand.part("state"),
        "nonce": errand.part("nonce"),
        "code_challenge": _text(sha256(errand.part("verifier").encode()).digest()),
        "code_challenge_method": "S256",
    }
    return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"


async def who_came_back(issuers: Issuers, provider: Issuer, errand: Errand, code: str, back: str) -> str:
    """Return the subject for whom the provider gave a code. Tokens that come with it are not kept.

    Raises:
        ProofRefused: the code was used, is not for this sign-in, or leads to nothing that can be believed.
        ProviderUnavailable: the provider cannot be asked.
    """
    where = (await issuers.metadata(provider)).token
    if where is None:
        raise ProviderUnavailable("The provider does not say where codes are exchanged.")
    assert provider.client_id is not None
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": errand.part("verifier"),
    }
    auth = None
    if provider.client_secret is None:
        form["client_id"] = provider.client_id
    else:
        auth = (quote(provider.client_id, safe=""), quote(provider.client_secret, safe=""))
    status, answer = await json_at(where, form, auth)
    token = answer.get("id_token") if status == 200 and isinstance(answer, dict) else None
    if not isinstance(token, str):
        raise ProofRefused("The provider did not confirm this sign-in. Begin again.")
    claims = await issuers.identity(token, provider, errand.part("nonce"))
    return str(claims["sub"])


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")

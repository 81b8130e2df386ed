"""A browser that walks through the pages of a provider, and what it gets at the end."""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx2

from tests.oidc.provider import AUDIENCE, CLIENTS, READER_RETURN, Provider

VERIFIER = "a verifier that is only for tests, long enough".replace(" ", "-").replace(",", "")


def signed_in_at(provider: Provider, start: str, login: str) -> str:
    """Walk from an address at the provider through login and consent; return where it leads back to."""
    with httpx2.Client(timeout=30, trust_env=False) as browser:
        response = browser.get(start)
        for _ in range(20):
            if response.is_redirect:
                where = urljoin(str(response.request.url), response.headers["location"])
                if not where.startswith(provider.issuer):
                    return where
                response = browser.get(where)
            else:
                assert response.status_code == 200, response.text
                (action,) = re.findall(r'<form[^>]* action="([^"]+)"', response.text)
                (prompt,) = re.findall(r'name="prompt" value="([^"]+)"', response.text)
                fields = {"prompt": prompt, "login": login, "password": "any"}
                response = browser.post(urljoin(str(response.request.url), action), data=fields)
    raise AssertionError("the walk does not end")


def told_in(address: str) -> dict[str, str]:
    """Return the parameters of an address."""
    return dict(parse_qsl(urlsplit(address).query))


def tokens(
    provider: Provider, login: str, scope: str = "openid offline_access patients.read"
) -> dict[str, Any]:
    """Return what another client of the provider gets for a person: among others a JWT for Careway."""
    client = CLIENTS[1]
    asked = {
        "client_id": client["client_id"],
        "response_type": "code",
        "redirect_uri": READER_RETURN,
        "scope": scope,
        "prompt": "consent",
        "resource": AUDIENCE,
        "state": "s",
        "code_challenge": urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    back = signed_in_at(provider, f"{provider.issuer}/auth?{urlencode(asked)}", login)
    form = {
        "grant_type": "authorization_code",
        "code": told_in(back)["code"],
        "redirect_uri": READER_RETURN,
        "code_verifier": VERIFIER,
        "resource": AUDIENCE,
    }
    answer = httpx2.post(
        f"{provider.issuer}/token",
        data=form,
        auth=(client["client_id"], client["client_secret"].replace(" ", "+")),
        trust_env=False,
    )
    found: dict[str, Any] = answer.json()
    assert answer.status_code == 200, found
    return found

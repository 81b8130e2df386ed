"""ID tokens: an answer to one sign-in, made for us, and nothing that only looks like it."""

import asyncio
from typing import Any

import pytest

from api.clock import SystemClock
from api.errors import ProofRefused
from api.issuers.configured import Issuer
from api.issuers.issuers import Issuers
from tests.oidc.conftest import trusted
from tests.oidc.forging import claims, keyed_with_what_is_public, signed, tampered, unsigned
from tests.oidc.provider import Provider, ec_key

NONCE = "n"
OURS = {"aud": "careway", "nonce": NONCE}


def believed(provider: Provider, token: str, issuer: Issuer | None = None) -> dict[str, Any]:
    used = issuer or trusted(provider)
    return asyncio.run(Issuers((used,), SystemClock()).identity(token, used, NONCE))


def made(provider: Provider, **changes: Any) -> str:
    return signed(claims(provider, SystemClock().now(), **(OURS | changes)), provider.rsa, "RS256")


@pytest.mark.parametrize("more", [{}, {"azp": "careway"}, {"aud": ["careway", "other"], "azp": "careway"}])
def test_an_id_token_made_for_us(provider: Provider, more: dict[str, Any]) -> None:
    assert believed(provider, made(provider, **more))["sub"] == "may"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"nonce": "other"}, "another sign-in"),
        ({"nonce": None}, "does not say nonce"),
        ({"nonce": ["n"]}, "another sign-in"),
        ({"aud": "reader"}, "aud"),
        ({"aud": "http://127.0.0.1:8000/v1"}, "aud"),
        ({"aud": ["careway", "other"]}, "another party"),
        ({"aud": ["careway", "other"], "azp": "other"}, "another party"),
        ({"azp": "other"}, "another party"),
        ({"iss": "https://elsewhere.example"}, "iss"),
        ({"exp": 1}, "has expired"),
        ({"iat": None}, "does not say iat"),
        ({"sub": None}, "does not say sub"),
    ],
)
def test_an_id_token_that_is_not_right(provider: Provider, more: dict[str, Any], says: str) -> None:
    with pytest.raises(ProofRefused, match=says):
        believed(provider, made(provider, **more))


def test_an_id_token_that_is_not_signed_as_it_must_be(provider: Provider) -> None:
    told = claims(provider, SystemClock().now(), **OURS)
    for token in (
        unsigned(told, "r1"),
        keyed_with_what_is_public(told, provider.rsa),
        tampered(made(provider), sub="lee"),
        signed(told, ec_key("P-384", "e1"), "ES384"),
        "x",
    ):
        with pytest.raises(ProofRefused):
            believed(provider, token)


def test_an_issuer_may_be_held_to_fewer_signatures(provider: Provider) -> None:
    narrow = trusted(provider).model_copy(update={"algorithms": ("ES384",)})
    told = claims(provider, SystemClock().now(), **OURS)

    assert believed(provider, signed(told, provider.ec, "ES384"), narrow)["sub"] == "may"
    with pytest.raises(ProofRefused, match="must be signed with ES384"):
        believed(provider, made(provider), narrow)

"""SMART Backend Services: other systems prove themselves by their own keys and get short tokens.

Errors of the token endpoint have the form of RFC 6749, because that is what its callers know.
"""

import json
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api.application import Application
from api.errors import ProofRefused, ProviderUnavailable
from api.http.body import fields_of
from api.http.problems import RETRY_AFTER, BodyUnreadable, MediaTypeUnsupported
from api.http.smart import OFFERED, granted
from api.issuers.issuers import Issuers
from api.issuers.keys import keys_in
from api.issuers.tokens import LEEWAY, check_claims, opened, verified
from engine.core.people import Client
from engine.core.result import View
from engine.errors import ClientRefused
from engine.services.clients import LASTS, grant

router = APIRouter(tags=["access"])

ALGORITHMS = ("RS384", "ES384")
"""Signatures a client may use, as SMART asks for."""
LONGEST_JTI = 500
SOON = timedelta(minutes=5)
"""How far ahead an assertion may end."""

TOKENS = "/auth/token"
KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


TOKEN_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type", "client_assertion_type", "client_assertion", "scope"],
                    "properties": {
                        "grant_type": {"const": "client_credentials"},
                        "client_assertion_type": {"const": KIND},
                        "client_assertion": {"type": "string"},
                        "scope": {"type": "string", "minLength": 1},
                    },
                }
            }
        },
    }
}


class GivenToken(View):
    """A token of five minutes."""

    access_token: str
    token_type: str
    expires_in: int
    """Seconds."""
    scope: str


class RefusedToken(View):
    """Why none was given, in the form of RFC 6749."""

    error: str
    error_description: str


class TokenRefused(Exception):
    """A request for a token that is answered in the form of RFC 6749."""

    def __init__(self, error: str, description: str) -> None:
        self.error = error
        super().__init__(description)


@router.get("/.well-known/smart-configuration", summary="How other systems get tokens")
async def smart_configuration(request: Request) -> dict[str, Any]:
    """Say where tokens are given, to whom, and for what."""
    return {
        "token_endpoint": request.app.state.elsewhere.address + TOKENS,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": list(OFFERED),
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }


@router.post(
    TOKENS,
    summary="A token for a system that proves itself by its key",
    response_model=GivenToken,
    openapi_extra=TOKEN_FORM,
    responses={400: {"model": RefusedToken}, 503: {"model": RefusedToken}},
)
async def give_token(request: Request) -> JSONResponse:
    """Give a token of five minutes for a signed assertion (RFC 7523); errors have the form of RFC 6749."""
    try:
        return JSONResponse(await _given(request))
    except TokenRefused as error:
        return _refusal(400, error.error, str(error))
    except (ProofRefused, ClientRefused) as error:
        return _refusal(400, "invalid_client", str(error))
    except ProviderUnavailable as error:
        return _refusal(503, "temporarily_unavailable", str(error), RETRY_AFTER)


async def _given(request: Request) -> dict[str, Any]:
    app: Application = request.app.state.application
    form = await _form(request)
    token = opened(form["client_assertion"], ALGORITHMS)
    client = await app.ask(lambda uow: uow.clients.get(token.issuer()))
    if client is None or client.revoked is not None:
        raise ProofRefused("The client is not known here, or was revoked.")
    issuers: Issuers = request.app.state.issuers
    if client.keys_url is None:
        keys = keys_in(json.loads(client.keys or "{}"))
    else:
        keys = await issuers.keys.at(client.keys_url, lambda found: token.key in found)
    claims, now = verified(token, keys), app.clock.now()
    address = request.app.state.elsewhere.address + TOKENS
    check_claims(claims, now, issuer=client.id, audience=address, needed=("jti",))
    _check_assertion(claims, client, now.timestamp())
    text, scopes = granted(form["scope"], client.scopes.split())
    if not scopes:
        mine = ", ".join(client.scopes.split())
        raise TokenRefused(
            "invalid_scope",
            f"None of the scopes asked for can be given. This client's reach is {mine}; "
            f"ask with {', '.join(OFFERED[:3])}.",
        )
    until = now + SOON + timedelta(seconds=2 * LEEWAY)  # after that no leeway lets it in
    secret, _ = await app.run(
        lambda uow: grant(uow, client.id, claims["jti"], until, scopes, now=now, randomness=app.randomness)
    )
    lasts = int(LASTS.total_seconds())
    return {"access_token": secret, "token_type": "bearer", "expires_in": lasts, "scope": text}


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a good request; raises `TokenRefused`."""
    try:
        fields = await fields_of(request)
    except (BodyUnreadable, MediaTypeUnsupported) as error:
        raise TokenRefused("invalid_request", str(error)) from None
    form = dict(fields)
    if len(form) < len(fields):
        raise TokenRefused("invalid_request", "A parameter came twice.")
    if "grant_type" not in form:
        raise TokenRefused("invalid_request", "`grant_type` is missing. It is client_credentials.")
    if form["grant_type"] != "client_credentials":
        raise TokenRefused("unsupported_grant_type", "Only `grant_type=client_credentials` is served.")
    if form.get("client_assertion_type") != KIND or "client_assertion" not in form:
        raise TokenRefused(
            "invalid_client", f"`client_assertion` is needed, with `client_assertion_type={KIND}`."
        )
    if not form.get("scope"):
        raise TokenRefused("invalid_scope", f"`scope` is missing. Name some of {', '.join(OFFERED)}.")
    return form


def _check_assertion(claims: dict[str, Any], client: Client, now: float) -> None:
    if claims["sub"] != client.id:
        raise ProofRefused("The claims iss and sub of the assertion must both be the id of the client.")
    if not 0 < len(claims["jti"]) <= LONGEST_JTI:
        raise ProofRefused(f"The claim jti of the assertion must have 1 to {LONGEST_JTI} letters.")
    if claims["exp"] > now + SOON.total_seconds() + LEEWAY:
        raise ProofRefused("The assertion must end within five minutes.")


def _refusal(
    status: int, error: str, description: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    content = {"error": error, "error_description": description}
    return JSONResponse(content, status, {"Pragma": "no-cache", **(headers or {})})

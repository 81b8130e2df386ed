"""Signing in at a browser with an account somewhere else (OpenID Connect)."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.errors import ProofRefused, ProviderUnavailable
from api.http.problems import PersonUnknown, status_of
from api.issuers.configured import Elsewhere, Issuer
from api.issuers.signing_in import PATIENCE, Errand, errand_in, inside, leading_there, who_came_back
from api.web.pages import page
from api.web.signing import application_of, signed_in
from engine.core.people import Person
from engine.errors import CarewayError, NotFound, SignInRefused
from engine.services.secrets import drawn

router = APIRouter(include_in_schema=False)

PLAIN, SECURED = "careway-sign-in", "__Host-careway-sign-in"
BACK = "/sign-in/oidc/callback"


@router.get("/sign-in/oidc")
async def go_there(request: Request) -> Response:
    """Lead to the provider; `next` names the page of ours to show afterwards."""
    app, elsewhere = application_of(request), _elsewhere(request)
    errand = Errand(
        drawn(app.randomness),
        int(app.clock.now().timestamp()),
        inside(request.query_params.get("next", "/")),
    )
    try:
        where = await leading_there(
            request.app.state.issuers, _provider(request), errand, elsewhere.address + BACK
        )
    except ProviderUnavailable as error:
        return _refusal(error)
    response = RedirectResponse(where, HTTPStatus.SEE_OTHER)
    response.set_cookie(
        _cookie(request),
        errand.cookie(),
        max_age=int(PATIENCE.total_seconds()),
        path="/",
        secure=request.app.state.secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get(BACK)
async def come_back(request: Request) -> Response:
    """Take what the provider answered, and begin a session of the person it vouches for."""
    try:
        response = await _let_in(request)
    except (ProofRefused, ProviderUnavailable, PersonUnknown) as error:
        response = _refusal(error)
    response.delete_cookie(
        _cookie(request), path="/", secure=request.app.state.secure, httponly=True, samesite="lax"
    )
    return response


async def _let_in(request: Request) -> Response:
    app, provider = application_of(request), _provider(request)
    told = request.query_params
    errand = errand_in(request.cookies.get(_cookie(request), ""), told.get("state", ""), app.clock.now())
    if told.get("iss", provider.issuer) != provider.issuer:
        raise ProofRefused("Another provider than ours answered. Begin again.")
    if "code" not in told:
        raise ProofRefused("The provider did not let you in. Begin again, or ask your administrator.")
    back = _elsewhere(request).address + BACK
    subject = await who_came_back(request.app.state.issuers, provider, errand, told["code"], back)
    person: Person | None = await app.ask(lambda uow: uow.people.by_subject(provider.issuer, subject))
    if person is None:
        raise PersonUnknown
    try:
        return await signed_in(request, person, errand.then)
    except SignInRefused:
        raise PersonUnknown from None


def _elsewhere(request: Request) -> Elsewhere:
    elsewhere: Elsewhere = request.app.state.elsewhere
    return elsewhere


def _provider(request: Request) -> Issuer:
    """Return where people sign in; raises `NotFound` when nothing is set up."""
    provider = _elsewhere(request).provider
    if provider is None:
        raise NotFound("provider", "oidc")
    return provider


def _cookie(request: Request) -> str:
    return SECURED if request.app.state.secure else PLAIN


def _refusal(error: CarewayError) -> Response:
    return page("notice", status_of(error), title="You are not signed in", says=str(error), back="/sign-in")

"""Signing in and out at a browser, choosing a password, and going on at another site."""

from contextlib import suppress
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool

from api.application import Application
from api.http.body import form_of
from api.http.cookies import forget_session, from_elsewhere, session_cookie, session_of
from api.http.problems import CallFromElsewhere, CredentialNeeded, status_of
from api.issuers.signing_in import inside
from api.web.forms import Origin, form_in, token_from
from api.web.kept import kept_in, not_yours, shown_again
from api.web.pages import STATIC, page
from api.web.refusals import signs_in, where
from engine.core.people import Person, Session
from engine.errors import (
    CarewayError,
    InvitationUnusable,
    NotFound,
    PasswordWeak,
    SignInRefused,
    SignInTooOften,
)
from engine.ports import UnitOfWork
from engine.services.sessions import found, move
from engine.services.signing_in import SHORTEST, accept, acceptable, attempt, fits, invited, sign_in, sign_out

router = APIRouter(include_in_schema=False)

STATIC_FILES = StaticFiles(directory=STATIC)


def application_of(request: Request) -> Application:
    """Return the application; a form that another site's page sent is refused."""
    if from_elsewhere(request):
        raise CallFromElsewhere("A page of another site made your browser send this; nothing was done.")
    application: Application = request.app.state.application
    return application


async def signed_in(request: Request, person: Person, then: str = "/", kept: str = "") -> Response:
    """Begin a session, end the one the browser had, and lead to a page of ours.

    A form that was kept is shown to the one who typed it, at the site where it was typed; to nobody else.

    Args:
        request: of the one who signs in.
        person: who that is.
        then: the page.
        kept: what was typed when the session before had ended.
    """
    app = application_of(request)
    now, old, before = app.clock.now(), session_of(request), kept_in(kept)
    hers = before is not None and before.origin.person == person.id

    def command(uow: UnitOfWork) -> tuple[str, Session, str]:
        if old is not None:
            sign_out(uow, old, now)
        secret = sign_in(uow, person.id, now=now, randomness=app.randomness)
        if before is not None and hers:
            with suppress(NotFound):  # the role there was taken meanwhile
                move(uow, secret, before.origin.site, now)
        session = found(uow, secret, now)
        assert session is not None, "it has just begun"
        return secret, session, where(uow, session, None if before is None else before.origin)

    secret, session, moved = await app.run(command)
    response: Response = RedirectResponse(then, HTTPStatus.SEE_OTHER)
    if before is not None and hers:
        says = f"Your session had ended, so what you sent was not taken. It is still here. {moved}".strip()
        response = shown_again(before, token_from(secret, Origin(session.person, session.site)), says)
    elif before is not None:
        response = not_yours()
    session_cookie(request, response, secret)
    return response


@router.get("/sign-in")
async def show_sign_in(request: Request) -> Response:
    """Show the form."""
    return signs_in(request, next=inside(request.query_params.get("next", "/")))


@router.post("/sign-in")
async def take_sign_in(request: Request) -> Response:
    """Sign in with login and password."""
    app = application_of(request)
    form = await form_of(request)
    login, password = form.get("login", ""), form.get("password", "")
    then, kept = inside(form.get("next", "/")), form.get("kept", "")
    try:
        tried = await app.run(lambda uow: attempt(uow, login, app.clock.now()))
        person = await run_in_threadpool(fits, app.passwords, tried, password)
        return await signed_in(request, person, then, kept)
    except (SignInRefused, SignInTooOften) as error:
        return signs_in(request, str(error), status_of(error), login=login, next=then, kept=kept)


@router.post("/sign-out")
async def take_sign_out(request: Request) -> Response:
    """Sign out; harmless for one who is not signed in."""
    app = application_of(request)
    await form_in(request)
    secret = session_of(request)
    if secret is not None:
        await app.run(lambda uow: sign_out(uow, secret, app.clock.now()))
    response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    forget_session(request, response)
    return response


@router.get("/welcome")
async def show_welcome(request: Request, invitation: str = "") -> Response:
    """Show an invited person where to choose a password."""
    app = application_of(request)
    try:
        person = await app.ask(lambda uow: invited(uow, invitation, app.clock.now()))
    except InvitationUnusable as error:
        return _unusable(error)
    return _welcome(person, invitation)


@router.post("/welcome")
async def take_welcome(request: Request) -> Response:
    """Keep the chosen password and sign in."""
    app = application_of(request)
    form = await form_of(request)
    invitation, password = form.get("invitation", ""), form.get("password", "")
    try:
        person = await app.ask(lambda uow: invited(uow, invitation, app.clock.now()))
    except InvitationUnusable as error:
        return _unusable(error)
    try:
        acceptable(password, person.login)
        if password != form.get("again"):
            raise PasswordWeak("The two passwords differ. Type the same one twice.")
    except PasswordWeak as error:
        return _welcome(person, invitation, error)
    kept = await run_in_threadpool(app.passwords.hashed, password)
    try:
        await app.run(lambda uow: accept(uow, invitation, kept, app.clock.now()))
    except InvitationUnusable as error:
        return _unusable(error)
    return await signed_in(request, person)


@router.post("/site")
async def change_site(request: Request) -> Response:
    """Go on at another site of the person who signed in."""
    app = application_of(request)
    wanted, secret = (await form_in(request))["site"], session_of(request)
    now = app.clock.now()

    def command(uow: UnitOfWork) -> None:
        if secret is None or found(uow, secret, now) is None:
            raise CredentialNeeded("Your session has ended. Sign in again.")
        move(uow, secret, wanted, now)

    await app.run(command)
    return RedirectResponse("/", HTTPStatus.SEE_OTHER)


def _welcome(person: Person, invitation: str, error: CarewayError | None = None) -> Response:
    status = HTTPStatus.OK if error is None else status_of(error)
    says = "" if error is None else str(error)
    return page(
        "welcome",
        status,
        name=person.name,
        login=person.login,
        invitation=invitation,
        shortest=SHORTEST,
        says=says,
    )


def _unusable(error: InvitationUnusable) -> Response:
    return page("notice", status_of(error), title="This link does not work", says=str(error), back="/sign-in")

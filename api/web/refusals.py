"""What somebody at a browser sees when something cannot be done; what was typed is never lost."""

from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from api.application import Application
from api.http import problems
from api.http.cookies import session_of
from api.http.permissions import RULES
from api.http.problems import (
    BodyTooLarge,
    CredentialNeeded,
    FormUnproven,
    HttpProblem,
    ParameterUnreadable,
    response_of,
)
from api.issuers.signing_in import inside
from api.web import words
from api.web.forms import AGAIN, TOKEN, Form, Origin, origin_in, token_from, typed
from api.web.kept import NOT_YOURS, Kept, not_yours, shown_again
from api.web.pages import page
from engine.core.people import Session
from engine.errors import CarewayError, EventIdReused, MessageRefused, NotFound, RevisionStale
from engine.ports import UnitOfWork
from engine.services.sessions import found

SIGN_IN = "/sign-in"
GONE = "What this is about is no longer open, or no longer there: something was recorded, or a new day began."
"""Said of a form; the page it was on had it."""


def signs_in(request: Request, says: str = "", status: HTTPStatus = HTTPStatus.OK, **values: str) -> Response:
    """Return the form by which one signs in.

    Args:
        request: whose.
        says: why it is shown.
        status: with which it is answered.
        values: `login`, `next` (where to go afterwards) and `kept` (what was typed), nothing by default.
    """
    filled = {"login": "", "next": "/", "kept": "", **values}
    elsewhere = ""
    if request.app.state.elsewhere.provider is not None:
        elsewhere = f"{SIGN_IN}/oidc?{urlencode({'next': filled['next']})}"
    return page("sign_in", status, says=says, elsewhere=elsewhere, **filled)


async def on_error(request: Request, error: Exception) -> Response:
    """Answer an error raised on purpose: with a page where a page was asked for."""
    assert isinstance(error, CarewayError)
    if _at_a_page(request):
        if isinstance(error, CredentialNeeded):
            return await _signed_out(request)
        if isinstance(error, FormUnproven):
            return await _unproven(request, error)
    return told(request, error)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer what the router refuses; a page that is not there looks like one of another site."""
    assert isinstance(error, HTTPException)
    answer = await problems.on_http_error(request, error)
    if not _at_a_page(request):
        return answer
    return _page_for(request, answer, ROUTED.get(answer.status_code, "Careway cannot answer this."))


async def on_bad_parameters(request: Request, error: Exception) -> Response:
    """Answer parameters of the query or path that do not fit; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    if not _at_a_page(request):
        return await problems.on_bad_parameters(request, error)
    return told(request, ParameterUnreadable("This address holds something that cannot be looked for."))


def told(request: Request, error: CarewayError) -> Response:
    """Return what tells of an error: a page where a page was asked for, and a problem elsewhere."""
    trace = request.state.trace
    answer = response_of(error, trace)
    if not _at_a_page(request):
        return answer
    if isinstance(error, NotFound) and _sent(request):
        return _page_for(request, answer, GONE, "This is no longer there")
    defect = answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    return _page_for(request, answer, " ".join((*says(error), *((f"It is {trace}.",) if defect else ()))))


async def _signed_out(request: Request) -> Response:
    here = _here(request)
    if "hx-request" in request.headers:
        says = (
            "Your session has ended. Sign in on another tab, then go on here; what you typed is still there."
        )
        return page("alert", HTTPStatus.UNAUTHORIZED, says=says)
    if request.method == "GET":
        return RedirectResponse(
            SIGN_IN if here == "/" else f"{SIGN_IN}?{urlencode({'next': here})}", HTTPStatus.SEE_OTHER
        )
    says, kept = "Your session has ended. Sign in again.", ""
    try:
        fields = tuple(await typed(request))
        if (origin := origin_in(fields)) is not None:
            says = "Your session has ended. Sign in again; what you typed is kept."
            kept = Kept(here, origin, fields).text
    except BodyTooLarge:
        says = (
            "Your session has ended. Sign in again, then fill in the form again; "
            "with its file it is too large to be kept."
        )
    except HttpProblem:
        pass  # what no page of ours sent is not kept
    return signs_in(request, says, HTTPStatus.UNAUTHORIZED, next=_page_of(request), kept=kept)


async def _unproven(request: Request, error: FormUnproven) -> Response:
    """Answer a form that was not made here and now; nobody is offered what somebody else typed."""
    app: Application = request.app.state.application
    secret, now, fields = session_of(request), app.clock.now(), tuple(await typed(request))
    origin = origin_in(fields)

    def ask(uow: UnitOfWork) -> tuple[Session | None, str]:
        session = None if secret is None else found(uow, secret, now)
        return session, "" if session is None else where(uow, session, origin)

    session, moved = await app.ask(ask)
    if session is None or secret is None:
        return await _signed_out(request)
    hers = origin is None or origin.person == session.person
    if "hx-request" in request.headers:
        told = f"{error} Press Record: what you typed is shown again." if hers else NOT_YOURS
        return page("alert", HTTPStatus.FORBIDDEN, says=told)
    if not hers:
        return not_yours(HTTPStatus.FORBIDDEN)
    here = Origin(session.person, session.site)
    kept = Kept(_here(request), origin or here, fields)
    says = f"{error} {moved}Look at what it holds before you go on."
    return shown_again(
        kept, token_from(secret, here), says, title="This was not done", status=HTTPStatus.FORBIDDEN
    )


def where(uow: UnitOfWork, session: Session, origin: Origin | None) -> str:
    """Return in words at which site a form was made and would be sent; nothing when it is the same."""
    if origin is None or origin.site == session.site:
        return ""
    then, now = (site.name if (site := uow.sites.get(each)) else each for each in (origin.site, session.site))
    return f"It was opened at {then}; if you send it now, it is done at {now}. "


def says(error: CarewayError | None) -> tuple[str, ...]:
    """Return in words what was wrong; nothing for nothing."""
    if isinstance(error, MessageRefused):
        return tuple(words.spoken(problem.text) for problem in error.problems)
    if isinstance(error, RevisionStale):
        return (
            "The patient has changed meanwhile: something was recorded, or a new day began. "
            "Look at the patient, then send this again.",
        )
    if isinstance(error, EventIdReused):
        return (
            "This form was sent before, and what it said then is on the timeline: put that right there. "
            "Sent again, this is recorded as well.",
        )
    return () if error is None else (words.spoken(str(error)),)


ROUTED: dict[int, str] = {
    HTTPStatus.NOT_FOUND: "It may have been there once.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Something is sent to this address, but nothing is shown at it.",
}
TITLES = {
    HTTPStatus.NOT_FOUND: "There is no such page",
    HTTPStatus.FORBIDDEN: "This is not for you",
    HTTPStatus.PRECONDITION_FAILED: "Somebody was faster",
    HTTPStatus.METHOD_NOT_ALLOWED: "There is nothing to see here",
    HTTPStatus.TOO_MANY_REQUESTS: "Too much at once",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Careway failed",
}
PASSED_ON = ("allow", "retry-after")
"""Headers of a problem that a page has as well."""


def _page_for(request: Request, answer: Response, says: str, title: str = "") -> Response:
    """Return a page in the place of a problem; a form that can be filled in again is held ready."""
    status, sent = HTTPStatus(answer.status_code), _sent(request)
    title, back = title or TITLES.get(status, "This could not be done"), _back(request)
    found: Response
    if "hx-request" in request.headers:
        found = page("alert", status, says=says)
    elif status != HTTPStatus.NOT_FOUND and any(name == AGAIN for name, _ in sent):
        kept = Kept(_here(request), origin_in(sent) or Origin("", ""), sent)
        found = shown_again(kept, dict(sent).get(TOKEN, ""), says, title=title, status=status, back=back)
    else:
        found = page("notice", status, title=title, says=says, back=back)
    found.headers.update({name: value for name, value in answer.headers.items() if name in PASSED_ON})
    return found


def _sent(request: Request) -> tuple[tuple[str, str], ...]:
    """Return the fields of the form that was sent, as far as it was read; nothing for none."""
    fields: tuple[tuple[str, str], ...] = tuple(getattr(request.state, "typed", ()))
    return fields


def _back(request: Request) -> str:
    """Return the page a form names to go back to; the first page for none."""
    return inside(Form(_sent(request))["back"] or "/")


def _page_of(request: Request) -> str:
    """Return the page a form stood on, as far as that is known."""
    path = request.scope["route"].path
    return _here(request) if f"GET {path}" in RULES else _back(request)


def _here(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return inside(request.url.path + query)


def _at_a_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers


def _at_a_page(request: Request) -> bool:
    """Whether a browser asked for a page; what the OpenAPI document lists is none."""
    route = request.scope.get("route")
    listed = request.url.path.startswith("/v1/") if route is None else route.include_in_schema
    return _at_a_browser(request) and not listed

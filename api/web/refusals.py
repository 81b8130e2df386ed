"""What somebody at a browser sees when something cannot be done; what was typed is never lost."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from api.http import problems
from api.http.problems import BodyTooLarge, CredentialNeeded, FormUnproven, response_of
from api.issuers.signing_in import inside
from api.web import words
from api.web.forms import AGAIN, TOKEN, token_of, typed
from api.web.pages import page
from engine.errors import CarewayError, EventIdReused, MessageRefused, NotFound, RevisionStale

SIGN_IN = "/sign-in"
LOST = HTTPStatus.NOT_FOUND
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
    elsewhere = request.app.state.elsewhere.provider is not None
    return page("sign_in", status, says=says, elsewhere=elsewhere, **filled)


def typed_before(kept: str) -> list[tuple[str, str]]:
    """Return the fields of a form that were kept while somebody signed in; none for what are none."""
    try:
        found = json.loads(kept or "[]")
        return [(str(name), str(value)) for name, value in found]
    except (ValueError, TypeError, RecursionError):
        return []


def shown_again(action: str, fields: Sequence[tuple[str, str]], token: str) -> Response:
    """Return a page from which a form that could not be taken is sent again with one press.

    One that has a field `AGAIN` is only shown again with that, to be looked at once more.
    """
    return page("again", sent=_sent_again(action, fields, token))


def _sent_again(action: str, fields: Sequence[tuple[str, str]], token: str) -> Mapping[str, object]:
    told = [(name, value) for name, value in fields if name not in (TOKEN, AGAIN)]
    again = AGAIN if any(name == AGAIN for name, _ in fields) else ""
    return {"action": action, "fields": told, "token": token, "token_name": TOKEN, "again": again}


async def on_error(request: Request, error: Exception) -> Response:
    """Answer an error raised on purpose: with a page where a page was asked for."""
    assert isinstance(error, CarewayError)
    if not _at_a_page(request):
        return await problems.on_error(request, error)
    if isinstance(error, CredentialNeeded):
        return await _signed_out(request)
    if isinstance(error, FormUnproven):
        return shown_again(_here(request), await typed(request), token_of(request))
    return _told(request, error)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer what the router refuses; a page that is not there looks like one of another site."""
    assert isinstance(error, HTTPException)
    if not _at_a_browser(request) or error.status_code != LOST or request.url.path.startswith("/v1/"):
        return await problems.on_http_error(request, error)
    return page("notice", LOST, title="There is no such page", says="It may have been there once.", back="/")


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
    says = "Your session has ended. Sign in again; what you typed is kept."
    try:
        fields = await typed(request)
    except BodyTooLarge:
        fields, here = (), request.url.path
        says = (
            "Your session has ended. Sign in again, then choose the file again; it is too large to be kept."
        )
    kept = json.dumps([field for field in fields if field[0] != TOKEN])
    return signs_in(request, says, HTTPStatus.UNAUTHORIZED, next=here, kept=kept)


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


def _told(request: Request, error: CarewayError) -> Response:
    answer = response_of(error, request.state.trace)
    told = " ".join(says(error))
    status = HTTPStatus(answer.status_code)
    sent = getattr(request.state, "typed", ())
    lost = isinstance(error, NotFound) and bool(sent)
    if "hx-request" in request.headers:
        return page("alert", status, says=told)
    title = {
        HTTPStatus.NOT_FOUND: "This is no longer there" if lost else "There is no such page",
        HTTPStatus.FORBIDDEN: "This is not for you",
        HTTPStatus.PRECONDITION_FAILED: "Somebody was faster",
    }.get(status, "This could not be done")
    told, back = GONE if lost else told, inside(dict(sent).get("back", "/"))
    values = {"title": title, "says": told, "back": back}
    if not lost and any(name == AGAIN for name, _ in sent):
        found = page("refused", status, sent=_sent_again(_here(request), sent, token_of(request)), **values)
    else:
        found = page("notice", status, **values)
    found.headers.update({name: value for name, value in answer.headers.items() if name == "retry-after"})
    return found


def _here(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return inside(request.url.path + query)


def _at_a_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers


def _at_a_page(request: Request) -> bool:
    """Whether a browser asked for a page; what the OpenAPI document lists is none."""
    route = request.scope.get("route")
    return _at_a_browser(request) and route is not None and not route.include_in_schema

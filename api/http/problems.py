"""Problems over HTTP (RFC 9457): what each error means to a caller, and how it is written.

The engine's errors carry codes and sentences; statuses for them are given here only. An error not in the
table takes the status of its nearest base.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from api.errors import AddressUnusable, BadInput, ProofRefused, ProviderUnavailable, WebhooksUnavailable
from api.http.permissions import PUBLIC, RULES
from engine.core.pathway import PathwayFlawed
from engine.core.values import Frozen
from engine.errors import (
    AlreadyThere,
    AnsweredOnce,
    CalendarUnknown,
    CarewayError,
    ChannelShut,
    ClientRefused,
    ConcurrencyConflict,
    DatabaseUnusable,
    DocumentRefused,
    EventIdReused,
    GlassNotNeeded,
    IdentifierInUse,
    InvitationUnusable,
    KeyReused,
    MessageRefused,
    NotFound,
    NotYetKnown,
    PasswordWeak,
    PersonElsewhere,
    PersonNeeded,
    Problem,
    RevisionStale,
    SignInRefused,
    SignInTooOften,
    SiteUnclear,
    StoreFault,
    StoreUnavailable,
    TokenTooFar,
    UnknownTimeZone,
    UploadFinished,
    WriterClosed,
)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = {"Retry-After": "1"}
SECOND_ENROLMENT = "already-enrolled"


class HttpProblem(CarewayError):
    """Something only a caller over HTTP can do wrong; each kind has its own code and status."""

    code = "request-refused"
    status = HTTPStatus.BAD_REQUEST
    headers: dict[str, str] = {}


class BodyUnreadable(HttpProblem):
    """The body is not JSON in UTF-8, repeats a key, or nests too deep."""

    code = "body-unreadable"


class BodyTooLarge(HttpProblem):
    """The body is larger than a message can be."""

    code = "body-too-large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class BodyTooSlow(HttpProblem):
    """The body did not come in time."""

    code = "body-too-slow"
    status = HTTPStatus.REQUEST_TIMEOUT


class MediaTypeUnsupported(HttpProblem):
    """The body is not declared to be JSON."""

    code = "media-type-unsupported"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class CredentialNeeded(HttpProblem):
    """No credential was shown, or one that is unknown or was revoked."""

    code = "credential-needed"
    status = HTTPStatus.UNAUTHORIZED
    headers = {"WWW-Authenticate": 'Bearer realm="careway"'}


class CallFromElsewhere(HttpProblem):
    """A page of another site made a browser send a call that could change something."""

    code = "call-from-elsewhere"
    status = HTTPStatus.FORBIDDEN


class FormUnproven(HttpProblem):
    """A form came without the proof that it was sent from a page of ours, or from another session or site."""

    code = "form-unproven"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, says: str = "This form was not sent from a page of this session.") -> None:
        super().__init__(f"{says} Nothing was done.")


class CallsTooMany(HttpProblem):
    """More calls came within a minute than one caller may make."""

    code = "calls-too-many"
    status = HTTPStatus.TOO_MANY_REQUESTS
    headers = {"Retry-After": "10"}


class RoleForbidden(HttpProblem):
    """The role of the credential may not do this."""

    code = "role-forbidden"
    status = HTTPStatus.FORBIDDEN


class ScopeMissing(HttpProblem):
    """The credential was made for less than this."""

    code = "scope-missing"
    status = HTTPStatus.FORBIDDEN


class PersonUnknown(HttpProblem):
    """A provider vouches for somebody who is not one of our people, or may not sign in."""

    code = "person-unknown"
    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(
            "Your provider vouches for you, but Careway does not know you yet. Ask your administrator to "
            "add you, then sign in again."
        )


class PreconditionNeeded(HttpProblem):
    """What was sent decides about a patient and has to say which revision it rests on."""

    code = "precondition-needed"
    status = HTTPStatus.PRECONDITION_REQUIRED


class PreconditionUnreadable(HttpProblem):
    """`If-Match` holds nothing we ever gave out."""

    code = "precondition-unreadable"


class ChangedMeanwhile(HttpProblem):
    """What is to be changed is not as the caller saw it."""

    code = "changed-meanwhile"
    status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self, tag: str) -> None:
        self.headers = {"ETag": tag}
        super().__init__(
            "This is not as you saw it: its ETag is not the one `If-Match` names. Nothing was done. "
            "Look at it again, then decide anew."
        )


class KeyUnreadable(HttpProblem):
    """`Idempotency-Key` is nothing that can be kept."""

    code = "idempotency-key-unreadable"

    def __init__(self) -> None:
        super().__init__(
            "`Idempotency-Key` must have 1 to 255 printable ASCII characters, such as a UUID, in quotes or "
            "without."
        )


class TickStale(HttpProblem):
    """Something Careway does by itself no longer comes on, here or in any other process."""

    code = "tick-stale"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    headers = {"Retry-After": "60"}

    def __init__(self, since: Mapping[str, datetime]) -> None:
        named = ", ".join(f"{job} since {at:%Y-%m-%d %H:%M:%S} UTC" for job, at in since.items())
        super().__init__(
            f"What Careway does by itself no longer comes on: {named}. Its log may tell why; "
            "starting it again is harmless."
        )


class StartingUp(HttpProblem):
    """Something Careway does by itself has not come on yet."""

    code = "starting-up"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    headers = {"Retry-After": "2"}

    def __init__(self, jobs: Sequence[str]) -> None:
        super().__init__(f"What Careway does by itself has not come on yet: {', '.join(jobs)}. Ask again.")


class ParameterUnreadable(HttpProblem):
    """A parameter of the query cannot be used."""

    code = "parameter-unreadable"


class ProblemPlace(Frozen):
    """One thing wrong with what was sent."""

    pointer: str
    """JSON pointer; of a parameter, its place and name."""
    code: str
    detail: str


class ProblemDetails(Frozen):
    """Why a call was not done (RFC 9457)."""

    type: str
    """`/problems/` and the code."""
    title: str
    status: int
    detail: str
    code: str
    """Stable, and documented."""
    errors: tuple[ProblemPlace, ...]
    """Everything that is wrong with what was sent; empty when it is something else."""
    trace_id: str
    """Stands in the log as well."""


STATUSES: dict[type[CarewayError], HTTPStatus] = {
    CarewayError: HTTPStatus.INTERNAL_SERVER_ERROR,
    AddressUnusable: HTTPStatus.UNPROCESSABLE_ENTITY,
    AlreadyThere: HTTPStatus.CONFLICT,
    AnsweredOnce: HTTPStatus.CONFLICT,
    BadInput: HTTPStatus.BAD_REQUEST,
    ChannelShut: HTTPStatus.CONFLICT,
    ClientRefused: HTTPStatus.BAD_REQUEST,
    ConcurrencyConflict: HTTPStatus.CONFLICT,
    DatabaseUnusable: HTTPStatus.SERVICE_UNAVAILABLE,
    DocumentRefused: HTTPStatus.INTERNAL_SERVER_ERROR,
    EventIdReused: HTTPStatus.CONFLICT,
    GlassNotNeeded: HTTPStatus.CONFLICT,
    IdentifierInUse: HTTPStatus.CONFLICT,
    InvitationUnusable: HTTPStatus.GONE,
    KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    MessageRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    NotYetKnown: HTTPStatus.BAD_REQUEST,
    CalendarUnknown: HTTPStatus.NOT_FOUND,
    WebhooksUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    PasswordWeak: HTTPStatus.UNPROCESSABLE_ENTITY,
    PathwayFlawed: HTTPStatus.INTERNAL_SERVER_ERROR,
    PersonNeeded: HTTPStatus.FORBIDDEN,
    PersonElsewhere: HTTPStatus.CONFLICT,
    ProofRefused: HTTPStatus.UNAUTHORIZED,
    ProviderUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    RevisionStale: HTTPStatus.PRECONDITION_FAILED,
    SignInRefused: HTTPStatus.UNAUTHORIZED,
    SignInTooOften: HTTPStatus.TOO_MANY_REQUESTS,
    SiteUnclear: HTTPStatus.FORBIDDEN,
    StoreFault: HTTPStatus.INTERNAL_SERVER_ERROR,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    TokenTooFar: HTTPStatus.FORBIDDEN,
    UnknownTimeZone: HTTPStatus.UNPROCESSABLE_ENTITY,
    UploadFinished: HTTPStatus.CONFLICT,
    WriterClosed: HTTPStatus.SERVICE_UNAVAILABLE,
}

FAILED = "Careway itself failed; nothing was stored. Please report the trace id."


def status_of(error: CarewayError) -> HTTPStatus:
    """Return the status an error is answered with."""
    if isinstance(error, HttpProblem):
        return error.status
    if isinstance(error, MessageRefused) and [p.code for p in error.problems] == [SECOND_ENROLMENT]:
        return HTTPStatus.CONFLICT
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def problem_of(error: CarewayError, trace: str) -> dict[str, object]:
    """Return an error as the members of a problem."""
    status = status_of(error)
    problems = error.problems if isinstance(error, MessageRefused) else ()
    detail = str(error)
    if problems:
        detail = "1 problem was found." if len(problems) == 1 else f"{len(problems)} problems were found."
        detail += " Nothing was stored."
    return _members(error.code, status, detail, trace, problems)


def _members(
    code: str, status: HTTPStatus, detail: str, trace: str, problems: tuple[Problem, ...] = ()
) -> dict[str, object]:
    return ProblemDetails(
        type=f"/problems/{code}",
        title=status.phrase,
        status=int(status),
        detail=detail,
        code=code,
        errors=tuple(ProblemPlace(pointer=p.pointer, code=p.code, detail=p.text) for p in problems),
        trace_id=trace,
    ).model_dump(mode="json")


def response_of(error: CarewayError, trace: str) -> JSONResponse:
    """Return the response that tells of an error."""
    status = status_of(error)
    headers: dict[str, str] = {}
    if isinstance(error, HttpProblem):
        headers = error.headers
    elif isinstance(error, RevisionStale):
        headers = {"ETag": f'"{error.found}"'}
    elif isinstance(error, SignInTooOften):
        headers = {"Retry-After": str(max(1, round(error.wait.total_seconds())))}
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers = RETRY_AFTER
    return JSONResponse(problem_of(error, trace), status, headers, MEDIA_TYPE)


async def on_http_error(request: Request, error: Exception) -> JSONResponse:
    """Answer what the router refuses: a path or a method that is not there."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    code = {404: "not-found", 405: "method-not-allowed"}.get(status, "request-refused")
    detail = {
        404: "There is nothing at this path. /openapi.json lists every call.",
        405: "This path does not take this method. /openapi.json lists every call.",
    }.get(status, status.description)
    headers = dict(error.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request.url.path)))
    return JSONResponse(_members(code, status, detail, request.state.trace), status, headers, MEDIA_TYPE)


def _methods(path: str) -> set[str]:
    """Return the methods a path takes; the router tells only those of the first route that has the path."""
    calls = [call.partition(" ") for call in RULES.keys() | PUBLIC]
    named = {method for method, _, template in calls if template == path}
    return named or {method for method, _, template in calls if compile_path(template)[0].match(path)}


async def on_bad_parameters(request: Request, error: Exception) -> JSONResponse:
    """Answer parameters of the query or path that do not fit; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    problems = tuple(
        Problem("/" + "/".join(str(p) for p in found["loc"]), "bad-parameter", f"{found['msg']}.")
        for found in error.errors()
    )
    status = HTTPStatus.BAD_REQUEST
    members = _members(
        ParameterUnreadable.code, status, "Parameters do not fit.", request.state.trace, problems
    )
    return JSONResponse(members, status, None, MEDIA_TYPE)

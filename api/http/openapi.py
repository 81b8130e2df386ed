"""The OpenAPI document: what FastAPI finds out by itself, and what every call here takes and can end with.

What a call can end with follows from what it is: guarded or public, with a body or without, one that names
something in its path, one that rests on a revision. So no route lists problems, and none is forgotten.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from api.http.cookies import PLAIN
from api.http.endings import ENDINGS
from api.http.etags import REVISION, SEEN
from api.http.permissions import PUBLIC, RULES
from api.http.problems import MEDIA_TYPE, ProblemDetails

PROBLEM = "#/components/schemas/ProblemDetails"
SAFE = ("get", "head")
CHANGING = ("put", "patch", "delete")

TOKEN, SESSION = "token", "session"
SCHEMES = {
    TOKEN: {"type": "http", "scheme": "bearer", "description": "A token, shown once when it was made."},
    SESSION: {"type": "apiKey", "in": "cookie", "name": PLAIN, "description": "Of a browser that signed in."},
}

KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same call under the same key within 24 hours is answered as it was.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"},
}
KNOWN = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The `ETag` of an answer that is there already; 304 if it is still the answer.",
    "schema": {"type": "string"},
}
(NEEDED,) = REVISION["parameters"]
TAG = {"ETag": {"description": "Of this answer, for `If-None-Match`.", "schema": {"type": "string"}}}
NEXT = {"Link": {"description": 'With `rel="next"`, the next page.', "schema": {"type": "string"}}}


def describe(app: FastAPI) -> None:
    """Have an application describe its calls with everything they take and can end with."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = completed(plain())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with what its calls have in common."""
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)  # problems look otherwise here
    problem = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"ProblemDetails": problem}
    document["components"]["securitySchemes"] = SCHEMES
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            schemas |= _definitions(call)
            if method in CHANGING and "get" in calls:
                _watched(call.setdefault("parameters", []))
            _complete(f"{method.upper()} {path}", method, call)
    return document


def _watched(parameters: list[dict[str, Any]]) -> None:
    """Have a call that changes what a GET of the same path shows take the ETag under which it was seen."""
    if not any(parameter["name"] == SEEN["name"] for parameter in parameters):
        parameters.append(SEEN)


def _definitions(call: dict[str, Any]) -> dict[str, Any]:
    """Take the schema of a body and its definitions out of a call, for the components."""
    found: dict[str, Any] = {}
    for content in call.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        found |= schema.pop("$defs", {})
        if name := schema.get("title"):
            found[name] = schema
            content["schema"] = {"$ref": f"#/components/schemas/{name}"}
    return found


def _complete(name: str, method: str, call: dict[str, Any]) -> None:
    guarded = name in RULES
    assert guarded or name in PUBLIC, f"{name} has no rule"
    if name in ENDINGS:
        call["deprecated"] = True
    call["security"] = [{TOKEN: []}, {SESSION: []}] if guarded else []
    parameters = call.setdefault("parameters", [])
    answers = call["responses"]
    if guarded and method in SAFE:
        parameters.append(KNOWN)
        answers["200"].setdefault("headers", {}).update(TAG)
        answers["304"] = {"description": "It is as the sender has it."}
    elif guarded:
        parameters.append(KEY)
    if any(parameter["name"] == "cursor" for parameter in parameters):
        answers["200"].setdefault("headers", {}).update(NEXT)
    if "application/json" in answers.get("422", {}).get("content", {}):
        del answers["422"]  # as FastAPI would answer
    for status in _endings(call, method, guarded=guarded):
        answers.setdefault(str(int(status)), _problem(status))
    if not parameters:
        del call["parameters"]


def _endings(call: Mapping[str, Any], method: str, *, guarded: bool) -> Iterator[HTTPStatus]:
    """Yield the problems a call can end with."""
    named = {parameter["in"]: parameter["name"] for parameter in call.get("parameters", ())}
    headers = {p["name"] for p in call.get("parameters", ()) if p["in"] == "header"}
    yield HTTPStatus.TOO_MANY_REQUESTS
    yield HTTPStatus.SERVICE_UNAVAILABLE
    if guarded:
        yield from (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    if "path" in named:
        yield HTTPStatus.NOT_FOUND
    if "requestBody" in call:
        yield from (
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.REQUEST_TIMEOUT,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        )
    if guarded and method not in SAFE:
        yield from (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
    if "If-Match" in headers:
        yield HTTPStatus.PRECONDITION_FAILED
        if NEEDED in call["parameters"]:
            yield HTTPStatus.PRECONDITION_REQUIRED


def _problem(status: HTTPStatus) -> dict[str, Any]:
    return {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": {"$ref": PROBLEM}}}}

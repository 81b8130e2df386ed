"""Responses: a view as JSON, for a call that shows something and for one that makes something."""

from collections.abc import Mapping

from fastapi import Response

from engine.core.result import View


def sent(
    view: View, status: int = 200, headers: Mapping[str, str] | None = None, *, tag: str | None = None
) -> Response:
    """Return a view as a response, with its ETag if it has one."""
    tags = {} if tag is None else {"ETag": tag}
    return Response(view.model_dump_json(), status, tags | dict(headers or {}), "application/json")


def made(view: View) -> Response:
    """Return a view of something new as a response."""
    return sent(view, 201)


def as_it_is(response: Response) -> Response:
    """Return a response that is one already."""
    return response

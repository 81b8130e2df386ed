"""Lists in pages: a cursor leads to the next one, and a page never repeats or skips what was there before."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Generic, TypeVar

from fastapi import Request

from api.http.problems import ParameterUnreadable
from engine.core.result import View

T = TypeVar("T")


class Page(View, Generic[T]):
    """Part of a list; the header `Link` with `rel="next"` leads to the rest."""

    items: tuple[T, ...]


def cursor_of(text: str | None) -> str:
    """Return the place a cursor stands for; the beginning for None. Raises `ParameterUnreadable`."""
    if text is None:
        return ""
    try:
        return urlsafe_b64decode(text.encode("ascii")).decode("ascii")
    except ValueError:
        raise ParameterUnreadable("`cursor` must be one from the header `Link` of a page before.") from None


def link_to(request: Request, following: str | int | None, limit: int) -> dict[str, str]:
    """Return the header that leads to the page after a place; none at the end of the list."""
    if following is None:
        return {}
    cursor = urlsafe_b64encode(str(following).encode("ascii")).decode("ascii")
    return {"Link": f'<{request.url.path}?limit={limit}&cursor={cursor}>; rel="next"'}

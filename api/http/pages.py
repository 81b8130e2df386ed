"""Lists in pages: a cursor leads to the next one, and a page never repeats or skips what was there before."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Request

from api.http.problems import ParameterUnreadable
from engine.core.result import View
from engine.core.values import iso_instant

T = TypeVar("T")

UNKNOWN = "`cursor` must be one from the header `Link` of a page before."
DIGITS = 9
"""Of a number in a cursor; every database keeps such a number."""


class Page(View, Generic[T]):
    """Part of a list; the header `Link` with `rel="next"` leads to the rest."""

    items: tuple[T, ...]


def cursor_of(text: str | None) -> str:
    """Return the place a cursor stands for; the beginning for None. Raises `ParameterUnreadable`."""
    if text is None:
        return ""
    try:
        place = urlsafe_b64decode(text.encode("ascii")).decode("ascii")
    except ValueError:
        raise ParameterUnreadable(UNKNOWN) from None
    if not place.isprintable():  # no place of ours is; and a database keeps no NUL
        raise ParameterUnreadable(UNKNOWN)
    return place


def numbers_of(text: str | None, count: int = 1) -> tuple[int, ...] | None:
    """Return the whole numbers a cursor stands for; None for the beginning. Raises `ParameterUnreadable`."""
    place = cursor_of(text)
    if not place:
        return None
    parts = place.split(" ")
    if len(parts) != count or not all(part.isdecimal() and len(part) <= DIGITS for part in parts):
        raise ParameterUnreadable(UNKNOWN)
    return tuple(map(int, parts))


def before_of(text: str | None) -> tuple[datetime, str] | None:
    """Return the instant and id a cursor stands for; None for the beginning. Raises `ParameterUnreadable`."""
    instant, _, last = cursor_of(text).partition(" ")
    if not instant:
        return None
    try:
        return iso_instant(instant), last
    except ValueError:
        raise ParameterUnreadable(UNKNOWN) from None


def place_of(instant: datetime, last: str) -> str:
    """Return the place after something, for `link_to`, where the newest comes first."""
    return f"{instant.isoformat()} {last}"


def link_to(request: Request, following: str | int | None, limit: int) -> dict[str, str]:
    """Return the header that leads to the page after a place, asked alike; none at the end of the list."""
    if following is None:
        return {}
    return {"Link": f'<{link_of(request, following, limit=limit)}>; rel="next"'}


def link_of(request: Request, following: str | int, **more: object) -> str:
    """Return the address of the page after a place, asked alike."""
    cursor = urlsafe_b64encode(str(following).encode("ascii")).decode("ascii")
    asked = {name: value for name, value in request.query_params.items() if name not in ("cursor", *more)}
    query = urlencode({**more, "cursor": cursor, **asked}, safe="=")
    return f"{request.url.path}?{query}"

"""Parameters: read strictly, because a date misread is another answer.

A parameter a call does not have is refused, because it would be another question: `asof=` is not today.
"""

from datetime import date, datetime
from typing import Annotated

from fastapi import Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.http.permissions import PUBLIC
from api.http.problems import ParameterUnreadable
from engine.core.stories import EARLIEST, LATEST, day
from engine.core.values import iso_moment

AS_OF = Annotated[str | None, Query(description="A date, as YYYY-MM-DD; today at the site if left out.")]
KNOWN_AT = Annotated[
    str | None,
    Query(
        description="A date (its end is meant) or an instant with its offset, not in the future; "
        "now if left out."
    ),
]


def day_of(text: str | None, name: str = "as_of") -> date | None:
    """Return the date asked about; raises `ParameterUnreadable`."""
    try:
        return None if text is None else day(text)
    except ValueError:
        years = f"{EARLIEST.year} to {LATEST.year}"
        raise ParameterUnreadable(
            f"`{name}` must be a date as YYYY-MM-DD in the years {years}; got {text!r}."
        ) from None


def moment_of(text: str | None, name: str = "known_at") -> date | datetime | None:
    """Return the time whose knowledge is asked for; raises `ParameterUnreadable`."""
    try:
        return None if text is None else iso_moment(text)
    except ValueError as error:
        raise ParameterUnreadable(f"`{name}`: {error}.") from None


def asked_by(dependant: Dependant) -> tuple[str, ...]:
    """Return the names of the parameters of the query that a call has."""
    names = dict.fromkeys(field.alias for field in dependant.query_params)
    for part in dependant.dependencies:
        names |= dict.fromkeys(asked_by(part))
    return tuple(names)


async def no_others(request: Request) -> None:
    """Refuse parameters the call does not have; raises `ParameterUnreadable`.

    Public calls are made by calendars, balancers and browsers, which add what they like.
    """
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    if f"{request.method} {route.path}" in PUBLIC:
        return
    known = asked_by(route.dependant)
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        told = ", ".join(f"`{name}`" for name in known) or "none"
        raise ParameterUnreadable(f"This call has no parameter `{unknown[0]}`. Its parameters: {told}.")

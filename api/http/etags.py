"""ETags: the patient's revision, and for answers that depend on the day, the day as well."""

import re
from datetime import date
from typing import Any

from fastapi import Request

from api.http.problems import PreconditionNeeded, PreconditionUnreadable

REVISION: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-Match",
            "in": "header",
            "description": "The `ETag` of the patient or state this rests on, or `*`.",
            "schema": {"type": "string"},
        }
    ]
}
"""The header as OpenAPI describes it, for calls that rest on a revision."""

_OURS = re.compile(r'"(0|[1-9][0-9]{0,17})(?:-[0-9]{4}-[0-9]{2}-[0-9]{2})?(?:-[0-9a-f]{16})?"')
"""Of a write; of a read, with the day it holds for and a hash of its content."""


def etag(revision: int, day: date | None = None) -> str:
    """Return the ETag of a patient at a revision; with a day, of an answer that holds on that day."""
    return f'"{revision}"' if day is None else f'"{revision}-{day}"'


def expected_revision(request: Request, *, needed: bool) -> int | None:
    """Return the revision a write rests on; None when the sender does not care.

    Args:
        request: with or without `If-Match`; `*` stands for any revision.
        needed: the write decides about a patient, so it has to say.

    Raises:
        PreconditionNeeded: it has to say, and does not.
        PreconditionUnreadable: what it says is no ETag of ours.
    """
    sent = request.headers.get("if-match")
    if sent is None:
        if needed:
            raise PreconditionNeeded(
                "Decisions, overrides, hand-overs, work notes and changes of status or care team need "
                "`If-Match` with the ETag of the patient or of the state they rest on, so that nobody "
                "decides on what has changed meanwhile."
            )
        return None
    if sent.strip() == "*":
        return None
    match = _OURS.fullmatch(sent.strip())
    if match is None:
        raise PreconditionUnreadable(
            f'`If-Match` must be one ETag as it was received, such as "7"; got {sent!r}.'
        )
    return int(match[1])

"""ETags: the patient's revision, and for answers that depend on the day, the day as well.

What is no patient has no revision; there the content of what its GET shows takes its place.
"""

import re
from datetime import date
from typing import Any

from fastapi import Request

from api.http.conditional import completed
from api.http.problems import ChangedMeanwhile, PreconditionNeeded, PreconditionUnreadable
from engine.core.result import View

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
"""The header as OpenAPI describes it, for calls that rest on a revision, some of them always."""

AT_WILL: dict[str, Any] = {
    "parameters": [REVISION["parameters"][0] | {"description": "The `ETag` of the patient; not needed."}]
}
"""The same for calls that need not say on which revision they rest."""

_OURS = re.compile(r'"(0|[1-9][0-9]{0,17})(?:-[0-9]{4}-[0-9]{2}-[0-9]{2})?(?:-[0-9a-f]{16})?"')
"""Of a write; of a read, with the day it holds for and a hash of its content."""


SEEN: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "description": "The `ETag` of what is to be changed, as it was seen; 412 if it is another by now.",
    "schema": {"type": "string"},
}
"""The header as OpenAPI describes it, for calls that change what a GET shows."""

_CONTENT = re.compile(r'("[0-9a-f]{16})(?:-[0-9a-f]{16})?"')
"""The hash of what a call changes, and of what the answer tells beside it."""


def tag_of(view: View) -> str:
    """Return the ETag of an answer that is a view and nothing else."""
    return completed(None, view.model_dump_json().encode())


def make_sure(request: Request, tag: str) -> None:
    """Make sure that what has an ETag now is as the caller saw it, if the caller says so by `If-Match`.

    Raises:
        ChangedMeanwhile: it is not.
        PreconditionUnreadable: what the caller says is no ETag of ours.
    """
    sent = request.headers.get("if-match", "*").strip()
    if sent == "*":
        return
    match = _CONTENT.fullmatch(sent)
    if match is None:
        raise _unreadable(sent)
    if f'{match[1]}"' != tag:
        raise ChangedMeanwhile(tag)


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
        raise _unreadable(sent)
    return int(match[1])


def _unreadable(sent: str) -> PreconditionUnreadable:
    return PreconditionUnreadable(f"`If-Match` must be one ETag as it was received; got {sent!r}.")

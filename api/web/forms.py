"""Forms: proof that one was sent from a page of ours, and what it holds.

The proof is made from the secret of the session and put into every form. Whoever cannot read our pages
cannot know it, so a form without it was not sent by the person who is signed in. It also says for whom and at
which site the form was made, so that one of an old page is not taken for a form of this one.
"""

import hmac
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote, unquote

from fastapi import Request
from starlette.datastructures import UploadFile

from api.http import body
from api.http.body import declared_as, fields_of, form_with_file_of
from api.http.cookies import session_of
from api.http.problems import FormUnproven

TOKEN = "form_token"  # noqa: S105 - the name of a field
DIGITS = 17
MULTIPART = "multipart/form-data"
LARGEST, PATIENCE = 64 << 20, 600
"""Bytes a form with a file may have, and seconds it may take: as much as a file sent by itself."""
AGAIN = "typed_before"
"""A field by which a form is shown again with what was typed, and nothing is done."""


@dataclass(frozen=True, slots=True)
class Origin:
    """For whom a form was made, and at which site."""

    person: str
    site: str


class Form:
    """The fields of a form."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        """Hold fields in their order; a name may come several times."""
        self.fields = tuple((name, value) for name, value in fields if name != TOKEN)

    def __getitem__(self, name: str) -> str:
        """Return the value of a field, the last one of several; nothing when it did not come."""
        return next((value.strip() for key, value in reversed(self.fields) if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field."""
        return tuple(value for key, value in self.fields if key == name)

    def number(self, name: str) -> int | None:
        """Return a field that holds a whole number, such as a revision; None for anything else."""
        return whole(self[name])

    @property
    def again(self) -> bool:
        """Whether it is only to be shown again."""
        return bool(self[AGAIN])


NOTHING = Form(())
"""Where nothing was typed."""


def whole(text: str) -> int | None:
    """Return a whole number of at most 17 digits; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else None


def token_of(request: Request, person: str | None, site: str) -> str:
    """Return the proof that goes into the forms of a session; nothing for a caller without one."""
    secret = session_of(request)
    return "" if secret is None or person is None else token_from(secret, Origin(person, site))


def token_from(secret: str, origin: Origin) -> str:
    """Return the proof of a session by its secret, which cannot be told from it."""
    told = f"{quote(origin.person, safe='')}:{quote(origin.site, safe='')}"
    return f"{told}:{hmac.new(secret.encode(), f'careway form {told}'.encode(), sha256).hexdigest()}"


def origin_in(fields: Iterable[tuple[str, str]]) -> Origin | None:
    """Return what a form says of where it was made, proven or not; None for one that was not made by us."""
    person, *rest = next((value for name, value in fields if name == TOKEN), "").split(":")
    return Origin(unquote(person), unquote(rest[0])) if len(rest) == 2 else None


async def form_in(request: Request) -> Form:
    """Return a form that was sent from a page of ours.

    A call with a credential of its own needs no proof: no browser sends one by itself.

    Raises:
        FormUnproven: the proof is missing or of another session. One of another site is told by `Caller`,
            where the site of the session is known.
        MediaTypeUnsupported, BodyTooLarge, BodyTooSlow, BodyUnreadable: as `fields_of`.
    """
    return await _proven(request)


async def _proven(request: Request, *, with_file: bool = False) -> Form:
    fields = await typed(request, with_file=with_file)
    told = next((value for name, value in fields if name == TOKEN), "")
    if (secret := session_of(request)) is not None:
        origin = origin_in(fields)
        if origin is None or not hmac.compare_digest(told.encode(), token_from(secret, origin).encode()):
            raise FormUnproven
        request.state.made_at = origin.site
    return Form(fields)


@asynccontextmanager
async def form_with_file(request: Request) -> AsyncIterator[tuple[Form, UploadFile | None]]:
    """Return a form as `form_in` does, and the file that was chosen, which is gone afterwards.

    Ask for this only of somebody who may send a file, for it may be large.
    """
    try:
        form = await _proven(request, with_file=True)
        file: UploadFile | None = getattr(request.state, "file", None)
        yield form, file if file is not None and file.filename else None
    finally:
        await _dropped(request)


async def typed(request: Request, *, with_file: bool = False) -> Sequence[tuple[str, str]]:
    """Return the fields of a form, which may be asked for again; raises what `fields_of` raises."""
    if not hasattr(request.state, "typed"):
        if declared_as(request) == MULTIPART:
            limits = (LARGEST, PATIENCE) if with_file else (body.LARGEST, body.PATIENCE)
            request.state.typed, request.state.file = await form_with_file_of(request, *limits)
            if not with_file:
                await _dropped(request)
        else:
            request.state.typed = await fields_of(request)
    fields: Sequence[tuple[str, str]] = request.state.typed
    return fields


async def _dropped(request: Request) -> None:
    file: UploadFile | None = getattr(request.state, "file", None)
    if file is not None:
        await file.close()

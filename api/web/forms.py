"""Forms: proof that one was sent from a page of ours, and what it holds.

The proof is made from the secret of the session and put into every form. Whoever cannot read our pages
cannot know it, so a form without it was not sent by the person who is signed in.
"""

import hmac
from collections.abc import Iterable, Sequence
from hashlib import sha256

from fastapi import Request

from api.http.body import fields_of
from api.http.cookies import session_of
from api.http.problems import FormUnproven

TOKEN = "form_token"  # noqa: S105 - the name of a field
DIGITS = 17
AGAIN = "typed_before"
"""A field by which a form is shown again with what was typed, and nothing is done."""


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


def whole(text: str) -> int | None:
    """Return a whole number of at most 17 digits; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else None


def token_of(request: Request) -> str:
    """Return the proof that goes into the forms of a session; nothing for a caller without one."""
    secret = session_of(request)
    return "" if secret is None else token_from(secret)


def token_from(secret: str) -> str:
    """Return the proof of a session by its secret, which cannot be told from it."""
    return hmac.new(secret.encode(), b"careway form", sha256).hexdigest()


async def form_in(request: Request) -> Form:
    """Return a form that was sent from a page of ours.

    A call with a credential of its own needs no proof: no browser sends one by itself.

    Raises:
        FormUnproven: the proof is missing or of another session.
        MediaTypeUnsupported, BodyTooLarge, BodyTooSlow, BodyUnreadable: as `fields_of`.
    """
    fields = await typed(request)
    told = next((value for name, value in fields if name == TOKEN), "")
    if session_of(request) is not None and not hmac.compare_digest(told.encode(), token_of(request).encode()):
        raise FormUnproven
    return Form(fields)


async def typed(request: Request) -> Sequence[tuple[str, str]]:
    """Return the fields of a form, which may be asked for again; raises what `fields_of` raises."""
    if not hasattr(request.state, "typed"):
        request.state.typed = await fields_of(request)
    fields: Sequence[tuple[str, str]] = request.state.typed
    return fields

"""What was typed, kept in the page where somebody signs in again, for the one who typed it."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from fastapi.responses import Response

from api.issuers.signing_in import inside
from api.web import words
from api.web.forms import AGAIN, TOKEN, Origin
from api.web.pages import page

Fields = tuple[tuple[str, str], ...]
UNSAID = frozenset(
    {TOKEN, AGAIN, "back", "event", "form", "kind", "list", "only", "panel", "pathway", "revision", "row"}
    | {"subject", "target", "type"}
)
"""Fields that nobody filled in: they say where the form belongs."""
NOT_YOURS = "What had been typed here was somebody else's. It was not sent, and it is not kept."


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that could not be taken."""

    action: str
    """The path of ours it goes to."""
    origin: Origin
    """Who typed it, and where."""
    fields: Fields

    @property
    def text(self) -> str:
        """What a hidden field holds of it."""
        return json.dumps([self.action, self.origin.person, self.origin.site, self.fields])


def kept_in(text: str) -> Kept | None:
    """Return the form that a hidden field holds; None for what holds none."""
    try:
        action, person, site, fields = json.loads(text or "[]")
        told = tuple((str(name), str(value)) for name, value in fields)
    except (ValueError, TypeError, RecursionError):
        return None
    return Kept(inside(str(action)), Origin(str(person), str(site)), told)


def shown_again(
    kept: Kept,
    token: str,
    says: str,
    *,
    title: str = "Nothing is lost",
    status: HTTPStatus = HTTPStatus.OK,
    back: str = "/",
) -> Response:
    """Return a page that shows what a form holds that could not be taken, and can send it again.

    One that has a field `AGAIN` is only shown again with that, to be looked at once more.

    Args:
        kept: the form.
        token: the proof of the present session.
        says: why it could not be taken.
        title: the same in a few words.
        status: with which it is answered.
        back: the page one can go back to instead.
    """
    told = tuple((name, value) for name, value in kept.fields if name not in (TOKEN, AGAIN))
    return page(
        "again",
        status,
        title=title,
        says=says,
        action=kept.action,
        fields=told,
        filled=tuple((called(name), value) for name, value in told if value and name not in UNSAID),
        token=token,
        token_name=TOKEN,
        back=back,
        again=AGAIN if any(name == AGAIN for name, _ in kept.fields) else "",
    )


def called(name: str) -> str:
    """Return what somebody who typed into a field would call it."""
    kind, _, about = name.rpartition(".")
    return words.first_upper(words.plainly(f"{kind} {about}" if kind == "unit" else about).replace(".", " "))


def not_yours(status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return a page that says that somebody else's form was dropped, and nothing of what it held."""
    return page("notice", status, title="Somebody else typed this", says=NOT_YOURS, back="/")

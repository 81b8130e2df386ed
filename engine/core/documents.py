"""An event's body as canonical JSON and back: exactly the same value, digit by digit."""

from collections.abc import Mapping
from typing import Any

from engine.core.canonical import dump, load
from engine.core.events import BODIES, Body, Correct

REPLACES = "replaces"
"""Key, in the document of a correction, of the type its body has."""


def body_text(body: Body) -> str:
    """Return the canonical JSON of a body; fields that hold nothing are left out."""
    return dump(_document(body))


def body_value(kind: str, text: str) -> Body:
    """Return the body of an event of this type from its canonical JSON."""
    return _body(kind, load(text))


def _document(body: Body) -> dict[str, Any]:
    if isinstance(body, Correct):
        (kind,) = (kind for kind, model in BODIES.items() if type(body.body) is model)
        rest = (
            {"target": body.target} if body.reason is None else {"target": body.target, "reason": body.reason}
        )
        return {**rest, REPLACES: kind, "body": _document(body.body)}
    return body.model_dump(exclude_defaults=True)


def _body(kind: str, document: Mapping[str, Any]) -> Body:
    if kind == "correct":
        rest = {k: v for k, v in document.items() if k not in (REPLACES, "body")}
        return Correct(**rest, body=_body(document[REPLACES], document["body"]))
    body: Body = BODIES[kind].model_validate(document)  # type: ignore[assignment]
    return body

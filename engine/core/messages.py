"""An event as the message that would bring it about; values are in canonical units by now."""

from datetime import date
from decimal import Decimal
from typing import Any

from engine.core.events import Body, Correct, Event
from engine.core.values import plain


def message_of(event: Event) -> dict[str, Any]:
    """Return an event as a message, in plain JSON values: numbers as text, dates as ISO text.

    Fields that hold nothing are left out.
    """
    message: dict[str, Any] = {
        "id": event.id,
        "type": event.type,
        "effective": event.effective.isoformat(),
        "source": event.source,
    }
    if event.pathway is not None:
        message["pathway"] = event.pathway
    return message | _fields(event.body)


def _fields(body: Body) -> dict[str, Any]:
    if isinstance(body, Correct):
        fields = {"target": body.target} | _fields(body.body)
        return fields if body.reason is None else fields | {"reason": body.reason}
    return {name: _plain(value) for name, value in body.model_dump(exclude_defaults=True).items()}


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(part) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case Decimal():
            return plain(value)
        case date():
            return value.isoformat()
        case _:
            return value

"""What is wrong with the shape of a message, in words: missing, unknown and mistyped fields."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from engine.core.values import received
from engine.errors import Problem


def shape_problems(error: ValidationError) -> Iterator[Problem]:
    """Yield one problem for each field that does not fit, with its JSON pointer."""
    for part in _own_errors(error):
        pointer = "".join(f"/{p}" for p in part["loc"])
        yield Problem(pointer, "bad-field", _field_text(part, pointer))


def _own_errors(error: ValidationError) -> list[ErrorDetails]:
    """Return the errors of a message; a list is not also called too short because its entries are wrong."""
    found = error.errors(include_url=False)
    return [
        part
        for part in found
        if part["type"] != "too_short" or not any(_below(other["loc"], part["loc"]) for other in found)
    ]


def _below(path: tuple[int | str, ...], above: tuple[int | str, ...]) -> bool:
    return len(path) > len(above) and path[: len(above)] == above


def _field_text(part: ErrorDetails, pointer: str) -> str:
    name = pointer.rsplit("/", 1)[-1] or "the message"
    got, about = received(part["input"]), part.get("ctx", {})
    match part["type"]:
        case "missing":
            return f"`{name}` is missing."
        case "extra_forbidden":
            return f"`{name}` is not a field of this event."
        case "literal_error":
            return f"`{name}` must be {about['expected']}; got {got}."
        case "value_error":
            return f"`{name}`: {about['error']}."
        case "string_type":
            return f"`{name}` must be text; got {got}."
        case "tuple_type":
            return f"`{name}` must be a list; got {got}."
        case "too_short":
            return f"`{name}` must not be empty."
        case "model_type":
            return f"`{name}` must be an object; got {got}."
        case _:
            return f"`{name}`: {part['msg']}; got {got}."


def unstorable(value: object, pointer: str = "") -> Iterator[Problem]:
    """Yield one problem for each text that no database can keep: NUL, and halves of surrogate pairs."""
    match value:
        case str() if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
            yield Problem(pointer, "bad-text", "Text may not hold NUL characters or unpaired surrogates.")
        case Mapping():
            for key, part in value.items():
                yield from unstorable(str(key), pointer)
                yield from unstorable(part, f"{pointer}/{key}")
        case list() | tuple():
            for index, part in enumerate(value):
                yield from unstorable(part, f"{pointer}/{index}")

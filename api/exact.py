"""JSON with its numbers exactly as written, and nothing that only looks like it, in bodies as in files."""

import json
from decimal import Decimal
from typing import Any

DEEPEST = 32
"""Levels a value may nest."""


class NotExact(Exception):
    """A text cannot be used as JSON; the message says why, and goes on from what the text is called."""


def exact_json(text: str) -> Any:
    """Return the value of a JSON text; numbers as int or Decimal.

    Raises:
        NotExact: it is not JSON, repeats a key, nests too deep, or holds a number that is none.
    """
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if "\n" in text else ""
        raise NotExact(f"is not JSON: {error.msg} at {line}column {error.colno}.") from None
    except RecursionError:
        raise NotExact(f"nests deeper than {DEEPEST} levels.") from None
    except ValueError:  # a whole number of thousands of digits
        raise NotExact("holds a number that is too long to be one.") from None
    if _deeper(value, DEEPEST):
        raise NotExact(f"nests deeper than {DEEPEST} levels.")
    return value


def _refuse(text: str) -> None:
    raise NotExact(f"is not JSON: {text} is no number.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotExact(f"has the key {twice!r} twice in one object.")
    return found


def _deeper(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        return levels == 0 or any(_deeper(part, levels - 1) for part in value.values())
    if isinstance(value, list):
        return levels == 0 or any(_deeper(part, levels - 1) for part in value)
    return False

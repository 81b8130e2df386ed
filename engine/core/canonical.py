"""Canonical JSON: one text for one value, and the value back exactly.

Keys are sorted and there is no white space. Plain JSON has no exact numbers and no dates, so a number is
`{"$number":"2.50"}`, with the digits as they were, and a date `{"$date":"2026-01-31"}`. Text is thus never
mistaken for a number. Whole numbers used as counts stay JSON integers. A float is refused.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

NUMBER, DATE = "$number", "$date"


def dump(value: object) -> str:
    """Return the canonical text of a value, in ASCII.

    Raises:
        TypeError: a float, an instant, or anything else that has no exact form here.
        ValueError: a key that is not text or begins with `$`.
    """
    return _ENCODER.encode(_plain(value))


def load(text: str) -> Any:
    """Return the value of a canonical text; lists come back as tuples."""
    value = _DECODER.decode(text)
    return _tuple(value) if type(value) is list else value


def _plain(value: object) -> object:
    match value:
        case None | bool() | str() | int():
            return value
        case Decimal():
            return {NUMBER: str(value)}
        case datetime():
            raise TypeError(f"an instant is a column, not part of a document: {value!r}")
        case date():
            return {DATE: value.isoformat()}
        case Mapping():
            return {_key(k): _plain(v) for k, v in value.items()}
        case list() | tuple():
            return [_plain(v) for v in value]
        case _:
            raise TypeError(f"{value!r} has no exact form in JSON")


def _key(key: object) -> str:
    if not isinstance(key, str) or key.startswith("$"):
        raise ValueError(f"{key!r} cannot be a key: keys are text and do not begin with $")
    return key


def _exact(found: dict[str, Any]) -> Any:
    """Return what an object stands for; those inside it have been read already."""
    if NUMBER in found:
        return Decimal(found[NUMBER])
    if DATE in found:
        return date.fromisoformat(found[DATE])
    for key, value in found.items():
        if type(value) is list:
            found[key] = _tuple(value)
    return found


def _tuple(values: list[Any]) -> tuple[Any, ...]:
    return tuple(_tuple(value) if type(value) is list else value for value in values)


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is not written exactly")


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
_DECODER = json.JSONDecoder(object_hook=_exact, parse_float=_refuse, parse_constant=_refuse)

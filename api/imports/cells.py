"""What a cell says: numbers with either decimal mark, dates that can be read one way only, yes and no."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from engine.core.values import iso_date
from engine.errors import Problem

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}([.,][0-9]{1,30})?")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")

Mark = Literal["point", "comma"]
MARKS: Mapping[Mark, str] = {"point": ".", "comma": ","}
"""Decimal marks by the names they are asked for with."""

YES, NO = ("yes", "true", "1", "y"), ("no", "false", "0", "n")


class CellUnreadable(Exception):
    """A cell cannot be used; `problem` names its column and says what would work."""

    def __init__(self, column: str, code: str, text: str) -> None:
        self.problem = Problem(column, code, text)
        super().__init__(text)


def number(text: str, column: str, mark: str | None = None) -> Decimal:
    """Return a number.

    Args:
        text: with nothing between thousands.
        column: where it stands.
        mark: the decimal mark, a point or a comma. If None either will do, but `1.000` and `1,000` are then
            refused: to one half of the world they are one, and to the other a thousand.

    Raises:
        CellUnreadable: it is no number, or could be two.
    """
    if not _NUMBER.fullmatch(text) or (mark is not None and set(text) & set(",.") - {mark}):
        raise CellUnreadable(
            column,
            "bad-number",
            f"{text!r} is no number. Write 2.45 or 2,45, with nothing between thousands.",
        )
    if mark is None and _THOUSANDS.fullmatch(text):
        raise CellUnreadable(
            column,
            "ambiguous-number",
            f"{text!r} could be two numbers. Say which mark is the decimal one.",
        )
    return Decimal(text.replace(",", "."))


def day(text: str, column: str) -> date:
    """Return a date written as 2026-03-17 or 17.03.2026; with strokes nobody knows which is the month."""
    dotted = _DOTTED.fullmatch(text)
    try:
        return date(int(dotted[3]), int(dotted[2]), int(dotted[1])) if dotted else iso_date(text)
    except ValueError:
        raise CellUnreadable(
            column, "bad-date", f"{text!r} is no date we can be sure of. Write 2026-03-17 or 17.03.2026."
        ) from None


def truth(text: str, column: str) -> bool:
    """Return whether a cell says yes."""
    said = text.lower()
    if said not in YES + NO:
        raise CellUnreadable(column, "bad-field", f"{text!r} is neither yes nor no.")
    return said in YES

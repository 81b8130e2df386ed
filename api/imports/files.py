"""Reading a file of any sort: the entries of its rows, and what is wrong with those that cannot be read."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from api.errors import BadInput
from api.imports.cells import CellUnreadable, day
from api.imports.layouts import LAYOUTS, Entry, RowRefused, Whose
from api.imports.texts import columns_of, opened, rows_of
from engine.core.canonical import dump
from engine.core.vocabulary import Vocabulary
from engine.errors import Problem
from engine.services.importing import Imported

NDJSON = "ndjson"
KINDS = (*LAYOUTS, NDJSON)
LONGEST_LINE = 1 << 20

Read = Entry | Imported
"""An entry, or what is to be told of a row that is none."""


def read(
    file: Path, kind: str, vocabulary: Vocabulary, origin: str, mark: str | None = None
) -> Iterator[Read]:
    """Yield what each row of a file is, in order.

    Args:
        file: what to read.
        kind: one of `KINDS`.
        vocabulary: what may be recorded.
        origin: what the file comes from; the ids of events without one of their own begin with it.
        mark: the decimal mark of its numbers; None if nobody said.

    Raises:
        BadInput: the file as a whole cannot be used.
    """
    return _lines(file) if kind == NDJSON else _table(file, kind, vocabulary, origin, mark)


def _table(file: Path, kind: str, vocabulary: Vocabulary, origin: str, mark: str | None) -> Iterator[Read]:
    layout = LAYOUTS[kind]
    with opened(file) as source:
        columns, separator = columns_of(source, file)
        layout.check([name for name in columns if name], vocabulary)
        for row in rows_of(source, columns, separator, file):
            try:
                yield layout.entry(row, tuple(columns), vocabulary, origin, mark)
            except RowRefused as refused:
                yield Imported(row.number, "refused", refused.problems)


def _lines(file: Path) -> Iterator[Read]:
    """Yield the messages of a file with one JSON object a line: a message as it is sent, and whose it is."""
    with opened(file) as source:
        number = 0
        while line := source.readline(LONGEST_LINE):
            number += 1
            if line.strip():
                yield _line(number, line)


def _line(number: int, line: str) -> Read:
    try:
        message = json.loads(line, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return _wrong(number, "", "not-json", "The line is not JSON.")
    if not isinstance(message, dict):
        return _wrong(number, "", "not-an-object", "The line is no JSON object.")
    told = {name: message.pop(name, None) for name in ("patient", "system", "identifier", "check")}
    named = [told[name] for name in ("patient", "system", "identifier")]
    if not all(name is None or isinstance(name, str) for name in named):
        return _wrong(number, "identifier", "bad-field", "`patient`, `system` and `identifier` are text.")
    whose = Whose(*named)
    if whose.patient is None and (whose.system is None or whose.identifier is None):
        text = "The line needs `patient`, or `system` and `identifier`, to say whose it is."
        return _wrong(number, "identifier", "missing-field", text)
    return _checked(number, whose, message, told["check"])


def _checked(number: int, whose: Whose, message: dict[str, Any], check: Any) -> Read:
    try:
        dump(message)
    except ValueError as error:
        return _wrong(number, "", "bad-field", f"{error}.")
    said = {} if check is None else check
    if not isinstance(said, dict) or not set(said) <= {"birth_date", "sex"}:
        return _wrong(number, "check", "bad-field", "`check` may hold `birth_date` and `sex`.")
    try:
        born = day(str(said["birth_date"]), "check/birth_date") if "birth_date" in said else None
    except CellUnreadable as error:
        return Imported(number, "refused", (error.problem,))
    return Entry(number, whose, message, born, said.get("sex"))


def _wrong(number: int, column: str, code: str, text: str) -> Imported:
    return Imported(number, "refused", (Problem(column, code, text),))


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def origin_of(file: Path, name: str | None) -> str:
    """Return what the ids of a file's events begin with: a name that was given, or the file's own.

    Raises:
        BadInput: it is too long, or has characters that cannot be printed.
    """
    origin = name or file.stem
    if not 1 <= len(origin) <= 80 or not origin.isprintable():
        raise BadInput(f"--origin: {origin!r} must be 1 to 80 printable characters.")
    return origin

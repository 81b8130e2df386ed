"""Reading a file of any sort: the entries of its rows, and what is wrong with those that cannot be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from api.errors import BadInput
from api.exact import NotExact, exact_json
from api.imports.cells import CellUnreadable, day
from api.imports.entries import WHOSE, Entry, RowRefused, whose_of
from api.imports.layouts import CHECKED, LAYOUTS
from api.imports.texts import LONGEST_LINE, columns_of, lines_of, opened, rows_of
from engine.core.canonical import dump
from engine.core.vocabulary import Vocabulary
from engine.errors import Problem
from engine.services.importing import Imported

NDJSON = "ndjson"
KINDS = (*LAYOUTS, NDJSON)

Read = Entry | Imported
"""An entry, or what is to be told of a row that is none."""


def read(
    source: BinaryIO, kind: str, vocabulary: Vocabulary, origin: str, mark: str | None = None
) -> Iterator[Read]:
    """Yield what each row of a file is, in order.

    Args:
        source: what to read, open from the start for as long as this goes on.
        kind: one of `KINDS`.
        vocabulary: what may be recorded.
        origin: what the file comes from; the ids of events without one of their own begin with it.
        mark: the decimal mark of its numbers; None if nobody said.

    Raises:
        BadInput: the file as a whole cannot be used.
    """
    return _lines(source) if kind == NDJSON else _table(source, kind, vocabulary, origin, mark)


def _table(
    source: BinaryIO, kind: str, vocabulary: Vocabulary, origin: str, mark: str | None
) -> Iterator[Read]:
    layout = LAYOUTS[kind]
    with opened(source) as text:
        columns, separator = columns_of(text)
        layout.check([name for name in columns if name], vocabulary)
        for row in rows_of(text, columns, separator):
            try:
                yield layout.entry(row, tuple(columns), vocabulary, origin, mark)
            except RowRefused as refused:
                yield Imported(row.number, "refused", refused.problems)


def _lines(source: BinaryIO) -> Iterator[Read]:
    """Yield the messages of a file with one JSON object a line: a message as it is sent, and whose it is."""
    with opened(source, newline=None) as text:
        for number, line in lines_of(text):
            if line is None or line.strip():
                try:
                    yield _line(number, line)
                except RowRefused as refused:
                    yield Imported(number, "refused", refused.problems)


def _line(number: int, line: str | None) -> Entry:
    if line is None:
        raise _refused("", "too-long", f"A line may have {LONGEST_LINE} characters at most.")
    try:
        message = exact_json(line)
    except NotExact as error:
        raise _refused("", "not-json", f"The line {error}") from None
    if not isinstance(message, dict):
        raise _refused("", "not-an-object", "The line is no JSON object.")
    whose = whose_of({name: message.pop(name, None) for name in WHOSE})
    born, sex = _checked(message.pop("check", None))
    try:
        dump(message)
    except ValueError as error:
        raise _refused("", "bad-field", f"{error}.") from None
    return Entry(number, whose, message, born, sex)


def _checked(said: Any) -> tuple[date | None, str | None]:
    """Return the date of birth and the sex that a line says of the patient."""
    check = {} if said is None else said
    if not isinstance(check, dict) or not set(check) <= set(CHECKED):
        raise _refused("check", "bad-field", "`check` may hold `birth_date` and `sex`.")
    sex = check.get("sex")
    if not isinstance(sex, str | None):
        raise _refused("check/sex", "bad-field", "`sex` must be text.")
    try:
        return (day(str(check["birth_date"]), "check/birth_date") if "birth_date" in check else None), sex
    except CellUnreadable as error:
        raise RowRefused((error.problem,)) from None


def _refused(column: str, code: str, text: str) -> RowRefused:
    return RowRefused((Problem(column, code, text),))


@contextmanager
def file_at(path: Path) -> Iterator[BinaryIO]:
    """Open the file at a place of this machine; raises `BadInput` when it cannot be read."""
    try:
        source = path.open("rb")
    except OSError as error:
        raise BadInput(f"{path.name!r} cannot be read: {error.strerror or error}.") from None
    with source:
        yield source


def origin_of(file: Path, name: str | None) -> str:
    """Return what the ids of a file's events begin with: a name that was given, or the file's own.

    Raises:
        BadInput: it is too long, or has characters that cannot be printed.
    """
    origin = name or file.stem
    if not 1 <= len(origin) <= 80 or not origin.isprintable():
        raise BadInput(f"--origin: {origin!r} must be 1 to 80 printable characters.")
    return origin

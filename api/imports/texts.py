"""A file as rows of text, whatever it is encoded in and separated by; never more than a row in memory."""

import codecs
import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from api.errors import BadInput

BLOCK = 1 << 20
LONGEST_LINE = 1 << 20
"""Letters a line of JSON may have."""
LONGEST_CELL = 10_000
"""Letters one cell may have; more is a quote that was never closed."""
SEPARATORS = ",;\t|"
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WINDOWS = "cp1252"
"""What a file is read as when it is not UTF-8: the Western encoding of Windows, which holds Latin 1."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """A row as it is written."""

    number: int
    """Of the line it begins on; the first line of the file is 1."""
    cells: dict[str, str]
    """By column, without the spaces around them; empty ones are left out."""


def encoding_of(source: BinaryIO) -> str:
    """Return the encoding of a file: by its byte order mark, else UTF-8 if it is, else Windows 1252."""
    block = source.read(BLOCK)
    for mark, name in BYTE_ORDER_MARKS:
        if block.startswith(mark):
            return name
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block:
            decoder.decode(block)
            block = source.read(BLOCK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return WINDOWS
    return "utf-8"


@contextmanager
def opened(source: BinaryIO, newline: str | None = "") -> Iterator[TextIO]:
    """Read a file from its start as text in its own encoding; the file itself stays open.

    Args:
        source: the file, on a disk.
        newline: what ends lines, as `open` takes it: with the usual one they stay as they are.

    Raises:
        BadInput: it is no text in an encoding we know.
    """
    source.seek(0)
    encoding = encoding_of(source)
    source.seek(0)
    with open(os.dup(source.fileno()), encoding=encoding, newline=newline) as text:
        try:
            yield text
        except UnicodeError:
            raise BadInput(
                "The file is no text in UTF-8, UTF-16 or Windows 1252. Save it as UTF-8."
            ) from None


def lines_of(source: TextIO) -> Iterator[tuple[int, str | None]]:
    """Yield each line with its number; None for one that is longer than a line may be."""
    number = 0
    while line := source.readline(LONGEST_LINE):
        number += 1
        part, short = line, _ends(line)
        while not _ends(part):
            part = source.readline(LONGEST_LINE)
        yield number, line if short else None


def _ends(part: str) -> bool:
    """Whether what was read of a line is the end of it."""
    return part.endswith("\n") or len(part) < LONGEST_LINE


def columns_of(source: TextIO) -> tuple[list[str], str]:
    """Read the first line; return the columns it names, in small letters, and what separates them.

    Raises:
        BadInput: there is no first line, a column comes twice, or the line is no list of columns.
    """
    line = source.readline(LONGEST_CELL * 10)
    separator = max(SEPARATORS, key=line.count)
    try:
        rows = list(csv.reader([line], delimiter=separator, strict=True))
    except csv.Error as error:
        raise BadInput(f"The first line is no list of columns: {error}. Are all quotes closed?") from None
    columns = [name.strip().lower() for name in (rows[0] if rows else [])]
    if not any(columns):
        raise BadInput("The file has no first line with the names of its columns.")
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise BadInput(f"The file names a column twice: {', '.join(twice)}.")
    return columns, separator


def rows_of(source: TextIO, columns: list[str], separator: str) -> Iterator[TextRow]:
    """Yield the rows after the first line; those without a single cell are passed over.

    One row with too many cells makes the whole file doubtful: a decimal comma without quotes splits numbers,
    and of other rows the parts may fall into columns that were empty, where nobody would see it.

    Raises:
        BadInput: quotes are not closed, or a row has more cells than there are columns.
    """
    reader = csv.reader(source, delimiter=separator, strict=True)
    begins = 2
    try:
        for cells in reader:
            if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
                raise BadInput(
                    f"Line {begins} has {len(cells)} cells for {len(columns)} columns. "
                    "A number with a comma needs quotes in a file separated by commas."
                )
            named = {
                name: unquoted(cell)
                for name, cell in zip(columns, cells, strict=False)
                if name and cell.strip()
            }
            if named:
                yield TextRow(begins, named)
            begins = reader.line_num + 2
    except csv.Error as error:
        raise BadInput(f"Line {begins} cannot be read: {error}. Are all quotes closed?") from None


def unquoted(cell: str) -> str:
    """Return a cell without the spaces around it, and without the mark our exports put before a formula."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:2] in FORMULA else text


FORMULA = tuple("=+-@\t\r")
"""Beginnings by which a spreadsheet takes text for a formula."""


def neutral(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: what begins like one gets a mark before it."""
    return f"'{text}" if text.startswith(FORMULA) else text

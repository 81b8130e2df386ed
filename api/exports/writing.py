"""Lines as text: JSON lines, and tables that no spreadsheet takes for formulas."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from api.imports.texts import neutral
from engine.core.exported import Line

NDJSON, CSV = "application/x-ndjson", "text/csv; charset=utf-8"
PIECE = 1 << 16
"""Letters sent together."""


def json_lines(lines: Iterable[Line]) -> Iterator[str]:
    """Yield each line as JSON."""
    for line in lines:
        yield json.dumps(line, ensure_ascii=False) + "\n"


def pieces(text: Iterable[str], size: int = PIECE) -> Iterator[str]:
    """Yield text in pieces of about one size: each piece that is sent is a change of threads."""
    held, length = list[str](), 0
    for part in text:
        held.append(part)
        length += len(part)
        if length >= size:
            yield "".join(held)
            held, length = [], 0
    if held:
        yield "".join(held)


def table(rows: Iterable[Line], columns: Sequence[str]) -> Iterator[str]:
    """Yield a table as CSV, its first line the columns; lines end as RFC 4180 has it."""
    yield _row(columns)
    for row in rows:
        yield _row([neutral(str(row[column])) for column in columns])


def _row(cells: Sequence[str]) -> str:
    text = StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()

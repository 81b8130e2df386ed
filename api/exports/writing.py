"""Lines as text: JSON lines, and tables that no spreadsheet takes for formulas."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from api.imports.texts import neutral
from engine.core.exported import Line

NDJSON, CSV = "application/x-ndjson", "text/csv; charset=utf-8"


def json_lines(lines: Iterable[Line]) -> Iterator[str]:
    """Yield each line as JSON."""
    for line in lines:
        yield json.dumps(line, ensure_ascii=False) + "\n"


def table(rows: Iterable[Line], columns: Sequence[str]) -> Iterator[str]:
    """Yield a table as CSV, its first line the columns; lines end as RFC 4180 has it."""
    yield _row(columns)
    for row in rows:
        yield _row([neutral(str(row[column])) for column in columns])


def _row(cells: Sequence[str]) -> str:
    text = StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()

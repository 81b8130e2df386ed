"""Reports: what became of the rows of an import, as a table that a spreadsheet opens, or as JSON lines."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from api.imports.importing import Tell
from api.imports.texts import neutral
from api.own_files import opened
from engine.services.importing import Imported

COLUMNS = ("row", "column", "code", "says")


@contextmanager
def report(file: Path | None) -> Iterator[Tell]:
    """Write every row that was refused, one line a problem; JSON lines when the name ends so.

    Args:
        file: where to; None for nowhere.

    Raises:
        BadInput: the file cannot be written.
    """
    if file is None:
        yield lambda _: None
        return
    with opened(file) as out:
        yield _lines(out) if file.suffix in (".ndjson", ".jsonl") else _table(out)


def told(imported: Imported) -> list[dict[str, object]]:
    """Return the problems of a row, each with its place."""
    return [
        {"row": imported.number, "column": problem.pointer, "code": problem.code, "says": problem.text}
        for problem in imported.problems
    ]


def _lines(out: TextIO) -> Tell:
    def tell(imported: Imported) -> None:
        for row in told(imported):
            out.write(json.dumps(row) + "\n")

    return tell


def _table(out: TextIO) -> Tell:
    put = table(out)

    def tell(imported: Imported) -> None:
        for row in told(imported):
            put(row)

    return tell


def table(out: TextIO) -> Callable[[Mapping[str, object]], None]:
    """Begin a table of problems; return what adds one, with no cell that a spreadsheet calculates with."""
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    return lambda row: writer.writerow({name: neutral(str(value)) for name, value in row.items()})

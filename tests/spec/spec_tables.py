"""The tables of the written specification, row by row, so that the YAML can be held against them."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.core.definition import Cited

CLINICAL = Path(__file__).parents[3] / "shared" / "clinical"
SPECIFICATION = CLINICAL / "pm-ild.md"

if not SPECIFICATION.exists():
    pytest.skip(
        "the written specification (../shared/clinical) is not beside this checkout", allow_module_level=True
    )

PARAMETER = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")

Row = dict[str, str]


@dataclass(frozen=True)
class Sources:
    """What a cell of references names."""

    cite: frozenset[str]
    seed: frozenset[str]


@cache
def text() -> str:
    """Return the specification."""
    return SPECIFICATION.read_text("utf-8")


def section(heading: str) -> str:
    """Return the text between a heading and the next heading of any level."""
    match = re.search(rf"^#+ {re.escape(heading)}.*?\n(.*?)(?=^#+ |\Z)", text(), re.M | re.S)
    assert match, f"the specification has no section {heading}"
    return match[1]


def table(name: str) -> list[Row]:
    """Return the rows of the table marked `<!-- table:name -->`."""
    _, found, rest = text().partition(f"<!-- table:{name} -->\n")
    assert found, f"the specification has no table {name}"
    return _rows(rest)


def table_of(heading: str) -> list[Row]:
    """Return the rows of the first table in a section."""
    found = section(heading)
    return _rows(found[found.index("|") :])


def _rows(source: str) -> list[Row]:
    lines = []
    for line in source.splitlines():
        if not line.startswith("|"):
            break
        lines.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    head = lines[0]
    return [dict(zip(head, [*cells, *[""] * len(head)], strict=False)) for cells in lines[2:]]


def code(cell: str) -> str:
    """Return an expression without the backticks around it."""
    return cell.strip().strip("`")


def seeds(cell: str) -> frozenset[str]:
    """Return the S-numbers a cell names, ranges written out."""
    cell = re.sub(
        r"S(\d\d)–S(\d\d)", lambda m: " ".join(f"S{n:02}" for n in range(int(m[1]), int(m[2]) + 1)), cell
    )
    return frozenset(re.findall(r"\bS\d\d\b", cell))


def sources(cell: str, *, bare: bool = False) -> Sources:
    """Return the citation keys and S-numbers of a cell; `bare` keys stand without brackets."""
    keys = set(re.findall(r"\[([a-z0-9_]+)\]", cell))
    if bare:
        keys |= {word for word in re.split(r"[\s,;]+", cell) if re.fullmatch(r"[a-z][a-z0-9_]*", word)}
    if "*eng*" in cell:
        keys.add("eng")
    return Sources(frozenset(keys), seeds(cell))


def words(cell: str) -> str:
    """Return a cell without citation keys, marks of emphasis and what they leave behind."""
    cell = re.sub(r"\s*(\[(?!H2O|Hg|lb_av)[a-z0-9_]+\])+", "", cell.replace("`", ""))
    cell = re.sub(r",?\s*\*eng\*", "", cell).replace("*", "")
    return re.sub(r"\s+", " ", cell).strip(" ;,")


def numbers(cell: str) -> list[Decimal]:
    """Return the numbers of a cell, with their signs."""
    return [Decimal(n.replace("−", "-")) for n in re.findall(r"(?<![\w.])[-−]?\d+(?:\.\d+)?", cell)]


def rows(source: list[Row], *columns: str) -> list[Any]:
    """Return each row as a test of its own, named by its place and its first columns."""
    columns = columns or (next(iter(source[0])),)
    return [
        pytest.param(row, id="-".join([str(at), *(re.sub(r"\W+", "_", row[c]) for c in columns)]))
        for at, row in enumerate(source, 1)
    ]


def order(source: list[Row], column: str) -> list[str]:
    """Return one column of a table."""
    return [row[column] for row in source]


def assert_cites(cited: Cited, expected: Sources, where: str) -> None:
    """Assert that a rule names exactly these sources."""
    assert set(cited.cite) == expected.cite, f"{where}: cite"
    assert set(cited.seed) == expected.seed, f"{where}: seed"

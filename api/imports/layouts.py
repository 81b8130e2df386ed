"""Layouts: which columns a file may have, and which message a row of it is.

A column is named as the field it fills. A measured item's column has its unit in brackets, `fvc_l [L]` or
`fvc_l [mL]`, for a unit is never guessed. Every layout says whose a row is, by `patient` (our id) or by
`system` and `identifier`, and may repeat `birth_date` and `sex`, which are compared with what is known.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from hashlib import sha256
from typing import Any

from api.errors import BadInput
from api.imports.cells import CellUnreadable, day, number, truth
from api.imports.entries import WHOSE, Entry, Message, RowRefused, Whose, whose_of
from api.imports.texts import TextRow
from engine.core.canonical import dump
from engine.core.vocabulary import Item, Vocabulary
from engine.errors import Problem

CHECKED = ("birth_date", "sex")
"""What a row may say of the patient, to be compared with what is known."""
COMMON = ("id", "date", "source")
"""Our id of the event's origin, when it was true, and where it came from."""

_MEASURED = re.compile(r"([a-z0-9_]+)(?:\s*\[(.+)\])?")


class Cells:
    """The cells of a row, asked for by column; everything that is wrong is collected."""

    def __init__(self, row: TextRow, mark: str | None) -> None:
        """Begin without a problem; `mark` is the decimal mark, None if nobody said."""
        self.row = row
        self.mark = mark
        self.problems: list[Problem] = []

    def text(self, column: str) -> str | None:
        """Return a cell; None for an empty one."""
        return self.row.cells.get(column)

    def whose(self) -> Whose | None:
        """Return whose the row is; None when it does not say, or cannot."""
        try:
            return whose_of({name: self.text(name) for name in WHOSE})
        except RowRefused as refused:
            self.problems += refused.problems
            return None

    def needed(self, column: str) -> str:
        """Return a cell that must not be empty."""
        found = self.row.cells.get(column)
        if found is None:
            self.problems.append(Problem(column, "missing-field", f"`{column}` is empty and is needed."))
        return found or ""

    def number(self, column: str) -> Decimal | None:
        """Return the number in a cell; None for an empty or an unreadable one."""
        return self.read(column, partial(number, mark=self.mark))  # type: ignore[no-any-return]

    def read(self, column: str, how: Callable[[str, str], Any], *, needed: bool = False) -> Any:
        """Return what a cell says; None for an empty or an unreadable one."""
        text = self.needed(column) if needed else self.text(column)
        try:
            return how(text, column) if text else None
        except CellUnreadable as error:
            self.problems.append(error.problem)
            return None


@dataclass(frozen=True, slots=True)
class Layout:
    """What the rows of one sort of file are."""

    name: str
    says: str
    """What it is for, in words."""
    needed: tuple[str, ...]
    other: tuple[str, ...]
    type: str
    body: Callable[[Cells, Vocabulary, tuple[str, ...]], Message]
    measured: bool = False
    """It may have a column for each item that can be observed."""

    def check(self, columns: Iterable[str], vocabulary: Vocabulary) -> None:
        """Refuse columns that cannot be used.

        Raises:
            BadInput: one is missing or unknown.
        """
        there = set(columns)
        if "patient" not in there and not {"system", "identifier"} <= there:
            raise BadInput("The file needs the column patient, or the columns system and identifier.")
        missing = [name for name in ("date", *self.needed) if name not in there]
        if missing:
            raise BadInput(f"A {self.name} file needs the columns {', '.join(missing)}.")
        known = {*WHOSE, *CHECKED, *COMMON, *self.needed, *self.other}
        unknown = [
            name
            for name in sorted(there - known)
            if not (self.measured and _item(name, vocabulary) is not None)
        ]
        if unknown:
            raise BadInput(
                f"A {self.name} file has no column {', '.join(unknown)}. It may have "
                f"{', '.join(sorted(known))}{self._measures()}."
            )

    def _measures(self) -> str:
        return ", and items with their units, such as fvc_l [L] or hb [g/dL]" if self.measured else ""

    def entry(
        self,
        row: TextRow,
        columns: tuple[str, ...],
        vocabulary: Vocabulary,
        origin: str,
        mark: str | None = None,
    ) -> Entry:
        """Return a row as a message.

        Args:
            row: as it is written.
            columns: of the file.
            vocabulary: what may be recorded.
            origin: what the file comes from; the ids of its events begin with it.
            mark: the decimal mark; None if nobody said.

        Raises:
            RowRefused: with everything that is wrong.
        """
        cells = Cells(row, mark)
        whose = cells.whose()
        effective = cells.read("date", day, needed=True)
        message: Message = {"type": self.type}
        if effective is not None:
            message["effective"] = effective.isoformat()
        if source := cells.text("source"):
            message["source"] = source
        message |= self.body(cells, vocabulary, columns)
        birth, sex = cells.read("birth_date", day), cells.text("sex")
        if whose is None or cells.problems:
            raise RowRefused(dict.fromkeys(cells.problems))  # a cell may be read for two purposes
        own = cells.text("id") or _digest(message)
        there = tuple(
            name for name in columns if self.measured and name in row.cells and _item(name, vocabulary)
        )
        return Entry(row.number, whose, {"id": f"csv:{origin}:{own}", **message}, birth, sex, there)


def _digest(message: Message) -> str:
    """Return a name for a row that has none.

    The same row about a patient is the same event, in whichever file, and however the patient is named there.
    """
    return sha256(dump(message).encode()).hexdigest()[:24]


def _item(column: str, vocabulary: Vocabulary) -> tuple[str, Item, str | None] | None:
    """Return which item a column holds, and in which unit; None for any other column."""
    found = _MEASURED.fullmatch(column)
    if found is None or found[1] not in vocabulary.items:
        return None
    item = vocabulary.items[found[1]]
    unit = next((known for known in item.units if found[2] and known.lower() == found[2]), None)
    return (found[1], item, unit) if (unit is None) == (item.kind != "number") else None


def _observed(cells: Cells, vocabulary: Vocabulary, name: str, value: str, column: str) -> Message:
    """Return an observation as it is sent, with the qualifiers of the row that belong to its item."""
    item = vocabulary.items[name]
    observed: Message = {"item": name}
    if item.kind == "number":
        observed["value"] = cells.number(column)
    elif item.kind == "boolean":
        observed["value"] = cells.read(column, truth)
    else:
        observed["value"] = value
    for attribute in item.attributes:
        if (said := cells.text(attribute)) is not None:
            numeric = not vocabulary.attributes[attribute].codes
            observed[attribute] = cells.number(attribute) if numeric else said
    return observed


def _visit(cells: Cells, vocabulary: Vocabulary, columns: tuple[str, ...]) -> Message:
    observed = []
    for column in columns:
        found, value = _item(column, vocabulary), cells.text(column)
        if found is None or value is None:
            continue
        name, _, unit = found
        one = _observed(cells, vocabulary, name, value, column)
        observed.append(one if unit is None else one | {"unit": unit})
    if not observed:
        cells.problems.append(Problem("date", "missing-field", "The row has no value of any item."))
    return {"obs": observed}


def _result(cells: Cells, vocabulary: Vocabulary, columns: tuple[str, ...]) -> Message:
    named, value = cells.needed("item"), cells.needed("value")
    name = _by_code(named, vocabulary)
    if name is None:
        text = f"No item has the name or LOINC code {named!r}."
        cells.problems.append(Problem("item", "unknown-item", text))
        return {}
    observed = _observed(cells, vocabulary, name, value, "value")
    unit = cells.text("unit")
    return {"obs": [observed if unit is None else observed | {"unit": unit}]}


def _by_code(named: str, vocabulary: Vocabulary) -> str | None:
    if named in vocabulary.items:
        return named
    codes = {
        coding.code: name
        for name, item in vocabulary.items.items()
        for coding in (item.coding, *item.also_coded)
        if coding is not None
    }
    return codes.get(named)


def _enrolment(cells: Cells, vocabulary: Vocabulary, columns: tuple[str, ...]) -> Message:
    message: Message = {name: cells.needed(name) for name in ("iim_dx", "sex")}
    message["ild_confirmed"] = cells.read("ild_confirmed", truth, needed=True)
    born = cells.read("birth_date", day, needed=True)
    message["birth_date"] = None if born is None else born.isoformat()
    if cells.text("can_become_pregnant") is not None:
        message["can_become_pregnant"] = cells.read("can_become_pregnant", truth)
    if (pathway := cells.text("pathway")) is not None:
        message["pathway"] = pathway
    return message


def _medicine(cells: Cells, vocabulary: Vocabulary, columns: tuple[str, ...]) -> Message:
    message: Message = {"drug": cells.needed("drug"), "op": cells.needed("op")}
    if cells.text("dose") is not None:
        message["dose"] = cells.number("dose")
    return message


ATTRIBUTES = ("grade", "eq", "o2_flow", "onset_days")

LAYOUTS: Mapping[str, Layout] = {
    layout.name: layout
    for layout in (
        Layout(
            "register",
            "patients and their enrolment, one a row",
            ("iim_dx", "ild_confirmed", "sex", "birth_date"),
            ("can_become_pregnant", "pathway"),
            "enrol",
            _enrolment,
        ),
        Layout(
            "visits",
            "one visit a row, one item a column, as devices for lung function export them",
            (),
            ATTRIBUTES,
            "obs",
            _visit,
            measured=True,
        ),
        Layout(
            "results",
            "one result a row, as laboratories export them",
            ("item", "value"),
            ("unit", *ATTRIBUTES),
            "obs",
            _result,
        ),
        Layout(
            "medicines",
            "one start, dose or stop of a drug a row",
            ("drug", "op"),
            ("dose",),
            "med",
            _medicine,
        ),
    )
}

"""Entries: what a row is when it can be read, a message and whose it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.identifiers import identifier_problems
from engine.core.canonical import dump
from engine.errors import Problem

WHOSE = ("patient", "system", "identifier")

Message = dict[str, Any]


class RowRefused(Exception):
    """A row cannot be made a message; `problems` point to its columns."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.text for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose a row is, as it says: our id, or the number of another system."""

    patient: str | None = None
    system: str | None = None
    identifier: str | None = None

    @property
    def key(self) -> str:
        """The same for all rows of one patient who is named the same way, and for no others."""
        return dump([self.patient] if self.patient is not None else [self.system, self.identifier])


def whose_of(said: Mapping[str, object]) -> Whose:
    """Return whose a row is.

    Args:
        said: what it says under each of `WHOSE`; None for nothing.

    Raises:
        RowRefused: it does not say whose it is, or what it says is no number or name.
    """
    given = {name: text for name, text in said.items() if text is not None}
    if "patient" not in given and not {"system", "identifier"} <= given.keys():
        text = "The row does not say whose it is: it needs `patient`, or `system` and `identifier`."
        raise RowRefused((Problem("identifier", "missing-field", text),))
    if problems := tuple(identifier_problems(given)):
        raise RowRefused(problems)
    return Whose(**{name: str(text) for name, text in given.items()})


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as a message about somebody."""

    number: int
    whose: Whose
    message: Message
    birth_date: date | None = None
    sex: str | None = None
    columns: tuple[str, ...] = ()
    """Which column each of its observations stands in; empty when they need no telling apart."""

    def place(self, pointer: str) -> str:
        """Return the column that a problem of the message points to."""
        parts = pointer.split("/")
        if self.columns and parts[0] == "obs" and parts[-1] in ("item", "value", "unit"):
            return self.columns[int(parts[1])]
        return parts[-1]

"""What concerns one patient, brought together: rows wait on disk, and come out patient by patient."""

from array import array
from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import groupby
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

from api.imports.entries import Entry, Whose
from engine.core.canonical import dump, load

Known = Callable[[Whose], str | None]
"""Finds the id of whoever is meant; None for somebody not known yet."""


class Spool:
    """Entries by patient, in the order in which each patient comes last by a new name; 16 bytes an entry."""

    def __init__(self, known: Known) -> None:
        """Begin with an empty file, which goes when this is closed; `known` tells who goes by two names."""
        self._file = TemporaryFile("w+b")  # noqa: SIM115 - closed with this
        self._known = known
        self._names: dict[bytes, int] = {}
        self._newest: dict[bytes, int] = {}
        """Of each patient who is known, the newest name."""
        self._later: dict[int, int] = {}
        """Of each name after which the same patient comes by another one, that one."""
        self._groups = array("Q")
        self._offsets = array("Q")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._offsets)

    def put(self, entry: Entry) -> None:
        """Keep an entry."""
        self._groups.append(self._name(entry.whose))
        self._offsets.append(self._file.tell())
        self._file.write(_written(entry))

    def _name(self, whose: Whose) -> int:
        """Return the number of a name; a new one may be that of a patient who came by another."""
        key = _digest(whose)
        if key in self._names:
            return self._names[key]
        number = self._names[key] = len(self._names)
        known = self._known(whose)
        if known is not None:
            patient = _digest(Whose(known))
            if patient in self._newest:
                self._later[self._newest[patient]] = number
            self._newest[patient] = number
        return number

    def patients_rows(self, begin: int = 0) -> Iterator[tuple[int, list[Entry]]]:
        """Yield the entries of each patient in the order in which they were put, and how many names are done.

        Who goes by several names comes at the last of them. So the first names of a file are done or not
        whatever was learned of them meanwhile, and nobody is passed over who is not done.

        Args:
            begin: how many names are done, and passed over.
        """
        self._join()
        order = sorted(range(len(self._offsets)), key=self._groups.__getitem__)
        for name, indexes in groupby(order, self._groups.__getitem__):
            if name >= begin:
                yield name + 1, [self._entry(index) for index in indexes]

    def _join(self) -> None:
        """Have all rows of a patient stand under the last of the names the patient comes by."""
        if self._later:
            for index, name in enumerate(self._groups):
                while name in self._later:
                    name = self._later[name]  # noqa: PLW2901 - from one to the next
                self._groups[index] = name

    def _entry(self, index: int) -> Entry:
        self._file.seek(self._offsets[index])
        return _read(self._file.readline())


def _digest(whose: Whose) -> bytes:
    return blake2b(whose.key.encode(), digest_size=12).digest()


def _written(entry: Entry) -> bytes:
    whose = entry.whose
    row = [
        entry.number,
        [whose.patient, whose.system, whose.identifier],
        entry.message,
        entry.birth_date,
        entry.sex,
        entry.columns,
    ]
    return dump(row).encode() + b"\n"


def _read(line: bytes) -> Entry:
    number, whose, message, born, sex, columns = load(line.decode())
    return Entry(number, Whose(*whose), message, born, sex, columns)

"""What concerns one patient, brought together: rows wait on disk, and come out patient by patient."""

from array import array
from collections.abc import Iterator
from hashlib import blake2b
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

from api.imports.layouts import Entry, Whose
from engine.core.canonical import dump, load


class Spool:
    """Entries by patient, in the order in which each patient comes first; 16 bytes of memory an entry."""

    def __init__(self) -> None:
        """Begin with an empty file, which goes when this is closed."""
        self._file = TemporaryFile("w+b")  # noqa: SIM115 - closed with this
        self._places: dict[bytes, int] = {}
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

    @property
    def patients(self) -> int:
        """How many are meant, as they are named."""
        return len(self._places)

    def put(self, entry: Entry) -> None:
        """Keep an entry."""
        key = blake2b(entry.whose.key.encode(), digest_size=12).digest()
        self._groups.append(self._places.setdefault(key, len(self._places)))
        self._offsets.append(self._file.tell())
        self._file.write(_written(entry))

    def patients_rows(self) -> Iterator[list[Entry]]:
        """Yield the entries of each patient, in the order in which they were put."""
        order = sorted(range(len(self._offsets)), key=self._groups.__getitem__)
        group: list[Entry] = []
        current = 0
        for index in order:
            if self._groups[index] != current and group:
                yield group
                group = []
            current = self._groups[index]
            self._file.seek(self._offsets[index])
            group.append(_read(self._file.readline()))
        if group:
            yield group


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

"""An import as a whole: every row read, every patient's rows recorded, each row told what became of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from itertools import islice

from api.imports.files import Read
from api.imports.layouts import Entry
from api.imports.spool import Spool
from engine.core.kept import Identifier
from engine.ports import UnitOfWork, Writer
from engine.services.importing import Imported, Importer, Row, TrialRun

AT_ONCE = 16
"""Patients handed over together; on SQLite they share a commit."""


@dataclass
class Summary:
    """What an import came to."""

    trial: bool
    rows: Counter[str] = field(default_factory=Counter)
    """By what became of them."""
    patients: int = 0
    """Whom the rows that could be read are about."""

    @property
    def clean(self) -> bool:
        """Whether every row could be used."""
        return not self.rows["refused"]


Tell = Callable[[Imported], None]


def run(
    writer: Writer, importer: Importer, source: Iterable[Read], tell: Tell, *, trial: bool, begin: int = 0
) -> Iterator[int]:
    """Import, yielding the number of rows done since the last time; the first number is that of all rows.

    Args:
        writer: runs the commands, one a patient.
        importer: does it.
        source: the rows.
        tell: hears what became of each row.
        trial: do everything and keep nothing.
        begin: how many patients were done before, and are passed over.
    """
    with Spool() as spool:
        refused = 0
        for one in source:
            if isinstance(one, Entry):
                spool.put(one)
            else:
                refused += 1
                tell(one)
        yield len(spool) + refused
        yield refused
        groups = islice(spool.patients_rows(), begin, None)
        while batch := list(islice(groups, AT_ONCE)):
            running = [writer.submit(_command(importer, rows, trial=trial)) for rows in batch]
            for rows, outcome in zip(batch, running, strict=True):
                for entry, imported in zip(rows, _result(outcome), strict=True):
                    tell(_placed(entry, imported))
                yield len(rows)


def _command(
    importer: Importer, entries: list[Entry], *, trial: bool
) -> Callable[[UnitOfWork], tuple[Imported, ...]]:
    whose = entries[0].whose
    rows = [Row(each.number, each.message, each.birth_date, each.sex) for each in entries]
    named = whose.patient is None and whose.system is not None and whose.identifier is not None
    identifier = Identifier(str(whose.system), str(whose.identifier)) if named else None
    return lambda uow: importer.take(uow, rows, patient=whose.patient, identifier=identifier, trial=trial)


def _placed(entry: Entry, imported: Imported) -> Imported:
    """Return what became of a row with the columns in which its problems are."""
    problems = (replace(problem, pointer=entry.place(problem.pointer)) for problem in imported.problems)
    return replace(imported, problems=tuple(problems))


def _result(outcome: "Future[tuple[Imported, ...]]") -> tuple[Imported, ...]:
    try:
        return outcome.result()
    except TrialRun as trial:
        return trial.imported

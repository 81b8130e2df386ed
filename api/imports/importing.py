"""An import as a whole: every row read, every patient's rows recorded, each row told what became of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice

from api.application import Application
from api.imports.entries import Entry, Whose
from api.imports.files import Read
from api.imports.spool import Spool
from engine.core.kept import Identifier
from engine.errors import CarewayError, Problem, StoreUnavailable, WriterClosed
from engine.ports import Store, UnitOfWork
from engine.services.importing import Imported, Importer, Row, TrialRun
from engine.services.patients import Sender

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


@dataclass(frozen=True, slots=True)
class Done:
    """What was done since the last time."""

    rows: int
    names: int
    """How many names of patients are done, from the first one of the file."""


def run(
    application: Application,
    sender: Sender,
    source: Iterable[Read],
    tell: Tell,
    *,
    trial: bool,
    begin: int = 0,
) -> Iterator[Done]:
    """Import, yielding what was done since the last time; the first time, all rows there are.

    Args:
        application: where to.
        sender: who sends the rows.
        source: the rows.
        tell: hears what became of each row.
        trial: do everything and keep nothing.
        begin: how many names were done before, and are passed over.

    Raises:
        StoreUnavailable: the database cannot be reached; what was recorded stays.
        WriterClosed: this process is ending; what was recorded stays.
    """
    importer = Importer(application.recorder, application.randomness, sender)
    with Spool(partial(_known, application.store, sender.site)) as spool:
        refused = 0
        for one in source:
            if isinstance(one, Entry):
                spool.put(one)
            else:
                refused += 1
                tell(one)
        yield Done(len(spool) + refused, 0)
        yield Done(refused, begin)
        groups = spool.patients_rows(begin)
        while batch := list(islice(groups, AT_ONCE)):
            running = [application.writer.submit(_command(importer, rows, trial=trial)) for _, rows in batch]
            for (names, rows), outcome in zip(batch, running, strict=True):
                for entry, imported in zip(rows, _result(rows, outcome), strict=True):
                    tell(_placed(entry, imported))
                yield Done(len(rows), names)


def _known(store: Store, site: str, whose: Whose) -> str | None:
    """Return the id of whoever a row means; None for somebody not known yet."""
    if whose.patient is not None:
        return whose.patient
    with store.reading() as uow:
        found = uow.patients.identified(site, _identifier(whose))
    return None if found is None else found.id


def _identifier(whose: Whose) -> Identifier:
    return Identifier(str(whose.system), str(whose.identifier))


def _command(
    importer: Importer, entries: list[Entry], *, trial: bool
) -> Callable[[UnitOfWork], tuple[Imported, ...]]:
    whose = entries[0].whose
    rows = [Row(each.number, each.message, each.birth_date, each.sex) for each in entries]
    identifier = None if whose.patient is not None else _identifier(whose)
    return lambda uow: importer.take(uow, rows, patient=whose.patient, identifier=identifier, trial=trial)


def _placed(entry: Entry, imported: Imported) -> Imported:
    """Return what became of a row with the columns in which its problems are."""
    problems = (replace(problem, pointer=entry.place(problem.pointer)) for problem in imported.problems)
    return replace(imported, problems=tuple(problems))


def _result(entries: list[Entry], outcome: "Future[tuple[Imported, ...]]") -> tuple[Imported, ...]:
    """Return what became of a patient's rows; whatever else stops them stops no other patient's."""
    try:
        return outcome.result()
    except TrialRun as trial:
        return trial.imported
    except (StoreUnavailable, WriterClosed):
        raise
    except CarewayError as error:
        problem = Problem("", error.code, str(error))
        return tuple(Imported(entry.number, "refused", (problem,)) for entry in entries)

"""Importing: the rows of one patient become events like any other, and each row is told what became of it.

One command takes all rows of a patient, so that what a trial run says is what the real run does: nothing in
one patient's rows depends on another patient's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from engine.core.chains import standing
from engine.core.events import Enrol, Record
from engine.core.kept import Identifier, Patient
from engine.errors import ConcurrencyConflict, IdentifierInUse, MessageRefused, NotFound, Problem
from engine.ports import Randomness, UnitOfWork
from engine.services.patients import Sender, patient_of, register
from engine.services.recording import Recorder


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an import."""

    number: int
    message: Mapping[str, Any]
    birth_date: date | None = None
    sex: str | None = None
    """What the row says of the patient; compared with what is known, and unknown agrees with anything."""

    @property
    def enrols(self) -> bool:
        """Whether the row begins an enrolment."""
        return self.message.get("type") == "enrol"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a row."""

    number: int
    result: Literal["accepted", "duplicate", "quarantined", "refused"]
    problems: tuple[Problem, ...] = ()
    """By the fields of the message, for one that was refused."""


class TrialRun(Exception):
    """Takes everything back at the end of a trial; holds what would have become of the rows."""

    def __init__(self, imported: tuple[Imported, ...]) -> None:
        self.imported = imported
        super().__init__("This was a trial: nothing was kept.")


@dataclass(frozen=True, slots=True)
class Importer:
    """Imports rows for a sender."""

    recorder: Recorder
    randomness: Randomness
    sender: Sender

    def take(
        self,
        uow: UnitOfWork,
        rows: Sequence[Row],
        *,
        patient: str | None = None,
        identifier: Identifier | None = None,
        trial: bool = False,
    ) -> tuple[Imported, ...]:
        """Record the rows of one patient, as many as can be, and return what became of each, in their order.

        Args:
            uow: the transaction.
            rows: all rows of the patient.
            patient: our id of the patient; None when an identifier says who it is.
            identifier: of another system; who is not known by it is registered if a row enrols the patient.
            trial: do everything and keep nothing.

        Raises:
            TrialRun: at the end of a trial, with what became of the rows.
            ConcurrencyConflict: somebody else registered the patient meanwhile; a new try finds the patient.
        """
        try:
            with uow.savepoint():
                found, new = self._patient(uow, rows, patient, identifier)
                imported = self._record(uow, found, rows)
                if new and all(one.result == "refused" for one in imported):
                    raise TrialRun(imported)  # nobody is registered for rows of which nothing came
        except NotFound as error:
            imported = tuple(
                _refused(row, Problem("identifier", "unknown-patient", str(error))) for row in rows
            )
        except TrialRun as nothing:
            imported = nothing.imported
        if trial:
            raise TrialRun(imported)
        return imported

    def _patient(
        self, uow: UnitOfWork, rows: Sequence[Row], patient: str | None, identifier: Identifier | None
    ) -> tuple[Patient, bool]:
        if patient is not None:
            return patient_of(uow, patient, self.sender), False
        assert identifier is not None, "somebody is meant"
        found = uow.patients.identified(self.sender.site, identifier)
        if found is not None:
            return found, False
        if any(row.enrols for row in rows):
            try:
                return register(uow, (identifier,), self.sender, self.recorder.clock, self.randomness), True
            except IdentifierInUse:  # since we looked: trying again finds the patient
                raise ConcurrencyConflict("The register of patients", 0) from None
        raise NotFound("patient with the identifier of system", identifier.system)

    def _record(self, uow: UnitOfWork, patient: Patient, rows: Sequence[Row]) -> tuple[Imported, ...]:
        """Record what can be: rows that are refused are left out, and the others tried again without them."""
        checked = any(row.birth_date or row.sex for row in rows)
        known = _enrolled(uow.records.load(patient.id)) if checked else None
        done, left = dict[int, Imported](), list(rows)
        recorder = self.recorder.passing
        while left:
            try:
                with uow.savepoint():
                    if known is not None:
                        _check(left, known)
                    messages = [row.message for row in left]
                    recorded = recorder.record(uow, patient.id, messages, self.sender, at="")
                    if known is None:  # the rows themselves tell who it is, as they will when they come again
                        _check(left, next((row.message for row in left if row.enrols), {}))
            except MessageRefused as refused:
                wrong = _by_row(refused.problems)
                done |= {left[index].number: _refused(left[index], *found) for index, found in wrong.items()}
                left = [row for index, row in enumerate(left) if index not in wrong]
            else:
                for row, taken in zip(left, recorded.taken, strict=True):
                    done[row.number] = Imported(row.number, taken.result)
                break
        return tuple(done[row.number] for row in rows)


def _check(rows: Sequence[Row], enrolled: Mapping[str, object]) -> None:
    """Make sure that no row speaks of somebody else: of another date of birth, or another sex.

    Raises:
        MessageRefused: rows do; by the place of each.
    """
    if wrong := tuple(
        problem for place, row in enumerate(rows) for problem in _differences(place, row, enrolled)
    ):
        raise MessageRefused(wrong)


def _enrolled(record: Record) -> Mapping[str, object] | None:
    """Return what the newest enrolment says of the patient, as it was corrected; None if none stands."""
    enrolments = [event.body for event in standing(record) if isinstance(event.body, Enrol)]
    return enrolments[-1].fields if enrolments else None


def _differences(place: int, row: Row, enrolled: Mapping[str, object]) -> Iterator[Problem]:
    for name, said in (("birth_date", row.birth_date), ("sex", row.sex)):
        if said is not None and name in enrolled and str(enrolled[name]) != str(said):
            text = (
                f"`{name}` is not that of the patient with this identifier. "
                "Is the identifier right? If the enrolment is wrong, correct it first."
            )
            yield Problem(f"/{place}/{name}", "other-patient", text)


def _refused(row: Row, *problems: Problem) -> Imported:
    return Imported(row.number, "refused", problems)


def _by_row(problems: Sequence[Problem]) -> dict[int, list[Problem]]:
    """Return the problems by the place of their message in the list that was sent."""
    found: dict[int, list[Problem]] = {}
    for problem in problems:
        index, _, rest = problem.pointer.lstrip("/").partition("/")
        found.setdefault(int(index), []).append(Problem(rest, problem.code, problem.text))
    return found

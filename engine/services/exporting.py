"""Exporting: what is kept of a site's patients, line by line, and that somebody took it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import nsmallest

from engine.core.exported import Line, Steps, lines, log_rows
from engine.core.kept import AuditEntry, Author, Patient
from engine.core.pseudonyms import Pseudonyms, words
from engine.ports import Pathways, Store, UnitOfWork
from engine.services.patients import Sender, patient_of

AT_ONCE = 20
"""Patients read in one transaction; during a long one the database could tidy nothing up."""
LISTED = 1000
"""Patients listed in one transaction where nothing but their ids is read."""
SORTED = 100_000
"""Patients whose order is held in memory; for each so many all ids of the site are read once."""
KEY_BYTES = 32
"""How long the key of an export's pseudonyms is; it is drawn for the export, and nobody keeps it."""


def pseudonyms(pathways: Pathways, key: bytes) -> Pseudonyms:
    """Return what stands for what in an export of anything that is served."""
    served = [
        pathways.pathway(name, version).definition
        for name, versions in pathways.available()
        for version in versions
    ]
    return Pseudonyms(key, words(pathways.vocabulary, *served))


def note_export(
    uow: UnitOfWork, about: str, what: str, hidden: Pseudonyms | None, by: Author, now: datetime
) -> None:
    """Note that something is exported.

    Args:
        uow: the transaction.
        about: the chain on which it is noted: the id of a patient, or `site:` and the id of a site.
        what: what is exported.
        hidden: what stands for ids and dates in it, if anything does.
        by: who exports it.
        now: when.
    """
    body = {"what": what, "pseudonymised": hidden is not None}
    uow.audit.append(about, AuditEntry(now, by, "export", body))


def of_patient(uow: UnitOfWork, patient: str, hidden: Pseudonyms | None, sender: Sender) -> tuple[Line, ...]:
    """Return the lines of one patient; raises `NotFound`."""
    return tuple(_lines(uow, patient_of(uow, patient, sender), hidden))


def of_site(store: Store, site: str, hidden: Pseudonyms | None) -> Iterator[Line]:
    """Yield the lines of all patients of a site, patient by patient; each patient as of one moment.

    They come by id, and where ids are hidden by pseudonym, or the order would tell whose it is.
    """
    return _all(store, site, hidden, _lines)


def log_of_site(store: Store, site: str, hidden: Pseudonyms | None) -> Iterator[Line]:
    """Yield the rows of the event log of a site, patient by patient, in the same order."""
    return _all(store, site, hidden, _log)


Of = Callable[[UnitOfWork, Patient, Pseudonyms | None], Iterator[Line]]


def _all(store: Store, site: str, hidden: Pseudonyms | None, of: Of) -> Iterator[Line]:
    groups = _by_id(store, site, AT_ONCE) if hidden is None else _by_pseudonym(store, site, hidden)
    for group in groups:
        with store.reading() as uow:
            patients = [uow.patients.get(name) for name in group]
            found = [line for patient in patients if patient is not None for line in of(uow, patient, hidden)]
        yield from found


def _by_id(store: Store, site: str, at_once: int) -> Iterator[list[str]]:
    """Yield the ids of the patients of a site, some at once."""
    after = ""
    while True:
        with store.reading() as uow:
            group = [patient.id for patient in uow.patients.page(site, after=after, limit=at_once)]
        if not group:
            return
        yield group
        after = group[-1]


def _by_pseudonym(store: Store, site: str, hidden: Pseudonyms) -> Iterator[list[str]]:
    """Yield the same by what stands for them; no database can sort by that."""
    last = ""
    while True:
        ids = (patient for group in _by_id(store, site, LISTED) for patient in group)
        pairs = ((hidden.of(patient), patient) for patient in ids)
        found = nsmallest(SORTED, (pair for pair in pairs if pair[0] > last))
        for begin in range(0, len(found), AT_ONCE):
            yield [patient for _, patient in found[begin : begin + AT_ONCE]]
        if len(found) < SORTED:
            return
        last, _ = found[-1]


def _log(uow: UnitOfWork, patient: Patient, hidden: Pseudonyms | None) -> Iterator[Line]:
    return log_rows(patient, _steps(uow, patient), hidden)


def _lines(uow: UnitOfWork, patient: Patient, hidden: Pseudonyms | None) -> Iterator[Line]:
    identifiers = uow.patients.identifiers(patient.id)
    return lines(patient, identifiers, uow.records.receipts(patient.id), _steps(uow, patient), hidden)


def _steps(uow: UnitOfWork, patient: Patient) -> Steps:
    return [
        (enrolment.pathway, step)
        for enrolment in uow.enrolments.of(patient.id)
        for step in uow.histories.of(patient.id, enrolment.pathway, superseded=True)
    ]

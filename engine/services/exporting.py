"""Exporting: what is kept of a site's patients, line by line, and that somebody took it."""

from collections.abc import Callable, Iterator
from datetime import datetime

from engine.core.exported import Line, Steps, lines, log_rows
from engine.core.kept import AuditEntry, Patient
from engine.core.pseudonyms import Pseudonyms, words
from engine.ports import Pathways, Store, UnitOfWork
from engine.services.patients import Sender, patient_of

AT_ONCE = 20
"""Patients read in one transaction; during a long one the database could tidy nothing up."""
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


def note_export(uow: UnitOfWork, what: str, hidden: Pseudonyms | None, sender: Sender, now: datetime) -> None:
    """Note that a site's patients are exported; what was told of one patient alone is a look at that one."""
    body = {"what": what, "pseudonymised": hidden is not None}
    uow.audit.append(f"site:{sender.site}", AuditEntry(now, sender.author, "export", body))


def of_patient(uow: UnitOfWork, patient: str, hidden: Pseudonyms | None, sender: Sender) -> tuple[Line, ...]:
    """Return the lines of one patient; raises `NotFound`."""
    return tuple(_lines(uow, patient_of(uow, patient, sender), hidden))


def of_site(store: Store, site: str, hidden: Pseudonyms | None) -> Iterator[Line]:
    """Yield the lines of all patients of a site, patient by patient; each patient as of one moment."""
    return _all(store, site, lambda uow, patient: _lines(uow, patient, hidden))


def log_of_site(store: Store, site: str, hidden: Pseudonyms | None) -> Iterator[Line]:
    """Yield the rows of the event log of a site, patient by patient."""
    return _all(store, site, lambda uow, patient: log_rows(patient, _steps(uow, patient), hidden))


def _all(store: Store, site: str, of: Callable[[UnitOfWork, Patient], Iterator[Line]]) -> Iterator[Line]:
    after = ""
    while True:
        with store.reading() as uow:
            page = uow.patients.page(site, after=after, limit=AT_ONCE)
            found = [line for patient in page for line in of(uow, patient)]
        yield from found
        if not page:
            return
        after = page[-1].id


def _lines(uow: UnitOfWork, patient: Patient, hidden: Pseudonyms | None) -> Iterator[Line]:
    identifiers = uow.patients.identifiers(patient.id)
    return lines(patient, identifiers, uow.records.receipts(patient.id), _steps(uow, patient), hidden)


def _steps(uow: UnitOfWork, patient: Patient) -> Steps:
    return [
        (enrolment.pathway, step)
        for enrolment in uow.enrolments.of(patient.id)
        for step in uow.histories.of(patient.id, enrolment.pathway, superseded=True)
    ]

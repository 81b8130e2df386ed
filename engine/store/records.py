"""Patients and their records in the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Update, bindparam, func, insert, or_, select, update

from engine.core.events import Record
from engine.core.kept import Appended, Author, Identifier, Patient, Receipt
from engine.errors import ConcurrencyConflict, EventIdReused, IdentifierInUse, NotFound
from engine.store.among import among
from engine.store.mapping import author_of, event_row, event_value, plain_row, plain_value, receipt_value
from engine.store.statements import add_new
from engine.store.tables import (
    LIVING,
    EnrolmentRow,
    EventRow,
    PatientIdentifierRow,
    PatientRow,
    table,
)

PATIENT, IDENTIFIER, EVENT = table(PatientRow), table(PatientIdentifierRow), table(EventRow)
ENROLMENT = table(EnrolmentRow)

OF_PATIENT = select(EVENT).where(EVENT.c.patient_id == bindparam("patient")).order_by(EVENT.c.sequence)
OF_PATHWAY = OF_PATIENT.where(or_(EVENT.c.pathway.is_(None), EVENT.c.pathway == bindparam("pathway")))
SENDERS = OF_PATIENT.with_only_columns(
    EVENT.c.event_id, EVENT.c.recorded, EVENT.c.role, EVENT.c.credential_id, EVENT.c.person_id
)
BY_ID = select(EVENT).where(EVENT.c.patient_id == bindparam("patient"), among(EVENT.c.event_id, "ids"))
PATIENT_BY_ID = select(PATIENT).where(PATIENT.c.id == bindparam("patient"))
PATIENT_HELD = PATIENT_BY_ID.with_for_update()  # on SQLite a writer holds everything already
PATIENT_CLAIMED = PATIENT_BY_ID.with_for_update(skip_locked=True)
IDENTIFIED = (
    select(PATIENT)
    .join(IDENTIFIER, IDENTIFIER.c.patient_id == PATIENT.c.id)
    .where(*(IDENTIFIER.c[name] == bindparam(name) for name in ("site", "system", "value")))
)
FOUND = 50
"""Patients found by what they are known by, at most."""
KNOWN_BY = (
    select(PATIENT)
    .where(
        PATIENT.c.id.in_(
            select(IDENTIFIER.c.patient_id).where(
                *(IDENTIFIER.c[name] == bindparam(name) for name in ("site", "value")),
                among(IDENTIFIER.c.system, "systems"),
            )
        )
    )
    .order_by(PATIENT.c.id)
    .limit(FOUND)
)
NEXT_SYSTEM = (  # from one to the next by the index: a site has few, and many patients
    select(func.min(IDENTIFIER.c.system)).where(
        IDENTIFIER.c.site == bindparam("site"), IDENTIFIER.c.system > bindparam("after")
    )
)
THEIRS = (
    select(IDENTIFIER.c.patient_id, IDENTIFIER.c.system, IDENTIFIER.c.value)
    .where(among(IDENTIFIER.c.patient_id, "patients"))
    .order_by(IDENTIFIER.c.system, IDENTIFIER.c.value)
)
PAGE = (
    select(PATIENT)
    .where(PATIENT.c.site == bindparam("site"), PATIENT.c.id > bindparam("after"))
    .order_by(PATIENT.c.id)
    .limit(bindparam("limit"))
)
REMIND = (
    update(PATIENT)
    .where(PATIENT.c.id == bindparam("patient"), PATIENT.c.revision == bindparam("expected"))
    .values(revision=PATIENT.c.revision + 1)
)
ADVANCE = REMIND.values(basis=PATIENT.c.revision + 1)
ADVANCE_TO = ADVANCE.values(last_sequence=bindparam("newest"))


class SqlPatients:
    """Patients and their identifiers."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, patient: Patient, identifiers: Sequence[Identifier] = ()) -> None:
        self.connection.execute(insert(PATIENT), plain_row(patient))
        for identifier in identifiers:
            row = {"site": patient.site, "system": identifier.system, "value": identifier.value}
            if not add_new(self.connection, IDENTIFIER, {**row, "patient_id": patient.id}):
                raise IdentifierInUse(identifier.system)

    def get(self, patient: str) -> Patient | None:
        row = self.connection.execute(PATIENT_BY_ID, {"patient": patient}).one_or_none()
        return None if row is None else plain_value(Patient, row)

    def hold(self, patient: str) -> Patient | None:
        row = self.connection.execute(PATIENT_HELD, {"patient": patient}).one_or_none()
        return None if row is None else plain_value(Patient, row)

    def claim(self, patient: str) -> Patient | None:
        row = self.connection.execute(PATIENT_CLAIMED, {"patient": patient}).one_or_none()
        return None if row is None else plain_value(Patient, row)

    def identifiers(self, patient: str) -> tuple[Identifier, ...]:
        return self.identifiers_of((patient,)).get(patient, ())

    def identifiers_of(self, patients: Collection[str]) -> Mapping[str, tuple[Identifier, ...]]:
        found: dict[str, tuple[Identifier, ...]] = {}
        for row in self.connection.execute(THEIRS, {"patients": list(patients)}) if patients else ():
            found[row.patient_id] = (*found.get(row.patient_id, ()), Identifier(row.system, row.value))
        return found

    def identified(self, site: str, identifier: Identifier) -> Patient | None:
        asked = {"site": site, "system": identifier.system, "value": identifier.value}
        row = self.connection.execute(IDENTIFIED, asked).one_or_none()
        return None if row is None else plain_value(Patient, row)

    def known_by(self, site: str, value: str) -> tuple[Patient, ...]:
        asked = {"site": site, "value": value, "systems": list(self.systems(site))}  # the index begins so
        rows = self.connection.execute(KNOWN_BY, asked)
        return tuple(plain_value(Patient, row) for row in rows)

    def systems(self, site: str) -> tuple[str, ...]:
        found, after = list[str](), ""
        while True:
            system = self.connection.execute(NEXT_SYSTEM, {"site": site, "after": after}).scalar()
            if system is None:
                return tuple(found)
            found.append(after := system)

    def page(self, site: str, *, after: str = "", limit: int = 50) -> tuple[Patient, ...]:
        rows = self.connection.execute(PAGE, {"site": site, "after": after, "limit": limit})
        return tuple(plain_value(Patient, row) for row in rows)

    def standing(
        self, site: str, pathway: str, state: str = "", status: str = "", *, after: str = "", limit: int = 50
    ) -> tuple[Patient, ...]:
        mine = (ENROLMENT.c.patient_id == PATIENT.c.id) & (ENROLMENT.c.pathway == pathway)
        page = PAGE.join(ENROLMENT, mine).where(ENROLMENT.c.status.in_((status,) if status else LIVING))
        if state:
            page = page.where(ENROLMENT.c.state == state)
        rows = self.connection.execute(page, {"site": site, "after": after, "limit": limit})
        return tuple(plain_value(Patient, row) for row in rows)

    def advance(self, patient: str, expected: int, *, reminding: bool = False) -> int:
        return _advance(self.connection, REMIND if reminding else ADVANCE, patient, expected)


class SqlRecords:
    """The patients' records."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def load(self, patient: str, pathway: str | None = None) -> Record:
        if pathway is None:
            rows = self.connection.execute(OF_PATIENT, {"patient": patient})
        else:
            rows = self.connection.execute(OF_PATHWAY, {"patient": patient, "pathway": pathway})
        return Record(tuple(event_value(row) for row in rows))

    def receipts(self, patient: str, *, after: int = 0, limit: int | None = None) -> tuple[Receipt, ...]:
        asked = OF_PATIENT.where(EVENT.c.sequence > after).limit(limit)
        return tuple(receipt_value(row) for row in self.connection.execute(asked, {"patient": patient}))

    def senders(self, patient: str) -> tuple[tuple[str, datetime, Author], ...]:
        rows = self.connection.execute(SENDERS, {"patient": patient})
        return tuple((row.event_id, row.recorded, author_of(row)) for row in rows)

    def find(self, patient: str, event_id: str) -> Receipt | None:
        return self._known(patient, [event_id]).get(event_id)

    def append(self, patient: str, receipts: Sequence[Receipt], *, expected: int) -> Appended:
        known = self._known(patient, [receipt.event.id for receipt in receipts])
        repeated: set[str] = set()
        kept: list[Receipt] = []
        new: list[Receipt] = []
        for receipt in receipts:
            event = receipt.event
            first = known.setdefault(event.id, receipt)
            if first.event.content != event.content:
                raise EventIdReused(event.id)
            kept.append(first)
            if first is receipt:
                new.append(receipt)
            else:
                repeated.add(event.id)
        revision = expected
        if new:
            newest = new[-1].event.stamp.sequence
            revision = _advance(self.connection, ADVANCE_TO, patient, expected, newest=newest)
            self.connection.execute(insert(EVENT), [event_row(patient, receipt) for receipt in new])
        return Appended(revision, tuple(kept), frozenset(repeated))

    def _known(self, patient: str, ids: list[str]) -> dict[str, Receipt]:
        rows = self.connection.execute(BY_ID, {"patient": patient, "ids": ids})
        return {row.event_id: receipt_value(row) for row in rows}


def _advance(connection: Connection, raising: Update, patient: str, expected: int, **columns: int) -> int:
    """Raise a patient's revision if it is still the expected one; the row is held until the end."""
    asked = {"patient": patient, "expected": expected, **columns}
    if connection.execute(raising, asked).rowcount == 1:
        return expected + 1
    found = connection.execute(PATIENT_BY_ID, {"patient": patient}).one_or_none()
    if found is None:
        raise NotFound("patient", patient)
    raise ConcurrencyConflict("The patient", expected, found.revision)

"""Patients are registered once, under an opaque id; identifiers of other systems lead to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.kept import AuditEntry, Author, Identifier, Patient
from engine.errors import NotFound, RevisionStale
from engine.ports import Clock, Randomness, UnitOfWork


@dataclass(frozen=True, slots=True)
class Sender:
    """Who asks: role and site come from what a caller was let in by, never from a message."""

    role: str
    site: str
    credential: str | None = None
    """Id of the credential; None for one who signed in, and for what no caller sent."""
    person: str | None = None
    """Id of the person; None for another system, and for what no caller sent."""
    roles: frozenset[str] = frozenset()
    """Everything the sender may be at the site; `role` is what it acts as."""
    scopes: frozenset[str] | None = None
    """How far what it was let in by reaches; None for as far as its roles."""
    opened: frozenset[str] = frozenset()
    """Ids of patients of other sites this person may see for now, having broken the glass."""

    @property
    def author(self) -> Author:
        """Who this is, as kept with what was done."""
        return Author(self.role, self.credential, self.person)


def register(
    uow: UnitOfWork, identifiers: Sequence[Identifier], sender: Sender, clock: Clock, randomness: Randomness
) -> Patient:
    """Return a new patient of the sender's site.

    Raises:
        IdentifierInUse: an identifier belongs to another patient of the site.
    """
    now = clock.now()
    patient = Patient(uuid7(now, randomness.draw(RANDOM_BYTES)), sender.site, now)
    uow.patients.add(patient, identifiers)
    systems = [identifier.system for identifier in identifiers]
    entry = AuditEntry(now, sender.author, "register patient", {"systems": systems})
    uow.audit.append(patient.id, entry)
    return patient


def patient_of(uow: UnitOfWork, patient: str, sender: Sender, *, hold: bool = False) -> Patient:
    """Return a patient the sender may see; with `hold`, nobody else writes to it until the transaction ends.

    Only patients of the sender's own site can be held: a broken glass lets look, not write.

    Raises:
        NotFound: there is none; also when the patient belongs to another site, so that nobody learns of it.
    """
    found = uow.patients.hold(patient) if hold else uow.patients.get(patient)
    opened = not hold and patient in sender.opened
    if found is None or not (found.site == sender.site or opened):
        raise NotFound("patient", patient)
    return found


def as_seen(patient: Patient, expected: int | None) -> None:
    """Make sure a patient is still as a sender saw it; reminders that were told since count for nothing.

    Args:
        patient: as it is, held until the transaction ends.
        expected: the revision the sender saw; None if the sender does not care.

    Raises:
        RevisionStale: something else was written since, or there was no such revision yet.
    """
    if expected is not None and not patient.unchanged_since(expected):
        raise RevisionStale("The patient", expected, patient.revision)


def time_zone(uow: UnitOfWork, site: str) -> tzinfo:
    """Return the time zone in which a site counts its days; UTC for a site nobody furnished."""
    known = uow.sites.get(site)
    return UTC if known is None else ZoneInfo(known.time_zone)

"""Patients as lines of a list: by what they are known, and where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.http.permissions import IMPORTERS, RECORDERS
from api.web import words
from api.web.frame import Place, may
from api.web.rows import label, spelled, state_title
from engine.core.kept import Patient
from engine.ports import Pathways, UnitOfWork
from engine.services.patients import Sender


@dataclass(frozen=True, slots=True)
class PatientLine:
    """A patient on a list."""

    href: str
    label: str
    others: str
    """Of which system the label is, and what else they are known by."""
    stands: tuple[str, ...]
    """On each pathway: where, and since when."""
    tier: str


def patient_lines(
    uow: UnitOfWork, pathways: Pathways, patients: Sequence[Patient]
) -> tuple[PatientLine, ...]:
    """Return patients as lines; two queries for all of them."""
    ids = [patient.id for patient in patients]
    known, enrolled = uow.patients.identifiers_of(ids), uow.enrolments.of_each(ids)
    lines = []
    for name in ids:
        mine, enrolments = known.get(name, ()), enrolled.get(name, ())
        stands = tuple(
            f"{state_title(pathways, e.pathway, e.version, e.state)} since {words.day(e.since)}"
            + ("" if e.status == "active" else f", {e.status}")
            for e in enrolments
            if e.state is not None
        )
        tiers = dict.fromkeys(f"{words.plainly(e.tier)} risk" for e in enrolments if e.tier is not None)
        lines.append(
            PatientLine(
                f"/patients/{name}",
                label(name, mine),
                ", ".join(spelled(mine)),
                stands or ("on no pathway yet",),
                ", ".join(tiers),
            )
        )
    return tuple(lines)


def beginnings(sender: Sender) -> tuple[Place, ...]:
    """Return how the sender may bring the first patients of a site; nothing for who may not."""
    ways = (
        (RECORDERS, Place("Add one", "/patients#add")),
        (IMPORTERS, Place("Import those of another system", "/imports")),
    )
    return tuple(place for roles, place in ways if may(sender, roles))

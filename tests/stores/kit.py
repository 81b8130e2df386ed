"""What the tests of the store share: one site, one patient, events that went through the door."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

from engine.core.events import Event
from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.kept import Author, Enrolment, Patient, Receipt, Site
from engine.ports import Store, UnitOfWork
from tests.unit.builders import a_value, enrolled

NOW = datetime(2026, 1, 12, 9, 30, 15, 123456, tzinfo=UTC)
TODAY = date(2026, 1, 12)
SITE = Site("north", "Northern Hospital", "Europe/Berlin")
PATIENT = Patient(uuid7(NOW, b"\x01" * RANDOM_BYTES), "north", NOW)
OTHER = Patient(uuid7(NOW, b"\x02" * RANDOM_BYTES), "north", NOW)
PATHWAY = "pm-ild"
ENROLMENT = Enrolment(PATIENT.id, PATHWAY, "1", "0" * 64)


def events() -> tuple[Event, ...]:
    """One event of every type, numbered from 1."""
    told = (
        enrolled(0, id="enrol")
        .obs(1, a_value("fvc_l", "2.50"), a_value("spo2_rest", 97, o2_flow=0), id="obs", source="lab")
        .absent("dlco_pp", on=1, id="absent", reason="too breathless – “tired”")
        .started("gc_oral", on=2, dose="12.5", id="med")
        .has("severe_infection", on=3, id="cond")
        .vaccinated("flu", on=3)
        .declined("tx.mmf", on=4, id="decision")
        .moved("monitor", on=5, id="override")
        .admin("pause", on=6, id="admin")
        .corrected("obs", on=1, id="correct", source="lab", obs=[a_value("fvc_l", "2.51")])
        .obs(7, a_value("fvc_l", "0.45"), id="doubtful")
        .verified("doubtful", on=8, id="verify")
        .retracted("absent", on=9, id="retract")
    )
    return tuple(told.record)


def received(of: Iterable[Event]) -> list[Receipt]:
    return [Receipt(event, Author("clinician")) for event in of]


def concerning(pathway: str | None, event: Event) -> Event:
    return replace(event, pathway=pathway)


@contextmanager
def writing(store: Store) -> Iterator[UnitOfWork]:
    """A unit of work that is committed at the end."""
    with store.writing() as uow:
        yield uow
        uow.commit()


def furnish(store: Store) -> Store:
    """Put a site and two patients without events into a store."""
    with writing(store) as uow:
        uow.sites.add(SITE)
        uow.patients.add(PATIENT)
        uow.patients.add(OTHER)
    return store


def enrol(store: Store) -> Store:
    """Furnish a store, and enrol the first patient."""
    furnish(store)
    with writing(store) as uow:
        uow.enrolments.save(ENROLMENT)
    return store

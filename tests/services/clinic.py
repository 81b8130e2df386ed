"""A clinic for tests: the services on a real database, with a clock that is moved by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from engine.core.kept import Enrolment
from engine.core.pathway import Pathway
from engine.core.reconcile import Kept
from engine.core.vocabulary import Vocabulary
from engine.errors import NotFound
from engine.ports import Store, UnitOfWork
from engine.services.access import main_site
from engine.services.asking import Asker
from engine.services.patients import Sender, register
from engine.services.recording import Recorded, Recorder, kept_of
from engine.services.residents import Residents
from engine.services.verifying import differences
from tests.laws.world import Message, vocabulary
from tests.stores.kit import writing

CLINICIAN = Sender("clinician", "main")


class Moved:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.instant = datetime(2024, 1, 8, 8, tzinfo=UTC)

    def to(self, day: date, at: time = time(12)) -> None:
        self.instant = datetime.combine(day, at, UTC)

    def now(self) -> datetime:
        return self.instant

    def today(self, zone: tzinfo) -> date:
        return self.instant.astimezone(zone).date()


class Counted:
    """Chance that counts up."""

    def __init__(self) -> None:
        self.number = 0

    def draw(self, size: int) -> bytes:
        self.number += 1
        return self.number.to_bytes(size)


@dataclass(frozen=True)
class Served:
    """The pathways a test serves, by id."""

    pathways: Mapping[str, Pathway]

    @property
    def vocabulary(self) -> Vocabulary:
        return vocabulary()

    def available(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(name, (pathway.definition.version,)) for name, pathway in self.pathways.items()]

    def pathway(self, name: str, version: str | None = None) -> Pathway:
        found = self.pathways.get(name)
        if found is None or version not in (None, found.definition.version):
            raise NotFound("pathway", name)
        return found


@dataclass
class Clinic:
    """One site with its services."""

    store: Store
    served: Served
    clock: Moved = field(default_factory=Moved)
    residents: Residents = field(default_factory=Residents)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.served, self.clock, self.residents)
        self.asker = Asker(self.served, self.clock)
        self.chance = Counted()
        with writing(self.store) as uow:
            main_site(uow, "UTC")

    def patient(self) -> str:
        with writing(self.store) as uow:
            return register(uow, (), CLINICIAN, self.clock, self.chance).id

    def send(
        self, patient: str, *messages: Mapping[str, Any], by: Sender = CLINICIAN, expected: int | None = None
    ) -> Recorded:
        at = None if len(messages) == 1 else "/events"
        with writing(self.store) as uow:
            return self.recorder.record(uow, patient, messages, by, expected=expected, at=at)

    def told(self, patient: str, message: Message) -> Recorded:
        """Send a message of a story on the day it was received."""
        self.clock.to(message["recorded"])
        body = {k: v for k, v in message.items() if k not in ("recorded", "role")}
        return self.send(patient, body, by=Sender(message.get("role", "clinician"), "main"))

    def refresh(self, patient: str, pathway: str = "pm-ild") -> None:
        with writing(self.store) as uow:
            self.recorder.refresh(uow, patient, pathway, CLINICIAN)

    def kept(self, patient: str, pathway: str = "pm-ild") -> tuple[Enrolment, Kept]:
        with self.store.reading() as uow:
            return _kept(uow, patient, pathway)

    def differences(self, patient: str, pathway: str = "pm-ild") -> tuple[str, ...]:
        with self.store.reading() as uow:
            enrolment = uow.enrolments.get(patient, pathway)
            return () if enrolment is None else differences(uow, enrolment, self.served)


def _kept(uow: UnitOfWork, patient: str, pathway: str) -> tuple[Enrolment, Kept]:
    enrolment = uow.enrolments.get(patient, pathway)
    assert enrolment is not None
    return enrolment, kept_of(uow, enrolment)

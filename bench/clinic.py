"""A running Careway for measuring: services, writer and a database of its own, with a clock moved by hand."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from engine.core.kept import Patient
from engine.core.pathway import Pathway
from engine.core.vocabulary import Vocabulary
from engine.errors import NotFound
from engine.ports import Writer
from engine.services.access import main_site
from engine.services.patients import Sender, register
from engine.services.recording import Recorded, Recorder
from engine.services.residents import Residents
from engine.store.database import open_database
from engine.store.migrate import upgrade
from engine.store.unit_of_work import SqlStore
from engine.store.writers import writer_for

SENDER = Sender("clinician", "main")


class Moved:
    """A clock that stands until it is moved."""

    instant = datetime(2018, 1, 1, 12, tzinfo=UTC)

    def to(self, day: date) -> None:
        """Move it to noon of a day."""
        self.instant = datetime.combine(day, time(12), UTC)

    def now(self) -> datetime:
        """Return the instant."""
        return self.instant

    def today(self, zone: tzinfo) -> date:
        """Return the day."""
        return self.instant.astimezone(zone).date()


class Counted:
    """Chance that counts up."""

    number = 0

    def draw(self, size: int) -> bytes:
        """Return the next number."""
        self.number += 1
        return self.number.to_bytes(size)


class Served:
    """Pathways by id."""

    def __init__(self, *pathways: Pathway) -> None:
        """Serve these."""
        self.pathways: Mapping[str, Pathway] = {p.definition.id: p for p in pathways}

    @property
    def vocabulary(self) -> Vocabulary:
        """What may be recorded."""
        return next(iter(self.pathways.values())).vocabulary

    def available(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the ids and versions."""
        return [(name, (p.definition.version,)) for name, p in self.pathways.items()]

    def pathway(self, name: str, version: str | None = None) -> Pathway:
        """Return a pathway."""
        if name not in self.pathways:
            raise NotFound("pathway", name)
        return self.pathways[name]


class Clinic:
    """One site on a database."""

    def __init__(self, store: SqlStore, writer: Writer, served: Served, residents: Residents) -> None:
        """Open it."""
        self.store, self.writer = store, writer
        self.clock, self.chance = Moved(), Counted()
        self.recorder = Recorder(served, self.clock, residents)
        writer.run(lambda uow: main_site(uow, "UTC"))

    def patient(self) -> Patient:
        """Register a patient."""
        return self.writer.run(lambda uow: register(uow, (), SENDER, self.clock, self.chance))

    def record(self, patient: str, message: Mapping[str, Any]) -> Recorded:
        """Record one event durably, on its own effective date."""
        self.clock.to(message["effective"])
        return self.writer.run(lambda uow: self.recorder.record(uow, patient, (message,), SENDER))

    def fill(self, patient: str, messages: list[dict[str, Any]]) -> None:
        """Record a history in one go, as known on the day of its newest event."""
        self.clock.to(max(m["effective"] for m in messages))
        self.writer.run(lambda uow: self.recorder.record(uow, patient, messages, SENDER, at="/events"))


@contextmanager
def clinic(url: str, *pathways: Pathway, residents: Residents | None = None) -> Iterator[Clinic]:
    """Open a clinic on an empty database and close it at the end."""
    with closing(open_database(url)) as database:
        upgrade(database)
        store = SqlStore(database)
        with closing(writer_for(store)) as writer:
            yield Clinic(store, writer, Served(*pathways), residents or Residents())

"""Loading the demonstration: the cohort is recorded as if it had been sent over the years, one by one.

Nothing goes past the services, so what comes out is what years of use would have left. The same arguments
give the same rows on every machine, and a load that was broken off goes on where it stopped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import groupby, islice
from random import Random

from api.demo.clock import DemoClock
from api.demo.patients import SyntheticPatient, cohort
from api.demo.staff import hire, team_of
from api.demo.tending import tend
from api.errors import BadInput
from api.present.page import count
from engine.core.kept import Identifier
from engine.ports import Clock, Pathways, UnitOfWork, Writer
from engine.services.access import MAIN, main_site
from engine.services.patients import Sender, register, time_zone
from engine.services.recording import Recorder
from engine.services.reminding import remind_one
from engine.services.residents import Residents
from engine.services.teams import fill_posts

TODAY, SEED, SIZE, DONE = "demo.today", "demo.seed", "demo.size", "demo.done"
"""Settings kept with the data: what the demonstration was loaded with, and that all of it is there."""

TOGETHER = 4
"""Patients that share a commit: seldom enough to be quick, and the bar moves."""

ELSEWHERE = "Nothing was stored. Name another database with --database."

ONE_DAY = timedelta(days=1)

ZONE = "UTC"
"""Time zone of the main site when the demonstration makes it."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What is loaded."""

    size: int
    seed: int
    today: date

    def __str__(self) -> str:
        return f"{count(self.size, 'synthetic patient')}, seed {self.seed}, as of {self.today}"


@dataclass(frozen=True, slots=True)
class SeededRandomness:
    """Draws the same bytes for the same seed. Only for patients who do not exist."""

    seed: str
    _lots: Random = field(init=False)

    def __post_init__(self) -> None:
        """Begin."""
        object.__setattr__(self, "_lots", Random(self.seed))  # noqa: S311 - ids of patients nobody ever was

    def draw(self, size: int) -> bytes:
        """Return `size` bytes."""
        return self._lots.randbytes(size)


def loaded(uow: UnitOfWork) -> tuple[Demonstration, bool] | None:
    """Return the demonstration a database holds, and whether all of it is there; None if it holds none."""
    today, seed, size = (uow.settings.get(key) for key in (TODAY, SEED, SIZE))
    if today is None or seed is None or size is None:
        return None
    return Demonstration(int(size), int(seed), date.fromisoformat(today)), uow.settings.get(DONE) is not None


def empty(uow: UnitOfWork) -> bool:
    """Say whether a database holds no patients."""
    return not uow.patients.page(MAIN, limit=1)


def begin(writer: Writer, clock: Clock, size: int, seed: int, today: date | None) -> Demonstration:
    """Note in a database what is going to be loaded, with the staff of its site, and return it.

    Args:
        writer: writes to the database.
        clock: tells the date when nobody does.
        size: how many patients.
        seed: another one gives other patients.
        today: the day they are to be looked at; if None, that of the first load, which is the present date.

    Raises:
        BadInput: there are patients already, and not this demonstration's.
    """

    def command(uow: UnitOfWork) -> Demonstration:
        main_site(uow, ZONE)
        there = loaded(uow)
        if there is not None:
            held, _ = there
            if held != Demonstration(size, seed, today or held.today):
                raise BadInput(f"The database holds another demonstration: {held}. {ELSEWHERE}")
            return held
        if not empty(uow):
            raise BadInput(f"The database holds patients who are not of a demonstration. {ELSEWHERE}")
        wanted = Demonstration(size, seed, today or clock.today(time_zone(uow, MAIN)))
        for key, value in ((TODAY, wanted.today), (SEED, seed), (SIZE, size)):
            uow.settings.put(key, str(value))
        staffed = DemoClock(time_zone(uow, MAIN), wanted.today)
        hire(uow, staffed, SeededRandomness(f"{seed}:staff"), wanted.today)
        return wanted

    return writer.run(command)


def load(writer: Writer, pathways: Pathways, wanted: Demonstration) -> Iterator[SyntheticPatient]:
    """Load what was begun; yield each patient who is there, after the commit.

    One commit follows the other, so that rows get the same numbers every time.
    """
    patients = cohort(wanted.size, wanted.seed, wanted.today)
    while group := list(islice(patients, TOGETHER)):
        writer.run(partial(_record_all, pathways=pathways, wanted=wanted, patients=group))
        yield from group
    writer.run(lambda uow: uow.settings.put(DONE, "yes"))


def _record_all(
    uow: UnitOfWork, pathways: Pathways, wanted: Demonstration, patients: Sequence[SyntheticPatient]
) -> None:
    """Record patients, leaving out those who are there."""
    clock = DemoClock(time_zone(uow, MAIN), wanted.today)
    recorder = Recorder(pathways, clock, Residents()).passing
    for patient in patients:
        identifier = Identifier(patient.system, patient.identifier)
        if uow.patients.identified(MAIN, identifier) is None:
            _record(uow, recorder, clock, wanted, patient, identifier)


def _record(
    uow: UnitOfWork,
    recorder: Recorder,
    clock: DemoClock,
    wanted: Demonstration,
    patient: SyntheticPatient,
    identifier: Identifier,
) -> None:
    """Register a patient with a care team, record the messages each at its time, and let time pass."""
    randomness = SeededRandomness(f"{wanted.seed}:{patient.identifier}")
    clock.move(patient.messages[0].received)
    registrar = Sender("coordinator", MAIN)
    known = register(uow, [identifier], registrar, clock, randomness)
    fill_posts(uow, known.id, team_of(uow, patient.number), registrar, clock)
    day, place = wanted.today, 0
    for day, messages in groupby(patient.messages, key=lambda sent: sent.received):
        for place, sent in enumerate(messages, start=1):
            clock.move(day, place)
            recorder.record(uow, known.id, [sent.message], Sender(sent.role, MAIN))
        _tell(uow, recorder, known.id)
    lots = Random(f"{wanted.seed}:{patient.identifier}:tending")  # noqa: S311 - of patients nobody ever was
    day, place = tend(uow, recorder, clock, lots, known.id, wanted.today, day, place)
    _tell(uow, recorder, known.id)
    if day < wanted.today:
        clock.move(wanted.today - ONE_DAY, place + 1)
        _tell(uow, recorder, known.id)
    clock.move(wanted.today, place + 1)
    for enrolment in uow.enrolments.of(known.id):
        recorder.refresh(uow, known.id, enrolment.pathway, registrar)


def _tell(uow: UnitOfWork, recorder: Recorder, patient: str) -> None:
    """Have written down what had come by then, or the first look would tell of years at once."""
    for enrolment in uow.enrolments.of(patient):
        remind_one(recorder, uow, patient, enrolment.pathway)

"""Sweeping: what is due is found in the database, and done one enrolment at a time, each in a command.

Any number of processes may sweep at once: whoever gets to a patient first does the work, and the others
find it done. One that fails holds up nobody; it is found again by the next sweep.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from engine.core.kept import Enrolment, Patient
from engine.core.reminders import Waiting
from engine.ports import Clock, Store, UnitOfWork, Writer
from engine.services.patients import Sender, time_zone
from engine.services.ticks import Beat

AT_ONCE = 200
"""Rows looked for together; their commands share commits where the database has one writer."""

ROLE = "scheduler"
"""As which the passing of time acts; no caller can be one."""

Due = Callable[[UnitOfWork, Waiting | None], tuple[Waiting, ...]]
"""Finds the next rows that something has to be done about."""
Do = Callable[[UnitOfWork, str, str], int]
"""Does it for one patient and pathway, if it is still to be done; returns how much was."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep came to."""

    enrolments: int
    """Looked at."""
    done: int


def sweep(store: Store, writer: Writer, due: Due, do: Do, beat: Beat) -> Swept:
    """Do what is due, longest due first, with a beat after each page, whoever failed on it.

    What is left when the process ends is still due, and found by the next one.

    Raises:
        CarewayError: or whatever else the first enrolment that failed raised, when all others are done.
    """
    looked, done, failed = set[tuple[str, str]](), 0, list[BaseException]()
    after: Waiting | None = None
    while True:
        with store.reading() as uow:
            page = due(uow, after)
        new = dict.fromkeys((found.patient, found.pathway) for found in page)
        running = [
            writer.submit(lambda uow, patient=patient, pathway=pathway: do(uow, patient, pathway))  # type: ignore[misc]
            for patient, pathway in new
            if (patient, pathway) not in looked
        ]
        looked |= new.keys()
        for outcome in running:
            error = outcome.exception()
            if error is None:
                done += outcome.result()
            else:
                failed.append(error)
        if beat() or len(page) < AT_ONCE:
            break
        after = page[-1]
    if failed:
        raise failed[0]
    return Swept(len(looked), done)


def latest_today(uow: UnitOfWork, clock: Clock) -> date:
    """Return the latest of the dates it now is at the sites: nothing due on a later one is due anywhere."""
    return max((clock.today(time_zone(uow, site.id)) for site in uow.sites.all()), default=date.min)


@dataclass(frozen=True, slots=True)
class Claimed:
    """An enrolment nobody else writes to until the transaction ends, and what time it is there."""

    patient: Patient
    enrolment: Enrolment
    now: datetime
    day: date
    """The present date at the patient's site."""

    @property
    def sender(self) -> Sender:
        """Who acts: time, at the patient's site."""
        return Sender(ROLE, self.patient.site)

    @property
    def stale(self) -> bool:
        """Whether it has to be evaluated again, for the day to look again has come."""
        return self.enrolment.revisit_on is not None and self.enrolment.revisit_on <= self.day


def claim(uow: UnitOfWork, clock: Clock, patient: str, pathway: str) -> Claimed | None:
    """Return an enrolment to work on; None when somebody else writes to the patient, or it is not there."""
    held, enrolment = uow.patients.claim(patient), uow.enrolments.get(patient, pathway)
    if held is None or enrolment is None:
        return None
    now = clock.now()
    return Claimed(held, enrolment, now, now.astimezone(time_zone(uow, held.site)).date())

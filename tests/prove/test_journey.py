"""A year of a clinic, day by day: every step is told once per due date, and nothing that was settled is."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.application import Application, application_on
from api.settings import read_settings
from engine.core.changes import Replay
from engine.core.evaluate import Evaluation, evaluated
from engine.core.people import Post
from engine.core.reminders import Delivery
from engine.errors import MessageRefused
from engine.ports import UnitOfWork
from engine.services.access import MAIN, main_site
from engine.services.patients import Sender, register
from engine.services.refreshing import refresh_due
from engine.services.reminding import remind_due
from engine.services.tallying import tally
from engine.services.teams import fill_posts
from engine.services.verifying import verified
from tests.prove.expected import Expected
from tests.prove.journey import BEGIN, Traveller, travellers
from tests.services.clinic import Moved
from tests.services.staff import hired

LOG = logging.getLogger(__name__)
ZONE = ZoneInfo("Europe/Berlin")
SHORT, FULL = (4, 90, 10), (200, 400, 45)
"""Patients, days, and within how many of them all begin."""
LOOKS = (time(8), time(10), time(14), time(22))
"""On a day on which data came somebody looks four times, on the others once."""
COMING = time(9)
AWAY = 3
"""Days in the middle on which nobody looks."""
TEAM = {
    Post.COORDINATOR: "cora",
    Post.RESPONSIBLE_CLINICIAN: "dora",
    Post.BACKUP_CLINICIAN: "dean",
    Post.CLINICAL_LEAD: "lea",
}
CALLED = {"coordinator": "cora", "clinician": "dora", "backup_clinician": "dean", "clinical_lead": "lea"}
LOOK_ANYWAY, ASKED_EVERY = 10, 40
"""Days after which what may be seen is looked at again even where nothing is said to change, or is asked."""


@dataclass
class Watched:
    """A patient, what is expected to be told, and when what may be seen of the patient changes next."""

    id: str
    traveller: Traveller
    expected: Expected
    replay: Replay
    """What may be seen, as it grows; now and then it is compared with what the service answers."""
    through: int = 0
    again: date = date.max
    asked: date = BEGIN
    refused: int = 0


@dataclass
class Journey:
    """A clinic with all patients, and a clock that is moved."""

    application: Application
    clock: Moved
    people: dict[str, str] = field(default_factory=dict)
    watched: list[Watched] = field(default_factory=list)

    def at(self, day: date, hour: time, minute: int = 0) -> datetime:
        self.clock.instant = datetime.combine(day, hour, ZONE).astimezone(UTC) + timedelta(minutes=minute)
        return self.clock.instant

    def join(self, traveller: Traveller) -> None:
        def command(uow: UnitOfWork) -> str:
            clinician = Sender("clinician", MAIN)
            patient = register(uow, (), clinician, self.clock, self.application.randomness).id
            team = {post: self.people[login] for post, login in TEAM.items()}
            fill_posts(uow, patient, team, clinician, self.clock)
            return patient

        rules = self.application.shelf.pathway("pm-ild")
        patient = self.application.writer.run(command)
        self.watched.append(Watched(patient, traveller, Expected(ZONE), Replay(rules)))

    def send(self, day: date) -> None:
        """Send what comes on a day, one sender after the other."""
        for one in self.watched:
            for place, (role, messages) in enumerate(one.traveller.sent.get(day, ())):
                instant = self.at(day, COMING, place)
                try:
                    self.record(one.id, messages, Sender(role, MAIN))
                except MessageRefused:
                    one.refused += 1
                self.see(one, day, instant, by_time=False)

    def record(self, patient: str, messages: Sequence[Mapping[str, object]], sender: Sender) -> None:
        record = self.application.recorder.record
        self.application.writer.run(lambda uow: record(uow, patient, messages, sender, at="/events"))

    def look(self, day: date, hour: time) -> None:
        """Refresh and remind, as those do who look every minute."""
        instant = self.at(day, hour)
        for one in self.watched:
            if one.again <= day:
                self.see(one, day, instant, by_time=True)
            one.expected.look(day, instant)
        app = self.application
        refresh_due(app.store, app.writer, app.recorder)
        remind_due(app.store, app.writer, app.recorder)

    def see(self, one: Watched, day: date, instant: datetime, *, by_time: bool) -> None:
        with self.application.store.reading() as uow:
            for receipt in uow.records.receipts(one.id, after=one.through):
                one.replay.take(receipt.event)
                one.through = receipt.event.stamp.sequence
            seen = evaluated(one.replay, day)
            one.again = min(seen.revisit_on or date.max, day + timedelta(days=LOOK_ANYWAY))
            if seen.position is not None and (day - one.asked).days >= ASKED_EVERY:
                asked = self.application.asker.state(uow, one.id, "pm-ild", Sender("viewer", MAIN))
                assert shown(seen) == shown(asked.evaluation)
                one.asked = day
        one.expected.seen(seen, instant, by_time=by_time)

    def deliveries(self, one: Watched) -> tuple[Delivery, ...]:
        with self.application.store.reading() as uow:
            return uow.reminders.of(one.id)


def shown(seen: Evaluation) -> tuple[object, ...]:
    return (
        seen.position,
        [(r.id, r.due, r.base, r.status, r.step) for r in seen.reviews],
        [(a.id, a.opened_on, a.disposition, a.prio) for a in seen.actions],
    )


@contextmanager
def journey(url: str) -> Iterator[Journey]:
    clock = Moved()
    with application_on(read_settings(url), clock=clock) as application:
        begun = Journey(application, clock)
        begun.at(BEGIN - timedelta(days=1), COMING)

        def command(uow: UnitOfWork) -> dict[str, str]:
            main_site(uow, str(ZONE))
            return {login: person.id for login, person in hired(uow, application.randomness).items()}

        begun.people = application.writer.run(command)
        yield begun


@pytest.mark.prove
def test_every_step_is_told_once_for_each_due_date(url: str, proving: bool) -> None:
    size, days, spread = FULL if proving else SHORT
    away = {BEGIN + timedelta(days=days * 3 // 5 + number) for number in range(AWAY)}
    with journey(url) as clinic:
        for traveller in travellers(size, days, spread):
            clinic.join(traveller)
        for number in range(days + 1):
            day = BEGIN + timedelta(days=number)
            looks = LOOKS if any(day in one.traveller.sent for one in clinic.watched) else LOOKS[:1]
            if day not in away:
                clinic.look(day, looks[0])
            clinic.send(day)
            for hour in looks[1:] if day not in away else ():
                clinic.look(day, hour)

        total = Counter[str]()
        for one in clinic.watched:
            total += compared(clinic, one, away)
        LOG.info("%s: %s", url.partition(":")[0], dict(total))
        with clinic.application.store.reading() as uow:
            found = tally(uow, MAIN, clinic.clock)
        assert (found.sound, found.late) == (True, 0)
        assert not [v for v in verified(clinic.application.store, clinic.application.shelf) if v.differences]
    assert {"late", "together", "review", "action"} <= total.keys()


def compared(clinic: Journey, one: Watched, away: set[date]) -> Counter[str]:
    """Compare what was told about a patient with what was expected; return how often there was what."""
    deliveries = clinic.deliveries(one)
    got = Counter((d.kind, d.subject, d.due, d.step, d.recipient, d.created) for d in deliveries)
    wanted = Counter(
        (*key, clinic.people[CALLED[name]], told.at)
        for key, told in one.expected.told.items()
        for name in dict.fromkeys(told.to)
        if name in CALLED
    )
    assert got == wanted, (one.traveller.number, got - wanted, wanted - got)
    counts = Counter(key[0] for key in one.expected.told)
    counts["refused"] += one.refused
    with clinic.application.store.reading() as uow:
        for (kind, subject, due, step), told in one.expected.told.items():
            if kind == "review":
                key = f"reminder/{one.id}/pm-ild/{kind}/{subject}/{due}/{step}"
                message = uow.outbox.get(key)
                assert message is not None
                day = told.at.astimezone(ZONE).date()
                assert message.body["on"] == told.planned, key
                counts["late"] += told.planned < day
                assert told.planned == day or told.planned in away
    together = Counter((d.notice, d.step) for d in deliveries if d.subject.startswith("tox."))
    counts["together"] += sum(number > 1 for number in together.values())
    return counts

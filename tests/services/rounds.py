"""A clinic that is looked over by the scheduler: one enrolled patient, a care team, and a writer."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine.core.kept import LiveReview, Message, Site
from engine.core.pathway import Pathway
from engine.core.people import Person, Post
from engine.core.reminders import Delivery, Topic
from engine.ports import Store, Writer
from engine.services.noting import Act, Noted, note
from engine.services.patients import Sender
from engine.services.refreshing import refresh_due
from engine.services.reminding import remind_due
from engine.services.teams import fill_posts
from engine.store.unit_of_work import SqlStore
from engine.store.writers import writer_for
from tests.laws.world import pathway
from tests.services.clinic import CLINICIAN, Clinic, Served
from tests.services.staff import hired
from tests.stores.kit import writing

DAY = date(2024, 1, 8)
ENROL = {
    "id": "e1",
    "type": "enrol",
    "effective": str(DAY),
    "pathway": "pm-ild",
    "iim_dx": "PM",
    "ild_confirmed": True,
    "sex": "female",
    "birth_date": "1970-05-04",
}
Told = tuple[str, date, str, str]
"""Subject, due date, step and who got it."""


class Rounds(Clinic):
    """A clinic with staff and one enrolled patient; every day is one of the site's time zone."""

    writer: Writer
    zone: str
    one: str
    staff: dict[str, Person]

    def at(self, day: date, hour: time = time(12)) -> None:
        self.clock.instant = datetime.combine(day, hour, ZoneInfo(self.zone)).astimezone(UTC)

    def team(self, **posts: str | None) -> None:
        wanted = {
            Post(post): None if login is None else self.staff[login].id for post, login in posts.items()
        }
        with writing(self.store) as uow:
            fill_posts(uow, self.one, wanted, CLINICIAN, self.clock)

    def look(self) -> int:
        """Do both jobs once; return how many deliveries are new."""
        refresh_due(self.store, self.writer, self.recorder)
        return self.remind()

    def remind(self) -> int:
        return remind_due(self.store, self.writer, self.recorder).done

    def days(self, first: date, last: date) -> list[tuple[date, Told]]:
        """Look once on each day; return what was told, with the day on which it was."""
        found = list[tuple[date, Told]]()
        for number in range((last - first).days + 1):
            day, before = first + timedelta(days=number), len(self.told_all())
            self.at(day)
            self.look()
            found += [(day, told) for told in self.told_all()[before:]]
        return found

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        with self.store.reading() as uow:
            return uow.reminders.of(self.one)

    def told_all(self) -> list[Told]:
        login = {person.id: login for login, person in self.staff.items()}
        return [(d.subject, d.due, d.step, login.get(d.recipient, d.recipient)) for d in self.deliveries]

    def obs(self, name: str, day: date, **items: Any) -> None:
        rows = [{"item": item, **value} for item, value in items.items()]
        self.send(
            self.one, {"id": name, "type": "obs", "effective": str(day), "source": "manual", "obs": rows}
        )

    def admin(self, name: str, action: str, day: date, **more: str) -> None:
        self.send(
            self.one,
            {"id": name, "type": "admin", "effective": str(day), "pathway": "pm-ild", "op": action, **more},
        )

    def note(
        self,
        act: Act,
        kind: str,
        subject: str,
        due: date,
        by: Sender = CLINICIAN,
        expected: int | None = None,
    ) -> Noted:
        topic = Topic(self.one, "pm-ild", kind, subject, due)
        with writing(self.store) as uow:
            return note(uow, self.asker, topic, act, by, expected=expected)

    @property
    def revision(self) -> int:
        with self.store.reading() as uow:
            found = uow.patients.get(self.one)
        assert found is not None
        return found.revision

    def review(self, name: str = "pft") -> LiveReview:
        return next(review for review in self.kept(self.one)[1].reviews if review.review == name)

    def message(self, key: str) -> Message | None:
        with self.store.reading() as uow:
            return uow.outbox.get(key)


@contextmanager
def rounds(
    store: Store, zone: str = "UTC", day: date = DAY, rules: Pathway | None = None
) -> Iterator[Rounds]:
    """A clinic in a time zone: a patient enrolled on a day, a coordinator, a clinician and a lead."""
    assert isinstance(store, SqlStore)
    with writing(store) as uow:
        uow.sites.add(Site("main", "Main", zone))
    clinic = Rounds(store, Served({"pm-ild": rules or pathway()}))
    clinic.zone = zone
    clinic.at(day)
    with writing(store) as uow:
        clinic.staff = hired(uow, clinic.chance)
    clinic.one = clinic.patient()
    clinic.send(clinic.one, ENROL | {"effective": str(day)})
    clinic.team(coordinator="cora", responsible_clinician="dora", clinical_lead="lea")
    with closing(writer_for(store)) as writer:
        clinic.writer = writer
        yield clinic

"""Previewing: what would be sent to whom and when if nothing new came in, and how many reviews fall due.

It asks the functions that tell the reminders when their day comes, and writes nothing. What is on its way
already is not part of it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from engine.core.changes import replay
from engine.core.channels import Channel
from engine.core.dispatches import carried_as
from engine.core.evaluate import evaluated
from engine.core.foreseeing import Ahead, falls_due, foreseen
from engine.core.kept import Enrolment, Patient, Site
from engine.core.ownership import Roster, holders
from engine.core.people import Post, TeamPost
from engine.core.reaching import Reached
from engine.core.reminders import PATIENT, Topic, recipients
from engine.ports import Pathways, Store, UnitOfWork
from engine.services.ladders import ladders_at
from engine.services.recording import kept_of
from engine.services.rosters import roster_on

AT_ONCE = 20
"""Patients looked at in one transaction; during a long one the database could tidy nothing up."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A step that one recipient will be told."""

    at: datetime
    """When it is written down, in UTC."""
    topic: Topic
    step: str
    recipient: str
    """Id of a person, `nobody` or `patient`."""
    urgent: bool


@dataclass(frozen=True, slots=True)
class Sending:
    """A message that will go out on one channel."""

    at: datetime
    """From when on, in UTC."""
    channel: Channel
    reminders: int
    urgent: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What is to come at a site."""

    site: Site
    now: datetime
    last: date
    """The last day that was looked at, of the site's time zone."""
    patients: int
    planned: tuple[Planned, ...]
    """In order of time."""
    sending: tuple[Sending, ...]
    """In order of time; what is told to nobody, or to somebody without a channel, is in none of them."""
    due: Mapping[str, Counter[str]]
    """How often each review falls due, by month (`2026-01`), from now to the end of the last day's month."""


class Previewer:
    """Looks ahead, patient by patient, and puts together what was found."""

    def __init__(
        self, pathways: Pathways, site: Site, now: datetime, days: int, pathway: str | None = None
    ) -> None:
        """Begin with nobody.

        Args:
            pathways: the pathways that are served.
            site: whose patients are looked at.
            now: the present instant.
            days: how far to look beyond today, in the site's time zone.
            pathway: the only one to look at; every one if None.
        """
        self.pathways, self.site, self.now, self.pathway = pathways, site, now, pathway
        self.zone = ZoneInfo(site.time_zone)
        self.today = now.astimezone(self.zone).date()
        self.last = self.today + timedelta(days=days)
        self.patients = 0
        self.planned = list[Planned]()
        self._due: dict[str, Counter[str]] = defaultdict(Counter)
        self._sending = dict[tuple[str, str], Sending]()
        self._rosters = dict[date, Roster]()
        self._channels = dict[str, tuple[Channel, ...]]()

    def look(self, uow: UnitOfWork, patient: Patient) -> None:
        """Look ahead for one patient of the site; raises `NotFound` for a version that is not served."""
        self.patients += 1
        for enrolment in uow.enrolments.of(patient.id):
            if self.pathway in (None, enrolment.pathway):
                self._look(uow, enrolment)

    def preview(self) -> Preview:
        """Return what was found so far."""
        return Preview(
            self.site,
            self.now,
            self.last,
            self.patients,
            tuple(sorted(self.planned, key=lambda p: (p.at, p.topic.patient, p.recipient))),
            tuple(sorted(self._sending.values(), key=lambda s: (s.at, s.channel.id))),
            dict(sorted(self._due.items())),
        )

    def _look(self, uow: UnitOfWork, enrolment: Enrolment) -> None:
        rules = self.pathways.pathway(enrolment.pathway, enrolment.version)
        whole = replay(rules, uow.records.load(enrolment.patient, enrolment.pathway))
        for review, day in falls_due(evaluated(whole, self.today), _end_of_month(self.last)):
            self._due[f"{day:%Y-%m}"][review] += 1
        notes, kept = uow.notes.of(enrolment.patient), kept_of(uow, enrolment)
        ladders = ladders_at(uow, self.site.id, rules.definition)
        on = partial(evaluated, whole, ladders=ladders)
        ahead = Ahead(rules, enrolment, kept, notes, self.zone, ladders, on)
        team = holders(uow.teams.of(enrolment.patient))
        told = {(delivery.topic, delivery.step) for delivery in uow.reminders.of(enrolment.patient)}
        for at, steps in foreseen(ahead, self.now, self.last):
            new = [step for step in steps if (step.topic, step.step) not in told]
            planned = [one for step in new for one in self._planned(uow, at, step, team)]
            told |= {(one.topic, one.step) for one in planned}
            self.planned += planned
            self._put(uow, at, planned)

    def _planned(
        self, uow: UnitOfWork, at: datetime, step: Reached, team: Mapping[Post, TeamPost]
    ) -> Iterator[Planned]:
        """Yield a step once for each recipient it has on its day."""
        day = at.astimezone(self.zone).date()
        if day not in self._rosters:
            self._rosters[day] = roster_on(uow, self.site.id, day)
        reachable = bool(self._open(uow, PATIENT, step.topic.patient))
        for recipient in recipients(step.to, team, self._rosters[day], patient_reachable=reachable):
            yield Planned(at, step.topic, step.step, recipient, step.urgent)

    def _put(self, uow: UnitOfWork, at: datetime, planned: Iterable[Planned]) -> None:
        """Add what is told of one patient at once to the messages that tell of it."""
        notices = defaultdict[str, list[Planned]](list)
        for one in planned:
            notices[one.recipient].append(one)
        for recipient, told in notices.items():
            topic, urgent = told[0].topic, any(one.urgent for one in told)
            notice = f"{topic.patient}/{topic.pathway}/{recipient}/{at.isoformat()}"
            for channel in self._open(uow, recipient, topic.patient):
                zone = ZoneInfo(channel.time_zone)
                about, goes = carried_as(channel, zone, notice, at, urgent=urgent)
                before = self._sending.get((channel.id, about), Sending(goes, channel, 0, urgent))
                added = replace(before, reminders=before.reminders + len(told))
                self._sending[channel.id, about] = added

    def _open(self, uow: UnitOfWork, recipient: str, patient: str) -> tuple[Channel, ...]:
        """Return the open channels of a recipient, who may be the patient."""
        whose = patient if recipient == PATIENT else recipient
        if whose not in self._channels:
            of = uow.channels.open_of_patient if recipient == PATIENT else uow.channels.open_of_person
            self._channels[whose] = of(whose)
        return self._channels[whose]


def previewed(store: Store, previewer: Previewer) -> Iterator[Patient]:
    """Look ahead for every patient of a site; yield each who was looked at.

    What one transaction sees is one state of the database; there is one for every few patients.
    """
    after = ""
    while True:
        with store.reading() as uow:
            page = uow.patients.page(previewer.site.id, after=after, limit=AT_ONCE)
            for patient in page:
                previewer.look(uow, patient)
        yield from page
        if len(page) < AT_ONCE:
            return
        after = page[-1].id


def _end_of_month(day: date) -> date:
    """Return the last day of a month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)

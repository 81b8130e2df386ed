"""A preview says what will be told: without new data exactly that is, and looking ahead writes nothing."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.demo.loading import begin, load
from api.wiring import Shelf
from engine.core.channels import Channel
from engine.core.dispatches import Letter, Outcome
from engine.core.kept import Site
from engine.core.notes import ACKNOWLEDGE, SNOOZE
from engine.core.reminders import NOBODY, PATIENT, Topic
from engine.errors import NotFound
from engine.ports import Store, Writer
from engine.services.asking import Asker
from engine.services.delivering import deliver_due
from engine.services.noting import Act, note
from engine.services.patients import Sender
from engine.services.previewing import AT_ONCE, Preview, Previewer, previewed
from engine.services.recording import Recorder
from engine.services.refreshing import refresh_due
from engine.services.reminding import remind_due
from engine.services.residents import Residents
from engine.store.unit_of_work import SqlStore
from engine.store.writers import writer_for
from tests.services.clinic import Moved
from tests.services.rounds import DAY, ENROL, Rounds, rounds
from tests.stores.kit import writing

TODAY = date(2026, 3, 17)
ZONE = "Europe/Berlin"
"""Clocks change there within two weeks of that day."""
HOUR = timedelta(hours=1)
STAFF = Sender("coordinator", "main")


@dataclass
class Ward:
    """The demonstration, with channels, looked after every hour."""

    store: Store
    writer: Writer
    clock: Moved
    recorder: Recorder
    letters: list[tuple[datetime, Letter]] = field(default_factory=list)

    def carry(self, letter: Letter) -> Outcome:
        self.letters.append((self.clock.now(), letter))
        return Outcome("sent", "250")

    def preview(self, days: int) -> Preview:
        return look(self.store, self.recorder, self.clock, days)

    def pass_time(self, days: int) -> None:
        """Look now and on each full hour up to the end of a day."""
        last = self.clock.now().astimezone(ZoneInfo(ZONE)).date() + timedelta(days=days)
        end = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(ZONE)).astimezone(UTC)
        while self.clock.now() < end:
            refresh_due(self.store, self.writer, self.recorder)
            remind_due(self.store, self.writer, self.recorder)
            deliver_due(self.writer, dict.fromkeys(("email", "chat"), self), self.clock, lambda _: 0)
            self.clock.instant = self.clock.now().replace(minute=0) + HOUR


def look(store: Store, recorder: Recorder, clock: Moved, days: int, **more: Any) -> Preview:
    with store.reading() as uow:
        site = uow.sites.get("main")
    assert site is not None
    previewer = Previewer(recorder.pathways, site, clock.now(), days, **more)
    for _ in previewed(store, previewer):
        pass
    return previewer.preview()


@pytest.fixture
def ward(store: Store, proving: bool) -> Iterator[Ward]:
    assert isinstance(store, SqlStore)
    shelf, clock = Shelf(), Moved()
    clock.instant = datetime.combine(TODAY, time(12, 40), UTC)
    with writing(store) as uow:
        uow.sites.add(Site("main", "Main", ZONE))
    with closing(writer_for(store)) as writer:
        demonstration = begin(writer, clock, 40 if proving else 8, 1, TODAY)
        for _ in load(writer, shelf, demonstration):
            pass
        made = Ward(store, writer, clock, Recorder(shelf, clock, Residents()))
        reach(made)
        yield made


def reach(ward: Ward) -> None:
    """Give everybody a way to be reached, each another one; and have something put off and something seen."""
    hours: dict[str, Any] = {"quiet_from": time(20), "quiet_until": time(7), "time_zone": ZONE}
    with writing(ward.store) as uow:
        people = {person.login: person.id for person in uow.people.at("main")}
        patient = uow.patients.page("main", limit=1)[0].id
        made = Channel("", "main", "email", "somewhere", "", ward.clock.now())
        for one in (
            replace(made, id="ada", person=people["ada.elm"], digest_at=time(8), **hours),
            replace(made, id="ben", person=people["ben.ash"], **hours),
            replace(made, id="cleo", kind="chat", person=people["cleo.birch"]),
            replace(
                made, id="cleo-2", person=people["cleo.birch"], digest_at=time(8), time_zone="Asia/Tokyo"
            ),
            replace(made, id="finn", person=people["finn.oak"], **hours),
            replace(made, id="them", patient=patient, consented=TODAY, digest_at=time(9)),
        ):
            uow.channels.add(one)
        for row in uow.patients.page("main"):
            reviews = uow.reviews.of(row.id, "pm-ild")
            actions = [a for a in uow.actions.of(row.id, "pm-ild") if a.next_step]
            asker = Asker(ward.recorder.pathways, ward.clock)
            for review in reviews[:1]:
                topic = Topic(row.id, "pm-ild", "review", review.review, review.due)
                note(uow, asker, topic, Act(SNOOZE, "booked", TODAY + timedelta(days=12)), STAFF)
            for action in actions[:1]:
                topic = Topic(row.id, "pm-ild", "action", action.action, action.opened_on)
                note(uow, asker, topic, Act(ACKNOWLEDGE), STAFF)


@pytest.mark.prove
def test_without_new_data_exactly_what_was_previewed_is_told_and_sent(ward: Ward, proving: bool) -> None:
    days = 90 if proving else 21
    begun, found = ward.clock.now(), ward.preview(days)
    ward.pass_time(days)

    with ward.store.reading() as uow:
        patients = [patient.id for patient in uow.patients.page("main", limit=200)]
        told = [d for patient in patients for d in uow.reminders.of(patient) if d.created >= begun]
    assert (found.patients, found.now, found.last) == (len(patients), begun, TODAY + timedelta(days=days))
    planned = {(one.topic, one.step, one.recipient): one.at for one in found.planned}
    written = {(one.topic, one.step, one.recipient): one.created for one in told}
    assert planned.keys() == written.keys()
    assert len(planned) == len(found.planned) > 40
    assert not [key for key, at in planned.items() if not timedelta() <= written[key] - at < HOUR]

    sent = Counter((x.channel.id, x.told.reminders, x.told.urgent) for _, x in ward.letters if x.told)
    expected = Counter(
        (one.channel.id, one.reminders, one.urgent) for one in found.sending if one.at < ward.clock.now()
    )
    assert sent == expected
    assert {channel for channel, _, _ in sent} >= {"ada", "ben", "cleo", "cleo-2", "finn"}
    gone = sorted((x.channel.id, at) for at, x in ward.letters)
    due = sorted((one.channel.id, one.at) for one in found.sending if one.at < ward.clock.now())
    assert all(timedelta() <= at - asked < HOUR for (_, at), (_, asked) in zip(gone, due, strict=True))


def test_looking_ahead_writes_nothing(ward: Ward) -> None:
    before = ward.preview(5)
    with ward.store.reading() as uow:
        revisions = [patient.revision for patient in uow.patients.page("main")]
    assert ward.preview(5) == before
    with ward.store.reading() as uow:
        assert [patient.revision for patient in uow.patients.page("main")] == revisions
        assert uow.dispatches.queue().waiting == 0


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    with rounds(store) as made:
        yield made


def ahead(clinic: Rounds, days: int, **more: Any) -> Preview:
    return look(clinic.store, clinic.recorder, clinic.clock, days, **more)


def test_what_was_told_is_not_told_again_and_what_is_due_comes_at_once(clinic: Rounds) -> None:
    due = DAY + timedelta(days=14)
    clinic.days(DAY, due - timedelta(days=1))
    clinic.at(due)
    first = [one for one in ahead(clinic, 0).planned if one.topic.subject == "pft"]
    assert [(one.step, one.at, one.recipient) for one in first] == [
        ("due", clinic.clock.now(), clinic.staff["cora"].id)
    ]
    clinic.look()
    assert [one for one in ahead(clinic, 0).planned if one.topic.subject == "pft"] == []


def test_absences_count_on_the_day_and_nobody_is_shown(clinic: Rounds) -> None:
    clinic.team(coordinator=None, responsible_clinician=None, clinical_lead=None)
    assert {one.recipient for one in ahead(clinic, 20).planned} == {NOBODY}
    assert ahead(clinic, 20).sending == ()


def test_another_pathway_and_another_site_have_nothing_to_come(clinic: Rounds) -> None:
    assert ahead(clinic, 20).planned
    assert ahead(clinic, 20, pathway="other").planned == ()
    previewer = Previewer(clinic.served, Site("south", "South", "UTC"), clinic.clock.now(), 20)
    assert list(previewed(clinic.store, previewer)) == []
    assert previewer.preview().due == {}


def test_every_patient_is_looked_at_once_page_by_page(clinic: Rounds) -> None:
    for _ in range(AT_ONCE):
        clinic.send(clinic.patient(), ENROL)
    found = ahead(clinic, 14)
    assert found.patients == AT_ONCE + 1
    of_pft = [one.topic.patient for one in found.planned if (one.topic.subject, one.step) == ("pft", "due")]
    assert len(of_pft) == len(set(of_pft)) == found.patients


def test_a_version_that_is_not_served_is_told(clinic: Rounds) -> None:
    enrolment, _ = clinic.kept(clinic.one)
    with writing(clinic.store) as uow:
        uow.enrolments.save(replace(enrolment, version="9"))
    with pytest.raises(NotFound):
        ahead(clinic, 1)


def test_reviews_fall_due_again_as_if_each_were_done_on_its_day(clinic: Rounds) -> None:
    found = ahead(clinic, 180)
    months = list(found.due)
    assert (months[0], months[-1]) == ("2024-01", "2024-07")
    assert sum(found.due[month]["pft"] for month in months) >= 2
    clinic.at(DAY + timedelta(days=60))
    clinic.look()
    overdue = ahead(clinic, 0).due
    assert overdue["2024-03"]["pft"] == 1, "what is overdue counts now"
    clinic.admin("p1", "pause", DAY + timedelta(days=60))
    assert ahead(clinic, 180).due == {}
    assert PATIENT not in {one.recipient for one in ahead(clinic, 20).planned}

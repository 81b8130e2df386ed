"""The inbox tells what somebody was told, and how it stands today; nothing of other sites."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from engine.core.kept import Site
from engine.core.notes import ACKNOWLEDGE, NOT_DONE, SNOOZE
from engine.core.reminders import Topic, deliveries
from engine.errors import PersonNeeded
from engine.ports import Store
from engine.services.delivering import CHANNEL, UNDELIVERABLE
from engine.services.inbox import Notice, inbox
from engine.services.noting import Act
from engine.services.patients import Sender
from engine.services.posting import post
from engine.store.tables import PatientRow, table
from engine.store.unit_of_work import SqlStore
from tests.services.clinic import CLINICIAN
from tests.services.rounds import DAY, Rounds, rounds
from tests.services.test_delivering import FAILED, Outside, channel, exhausted
from tests.stores.kit import writing

DUE = DAY + timedelta(days=14)
LOW = {"value": Decimal(84), "unit": "%", "o2_flow": Decimal(0)}
FLAG = "rf.spo2"


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    with rounds(store) as made:
        yield made


def read(
    clinic: Rounds,
    login: str,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
    site: str = "main",
) -> tuple[Notice, ...]:
    sender = Sender("coordinator", site, person=clinic.staff[login].id)
    with clinic.store.reading() as uow:
        return inbox(uow, clinic.served, clinic.clock, sender, before=before, limit=limit)


def test_everybody_finds_what_they_were_told_without_any_channel(clinic: Rounds) -> None:
    clinic.days(DAY, DUE + timedelta(days=25))
    for login in ("cora", "dora", "lea"):
        told = [d for d in clinic.deliveries if d.recipient == clinic.staff[login].id]
        found = read(clinic, login)
        assert {e.told for notice in found for e in notice.entries} == set(told)
        assert {n.id for n in found} == {d.notice for d in told}
        assert [n.created for n in found] == sorted((n.created for n in found), reverse=True)
    assert read(clinic, "vic") == ()


def test_an_entry_says_how_it_stands_now(clinic: Rounds) -> None:
    clinic.at(DUE)
    clinic.look()
    (notice,) = read(clinic, "cora")
    entry = next(e for e in notice.entries if e.told.subject == "pft")
    assert (entry.title, entry.open, entry.urgent) == ("Lung function test", True, False)
    assert (entry.acknowledged, entry.snoozed_until, entry.not_done) == (None, None, None)
    assert entry.key is not None

    due = entry.told.due
    clinic.note(Act(ACKNOWLEDGE), "review", "pft", due)
    clinic.note(Act(NOT_DONE, "other"), "review", "pft", due)
    clinic.note(Act(SNOOZE, "booked", DUE + timedelta(days=2)), "review", "pft", due)
    noted = next(e for e in read(clinic, "cora")[0].entries if e.told.subject == "pft")
    assert (noted.acknowledged, noted.not_done) == (clinic.clock.now(), "other")
    assert noted.snoozed_until == DUE + timedelta(days=2)

    clinic.at(DUE + timedelta(days=2))
    clinic.obs("f1", DUE, fvc_l={"value": Decimal("2.5"), "unit": "L"})
    clinic.obs("d1", DUE, dlco_pp={"value": Decimal(70), "unit": "%"})
    settled = next(e for e in read(clinic, "cora")[-1].entries if e.told.subject == "pft")
    assert (settled.open, settled.snoozed_until) == (False, None)


def test_what_is_urgent_says_so_until_it_is_closed(clinic: Rounds) -> None:
    clinic.obs("s1", DAY, spo2_rest=LOW)
    clinic.look()
    (notice,) = read(clinic, "dora")
    entry = next(e for e in notice.entries if e.told.subject == FLAG)
    assert notice.urgent
    assert (entry.open, entry.urgent, entry.told.kind) == (True, True, "action")

    clinic.at(DAY + timedelta(days=1))
    clinic.obs("s2", DAY + timedelta(days=1), spo2_rest=LOW | {"value": Decimal(97)})
    (again,) = (n for n in read(clinic, "dora") if n.id == notice.id)
    assert not next(e for e in again.entries if e.told.subject == FLAG).open
    assert again.urgent


def test_treatment_options_lead_to_each_of_them_while_the_state_lasts(clinic: Rounds) -> None:
    override = {
        "type": "override",
        "effective": str(DAY),
        "pathway": "pm-ild",
        "reason": "clinical judgement",
    }
    clinic.send(clinic.one, override | {"id": "o1", "to": "escalate.rapid"})
    clinic.look()

    def options() -> tuple[bool, list[str]]:
        entries = [e for n in read(clinic, "dora") for e in n.entries if e.told.subject == "options"]
        (entry,) = entries
        assert (entry.title, entry.key) == ("Treatment options", None)
        return entry.open, [choice.key.action for choice in entry.choices]

    open_ = [a.action for a in clinic.kept(clinic.one)[1].actions if a.action.startswith("tx.")]
    assert options() == (True, open_)
    assert open_
    clinic.at(DAY + timedelta(days=1))
    later = str(DAY + timedelta(days=1))
    clinic.send(clinic.one, override | {"id": "o2", "to": "monitor", "effective": later})
    assert options() == (False, [])


def test_a_channel_that_fails_is_open_until_what_it_owes_arrived(clinic: Rounds) -> None:
    outside, gone = Outside(), channel(clinic, "dora")
    topic = Topic(clinic.one, "pm-ild", "review", "pft", DAY)
    with writing(clinic.store) as uow:
        told = deliveries(topic, "due", (clinic.staff["dora"].id,), clinic.clock.now(), "one")
        uow.reminders.add(told)
        post(uow, told, frozenset(), clinic.clock.now())
    failed = exhausted(clinic, outside, gone, FAILED)

    def task() -> bool:
        entries = [e for n in read(clinic, "cora") for e in n.entries if e.told.kind == CHANNEL]
        (entry,) = entries
        assert (entry.told.subject, entry.told.step, entry.key) == (gone.id, UNDELIVERABLE, None)
        return entry.open

    assert task()
    with writing(clinic.store) as uow:
        uow.dispatches.resend(failed.id, clinic.clock.now())
    assert not task()


def test_pages_go_on_where_they_stopped_also_within_one_instant(clinic: Rounds) -> None:
    clinic.days(DAY, DUE + timedelta(days=25))
    with writing(clinic.store) as uow:
        for number in range(4):
            topic = Topic(clinic.one, "pm-ild", "review", f"r{number}", DAY)
            told = deliveries(topic, "due", (clinic.staff["cora"].id,), clinic.clock.now(), f"n{number}")
            uow.reminders.add(told)
    whole = read(clinic, "cora")
    assert len(whole) > 6

    found, before = list[Notice](), None
    while page := read(clinic, "cora", before, 3):
        found += page
        before = (page[-1].created, page[-1].id)
    assert tuple(found) == whole
    unknown = next(e for n in whole for e in n.entries if e.told.subject == "r0")
    assert (unknown.title, unknown.open) == ("r0", False)


def test_patients_who_left_the_site_leave_the_inbox(clinic: Rounds) -> None:
    clinic.at(DUE)
    clinic.look()
    assert read(clinic, "cora")
    assert read(clinic, "cora", site="north") == ()
    assert isinstance(clinic.store, SqlStore)
    with clinic.store.writing() as uow:
        uow.sites.add(Site("north", "North", "UTC"))
        uow.connection.execute(update(table(PatientRow)).values(site="north"))
        uow.commit()
    assert read(clinic, "cora") == ()


def test_a_system_has_no_inbox(clinic: Rounds) -> None:
    with clinic.store.reading() as uow, pytest.raises(PersonNeeded):
        inbox(uow, clinic.served, clinic.clock, CLINICIAN)

"""Reminders of reviews: each step is told once to each recipient, and none that is settled is told."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from engine.core.channels import Channel
from engine.core.reminders import NOBODY, PATIENT
from engine.errors import NotFound
from engine.ports import Store
from engine.services.recording import Recorder
from engine.services.refreshing import refresh_due
from engine.services.reminding import remind_due, remind_one
from engine.services.residents import Residents
from engine.services.tallying import tally
from engine.store.database import Database, open_database
from engine.store.reminders import ACTIONS_DUE, REVIEWS_DUE, STALE
from engine.store.unit_of_work import SqlStore
from engine.store.writers import writer_for
from tests.services.beats import Beats
from tests.services.rounds import DAY, ENROL, Rounds, rounds
from tests.stores.kit import writing

PFT_DUE = DAY + timedelta(days=14)
FVC = {"value": Decimal("2.50"), "unit": "L"}


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    with rounds(store) as opened:
        yield opened


def of(found: list[tuple[date, tuple[str, date, str, str]]], review: str) -> list[tuple[int, str, str]]:
    """What was told about a review: days from its due date, step, recipient."""
    return [((day - due).days, step, who) for day, (name, due, step, who) in found if name == review]


def test_each_step_is_told_on_its_day_to_whom_it_is_meant_for(clinic: Rounds) -> None:
    found = clinic.days(DAY, DAY + timedelta(days=40))

    assert of(found, "pft") == [
        (-3, "upcoming", "cora"),
        (-1, "reminder", "cora"),
        (0, "due", "cora"),
        (1, "overdue", "cora"),
        (3, "escalated", "dora"),
        (7, "critical", "lea"),
    ]
    assert (clinic.review().next_step, clinic.review().step) == (None, "critical")
    assert clinic.differences(clinic.one) == ()


def test_looking_again_tells_nothing_again(clinic: Rounds) -> None:
    clinic.at(PFT_DUE)
    assert clinic.look() > 0
    before = clinic.told_all()

    assert clinic.look() == 0
    with clinic.store.reading() as uow:
        assert uow.reminders.reviews_due(PFT_DUE) == ()
        assert uow.reminders.stale(PFT_DUE) == ()
    with writing(clinic.store) as uow:
        assert remind_one(clinic.recorder, uow, clinic.one, "pm-ild") == 0
    assert clinic.told_all() == before


def test_three_workers_at_once_double_nothing(clinic: Rounds, url: str) -> None:
    """Each with a database, a writer and residents of its own, as processes have them; on two days."""
    clinic.days(DAY, PFT_DUE - timedelta(days=1))
    others = [clinic.one] + [clinic.patient() for _ in range(5)]
    for patient in others[1:]:
        clinic.send(patient, ENROL | {"effective": str(PFT_DUE - timedelta(days=1))})

    def work(_: int) -> int:
        with closing(open_database(url)) as database:
            store = SqlStore(database)
            recorder = Recorder(clinic.served, clinic.clock, Residents())
            with closing(writer_for(store)) as writer:
                refresh_due(store, writer, recorder)
                return remind_due(store, writer, recorder).done

    def deliveries() -> int:
        with clinic.store.reading() as uow:
            told = [d for patient in others for d in uow.reminders.of(patient)]
        assert len({(d.topic, d.step) for d in told}) == len(told), "each step has one recipient here"
        return len(told)

    for day in range(2):
        before = deliveries()
        clinic.at(PFT_DUE + timedelta(days=day))
        with ThreadPoolExecutor(3) as pool:
            counts = list(pool.map(work, range(3)))
        clinic.look()  # whoever met a patient another one was writing to left it; the next look finds it
        assert sum(counts) <= deliveries() - before > 0
        with clinic.store.reading() as uow:
            assert tally(uow, "main", clinic.clock).sound
            assert uow.reminders.reviews_due(clinic.clock.instant.date()) == ()


def test_one_that_fails_holds_up_nobody(clinic: Rounds) -> None:
    """An enrolment in a version that is no longer served is told of as an error, after all others."""
    broken = clinic.patient()
    clinic.send(broken, ENROL)
    enrolment, _ = clinic.kept(broken)
    with writing(clinic.store) as uow:
        uow.enrolments.save(replace(enrolment, version="9"))
    clinic.at(PFT_DUE)
    beats = Beats()
    for _ in range(2):
        with pytest.raises(NotFound):
            remind_due(clinic.store, clinic.writer, clinic.recorder, beats)

    assert beats.heard, "the job comes on all the same"
    assert ("pft", PFT_DUE, "due", "cora") in clinic.told_all()


def test_data_that_come_before_the_sweep_cancel_the_step(clinic: Rounds) -> None:
    clinic.days(DAY, PFT_DUE - timedelta(days=1))
    clinic.at(PFT_DUE, time(0, 5))
    clinic.obs("pft-1", PFT_DUE, fvc_l=FVC)
    clinic.at(PFT_DUE)
    clinic.look()

    assert not [t for t in clinic.told_all() if t[:3] == ("pft", PFT_DUE, "due")]
    assert clinic.review().due > PFT_DUE


def test_data_that_take_effect_on_the_day_cancel_the_step_even_before_a_refresh(clinic: Rounds) -> None:
    clinic.days(DAY, PFT_DUE - timedelta(days=1))
    clinic.obs("pft-1", PFT_DUE, fvc_l=FVC)
    clinic.at(PFT_DUE)
    clinic.remind()

    assert not [t for t in clinic.told_all() if t[:3] == ("pft", PFT_DUE, "due")]
    assert clinic.differences(clinic.one) == ()


def test_a_review_that_begins_late_tells_only_the_newest_step(clinic: Rounds) -> None:
    clinic.at(DAY + timedelta(days=60))
    clinic.obs("pft-1", DAY - timedelta(days=400), fvc_l=FVC)
    clinic.look()

    assert [t[2:] for t in clinic.told_all() if t[0] == "pft"] == [("critical", "lea")]
    clinic.days(DAY + timedelta(days=61), DAY + timedelta(days=63))
    assert len([t for t in clinic.told_all() if t[0] == "pft"]) == 1


def test_a_stop_of_the_machine_loses_no_step(clinic: Rounds) -> None:
    clinic.days(DAY, PFT_DUE - timedelta(days=2))
    found = clinic.days(PFT_DUE + timedelta(days=3), PFT_DUE + timedelta(days=3))

    assert {step for _, step, _ in of(found, "pft")} == {"reminder", "due", "overdue", "escalated"}


def test_while_paused_nothing_is_told_and_afterwards_only_the_newest(clinic: Rounds) -> None:
    clinic.days(DAY, PFT_DUE - timedelta(days=2))
    before = clinic.told_all()
    clinic.admin("p1", "pause", PFT_DUE - timedelta(days=2))
    assert clinic.days(PFT_DUE - timedelta(days=2), PFT_DUE + timedelta(days=2)) == []
    assert clinic.differences(clinic.one) == ()

    clinic.admin("p2", "resume", PFT_DUE + timedelta(days=2))
    clinic.look()
    assert [t[2:] for t in clinic.told_all()[len(before) :] if t[0] == "pft"] == [("overdue", "cora")]


def test_a_review_that_is_dated_back_and_forth_tells_no_step_twice(clinic: Rounds) -> None:
    clinic.days(DAY, PFT_DUE)
    before = [t for t in clinic.told_all() if t[0] == "pft"]
    clinic.obs("pft-1", PFT_DUE, fvc_l=FVC)
    clinic.look()
    clinic.send(
        clinic.one,
        {"id": "r1", "type": "retract", "effective": str(PFT_DUE), "source": "manual", "target": "pft-1"},
    )
    assert clinic.review().due == PFT_DUE
    clinic.look()

    assert [t for t in clinic.told_all() if t[0] == "pft" and t[1] == PFT_DUE] == before
    assert clinic.review().next_step == "overdue"


def test_who_stands_in_is_told_and_what_falls_to_nobody_is_shown(clinic: Rounds) -> None:
    clinic.team(coordinator="cory", responsible_clinician=None, clinical_lead=None)
    clinic.days(DAY, PFT_DUE)
    assert {t[3] for t in clinic.told_all()} == {"cory"}

    clinic.team(coordinator=None)
    clinic.at(PFT_DUE + timedelta(days=1))
    clinic.look()
    assert [d for d in clinic.deliveries if d.recipient == "nobody"]


def test_a_patient_who_agreed_to_be_told_gets_the_reminder(clinic: Rounds) -> None:
    """From the day of consent on, until the channel is shut; nothing but what the ladder says."""
    phone = Channel(
        "phone", "main", "chat", "somewhere", "", clinic.clock.now(), patient=clinic.one, consented=DAY
    )
    other = replace(phone, id="other", patient=clinic.patient())
    with writing(clinic.store) as uow:
        uow.channels.add(other)
    clinic.days(DAY, PFT_DUE - timedelta(days=2))
    with writing(clinic.store) as uow:
        uow.channels.add(phone)
    clinic.team(coordinator=None, responsible_clinician=None, clinical_lead=None)
    clinic.days(PFT_DUE - timedelta(days=1), PFT_DUE)
    with writing(clinic.store) as uow:
        uow.channels.save(replace(phone, disabled=clinic.clock.now(), why="revoked"))
    clinic.days(PFT_DUE + timedelta(days=1), DAY + timedelta(days=28))

    to_patient = [t for t in clinic.told_all() if t[3] == PATIENT]
    assert {step for _, _, step, _ in to_patient} == {"reminder"}
    assert ("pft", PFT_DUE, "reminder", PATIENT) in to_patient
    assert ("pft", PFT_DUE, "reminder", NOBODY) in clinic.told_all(), "the gap in the team is shown"
    assert {day for _, day, _, _ in to_patient} == {PFT_DUE}


def test_the_outbox_hears_of_each_step_once(clinic: Rounds) -> None:
    clinic.days(DAY, PFT_DUE)
    message = clinic.message(f"reminder/{clinic.one}/pm-ild/review/pft/{PFT_DUE}/due")

    assert message is not None
    assert message.kind == "reminder.due"
    assert dict(message.body) == {
        "patient": clinic.one,
        "pathway": "pm-ild",
        "review": "pft",
        "due": PFT_DUE,
        "step": "due",
        "on": PFT_DUE,
    }


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
@pytest.mark.parametrize(
    "due", [date(2024, 3, 10), date(2024, 11, 3), date(2024, 4, 7), date(2024, 9, 29), date(2024, 2, 29),
            date(2024, 12, 31)],
)  # fmt: skip
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_day_is_the_sites_own_whatever_the_clocks_do(store: Store, zone: str, due: date) -> None:
    """Days on which clocks change, a leap day, the end of a year: a second before midnight is too early."""
    with rounds(store, zone, due - timedelta(days=14)) as clinic:
        for day, hour in ((due - timedelta(days=1), time(23, 59, 59)), (due, time(0, 0, 1))):
            clinic.at(day, hour)
            clinic.look()
            told = clinic.told_all().count(("pft", due, "due", "cora"))
            assert told == (1 if day == due else 0)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_is_due_is_found_by_an_index(database: Database, backend: str) -> None:
    wanted = (
        (STALE, "ix_enrolment_revisit_on"),
        (REVIEWS_DUE, "ix_review_next_step_on"),
        (ACTIONS_DUE, "ix_action_next_step_at"),
    )
    for query, index in wanted:
        with database.reader.connect() as connection:
            compiled = query.compile(connection)
            values = tuple(1 for _ in range(str(compiled).count("?")))
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values).all()
        assert index in str(plan)
        assert "SCAN" not in str(plan)

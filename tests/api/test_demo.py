"""`careway demo`: the cohort goes through the services, and comes out the same everywhere."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from api.application import application_on
from api.clock import SystemClock
from api.demo.clock import DemoClock
from api.demo.loading import begin, empty, load
from api.demo.tending import ROUNDS, SETTLED, TO_CONSIDER
from api.health import owners
from api.settings import read_settings
from engine.core.evaluate import evaluate
from engine.core.kept import Site
from engine.core.people import Post
from engine.ports import Store
from engine.services.access import MAIN
from engine.services.ownership import workloads
from engine.services.patients import Sender, register
from engine.services.rosters import roster_on
from engine.services.verifying import enrolments
from engine.store.database import open_database
from engine.store.tables import METADATA
from tests.api.running import Ran, run
from tests.stores.kit import writing

TODAY = "2026-03-17"
SIZE = 6


def demo(url: str, *, size: int = SIZE, seed: int = 1, today: str = TODAY) -> Ran:
    return run(
        "demo", "--patients", str(size), "--seed", str(seed), "--today", today, "--database", url
    )  # fmt: skip


def tables(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, by primary key."""
    with closing(open_database(url)) as database, database.reader.connect() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in METADATA.sorted_tables
        }


def test_the_same_arguments_give_the_same_tables(make_url: Callable[[bool], str]) -> None:
    first, second = make_url(True), make_url(True)

    ran = demo(first)
    demo(second)

    assert (ran.code, ran.err) == (0, "")
    assert ran.words == "The demonstration is loaded: 6 synthetic patients, seed 1, as of 2026-03-17."
    assert tables(first) == tables(second)
    assert len(tables(first)["patient"]) == SIZE
    assert tables(first)["credential"] == []


def test_another_seed_gives_other_patients(make_url: Callable[[bool], str]) -> None:
    first, second = make_url(True), make_url(True)
    demo(first, size=2)
    demo(second, size=2, seed=2)

    one, other = tables(first), tables(second)

    assert not {row[0] for row in one["patient"]} & {row[0] for row in other["patient"]}
    assert one["event"] != other["event"]


def test_what_is_kept_is_what_the_records_come_to(url: str, store: Store) -> None:
    demo(url)

    assert run("replay", "--verify", "--database", url).words.startswith("6 enrolments and ")
    assert run("replay", "--verify", "--database", url).code == 0
    with application_on(read_settings(url)) as application, store.reading() as uow:
        held = list(enrolments(uow))
        for enrolment in held:
            record = uow.records.load(enrolment.patient, enrolment.pathway)
            pathway = application.shelf.pathway(enrolment.pathway, enrolment.version)
            evaluation = evaluate(pathway, record, date.fromisoformat(TODAY))
            assert evaluation.position is not None
            assert (enrolment.state, enrolment.status, enrolment.revisit_on) == (
                evaluation.position.state,
                evaluation.position.status,
                evaluation.revisit_on,
            )
            assert enrolment.evaluated_on == date.fromisoformat(TODAY)
    assert len(held) == SIZE


def test_everything_open_is_somebodys_and_who_is_absent_has_a_stand_in(url: str, store: Store) -> None:
    demo(url, size=12)

    today = date.fromisoformat(TODAY)
    with store.reading() as uow:
        loads, later = (workloads(uow, MAIN, today + timedelta(days=days)) for days in (0, 30))
        working, teams = roster_on(uow, MAIN, today), uow.teams.at(MAIN)
        names = {person.id: person.login for person in uow.people.all()}
        first = min(patient.created for patient in uow.patients.page(MAIN, limit=12))
        assert max(person.created for person in uow.people.all()) < first
    assert [(load.pathway, load.unowned) for load in (*loads, *later)] == [("pm-ild", 0)] * 2
    assert loads[0].open > 12
    assert {(names[who], names[cover]) for who, cover in working.covers.items()} == {
        ("dan.cedar", "eva.maple")
    }
    assert len(teams) == 12 * len(Post)
    for post in (Post.COORDINATOR, Post.RESPONSIBLE_CLINICIAN):
        held = [given.person for given in teams if given.post == post]
        assert len(set(held)) == (2 if post is Post.COORDINATOR else 3)
    assert len(names) == 6


def test_most_of_what_was_open_for_long_has_been_decided_and_some_is_forgotten(
    url: str, store: Store
) -> None:
    demo(url, size=16)

    old = date.fromisoformat(TODAY) - SETTLED - timedelta(days=max(ROUNDS))
    decided, left = 0, 0
    with store.reading() as uow:
        for patient in uow.patients.page(MAIN, limit=16):
            tended = [e for e in uow.records.load(patient.id) if e.id.startswith("tended-")]
            assert all(e.stamp.day == e.effective for e in tended)
            decided += len(tended)
            left += sum(
                a.opened_on < old and a.priority < TO_CONSIDER for a in uow.actions.of(patient.id, "pm-ild")
            )
    assert decided > 2 * left > 0


def test_the_doctor_tells_what_nobody_owns(url: str, store: Store) -> None:
    demo(url, size=2)
    told = owners(read_settings(url), SystemClock())
    assert (told.ok, told.says.endswith(" open actions, 0 unowned")) == (True, True)

    with writing(store) as uow:
        for person in uow.people.all():
            uow.people.save(replace(person, disabled=person.created))
    number = told.says.partition(" ")[0]
    says = f"{number} open actions, {number} unowned: {number} at main on pm-ild"
    assert owners(read_settings(url), SystemClock()).says == says


def test_messages_are_recorded_when_they_came_in(url: str, store: Store) -> None:
    demo(url, size=3)

    with store.reading() as uow:
        for patient in uow.patients.page(MAIN):
            instants = [receipt.event.stamp.instant for receipt in uow.records.receipts(patient.id)]
            assert instants == sorted(set(instants))
            assert patient.created < instants[0]
            assert max(instants).date() <= date.fromisoformat(TODAY)
            assert all(receipt.event.stamp.instant.hour >= 9 for receipt in uow.records.receipts(patient.id)
                       if receipt.event.stamp.day < date.fromisoformat(TODAY))  # fmt: skip
            assert {r.author.credential for r in uow.records.receipts(patient.id)} == {None}


def test_a_second_load_changes_nothing(url: str) -> None:
    demo(url, size=2)
    before = tables(url)

    again = run("demo", "--patients", "2", "--database", url)  # the day of the first load is remembered

    assert (again.code, again.words) == (
        0,
        "The demonstration is there already: 2 synthetic patients, seed 1, as of 2026-03-17.",
    )
    assert tables(url) == before


def test_a_load_that_was_broken_off_goes_on(make_url: Callable[[bool], str]) -> None:
    whole, broken = make_url(True), make_url(True)
    demo(whole)
    with application_on(read_settings(broken)) as application:
        wanted = begin(application.writer, application.clock, SIZE, 1, date.fromisoformat(TODAY))
        list(islice(load(application.writer, application.shelf, wanted), 1))
    assert 0 < len(tables(broken)["patient"]) < SIZE

    ran = demo(broken)

    assert ran.words.startswith("The demonstration is loaded: 6")
    assert tables(broken) == tables(whole)


@pytest.mark.parametrize(
    ("size", "seed", "today"), [(3, 1, TODAY), (2, 2, TODAY), (2, 1, "2026-03-18")]
)  # fmt: skip
def test_another_demonstration_is_refused(url: str, size: int, seed: int, today: str) -> None:
    demo(url, size=2)
    before = tables(url)

    ran = demo(url, size=size, seed=seed, today=today)

    assert (ran.code, ran.out) == (2, "")
    assert "holds another demonstration: 2 synthetic patients, seed 1, as of 2026-03-17." in ran.err
    assert tables(url) == before


def test_a_database_with_patients_of_its_own_is_refused(url: str, store: Store) -> None:
    with application_on(read_settings(url)) as application:
        sender = Sender("coordinator", MAIN)

        def command(uow: Any) -> None:
            uow.sites.add(Site(MAIN, "Main site", "Asia/Tokyo"))
            register(uow, (), sender, application.clock, application.randomness)

        application.writer.run(command)

    ran = demo(url)

    assert (ran.code, ran.out) == (2, "")
    assert "holds patients who are not of a demonstration. Nothing was stored." in ran.err
    with store.reading() as uow:
        assert not empty(uow)
        assert len(uow.patients.page(MAIN)) == 1


def test_the_day_of_the_first_load_is_remembered(url: str, store: Store) -> None:
    run("demo", "--patients", "1", "--database", url)

    with store.reading() as uow:
        kept = {key: uow.settings.get(f"demo.{key}") for key in ("today", "seed", "size", "done")}

    today = kept.pop("today")
    assert today is not None
    assert str(date.fromisoformat(today)) == today
    assert kept == {"seed": "1", "size": "1", "done": "yes"}


@pytest.mark.parametrize("words", [["--patients", "0"], ["--today", "17.3.2026"], ["--seed", "one"]])
def test_arguments_that_cannot_be_used_are_told(url: str, words: list[str]) -> None:
    ran = run("demo", *words, "--database", url)

    assert (ran.code, ran.out) == (2, "")
    assert words[0] in ran.err


def test_the_clock_is_moved_to_the_hours_of_the_site() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    clock = DemoClock(tokyo, date(2026, 3, 17))

    clock.move(date(2026, 3, 16), 2)
    assert clock.now().isoformat() == "2026-03-16T00:02:00+00:00"
    assert clock.today(tokyo) == date(2026, 3, 16)

    clock.move(date(2026, 3, 17))
    assert clock.now().isoformat() == "2026-03-16T15:00:00+00:00"
    assert clock.today(tokyo) == date(2026, 3, 17)

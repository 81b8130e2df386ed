"""`careway replay --verify`: what is kept is what the records come to, and tampering is found and named."""

import json
import re
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import text

from api.application import Application, application_on
from api.demo.loading import begin, load
from api.settings import read_settings
from engine.core.kept import Enrolment
from engine.ports import UnitOfWork
from engine.services.access import MAIN, main_site
from engine.services.patients import Sender, register
from engine.services.verifying import AT_ONCE, enrolments, verified
from engine.store.database import Database
from tests.api.running import Json, run

CLINICIAN = Sender("clinician", MAIN)
MESSAGES: tuple[Json, ...] = (
    {"id": "e1", "effective": "2024-01-08", "type": "enrol", "iim_dx": "PM", "ild_confirmed": True,
     "sex": "male", "birth_date": "1975-03-02"},
    {"id": "e2", "effective": "2024-01-20", "type": "med", "drug": "mmf", "op": "start"},
)  # fmt: skip


@pytest.fixture
def application(url: str) -> Iterator[Application]:
    with application_on(read_settings(url)) as opened:
        yield opened


def add_patient(application: Application) -> None:
    def command(uow: UnitOfWork) -> None:
        main_site(uow, "UTC")
        patient = register(uow, (), CLINICIAN, application.clock, application.randomness)
        application.recorder.record(uow, patient.id, MESSAGES, CLINICIAN)

    application.writer.run(command)


@pytest.fixture
def enrolled(application: Application) -> Enrolment:
    """The one of two synthetic patients whose history is longest."""
    wanted = begin(application.writer, application.clock, 2, 1, date(2026, 3, 17))
    list(load(application.writer, application.shelf, wanted))
    with application.store.reading() as uow:
        return max(enrolments(uow), key=lambda e: len(uow.histories.of(e.patient, e.pathway)))


def tamper(database: Database, statement: str) -> None:
    with database.writer.begin() as connection:
        assert connection.execute(text(statement)).rowcount == 1


def test_a_sound_database_has_no_differences(url: str, enrolled: Enrolment) -> None:
    ran = run("replay", "--verify", "--database", url)

    assert (ran.code, ran.err) == (0, "")
    assert re.fullmatch(r"2 enrolments and \d+ events replayed, no differences", ran.words)


def test_an_empty_database_has_none_either(url: str) -> None:
    ran = run("replay", "--verify", "--json", "--database", url)

    assert ran.code == 0
    assert json.loads(ran.out) == {"ok": True, "enrolments": 0, "events": 0, "differences": []}


@pytest.mark.parametrize(
    ("table", "change", "says"),
    [
        ("enrolment", "state = 'recurrent'", "state"),
        ("enrolment", "revisit_on = '2031-01-01'", "revisit_on"),
        ("enrolment", "digest = 'another'", "version 1 is not the one this enrolment was evaluated with"),
        ("enrolment", "version = '99'", "'99'"),
        ("enrolment", "evaluated_on = NULL", "never evaluated"),
        ("enrolment", "evaluated_through = 1", "events not taken in: "),
        ("transition", "target = 'monitor'", "is missing"),
        ("transition", "superseded_by = recorded_after", "is missing"),
        ("action", "priority = 4", "differs"),
        ("action", "closed_on = '2026-01-01'", "is missing"),
        ("review", "due = '2001-01-01'", "differs"),
        ("review", "review = 'made_up'", "review made_up is not wanted"),
    ],
)
def test_tampering_is_found_and_named(
    url: str, enrolled: Enrolment, database: Database, table: str, change: str, says: str
) -> None:
    keys = {"transition": "number", "action": "action, opened_on", "review": "review"}
    of = f"patient_id = '{enrolled.patient}' AND pathway = '{enrolled.pathway}'"
    if table == "enrolment":
        tamper(database, f"UPDATE enrolment SET {change} WHERE {of}")
    else:
        still = {"action": "closed_on IS NULL AND priority <> 4", "transition": "superseded_by IS NULL"}
        one = f"SELECT {keys[table]} FROM {table} WHERE {of} AND {still.get(table, 'TRUE')} LIMIT 1"
        tamper(database, f"UPDATE {table} SET {change} WHERE {of} AND ({keys[table]}) IN ({one})")

    ran = run("replay", "--verify", "--database", url)

    assert ran.code == 1
    assert f"{enrolled.patient} {enrolled.pathway}: " in ran.words
    assert says in ran.words
    assert "replayed, no differences" not in ran.words


def test_a_program_can_read_the_differences(url: str, enrolled: Enrolment, database: Database) -> None:
    of = f"patient_id = '{enrolled.patient}' AND pathway = '{enrolled.pathway}'"
    tamper(database, f"UPDATE enrolment SET tier = 'untold' WHERE {of}")

    ran = run("replay", "--verify", "--json", "--database", url)
    answer = json.loads(ran.out)

    assert (ran.code, ran.err) == (1, "")
    row = {"patient": enrolled.patient, "pathway": enrolled.pathway, "what": "tier"}
    assert (answer["ok"], answer["differences"]) == (False, [row])


def test_more_patients_than_fit_one_transaction_are_all_seen(application: Application) -> None:
    for _ in range(AT_ONCE + 1):
        add_patient(application)

    found = list(verified(application.store, application.shelf))

    assert len({one.patient for one in found}) == len(found) == AT_ONCE + 1
    assert not any(one.differences for one in found)


def test_without_verify_nothing_is_done(url: str) -> None:
    ran = run("replay", "--database", url)

    assert (ran.code, ran.out) == (2, "")
    assert "Say `careway replay --verify`" in ran.err

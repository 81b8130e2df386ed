"""`careway audit verify`: sound, or each fault with its place."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.application import Application, application_on
from api.jobs import sealing
from api.keys import signing_key
from api.settings import Settings, read_settings
from engine.ports import UnitOfWork
from engine.services.access import MAIN, main_site
from engine.services.patients import Sender, register
from engine.services.ticks import unheard
from engine.store.database import Database
from tests.api.running import Json, run
from tests.services.auditing import behind_its_back

CLINICIAN = Sender("clinician", MAIN)
MESSAGE = {
    "id": "e1", "effective": "2024-01-08", "type": "enrol", "iim_dx": "PM", "ild_confirmed": True,
    "sex": "male", "birth_date": "1975-03-02",
}  # fmt: skip


@pytest.fixture
def settings(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CAREWAY_KEY", str(tmp_path / "key"))
    return read_settings(url)


@pytest.fixture
def application(settings: Settings) -> Iterator[Application]:
    with application_on(settings) as opened:
        yield opened


@pytest.fixture
def patient(application: Application, settings: Settings) -> str:
    """A patient with one event, sealed."""

    def command(uow: UnitOfWork) -> str:
        main_site(uow, "UTC")
        made = register(uow, (), CLINICIAN, application.clock, application.randomness)
        application.recorder.record(uow, made.id, [MESSAGE], CLINICIAN)
        return made.id

    made = application.writer.run(command)
    sealing(application, signing_key(settings)).do(unheard)
    return made


def test_a_sound_audit_has_no_faults(url: str, patient: str) -> None:
    ran = run("audit", "verify", "--database", url)

    assert (ran.code, ran.err) == (0, "")
    assert re.match(r"3 entries and 1 seal verified, no faults Newest seal 1: [0-9a-f]{64}$", ran.words)


def test_a_database_without_audit_is_sound_and_needs_no_key(url: str) -> None:
    ran = run("audit", "verify", "--json", "--database", url)

    assert ran.code == 0
    answer: Json = {"ok": True, "entries": 0, "seals": 0, "newest": None, "keys": [], "faults": []}
    assert json.loads(ran.out) == answer


def test_every_fault_is_told_with_chain_and_number(url: str, patient: str, database: Database) -> None:
    behind_its_back(database, "DELETE FROM audit WHERE chain = :c AND number = 2", c=patient)

    ran = run("audit", "verify", "--database", url)
    answer = run("audit", "verify", "--json", "--database", url)

    assert (ran.code, answer.code) == (1, 1)
    assert f"{patient} 2: is gone, or another than the one seal 1 covers" in ran.words
    faults = json.loads(answer.out)["faults"]
    assert {(f["place"], f["number"]) for f in faults} == {(patient, 2), (patient, 1)}


def test_a_seal_by_a_key_nobody_knows_is_a_fault_until_the_key_is_named(
    url: str, patient: str, tmp_path: Path
) -> None:
    (tmp_path / "key").rename(tmp_path / "old")
    assert "cannot be read" in run("audit", "verify", "--database", url).err
    signing_key(read_settings(url))

    assert "seal 1: has no signature by a known key" in run("audit", "verify", "--database", url).words
    assert run("audit", "verify", "--key", tmp_path / "old", "--database", url).code == 0


def test_sealing_again_when_nothing_grew_writes_nothing(
    application: Application, settings: Settings, patient: str
) -> None:
    sealing(application, signing_key(settings)).do(unheard)

    with application.store.reading() as uow:
        assert [seal.number for seal in uow.seals.page(limit=9)] == [1]

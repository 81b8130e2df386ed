"""A receipt is checked where there is no database, decides the same again, and bears no change at all."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.application import Application, application_on
from api.jobs import sealing
from api.keys import SigningKey, signing_key
from api.receipt_check import Verdict, check, differences
from api.receipts import parts_of, receipt_of, rendered, signed_text
from api.settings import Settings, read_settings
from api.wiring import Shelf
from engine.core.kept import AuditEntry, Author
from engine.ports import UnitOfWork
from engine.services.access import MAIN, main_site
from engine.services.asking import Asker
from engine.services.attesting import Attester
from engine.services.patients import Sender, register
from engine.services.ticks import unheard
from engine.store.database import open_database
from engine.store.migrate import upgrade
from tests.api.running import Json, run
from tests.laws.world import told
from tests.services.clinic import Moved
from tests.services.test_orders import accepted

SHELF = Shelf()


def load(application: Application, clock: Moved, story: str = "V10") -> str:
    """Put in a patient with the messages of a story."""
    with application.store.writing() as uow:
        main_site(uow, "UTC")
        clinician = Sender("clinician", MAIN)
        patient = register(uow, (), clinician, clock, application.randomness).id
        uow.commit()
    for message in accepted(told()[story]).values():
        clock.to(message["recorded"])
        body = {k: v for k, v in message.items() if k not in ("recorded", "role")}
        sender = Sender(message.get("role", "clinician"), MAIN)

        def command(uow: UnitOfWork, body: dict[str, Any] = body, sender: Sender = sender) -> object:
            return application.recorder.record(uow, patient, [body], sender)

        application.writer.run(command)
    return patient


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("receipts")
    made = read_settings(f"sqlite:///{folder}/c.db", {})
    database = open_database(made.database)
    upgrade(database)
    database.close()
    return made


@pytest.fixture(scope="module")
def application(settings: Settings) -> Iterator[Application]:
    with application_on(settings, SHELF, Moved()) as opened:
        yield opened


@pytest.fixture(scope="module")
def patient(application: Application, settings: Settings) -> str:
    """A patient of a story with late data, sealed, and read once more after that."""
    assert isinstance(application.clock, Moved)
    made = load(application, application.clock)
    sealing(application, signing_key(settings)).do(unheard)
    entry = AuditEntry(application.clock.now(), Author("viewer"), "read", {})
    application.writer.run(lambda uow: uow.audit.append(made, entry))
    return made


@pytest.fixture(scope="module")
def document(application: Application, settings: Settings, patient: str) -> Json:
    """The receipt of where the patient stood at the end."""
    with application.store.reading() as uow:
        attested = Attester(Asker(SHELF, application.clock)).state(uow, patient, "pm-ild")
    question = {"step": None, "known_at": None}
    now = application.clock.now()
    return receipt_of(attested, SHELF, signing_key(settings), now, question=question)


def found(document: Json, fingerprint: str | None = None) -> Verdict:
    return check(rendered(document), SHELF, fingerprint)


def places(verdict: Verdict) -> list[str]:
    return [finding.place for finding in verdict.findings]


def leaves(part: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    """Where every leaf of a document is."""
    if isinstance(part, dict | list) and part:
        for name, inner in part.items() if isinstance(part, dict) else enumerate(part):
            yield from leaves(inner, *path, name)
    else:
        yield path


def flipped(leaf: Any) -> Any:
    """Another value of the same kind, as near as can be."""
    match leaf:
        case bool():
            return not leaf
        case int():
            return leaf + 1
        case str():
            return leaf[:-1] + ("0" if leaf[-1:] != "0" else "1")
        case None:
            return "something"
        case _:
            return [0]


def changed(document: Json, path: tuple[Any, ...], make: Any = flipped) -> Json:
    made = deepcopy(document)
    part: Any = made
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = make(part[path[-1]])
    return made


def signed(document: Json, key: SigningKey) -> Json:
    """The document signed again by somebody who has a key of their own."""
    made: Json = {**document, "key": key.shown}
    made["parts"] = parts_of(made)
    return {**made, "signature": key.sign(signed_text(made))}


def test_a_receipt_holds_and_names_the_key_that_signed_it(document: Json, settings: Settings) -> None:
    fingerprint = signing_key(settings).fingerprint

    assert found(document).findings == ()
    assert found(document, fingerprint).findings == ()
    assert places(found(document, "A" * 43)) == ["/key"]
    assert found(document).fingerprint == fingerprint


def test_the_audit_goes_as_far_as_the_seal_and_shows_no_other_patient(
    document: Json, patient: str, application: Application
) -> None:
    assert document["seal"]["head"]["number"] == len(document["audit"])
    assert document["audit"][-1]["act"] == "record"
    with application.store.reading() as uow:
        (seal,) = uow.seals.page(limit=5)
    assert len(document["seal"]["leaves"]) == len(seal.heads)
    assert not any(head.chain in rendered(document) for head in seal.heads if head.chain != patient)


def test_no_leaf_can_be_changed(document: Json) -> None:
    """Every one of them: the change is found, and outside of the proof itself it is located."""
    paths = list(leaves(document))
    assert len(paths) > 1000
    for path in paths[:: max(1, len(paths) // 150)]:
        verdict = found(changed(document, path))
        assert verdict.findings, path
        if path[0] not in ("parts", "signature", "key", "format"):
            assert f"/{path[0]}" + (f"/{path[1]}" if len(path) > 1 else "") in places(verdict)


@given(st.data())
def test_no_leaf_anywhere_can_be_changed(document: Json, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(list(leaves(document))))
    other = data.draw(st.one_of(st.none(), st.booleans(), st.integers(), st.text()))
    made = changed(document, path, lambda leaf: flipped(leaf) if leaf == other else other)

    assert found(made).findings


@given(st.data())
def test_no_character_of_the_file_can_be_changed(document: Json, data: st.DataObject) -> None:
    text = rendered(document)
    place = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.characters().filter(lambda c: c != text[place]))

    assert check(text[:place] + character + text[place + 1 :], SHELF, None).findings


def test_what_is_put_in_or_taken_out_is_found_where_it_is(document: Json) -> None:
    more = deepcopy(document)
    more["record"].append(more["record"][0])
    less = deepcopy(document)
    del less["result"]["tier"]

    assert f"/record/{len(document['record'])}" in places(found(more))
    assert places(found(less)) == ["/result/tier"]
    assert places(check(rendered(document).replace("\n ", "\n  ", 1), SHELF, None)) == ["line 2"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "careway-receipt-1"}', "1.5", "[" * 9000])
def test_what_is_no_receipt_is_said_to_be_none(text: str) -> None:
    assert check(text, SHELF, None).findings


def test_whoever_signs_another_decision_with_a_key_of_their_own_is_found_out(
    document: Json, tmp_path: Path
) -> None:
    forger = signing_key(read_settings(f"sqlite:///{tmp_path}/c.db", {}))
    plain = [place for place in leaves(document) if place[0] in ("result", "record", "audit", "question")]
    result = next(path for path in plain if path[:2] == ("result", "state"))
    number = next(path for path in plain if path[-1] == "$number")
    hashed = next(path for path in plain if path[:3] == ("audit", 2, "hash"))
    event = next(path for path in plain if path[:3] == ("record", 1, "id"))
    digest = ("question", "digest")
    unsealed = {**document, "seal": None}

    def says(made: Json) -> list[str]:
        verdict = found(signed(made, forger))
        assert verdict.fingerprint == forger.fingerprint
        return places(verdict)

    assert says(unsealed) == []  # only the fingerprint tells whose it is
    assert says(document) == ["/seal/signature"]
    assert says(changed(unsealed, result)) == ["/result/state"]
    assert says(changed(unsealed, number, lambda _: "97"))[0].startswith("/result")
    assert says(changed(unsealed, hashed)) == ["/audit/2"]
    assert "/record/1" in says(changed(unsealed, event))
    assert says(changed(unsealed, digest)) == ["/question/digest"]
    assert says(changed(unsealed, ("question", "version"), lambda _: "99")) == ["/question"]
    assert says({**unsealed, "record": 7}) == ["/"]
    later = changed(document, ("seal", "leaves", 0))
    assert set(says(later)) == {"/seal/leaves", "/seal/hash"}
    assert "/seal/head" in says(changed(document, ("seal", "head", "number")))


def test_differences_are_told_by_their_place() -> None:
    one = {"a": [1, {"b/c": "x"}], "d": None, "e": True}
    other = {"a": [1, {"b/c": "y"}, 3], "e": 1, "f": 0}

    assert list(differences("", one, one)) == []
    assert list(differences("", one, other)) == ["/a/1/b~1c", "/a/2", "/d", "/e", "/f"]


def test_every_step_is_decided_again_as_it_was_recorded(
    application: Application, settings: Settings, patient: str, tmp_path: Path
) -> None:
    with application.store.reading() as uow:
        steps = uow.histories.of(patient, "pm-ild", superseded=True)
    assert any(step.superseded_by for step in steps)
    for step in steps:
        file = tmp_path / f"{step.number}.json"
        made = run(
            "receipt", "export", patient, "pm-ild", "--step", str(step.number), "-o", file,
            "--database", settings.database,
        )  # fmt: skip
        assert made.code == 0, made.err
        receipt = json.loads(file.read_text())
        last = receipt["result"]["history"]
        assert (step.transition, str(step.effective)) in [(m["transition"], m["date"]) for m in last]
        assert len(receipt["record"]) <= step.recorded_after
        assert run("receipt", "verify", file).code == 0


def test_a_receipt_of_another_day_says_what_was_known_then(
    application: Application, settings: Settings, patient: str, tmp_path: Path
) -> None:
    with application.store.reading() as uow:
        record = uow.records.load(patient)
    middle = record.events[len(record) // 2].stamp.day
    known = sum(1 for event in record if event.stamp.day <= middle)
    file = tmp_path / "then.json"
    ran = run(
        "receipt", "export", patient, "pm-ild", "--as-of", str(middle), "--known-at", str(middle), "-o", file,
        "--database", settings.database,
    )  # fmt: skip

    assert (ran.code, ran.err) == (0, "")
    assert f"{known} events, as of {middle}." in ran.words
    receipt = json.loads(file.read_text(), parse_float=lambda text: pytest.fail(f"{text} is a float"))
    assert (len(receipt["record"]), receipt["question"]["known_at"]) == (known, str(middle))
    assert file.stat().st_mode & 0o777 == 0o600
    with application.store.reading() as uow:
        newest = uow.audit.chain(patient)[-1].entry
    assert (newest.act, newest.author) == ("export receipt", Author("operator"))
    assert newest.body["receipt"] == signed_text(receipt)
    again = run("receipt", "export", patient, "pm-ild", "-o", file, "--database", settings.database)
    assert (again.code, "already" in again.err) == (2, True)


def test_a_receipt_that_is_not_sealed_says_so(
    application: Application, settings: Settings, tmp_path: Path
) -> None:
    assert isinstance(application.clock, Moved)
    fresh = load(application, replace_clock(application.clock), "V01")
    file = tmp_path / "fresh.json"
    ran = run("receipt", "export", fresh, "pm-ild", "-o", file, "--database", settings.database)

    assert ran.code == 0
    assert "not sealed yet" in ran.words
    assert "Its audit was not sealed yet." in run("receipt", "verify", file).words


def replace_clock(clock: Moved) -> Moved:
    clock.instant += timedelta(days=1)
    return clock


def test_what_cannot_be_exported_is_told(settings: Settings, patient: str, tmp_path: Path) -> None:
    def err(*arguments: str) -> str:
        ran = run("receipt", "export", *arguments, "-o", tmp_path / "r", "--database", settings.database)
        assert ran.code == 2
        return ran.err

    assert "There is no patient 'nobody'" in err("nobody", "pm-ild")
    assert "There is no step of this enrolment '99'" in err(patient, "pm-ild", "--step", "99")
    assert "There is no enrolment" in err(patient, "other")
    assert "leave out --as-of" in err(patient, "pm-ild", "--step", "1", "--as-of", "2024-01-01")
    assert "--known-at: a date as YYYY-MM-DD or an instant" in err(patient, "pm-ild", "--known-at", "now")
    assert not list(tmp_path.iterdir())


OFFLINE = """
import sys
from api.cli import app
try:
    app(sys.argv[1:])
finally:
    assert not {"sqlalchemy", "alembic", "psycopg"} & sys.modules.keys()
"""


def test_a_process_without_a_database_verifies_a_receipt_and_refuses_a_changed_one(
    document: Json, settings: Settings, tmp_path: Path
) -> None:
    good, bad, public = tmp_path / "good.json", tmp_path / "bad.json", tmp_path / "key.json"
    good.write_text(rendered(document))
    bad.write_text(rendered(changed(document, ("result", "state"))))
    public.write_text(json.dumps(signing_key(settings).shown))
    environment = {**os.environ, "CAREWAY_DATABASE": "postgresql://nobody@nowhere.invalid/none"}

    def verify(*arguments: str | Path) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", OFFLINE, "receipt", "verify", *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stderr == ""
        return done.returncode, " ".join(done.stdout.split())

    fingerprint = signing_key(settings).fingerprint
    code, said = verify(good)
    assert code == 0
    assert said.startswith("Verified: pm-ild version 1 comes to the same, ")
    assert "not who made it" in said
    assert said.endswith(fingerprint)
    code, said = verify(good, "--key", public)
    assert (code, "Signed with the key you named" in said) == (0, True)
    code, said = verify(bad, "--key", fingerprint, "--json")
    assert code == 1
    assert json.loads(said) == {
        "ok": False, "origin": False, "fingerprint": fingerprint, "seal": 1,
        "findings": [{"place": "/result/state", "says": "was changed, put in or taken out"}],
    }  # fmt: skip


def test_a_key_that_is_none_is_refused(document: Json, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    file.write_text(rendered(document))

    ran = run("receipt", "verify", file, "--key", "short")
    assert (ran.code, "neither a file nor the fingerprint" in ran.err) == (2, True)

"""`careway export`: the same as over HTTP, in a file or on standard output."""

import csv
import json
from pathlib import Path

import pytest

from api.settings import read_settings
from api.storage import store_of
from tests.api.running import run


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with a few synthetic patients."""
    found = f"sqlite:///{tmp_path_factory.mktemp('export') / 'demo.db'}"
    assert run("db", "upgrade", "--database", found).code == 0
    assert run("demo", "--patients", "5", "--today", "2026-03-17", "--database", found).code == 0
    return found


def test_a_site_goes_to_a_file_and_a_patient_to_standard_output(url: str, tmp_path: Path) -> None:
    file = tmp_path / "site.ndjson"
    ran = run("export", "site", "--output", file, "--database", url)
    assert (ran.code, ran.out) == (0, "")
    lines = file.read_text(encoding="utf-8").splitlines()
    patients = [json.loads(line)["patient"] for line in lines if json.loads(line)["kind"] == "patient"]
    assert len(patients) == 5
    alone = run("export", "patient", patients[0], "--database", url)
    assert alone.out.splitlines() == lines[: len(alone.out.splitlines())]


def test_an_event_log_is_a_table_and_hides_whose_it_is_when_told(url: str, tmp_path: Path) -> None:
    plain, hidden = tmp_path / "log.csv", tmp_path / "hidden.csv"
    assert run("export", "log", "--output", plain, "--database", url).code == 0
    assert run("export", "log", "--pseudonymised", "--output", hidden, "--database", url).code == 0
    with plain.open(newline="") as one, hidden.open(newline="") as other:
        rows, pseudonyms = list(csv.DictReader(one)), list(csv.DictReader(other))
    assert sorted(r["concept:name"] for r in rows) == sorted(r["concept:name"] for r in pseudonyms)
    assert rows
    assert not {row["case:concept:name"] for row in rows} & {row["case:concept:name"] for row in pseudonyms}


def test_a_summary_is_written_as_json(url: str) -> None:
    told = json.loads(run("export", "summary", "pm-ild", "--database", url).out)
    assert told["pathway"] == "pm-ild"
    assert all(row["patients"] is None or not 0 < row["patients"] < 5 for row in told["states"])


def test_whatever_is_exported_is_noted_and_its_file_is_its_owners_alone(url: str, tmp_path: Path) -> None:
    site = run("export", "site", "--database", url).out.splitlines()
    patient = json.loads(site[0])["patient"]
    for what in (("patient", patient), ("site",), ("log", "--pseudonymised"), ("summary", "pm-ild")):
        file = tmp_path / what[0]
        if what == ("site",):
            file.touch(0o644)
        assert run("export", *what, "--output", file, "--database", url).code == 0
        assert file.stat().st_mode & 0o777 == 0o600
    with store_of(read_settings(url)) as store, store.reading() as uow:
        of_site = [kept.entry for kept in uow.audit.chain("site:main") if kept.entry.act == "export"]
        of_patient = [kept.entry for kept in uow.audit.chain(patient) if kept.entry.act == "export"]
    assert {entry.author.role for entry in (*of_site, *of_patient)} == {"operator"}
    newest = (of_patient[-1], *of_site[-3:])
    assert [(entry.body["what"], entry.body["pseudonymised"]) for entry in newest] == [
        ("patient", False), ("site", False), ("event log", True), ("summary", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("site", "--site", "nowhere"), "There is no site 'nowhere'"),
        (("patient", "nobody"), "There is no patient 'nobody'"),
        (("log", "--output", "/nowhere/log.csv"), "'/nowhere/log.csv' cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_told_in_a_sentence(
    url: str, arguments: tuple[str, ...], says: str
) -> None:
    ran = run("export", *arguments, "--database", url)
    assert ran.code == 2
    assert says.casefold() in ran.err.casefold()

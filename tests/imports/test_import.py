"""An import does what a trial said, takes what is good, tells what is not, and twice is once."""

import csv
import json
import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from api.application import Application
from engine.core.kept import Identifier
from engine.services.access import MAIN
from engine.services.verifying import verified
from engine.store.unit_of_work import SqlStore
from tests.api import running
from tests.imports.kit import REGISTER, imported
from tests.stores.contents import Content, contents

VISITS = "system;identifier;date;birth_date;fvc_l [L];fvc_pp [%];grade;spo2_rest [%];o2_flow;resp_change\n"


def files(folder: Path, seed: int, patients: int = 12) -> list[tuple[Path, str]]:
    """A register and their visits, good and bad rows mixed."""
    lots = random.Random(seed)
    register, visits = folder / f"register-{seed}.csv", folder / f"visits-{seed}.csv"

    def mostly(good: str, *bad: str) -> str:
        return lots.choice([good] * 9 + list(bad))

    people = [
        f"hosp,{n},2026-01-{1 + n % 28:02},{mostly('PM', 'XX')},yes,female,1970-01-02"
        for n in range(patients)
    ]
    nobody = "hosp,,2026-01-01,PM,yes,male,1970-01-02"
    register.write_text(REGISTER + "\n".join([*people, people[0], nobody]))
    rows = []
    for _ in range(patients * 4):
        row = (
            "hosp",
            str(lots.randrange(patients + 1)),
            f"2026-02-{lots.randrange(1, 30)}",
            mostly("1970-01-02", "", "1999-01-02"),
            mostly("2,51", "0,45", "12", "x", ""),
            "70",
            "A",
            "97",
            mostly("0", "-1"),
            mostly("same", "good"),
        )
        rows.append(";".join(row))
    visits.write_text(VISITS + "\n".join([*rows, *rows[:3]]))
    return [(register, "register"), (visits, "visits")]


def content(application: Application) -> Mapping[str, Content]:
    """Everything in the database."""
    assert isinstance(application.store, SqlStore)
    return contents(application.store.database, locks=False)


@pytest.mark.parametrize("seed", range(3))
def test_a_trial_says_what_the_real_run_does_and_keeps_nothing(
    application: Application, tmp_path: Path, seed: int
) -> None:
    for file, kind in files(tmp_path, seed):
        before = content(application)
        said = imported(application, file, kind, trial=True)
        assert content(application) == before
        done = imported(application, file, kind)
        assert said == done
        results = Counter(one.result for one in done)
        assert results["accepted"]
        assert results["refused"]

        again = imported(application, file, kind)
        assert [one.result == "refused" for one in again] == [one.result == "refused" for one in done]
        assert not any(one.result in ("accepted", "quarantined") for one in again)
    assert not any(one.differences for one in verified(application.store, application.shelf))


def test_each_row_is_told_and_a_bad_one_holds_up_no_other(application: Application, tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    file.write_text(
        REGISTER + "h,1,2026-01-01,PM,yes,male,1970-01-02\nh,2,2026-01-01,PM,yes,robot,1970-01-02\n"
    )
    assert [(one.number, one.result) for one in imported(application, file, "register")] == [
        (2, "accepted"),
        (3, "refused"),
    ]
    with application.store.reading() as uow:
        assert uow.patients.identified(MAIN, Identifier("h", "1")) is not None
        assert uow.patients.identified(MAIN, Identifier("h", "2")) is None, "nobody is registered for nothing"


def test_the_command_tells_every_fault_where_it_stands(
    application: Application, tmp_path: Path, url: str
) -> None:
    (register, _), (visits, _) = files(tmp_path, 1)
    report = tmp_path / "report.csv"
    assert running.run("import", str(register), "--kind", "register", "--database", url).code == 1

    ran = running.run("import", str(visits), "--kind", "visits", "--report", str(report), "--database", url)

    assert report.stat().st_mode & 0o777 == 0o600
    with report.open(newline="") as source:
        told = list(csv.DictReader(source))
    assert ran.code == 1
    assert "refused." in ran.out
    assert {row["column"] for row in told} >= {"fvc_l [l]", "birth_date", "o2_flow"}
    again = running.run("import", str(visits), "--kind", "visits", "--database", url, "--json")
    assert json.loads(again.out)["rows"].keys() == {"duplicate", "refused"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing.csv", "--kind", "visits"], "nothing.csv"),
        (["{file}", "--kind", "poems"], "poems"),
        (["{file}", "--kind", "visits", "--site", "moon"], "moon"),
        (["{file}", "--kind", "visits", "--report", "/nowhere/at/all.csv"], "cannot be written"),
        (["{file}", "--kind", "visits", "--origin", "x" * 99], "--origin"),
    ],
)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_cannot_be_done_is_said_before_anything_is(
    application: Application, tmp_path: Path, url: str, arguments: list[str], says: str
) -> None:
    file = tmp_path / "visits.csv"
    file.write_text(VISITS)
    ran = running.run("import", *[a.format(file=file) for a in arguments], "--database", url)
    assert ran.code == 2
    assert says in ran.err.replace("\n", "")

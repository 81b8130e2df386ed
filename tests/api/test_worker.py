"""`careway worker`: what falls due is done without a server, and it ends when it is told to."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from api.clock import SystemClock
from engine.core.uploads import Upload
from engine.ports import Store
from engine.services.access import MAIN, main_site
from engine.services.patients import Sender
from engine.services.uploads import Wish, begin, complete
from tests.api.running import run
from tests.services.rounds import Rounds, rounds
from tests.serving import CAREWAY, PATIENCE, serving
from tests.stores.kit import NOW, writing


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    with rounds(store) as opened:
        yield opened


def waiting(clinic: Rounds, kind: str, text: str) -> str:
    """Put a file there to be imported; return its id."""
    sender, wish = Sender("integrator", MAIN), Wish(kind, "pharmacy", mark=None, trial=False)
    with writing(clinic.store) as uow:
        upload = begin(uow, wish, sender, NOW, clinic.chance).id
        uow.uploads.put_part(upload, 0, text.encode())
        complete(uow, upload, sender, NOW)
    return upload


def there(clinic: Rounds, upload: str) -> Upload:
    with clinic.store.reading() as uow:
        found = uow.uploads.get(upload)
    assert found is not None
    return found


def test_once_does_what_is_due_and_again_finds_nothing(clinic: Rounds, url: str, tmp_path: Path) -> None:
    """The patient was enrolled years ago, so every review is far overdue by the clock of this machine."""
    for _ in range(2):
        ran = run("worker", "--once", "--database", url, env={"CAREWAY_KEY": str(tmp_path / "key")})
        assert (ran.code, ran.out) == (0, "Careway has done what is due.\n")
        told = clinic.told_all()
        assert len(told) == len(set(told)) > 0
    assert clinic.differences(clinic.one) == ()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_once_imports_a_file_that_waits(clinic: Rounds, url: str, tmp_path: Path) -> None:
    text = f"patient,date,drug,op\n{clinic.one},2024-02-01,mmf,start\n"
    upload = waiting(clinic, "medicines", text)

    run("worker", "--once", "--database", url, env={"CAREWAY_KEY": str(tmp_path / "key")})

    done = there(clinic, upload)
    assert (done.status, done.accepted, done.rows) == ("done", 1, 1)
    with clinic.store.reading() as uow:
        assert [event.id for event in uow.records.load(clinic.one)][-1].startswith("csv:pharmacy:")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_server_that_is_stopped_leaves_an_import_to_the_next_one(
    clinic: Rounds, url: str, tmp_path: Path
) -> None:
    patients = 600
    rows = "".join(f"h,{number},2024-01-01,PM,yes,male,1970-01-02\n" for number in range(patients))
    names = "system,identifier,date,iim_dx,ild_confirmed,sex,birth_date\n"
    with serving(url, CAREWAY_KEY=str(tmp_path / "key")) as served:
        with served.client("nobody") as client:
            assert client.get("/livez").is_success  # from here on it can be told to stop
        upload = waiting(clinic, "register", names + rows)
        while not there(clinic, upload).accepted:
            time.sleep(0.02)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(PATIENCE) == 0

    left = there(clinic, upload)
    assert (left.status, left.attempts) == ("waiting", 0)
    assert 0 < left.accepted == left.patients < patients
    run("worker", "--once", "--database", url, env={"CAREWAY_KEY": str(tmp_path / "key")})
    done = there(clinic, upload)
    assert (done.status, done.accepted) == ("done", patients)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_time_zone_of_the_machine_changes_nothing(store: Store, url: str) -> None:
    """A patient enrolled 18 days ago is told of what was due, and in the next days of nothing."""
    begun = SystemClock().today(ZoneInfo("Europe/Berlin")) - timedelta(days=18)
    with rounds(store, "Europe/Berlin", begun) as clinic:
        kept = list[object]()
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            for command in (("worker", "--once"), ("replay", "--verify")):
                subprocess.run(
                    [str(CAREWAY), *command, "--database", url],
                    env={**os.environ, "TZ": zone},
                    check=True,
                    capture_output=True,
                )
            _, found = clinic.kept(clinic.one)
            dates = [(r.review, r.due, r.base, r.next_step, r.next_step_on) for r in found.reviews]
            opened = [(a.key, a.due, a.began, a.next_step_at) for a in found.actions]
            kept.append((dates, opened, clinic.told_all()))
    assert kept == kept[:1] * 2
    assert clinic.told_all()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_signal_ends_it_cleanly(url: str, store: Store, by: signal.Signals) -> None:
    with writing(store) as uow:
        main_site(uow, "UTC")
    process = subprocess.Popen(
        [str(CAREWAY), "worker", "--database", url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert "Careway works" in process.stdout.readline()
        process.send_signal(by)
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (0, "Careway has stopped.\n", "")

"""`careway worker`: what falls due is done without a server, and it ends when it is told to."""

import os
import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from api.clock import SystemClock
from engine.ports import Store
from engine.services.access import MAIN, main_site
from engine.services.patients import Sender
from engine.services.uploads import Wish, begin, complete
from tests.api.running import run
from tests.services.rounds import Rounds, rounds
from tests.serving import CAREWAY, PATIENCE
from tests.stores.kit import NOW, writing


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    with rounds(store) as opened:
        yield opened


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
    sender = Sender("integrator", MAIN)
    with writing(clinic.store) as uow:
        wish = Wish("medicines", "pharmacy", mark=None, trial=False)
        upload = begin(uow, wish, sender, NOW, clinic.chance).id
        uow.uploads.put_part(upload, 0, f"patient,date,drug,op\n{clinic.one},2024-02-01,mmf,start\n".encode())
        complete(uow, upload, sender, NOW)

    run("worker", "--once", "--database", url, env={"CAREWAY_KEY": str(tmp_path / "key")})

    with clinic.store.reading() as uow:
        done = uow.uploads.get(upload)
        assert done is not None
        assert (done.status, done.accepted, done.rows) == ("done", 1, 1)
        assert [event.id for event in uow.records.load(clinic.one)][-1].startswith("csv:pharmacy:")


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

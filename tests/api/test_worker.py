"""`careway worker`: what falls due is done without a server, and it ends when it is told to."""

import signal
import subprocess
from collections.abc import Iterator

import pytest

from engine.ports import Store
from engine.services.access import main_site
from tests.api.running import run
from tests.services.rounds import Rounds, rounds
from tests.serving import CAREWAY, PATIENCE
from tests.stores.kit import writing


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    with rounds(store) as opened:
        yield opened


def test_once_does_what_is_due_and_again_finds_nothing(clinic: Rounds, url: str) -> None:
    """The patient was enrolled years ago, so every review is far overdue by the clock of this machine."""
    for _ in range(2):
        ran = run("worker", "--once", "--database", url)
        assert (ran.code, ran.out) == (0, "Careway has done what is due.\n")
        told = clinic.told_all()
        assert len(told) == len(set(told)) > 0
    assert clinic.differences(clinic.one) == ()


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

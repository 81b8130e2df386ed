"""What Careway does by itself: again and again, whatever happened the last time."""

import json
import logging
import threading

import pytest

from api.ticking import Job, ticking
from engine.errors import StoreUnavailable


def test_a_job_is_done_again_after_it_failed(caplog: pytest.LogCaptureFixture) -> None:
    done, twice = list[int](), threading.Event()

    def do() -> None:
        done.append(len(done))
        if len(done) == 1:
            raise StoreUnavailable
        twice.set()

    with caplog.at_level(logging.ERROR, "careway.jobs"), ticking([Job("count", 1, do)]):
        assert twice.wait(20)

    assert json.loads(caplog.records[0].getMessage()) == {
        "event": "job", "job": "count", "failed": "store-unavailable", "at": "do",
    }  # fmt: skip


def test_when_it_ends_nothing_is_under_way() -> None:
    begun, over = threading.Event(), list[str]()

    def do() -> None:
        begun.set()
        threading.Event().wait(0.3)
        over.append("over")

    with ticking([Job("slow", 1, do)]):
        assert begun.wait(20)
    count = len(over)
    assert count >= 1
    assert not [t for t in threading.enumerate() if t.name.startswith("APScheduler")]
    assert len(over) == count


def test_what_went_wrong_is_logged_without_values(caplog: pytest.LogCaptureFixture) -> None:
    def do() -> None:
        raise ValueError("born on 1975-03-02")

    with caplog.at_level(logging.ERROR, "careway.jobs"):
        Job("spill", 60, do).run()

    assert "1975" not in caplog.text
    assert "ValueError" in caplog.text

"""What Careway does by itself: again and again, whatever happened the last time."""

import json
import logging
import threading
from functools import partial

import pytest

from api.ticking import NOTED_EVERY, Job, Pulse, ticking
from engine.errors import StoreUnavailable
from engine.services.ticks import Beat, unheard


def test_a_job_is_done_again_after_it_failed(caplog: pytest.LogCaptureFixture) -> None:
    done, ticked, twice = list[int](), list[str](), threading.Event()

    def do(_: Beat) -> None:
        done.append(len(done))
        if len(done) == 1:
            raise StoreUnavailable
        twice.set()

    with caplog.at_level(logging.ERROR, "careway.jobs"), ticking([Job("count", 1, do)], ticked.append):
        assert twice.wait(20)

    assert json.loads(caplog.records[0].getMessage()) == {
        "event": "job", "job": "count", "failed": "store-unavailable", "at": "do",
    }  # fmt: skip
    assert ticked == ["count"]


def test_a_job_is_done_as_soon_as_it_can_be() -> None:
    begun = threading.Event()
    with ticking([Job("rare", 3600, lambda _: begun.set())], list[str]().append):
        assert begun.wait(20)


def test_when_it_ends_nothing_is_under_way() -> None:
    begun, over, ticked = threading.Event(), list[str](), list[str]()

    def do(_: Beat) -> None:
        begun.set()
        threading.Event().wait(0.3)
        over.append("over")

    with ticking([Job("slow", 1, do)], ticked.append):
        assert begun.wait(20)
    count = len(over)
    assert count >= 1
    assert not [t for t in threading.enumerate() if t.name.startswith("APScheduler")]
    assert len(over) == count


def test_what_takes_long_hears_when_it_is_to_end() -> None:
    begun, left = threading.Event(), threading.Event()

    def do(beat: Beat) -> None:
        begun.set()
        while not beat():
            threading.Event().wait(0.01)
        left.set()

    with ticking([Job("long", 3600, do)], list[str]().append):
        assert begun.wait(20)
        assert not left.is_set()
    assert left.is_set()


def test_what_went_wrong_is_logged_without_values(caplog: pytest.LogCaptureFixture) -> None:
    def do(_: Beat) -> None:
        raise ValueError("born on 1975-03-02")

    with caplog.at_level(logging.ERROR, "careway.jobs"):
        Job("spill", 60, do).run(unheard)

    assert "1975" not in caplog.text
    assert "ValueError" in caplog.text


def test_a_tick_is_noted_when_a_job_has_come_on_and_not_when_it_failed() -> None:
    ticked = list[str]()

    def fail(_: Beat) -> None:
        raise StoreUnavailable

    for name, do in (("good", lambda _: None), ("bad", fail)):
        Job(name, 60, do).run(Pulse(partial(ticked.append, name), name, threading.Event()))

    assert ticked == ["good"]


def test_few_beats_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each that is noted is a commit; what comes on every five seconds need not say so each time."""
    noted, now = list[float](), 0.0
    monkeypatch.setattr("api.ticking.monotonic", lambda: now)
    pulse = Pulse(lambda: noted.append(now), "deliver", threading.Event())
    for second in range(0, 300, 5):
        now = float(second)
        pulse()

    assert noted == [float(second) for second in range(0, 300, NOTED_EVERY)]


def test_a_tick_that_cannot_be_noted_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def note() -> None:
        raise StoreUnavailable

    with caplog.at_level(logging.ERROR, "careway.jobs"):
        Job("care", 60, lambda beat: beat()).run(Pulse(note, "care", threading.Event()))

    assert [json.loads(record.getMessage())["failed"] for record in caplog.records] == ["store-unavailable"]

"""Health: a server is ready as long as the database answers and its jobs come on, in whatever process."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine.core.ticks import patience
from engine.services.ticks import note_tick, ticks
from engine.store.database import Database
from tests.http.conftest import Web, face, problem
from tests.stores.kit import writing

EVERY = {"deliver": 5, "write reminders": 60}
SECOND = timedelta(seconds=1)


@pytest.fixture
def working(database: Database) -> Iterator[Web]:
    with face(database, every=EVERY) as served:
        yield served


def ready(web: Web) -> bool:
    return web.get("/readyz", role=None).status_code == 200


def ticked(web: Web, job: str) -> None:
    with writing(web.application.store) as uow:
        note_tick(uow, job, web.clock.now())


def test_a_server_without_jobs_is_ready_when_the_database_answers(web: Web) -> None:
    web.clock.instant += timedelta(days=1)
    assert web.get("/readyz", role=None).json() == {"status": "ready"}


def test_a_server_has_time_to_begin_with_its_jobs(working: Web) -> None:
    begun = working.clock.now()
    working.clock.instant = begun - timedelta(days=1)
    ticked(working, "write reminders")

    working.clock.instant = begun + patience(EVERY["deliver"])
    assert ready(working)
    working.clock.instant += SECOND
    assert not ready(working)


def test_ticks_of_other_processes_count_and_a_stale_one_is_named(working: Web) -> None:
    working.clock.instant += timedelta(hours=1)
    for job in EVERY:
        ticked(working, job)
    assert ready(working)

    working.clock.instant += patience(60) + SECOND
    ticked(working, "deliver")
    found = problem(working.get("/readyz", role=None), 503, "tick-stale")
    assert "write reminders since 2024-01-20 13:00:00 UTC" in found["detail"]
    assert "deliver" not in found["detail"]
    assert working.get("/livez", role=None).status_code == 200

    ticked(working, "write reminders")
    assert ready(working)


def test_a_tick_replaces_the_one_before_and_is_no_other_setting(working: Web) -> None:
    with writing(working.application.store) as uow:
        uow.settings.put("tick_deliver", "no tick")
    ticked(working, "deliver")
    working.clock.instant += SECOND
    ticked(working, "deliver")

    with working.application.store.reading() as uow:
        assert ticks(uow) == {"deliver": working.clock.now()}


def test_a_server_has_started_when_each_job_came_on_once_since(working: Web) -> None:
    ticked(working, "deliver")  # at the instant at which it began
    found = problem(working.get("/startupz", role=None), 503, "starting-up")
    assert "write reminders" in found["detail"]
    assert "deliver" not in found["detail"]

    working.clock.instant += timedelta(days=1)
    ticked(working, "write reminders")
    assert working.get("/startupz", role=None).json() == {"status": "started"}


def test_a_tick_of_the_process_before_does_not_start_a_server(working: Web) -> None:
    working.clock.instant -= SECOND
    for job in EVERY:
        ticked(working, job)
    problem(working.get("/startupz", role=None), 503, "starting-up")


def test_a_server_without_jobs_has_started(web: Web) -> None:
    assert web.get("/startupz", role=None).json() == {"status": "started"}

"""Metrics: counts of the own site and the ages of ticks; ids and values of patients never."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api.http.examples import EXAMPLES
from engine.core.channels import EMAIL, Channel
from engine.core.dispatches import Attempt, Dispatch, key_of
from engine.services import recording
from engine.services.ticks import note_tick
from tests.http.conftest import Web, problem
from tests.stores.kit import writing

SITE = '{site="main"}'
ACTIONS = '{pathway="pm-ild",site="main"}'


@pytest.fixture
def patient(web: Web) -> str:
    enrolled = web.patient()
    assert web.send(enrolled, EXAMPLES["enrol"]).status_code == 201
    return enrolled


def metrics(web: Web, **more: Any) -> dict[str, float]:
    answer = web.get("/metrics", **more)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(number) for name, _, number in lines}


def test_open_actions_and_those_nobody_owns_are_counted(web: Web, patient: str) -> None:
    opened, found = len(web.actions(patient)), metrics(web, role="viewer")
    assert (found[f"careway_actions_open{ACTIONS}"], found[f"careway_actions_unowned{ACTIONS}"]) == (
        opened,
        opened,
    )
    team = dict.fromkeys(("responsible_clinician", "backup_clinician", "clinical_lead"))
    path, cora = f"/v1/patients/{patient}/care-team", web.staff()["cora"]
    web.call("PUT", path, role="coordinator", headers={"If-Match": "*"}, json=team | {"coordinator": cora})
    web.clock.instant += timedelta(seconds=59)
    assert (
        metrics(web)[f"careway_actions_unowned{ACTIONS}"] == opened
    )  # all that is open is read once a minute
    web.clock.instant += timedelta(seconds=1)
    assert metrics(web)[f"careway_actions_unowned{ACTIONS}"] == 0
    problem(web.get("/metrics", role=None), 401, "credential-needed")


def test_the_figures_of_the_tally_are_there_and_only_of_the_own_site(web: Web, patient: str) -> None:
    tally, found = web.get("/v1/reminders/reconcile").json(), metrics(web)
    names = {"open": "open_reviews", "live": "live_steps", "urgent": "urgent_steps"} | {
        name: name for name in ("orphaned", "doubled", "late", "unsent", "undeliverable")
    }
    assert tally["open_reviews"] > 0
    for metric, name in names.items():
        assert found[f"careway_reminders_{metric}{SITE}"] == tally[name]
    away = metrics(web, role="elsewhere")
    assert not any(away.values())
    assert not any("main" in name or patient in name for name in away)


def test_what_is_on_its_way_and_what_came_of_it_is_counted(web: Web) -> None:
    now, person = web.clock.now(), web.staff()["cora"]
    begun = Dispatch("", "mail", "", now, urgent=False, next_at=now)
    one, two, three = (
        replace(begun, id=key_of("mail", about), about=about)
        for about in ("notice/1", "notice/2", "notice/3")
    )
    with writing(web.application.store) as uow:
        uow.channels.add(Channel("mail", "main", EMAIL, "cora@example.org", "", now, person=person))
        for each in (one, two, three):
            uow.dispatches.add(each)
        taken = {each.id: each for each in uow.dispatches.claim(now, 3)}
        for each, code in ((one, "250"), (two, "timeout")):
            sent = now if code == "250" else None
            next_at = None if sent else now + timedelta(minutes=5)
            done = replace(taken[each.id], sent=sent, next_at=next_at)
            uow.dispatches.settle(done, Attempt(each.id, 1, now, code))
    assert _dispatches(web) == {"waiting": 2, "oldest_seconds": 0, "sent_total": 1, "failed_total": 1}

    web.clock.instant += timedelta(minutes=10)
    assert _dispatches(web)["oldest_seconds"] == 8 * 60, "the lease of the third ended two minutes in"


def _dispatches(web: Web) -> dict[str, float]:
    begins = "careway_dispatches_"
    found = metrics(web)
    assert not any(
        name.startswith(begins) and value for name, value in metrics(web, role="elsewhere").items()
    )
    return {
        name.removeprefix(begins).removesuffix(SITE): value
        for name, value in found.items()
        if name.startswith(begins)
    }


def test_each_job_that_ever_came_on_has_the_age_of_its_tick(web: Web) -> None:
    assert not [name for name in metrics(web) if "tick" in name]
    with writing(web.application.store) as uow:
        note_tick(uow, "write reminders", web.clock.now())
    web.clock.instant += timedelta(seconds=90)
    assert metrics(web, role="elsewhere")['careway_tick_age_seconds{job="write reminders"}'] == 90


def test_what_was_recorded_and_what_it_led_to_is_counted_once_it_is_durable(web: Web, patient: str) -> None:
    again = web.send(patient, EXAMPLES["enrol"])
    assert again.status_code == 200
    assert web.send(patient, EXAMPLES["override"], headers={"If-Match": "*"}).status_code == 201
    refused = [EXAMPLES["obs"], EXAMPLES["obs"] | {"id": "x", "effective": "never"}]
    assert web.post(f"/v1/patients/{patient}/events", json={"events": refused}).status_code == 422
    assert web.send(web.patient(role="elsewhere"), EXAMPLES["vax"], role="elsewhere").status_code == 201

    found = metrics(web)
    counted = {name: value for name, value in found.items() if name.startswith("careway_events_total")}
    assert counted == {
        'careway_events_total{result="accepted",site="main",type="enrol"}': 1,
        'careway_events_total{result="duplicate",site="main",type="enrol"}': 1,
        'careway_events_total{result="accepted",site="main",type="override"}': 1,
    }
    (step,) = (name for name in found if name.startswith("careway_transitions_total"))
    assert (found[step], 'pathway="pm-ild"' in step) == (1, True)
    assert not any(name.startswith("careway_rule_errors_total") for name in found)


def test_readings_that_wait_for_verification_are_counted(web: Web, patient: str) -> None:
    assert metrics(web)[f"careway_readings_quarantined{SITE}"] == 0
    fvc = {"item": "fvc_l", "value": 7.5, "unit": "L"}
    told = web.send(patient, EXAMPLES["obs"] | {"obs": [fvc]})
    assert told.json()["events"][0]["result"] == "quarantined"
    assert metrics(web)[f"careway_readings_quarantined{SITE}"] == 1


def test_evaluations_that_cannot_be_finished_are_counted(
    web: Web, patient: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "evaluated", lambda *_: 1 // 0)
    assert web.send(patient, EXAMPLES["obs"]).status_code == 500
    name = 'careway_rule_errors_total{code="ZeroDivisionError",pathway="pm-ild",site="main"}'
    assert metrics(web)[name] == 1

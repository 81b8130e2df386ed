"""Work notes and the tally of reminders over HTTP: what is answered, what is refused."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from api.http.examples import EXAMPLES
from tests.http.conftest import TODAY, Web, problem
from tests.stores.kit import writing

ANY = {"If-Match": "*"}


@pytest.fixture
def patient(web: Web) -> str:
    found = web.patient()
    assert web.send(found, EXAMPLES["enrol"], headers=ANY).status_code == 201
    return found


@pytest.fixture
def review(web: Web, patient: str) -> str:
    found = web.get(f"/v1/patients/{patient}/pathways/pm-ild/reviews").json()["items"]
    return str(found[0]["review_id"])


def test_a_review_is_put_off_with_the_revision_that_was_seen(web: Web, patient: str, review: str) -> None:
    tag = web.get(f"/v1/patients/{patient}").headers["etag"]
    body = {"until": str(TODAY + timedelta(days=3)), "reason": "test booked"}
    path = f"/v1/reviews/{review}/snooze"
    problem(web.post(path, json=body), 428, "precondition-needed")
    answer = web.post(path, json=body, headers={"If-Match": tag})

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["id"], told["note"], told["until"]) == (review, "snooze", body["until"])
    assert answer.headers["etag"] == f'"{told["revision"]}"' != tag
    problem(
        web.post(f"/v1/reviews/{review}/acknowledge", json={}, headers={"If-Match": tag}),
        412,
        "revision-stale",
    )


def test_what_cannot_be_noted_is_refused(web: Web, patient: str, review: str) -> None:
    far = {"until": str(TODAY + timedelta(days=15)), "reason": "later"}
    refused = problem(web.post(f"/v1/reviews/{review}/snooze", json=far, headers=ANY), 422, "message-refused")
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/until", "snooze-limit")]
    path = f"/v1/reviews/{review}/not-done"
    problem(web.post(path, json={"reason": "forgot"}, headers=ANY), 422, "message-refused")
    assert web.post(path, json={"reason": "done_elsewhere"}, headers=ANY).json()["reason"] == "done_elsewhere"
    action = web.actions(patient)["ord.pft"]["action_id"]
    assert web.post(f"/v1/actions/{action}/acknowledge", json={}, headers=ANY).json()["by"] is None
    problem(web.post(f"/v1/reviews/{action}/acknowledge", json={}, headers=ANY), 404, "not-found")


def reviews(web: Web, patient: str, **more: Any) -> dict[str, Any]:
    found = web.get(f"/v1/patients/{patient}/pathways/pm-ild/reviews", **more).json()["items"]
    return {review["id"]: review for review in found}


NONE = {"acknowledged": None, "snoozed": None, "not_done": None}


def test_what_was_done_is_shown_with_who_did_it(web: Web, patient: str) -> None:
    web.people()
    action, pft = web.actions(patient)["ord.pft"], reviews(web, patient)["pft"]
    assert {name: action[name] for name in NONE} == {name: pft[name] for name in NONE} == NONE
    until = TODAY + timedelta(days=3)
    for subject in (f"actions/{action['action_id']}", f"reviews/{pft['review_id']}"):
        for what, body in [
            ("acknowledge", {}),
            ("snooze", {"until": str(until), "reason": "booked"}),
            ("not-done", {"reason": "patient_not_reached"}),
            ("not-done", {"reason": "not_available"}),
        ]:
            assert web.post(f"/v1/{subject}/{what}", json=body, headers=ANY).status_code == 200

    at = web.clock.now().isoformat().replace("+00:00", "Z")
    by = {"id": "p-clinician", "name": "Clinician"}
    said = {"at": at, "by": by, "reason": None, "until": None}
    wanted = {
        "acknowledged": said,
        "snoozed": {**said, "reason": "booked", "until": str(until)},
        "not_done": {**said, "reason": "not_available"},
    }
    for shown in (web.actions(patient)["ord.pft"], reviews(web, patient)["pft"]):
        assert {name: shown[name] for name in NONE} == wanted
    others = [a for a in web.actions(patient).values() if a["id"] != "ord.pft"]
    assert all(other[name] is None for other in others for name in NONE)

    web.clock.to(until)
    assert reviews(web, patient)["pft"]["snoozed"] is None
    with writing(web.application.store) as uow:
        left = uow.people.hold("p-clinician")
        assert left is not None
        uow.people.save(replace(left, disabled=web.clock.now()))
    assert reviews(web, patient, role="viewer")["pft"]["acknowledged"]["by"] == by


def test_what_another_system_noted_has_nobody_by_it(web: Web, patient: str, review: str) -> None:
    assert web.post(f"/v1/reviews/{review}/acknowledge", json={}, headers=ANY).status_code == 200
    shown = next(r for r in reviews(web, patient).values() if r["review_id"] == review)
    assert shown["acknowledged"]["by"] is None


@pytest.mark.parametrize(("days", "missed"), [(6, False), (7, True)])
def test_a_review_is_missed_when_its_last_reminder_has_come(
    web: Web, patient: str, days: int, *, missed: bool
) -> None:
    due = date.fromisoformat(reviews(web, patient)["pft"]["due"])
    path = f"/v1/patients/{patient}/pathways/pm-ild/reviews?as_of={due + timedelta(days=days)}"
    (shown,) = (r for r in web.get(path).json()["items"] if r["id"] == "pft")
    assert (shown["missed"], shown["status"]) == (missed, "overdue")


def test_the_tally_counts_the_own_site(web: Web, patient: str) -> None:
    path = "/v1/reminders/reconcile"
    found = web.get(path).json()
    assert found["open_reviews"] == found["live_steps"] > 0
    assert (found["orphaned"], found["doubled"]) == (0, 0)
    assert found["ok"] is (found["late"] == 0)
    assert web.get(path, role="elsewhere").json() == {
        "ok": True,
        "open_reviews": 0,
        "live_steps": 0,
        "urgent_steps": 0,
        "orphaned": 0,
        "doubled": 0,
        "late": 0,
        "unsent": 0,
        "undeliverable": 0,
    }

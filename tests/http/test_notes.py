"""Work notes and the tally of reminders over HTTP: what is answered, what is refused."""

from datetime import timedelta

import pytest

from api.http.examples import EXAMPLES
from tests.http.conftest import TODAY, Web, problem

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

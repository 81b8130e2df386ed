"""The inbox over HTTP: acting on what one was told is one call away, and reading it is noted."""

from datetime import timedelta
from typing import Any

import pytest

from api.http.examples import EXAMPLES
from engine.core.people import Post
from engine.services.reminding import remind_due
from tests.http.conftest import TODAY, Web, problem

ANY = {"If-Match": "*"}


def look(web: Web, days: int = 0) -> None:
    """Have written down what is due some days later."""
    app = web.application
    web.clock.to(TODAY + timedelta(days=days))
    remind_due(app.store, app.writer, app.recorder)


@pytest.fixture
def told(web: Web) -> str:
    """A patient of whose reviews and urgent actions the clinician and the coordinator were told."""
    web.people()
    patient = web.patient()
    low = {"item": "spo2_rest", "value": 84, "unit": "%", "o2_flow": 0}
    assert web.send(patient, EXAMPLES["enrol"], headers=ANY).status_code == 201
    assert web.send(patient, {**EXAMPLES["obs"], "obs": [low]}, headers=ANY).status_code == 201
    held = {Post.COORDINATOR: "p-coordinator", Post.RESPONSIBLE_CLINICIAN: "p-clinician"}
    team = {post: held.get(post) for post in Post}
    assert web.call("PUT", f"/v1/patients/{patient}/care-team", json=team, headers=ANY).status_code == 200
    look(web)
    return patient


def inbox(web: Web, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = web.get("/v1/inbox", **more).json()["items"]
    return found


def entries(web: Web, kind: str, **more: Any) -> list[dict[str, Any]]:
    return [e for notice in inbox(web, **more) for e in notice["entries"] if e["kind"] == kind]


def test_acting_on_what_one_was_told_is_one_call_away(web: Web, told: str) -> None:
    (notice,) = inbox(web)
    assert (notice["patient"], notice["pathway"], notice["urgent"]) == (told, "pm-ild", True)
    flag = next(e for e in entries(web, "action") if e["subject"] == "rf.spo2")
    assert (flag["open"], flag["acknowledged"], flag["review_id"]) == (True, None, None)
    assert flag["action_id"] == web.actions(told)["rf.spo2"]["action_id"]
    path = f"/v1/actions/{flag['action_id']}/acknowledge"
    assert web.post(path, json={}, headers=ANY).status_code == 200
    seen = [e for e in entries(web, "action", role="coordinator") if e["subject"] == "rf.spo2"]
    assert {e["acknowledged"] for e in seen} == {web.clock.now().isoformat().replace("+00:00", "Z")}

    look(web, 14)
    review = next(e for e in entries(web, "review", role="coordinator") if e["open"])
    until = str(web.clock.now().date() + timedelta(days=2))
    body = {"until": until, "reason": "test booked"}
    path = f"/v1/reviews/{review['review_id']}/snooze"
    assert web.post(path, json=body, headers=ANY).status_code == 200
    off = [e for e in entries(web, "review", role="coordinator") if e["review_id"] == review["review_id"]]
    assert {e["snoozed_until"] for e in off} == {until}


def test_the_inbox_comes_in_pages_and_is_ones_own(web: Web, told: str) -> None:
    look(web, 14)
    whole, found, path = inbox(web), [], "/v1/inbox?limit=1"
    assert len(whole) > 1
    assert whole[0]["created"] > whole[-1]["created"]
    while path:
        page = web.get(path)
        found += page.json()["items"]
        path = page.links.get("next", {}).get("url", "")
    assert found == whole
    assert inbox(web, role="viewer") == []
    for cursor in ("%C3%BC", "eA==", "MjAyNC0wMS0yMA=="):
        problem(web.get(f"/v1/inbox?cursor={cursor}"), 400, "parameter-unreadable")
    problem(web.get("/v1/inbox?limit=0"), 400, "parameter-unreadable")
    problem(web.get("/v1/inbox", role="admin"), 403, "role-forbidden")
    problem(web.get("/v1/inbox", role="elsewhere"), 403, "person-needed")


def test_reading_the_inbox_is_noted_with_the_patients_in_it(web: Web, told: str) -> None:
    web.get("/v1/inbox?limit=1")
    web.get("/v1/inbox", role="viewer")
    with web.application.store.reading() as uow:
        links = uow.audit.chain("site:main")
    assert [(link.entry.author.person, link.entry.body["patients"]) for link in links] == [
        ("p-clinician", (told,)),
        ("p-viewer", ()),
    ]

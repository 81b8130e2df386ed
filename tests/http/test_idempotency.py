"""`Idempotency-Key`: what is sent again under its key is answered as it was, and nothing is done twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from engine.core.people import Membership, Post, Role
from engine.services.access import OPERATOR, issue
from tests.http.conftest import Web, problem
from tests.http.test_permissions import CSV
from tests.stores.kit import writing

KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
ANOTHER = {"Idempotency-Key": "another"}
TEAM: dict[str, Any] = dict.fromkeys(Post)
"""Nobody in any post."""


def patients(web: Web) -> int:
    return len(web.get("/v1/patients?limit=200").json()["items"])


def test_the_same_call_again_is_answered_as_it_was(web: Web) -> None:
    first = web.post("/v1/patients", headers=KEY)
    again = web.post("/v1/patients", headers=KEY)

    assert (again.status_code, again.content) == (first.status_code, first.content)
    for name in ("etag", "location", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert patients(web) == 1


def test_a_key_is_the_same_in_quotes_and_without(web: Web) -> None:
    first = web.post("/v1/patients", headers=KEY).json()
    again = web.post("/v1/patients", headers={"Idempotency-Key": KEY["Idempotency-Key"].strip('"')})
    assert again.json() == first


def test_without_a_key_and_under_another_one_it_is_another_call(web: Web) -> None:
    for headers in (KEY, ANOTHER, {}, {}):
        assert web.post("/v1/patients", headers=headers).status_code == 201
    assert patients(web) == 4


@pytest.mark.parametrize("change", ["body", "path", "method"])
def test_a_key_stands_for_one_call(web: Web, change: str) -> None:
    patient = web.patient()
    body: dict[str, Any] = {"identifiers": [{"system": "urn:x", "value": "1"}]}
    assert web.post("/v1/patients", json=body, headers=KEY).status_code == 201

    method, path = "POST", "/v1/patients"
    if change == "body":
        body = {"identifiers": [{"system": "urn:x", "value": "2"}]}
    elif change == "path":
        path, body = f"/v1/patients/{patient}/events", {"id": "e1", "type": "obs"}
    else:
        method, path = "PUT", f"/v1/patients/{patient}/care-team"
        body = dict(TEAM)
    found = web.call(method, path, json=body, headers=KEY | {"If-Match": "*"})
    problem(found, 422, "idempotency-key-reused")
    assert (patients(web), web.stored(patient)) == (2, [])


def test_a_key_stands_for_one_query(web: Web) -> None:
    more: dict[str, Any] = {"role": "integrator", "headers": KEY | CSV, "content": "patient,date,drug,op\n"}
    assert web.post("/v1/imports?kind=medicines&origin=x", **more).status_code == 202
    problem(web.post("/v1/imports?kind=medicines&origin=y", **more), 422, "idempotency-key-reused")


def test_keys_at_one_site_mean_nothing_at_another(web: Web) -> None:
    """Somebody who works at two may send the same to both under one key, and it is done at both."""
    web.people()
    app, now = web.application, web.clock.now()
    with writing(app.store) as uow:
        uow.people.grant(Membership("p-clinician", "south", Role.CLINICIAN))
        web.secrets["south"], _ = issue(
            uow, Role.CLINICIAN, "south", "", by=OPERATOR, now=now, randomness=app.randomness,
            person="p-clinician",
        )  # fmt: skip
    here, there = (web.post("/v1/patients", headers=KEY, role=role) for role in ("clinician", "south"))
    assert (here.status_code, there.status_code) == (201, 201)
    assert there.json()["id"] != here.json()["id"]
    assert web.get(f"/v1/patients/{there.json()['id']}", role="south").status_code == 200


def test_keys_of_one_caller_mean_nothing_to_another(web: Web) -> None:
    assert (
        web.post("/v1/patients", headers=KEY).json()
        != web.post("/v1/patients", headers=KEY, role="coordinator").json()
    )
    assert patients(web) == 2


def test_a_key_is_forgotten_after_a_day(web: Web) -> None:
    first = web.post("/v1/patients", headers=KEY).json()
    web.clock.instant += timedelta(hours=24) - timedelta(seconds=1)
    assert web.post("/v1/patients", headers=KEY).json() == first
    web.clock.instant += timedelta(seconds=1)
    assert web.post("/v1/patients", headers=KEY).json() != first
    assert patients(web) == 2


def test_what_was_refused_was_not_done_and_may_be_sent_under_the_same_key(web: Web) -> None:
    taken = {"identifiers": [{"system": "urn:x", "value": "1"}]}
    web.patient(json=taken)
    problem(web.post("/v1/patients", json=taken, headers=KEY), 409, "identifier-in-use")
    free = {"identifiers": [{"system": "urn:x", "value": "2"}]}
    assert web.post("/v1/patients", json=free, headers=KEY).status_code == 201


def test_an_answer_with_a_secret_is_given_once_and_not_kept(web: Web) -> None:
    web.people()
    made = web.post("/v1/tokens", json={"label": "reports"}, headers=KEY)
    assert made.status_code == 201

    problem(web.post("/v1/tokens", json={"label": "reports"}, headers=KEY), 409, "answered-once")
    labels = [token["label"] for token in web.get("/v1/tokens").json()["items"]]
    assert labels.count("reports") == 1
    with web.application.store.reading() as uow:
        kept = uow.answers.find("main/p-clinician", KEY["Idempotency-Key"].strip('"'))
    assert kept is not None
    assert kept.body is None


@pytest.mark.parametrize("key", ["", '""', "ä", "two words", "x" * 256, '"a" "b"'])
def test_a_key_that_cannot_be_kept_is_refused(web: Web, key: str) -> None:
    shown = {
        b"authorization": f"Bearer {web.secrets['clinician']}".encode(),
        b"idempotency-key": key.encode(),
    }
    found = web.client.post("/v1/patients", headers=shown)
    problem(found, 400, "idempotency-key-unreadable")
    assert patients(web) == 0
    row = {"id": "x", "kind": "action", "if_match": 1}
    for path, body in (("bulk/acknowledge", {"items": [row]}), ("patients/search", {}), ("events/batch", {})):
        found = web.client.post(f"/v1/{path}", headers=shown, json=body)
        problem(found, 400, "idempotency-key-unreadable")


def test_a_decision_sent_again_needs_no_new_etag(web: Web) -> None:
    patient = web.patient()
    path, first_tag = f"/v1/patients/{patient}/care-team", web.get(f"/v1/patients/{patient}").headers["etag"]
    headers = KEY | {"If-Match": first_tag}
    team = TEAM | {"coordinator": web.staff()["cora"]}
    first = web.call("PUT", path, json=team, headers=headers)
    assert first.status_code == 200, first.text
    assert first.headers["etag"] != first_tag
    assert web.call("PUT", path, json=TEAM, headers={"If-Match": "*"}).status_code == 200
    again = web.call("PUT", path, json=team, headers=headers)
    assert (again.status_code, again.content) == (200, first.content)
    assert web.get(path).json() != first.json()


def test_the_same_call_many_times_at_once_is_done_once(web: Web) -> None:
    def call(_: int) -> tuple[int, str]:
        found = web.post("/v1/patients", headers=KEY)
        return found.status_code, found.text

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(call, range(16)))
    assert len(answers) == 1
    assert patients(web) == 1

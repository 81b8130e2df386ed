"""Tokens: of a person or a service, never further than their owner, with an end and a successor."""

from datetime import timedelta
from typing import Any

import pytest

from engine.core.people import Membership, Role
from engine.services.access import OPERATOR, issue
from tests.http.conftest import Web, problem


@pytest.fixture(autouse=True)
def people(web: Web) -> None:
    web.people()


def made(web: Web, role: str = "clinician", **body: Any) -> dict[str, Any]:
    answer = web.post("/v1/tokens", role=role, json={"label": "reports", **body})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def works(web: Web, secret: str) -> bool:
    return web.get("/v1/patients", role=secret).status_code == 200


def test_a_personal_token_acts_as_its_person(web: Web) -> None:
    token = made(web)
    patient = web.patient(role=token["secret"])

    with web.application.store.reading() as uow:
        (link,) = uow.audit.chain(patient)
    assert (link.entry.author.person, link.entry.author.credential) == ("p-clinician", token["token"]["id"])
    (listed,) = [t for t in web.get("/v1/tokens").json()["items"] if t["label"] == "reports"]
    assert listed == web.get("/v1/tokens").json()["items"][-1]
    assert token["secret"] not in str(listed)


def test_a_token_ends_on_its_day(web: Web) -> None:
    secret = made(web, days=2)["secret"]
    web.clock.instant += timedelta(days=2) - timedelta(seconds=1)
    assert works(web, secret)
    web.clock.instant += timedelta(seconds=1)
    problem(web.get("/v1/patients", role=secret), 401, "credential-needed")


def test_its_last_use_is_kept_to_the_minute(web: Web) -> None:
    token = made(web)
    assert token["token"]["used"] is None
    for _ in range(2):
        web.clock.instant += timedelta(seconds=61)
        assert works(web, token["secret"])
        (listed,) = [t for t in web.get("/v1/tokens").json()["items"] if t["id"] == token["token"]["id"]]
        assert listed["used"].rstrip("Z") == web.clock.instant.isoformat().removesuffix("+00:00")


def test_scopes_limit_it(web: Web) -> None:
    secret = made(web, scopes=["patients.read"])["secret"]

    assert works(web, secret)
    told = problem(web.post("/v1/patients", role=secret), 403, "scope-missing")
    assert "patients.write" in told["detail"]


def test_a_token_makes_none_that_reaches_further(web: Web) -> None:
    secret = made(web, scopes=["tokens.manage", "patients.read"])["secret"]
    post = {"role": secret}

    assert web.post("/v1/tokens", **post, json={"label": "x", "scopes": ["patients.read"]}).status_code == 201
    for scopes in (None, [], ["patients.write"]):
        problem(web.post("/v1/tokens", **post, json={"label": "x", "scopes": scopes}), 403, "token-too-far")


@pytest.mark.parametrize(
    ("role", "body"),
    [("clinician", {"role": "admin"}), ("clinician", {"service": True}), ("viewer", {"role": "clinician"})],
)
def test_nobody_makes_a_token_beyond_themselves(web: Web, role: str, body: dict[str, Any]) -> None:
    problem(web.post("/v1/tokens", role=role, json={"label": "x", **body}), 403, "token-too-far")


def test_an_administrator_makes_tokens_of_services(web: Web) -> None:
    token = web.post(
        "/v1/tokens", role="admin", json={"label": "lab", "service": True, "role": "integrator"}
    ).json()

    assert token["token"]["person"] is None
    assert works(web, token["secret"])
    problem(web.post("/v1/tokens", role=token["secret"], json={"label": "x"}), 403, "person-needed")
    assert web.call("DELETE", f"/v1/tokens/{token['token']['id']}", role="admin").status_code == 204
    assert not works(web, token["secret"])


def test_exchanging_a_token_ends_the_old_one_after_the_grace_asked_for(web: Web) -> None:
    old = made(web, scopes=["patients.read"], days=30)
    place = f"/v1/tokens/{old['token']['id']}/rotate"

    new = web.post(place, json={"grace_minutes": 10}).json()

    assert new["token"]["replaces"] == old["token"]["id"]
    assert new["token"]["scopes"] == ["patients.read"]
    assert works(web, old["secret"])
    assert works(web, new["secret"])
    web.clock.instant += timedelta(minutes=10)
    assert not works(web, old["secret"])
    newer = web.post(f"/v1/tokens/{new['token']['id']}/rotate").json()
    assert not works(web, new["secret"])
    assert works(web, newer["secret"])
    problem(web.post(f"/v1/tokens/{new['token']['id']}/rotate"), 404, "not-found")


def test_a_token_ends_with_the_role_of_its_person(web: Web) -> None:
    secret = made(web)["secret"]
    with web.application.store.writing() as uow:
        uow.people.withdraw(Membership("p-clinician", "main", "clinician"))
        uow.commit()

    assert not works(web, secret)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"label": ""},
        {"label": "x", "days": 0},
        {"label": "x", "days": "7"},
        {"label": "x", "scopes": ["everything"]},
        {"label": "x", "role": "king"},
        {"label": "x", "extra": 1},
    ],
)
def test_what_does_not_fit_is_refused(web: Web, body: dict[str, Any]) -> None:
    problem(web.post("/v1/tokens", json=body), 422, "message-refused")
    assert len(web.get("/v1/tokens").json()["items"]) == 1


def test_an_administrator_ends_the_token_of_a_person_but_never_gets_its_secret(web: Web) -> None:
    token = made(web)
    place = f"/v1/tokens/{token['token']['id']}"

    problem(web.post(f"{place}/rotate", role="admin"), 404, "not-found")
    assert works(web, token["secret"])
    assert web.call("DELETE", place, role="admin").status_code == 204
    assert not works(web, token["secret"])


def test_a_token_exchanges_none_that_reaches_further(web: Web) -> None:
    far, near = made(web), made(web, scopes=["tokens.manage", "patients.read"])
    same = made(web, scopes=["patients.read"])

    place = "/v1/tokens/{}/rotate"
    problem(web.post(place.format(far["token"]["id"]), role=near["secret"]), 403, "token-too-far")
    assert works(web, far["secret"])
    assert web.post(place.format(same["token"]["id"]), role=near["secret"]).status_code == 201


def test_a_token_of_one_role_exchanges_none_of_another(web: Web) -> None:
    with web.application.store.writing() as uow:
        uow.people.grant(Membership("p-clinician", "main", "viewer"))
        now, chance = web.clock.now(), web.application.randomness
        viewer, _ = issue(
            uow, Role.VIEWER, "main", "", by=OPERATOR, now=now, randomness=chance, person="p-clinician"
        )
        uow.commit()

    place = f"/v1/tokens/{made(web)['token']['id']}/rotate"
    problem(web.post(place, role=viewer), 403, "token-too-far")

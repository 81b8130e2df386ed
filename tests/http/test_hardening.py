"""What every answer carries, how often one may ask, and what the log never holds."""

import logging
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.http import create_app
from api.http.guarded import ALWAYS
from api.http.rates import Rates
from tests.http.conftest import Web, problem


@pytest.fixture
def strict(web: Web) -> Iterator[Web]:
    """The same, with room for three calls a minute, reached over TLS."""
    app = create_app(web.application, secure=True, rates=Rates(calls=3, proofs=2))
    with TestClient(app, base_url="https://testserver") as client:
        yield Web(web.application, client, web.secrets, web.clock)


@pytest.mark.parametrize("path", ["/livez", "/v1/patients", "/sign-in", "/nowhere", "/static/careway.css"])
def test_every_answer_protects_people_at_a_browser(web: Web, path: str) -> None:
    headers = web.get(path).headers

    assert headers.keys() >= {name.lower() for name in ALWAYS}
    assert len(headers.get_list("content-security-policy")) == 1
    assert "strict-transport-security" not in headers
    assert "server" not in headers


def test_other_origins_are_let_in_by_nothing(web: Web) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for answer in (
        web.call("OPTIONS", "/v1/patients", headers=asked),
        web.get("/v1/patients", headers={"Origin": "https://evil.example"}),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_credential_has_its_share_and_is_told_what_is_left(strict: Web) -> None:
    left = [strict.get("/v1/patients").headers["ratelimit"] for _ in range(3)]
    refused = strict.get("/v1/patients")

    assert left == [f'"calls";r={n};t=60' for n in (2, 1, 0)]
    assert refused.headers["ratelimit-policy"] == '"calls";q=3;w=60'
    assert refused.headers["retry-after"] == "10"
    problem(refused, 429, "calls-too-many")
    assert strict.get("/v1/patients", role="viewer").status_code == 200
    assert strict.client.get("/livez").status_code == 200


def test_what_does_not_let_in_is_counted_by_address_whatever_is_made_up(strict: Web) -> None:
    def tried(number: int) -> int:
        headers = {"Authorization": f"Bearer cw_{number}", "Cookie": f"careway={number}"}
        return strict.client.get("/docs" if number % 2 else "/v1/patients", headers=headers).status_code

    assert strict.get("/v1/patients").status_code == 200
    assert [tried(number) for number in range(4)] == [401, 200, 429, 429]
    assert strict.get("/v1/patients").status_code == 200
    beside = {"Cookie": "junk=1", "Authorization": f"Bearer  {strict.secrets['clinician']}"}
    assert strict.client.get("/v1/patients", headers=beside).status_code == 429


def test_proving_who_one_is_is_tighter(strict: Web) -> None:
    tries = [strict.client.post("/sign-in", data={"login": str(n), "password": "x"}) for n in range(3)]

    assert [t.status_code for t in tries] == [401, 401, 429]


def test_over_tls_the_cookie_stays_with_the_host(strict: Web) -> None:
    answer = strict.client.post("/sign-out", data={"": ""}, follow_redirects=False)

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-careway=")
    assert "Secure" in cookie
    assert "strict-transport-security" in answer.headers


def test_the_log_names_nobody(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="careway"):
        patient = web.patient()
        web.get(f"/v1/patients/{patient}?cursor=secret-cursor")
        web.client.post("/sign-in", data={"login": "may-brook", "password": "hunter2 hunter2"})
        web.client.get("/welcome", params={"invitation": "secret-invitation"})

    assert len(caplog.records) >= 4
    for word in (patient, "secret", "may-brook", "hunter2", *web.secrets.values()):
        assert word not in caplog.text

"""Errors are pages where a page was asked for, and problems everywhere else."""

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from api.http.app import create_app
from api.http.rates import Rates
from tests.http.conftest import Web, problem

PAGE = {"Accept": "text/html,application/xhtml+xml"}


def is_page(answer: Response, status: int, says: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert says in answer.text


def test_a_method_a_page_does_not_take(web: Web) -> None:
    answer = web.get("/settings/calendars", headers=PAGE)
    is_page(answer, 405, "nothing is shown at it")
    assert answer.headers["allow"] == "POST"
    problem(web.get("/settings/calendars"), 405, "method-not-allowed")
    problem(web.call("DELETE", "/v1/patients", headers=PAGE), 405, "method-not-allowed")


def test_an_address_that_is_none(web: Web) -> None:
    is_page(web.get("/nothing", headers=PAGE), 404, "There is no such page")
    problem(web.get("/nothing"), 404, "not-found")
    problem(web.get("/v1/nothing", headers=PAGE), 404, "not-found")


def test_parameters_that_do_not_fit(web: Web) -> None:
    sought = "x" * 201
    answer = web.get(f"/lists/overdue?state={sought}", headers=PAGE)
    is_page(answer, 400, "cannot be looked for")
    assert sought not in answer.text
    problem(web.get(f"/lists/overdue?state={sought}"), 400, "parameter-unreadable")


def test_too_many_calls(web: Web) -> None:
    app = create_app(web.application, rates=Rates(calls=1))
    with TestClient(app, base_url="http://testserver") as client:
        client.get("/sign-in", headers=PAGE)
        answer = client.get("/sign-in", headers=PAGE)
        is_page(answer, 429, "More than 1 calls came within a minute")
        assert answer.headers["retry-after"] == "10"
        problem(client.get("/sign-in"), 429, "calls-too-many")
        part = client.get("/", headers={"HX-Request": "true"})
        is_page(part, 429, "More than 1 calls")
        assert part.text.startswith('<p class="alert"')


def test_a_defect_of_ours(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("the value 2.51 of a patient")

    monkeypatch.setattr("api.web.routes.pathways.show", broken)
    answer = web.get("/pathways/pm-ild", headers=PAGE)
    is_page(answer, 500, "Please report the trace id")
    assert answer.headers["trace-id"] in answer.text
    assert "2.51" not in answer.text

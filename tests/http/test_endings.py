"""Calls that will end say so with every answer, and in the OpenAPI document."""

from datetime import UTC, datetime

import pytest

from api.http import endings
from api.http.permissions import PUBLIC, RULES
from tests.http.conftest import Web

ENDING = endings.Ending(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 9, 1, 12, tzinfo=UTC), "/v2/me")


@pytest.fixture(autouse=True)
def ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(endings.ENDINGS, "GET /v1/me", ENDING)


@pytest.mark.parametrize("role", ["clinician", None])
def test_every_answer_of_such_a_call_says_so(web: Web, role: str | None) -> None:
    answer = web.get("/v1/me", role=role)
    assert answer.status_code == (200 if role else 401)
    assert answer.headers["deprecation"] == "@1767312000"
    assert answer.headers["sunset"] == "Tue, 01 Sep 2026 12:00:00 GMT"
    assert answer.headers["link"] == '</v2/me>; rel="successor-version"'


def test_no_other_call_does(web: Web) -> None:
    assert not {"deprecation", "sunset"} & set(web.get("/v1/people").headers)


def test_the_document_says_so(web: Web) -> None:
    paths = web.get("/openapi.json", role=None).json()["paths"]
    marked = [path for path, calls in paths.items() for call in calls.values() if call.get("deprecated")]
    assert marked == ["/v1/me"]


def test_only_calls_that_are_there_can_end() -> None:
    assert endings.ENDINGS.keys() <= RULES.keys() | PUBLIC

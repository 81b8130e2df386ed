"""The OpenAPI document against the server: whatever is sent, the answer is one the document tells of."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from api.http.permissions import PUBLIC, RULES
from api.http.rates import Rates
from engine.store.database import Database
from tests.conftest import PROVING
from tests.http.conftest import Web, face
from tests.http.test_permissions import Places, enrolled, listening, sent_file, token_of

__all__ = ["enrolled"]

EXAMPLES = 300 if PROVING else 5
"""Calls of each operation that are thought up; the checks make more of them."""
REQUESTS = 20_000
"""How many reach the server at least under `make prove`."""
BROKEN_RULES = ("400", "410", "412", "422", "428")
"""What calls may be answered that fit the document: it tells neither every rule nor the newest revision."""
NOWHERE = "0198c0de-0000-7000-8000-00000000dead"
"""An id of nothing."""
NAMED = {"pathway": "pm-ild", "version": "1", "worklist": "overdue"}
"""What has the same name in every installation."""
ACTING = ("clinical_lead", "clinician", "admin", "coordinator", "integrator", "viewer", "author")
"""Roles, in the order in which one that may make a call is looked for."""


class Calls(logging.Handler):
    """Counts the calls that reach the server."""

    made = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.made += '"event": "request"' in record.getMessage()


@pytest.fixture
def web(database: Database) -> Iterator[Web]:
    with face(database, rates=Rates(10**9, 10**9)) as served:  # nobody is told to wait
        yield served


@pytest.fixture
def calls() -> Iterator[Calls]:
    log, calls = logging.getLogger("careway.http"), Calls()
    level = log.level
    log.addHandler(calls)
    log.setLevel(logging.INFO)
    yield calls
    log.setLevel(level)
    log.removeHandler(calls)


def narrowed(document: dict[str, Any], places: Places) -> dict[str, Any]:
    """Return the document with what is there in the place of any text, or nothing would ever be found."""
    for calls in document["paths"].values():
        for call in calls.values():
            for parameter in call.get("parameters", ()):
                schema = parameter["schema"]
                free = schema.get("type") == "string" and schema.keys() <= {"type", "title"}
                if parameter["in"] == "path" and free:
                    schema["enum"] = [places.get(parameter["name"], "none"), NOWHERE]
    return document


@pytest.fixture
def api(web: Web, enrolled: Places, calls: Calls, request: pytest.FixtureRequest) -> Iterator[BaseSchema]:
    request.node._nodeid = request.node.nodeid  # which Schemathesis 4.32 reads, and pytest 9.2 keeps no more
    app = web.client.app
    assert isinstance(app, FastAPI)
    made = listening(web) | {"token": token_of(web, "viewer"), "upload": sent_file(web)}
    app.openapi_schema = narrowed(app.openapi(), {**enrolled, **made, **NAMED})
    config = SchemathesisConfig()
    config.projects.default.checks.positive_data_acceptance.expected_statuses += BROKEN_RULES
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)

    @schema.auth()
    class Shown:
        """Somebody who may make the call."""

        def get(self, case: Case[Any], context: Any) -> str | None:
            rule = RULES.get(f"{case.method} {case.operation.path}")
            return None if rule is None else web.secrets[next(role for role in ACTING if role in rule.roles)]

        def set(self, case: Case[Any], data: str | None, context: Any) -> None:
            if data is not None:
                case.headers["Authorization"] = f"Bearer {data}"

    yield schema
    print(f"{calls.made} calls")  # noqa: T201 - the figure that is asked for, with `-s`
    assert calls.made >= REQUESTS or not PROVING


document = schemathesis.pytest.from_fixture("api")


@pytest.mark.prove  # on SQLite as well, or nothing would be counted where there is no PostgreSQL
@document.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_the_document_tells_of(case: Case[Any]) -> None:
    case.call_and_validate()


def test_without_a_credential_only_the_public_calls_answer(web: Web) -> None:
    paths = web.get("/openapi.json", role=None).json()["paths"]
    for path, calls in paths.items():
        for method, call in calls.items():
            name = f"{method.upper()} {path}"
            assert (call["security"] == []) == (name in PUBLIC) == (name not in RULES), name
            if name in RULES:
                assert web.call(method, path, role=None).status_code == 401, name

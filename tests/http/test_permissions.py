"""Every role on every call, at its own site and another: the cases come from the table the server reads."""

from typing import Any

import pytest
from fastapi.routing import APIRoute
from httpx2 import Response

from api.http.app import ROUTERS
from api.http.examples import EXAMPLES
from api.http.permissions import PUBLIC, RULES
from engine.core.people import Role
from tests.http.conftest import Web, problem

CALLS = {
    f"{method} {route.path}": route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
}

BODIES: dict[str, Any] = {
    "POST /v1/patients": {},
    "POST /v1/patients/search": {"system": "urn:oid:1.2.3", "value": "7"},
    "POST /v1/patients/{patient}/events": EXAMPLES["obs"],
    "POST /v1/events/batch": {"events": [EXAMPLES["obs"]]},
}
"""What makes each call that takes a body a good one."""

PLACES = {"pathway": "pm-ild", "version": "1", "number": "1"}


def made(web: Web, call: str, patient: str, role: str | None) -> Response:
    """Make a good call about a patient."""
    method, _, path = call.partition(" ")
    body = BODIES.get(call)
    if call == "POST /v1/events/batch":
        body = {"events": [EXAMPLES["obs"] | {"patient": patient}]}
    more = {} if body is None else {"json": body}
    return web.call(method, path.format(patient=patient, **PLACES), role=role, **more)


@pytest.fixture
def enrolled(web: Web) -> str:
    """A patient of the site main with a first step on the pathway."""
    patient = web.patient()
    for message in (EXAMPLES["enrol"], EXAMPLES["admin"]):
        sent = web.send(patient, message, headers={"If-Match": "*"})
        assert sent.status_code == 201, sent.text
    return patient


def test_every_call_has_one_rule_or_is_public() -> None:
    assert CALLS.keys() == (RULES.keys() | PUBLIC) - {"GET /openapi.json"}
    assert not RULES.keys() & PUBLIC


def refused(answer: Response, status: int, code: str) -> bool:
    return (answer.status_code, answer.json().get("code")) == (status, code)


def test_each_role_may_make_its_calls_and_no_others(web: Web, enrolled: str) -> None:
    deviations = []
    for call, rule in RULES.items():
        for role in Role:
            answer = made(web, call, enrolled, role.value)
            good = answer.status_code in (200, 201)
            if not (good if role in rule.roles else refused(answer, 403, "role-forbidden")):
                deviations.append(f"{role} {call}: {answer.status_code} {answer.text[:200]}")

    assert deviations == []


def test_without_a_credential_only_the_public_list_answers(web: Web, enrolled: str) -> None:
    for call in RULES:
        problem(made(web, call, enrolled, None), 401, "credential-needed")
        problem(made(web, call, enrolled, "cw_unknown"), 401, "credential-needed")
    for call in sorted(PUBLIC):
        assert made(web, call, enrolled, None).status_code == 200


def test_a_patient_of_another_site_is_not_there(web: Web, enrolled: str) -> None:
    for call, rule in RULES.items():
        answer = made(web, call, enrolled, "elsewhere")
        if Role.CLINICIAN not in rule.roles:
            problem(answer, 403, "role-forbidden")
        elif "{patient}" in call:
            assert "no patient" in problem(answer, 404, "not-found")["detail"]
        elif call == "POST /v1/events/batch":
            assert [item["status"] for item in answer.json()["items"]] == [404]
        else:
            assert enrolled not in answer.text

    assert web.stored(enrolled) == ["e1", "a1"]

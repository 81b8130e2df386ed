"""What holds for every call alike: cursors that nobody was given, and parameters a call does not have."""

from base64 import urlsafe_b64encode
from itertools import product
from typing import Any

import pytest
from httpx2 import Response

from api.http.parameters import asked_by
from api.http.permissions import PUBLIC, RULES
from engine.core.worklists import LISTS
from tests.http.conftest import Web, problem
from tests.http.test_permissions import (
    CALLS,
    PLACES,
    Places,
    body_of,
    enrolled,
    listening,
    sent_file,
    there_for,
)

__all__ = ["enrolled"]

ACTING = ("clinical_lead", "clinician", "admin", "coordinator", "integrator", "viewer", "author")
"""Roles, in the order in which one that may make a call is looked for."""
PAGED = [call for call, route in CALLS.items() if "cursor" in asked_by(route.dependant)]
STRICT = [call for call in RULES if call.partition(" ")[2].startswith("/v1/")]

CURSORS = {
    "larger than any number of a database": b"9" * 20,
    "longer than any number that is read": b"9" * 5000,
    "two such numbers": b"9" * 20 + b" " + b"9" * 5000,
    "what no database keeps": b"\0",
    "a line": b"1\n",
    "before all time": b"0001-01-01T00:00:00+23:59 x",
    "after all time": b"9999-12-31T23:59:59-23:59 x",
    "what no database keeps, after an instant": b"2024-01-01T00:00:00+00:00 \0",
    "a place before all time": b'["0001-01-01T00:00:00+23:59", 0, "", "", "", ""]',
    "a place that nests": b"[" * 9000,
}
NEVER = ("what no database keeps", "a line", "what no database keeps, after an instant")
"""Of these, what can be no cursor of any call."""


def asked(web: Web, call: str, places: Places, **more: Any) -> Response:
    """Make a call in a role that may make it, about what is there."""
    method, _, path = call.partition(" ")
    role = next((role for role in ACTING if call in RULES and role in RULES[call].roles), None)
    return web.call(method, path.format(**places), role=role, **more)


@pytest.fixture
def places(web: Web, enrolled: Places) -> Places:
    """What stands for the braces of any path."""
    some = {"upload": sent_file(web), "worklist": "overdue", "token": "none", "calendar": "none"}
    return {**PLACES, **enrolled, **listening(web), **some}


def test_a_cursor_that_nobody_was_given_is_refused_or_finds_nothing(web: Web, places: Places) -> None:
    assert len(PAGED) > 10
    deviations = []
    for call, (what, cursor) in product(PAGED, CURSORS.items()):
        for worklist in LISTS if "{worklist}" in call else ("",):
            there = {**places, "worklist": worklist}
            answer = asked(web, call, there, params={"cursor": urlsafe_b64encode(cursor).decode()})
            code = "parameter-unreadable" if answer.status_code == 400 else None
            if answer.headers["content-type"] == "application/problem+json":
                code = answer.json()["code"]
            refused = (answer.status_code, code) == (400, "parameter-unreadable")
            if not refused and (answer.status_code != 200 or what in NEVER):
                deviations.append(f"{call}, {what}: {answer.status_code} {answer.text[:200]}")
    assert not deviations, "\n".join(deviations)


def test_a_parameter_a_call_does_not_have_is_refused_and_those_it_has_are_named(
    web: Web, places: Places
) -> None:
    """A filter that was misspelt would show everything, and a trial that was would be none."""
    assert len(STRICT) > 50
    for call in STRICT:
        found = problem(asked(web, call, places, params={"onwer": "me"}), 400, "parameter-unreadable")
        assert "`onwer`" in found["detail"], call
        for name in asked_by(CALLS[call].dependant):
            assert f"`{name}`" in found["detail"], call


def test_what_a_get_shows_is_changed_only_as_it_was_seen_if_the_caller_says_so(
    web: Web, places: Places
) -> None:
    document = web.get("/openapi.json", role=None).json()["paths"]
    changing = [
        call
        for call, (method, _, path) in ((call, call.partition(" ")) for call in RULES)
        if method in ("PUT", "PATCH", "DELETE") and path.startswith("/v1/") and f"GET {path}" in RULES
    ]
    assert len(changing) > 10
    for call in changing:
        method, _, path = call.partition(" ")
        described = document[path][method.lower()]
        assert "If-Match" in {parameter["name"] for parameter in described["parameters"]}, call
        assert "412" in described["responses"], call
        if path.endswith("/care-team"):
            continue  # which belongs to a patient, and has its revision
        role = next(role for role in ACTING if role in RULES[call].roles)
        there = there_for(web, call, places, role)
        here, body = path.format(**there), body_of(call, there)
        more: dict[str, Any] = {"role": role} | ({} if body is None else {"json": body})
        problem(web.call(method, here, headers={"If-Match": "mine"}, **more), 400, "precondition-unreadable")
        old = web.get(here, role=role).headers["etag"]
        other = f'"{"0" * 16}"'
        stale = web.call(method, here, headers={"If-Match": other}, **more)
        problem(stale, 412, "changed-meanwhile")
        assert old.startswith(stale.headers["etag"][:-1]), call
        assert web.get(here, role=role).headers["etag"] == old, call  # nothing was done
        changed = web.call(method, here, headers={"If-Match": old}, **more)
        assert changed.status_code in (200, 204), f"{call}: {changed.text}"
        if changed.status_code == 200:
            now = web.get(here, role=role).headers["etag"]
            assert now.startswith(changed.headers["etag"][:-1]), call
            problem(web.call(method, here, headers={"If-Match": old}, **more), 412, "changed-meanwhile")


def test_what_others_call_without_a_credential_may_say_more(web: Web) -> None:
    """A calendar or a balancer adds what it likes."""
    assert "GET /v1/calendar/{token}.ics" in PUBLIC
    problem(web.get("/v1/calendar/none.ics?nocache=1", role=None), 404, "calendar-unknown")
    assert web.get("/livez?probe=1", role=None).status_code == 200

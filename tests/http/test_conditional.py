"""Conditional GET on every call, and ETags by which both a content and a revision are known."""

from hashlib import sha256

import pytest
from fastapi.routing import APIRoute

from api.http.permissions import PUBLIC, RULES
from api.web.routes import PAGES as WEB
from tests.http.conftest import Web
from tests.http.test_permissions import PLACES, Places, enrolled, listening, sent_file, there_for

__all__ = ["enrolled"]

READS = sorted(call.partition(" ")[2] for call in RULES.keys() | PUBLIC if call.startswith("GET "))
PAGES = {route.path for pages in WEB for route in pages.router.routes if isinstance(route, APIRoute)}
"""What needs a browser, which is told to keep nothing, so it never asks whether it has it."""
PAGES |= {"/v1/calendar/{token}.ics"}  # which has an address of its own, and its own test
STREAMED = ("/v1/patients/{patient}/export", "/v1/exports/site", "/v1/exports/event-log")
"""What is not sent in one piece."""


def test_who_has_an_answer_is_told_so_and_nothing_more(web: Web, enrolled: Places) -> None:
    places = {**PLACES, **enrolled, **listening(web), "worklist": "overdue"}
    places["upload"] = sent_file(web)
    for path in READS:
        if path in PAGES or path in STREAMED:
            continue
        role = next(role for role in ("clinical_lead", "admin") if path_allows(path, role))
        channel = "{channel}" in path
        here = path.format(**(there_for(web, f"GET {path}", enrolled, role) if channel else places))
        first = web.get(here, role=role)
        assert first.status_code == 200, f"{path}: {first.text}"
        tag = first.headers["etag"]
        again = web.get(here, role=role, headers={"If-None-Match": f'"other", W/{tag}'})
        if path in ("/metrics", f"{'/v1/patients/{patient}'}/audit", "/v1/tokens"):  # a look changes them
            continue
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), path
        assert "content-type" not in again.headers
        assert web.get(here, role=role, headers={"If-None-Match": '"other"'}).content == first.content


def path_allows(path: str, role: str) -> bool:
    rule = RULES.get(f"GET {path}")
    return rule is None or role in rule.roles


def test_what_changes_without_a_revision_changes_the_tag_all_the_same(web: Web, enrolled: Places) -> None:
    patient = enrolled["patient"]
    path = f"/v1/patients/{patient}/pathways/pm-ild/next-actions"
    team = {"responsible_clinician": enrolled["dean"], "coordinator": enrolled["cora"]}
    team |= {"backup_clinician": None, "clinical_lead": None}  # type: ignore[dict-item]
    assert (
        web.call("PUT", f"/v1/patients/{patient}/care-team", json=team, headers={"If-Match": "*"}).status_code
        == 200
    )
    before = web.get(path)
    day = {"first": "2024-01-20", "last": "2024-01-20", "cover": enrolled["dora"]}
    assert web.post(f"/v1/people/{enrolled['dean']}/absences", role="admin", json=day).status_code == 201

    after = web.get(path, headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.content != before.content
    revision = before.headers["etag"].partition("-")[0]
    assert after.headers["etag"].startswith(revision)
    assert web.get(path, headers={"If-None-Match": before.headers["etag"]}).status_code == 200


@pytest.mark.parametrize("what", ["", "/pathways/pm-ild", "/pathways/pm-ild/next-actions", "/care-team"])
def test_any_tag_of_a_patient_can_be_rested_on(web: Web, enrolled: Places, what: str) -> None:
    path = f"/v1/patients/{enrolled['patient']}"
    tag = web.get(path + what).headers["etag"]
    body = {"id": "d1", "type": "admin", "effective": "2024-01-20", "op": "resume", "reason": "is back"}
    assert web.send(enrolled["patient"], body, headers={"If-Match": tag}).status_code == 201
    again = {**body, "id": "d2", "op": "pause"}
    assert web.send(enrolled["patient"], again, headers={"If-Match": tag}).status_code == 412


def test_a_file_of_many_pieces_is_known_by_all_of_it_and_sent_whole_or_not_at_all(web: Web) -> None:
    path = "/static/swagger/swagger-ui-bundle.js"
    whole = web.get(path, role=None)
    assert len(whole.content) > 1 << 16
    begins = f'"{sha256(whole.content[: 1 << 16]).hexdigest()[:16]}"'
    assert begins.strip('"') not in whole.headers["etag"]
    again = web.get(path, role=None, headers={"If-None-Match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert web.get(path, role=None, headers={"If-None-Match": '"other"'}).content == whole.content

"""Whoever sees a patient is noted, once a call, before the answer leaves; what they saw is not."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import pytest

from api.http.examples import DAY, EXAMPLES
from api.http.permissions import RULES, Rule
from engine.core.canonical import dump
from engine.core.kept import AuditEntry, AuditLink
from engine.core.people import Role, Scope
from engine.core.sealing import broken_at
from engine.errors import StoreUnavailable
from engine.services.sealing import seal
from tests.http.conftest import Web, problem
from tests.http.test_permissions import Places, made
from tests.http.test_permissions import enrolled as enrolled  # noqa: PLC0414 - a fixture
from tests.laws.world import told
from tests.services.auditing import Seals
from tests.services.test_orders import accepted

SITE = "site:main"
WRITES = ("POST /v1/patients", "POST /v1/patients/{patient}/events", "POST /v1/events/batch")


def about_patients(call: str, rule: Rule) -> bool:
    """Whether a call shows patients or records about them, so that it leaves something."""
    shows = rule.scope is Scope.READ and not rule.elsewhere
    return shows or call in WRITES or call.endswith("{patient}/audit")


def chain(web: Web, name: str) -> tuple[AuditLink, ...]:
    with web.application.store.reading() as uow:
        return uow.audit.chain(name)


def everything(web: Web) -> list[AuditLink]:
    with web.application.store.reading() as uow:
        return list(uow.audit.links(limit=100_000))


def left(web: Web, before: Sequence[AuditLink]) -> list[AuditLink]:
    known = {(link.chain, link.number) for link in before}
    return [link for link in everything(web) if (link.chain, link.number) not in known]


def test_every_call_about_patients_leaves_exactly_one_entry(web: Web, enrolled: Places) -> None:
    deviations, patient = [], enrolled["patient"]
    for call, rule in ((c, r) for c, r in RULES.items() if about_patients(c, r)):
        for role in sorted(rule.roles):
            before = everything(web)
            answer = made(web, call, enrolled, role)
            assert answer.status_code in (200, 201, 303), answer.text
            entries = left(web, before)
            if len(entries) != 1:
                deviations.append((call, role, entries))
            for link in entries:
                assert link.entry.author.role == role
                if "{patient}" in call:
                    assert link.chain == patient
                if rule.scope is Scope.READ:
                    assert (link.entry.act, link.entry.body["call"]) == ("read", call)
    assert deviations == []
    assert broken_at(chain(web, patient)) is None


def test_a_list_is_noted_at_the_site_with_the_ids_that_were_shown(web: Web) -> None:
    shown = [web.patient() for _ in range(3)]
    web.get("/v1/patients?limit=2")
    web.post("/v1/patients/search", json={"system": "urn:x", "value": "nobody"})

    listed, searched = chain(web, SITE)
    assert listed.entry.body == {"call": "GET /v1/patients", "patients": tuple(shown[:2])}
    assert searched.entry.body == {"call": "POST /v1/patients/search", "patients": ()}


def test_asking_about_another_time_is_noted_and_so_is_an_answer_that_was_known(
    web: Web, enrolled: Places
) -> None:
    path = f"/v1/patients/{enrolled['patient']}/pathways/pm-ild"
    then = f"{path}?as_of={DAY}&known_at=2024-01-20T09:30:00Z"
    tag = web.get(then).headers["etag"]
    assert web.get(then, headers={"If-None-Match": tag}).status_code == 304
    assert web.get(f"{path}?as_of={DAY}").status_code == 200

    first, known, second = chain(web, enrolled["patient"])[-3:]
    assert known.entry.body == first.entry.body
    call = "GET /v1/patients/{patient}/pathways/{pathway}"
    assert first.entry.body == {
        "call": call, "pathway": "pm-ild", "as_of": DAY, "known_at": "2024-01-20T09:30:00Z",
    }  # fmt: skip
    assert second.entry.body == {"call": call, "pathway": "pm-ild", "as_of": DAY}


def test_who_is_kept_from_a_patient_is_noted_with_that_patient(web: Web, enrolled: Places) -> None:
    refusals = []
    for call, rule in RULES.items():
        if "{patient}" in call and not rule.elsewhere:
            made(web, call, enrolled, "elsewhere")
            made(web, call, enrolled, "author")
            code = "not-found" if Role.CLINICIAN in rule.roles else "role-forbidden"
            refusals += [(call, "clinician", code), (call, "author", "role-forbidden")]
    made(web, "POST /v1/events/batch", enrolled, "elsewhere")
    refusals.append(("POST /v1/events/batch", "clinician", "not-found"))

    noted = [link.entry for link in chain(web, enrolled["patient"]) if link.entry.act == "refused"]
    assert [(e.body["call"], e.author.role, e.body["code"]) for e in noted] == refusals


def test_an_old_revision_and_a_thing_that_is_not_there_are_noted_without_what_was_asked(
    web: Web, enrolled: Places
) -> None:
    problem(web.get(f"/v1/patients/{enrolled['patient']}/pathways/Smith"), 404, "not-found")
    decision = {**EXAMPLES["admin"], "id": "a2", "op": "resume"}
    web.send(enrolled["patient"], decision, headers={"If-Match": '"1"'})

    noted = [link.entry.body for link in chain(web, enrolled["patient"]) if link.entry.act == "refused"]
    assert [body["code"] for body in noted] == ["not-found", "revision-stale"]
    assert "Smith" not in dump(noted)


def test_nobody_who_was_not_recognised_and_no_patient_who_is_not_there_is_noted(
    web: Web, enrolled: Places
) -> None:
    before = everything(web)
    problem(web.get(f"/v1/patients/{enrolled['patient']}", role="cw_unknown"), 401, "credential-needed")
    problem(web.get("/v1/patients/nobody"), 404, "not-found")
    assert left(web, before) == []


def test_no_answer_leaves_when_it_cannot_be_noted(
    web: Web, enrolled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        def submit(self, command: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(StoreUnavailable())
            return future

    monkeypatch.setitem(web.application.__dict__, "writer", Failing())

    problem(web.get(f"/v1/patients/{enrolled['patient']}"), 503, "store-unavailable")
    problem(web.get("/v1/patients"), 503, "store-unavailable")


def test_the_audit_of_a_patient_is_shown_in_pages_to_those_in_charge(web: Web, enrolled: Places) -> None:
    web.get(f"/v1/patients/{enrolled['patient']}", role="viewer")
    found, path = [], f"/v1/patients/{enrolled['patient']}/audit?limit=2"
    while path:
        page = web.get(path, role="clinical_lead")
        found += page.json()["items"]
        path = page.links.get("next", {}).get("url", "")

    acts = [(item["number"], item["act"], item["role"]) for item in found]
    assert acts[:9] == [
        (1, "register patient", "clinician"),
        (2, "record", "clinician"),
        (3, "record", "clinician"),
        (4, "read", "clinician"),
        (5, "read", "clinician"),
        (6, "read", "clinician"),
        (7, "open channel", "clinician"),
        (8, "read", "viewer"),
        (9, "read", "clinical_lead"),
    ]
    assert found[7]["body"] == {"call": "GET /v1/patients/{patient}"}
    assert {item["label"] for item in found} == {""}
    assert all(item["credential"] for item in found)
    problem(
        web.get(f"/v1/patients/{enrolled['patient']}/audit?cursor=eA==", role="admin"),
        400,
        "parameter-unreadable",
    )


def test_the_seals_are_shown_newest_first_without_whom_they_cover(web: Web) -> None:
    patients = [web.patient() for _ in range(3)]
    for patient in patients:
        web.get(f"/v1/patients/{patient}")
        with web.application.store.writing() as uow:
            seal(uow, Seals(), web.clock.now())
            uow.commit()
    first = web.get("/v1/audit/seals?limit=2", role="admin")
    second = web.get(first.links["next"]["url"], role="admin")

    numbers = [item["number"] for page in (first, second) for item in page.json()["items"]]
    assert numbers == [3, 2, 1]
    assert "next" not in second.links
    assert not any(patient in first.text for patient in patients)


def values_of(message: Any) -> set[str]:
    """Every value of a patient in a message: what is not an id, a type or a name of a field."""
    if isinstance(message, dict):
        skipped = ("id", "type", "target", "source", "pathway")
        return {v for name, part in message.items() if name not in skipped for v in values_of(part)}
    if isinstance(message, list):
        return {value for part in message for value in values_of(part)}
    return {str(message)}


@pytest.mark.parametrize("story", ["V06"])
def test_no_value_of_a_patient_is_in_the_audit_of_a_whole_journey(
    web: Web, enrolled: Places, story: str
) -> None:
    case, hospital = told()[story], {"system": "urn:hospital", "value": "Smith-4711"}
    patient = web.patient(json={"identifiers": [hospital]})
    values = {"Smith-4711"}
    for message in accepted(case).values():
        web.clock.to(message["recorded"])
        body = {
            k: str(v) if k == "effective" else v for k, v in message.items() if k not in ("recorded", "role")
        }
        role = message.get("role", "clinician").replace("integration", "integrator")
        assert web.send(patient, body, role=role, headers={"If-Match": "*"}).status_code == 201
        values |= values_of(body)
    for call in RULES:
        for role in Role:
            made(web, call, {**enrolled, "patient": patient}, role)
    web.post("/v1/patients/search", json=hospital)

    bodies = [link.entry for link in everything(web)]
    words = {word for entry in bodies for word in texts(entry)}
    days = {str(message["effective"]) for message in accepted(case).values()}
    assert words & (values - days) - {"clinician"} == set()
    long = [value for value in values - days if len(value) > 4]
    assert [(value, entry.body) for entry in bodies for value in long if value in dump(entry.body)] == []


def texts(entry: AuditEntry) -> set[str]:
    """Every leaf of a body, as text."""

    def leaves(part: Any) -> set[str]:
        if isinstance(part, dict):
            return {text for each in part.values() for text in leaves(each)}
        if isinstance(part, list | tuple):
            return {text for each in part for text in leaves(each)}
        return {part} if isinstance(part, str) else set()

    return leaves(dict(entry.body))

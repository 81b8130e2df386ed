"""What-if over HTTP: the difference events would make, refused as they would be; only the look is noted."""

from datetime import date
from typing import Any

import pytest
from httpx2 import Response

from api.http.permissions import READERS, RULES
from engine.core.people import Role
from engine.store.database import Database
from tests.http.conftest import Web, problem
from tests.http.test_trail import chain
from tests.http.test_trust import event, fvc
from tests.http.test_trust import patient as patient  # noqa: PLC0414 - a fixture
from tests.stores.contents import contents

CALL = "POST /v1/patients/{patient}/pathways/{pathway}/what-if"


def suppose(web: Web, patient: str, *events: Any, query: str = "", **more: Any) -> Response:
    path = f"/v1/patients/{patient}/pathways/pm-ild/what-if{query}"
    return web.post(path, json={"events": list(events)}, **more)


def standing(web: Web, patient: str) -> tuple[Any, ...]:
    found = web.get(f"/v1/patients/{patient}/pathways/pm-ild").json()
    return found["state"], found["substate"], found["since"], found["tier"]


FALLEN = fvc("f2", "2026-03-01", "2.40")


def test_an_fvc_that_would_move_the_patient_and_then_does(web: Web, patient: str) -> None:
    answer = suppose(web, patient, FALLEN)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["sentence"] == (
        "As of 2026-03-01: monitoring on treatment; with this event: escalation after progression."
    )
    assert found["events"] == [
        {"id": "f2", "says": "FVC 2.4 L", "effective": "2026-03-01", "result": "accepted"}
    ]
    difference = found["difference"]
    (step,) = difference["brought"]
    assert (step["transition"], step["date"]) == ("T08", "2026-03-01")
    assert "f2" in str(step["reasons"])
    assert {a["change"] for a in difference["actions"]} >= {"new"}
    assert all(a["reasons"] for a in difference["actions"])
    assert difference["reminders"]
    assert standing(web, patient)[0] == "monitor", "nothing happened yet"

    recorded = web.send(patient, FALLEN, headers={"If-Match": answer.headers["etag"]})
    assert recorded.status_code == 201, recorded.text
    after = difference["after"]
    assert standing(web, patient) == (after["state"], after["substate"], after["since"], after["tier"])
    effect = recorded.json()["pathways"][0]
    opened = {a["id"] for a in difference["actions"] if a["change"] == "new"}
    assert opened == set(effect["opened"])
    again = suppose(web, patient, FALLEN).json()
    assert (again["events"][0]["result"], again["difference"]["same"]) == ("duplicate", True)


def test_nothing_but_the_look_is_written(web: Web, patient: str, database: Database) -> None:
    standing(web, patient)
    before = contents(database, locks=False)  # the note holds on to whose token it names
    assert suppose(web, patient, FALLEN, query="?as_of=2026-06-01").status_code == 200
    after = contents(database, locks=False)

    assert {name for name in after if after[name] != before[name]} <= {"audit", "unsealed"}
    assert after["audit"].rows == before["audit"].rows + 1
    noted = chain(web, patient)[-1].entry
    assert (noted.act, noted.body) == ("read", {"call": CALL, "pathway": "pm-ild", "as_of": "2026-06-01"})


def test_another_day_is_asked_about_by_as_of(web: Web, patient: str) -> None:
    answer = suppose(web, patient, FALLEN, query="?as_of=2026-02-28")
    assert answer.json()["difference"]["same"]
    assert answer.headers["etag"] == '"4-2026-02-28"'
    problem(suppose(web, patient, FALLEN, query="?as_of=soon"), 400, "parameter-unreadable")
    problem(suppose(web, patient, FALLEN, query="?known_at=2026-02-28"), 400, "parameter-unreadable")


BAD = (
    event("b1", "obs", "2026-03-01", obs=[{"item": "fvc_l", "value": 2.4}, {"item": "spo3", "value": 1}]),
    event("b2", "med", "2027-03-01", drug="mmf", op="begin"),
    event("f1", "med", "2026-03-01", drug="tac", op="start"),
    event("b3", "retract", "2026-03-01", target="nothing"),
    event("b4", "enrol", "2026-03-01", pathway="other"),
    event("b5", "cond", "2026-03-01", pathway="pm-ild", code="severe_infection", status="active"),
    "not an event",
)


def test_every_problem_of_every_event_is_told_as_recording_tells_it(
    web: Web, patient: str, database: Database
) -> None:
    before = contents(database)
    told = problem(suppose(web, patient, FALLEN, *BAD), 422, "message-refused")["errors"]
    assert contents(database) == before
    assert [(e["pointer"], e["code"]) for e in told] == [
        ("/events/1/obs/0/unit", "missing-unit"),
        ("/events/1/obs/1/item", "unknown-item"),
        ("/events/2/effective", "future-date"),
        ("/events/2/op", "bad-field"),
        ("/events/3/id", "event-id-reused"),
        ("/events/4/target", "unknown-target"),
        ("/events/5/pathway", "unknown-pathway"),
        ("/events/6/pathway", "unexpected-pathway"),
        ("/events/7", "not-an-object"),
    ]
    recording = web.post(f"/v1/patients/{patient}/events", json={"events": [FALLEN, *BAD]})
    assert problem(recording, 422, "message-refused")["errors"] == told


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/events"),
        ({"events": []}, "/events"),
        ({"events": [FALLEN] * 51}, "/events"),
        ({"events": FALLEN}, "/events"),
        ({"events": [FALLEN], "commit": True}, "/commit"),
        (FALLEN, "/id"),
        ([FALLEN], ""),
    ],
)
def test_a_body_holds_1_to_50_events_and_nothing_else(
    web: Web, patient: str, body: Any, pointer: str
) -> None:
    path = f"/v1/patients/{patient}/pathways/pm-ild/what-if"
    errors = problem(web.post(path, json=body), 422, "message-refused")["errors"]
    assert errors[0]["pointer"] == pointer


def test_a_body_too_large_or_unreadable_is_refused_as_elsewhere(web: Web, patient: str) -> None:
    path = f"/v1/patients/{patient}/pathways/pm-ild/what-if"
    json = {"Content-Type": "application/json"}
    problem(web.post(path, content=b'{"events": [' + b" " * 1024 * 1024, headers=json), 413, "body-too-large")
    problem(web.post(path, content=b"{", headers=json), 400, "body-unreadable")


def test_what_a_role_may_not_record_it_may_not_suppose(web: Web, patient: str) -> None:
    assert READERS - RULES[CALL].roles == {Role.VIEWER}
    decision = event("d1", "decision", "2026-03-01", action="edu.gc", decision="accept")
    for asked in (suppose, lambda *given, **more: web.send(*given[1:], headers={"If-Match": "*"}, **more)):
        refusal = problem(asked(web, patient, decision, role="coordinator"), 422, "message-refused")
        assert [e["code"] for e in refusal["errors"]] == ["clinician-needed"]
    assert suppose(web, patient, decision).status_code == 200, "nothing is decided, so no If-Match is needed"
    problem(suppose(web, patient, FALLEN, role="viewer"), 403, "role-forbidden")
    problem(suppose(web, patient, FALLEN, role="elsewhere"), 404, "not-found")


def test_who_broke_the_glass_may_look_and_not_suppose(web: Web, patient: str) -> None:
    web.people("south", " elsewhere")
    reason = {"reason": "Seen in our emergency department tonight."}
    by = "clinician elsewhere"
    assert web.post(f"/v1/patients/{patient}/break-glass", json=reason, role=by).status_code in (200, 201)
    assert web.get(f"/v1/patients/{patient}/pathways/pm-ild", role=by).status_code == 200
    problem(suppose(web, patient, FALLEN, role=by), 404, "not-found")


def test_a_patient_who_is_not_enrolled_is_told_apart_from_one_who_would_be(web: Web) -> None:
    web.clock.to(date(2024, 1, 20))
    made = web.patient()
    weight = event("w", "obs", "2024-01-15", obs=[{"item": "weight", "value": 70, "unit": "kg"}])
    told = problem(suppose(web, made, weight), 404, "not-found")["detail"]
    assert "enrolment of this patient in 'pm-ild'" in told
    enrol = event(
        "e", "enrol", "2024-01-15", iim_dx="PM", ild_confirmed=True, sex="female", birth_date="1970-05-04"
    )
    found = suppose(web, made, enrol, weight).json()
    assert found["difference"]["before"]["state"] is None
    assert found["difference"]["after"]["state"] == "assess"

"""Two clocks over HTTP: late data, what is responsible for a difference, and how to ask about other times."""

from datetime import date
from typing import Any

import pytest

from api.http.examples import EXAMPLES
from tests.http.conftest import Web, problem
from tests.http.test_trail import chain

FIRST, SECOND, LATE, LAST = date(2026, 1, 5), date(2026, 3, 1), date(2026, 4, 2), date(2026, 4, 20)


WORKED_UP = [
    {"item": "fvc_l", "value": 2.84, "unit": "L"},
    {"item": "fvc_pp", "value": 72, "unit": "%"},
    {"item": "dlco_pp", "value": 61, "unit": "%"},
    {"item": "spo2_rest", "value": 96, "unit": "%", "o2_flow": 0},
    {"item": "hrct_change", "value": "baseline"},
    {"item": "clinical_course", "value": "stable"},
]


def event(number: str, kind: str, effective: str, **body: Any) -> dict[str, Any]:
    return {"id": number, "type": kind, "effective": effective, **body}


def fvc(number: str, effective: str, litres: str, **more: Any) -> dict[str, Any]:
    body = {"obs": [{"item": "fvc_l", "value": float(litres), "unit": "L"}]}
    return event(number, "obs", effective, source="lab", **body, **more)


@pytest.fixture
def patient(web: Web) -> str:
    """On mycophenolate since January, monitored; nothing unusual known on 1 March 2026."""
    web.clock.to(FIRST)
    made = web.patient()
    enrol = {**EXAMPLES["enrol"], "effective": "2026-01-05"}
    assert web.send(made, enrol).status_code == 201
    assert web.send(made, event("f1", "obs", "2026-01-05", source="lab", obs=WORKED_UP)).status_code == 201
    assert web.send(made, event("m1", "med", "2026-01-05", drug="mmf", op="start")).status_code == 201
    web.clock.to(SECOND)
    ck = {"obs": [{"item": "ck", "value": 120, "unit": "U/L"}]}
    assert web.send(made, event("c1", "obs", "2026-03-01", source="lab", **ck)).status_code == 201
    return made


def late(web: Web, patient: str) -> str:
    """On 2 April the FVC of 20 February arrives, and a weight of that day, which changes nothing."""
    web.clock.to(LATE)
    assert web.send(patient, fvc("f2", "2026-02-20", "2.40")).status_code == 201
    weight = {"obs": [{"item": "weight", "value": 70, "unit": "kg"}]}
    assert web.send(patient, event("w1", "obs", "2026-02-20", **weight)).status_code == 201
    return f"/v1/patients/{patient}/pathways/pm-ild"


THEN = "as_of=2026-03-01&known_at=2026-03-01"
NOW = "other_as_of=2026-03-01"


def test_the_fvc_of_20_february_that_arrives_on_2_april(web: Web, patient: str) -> None:
    path = late(web, patient)

    assert web.get(f"{path}?{THEN}").json()["state"] == "monitor"
    assert web.get(f"{path}?as_of=2026-03-01").json()["state"] == "escalate"
    found = web.get(f"{path}/compare?{THEN}&{NOW}").json()
    difference = found["difference"]
    assert (difference["before"]["state"], difference["after"]["state"]) == ("monitor", "escalate")
    assert [e["event"]["id"] for e in found["responsible"]] == ["f2"]
    assert found["responsible"][0]["says"] == "FVC 2.4 L"
    assert found["moved_by"] == ["f2"]
    assert (found["between"], found["by_time"]["same"]) == (2, True)
    assert [(m["transition"], m["date"]) for m in difference["brought"]] == [("T08", "2026-02-20")]
    assert found["sentence"] == (
        "As of 2026-03-01, as known on 2026-03-01: monitoring on treatment; as of 2026-03-01: escalation "
        "after progression. What moved the patient: FVC 2.4 L (f2, of 2026-02-20, received 2026-04-02)."
    )


def test_a_later_retraction_supersedes_and_restores_and_the_audit_tells_all_of_it(
    web: Web, patient: str
) -> None:
    path = late(web, patient)
    web.clock.to(LAST)
    retraction = event("r1", "retract", "2026-04-20", source="lab", target="f2")
    assert web.send(patient, retraction).status_code == 201

    assert web.get(path).json()["state"] == "monitor"
    assert web.get(f"{path}?as_of=2026-03-01&known_at=2026-04-10").json()["state"] == "escalate"
    assert "rev.history_changed" in web.actions(patient)
    found = web.get(f"{path}/compare?as_of=2026-04-20&known_at=2026-04-10").json()
    assert [e["event"]["id"] for e in found["responsible"]] == ["r1"]
    assert [(m["transition"], m["to"]) for m in found["difference"]["withdrawn"]] == [
        ("T08", "escalate.standard")
    ]
    # nothing came of it in the end: seen from before and from now, the retracted value is no event at all
    back = web.get(f"{path}/compare?{THEN}&{NOW}").json()
    assert (back["difference"]["same"], back["responsible"]) == (True, [])

    acts = [(link.entry.act, link.entry.body.get("events")) for link in chain(web, patient)]
    recorded = [events for act, events in acts if act == "record"]
    assert recorded == [("e1",), ("f1",), ("m1",), ("c1",), ("f2",), ("w1",), ("r1",)]


def test_what_only_time_changed_is_told_apart(web: Web, patient: str) -> None:
    path = f"/v1/patients/{patient}/pathways/pm-ild"
    found = web.get(f"{path}/compare?as_of=2026-03-01&other_as_of=2027-03-01").json()
    assert found["responsible"] == []
    assert found["difference"] == found["by_time"]
    assert found["sentence"].endswith("Only time has passed.")


def test_comparing_is_noted_with_all_times_asked_about_and_has_the_etag_of_the_patient(
    web: Web, patient: str
) -> None:
    path = late(web, patient)
    answer = web.get(f"{path}/compare?{THEN}&{NOW}")
    assert answer.headers["etag"] == '"6-2026-03-01"'
    assert chain(web, patient)[-1].entry.body == {
        "call": "GET /v1/patients/{patient}/pathways/{pathway}/compare",
        "pathway": "pm-ild",
        "as_of": "2026-03-01",
        "known_at": "2026-03-01",
        "other_as_of": "2026-03-01",
    }


@pytest.mark.parametrize("name", ["as_of", "known_at", "other_as_of", "other_known_at"])
@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "20260301", "2026-W09", "1850-01-01"])
def test_a_malformed_time_is_refused_by_its_name(web: Web, patient: str, name: str, text: str) -> None:
    if text == "1850-01-01" and "known" in name:
        return  # nothing was known then, which is an answer
    path = f"/v1/patients/{patient}/pathways/pm-ild/compare?{name}={text}"
    detail = problem(web.get(path), 400, "parameter-unreadable")["detail"]
    assert detail.startswith(f"`{name}`")


def test_before_the_record_there_is_nothing_and_that_is_no_error(web: Web, patient: str) -> None:
    path = f"/v1/patients/{patient}/pathways/pm-ild"
    for query in ("as_of=2020-01-01", "as_of=2026-03-01&known_at=2020-01-01"):
        found = web.get(f"{path}?{query}").json()
        assert (found["state"], found["open_actions"], found["reviews"]) == (None, [], [])
    found = web.get(f"{path}/compare?as_of=2020-01-01").json()
    assert found["difference"]["before"]["state"] is None
    assert found["moved_by"][0] == "e1"


def test_a_date_in_the_future_is_answered_as_if_nothing_came_and_what_will_be_known_is_not(
    web: Web, patient: str
) -> None:
    path = f"/v1/patients/{patient}/pathways/pm-ild"
    overdue = [r["status"] for r in web.get(f"{path}?as_of=2027-03-01").json()["reviews"]]
    assert "overdue" in overdue
    problem(web.get(f"{path}?as_of=2250-01-01"), 400, "parameter-unreadable")
    for view in ("", "/next-actions", "/reviews", "/why-not", "/timeline", "/compare"):
        for time in ("2026-03-02", "2026-03-01T12:00:01Z"):
            told = problem(web.get(f"{path}{view}?known_at={time}"), 400, "not-yet-known")["detail"]
            assert "today is 2026-03-01" in told
        assert web.get(f"{path}{view}?known_at=2026-03-01").status_code == 200
    problem(web.get(f"{path}/compare?other_known_at=2026-03-02"), 400, "not-yet-known")


def test_two_patients_are_not_compared_and_a_misspelt_parameter_is_not_passed_over(
    web: Web, patient: str
) -> None:
    path = f"/v1/patients/{patient}/pathways/pm-ild"
    told = problem(web.get(f"{path}/compare?other_patient=x"), 400, "parameter-unreadable")["detail"]
    assert told == (
        "This call has no parameter `other_patient`. It asks about the one patient its path names; its "
        "parameters: `as_of`, `known_at`, `other_as_of`, `other_known_at`."
    )
    problem(web.get(f"{path}?asof=2026-03-01"), 400, "parameter-unreadable")
    problem(web.get(f"{path}/transitions/1/why?n=2"), 400, "parameter-unreadable")

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
    assert answer.headers["etag"].startswith('"6-2026-03-01-')
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
        "This call has no parameter `other_patient`. Its "
        "parameters: `as_of`, `known_at`, `other_as_of`, `other_known_at`."
    )
    problem(web.get(f"{path}?asof=2026-03-01"), 400, "parameter-unreadable")
    problem(web.get(f"{path}/transitions/1/why?n=2"), 400, "parameter-unreadable")


# ── the ledger of late and corrected data ───────────────────────────────────────────────────────────


def steps(web: Web, patient: str) -> list[tuple[str, str, bool, str | None, str | None]]:
    """Every step ever recorded: transition, date, whether it holds, by which message it came and ended."""
    items = web.get(f"/v1/patients/{patient}/pathways/pm-ild/transitions").json()["items"]
    return [(s["transition"], s["date"], s["holds"], s["recorded_by"], s["superseded_by"]) for s in items]


def decide(web: Web, patient: str, number: str, day: str, action: str, decision: str = "accept") -> None:
    told = event(number, "decision", day, action=action, decision=decision, reason="seen")
    path = f"/v1/patients/{patient}"
    tag = web.get(path).headers["etag"]
    answer = web.send(patient, told, headers={"If-Match": tag})
    assert answer.status_code == 201, answer.text


def test_a_superseded_step_stays_visible_beside_the_one_that_took_its_place(web: Web, patient: str) -> None:
    """The FVC of 20 February that escalated is corrected to one of 27 February: both steps are listed."""
    path = late(web, patient)
    web.clock.to(LAST)
    body = {"obs": [{"item": "fvc_l", "value": 2.40, "unit": "L"}]}
    correction = event("k1", "correct", "2026-02-27", source="lab", target="f2", **body)
    assert web.send(patient, correction).status_code == 201

    assert [s for s in steps(web, patient) if s[0] == "T08"] == [
        ("T08", "2026-02-20", False, "f2", "k1"),
        ("T08", "2026-02-27", True, "k1", None),
    ]
    listed = web.get(f"{path}/transitions").json()["items"]
    gone = next(s for s in listed if not s["holds"])
    assert (gone["superseded"][:10], gone["recorded"][:10]) == ("2026-04-20", "2026-04-02")
    # what was superseded can still be explained, as it was known then
    assert web.get(f"{path}/transitions/{gone['number']}/why").json()["date"] == "2026-02-20"
    assert next(s for s in listed if s["superseded_by"] is None)["superseded"] is None


def test_a_changed_history_is_one_action_until_decided_and_not_opened_again_before_the_next_change(
    web: Web, patient: str
) -> None:
    path = late(web, patient)

    def opened() -> list[str]:
        found = web.get(f"{path}/next-actions").json()["open_actions"]
        return [a["id"] for a in found if a["id"] == "rev.history_changed"]

    def retract(number: str, target: str, day: date) -> None:
        web.clock.to(day)
        sent = event(number, "retract", str(day), source="lab", target=target)
        assert web.send(patient, sent).status_code == 201

    assert opened() == []  # late data that only added a step changed no history
    retract("r1", "f2", LAST)
    assert opened() == ["rev.history_changed"]
    web.clock.to(date(2026, 4, 21))
    assert web.send(patient, fvc("f3", "2026-02-21", "2.40")).status_code == 201
    retract("r2", "f3", date(2026, 4, 22))
    assert opened() == ["rev.history_changed"]  # a second change before the decision: still one
    decide(web, patient, "d1", "2026-04-22", "rev.history_changed")
    assert opened() == []
    web.clock.to(date(2026, 6, 30))
    assert web.send(patient, event("w2", "obs", "2026-06-30", **CK)).status_code == 201
    assert opened() == []  # neither time nor other data opens it again
    assert web.send(patient, fvc("f4", "2026-06-01", "2.40")).status_code == 201
    retract("r3", "f4", date(2026, 7, 2))
    assert opened() == ["rev.history_changed"]


CK = {"obs": [{"item": "ck", "value": 130, "unit": "U/L"}]}


def test_an_accepted_therapy_that_a_correction_puts_an_end_to_is_told_and_not_cancelled(
    web: Web, patient: str
) -> None:
    """Rituximab was accepted for a worsening that then turns out not to have been one."""
    path = late(web, patient)
    decide(web, patient, "d1", "2026-04-02", "tx.rtx")
    assert "tx.rtx" not in web.actions(patient)  # accepted: the work is under way
    web.clock.to(LAST)
    retraction = event("r1", "retract", "2026-04-20", source="lab", target="f2")
    assert web.send(patient, retraction).status_code == 201

    (change,) = web.get(path).json()["changes"]
    assert (change["received"], change["event_id"]) == ("2026-04-20", "r1")
    assert [(m["transition"], m["from_title"], m["to_title"]) for m in change["withdrawn"]] == [
        ("T08", "Monitoring on treatment", "Escalation after progression")
    ]
    lapsed = {view["id"]: view for view in change["lapsed"]}
    accepted = lapsed["tx.rtx"]
    assert (accepted["decision"], accepted["decided_on"], accepted["event_id"]) == (
        "accept",
        "2026-04-02",
        "d1",
    )
    assert lapsed["tx.cni"]["decision"] is None  # offered, and no longer
    assert {"tx.cyc", "tx.cni", "tx.ivig", "rev.regimen"} <= set(lapsed)
    assert "d1" in web.stored(patient)  # nothing that was decided or begun is taken from the record


def test_a_recurrence_lists_the_earlier_lines_and_their_outcome(web: Web, patient: str) -> None:
    """Mycophenolate, an escalation, tacrolimus, another fall: line 1 stands there with how it ended."""
    path = late(web, patient)
    web.clock.to(LAST)
    begun = event("m2", "med", "2026-04-20", drug="tac", op="start")
    assert web.send(patient, begun).status_code == 201
    assert web.get(path).json()["context"]["line"]["value"] == "2"
    control = event("q1", "cond", "2026-05-20", code="disease_control", status="active")
    fresh = fvc("f5", "2026-05-01", "2.60")
    web.clock.to(date(2026, 5, 21))
    assert web.send(patient, fresh).status_code == 201
    assert web.send(patient, control).status_code == 201
    web.clock.to(date(2026, 8, 1))
    assert web.send(patient, fvc("f6", "2026-08-01", "2.20")).status_code == 201

    found = web.get(path).json()
    assert (found["state"], found["substate"]) == ("recurrent", "early")
    (line,) = found["lines"]
    assert (line["context"]["line"]["value"], line["since"], line["until"]) == (
        "1",
        "2026-01-05",
        "2026-04-20",
    )
    assert line["drugs"] == ["Mycophenolate mofetil"]
    assert [(m["date"], m["to_title"]) for m in line["outcome"]] == [
        ("2026-02-20", "Escalation after progression")
    ]
    assert found["brief"]["says"].startswith(
        "Early recurrence since 2026-08-01, coming from “Monitoring on treatment”: signs of progression: "
    )
    assert [n["value"] for n in found["brief"]["numbers"] if n["item"] == "fvc_l"] == ["2.6", "2.2"]
    assert [d["id"] for d in found["brief"]["disagreements"] if d["id"] == "C7"] == ["C7"]

"""Care teams and owners over HTTP, from next actions to the metric."""

from datetime import date, timedelta
from typing import Any

import pytest

from api.http.action_ids import action_id, action_key
from api.http.examples import DAY, EXAMPLES
from engine.core.ownership import ActionKey
from engine.errors import NotFound
from tests.http.conftest import TODAY, Web, problem

NOBODY: dict[str, str | None] = dict.fromkeys(
    ("coordinator", "responsible_clinician", "backup_clinician", "clinical_lead")
)
ORDER = "ord.pft"


@pytest.fixture
def patient(web: Web) -> str:
    made = web.patient()
    assert web.send(made, EXAMPLES["enrol"]).status_code == 201
    return made


def put(web: Web, patient: str, tag: str | None = "*", **team: str | None) -> Any:
    headers = {} if tag is None else {"If-Match": tag}
    path = f"/v1/patients/{patient}/care-team"
    return web.call("PUT", path, role="coordinator", headers=headers, json={**NOBODY, **team})


def hand(web: Web, action: str, body: Any, tag: str | None = "*") -> Any:
    headers = {} if tag is None else {"If-Match": tag}
    return web.post(f"/v1/actions/{action}/hand-over", headers=headers, json=body)


def test_a_care_team_is_put_as_a_whole_and_shown(web: Web, patient: str) -> None:
    staff = web.staff()
    path = f"/v1/patients/{patient}/care-team"
    assert web.get(path, role="viewer").json() == {"patient": patient, **NOBODY}

    answer = put(web, patient, '"1"', coordinator=staff["cora"], clinical_lead=staff["lea"])
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    shown = answer.json()
    assert shown["coordinator"]["name"] == "Cora"
    assert shown["coordinator"]["acting"] == {"id": staff["cora"], "name": "Cora"}
    assert shown["responsible_clinician"] is None
    assert web.get(path).json() == shown
    assert web.get(path).headers["etag"].startswith('"2-')

    again = put(web, patient, '"1"', coordinator=staff["cora"], clinical_lead=staff["lea"])
    assert (again.status_code, again.headers["etag"]) == (200, '"2"')
    problem(put(web, patient, '"1"', coordinator=staff["cory"]), 412, "revision-stale")
    assert put(web, patient, '"2"').json() == {"patient": patient, **NOBODY}


def test_a_post_shows_who_acts_for_its_holder(web: Web, patient: str) -> None:
    staff = web.staff()
    put(web, patient, coordinator=staff["cora"], responsible_clinician=staff["dora"])
    day = {"first": str(TODAY), "last": str(TODAY)}
    web.post(f"/v1/people/{staff['dora']}/absences", role="admin", json={**day, "cover": staff["dean"]})
    web.call("DELETE", f"/v1/people/{staff['cora']}/roles/coordinator", role="admin")

    shown = web.get(f"/v1/patients/{patient}/care-team").json()
    assert shown["responsible_clinician"]["name"] == "Dora"
    assert shown["responsible_clinician"]["acting"] == {"id": staff["dean"], "name": "Dean"}
    assert (shown["coordinator"]["name"], shown["coordinator"]["acting"]) == ("Cora", None)


def test_a_care_team_that_cannot_be_is_refused(web: Web, patient: str) -> None:
    staff = web.staff()
    problem(put(web, patient, None), 428, "precondition-needed")
    told = problem(put(web, patient, coordinator=staff["dora"], clinical_lead="x"), 422, "message-refused")
    assert [(e["pointer"], e["code"]) for e in told["errors"]] == [
        ("/coordinator", "role-unfit"),
        ("/clinical_lead", "unknown-person"),
    ]
    body = {"coordinator": None, "nurse": None}
    path = f"/v1/patients/{patient}/care-team"
    told = problem(web.call("PUT", path, headers={"If-Match": "*"}, json=body), 422, "message-refused")
    assert {e["pointer"] for e in told["errors"]} == {
        "/responsible_clinician",
        "/backup_clinician",
        "/clinical_lead",
        "/nurse",
    }


def test_next_actions_name_their_owner_and_an_absence_changes_it_for_its_days(web: Web, patient: str) -> None:
    staff = web.staff()
    assert {action["owner"] for action in web.actions(patient).values()} == {None}
    put(web, patient, coordinator=staff["cora"], responsible_clinician=staff["dora"])
    assert web.actions(patient)[ORDER]["owner"] == {
        "id": staff["cora"],
        "name": "Cora",
        "because": "care-team",
    }

    tag = web.get(f"/v1/patients/{patient}").headers["etag"]
    days = {"first": str(TODAY + timedelta(days=1)), "last": str(TODAY + timedelta(days=2))}
    body = {**days, "cover": staff["cory"]}
    web.post(f"/v1/people/{staff['cora']}/absences", role="admin", json=body)
    for later, name in [(0, "Cora"), (1, "Cory"), (2, "Cory"), (3, "Cora")]:
        web.clock.to(TODAY + timedelta(days=later))
        assert web.actions(patient)[ORDER]["owner"]["name"] == name
    assert web.get(f"/v1/patients/{patient}").headers["etag"] == tag


def test_an_action_is_handed_over_with_an_etag(web: Web, patient: str) -> None:
    staff = web.staff()
    put(web, patient, coordinator=staff["cora"])
    action = web.actions(patient)[ORDER]["action_id"]
    body = {"person": staff["dean"], "reason": "knows the patient"}

    problem(hand(web, action, body, None), 428, "precondition-needed")
    problem(hand(web, action, body, '"1"'), 412, "revision-stale")
    answer = hand(web, action, body, '"2"')
    assert (answer.status_code, answer.headers["etag"]) == (200, '"3"')
    owner = {"id": staff["dean"], "name": "Dean", "because": "handed-over"}
    assert answer.json() == {"action_id": action, "patient": patient, "revision": 3, "owner": owner}
    assert web.actions(patient)[ORDER]["owner"] == owner
    assert hand(web, action, body, '"2"').headers["etag"] == '"3"'

    back = hand(web, action, {"person": None, "reason": "done"}, '"3"').json()
    assert (back["owner"]["name"], back["owner"]["because"], back["revision"]) == ("Cora", "care-team", 4)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"person": None}, {"/reason"}),
        ({"person": None, "reason": ""}, {"/reason"}),
        ({"person": 7, "reason": "x", "to": "y"}, {"/person", "/to"}),
        ({"person": "nobody", "reason": "x"}, {"/person"}),
    ],
)
def test_a_hand_over_that_cannot_be_is_refused(
    web: Web, patient: str, body: dict[str, Any], pointers: set[str]
) -> None:
    action = web.actions(patient)[ORDER]["action_id"]
    told = problem(hand(web, action, body), 422, "message-refused")
    assert {error["pointer"] for error in told["errors"]} == pointers
    assert web.get(f"/v1/patients/{patient}").json()["revision"] == 1


def test_only_ids_we_gave_out_name_actions(web: Web, patient: str) -> None:
    key = ActionKey(patient, "pm-ild", ORDER, date.fromisoformat(DAY))
    given = action_id(key)
    assert action_key(given) == key
    assert web.actions(patient)[ORDER]["action_id"] == given
    for other in ("", "x", "é", given + "=", given + "A", given[:-2], action_id(key)[:5], "\udcff"):
        with pytest.raises(NotFound):
            action_key(other)
    body = {"person": None, "reason": "x"}
    problem(hand(web, "nonsense", body), 404, "not-found")
    closed = ActionKey(patient, "pm-ild", ORDER, TODAY)
    problem(hand(web, action_id(closed), body), 404, "not-found")

"""Worklists over HTTP: each says what it should, in order, in pages that hold, to whom it should."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from api.http.examples import DAY, EXAMPLES
from engine.core.channels import EMAIL, Channel
from engine.core.dispatches import Dispatch, key_of
from engine.core.people import Post
from engine.core.worklists import LISTS
from engine.services import worklists
from engine.services.refreshing import refresh_due
from engine.services.worklists import COUNTED, LOOKED_AT
from tests.http.conftest import TODAY, Web, problem
from tests.stores.kit import writing

ANY = {"If-Match": "*"}
LOW = {**EXAMPLES["obs"], "obs": [{"item": "spo2_rest", "value": 84, "unit": "%", "o2_flow": 0}]}


def rows(web: Web, name: str, **more: Any) -> list[dict[str, Any]]:
    """Return a whole worklist, page after page."""
    found, path = [], f"/v1/worklists/{name}"
    while path:
        page = web.get(path, **more)
        assert page.status_code == 200, page.text
        found += page.json()["items"]
        path = page.links.get("next", {}).get("url", "")
    return found


def enrolled(web: Web, *messages: dict[str, Any]) -> str:
    patient = web.patient()
    for message in (EXAMPLES["enrol"], *messages):
        sent = web.send(patient, message, headers=ANY)
        assert sent.status_code == 201, sent.text
    return patient


def team(web: Web, patient: str, **held: str) -> None:
    body = {post: held.get(post) for post in Post}
    assert web.call("PUT", f"/v1/patients/{patient}/care-team", json=body, headers=ANY).status_code == 200


def refreshed(web: Web, days: int) -> None:
    """Let days pass, and the sweep come on."""
    web.clock.to(TODAY + timedelta(days=days))
    app = web.application
    refresh_due(app.store, app.writer, app.recorder)


def shown(web: Web, patient: str) -> dict[str, Any]:
    found: dict[str, Any] = web.get(f"/v1/patients/{patient}/pathways/pm-ild").json()
    return found


def test_urgent_rows_say_why_and_how_to_act(web: Web) -> None:
    calm, pressing = enrolled(web), enrolled(web, LOW)
    found = rows(web, "urgent")
    state = shown(web, pressing)
    open_ = [a for a in state["open_actions"] if a["prio"] in (0, 1)]
    assert {row["subject"] for row in found} == {a["id"] for a in open_} | {
        a["id"] for a in shown(web, calm)["open_actions"] if a["prio"] in (0, 1)
    }
    row = next(row for row in found if row["subject"] == "rf.spo2")
    assert (row["patient"], row["pathway"], row["state"], row["kind"]) == (
        pressing,
        "pm-ild",
        state["state"],
        "action",
    )
    assert row["title"] == next(a["title"] for a in open_ if a["id"] == "rf.spo2")
    assert row["id"] == web.actions(pressing)["rf.spo2"]["action_id"]
    assert {"code": "priority", "value": "0"} in row["urgency"]["reasons"]
    assert [r["value"] for r in row["urgency"]["reasons"] if r["code"] in ("step", "missed")] != []
    headers = {"If-Match": f'"{row["revision"]}"'}
    assert web.post(f"/v1/actions/{row['id']}/acknowledge", json={}, headers=headers).status_code == 200


def test_overdue_is_what_was_due_before_today_the_longest_first(web: Web) -> None:
    patients = [enrolled(web), enrolled(web, LOW)]
    refreshed(web, 60)
    today = str(TODAY + timedelta(days=60))
    wanted = set()
    for patient in patients:
        state = shown(web, patient)
        wanted |= {(patient, "review", r["id"], r["due"]) for r in state["reviews"] if r["due"] < today}
        wanted |= {
            (patient, "action", a["id"], a["due"])
            for a in state["open_actions"]
            if a["due"] is not None and a["due"] < today and a["disposition"] in ("offer", "needs_data")
        }
    found = rows(web, "overdue?limit=3")
    told = [(row["patient"], row["kind"], row["subject"], row["due"]) for row in found]
    assert {kind for _, kind, _, _ in told} == {"action", "review"}
    assert set(told) == wanted
    assert len(told) == len(wanted)
    assert [row["due"] for row in found] == sorted(row["due"] for row in found)
    assert all(row["days_overdue"] >= 1 for row in found)
    assert all(row["urgency"]["reasons"] for row in found)
    assert found == rows(web, "overdue?limit=200")

    paused = {**EXAMPLES["admin"], "effective": today, "reason": "abroad"}
    assert web.send(patients[0], paused, headers=ANY).status_code == 201
    assert {r["patient"] for r in rows(web, "overdue") if r["kind"] == "review"} == {patients[1]}


def test_what_is_due_is_before_what_never_is(web: Web) -> None:
    enrolled(web, LOW)
    due = [row["due"] for row in rows(web, "unowned?limit=4")]
    dated = [day for day in due if day is not None]
    assert due == sorted(dated) + [None] * (len(due) - len(dated))
    assert len(dated) < len(due)


def test_a_row_that_comes_while_one_pages_neither_repeats_nor_hides_another(web: Web) -> None:
    for _ in range(3):
        enrolled(web)
    before = [row["id"] for row in rows(web, "unowned")]
    first = web.get("/v1/worklists/unowned?limit=5")
    enrolled(web, LOW)
    seen, path = first.json()["items"], first.links["next"]["url"]
    while path:
        page = web.get(path)
        seen += page.json()["items"]
        path = page.links.get("next", {}).get("url", "")
    ids = [row["id"] for row in seen]
    assert len(ids) == len(set(ids))
    assert [one for one in ids if one in set(before)] == before


def test_steps_of_the_last_week_the_newest_first_and_each_ending_by_itself(web: Web) -> None:
    patient = enrolled(web, EXAMPLES["override"])
    web.clock.to(TODAY + timedelta(days=1))
    gone = {"id": "r1", "type": "retract", "effective": DAY, "target": EXAMPLES["override"]["id"]}
    assert web.send(patient, gone, headers=ANY).status_code == 201
    steps = web.get(f"/v1/patients/{patient}/pathways/pm-ild/transitions").json()["items"]
    found = rows(web, "moved?limit=1")
    told = [(row["happened"], int(row["id"]), row["to"]) for row in found]
    wanted = [("superseded", s["number"], s["to"]) for s in steps if not s["holds"]]
    assert [one for one in told if one[0] == "superseded"] == wanted != []
    assert {one[1] for one in told if one[0] == "recorded"} == {s["number"] for s in steps}
    assert [row["at"] for row in found] == sorted((row["at"] for row in found), reverse=True)
    web.clock.to(TODAY + timedelta(days=9))
    assert rows(web, "moved") == []


def test_what_waits_for_data_says_for_which_and_how_old_the_newest_is(web: Web) -> None:
    patient = enrolled(web, EXAMPLES["obs"], {**EXAMPLES["override"], "to": "escalate.standard"})
    found = {row["subject"]: row for row in rows(web, "needs-data")}
    open_ = {a["id"]: a for a in shown(web, patient)["open_actions"] if a["disposition"] == "needs_data"}
    assert found.keys() == open_.keys() != set()
    for name, action in open_.items():
        lacks = [(lack["item"], lack["last"]) for lack in found[name]["missing"]]
        assert lacks == [(lack["item"], lack["last"]) for lack in action["missing"]]
        for lack in found[name]["missing"]:
            assert (lack["last"] is None) == (lack["age_days"] is None)


def test_a_reading_in_doubt_is_listed_until_it_is_verified(web: Web) -> None:
    odd = {**EXAMPLES["obs"], "obs": [{"item": "fvc_l", "value": 0.45, "unit": "L"}]}
    patient = enrolled(web, odd)
    (row,) = rows(web, "quarantined")
    assert (row["patient"], row["kind"], row["id"], row["subject"]) == (
        patient,
        "reading",
        odd["id"],
        "fvc_l",
    )
    checked = {"id": "v1", "type": "verify", "effective": DAY, "target": odd["id"]}
    assert web.send(patient, checked, headers=ANY).status_code == 201
    assert rows(web, "quarantined") == []


def test_who_stands_by_an_override_is_listed_with_its_reason_until_a_rule_moves_them(web: Web) -> None:
    patient = enrolled(web, EXAMPLES["override"])
    (row,) = rows(web, "overridden")
    told = (row["patient"], row["kind"], row["id"], row["reason"])
    assert told == (patient, "override", EXAMPLES["override"]["id"], EXAMPLES["override"]["reason"])
    gone = {"id": "r1", "type": "retract", "effective": DAY, "target": EXAMPLES["override"]["id"]}
    assert web.send(patient, gone, headers=ANY).status_code == 201
    assert rows(web, "overridden") == []


def test_a_message_that_was_given_up_is_listed_with_whose_channel_it_was(web: Web) -> None:
    web.people()
    now = web.clock.now()
    with writing(web.application.store) as uow:
        uow.channels.add(Channel("mail", "main", EMAIL, "c@example.org", "", now, person="p-coordinator"))
        lost = Dispatch(
            key_of("mail", "notice/1"), "mail", "notice/1", now, False, gave_up=now, outcome="gone"
        )
        uow.dispatches.add(lost)
    (row,) = rows(web, "undeliverable")
    assert (row["kind"], row["id"], row["channel"], row["patient"]) == ("message", lost.id, "mail", None)
    assert row["owner"] == {"id": "p-coordinator", "name": "Coordinator", "because": "channel"}
    assert row["urgency"]["reasons"] == [{"code": "outcome", "value": "gone"}]


def test_filters_and_owners(web: Web) -> None:
    web.people()
    mine, other = enrolled(web, LOW), enrolled(web)
    everything = rows(web, "unowned")
    assert {row["patient"] for row in everything} == {mine, other}
    team(web, mine, coordinator="p-coordinator", responsible_clinician="p-clinician")
    assert {row["patient"] for row in rows(web, "unowned")} == {other}
    assert {row["patient"] for row in rows(web, "needs-data?owner=nobody")} <= {other}
    for row in rows(web, "urgent?owner=me"):
        assert row["owner"]["id"] == "p-clinician"
    assert rows(web, "urgent?owner=p-clinician&limit=1") == rows(web, "urgent?owner=me") != []
    assert rows(web, "urgent?subject=rf.spo2") == [
        r for r in rows(web, "urgent") if r["subject"] == "rf.spo2"
    ]
    needing = rows(web, "needs-data")
    item = needing[0]["missing"][0]["item"]
    lacking = [r for r in needing if item in [lack["item"] for lack in r["missing"]]]
    assert rows(web, f"needs-data?because={item}") == lacking != []
    assert rows(web, "needs-data?because=fvc") == rows(web, f"urgent?because={item}") == []
    assert rows(web, "unowned?kind=action") == rows(web, "unowned") != rows(web, "unowned?kind=review") == []
    assert rows(web, "urgent?pathway=other") == rows(web, "urgent?state=monitor") == []
    state = shown(web, mine)["state"]
    assert rows(web, f"urgent?state={state}") == rows(web, "urgent?pathway=pm-ild") == rows(web, "urgent")
    problem(web.get("/v1/worklists/urgent?owner=me", role="elsewhere"), 403, "person-needed")
    assert rows(web, "unowned", role="elsewhere") == []


def test_every_list_has_a_count_that_is_its_length(web: Web) -> None:
    enrolled(web, LOW, EXAMPLES["override"])
    found = {row["name"]: row for row in web.get("/v1/worklists").json()["items"]}
    assert tuple(found) == LISTS
    for name in LISTS:
        assert (found[name]["rows"], found[name]["at_least"]) == (len(rows(web, name)), False)
    assert COUNTED < LOOKED_AT


def test_saved_worklists_share_what_is_looked_at_to_count_them_and_ones_own_come_first(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or three hundred of them would have three hundred thousand rows looked at."""
    web.people()
    enrolled(web, LOW)
    shared = {"list": "urgent", "filters": {"subject": "rf.spo2"}, "shared_with": ["clinician"]}
    for role in ("coordinator", "coordinator", "clinician", "clinician"):
        assert web.post("/v1/worklists", role=role, json={"name": role} | shared).status_code == 201

    def counts() -> list[int | None]:
        return [row["rows"] for row in web.get("/v1/worklists").json()["items"] if row["saved"]]

    assert counts() == [1, 1, 1, 1]
    looked = len(rows(web, "urgent"))
    monkeypatch.setattr(worklists, "COUNTED_TOGETHER", 2 * looked)
    assert counts() == [None, None, 1, 1]
    monkeypatch.setattr(worklists, "COUNTED_TOGETHER", 2 * looked + 1)
    assert counts() == [1, None, 1, 1]


def test_saved_worklists_belong_to_who_saved_them_and_to_the_roles_they_are_shared_with(web: Web) -> None:
    web.people()
    enrolled(web, LOW)
    body = {"name": "Low oxygen", "list": "urgent", "filters": {"subject": "rf.spo2"}}
    made = web.post("/v1/worklists", json=body)
    assert made.status_code == 201, made.text
    path = f"/v1/worklists/{made.json()['id']}"
    assert [row["subject"] for row in web.get(path).json()["items"]] == ["rf.spo2"]
    named = [row for row in web.get("/v1/worklists").json()["items"] if row["saved"]]
    assert [(row["name"], row["rows"], row["saved"]["mine"]) for row in named] == [
        (made.json()["id"], 1, True)
    ]

    for role in ("coordinator", "elsewhere"):
        problem(web.get(path, role=role), 404, "not-found")
        assert all(row["saved"] is None for row in web.get("/v1/worklists", role=role).json()["items"])
    shared = {**body, "filters": {"subject": "rf.spo2", "owner": "nobody"}, "shared_with": ["coordinator"]}
    assert web.call("PUT", path, json=shared).json()["shared_with"] == ["coordinator"]
    assert len(web.get(path, role="coordinator").json()["items"]) == 1
    problem(web.call("PUT", path, json=body, role="coordinator"), 404, "not-found")
    problem(web.call("DELETE", path, role="coordinator"), 404, "not-found")
    assert web.call("DELETE", path).status_code == 204
    problem(web.get(path), 404, "not-found")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "", "list": "urgent"}, "/name"),
        ({"name": "x", "list": "late"}, "/list"),
        ({"name": "x", "list": "urgent", "filters": {"colour": "red"}}, "/filters/colour"),
        ({"name": "x", "list": "urgent", "shared_with": ["nurse"]}, "/shared_with/0"),
    ],
)
def test_a_worklist_that_cannot_be_saved_is_refused(web: Web, body: dict[str, Any], pointer: str) -> None:
    told = problem(web.post("/v1/worklists", json=body), 422, "message-refused")
    assert {error["pointer"] for error in told["errors"]} == {pointer}


def test_a_look_is_noted_with_the_patients_it_showed(web: Web) -> None:
    patient = enrolled(web, LOW)
    web.get("/v1/worklists/urgent?limit=1")
    web.get("/v1/worklists")
    with web.application.store.reading() as uow:
        links = uow.audit.chain("site:main")
    assert [link.entry.body["patients"] for link in links] == [(patient,), ()]


CURSORS = (
    '["2024-01-01"]',
    '["x",0,"","","",""]',
    "[1]",
    "{}",
    '["2024-01-01","0","","","",""]',
    "null",
    "[[",
)


def cursors() -> Iterator[str]:
    yield "%C3%BC"
    for text in CURSORS:
        yield urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize("cursor", list(cursors()))
def test_a_cursor_that_is_none_of_ours_is_refused(web: Web, cursor: str) -> None:
    for name in LISTS:
        problem(web.get(f"/v1/worklists/{name}?cursor={cursor}"), 400, "parameter-unreadable")


def test_what_is_asked_for_wrongly_is_refused(web: Web) -> None:
    problem(web.get("/v1/worklists/late"), 404, "not-found")
    problem(web.get("/v1/worklists/urgent?limit=0"), 400, "parameter-unreadable")

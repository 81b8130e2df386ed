"""How people and patients are reached, over HTTP: as they wish, with consent, and nobody else's business."""

from dataclasses import replace
from typing import Any

import pytest

from engine.core.channels import Channel
from engine.core.dispatches import Dispatch, key_of
from engine.core.kept import AuditLink
from tests.http.conftest import TODAY, Web, problem
from tests.stores.kit import writing

MINE = "/v1/me/channels"
MAIL = {"kind": "email", "address": "dora@hospital.example", "label": "work"}
CONSENTED = {**MAIL, "address": "someone@home.example", "consented_on": str(TODAY)}
NIGHT = {"time_zone": "Asia/Tokyo", "quiet_from": "20:00", "quiet_until": "07:30"}


@pytest.fixture(autouse=True)
def people(web: Web) -> None:
    web.people()


def opened(web: Web, path: str = MINE, body: dict[str, Any] = MAIL, **more: Any) -> dict[str, Any]:
    answer = web.post(path, json=body, **more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def kept(web: Web, channel: str) -> Channel:
    with web.application.store.reading() as uow:
        found = uow.channels.get(channel)
    assert found is not None
    return found


def queued(web: Web, channel: str) -> str:
    """Put something on its way on a channel, as if there were something to tell."""
    now = web.clock.now()
    made = Dispatch(key_of(channel, "notice/1"), channel, "notice/1", now, urgent=False, next_at=now)
    with writing(web.application.store) as uow:
        uow.dispatches.add(made)
    return made.id


def waits(web: Web, dispatch: str) -> str | None:
    """Return why a dispatch was given up; None while it waits."""
    with web.application.store.reading() as uow:
        found = uow.dispatches.get(dispatch)
    assert found is not None
    return None if found.next_at is not None else found.outcome


def chain(web: Web, name: str) -> tuple[AuditLink, ...]:
    with web.application.store.reading() as uow:
        return uow.audit.chain(name)


def refusals(web: Web, path: str, body: Any, method: str = "POST", **more: Any) -> list[tuple[str, str]]:
    found = problem(web.call(method, path, json=body, **more), 422, "message-refused")
    return [(error["pointer"], error["code"]) for error in found["errors"]]


def test_a_person_says_how_and_when_to_be_told(web: Web) -> None:
    made = opened(web, body={**MAIL, **NIGHT, "digest_at": "08:15"})
    assert {name: made[name] for name in (*MAIL, *NIGHT)} == {**MAIL, **NIGHT}
    assert (made["digest_at"], made["disabled"], made["why"]) == ("08:15", None, None)
    assert opened(web, body={**MAIL, "address": "d@home.example"})["time_zone"] == "UTC"

    path = f"{MINE}/{made['id']}"
    changed = web.call("PATCH", path, json={"digest_at": None, "label": " ward "}).json()
    assert changed == {**made, "digest_at": None, "label": "ward"}
    assert web.call("PATCH", path, json={"time_zone": None}).json()["time_zone"] == "UTC"
    assert web.get(MINE).json()["items"][0]["id"] == made["id"]
    assert web.get(MINE, role="coordinator").json() == {"items": []}


def test_a_channel_that_is_removed_is_shut_and_what_waits_on_it_is_given_up(web: Web) -> None:
    made = opened(web)
    waiting = queued(web, made["id"])
    path = f"{MINE}/{made['id']}"
    gone = web.call("DELETE", path).json()

    assert (gone["why"], waits(web, waiting)) == ("removed", "removed")
    assert web.call("DELETE", path).json() == gone
    problem(web.call("PATCH", path, json={"label": "x"}), 409, "channel-shut")
    assert opened(web)["id"] != made["id"]


def test_a_channel_of_somebody_else_is_not_there(web: Web) -> None:
    web.people("south", " elsewhere")
    patient = web.patient()
    theirs = opened(web, role="coordinator")["id"]
    consented = opened(web, f"/v1/patients/{patient}/channels", CONSENTED)["id"]
    for channel in (theirs, consented, "nothing"):
        problem(web.call("PATCH", f"{MINE}/{channel}", json={"label": "x"}), 404, "not-found")
        problem(web.call("DELETE", f"{MINE}/{channel}"), 404, "not-found")
        problem(web.call("DELETE", f"/v1/people/p-viewer/channels/{channel}", role="admin"), 404, "not-found")
    problem(web.call("DELETE", f"/v1/patients/{patient}/channels/{theirs}"), 404, "not-found")
    problem(
        web.call("DELETE", f"/v1/patients/{web.patient()}/channels/{consented}"),
        404,
        "not-found",
    )
    problem(web.get("/v1/people/p-coordinator/channels", role="admin elsewhere"), 404, "not-found")
    assert kept(web, theirs).open
    assert kept(web, consented).open


def test_those_in_charge_look_after_the_channels_of_their_people(web: Web) -> None:
    path = "/v1/people/p-coordinator/channels"
    made = opened(web, path, role="admin")
    assert web.get(MINE, role="coordinator").json()["items"] == [made]
    assert web.call("PATCH", f"{path}/{made['id']}", json=NIGHT, role="clinical_lead").status_code == 200
    assert web.call("DELETE", f"{path}/{made['id']}", role="admin").json()["why"] == "removed"

    south = opened(web, role="coordinator")["id"]
    with writing(web.application.store) as uow:
        uow.channels.save(replace(kept(web, south), site="south"))
    assert [item["id"] for item in web.get(path, role="admin").json()["items"]] == [made["id"]]
    problem(web.call("DELETE", f"{path}/{south}", role="admin"), 404, "not-found")

    acts = [link.entry for link in chain(web, "people") if "channel" in link.entry.body]
    assert [(entry.act, entry.author.person) for entry in acts] == [
        ("open channel", "p-admin"),
        ("change channel", "p-clinical_lead"),
        ("remove channel", "p-admin"),
        ("open channel", "p-coordinator"),
    ]
    assert not any("hospital.example" in str(entry.body) for entry in acts)


def test_another_system_has_no_channels_of_its_own(web: Web) -> None:
    service = web.post(
        "/v1/tokens", role="admin", json={"label": "s", "role": "coordinator", "service": True}
    )
    problem(web.get(MINE, role=service.json()["secret"]), 403, "person-needed")
    problem(web.post(MINE, role=service.json()["secret"], json=MAIL), 403, "person-needed")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"kind": "pigeon"}, [("/kind", "unknown-kind")]),
        ({"kind": "webhook", "address": "https://example.org"}, [("/kind", "unknown-kind")]),
        ({"address": "nobody"}, [("/address", "address-unusable")]),
        ({"address": "a@b.example\r\nBcc: all@b.example"}, [("/address", "address-unusable")]),
        ({"address": "a@b.example, c@b.example"}, [("/address", "address-unusable")]),
        ({"address": ""}, [("/address", "address-unusable")]),
        ({"address": "a" * 3000}, [("/address", "bad-field")]),
        ({"label": "work\r\nBcc: all@b.example"}, [("/label", "bad-name")]),
        ({"label": "  "}, [("/label", "bad-name")]),
        ({"label": "\0"}, [("/label", "bad-text")]),
        ({"time_zone": "Mars/Olympus"}, [("/time_zone", "bad-field")]),
        ({"time_zone": "../../etc/passwd"}, [("/time_zone", "bad-field")]),
        ({"time_zone": ""}, [("/time_zone", "bad-field")]),
        ({"digest_at": "noon"}, [("/digest_at", "bad-field")]),
        ({"digest_at": "24:00"}, [("/digest_at", "bad-field")]),
        ({"digest_at": "8:00"}, [("/digest_at", "bad-field")]),
        ({"digest_at": "08:00:30"}, [("/digest_at", "bad-field")]),
        ({"digest_at": "08:00+01:00"}, [("/digest_at", "bad-field")]),
        ({"digest_at": 8}, [("/digest_at", "bad-field")]),
        ({"quiet_from": "20:00"}, [("/quiet_until", "bad-quiet-hours")]),
        ({"quiet_until": "20:00"}, [("/quiet_from", "bad-quiet-hours")]),
        ({"quiet_from": "20:00", "quiet_until": "20:00"}, [("/quiet_until", "bad-quiet-hours")]),
        ({"person": "p-admin"}, [("/person", "bad-field")]),
        ({"label": "", "address": "x"}, [("/label", "bad-name"), ("/address", "address-unusable")]),
    ],
)
def test_a_channel_that_cannot_be(web: Web, change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert refusals(web, MINE, {**MAIL, **change}) == expected
    patient = web.patient()
    path = f"/v1/patients/{patient}/channels"
    assert refusals(web, path, {**CONSENTED, **change}) == expected
    assert web.get(MINE).json() == web.get(path).json() == {"items": []}
    assert web.get(f"/v1/patients/{patient}").json()["revision"] == 0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"label": ""}, [("/label", "bad-name")]),
        ({"label": None}, [("/label", "bad-field")]),
        ({"quiet_until": None}, [("/quiet_until", "bad-quiet-hours")]),
        ({"digest_at": "25:00"}, [("/digest_at", "bad-field")]),
        ({"time_zone": "Nowhere"}, [("/time_zone", "bad-field")]),
        ({"address": "other@b.example"}, [("/address", "bad-field")]),
        ({"site": "south"}, [("/site", "bad-field")]),
    ],
)
def test_a_change_that_cannot_be(web: Web, change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    made = opened(web, body={**MAIL, **NIGHT})
    assert refusals(web, f"{MINE}/{made['id']}", change, "PATCH") == expected
    assert web.get(MINE).json()["items"] == [made]


def test_nobody_is_told_twice_at_one_address_or_on_more_channels_than_anybody_needs(web: Web) -> None:
    opened(web)
    problem(web.post(MINE, json={**MAIL, "label": "again"}), 409, "already-there")
    for number in range(19):
        opened(web, body={**MAIL, "address": f"d{number}@hospital.example"})
    assert refusals(web, MINE, {**MAIL, "address": "one.more@hospital.example"}) == [
        ("", "too-many-channels")
    ]


def test_a_patient_is_told_on_a_channel_with_consent_until_it_is_revoked(web: Web) -> None:
    patient = web.patient()
    path = f"/v1/patients/{patient}/channels"
    answer = web.post(path, json={**CONSENTED, **NIGHT})
    made = answer.json()
    assert (answer.status_code, answer.headers["etag"], made["consented_on"]) == (201, '"1"', str(TODAY))
    waiting = queued(web, made["id"])

    problem(web.call("DELETE", f"{path}/{made['id']}", headers={"If-Match": '"0"'}), 412, "revision-stale")
    assert waits(web, waiting) is None
    gone = web.call("DELETE", f"{path}/{made['id']}")
    assert (gone.json()["why"], gone.headers["etag"], waits(web, waiting)) == ("revoked", '"2"', "revoked")
    assert web.call("DELETE", f"{path}/{made['id']}").headers["etag"] == '"2"'
    assert web.get(path).json()["items"] == [gone.json()]

    acts = [link.entry for link in chain(web, patient)]
    told = [(entry.act, entry.author.person, dict(entry.body)) for entry in acts if "channel" in entry.body]
    about = {"channel": made["id"], "kind": "email", "consented": str(TODAY)}
    assert [(act, who, {**body, "consented": str(body["consented"])}) for act, who, body in told] == [
        ("open channel", "p-clinician", {**about, "revision": 1}),
        ("revoke channel", "p-clinician", {**about, "revision": 2}),
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"consented_on": "2024-01-21"}, [("/consented_on", "future-date")]),
        ({"consented_on": None}, [("/consented_on", "bad-field")]),
        ({"consented_on": "yes"}, [("/consented_on", "bad-field")]),
    ],
)
def test_without_consent_a_patient_is_not_told(
    web: Web, change: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    patient = web.patient()
    path = f"/v1/patients/{patient}/channels"
    assert refusals(web, path, {**CONSENTED, **change}) == expected
    assert refusals(web, path, MAIL) == [("/consented_on", "bad-field")]
    problem(web.post(path, json=CONSENTED, headers={"If-Match": '"7"'}), 412, "revision-stale")
    assert web.get(path).json() == {"items": []}


def test_a_patient_of_another_site_has_no_channels(web: Web) -> None:
    path = f"/v1/patients/{web.patient()}/channels"
    for method in ("GET", "POST"):
        problem(web.call(method, path, json=CONSENTED, role="elsewhere"), 404, "not-found")
    problem(web.post("/v1/patients/nobody/channels", json=CONSENTED), 404, "not-found")

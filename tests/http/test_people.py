"""People over HTTP: an admin says who works here, and everybody can ask who they are."""

from datetime import timedelta
from typing import Any

import pytest

from api.http.people_shapes import ABSENCE, CHANGE, HAND_OVER, PERSON, TEAM
from engine.core.people import Credential, Membership, Role
from engine.services.secrets import hashed
from tests.http.conftest import TODAY, Web, problem
from tests.stores.kit import writing

ADA = PERSON.example


def added(web: Web, **changed: Any) -> str:
    answer = web.post("/v1/people", role="admin", json={**ADA, **changed})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def token_of(web: Web, person: str | None, role: Role, site: str = "main") -> str:
    """Make a credential of a person, or of a service; return its secret."""
    secret, now = f"cw_{person}", web.clock.now()
    with writing(web.application.store) as uow:
        uow.credentials.add(
            Credential(f"own {person}", hashed(secret), role.value, site, "", now, person=person)
        )
    return secret


def test_a_person_is_added_shown_changed_and_listed(web: Web) -> None:
    answer = web.post("/v1/people", role="admin", json={**ADA, "login": "Ada.Elm"})
    made = answer.json()
    assert answer.headers["location"] == f"/v1/people/{made['id']}"
    assert (made["login"], made["roles"], made["disabled"]) == ("ada.elm", ["coordinator"], None)
    path = f"/v1/people/{made['id']}"
    assert web.get(path, role="admin").json() == made

    changed = web.call("PATCH", path, role="admin", json={**CHANGE.example, "disabled": True}).json()
    assert (changed["name"], changed["disabled"] is None) == ("Ada Fir", False)
    assert web.call("PATCH", path, role="admin", json={"disabled": False}).json()["disabled"] is None
    assert web.call("PATCH", path, role="admin", json={}).json()["name"] == "Ada Fir"

    assert web.call("PUT", f"{path}/roles/viewer", role="admin").json()["roles"] == ["viewer", "coordinator"]
    for role, left in (("coordinator", ["viewer"]), ("viewer", [])):
        assert web.call("DELETE", f"{path}/roles/{role}", role="admin").json()["roles"] == left
    problem(web.get(path, role="admin"), 404, "not-found")


def test_people_are_listed_in_pages_with_their_roles_here(web: Web) -> None:
    staff, elsewhere = web.staff(), added(web, login="also-south", roles=["viewer"])
    with writing(web.application.store) as uow:
        uow.people.grant(Membership(elsewhere, "south", "admin"))
    found, path = list[dict[str, Any]](), "/v1/people?limit=3"
    while path:
        page = web.get(path)
        found += page.json()["items"]
        path = page.links.get("next", {}).get("url", "")
    ids = [person["id"] for person in found]
    assert ids == sorted(set(ids))
    assert {*staff.values(), elsewhere} <= set(ids)
    assert [person["roles"] for person in found if person["id"] == elsewhere] == [["viewer"]]
    south = {
        person["id"]: person["roles"] for person in web.get("/v1/people", role="elsewhere").json()["items"]
    }
    assert south[elsewhere] == ["admin"]
    assert not south.keys() & set(staff.values())


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"login": "a b", "name": "", "roles": ["viewer"]}, {"/name", "/login"}),
        ({"login": "a", "name": "A", "roles": []}, {"/roles"}),
        ({"login": "a", "name": "A", "roles": ["boss"]}, {"/roles/0"}),
        ({"login": 7, "name": "A\0", "roles": ["viewer"], "password": "x"}, {"/login", "/name", "/password"}),
        ([], {""}),
    ],
)
def test_what_is_wrong_with_a_person_is_told_with_pointers(web: Web, body: Any, pointers: set[str]) -> None:
    before = web.get("/v1/people").json()["items"]
    told = problem(web.post("/v1/people", role="admin", json=body), 422, "message-refused")
    assert {error["pointer"] for error in told["errors"]} == pointers
    assert web.get("/v1/people").json()["items"] == before


def test_a_taken_login_an_unknown_role_and_a_person_of_two_sites(web: Web) -> None:
    person = added(web)
    problem(web.post("/v1/people", role="admin", json=ADA), 409, "already-there")
    path = f"/v1/people/{person}"
    problem(web.call("PUT", f"{path}/roles/boss", role="admin"), 400, "parameter-unreadable")
    with writing(web.application.store) as uow:
        uow.people.grant(Membership(person, "south", "viewer"))
    problem(web.call("PATCH", path, role="admin", json={"disabled": True}), 409, "person-elsewhere")


def test_an_absence_is_entered_listed_and_cancelled(web: Web) -> None:
    staff = web.staff()
    path = f"/v1/people/{staff['dora']}/absences"
    body = {**ABSENCE.example, "cover": staff["dean"]}
    made = web.post(path, role="clinical_lead", json=body)
    assert made.status_code == 201
    assert {name: made.json()[name] for name in body} == body
    told = problem(web.post(path, role="admin", json=body), 422, "message-refused")
    assert [(e["pointer"], e["code"]) for e in told["errors"]] == [("/first", "absence-overlaps")]
    told = problem(web.post(path, role="admin", json={**body, "first": "5.2.2024"}), 422, "message-refused")
    assert [e["pointer"] for e in told["errors"]] == ["/first"]

    gone = web.call("DELETE", f"{path}/{made.json()['id']}", role="admin").json()
    assert gone["cancelled"] is not None
    assert web.get(path, role="admin").json()["items"] == [gone]
    problem(web.call("DELETE", f"{path}/nothing", role="admin"), 404, "not-found")


def test_a_person_enters_their_own_absences_and_nobody_elses(web: Web) -> None:
    staff = web.staff()
    secret = token_of(web, staff["dora"], Role.CLINICIAN)
    body = {"first": str(TODAY), "last": str(TODAY + timedelta(days=9)), "cover": staff["dean"]}
    mine, other = (f"/v1/people/{staff[login]}/absences" for login in ("dora", "dean"))

    made = web.post(mine, role=secret, json=body)
    assert made.status_code == 201, made.text
    assert web.get(mine, role=secret).json()["items"] == [made.json()]
    assert web.call("DELETE", f"{mine}/{made.json()['id']}", role=secret).status_code == 200
    problem(web.get(other, role=secret), 403, "role-forbidden")
    problem(web.post(other, role=secret, json={**body, "cover": staff["dora"]}), 403, "role-forbidden")
    problem(web.get(mine, role="clinician"), 403, "role-forbidden")


def test_everybody_can_ask_who_they_are(web: Web) -> None:
    me = web.get("/v1/me", role=token_of(web, None, Role.CLINICIAN, "south")).json()
    assert (me["person"], me["role"], me["roles"]) == (None, "clinician", ["clinician"])
    assert me["site"] == {"id": "south", "name": "South", "time_zone": "UTC"}

    dora = web.staff()["dora"]
    web.call("PUT", f"/v1/people/{dora}/roles/author", role="admin")
    me = web.get("/v1/me", role=token_of(web, dora, Role.CLINICIAN)).json()
    assert (me["person"], me["roles"]) == ({"id": dora, "name": "Dora"}, ["clinician", "author"])


@pytest.mark.parametrize("shape", [PERSON, CHANGE, ABSENCE, TEAM, HAND_OVER])
def test_every_example_has_the_shape_it_is_an_example_of(web: Web, shape: Any) -> None:
    schema = shape.body["requestBody"]["content"]["application/json"]["schema"]
    assert set(shape.example) <= set(schema["properties"])
    known = web.get("/openapi.json", role=None).json()["components"]["schemas"]
    for reference in [line for line in str(schema).split("'") if line.startswith("#/components/schemas/")]:
        assert reference.rpartition("/")[2] in known


def test_an_invitation_leads_a_person_to_a_password(web: Web) -> None:
    person = added(web)
    made = web.post(f"/v1/people/{person}/invitation", role="admin").json()

    shown = web.client.get(made["path"])
    assert shown.status_code == 200
    assert ADA["name"] in shown.text
    problem(web.post("/v1/people/nobody/invitation", role="admin"), 404, "not-found")
    with writing(web.application.store) as uow:
        uow.people.grant(Membership(person, "south", "viewer"))
    problem(web.post(f"/v1/people/{person}/invitation", role="admin"), 409, "person-elsewhere")

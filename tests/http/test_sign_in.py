"""Signing in at a browser: an invitation, a password, a session that ends, nothing that lets others in."""

from dataclasses import replace
from datetime import timedelta

import pytest
from httpx2 import Response

from api.http.calls import UNATTENDED
from api.web.forms import TOKEN, Origin, token_from
from engine.core.people import Membership, Person, Role
from engine.services.access import OPERATOR
from engine.services.sessions import IDLE, LONGEST
from engine.services.signing_in import FREE_FAILURES, INVITED_FOR, invite
from tests.http.conftest import Web, problem

PASSWORD = "correct horse battery staple"
MAY = "p-may"


@pytest.fixture
def invitation(web: Web) -> str:
    """The secret of an invitation of May, coordinator at main and viewer in the south."""
    app, now = web.application, web.clock.now()
    with app.store.writing() as uow:
        uow.people.add(Person(MAY, "may", "May Brook", now))
        uow.people.grant(Membership(MAY, "main", Role.COORDINATOR))
        uow.people.grant(Membership(MAY, "south", Role.VIEWER))
        secret = invite(uow, MAY, by=OPERATOR, now=now, randomness=app.randomness)
        uow.commit()
    return secret


def send(web: Web, path: str, **fields: str) -> Response:
    """Send a form as a page of the session would, if there is one."""
    session = web.client.cookies.get("careway")
    proof = {} if session is None else {TOKEN: token_from(session, Origin(MAY, "main"))}
    return web.client.post(path, data={**fields, **proof}, follow_redirects=False)


@pytest.fixture
def may(web: Web, invitation: str) -> Web:
    """May chose a password and is signed in."""
    answer = send(web, "/welcome", invitation=invitation, password=PASSWORD, again=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
    return web


def patients(web: Web) -> Response:
    return web.client.get("/v1/patients")


def shows(web: Web, secret: str) -> None:
    """Have the browser show another cookie than the one it got."""
    web.client.cookies.clear()
    web.client.cookies.set("careway", secret, domain="testserver.local", path="/")


def sign_in(web: Web, password: str = PASSWORD, login: str = "may") -> Response:
    return send(web, "/sign-in", login=login, password=password)


def test_an_invitation_leads_to_a_password_and_a_session(web: Web, invitation: str) -> None:
    shown = web.client.get("/welcome", params={"invitation": invitation})
    assert "May Brook" in shown.text
    assert patients(web).status_code == 401

    answer = send(web, "/welcome", invitation=invitation, password=PASSWORD, again=PASSWORD)

    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert patients(web).status_code == 200
    home = web.client.get("/").text
    assert "May Brook" in home
    assert "coordinator" in home


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("short", "short", "12 letters"),
        ("may-may-may-may", "may-may-may-may", "must not hold the login"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "the same few letters"),
        (PASSWORD, PASSWORD + "x", "differ"),
    ],
)
def test_a_weak_password_is_refused_and_may_be_chosen_again(
    web: Web, invitation: str, password: str, again: str, says: str
) -> None:
    answer = send(web, "/welcome", invitation=invitation, password=password, again=again)

    assert answer.status_code == 422
    assert says in answer.text
    assert password not in answer.text
    assert send(web, "/welcome", invitation=invitation, password=PASSWORD, again=PASSWORD).is_redirect


def test_an_invitation_works_once_and_for_two_days(web: Web, invitation: str) -> None:
    web.clock.instant += INVITED_FOR
    late = send(web, "/welcome", invitation=invitation, password=PASSWORD, again=PASSWORD)
    web.clock.instant -= timedelta(seconds=1)
    good = send(web, "/welcome", invitation=invitation, password=PASSWORD, again=PASSWORD)
    again = send(web, "/welcome", invitation=invitation, password=PASSWORD + "!", again=PASSWORD + "!")

    assert [late.status_code, good.status_code, again.status_code] == [410, 303, 410]
    assert web.client.get("/welcome", params={"invitation": invitation}).status_code == 410
    assert sign_in(web).is_redirect


def test_signing_in_gives_a_new_session_every_time_and_ends_the_old_one(may: Web) -> None:
    first = may.client.cookies["careway"]
    sign_in(may)
    second = may.client.cookies["careway"]

    assert first != second
    assert patients(may).status_code == 200
    shows(may, first)
    assert patients(may).status_code == 401


def test_a_session_somebody_else_planted_is_not_taken_over(may: Web) -> None:
    shows(may, "planted")
    sign_in(may)

    assert "planted" not in may.client.cookies.values()
    shows(may, "planted")
    assert patients(may).status_code == 401


def test_signing_out_ends_the_session_for_good(may: Web) -> None:
    secret = may.client.cookies["careway"]
    send(may, "/sign-out")
    assert patients(may).status_code == 401

    shows(may, secret)
    assert patients(may).status_code == 401
    page = may.client.get("/", headers={"accept": "text/html"}, follow_redirects=False)
    assert page.headers["location"] == "/sign-in"


def test_a_session_ends_when_it_is_left_alone_and_after_a_shift(may: Web) -> None:
    for _ in range(int(LONGEST / (IDLE / 2)) - 1):
        may.clock.instant += IDLE / 2
        assert patients(may).status_code == 200
    may.clock.instant += IDLE / 2
    assert patients(may).status_code == 401

    sign_in(may)
    may.clock.instant += IDLE
    assert patients(may).status_code == 401


def test_what_a_page_asks_by_itself_is_no_use_of_its_session(may: Web) -> None:
    for _ in range(2):
        may.clock.instant += IDLE / 2 - timedelta(minutes=1)
        assert may.client.get("/v1/patients", headers={UNATTENDED: "1"}).status_code == 200
    may.clock.instant += timedelta(minutes=2)
    assert patients(may).status_code == 401


def test_wrong_passwords_say_the_same_whoever_was_meant(may: Web) -> None:
    answers = [sign_in(may, "wrong wrong wrong"), sign_in(may, login="nobody")]

    assert [a.status_code for a in answers] == [401, 401]
    assert len({a.text.replace("nobody", "may") for a in answers}) == 1


def test_guessing_has_to_wait_longer_and_longer(may: Web) -> None:
    for _ in range(FREE_FAILURES):
        assert sign_in(may, "wrong wrong wrong").status_code == 401
    refused = sign_in(may)
    assert (refused.status_code, "Wait 2 seconds" in refused.text) == (429, True)

    may.clock.instant += timedelta(seconds=2)
    assert sign_in(may, "wrong wrong wrong").status_code == 401
    assert "Wait 4 seconds" in sign_in(may).text
    may.clock.instant += timedelta(seconds=4)
    assert sign_in(may).is_redirect
    assert sign_in(may, "wrong wrong wrong").status_code == 401


def test_one_who_was_disabled_is_out_at_once(may: Web) -> None:
    with may.application.store.writing() as uow:
        person = uow.people.get(MAY)
        assert person is not None
        uow.people.save(replace(person, disabled=may.clock.now()))
        uow.commit()

    assert patients(may).status_code == 401
    assert sign_in(may).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_page_of_another_site_can_change_nothing(may: Web, headers: dict[str, str]) -> None:
    for path in ("/v1/patients", "/sign-out", "/sign-in", "/site", "/welcome"):
        problem(may.client.post(path, headers=headers), 403, "call-from-elsewhere")
    assert patients(may).json()["items"] == []


def test_a_page_of_ours_can(may: Web) -> None:
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}, {}):
        assert may.client.post("/v1/patients", headers=headers).status_code == 201


def test_roles_are_those_of_the_site_one_works_at(may: Web) -> None:
    made = may.client.post("/v1/patients").json()["id"]
    assert send(may, "/site", site="south").is_redirect

    problem(may.client.get(f"/v1/patients/{made}"), 404, "not-found")
    problem(may.client.post("/v1/patients"), 403, "role-forbidden")
    problem(send(may, "/site", site="north"), 404, "not-found")


def test_who_recorded_is_kept_with_what_was_recorded(may: Web) -> None:
    patient = may.client.post("/v1/patients").json()["id"]
    message = {"id": "v", "type": "vax", "effective": "2024-01-15", "vaccine": "flu"}
    assert may.client.post(f"/v1/patients/{patient}/events", json=message).status_code == 201

    with may.application.store.reading() as uow:
        (receipt,) = uow.records.receipts(patient)
        chain = uow.audit.chain(patient)
    assert (receipt.author.role, receipt.author.person) == ("coordinator", MAY)
    assert {link.entry.author.person for link in chain} == {MAY}


def test_pages_load_nothing_from_elsewhere_and_show_text_as_text(web: Web) -> None:
    answer = sign_in(web, login="<script>alert(1)</script>")

    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert web.client.get("/static/careway.css").status_code == 200

"""Forms without a session: what was typed is kept for the one who typed it, and nothing is done unseen."""

import html
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select

from api.http.app import create_app
from api.http.permissions import RULES
from api.issuers.configured import Elsewhere, Issuer
from api.web.forms import TOKEN, Origin, token_from
from engine.core.people import Membership, Person, Role
from engine.services.sessions import IDLE, begin
from engine.store.database import Database
from engine.store.schema import METADATA
from tests.http.conftest import Web
from tests.http.test_permissions import (
    FILES,
    PLACES,
    Places,
    enrolled,
    form_for,
    listening,
    sent_file,
    token_of,
)

__all__ = ["enrolled"]

PAGE = {"Accept": "text/html"}
PASSWORD = "correct horse battery staple"
POSTS = [call for call in RULES if call.startswith("POST /") and not call.startswith("POST /v1/")]


@pytest.fixture
def two(web: Web) -> Web:
    """Ada may do everything at both sites, and Bea as much at the main one."""
    hashed, now = web.application.passwords.hashed(PASSWORD), web.clock.now()
    with web.application.store.writing() as uow:
        for login, sites in (("ada", ("main", "south")), ("bea", ("main",))):
            uow.people.add(Person(f"p-{login}", login, login.title(), now, password_hash=hashed))
            for site in sites:
                for role in Role:
                    uow.people.grant(Membership(f"p-{login}", site, role))
        uow.commit()
    return web


def working(web: Web, login: str = "ada", site: str = "main") -> str:
    """Begin a session and show it; return the proof that goes into its forms."""
    app = web.application
    with app.store.writing() as uow:
        secret = begin(uow, f"p-{login}", site, now=web.clock.now(), randomness=app.randomness)
        uow.commit()
    web.client.cookies.clear()
    web.client.cookies.set("careway", secret, domain="testserver.local", path="/")
    return token_from(secret, Origin(f"p-{login}", site))


def send(web: Web, path: str, fields: dict[str, Any], files: Any = None) -> Response:
    return web.client.post(path, data=fields, files=files, headers=PAGE, follow_redirects=False)


def fields_in(answer: Response) -> dict[str, str]:
    """Return the hidden fields of the form on a page."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', answer.text)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def sign_in(web: Web, answer: Response, login: str) -> Response:
    """Sign in on the page that an answer is."""
    assert answer.status_code == 401, answer.text
    return send(web, "/sign-in", fields_in(answer) | {"login": login, "password": PASSWORD})


def patients_of(web: Web, site: str) -> int:
    working(web, "ada", site)
    return len(web.client.get("/v1/patients").json()["items"])


def everything(database: Database) -> dict[str, list[Any]]:
    with database.reader.connect() as connection:
        return {table.name: list(connection.execute(select(table))) for table in METADATA.sorted_tables}


def test_no_form_is_taken_without_its_proof(two: Web, enrolled: Places, database: Database) -> None:
    token = token_of(two, "clinician")
    places = {**PLACES, **enrolled, **listening(two), "upload": sent_file(two), "token": token}
    places |= {"calendar": two.post("/v1/me/calendars").json()["calendar"]["id"], "worklist": "overdue"}
    forms = {call: form_for(two, call, places) or {} for call in POSTS}
    working(two)
    before = everything(database)
    for call, fields in forms.items():
        for proof in ({}, {TOKEN: token_from("another", Origin("p-ada", "main"))}):
            path = call.removeprefix("POST ").format(**places)
            answer = send(two, path, {"back": "/", **fields, **proof}, FILES.get(call))
            assert answer.status_code == 403, (call, answer.status_code)
            assert "Nothing was done" in answer.text, call
    assert len(POSTS) > 30
    assert everything(database) == before


def test_what_would_be_sent_is_shown_before_it_is_sent_once_more(two: Web) -> None:
    working(two)
    answer = send(
        two, "/patients", {"system": "test", "value": "<7>", "attribute.fvc_l.grade": "A", "back": "/"}
    )
    assert re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", answer.text) == [
        ("System", "test"),
        ("Value", "&lt;7&gt;"),
        ("Grade", "A"),
    ]
    assert "autofocus" not in answer.text
    assert send(two, "/patients", fields_in(answer)).status_code == 303
    assert patients_of(two, "main") == 1


def test_a_form_with_nothing_but_its_proof_is_kept_too(two: Web) -> None:
    proof = working(two)
    two.clock.instant += IDLE
    again = sign_in(two, send(two, "/settings/calendars", {TOKEN: proof}), "ada")
    assert again.status_code == 200, again.text
    assert 'action="/settings/calendars"' in again.text
    assert "Address of your feed" in send(two, "/settings/calendars", fields_in(again)).text


@pytest.mark.parametrize("known", [True, False])
def test_what_somebody_typed_is_offered_to_nobody_else(two: Web, known: bool) -> None:
    proof = working(two)
    two.clock.instant += IDLE
    if not known:
        two.client.cookies.clear()
    other = sign_in(two, send(two, "/patients", {TOKEN: proof, "system": "test", "value": "hers"}), "bea")
    assert "somebody else" in other.text
    assert "hers" not in other.text.replace("somebody else's", "")
    assert two.client.get("/settings", headers=PAGE).status_code == 200


def test_another_who_signed_in_meanwhile_is_not_offered_it_either(two: Web) -> None:
    proof = working(two)
    working(two, "bea")
    answer = send(two, "/patients", {TOKEN: proof, "system": "test", "value": "typed-by-ada"})
    assert answer.status_code == 403
    assert "typed-by-ada" not in answer.text


def test_a_form_is_kept_for_the_site_where_it_was_typed(two: Web) -> None:
    proof = working(two, site="south")
    two.clock.instant += IDLE
    again = sign_in(two, send(two, "/patients", {TOKEN: proof, "system": "test", "value": "7"}), "ada")
    assert send(two, "/patients", fields_in(again)).status_code == 303
    assert [patients_of(two, site) for site in ("main", "south")] == [0, 1]


def test_a_form_of_another_site_is_shown_again_first(two: Web) -> None:
    proof = working(two)
    assert send(two, "/site", {TOKEN: proof, "site": "south"}).status_code == 303
    for path, fields in (
        ("/patients", {"system": "test", "value": "7"}),
        ("/lists/acknowledge", {"row": "action.1.x"}),
    ):
        answer = send(two, path, {TOKEN: proof, **fields})
        assert answer.status_code == 403, path
        assert "You went on at another site" in answer.text
        assert "it is done at South" in answer.text
    assert [patients_of(two, site) for site in ("main", "south")] == [0, 0]


def test_a_supposition_of_an_old_page_is_told_in_words(two: Web, enrolled: Places) -> None:
    fields = {TOKEN: token_from("another", Origin("p-ada", "main")), "vaccine": "flu"}
    working(two)
    path = f"/patients/{enrolled['patient']}/suppose/vax"
    answer = two.client.post(path, data=fields, headers=PAGE | {"HX-Request": "true"})
    assert answer.status_code == 403
    assert answer.text.startswith('<p class="alert"')
    assert "Press Record: what you typed is shown again." in answer.text


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text/plain", b"hello"),
        ("application/x-www-form-urlencoded", b"sought=a%00b"),
        ("multipart/form-data", b"no boundary"),
        ("application/x-www-form-urlencoded", b"sought=" + b"x" * (2 << 20)),
        ("application/x-www-form-urlencoded", b"sought=x"),
    ],
)
def test_what_no_page_sent_leads_to_signing_in_as_well(web: Web, kind: str, content: bytes) -> None:
    answer = web.client.post("/patients/search", content=content, headers=PAGE | {"Content-Type": kind})
    assert answer.status_code == 401, answer.text
    assert 'name="password"' in answer.text
    assert fields_in(answer)["kept"] == ""


def test_what_another_site_had_sent_is_not_kept(web: Web) -> None:
    told = {TOKEN: "p-ada:main:x", "system": "test", "value": "planted"}
    answer = web.client.post("/patients", data=told, headers=PAGE | {"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "planted" not in answer.text


def test_going_on_at_another_site_after_the_session_leads_to_signing_in(two: Web) -> None:
    proof = working(two)
    two.clock.instant += IDLE
    again = sign_in(two, send(two, "/site", {TOKEN: proof, "site": "south"}), "ada")
    assert send(two, "/site", fields_in(again)).headers["location"] == "/"


@pytest.mark.parametrize(
    "kept", ["[]", "{}", "x", "[1,2]", '["/","p","main",3]', "[[[", '["//evil.example","p-ada","main",[]]']
)
def test_what_was_not_kept_by_us_leads_nowhere(two: Web, kept: str) -> None:
    told = {"login": "ada", "password": PASSWORD, "kept": kept, "next": "/patients"}
    answer = send(two, "/sign-in", told)
    assert answer.headers.get("location") == "/patients" or 'action="/"' in answer.text


def test_a_provider_is_asked_with_where_to_go_on_and_it_is_said_what_would_be_lost(web: Web) -> None:
    provider = Issuer(issuer="https://issuer.example", client_id="careway")
    app = create_app(web.application, elsewhere=Elsewhere("http://testserver", (provider,)))
    with TestClient(app, base_url="http://testserver") as client:
        asked = client.get("/sign-in?next=/patients", headers=PAGE).text
        assert 'href="/sign-in/oidc?next=%2Fpatients"' in asked
        assert "would be lost" not in asked
        told = {"form_token": "p-ada:main:x", "system": "a", "value": "7"}
        for path, then in (("/patients", "%2Fpatients"), ("/settings/calendars", "%2F")):
            typed = client.post(path, data=told, headers=PAGE).text
            assert f'href="/sign-in/oidc?next={then}"' in typed
            assert "What you typed would be lost on that way" in typed

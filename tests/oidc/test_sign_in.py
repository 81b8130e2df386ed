"""Signing in at a provider: the whole walk, and everything that must not get through."""

import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from httpx2 import Response

from api.issuers.configured import LOCAL, Elsewhere
from api.issuers.signing_in import inside
from engine.store.database import Database
from tests.http.conftest import Web, face, problem
from tests.oidc.conftest import furnish, trusted
from tests.oidc.provider import Provider, running
from tests.oidc.walk import signed_in_at, told_in

SESSION, ERRAND = "careway", "careway-sign-in"
START = "/sign-in/oidc"


def gone_there(web: Web, start: str = START) -> str:
    """Begin to sign in; return the address at the provider."""
    answer = web.client.get(start, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def come_back(web: Web, address: str) -> Response:
    answer: Response = web.client.get(address.removeprefix(LOCAL), follow_redirects=False)
    return answer


def signed_in(web: Web, provider: Provider, login: str = "may", start: str = START) -> Response:
    return come_back(web, signed_in_at(provider, gone_there(web, start), login))


def status(web: Web) -> int:
    """Return how a call ends that the browser's session alone lets in."""
    found: int = web.client.get("/v1/patients").status_code
    return found


def refused(answer: Response, code: int, says: str) -> None:
    assert answer.status_code == code, answer.text
    assert says in answer.text
    assert SESSION not in answer.cookies


def test_the_whole_walk(web: Web, provider: Provider) -> None:
    assert "Sign in with the account of your hospital" in web.client.get("/sign-in").text
    where = gone_there(web)
    asked = told_in(where)
    assert (asked["response_type"], asked["scope"]) == ("code", "openid")
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3

    answer = come_back(web, signed_in_at(provider, where, "may"))

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    kept = {line.partition("=")[0]: line.lower() for line in answer.headers.get_list("set-cookie")}
    assert kept.keys() == {SESSION, ERRAND}
    assert all("httponly" in line and "samesite=lax" in line for line in kept.values())
    assert "max-age=0" in kept[ERRAND]
    assert status(web) == 200
    assert "May" in web.client.get("/").text
    with web.application.store.reading() as uow:
        assert uow.audit.chain("people")[-1].entry.act == "sign in"


def test_a_page_that_was_asked_for_comes_after_signing_in(web: Web, provider: Provider) -> None:
    answer = signed_in(web, provider, start=f"{START}?{urlencode({'next': '/v1/patients?limit=7'})}")

    assert answer.headers["location"] == "/v1/patients?limit=7"


ABROAD = (
    "https://elsewhere.example",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "\\\\elsewhere.example",
    "javascript:alert(1)",
    "elsewhere.example",
    "/\t/elsewhere.example",
    "/\r\nSet-Cookie: x=y",
    "/ ".ljust(2000, "x"),
    "",
)


@pytest.mark.parametrize("wanted", ABROAD)
def test_nobody_is_led_elsewhere(wanted: str) -> None:
    assert inside(wanted) == "/"


def test_a_link_cannot_lead_elsewhere(web: Web, provider: Provider) -> None:
    answer = signed_in(web, provider, start=f"{START}?{urlencode({'next': '//elsewhere.example/x'})}")

    assert answer.headers["location"] == "/"


def test_whom_the_provider_knows_and_we_do_not_is_told_so(web: Web, provider: Provider) -> None:
    for name in ("nobody", "roleless", "gone"):
        refused(signed_in(web, provider, name), 403, "Ask your administrator")
    assert status(web) == 401


def test_an_answer_is_taken_once(web: Web, provider: Provider) -> None:
    where = gone_there(web)
    errand = web.client.cookies[ERRAND]
    back = signed_in_at(provider, where, "may")
    assert come_back(web, back).status_code == 303

    web.client.cookies.clear()
    refused(come_back(web, back), 401, "did not begin in this browser")
    web.client.cookies.set(ERRAND, errand)
    refused(come_back(web, back), 401, "did not confirm this sign-in")
    assert status(web) == 401


def test_an_answer_belongs_to_the_browser_that_asked(web: Web, provider: Provider) -> None:
    mine = signed_in_at(provider, gone_there(web), "lee")  # somebody wants May to go on as Lee
    web.client.cookies.clear()
    refused(come_back(web, mine), 401, "did not begin in this browser")

    gone_there(web)
    refused(come_back(web, mine), 401, "did not begin in this browser")


def test_a_code_does_not_fit_another_sign_in(web: Web, provider: Provider) -> None:
    stolen = told_in(signed_in_at(provider, gone_there(web), "may"))["code"]
    web.client.cookies.clear()
    state = told_in(gone_there(web))["state"]

    refused(come_back(web, f"{START}/callback?{urlencode({'code': stolen, 'state': state})}"), 401, "confirm")


def test_an_id_token_of_another_sign_in_is_not_taken(web: Web, provider: Provider) -> None:
    """Somebody who sits between browser and provider exchanges the nonce; PKCE alone would not notice."""
    where = gone_there(web)
    nonce = told_in(where)["nonce"]
    back = signed_in_at(provider, where.replace(nonce, "another"), "may")

    refused(come_back(web, back), 401, "another sign-in")


def test_a_sign_in_may_take_ten_minutes(web: Web, provider: Provider) -> None:
    where = gone_there(web)
    name, begun, then = web.client.cookies[ERRAND].split(".")
    back = signed_in_at(provider, where, "may")
    web.clock.instant += timedelta(minutes=10)
    web.client.cookies.clear()
    later = f"{name}.{int(begun) + 600}.{then}"
    for shown, says in ((f"{name}.{begun}.{then}", "took too long"), (later, "did not begin")):
        web.client.cookies.set(ERRAND, shown)
        refused(come_back(web, back), 401, says)


@pytest.mark.parametrize("shown", ["", ".", "..", "x", "x.y.z", "x.1", "x.99999999999999999999.%2F", "é.1./"])
def test_a_cookie_that_is_none_of_ours(web: Web, shown: str) -> None:
    headers = {b"Cookie": f"{ERRAND}={shown}".encode()}
    answer = web.client.get(f"{START}/callback?code=a&state=b", headers=headers, follow_redirects=False)
    refused(answer, 401, "did not begin in this browser")


def test_a_provider_that_refuses_or_is_another(web: Web, provider: Provider) -> None:
    for more, says in (
        ({"error": "access_denied", "error_description": "<b>no</b>"}, "did not let you in"),
        ({"code": "x", "iss": "https://elsewhere.example"}, "Another provider"),
    ):
        state = told_in(gone_there(web))["state"]
        answer = come_back(web, f"{START}/callback?{urlencode({'state': state, **more})}")
        refused(answer, 401, says)
        assert "<b>" not in answer.text


def test_signing_in_always_gives_a_new_session(web: Web, provider: Provider) -> None:
    where = gone_there(web)
    web.client.cookies.set(SESSION, "planted")
    answer = come_back(web, signed_in_at(provider, where, "may"))
    first = answer.cookies[SESSION]
    assert first != "planted"
    web.client.cookies.clear()
    web.client.cookies.set(SESSION, "planted")
    assert status(web) == 401

    web.client.cookies.clear()
    web.client.cookies.set(SESSION, first)
    assert status(web) == 200
    web.client.cookies.set(SESSION, first)
    second = signed_in(web, provider).cookies[SESSION]
    web.client.cookies.clear()
    web.client.cookies.set(SESSION, first)
    assert (second != first, status(web)) == (True, 401)


def test_over_tls_the_cookies_demand_it(database: Database, provider: Provider) -> None:
    address = "https://careway.example"
    with face(database, Elsewhere(address, (trusted(provider),)), address) as web:
        furnish(web, provider)
        (line,) = web.client.get(START, follow_redirects=False).headers.get_list("set-cookie")
    assert line.startswith("__Host-careway-sign-in=")
    assert "; Secure" in line


def test_a_provider_that_is_down_makes_nobody_wait(database: Database) -> None:
    with running(Provider()) as own, face(database, Elsewhere(LOCAL, (trusted(own),)), LOCAL) as web:
        furnish(web, own)
        back = signed_in_at(own, gone_there(web), "may")
        own.stop()
        began = time.monotonic()
        refused(come_back(web, back), 503, "Try again")
        assert time.monotonic() - began < 5


def test_where_nothing_is_set_up_there_is_nothing_to_sign_in_at(database: Database) -> None:
    with face(database) as web:
        assert "hospital" not in web.client.get("/sign-in").text
        problem(web.client.get(START), 404, "not-found")
        problem(web.client.get(f"{START}/callback"), 404, "not-found")

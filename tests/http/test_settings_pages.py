"""Pages of settings: secrets are shown once, what is typed is text and is not lost, and sites keep apart."""

import re
from typing import Any

import pytest
from httpx2 import Response

from engine.core.people import Membership, Person, Role
from tests.http.conftest import Web
from tests.http.test_permissions import hook
from tests.stores.kit import writing

PAGE = {"Accept": "text/html"}
SCRIPT = "<script>alert(1)</script>"
MAIL = {"kind": "email", "address": "dora@hospital.example", "label": "work"}
ONCE = re.compile(r'<input readonly value="([^"]+)"')


@pytest.fixture(autouse=True)
def staffed(web: Web) -> None:
    web.people()
    web.people("south", " elsewhere")


def send(web: Web, path: str, by: str = "clinician", **fields: Any) -> Response:
    return web.post(
        f"/settings{path}", role=by, data={"back": "/", **fields}, headers=PAGE, follow_redirects=False
    )


def page(web: Web, path: str = "", role: str = "clinician") -> str:
    answer = web.get(f"/settings{path}", role=role, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


def first(web: Web, path: str, role: str) -> str:
    return str(web.get(path, role=role).json()["items"][0]["id"])


@pytest.mark.parametrize(
    ("path", "role", "fields"),
    [
        ("/calendars", "clinician", {}),
        ("/tokens", "clinician", {"label": "mine"}),
        ("/tokens", "admin", {"label": "bus", "service": "1", "role": "integrator"}),
        ("/webhooks", "admin", hook(1)),
        ("/people", "admin", {"login": "nina", "name": "Nina", "roles": "viewer"}),
    ],
)
def test_a_secret_is_shown_once_and_works(web: Web, path: str, role: str, fields: dict[str, str]) -> None:
    answer = send(web, path, role, **fields)
    assert answer.status_code == 200, answer.text
    (secret,) = ONCE.findall(answer.text)
    assert secret not in page(web, "" if path in ("/calendars", "/tokens") else path, role)
    match path:
        case "/calendars":
            assert web.get(secret.partition("8000")[2] or secret, role=None).status_code == 200
        case "/tokens":
            assert web.get("/v1/me", role=secret).status_code == 200
        case "/people":
            assert "Nina" in web.get(secret, role=None).text


def test_a_token_of_ones_own_is_exchanged_and_ended(web: Web) -> None:
    (old,) = ONCE.findall(send(web, "/tokens", label="mine", days="30", scopes="content.read").text)
    token = next(t for t in web.get("/v1/tokens").json()["items"] if t["label"] == "mine")
    assert token["scopes"] == ["content.read"]
    assert token["expires"] is not None
    (new,) = ONCE.findall(send(web, f"/tokens/{token['id']}/rotate", grace="0").text)
    assert [web.get("/v1/pathways", role=secret).status_code for secret in (old, new)] == [401, 200]
    newest = next(t for t in web.get("/v1/tokens").json()["items"] if t["replaces"] == token["id"])
    assert send(web, f"/tokens/{newest['id']}/end").status_code == 303
    assert web.get("/v1/pathways", role=new).status_code == 401
    assert "mine" not in page(web)


def test_a_channel_is_opened_changed_and_removed(web: Web) -> None:
    assert send(web, "/channels", **MAIL, quiet_from="20:00", quiet_until="07:00").status_code == 303
    assert "quiet from 20:00 to 07:00" in page(web)
    channel = first(web, "/v1/me/channels", "clinician")
    changed = send(web, f"/channels/{channel}", label="night", digest_at="08:30")
    assert changed.status_code == 303
    found = web.get("/v1/me/channels").json()["items"][0]
    assert (found["label"], found["quiet_from"], found["digest_at"]) == ("night", None, "08:30")
    assert "the rest once a day at 08:30" in page(web)
    assert send(web, f"/channels/{channel}/remove").status_code == 303
    assert "night" not in page(web)


@pytest.mark.parametrize(
    ("path", "role", "fields", "typed"),
    [
        ("/channels", "clinician", {**MAIL, "address": "no address"}, "no address"),
        ("/channels", "clinician", {**MAIL, "label": ""}, "dora@hospital.example"),
        ("/channels", "clinician", {**MAIL, "quiet_from": "20:00"}, "20:00"),
        ("/channels", "clinician", {**MAIL, "quiet_from": "25:00", "quiet_until": "1"}, "25:00"),
        ("/channels", "clinician", {**MAIL, "time_zone": "Mars/Olympus"}, "Mars/Olympus"),
        ("/tokens", "clinician", {"label": "x", "role": "admin"}, "x"),
        ("/tokens", "clinician", {"label": "x", "service": "1"}, "x"),
        ("/tokens", "clinician", {"label": "x", "scopes": "everything"}, "x"),
        ("/webhooks", "admin", {"url": "http://10.0.0.1/", "label": "inside"}, "http://10.0.0.1/"),
        ("/webhooks", "admin", {**hook(2), "events": "rain"}, "registry"),
        ("/people", "admin", {"login": "N N", "name": "Nina", "roles": "viewer"}, "N N"),
        ("/people", "admin", {"login": "nina", "name": "Nina"}, "nina"),
    ],
)
def test_what_cannot_be_used_is_told_as_by_the_call_and_what_was_typed_is_still_there(
    web: Web, path: str, role: str, fields: dict[str, str], typed: str
) -> None:
    answer = send(web, path, role, **fields)
    assert answer.status_code == (403 if fields.keys() & {"role", "service"} else 422), answer.text
    assert 'class="alert"' in answer.text
    assert f'value="{typed}"' in answer.text
    assert ONCE.findall(answer.text) == []
    before = page(web, "" if path in ("/channels", "/tokens") else path, role)
    assert typed not in before or typed == "x"


def test_what_looks_like_script_is_text(web: Web) -> None:
    send(web, "/channels", **{**MAIL, "label": SCRIPT})
    send(web, "/tokens", label=SCRIPT)
    send(web, "/webhooks", "admin", **{**hook(3), "label": SCRIPT})
    send(web, "/people", "admin", login="scripted", name=SCRIPT, roles="viewer")
    webhook = first(web, "/v1/webhooks", "admin")
    for path, role in (("", "clinician"), ("/webhooks", "admin"), ("/people", "admin")):
        assert SCRIPT not in page(web, path, role)
        assert "&lt;script&gt;" in page(web, path, role)
    assert SCRIPT not in page(web, f"/webhooks/{webhook}", "admin")


def test_roles_are_given_and_taken_and_somebody_is_shut_out(web: Web) -> None:
    send(web, "/people", "admin", login="nina", name="Nina", roles=["viewer", "coordinator"])
    nina = next(p for p in web.get("/v1/people", role="admin").json()["items"] if p["login"] == "nina")
    changed = send(web, f"/people/{nina['id']}", "admin", name="Nina New", roles="clinician", shut_out="1")
    assert changed.status_code == 303
    found = web.get(f"/v1/people/{nina['id']}", role="admin").json()
    assert (found["name"], found["roles"], found["disabled"] is None) == ("Nina New", ["clinician"], False)
    send(web, f"/people/{nina['id']}", "admin", name="Nina New", roles="clinician")
    assert web.get(f"/v1/people/{nina['id']}", role="admin").json()["disabled"] is None


def test_settings_of_others_and_of_another_site_are_not_there(web: Web) -> None:
    send(web, "/channels", "coordinator", **MAIL)
    send(web, "/tokens", "coordinator", label="hers")
    send(web, "/calendars", "coordinator")
    send(web, "/webhooks", "admin", **hook(4))
    channel, calendar = (first(web, f"/v1/me/{each}", "coordinator") for each in ("channels", "calendars"))
    token = next(t for t in web.get("/v1/tokens", role="coordinator").json()["items"] if t["label"] == "hers")
    webhook, person = first(web, "/v1/webhooks", "admin"), first(web, "/v1/people", "admin")
    for path in (
        f"/channels/{channel}",
        f"/channels/{channel}/remove",
        f"/calendars/{calendar}/end",
        f"/tokens/{token['id']}/end",
        f"/tokens/{token['id']}/rotate",
    ):
        assert send(web, path, "clinician", label="mine").status_code == 404, path
    for path in (
        f"/webhooks/{webhook}",
        f"/webhooks/{webhook}/rotate",
        f"/webhooks/{webhook}/remove",
        f"/people/{person}",
        f"/people/{person}/invitation",
    ):
        sent = send(web, path, "admin elsewhere", label="ours", name="x", roles="viewer")
        assert sent.status_code == 404, path
    assert web.get(f"/settings/webhooks/{webhook}", role="admin elsewhere", headers=PAGE).status_code == 404
    assert "hers" not in page(web, "", "clinician")
    assert page(web, "/people", "admin").count("<article") == len(
        web.get("/v1/people?limit=200", role="admin").json()["items"]
    )


def test_a_service_has_tokens_to_see_and_nothing_to_be_told(web: Web) -> None:
    shown = page(web, "", "elsewhere")
    assert "nobody tells anything" in shown
    assert send(web, "/channels", "elsewhere", **MAIL).status_code == 403


def test_a_change_that_cannot_be_made_is_shown_again_as_it_was_typed(web: Web) -> None:
    send(web, "/channels", **MAIL)
    channel = first(web, "/v1/me/channels", "clinician")
    odd = send(web, f"/channels/{channel}", label="night", time_zone="Mars/Olympus", quiet_from="21:00")
    assert odd.status_code == 422
    assert all(f'value="{each}"' in odd.text for each in ("night", "Mars/Olympus", "21:00"))
    assert 'class="do" open' in odd.text

    send(web, "/webhooks", "admin", **hook(5))
    webhook = first(web, "/v1/webhooks", "admin")
    odd = send(web, f"/webhooks/{webhook}", "admin", label="l" * 201, events="step.added")
    assert odd.status_code == 422
    assert "l" * 201 in odd.text
    assert 'value="step.added" checked' in odd.text

    away = {"first": "2024-02-05", "last": "2024-02-01", "cover": "p-clinical_lead"}
    odd = send(web, "/people/p-clinician/absences", "admin", **away)
    assert odd.status_code == 422
    assert "must not lie before the first" in odd.text
    assert all(f'value="{away[each]}"' in odd.text for each in ("first", "last"))
    assert 'value="p-clinical_lead" selected' in odd.text
    odd = send(web, "/people/p-clinician", "admin", name=" ", roles="viewer", shut_out="1")
    assert odd.status_code == 422
    assert 'class="do" open' in odd.text
    kept = send(web, "/people/p-clinician/absences", "admin", **away, typed_before="1")
    assert kept.status_code == 200
    assert 'value="2024-02-01"' in kept.text


def test_whoever_works_there_can_stand_in_however_many_they_are(web: Web) -> None:
    app = web.application
    with writing(app.store) as uow:
        for number in range(60):
            person = Person(f"z-{number}", f"z{number}", f"Z {number}", app.clock.now())
            uow.people.add(person)
            uow.people.grant(Membership(person.id, "main", Role.CLINICIAN))
    shown = page(web, "/people", "admin")
    (following,) = re.findall(r'rel="next" href="/settings/people([^"]+)"', shown)
    later = page(web, f"/people{following}", "admin")
    for each in (shown, later):
        covers = re.findall(r'<select name="cover" required>(.*?)</select>', each, re.DOTALL)
        assert all(c.count("<option") == 66 for c in covers)
    last = re.findall(r'action="/settings(/people/z-[0-9]+/absences[^"]+)"', later)[-1]
    odd = send(web, last, "admin", first="2024-02-05", last="2024-02-01", cover="z-0")
    assert odd.status_code == 422
    assert 'value="2024-02-01"' in odd.text
    done = send(web, last, "admin", first="2024-02-05", last="2024-02-06", cover="z-0")
    assert done.headers["location"] == f"/settings/people{following}"

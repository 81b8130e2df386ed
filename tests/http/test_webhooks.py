"""Webhooks over HTTP, before a real receiver: set up, signed, rotated, shut, enabled, resent; and refused."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from api.channels.secrets import unsigned
from api.channels.webhooks import Webhooks
from api.http.examples import EXAMPLES
from engine.core.channels import WEBHOOK
from engine.core.dispatches import MOST
from engine.services.delivering import Delivered, deliver_due
from tests.channels.receiver import Answer, Receiver, receiving
from tests.http.conftest import OUTSIDE, Web, key, problem

HOOKS = "/v1/webhooks"
ANY = {"If-Match": "*"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def body(receiver: Receiver, **more: Any) -> dict[str, Any]:
    return {"url": f"http://127.0.0.1:{receiver.port}/careway", "label": "registry", **more}


def hooked(web: Web, receiver: Receiver, **more: Any) -> tuple[str, str]:
    """Set up a webhook; return its id and secret."""
    answer = web.post(HOOKS, role="integrator", json=body(receiver, **more))
    assert answer.status_code == 201, answer.text
    return answer.json()["webhook"]["id"], answer.json()["secret"]


def happen(web: Web) -> str:
    """Enrol a new patient, which opens actions, and move the patient, which adds a step; return the id."""
    patient = web.patient()
    for name in ("enrol", "override"):
        assert web.send(patient, EXAMPLES[name], headers=ANY).status_code == 201
    return patient


def deliver(web: Web) -> Delivered:
    app = web.application
    carriers = {WEBHOOK: Webhooks(key(), web.clock, OUTSIDE.networks)}
    return deliver_due(app.writer, carriers, web.clock, lambda _: 0)


def signed(receiver: Receiver, web: Web, secret: str) -> bool:
    """Whether the newest message bears a signature by a secret."""
    heard = receiver.heard[-1]
    ours = Webhook(secret).sign(heard.headers["webhook-id"], web.clock.now(), heard.body.decode())
    return ours in heard.headers["webhook-signature"].split(" ")


def log(web: Web, hook: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = web.get(f"{HOOKS}/{hook}/deliveries?limit=200", role="admin").json()[
        "items"
    ]
    return found


def refusals(web: Web, sent: Any, method: str = "POST", path: str = HOOKS) -> list[tuple[str, str]]:
    found = problem(web.call(method, path, role="admin", json=sent), 422, "message-refused")
    return [(error["pointer"], error["code"]) for error in found["errors"]]


def test_another_system_hears_what_it_asked_for_and_can_check_that_it_is_from_here(
    web: Web, receiver: Receiver
) -> None:
    hook, secret = hooked(web, receiver, events=["step.added", "step.added"])
    patient = happen(web)
    assert deliver(web) == Delivered(1, 0)

    (heard,) = receiver.heard
    told = json.loads(heard.body)
    assert (told["type"], told["data"]["patient"], told["data"]["to"]) == ("step.added", patient, "monitor")
    assert signed(receiver, web, secret)
    (logged,) = log(web, hook)
    assert (logged["id"], logged["type"]) == (heard.headers["webhook-id"], "step.added")
    assert (logged["next_at"], logged["gave_up"], logged["outcome"]) == (None, None, "http-200")
    assert [(a["number"], a["outcome"]) for a in logged["attempts"]] == [(1, "http-200")]
    shown = web.get(f"{HOOKS}/{hook}", role="admin").json()
    assert shown["events"] == ["step.added"]
    assert web.get(HOOKS, role="integrator").json()["items"] == [shown]
    assert secret not in json.dumps([shown, logged])
    assert patient not in json.dumps(logged)


def test_the_secret_before_signs_beside_the_new_one_for_a_day(web: Web, receiver: Receiver) -> None:
    hook, old = hooked(web, receiver)
    rotated = web.post(f"{HOOKS}/{hook}/rotate", role="admin").json()
    new = rotated["secret"]
    assert new != old
    assert rotated["webhook"]["rotated"] is not None
    for hours, who in ((0, (True, True)), (23, (True, True)), (1, (True, False))):
        web.clock.instant += timedelta(hours=hours)
        happen(web)
        deliver(web)
        assert (signed(receiver, web, new), signed(receiver, web, old)) == who


def test_a_webhook_that_failed_for_days_is_shut_and_enabled_and_what_was_missed_is_sent_again(
    web: Web, receiver: Receiver
) -> None:
    receiver.answer = Answer(500)
    hook, _ = hooked(web, receiver, events=["step.added"])
    happen(web)
    while (waiting := log(web, hook)[0])["next_at"] is not None:
        deliver(web)
        web.clock.instant += timedelta(hours=25)
    assert (len(waiting["attempts"]), waiting["outcome"]) == (MOST, "http-500")
    assert web.get(f"{HOOKS}/{hook}", role="admin").json()["why"] == "failing"
    path = f"{HOOKS}/{hook}/deliveries/{waiting['id']}/resend"
    problem(web.post(path, role="admin"), 409, "channel-shut")
    problem(web.post(f"{HOOKS}/{hook}/rotate", role="admin"), 409, "channel-shut")
    problem(web.call("PATCH", f"{HOOKS}/{hook}", role="admin", json={"label": "x"}), 409, "channel-shut")
    happen(web)
    assert len(log(web, hook)) == 1

    enabled = web.post(f"{HOOKS}/{hook}/enable", role="admin").json()
    assert (enabled["disabled"], enabled["why"]) == (None, None)
    assert web.post(f"{HOOKS}/{hook}/enable", role="admin").json() == enabled
    again = web.post(path, role="admin").json()
    assert (again["id"], again["gave_up"]) == (waiting["id"], None)
    assert web.post(path, role="admin").json() == again
    assert deliver(web) == Delivered(0, 1)
    assert web.get(f"{HOOKS}/{hook}", role="admin").json()["why"] is None, "one more try says nothing of days"

    receiver.answer = Answer(204)
    web.post(path, role="admin")
    assert deliver(web) == Delivered(1, 0)
    (last,) = log(web, hook)
    assert [a["outcome"] for a in last["attempts"][-2:]] == ["http-500", "http-204"]
    assert {heard.headers["webhook-id"] for heard in receiver.heard} == {waiting["id"]}


def test_a_receiver_that_wants_nothing_more_gets_nothing_until_it_is_enabled(
    web: Web, receiver: Receiver
) -> None:
    receiver.answer = Answer(410)
    hook, _ = hooked(web, receiver)
    happen(web)
    deliver(web)
    assert web.get(f"{HOOKS}/{hook}", role="admin").json()["why"] == "gone"
    assert web.post(f"{HOOKS}/{hook}/enable", role="integrator").json()["why"] is None


def test_what_is_changed_or_removed_holds_from_then_on(web: Web, receiver: Receiver) -> None:
    hook, _ = hooked(web, receiver, events=["step.added"])
    happen(web)
    path = f"{HOOKS}/{hook}"
    changed = web.call("PATCH", path, role="admin", json={"events": ["action.opened"], "label": "lake"})
    assert (changed.json()["events"], changed.json()["label"]) == (["action.opened"], "lake")
    assert web.call("PATCH", path, role="admin", json={"events": []}).json()["events"] == []
    waiting = log(web, hook)
    assert [each["type"] for each in waiting] == ["step.added"]

    gone = web.call("DELETE", path, role="admin").json()
    assert gone["why"] == "removed"
    assert web.call("DELETE", path, role="admin").json() == gone
    problem(web.post(f"{path}/enable", role="admin"), 409, "channel-shut")
    assert deliver(web) == Delivered(0, 0)
    assert log(web, hook)[0]["outcome"] == "removed"
    with web.application.store.reading() as uow:
        acts = [link.entry for link in uow.audit.chain("sites")]
    assert [entry.act for entry in acts if "channel" in entry.body] == [
        "open webhook",
        "change webhook",
        "change webhook",
        "remove webhook",
    ]
    assert "127.0.0.1" not in str([entry.body for entry in acts])


def test_the_log_comes_in_pages(web: Web, receiver: Receiver) -> None:
    hook, _ = hooked(web, receiver)
    for _ in range(3):
        happen(web)
    whole, found, path = log(web, hook), [], f"{HOOKS}/{hook}/deliveries?limit=4"
    assert len(whole) > 9
    while path:
        page = web.get(path, role="integrator")
        found += page.json()["items"]
        path = page.links.get("next", {}).get("url", "")
    assert found == whole
    assert [each["created"] for each in whole] == sorted((e["created"] for e in whole), reverse=True)
    problem(web.get(f"{HOOKS}/{hook}/deliveries?cursor=eA==", role="admin"), 400, "parameter-unreadable")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"url": "https://10.0.0.7/hook"}, [("/url", "webhook-address")]),
        ({"url": "https://192.168.1.1/"}, [("/url", "webhook-address")]),
        ({"url": "https://169.254.169.254/latest/meta-data"}, [("/url", "webhook-address")]),
        ({"url": "https://[::1]/"}, [("/url", "webhook-address")]),
        ({"url": "https://[::ffff:10.0.0.7]/"}, [("/url", "webhook-address")]),
        ({"url": "http://93.184.216.34/"}, [("/url", "webhook-address")]),
        ({"url": "https://me:secret@93.184.216.34/"}, [("/url", "webhook-address")]),
        ({"url": "https://93.184.216.34/\r\nX-Other: 1"}, [("/url", "webhook-address")]),
        ({"url": "file:///etc/passwd"}, [("/url", "webhook-address")]),
        ({"url": ""}, [("/url", "webhook-address")]),
        ({"url": "https://93.184.216.34/" + "x" * 2000}, [("/url", "bad-field")]),
        ({"url": None}, [("/url", "bad-field")]),
        ({"label": "registry\r\nX-Other: 1"}, [("/label", "bad-name")]),
        ({"label": ""}, [("/label", "bad-name")]),
        ({"events": ["step.added", "patient.sneezed"]}, [("/events/1", "unknown-kind")]),
        ({"events": "step.added"}, [("/events", "bad-field")]),
        ({"events": ["x"], "label": ""}, [("/label", "bad-name"), ("/events/0", "unknown-kind")]),
        ({"secret": "mine"}, [("/secret", "bad-field")]),
    ],
)
def test_a_webhook_that_cannot_be(
    web: Web, receiver: Receiver, change: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert refusals(web, {**body(receiver), **change}) == expected
    assert web.get(HOOKS, role="admin").json() == {"items": []}


def test_a_change_that_cannot_be(web: Web, receiver: Receiver) -> None:
    hook, _ = hooked(web, receiver)
    path = f"{HOOKS}/{hook}"
    before = web.get(path, role="admin").json()
    assert refusals(web, {"events": ["x"]}, "PATCH", path) == [("/events/0", "unknown-kind")]
    assert refusals(web, {"label": "a\nb"}, "PATCH", path) == [("/label", "bad-name")]
    assert refusals(web, {"url": "https://10.0.0.7/"}, "PATCH", path) == [("/url", "bad-field")]
    problem(web.post(HOOKS, role="admin", json=body(receiver)), 409, "already-there")
    assert web.get(path, role="admin").json() == before


def hooked_elsewhere(web: Web, receiver: Receiver) -> str:
    """Set up a webhook of the site south."""
    answer = web.post(HOOKS, role="admin elsewhere", json=body(receiver))
    return str(answer.json()["webhook"]["id"])


def test_a_webhook_of_another_site_is_not_there(web: Web, receiver: Receiver) -> None:
    web.people("south", " elsewhere")
    hook, _ = hooked(web, receiver)
    happen(web)
    delivery = log(web, hook)[0]["id"]
    other = hooked_elsewhere(web, receiver)
    calls = [
        ("GET", f"{HOOKS}/{hook}"),
        ("PATCH", f"{HOOKS}/{hook}"),
        ("DELETE", f"{HOOKS}/{hook}"),
        ("POST", f"{HOOKS}/{hook}/rotate"),
        ("POST", f"{HOOKS}/{hook}/enable"),
        ("GET", f"{HOOKS}/{hook}/deliveries"),
        ("POST", f"{HOOKS}/{hook}/deliveries/{delivery}/resend"),
        ("POST", f"{HOOKS}/{other}/deliveries/{delivery}/resend"),
        ("GET", f"{HOOKS}/nothing"),
    ]
    for method, path in calls:
        more = {"json": {"label": "x"}} if method == "PATCH" else {}
        problem(web.call(method, path, role="admin elsewhere", **more), 404, "not-found")
    assert [item["id"] for item in web.get(HOOKS, role="admin elsewhere").json()["items"]] == [other]
    assert web.get(f"{HOOKS}/{hook}", role="admin").json()["disabled"] is None


def test_without_a_key_there_are_no_webhooks(web: Web, receiver: Receiver) -> None:
    web.application.__dict__["secret_of"] = unsigned
    problem(web.post(HOOKS, role="admin", json=body(receiver)), 503, "webhooks-unavailable")
    assert web.get(HOOKS, role="admin").json() == {"items": []}

"""Webhooks, before a real receiver: signed so that a library verifies it, and led astray by nobody."""

import json
import logging
import socket
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from api.channels.configured import Network
from api.channels.guard import check_url
from api.channels.signing import secret_of
from api.channels.webhooks import Webhooks, retry_after
from api.clock import SystemClock
from api.keys import SigningKey, signing_key
from api.settings import read_settings
from engine.core.dispatches import Letter, Outcome
from engine.ports import Clock
from tests.certificates import certificate
from tests.channels.kit import KEY, NOW, message, moved
from tests.channels.mail import dripping
from tests.channels.receiver import Answer, Receiver, receiving
from tests.channels.test_guard import PUBLIC, Names

LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
BODY = '{"data":{"patient":"p1"},"timestamp":"2024-03-01T09:30:00+00:00","type":"pathway.transitioned"}'


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    folder = tmp_path_factory.mktemp("key")
    return signing_key(read_settings(f"sqlite:///{folder}/c.db", {}))


def carrier(key: SigningKey, *, clock: Clock | None = None, patience: int = 10) -> Webhooks:
    """Webhooks of an installation whose operator opened this machine."""
    return Webhooks(key, clock or moved(), LOOPBACK, patience=patience)


def letter(receiver: Receiver, path: str = "/hook?token=x", **more: Any) -> Letter:
    return message(f"http://127.0.0.1:{receiver.port}{path}", BODY, **more)


def test_a_message_arrives_as_it_is_and_a_library_verifies_it(key: SigningKey) -> None:
    with receiving(Answer(204)) as receiver:
        outcome = carrier(key, clock=SystemClock()).carry(letter(receiver))

    assert outcome == Outcome("sent", "http-204")
    (heard,) = receiver.heard
    assert (heard.path, heard.body) == ("/hook?token=x", BODY.encode())
    assert heard.headers["webhook-id"] == KEY
    assert heard.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["user-agent"] == "careway"
    shown = secret_of(key, "c1", 1)
    assert Webhook(shown).verify(heard.body, heard.headers) == json.loads(BODY)
    for changed in (
        {**heard.headers, "webhook-id": "another"},
        {**heard.headers, "webhook-timestamp": str(int(heard.headers["webhook-timestamp"]) + 1)},
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(shown).verify(heard.body, changed)
    for body, secret in ((BODY.replace("p1", "p2"), shown), (BODY, secret_of(key, "c2", 1))):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, heard.headers)


def test_another_attempt_has_the_same_id_and_its_own_time(key: SigningKey) -> None:
    clock = moved()
    with receiving(Answer(500)) as receiver:
        sending = carrier(key, clock=clock)
        assert sending.carry(letter(receiver)) == Outcome("failed", "http-500")
        clock.instant += timedelta(minutes=5)
        sending.carry(letter(receiver))

    first, second = (heard.headers for heard in receiver.heard)
    assert first["webhook-id"] == second["webhook-id"] == KEY
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 300
    assert int(first["webhook-timestamp"]) == NOW.timestamp()
    assert first["webhook-signature"] != second["webhook-signature"]


def test_for_a_day_after_rotation_the_secret_before_signs_as_well(key: SigningKey) -> None:
    clock = moved()

    def verified() -> list[int]:
        sending.carry(letter(receiver, secret=3, rotated=NOW))
        heard = receiver.heard[-1]
        signatures = heard.headers["webhook-signature"].split(" ")
        assert all(each.startswith("v1,") for each in signatures)
        return [
            number
            for each in signatures
            for number in (1, 2, 3)
            if Webhook(secret_of(key, "c1", number)).sign(KEY, clock.instant, BODY) == each
        ]

    with receiving() as receiver:
        sending = carrier(key, clock=clock)
        assert verified() == [3, 2]
        clock.instant = NOW + timedelta(days=1, seconds=-1)
        assert verified() == [3, 2]
        clock.instant = NOW + timedelta(days=1)
        assert verified() == [3]


def test_secrets_are_shown_as_the_standard_says_and_are_all_different(key: SigningKey) -> None:
    shown = [secret_of(key, channel, number) for channel in ("c1", "c2", "c1 1") for number in (1, 2, 11)]

    assert len(set(shown)) == 9
    assert all(each.startswith("whsec_") and len(Webhook(each)._whsecret) == 32 for each in shown)
    assert secret_of(key, "c1", 1) == shown[0]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(200), Outcome("sent", "http-200")),
        (Answer(299), Outcome("sent", "http-299")),
        (Answer(301, {"Location": "/other"}), Outcome("failed", "http-301")),
        (Answer(307, {"Location": "/other"}), Outcome("failed", "http-307")),
        (Answer(308, {"Location": "http://169.254.169.254/"}), Outcome("failed", "http-308")),
        (Answer(400), Outcome("failed", "http-400")),
        (Answer(404, {"Retry-After": "60"}), Outcome("failed", "http-404")),
        (Answer(410), Outcome("gone", "http-410")),
        (Answer(429), Outcome("failed", "http-429")),
        (Answer(429, {"Retry-After": "120"}), Outcome("failed", "http-429", timedelta(minutes=2))),
        (
            Answer(503, {"Retry-After": "Fri, 01 Mar 2024 10:00:00 GMT"}),
            Outcome("failed", "http-503", timedelta(minutes=30)),
        ),
        (Answer(502, {"Retry-After": "soon"}), Outcome("failed", "http-502")),
        (Answer(504, {"Retry-After": "0"}), Outcome("failed", "http-504", timedelta())),
        (Answer(hang_up=True), Outcome("failed", "dropped")),
    ],
    ids=lambda value: value.code if isinstance(value, Outcome) else None,
)
def test_what_an_answer_comes_to(key: SigningKey, answer: Answer, outcome: Outcome) -> None:
    with receiving(answer) as receiver:
        assert carrier(key).carry(letter(receiver)) == outcome

    assert [heard.path for heard in receiver.heard] == ["/hook?token=x"]


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        (None, None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("\u0663", None),
        ("999999999", timedelta(seconds=999_999_999)),
        ("9999999999", None),
        ("Fri, 01 Mar 2024 09:30:30 GMT", timedelta(seconds=30)),
        ("Fri, 01 Mar 2024 09:30:30 -0000", timedelta(seconds=30)),
        ("Fri, 01 Mar 2024 11:00:00 +0100", timedelta(minutes=30)),
        ("Fri, 01 Mar 2024 09:00:00 GMT", timedelta()),
        ("Fri, 32 Mar 2024 09:00:00 GMT", None),
        ("60, 120", None),
    ],
)
def test_receivers_say_when_to_come_again_in_seconds_or_by_date(
    text: str | None, wait: timedelta | None
) -> None:
    assert retry_after(text, NOW) == wait


@given(
    st.text()
    | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,4} [A-Z][a-z]{2} [0-9]{1,6} [0-9:]{1,9} [A-Z+0-9-]{1,6}")
)
def test_whatever_receivers_say_it_is_a_pause_or_nothing(text: str) -> None:
    wait = retry_after(text, NOW)
    assert wait is None or wait >= timedelta()


def test_a_receiver_that_says_nothing_or_a_letter_now_and_then_is_not_waited_for(key: SigningKey) -> None:
    begun = time.monotonic()
    with receiving(Answer(pause=30)) as receiver:
        assert carrier(key, patience=1).carry(letter(receiver)) == Outcome("failed", "timeout")
    with dripping() as port:
        dripped = message(f"http://127.0.0.1:{port}/")
        assert carrier(key, patience=1).carry(dripped) == Outcome("failed", "timeout")

    assert time.monotonic() - begun < 8


@pytest.mark.parametrize(
    "answer", [Answer(200, body=b"x" * 100, drip=0.5), Answer(200, body=bytes(50_000_000))]
)
def test_an_answer_counts_as_soon_as_it_has_begun_and_is_not_heard_to_its_end(
    key: SigningKey, answer: Answer
) -> None:
    begun = time.monotonic()
    with receiving(answer) as receiver:
        assert carrier(key).carry(letter(receiver)) == Outcome("sent", "http-200")

    assert time.monotonic() - begun < 6
    assert receiver.said < len(answer.body)


def test_nobody_there(key: SigningKey) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    assert carrier(key).carry(message(f"http://127.0.0.1:{port}/")) == Outcome("failed", "refused")
    nameless = Webhooks(key, moved(), resolve=Names())
    assert nameless.carry(message("https://hooks.example/")) == Outcome("failed", "unresolved")


def test_by_tls_the_name_is_asked_for_and_proven_and_the_address_is_the_one_looked_up(
    key: SigningKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = certificate(tmp_path, "hooks.example")
    monkeypatch.setenv("SSL_CERT_FILE", made[0])
    names = Names("127.0.0.1")
    sending = Webhooks(key, moved(), LOOPBACK, names)
    with receiving(certificate=made) as receiver:
        named = message(f"https://hooks.example:{receiver.port}/hook", BODY)
        assert sending.carry(named) == Outcome("sent", "http-200")
        other = message(f"https://other.example:{receiver.port}/hook", BODY)
        assert sending.carry(other) == Outcome("failed", "tls")
        bare = message(f"https://127.0.0.1:{receiver.port}/hook", BODY)
        assert sending.carry(bare) == Outcome("failed", "tls")
        monkeypatch.delenv("SSL_CERT_FILE")
        assert Webhooks(key, moved(), LOOPBACK, names).carry(named) == Outcome("failed", "tls")

    (heard,) = receiver.heard
    assert heard.headers["host"] == f"hooks.example:{receiver.port}"
    assert heard.server_name == "hooks.example"
    assert names.asked == ["hooks.example", "other.example", "127.0.0.1", "hooks.example"]


def test_a_host_that_means_another_machine_by_now_is_not_sent_to(key: SigningKey) -> None:
    class Rebound:
        answers: ClassVar = [[PUBLIC], ["127.0.0.1"]]

        def __call__(self, host: str) -> Sequence[str]:
            return self.answers.pop(0)

    names = Rebound()
    with receiving() as receiver:
        url = f"https://hooks.example:{receiver.port}/"
        check_url(url, resolve=names)
        sending = Webhooks(key, moved(), resolve=names)
        assert sending.carry(message(url)) == Outcome("failed", "forbidden-address")
        assert Webhooks(key, moved()).carry(letter(receiver)) == Outcome("failed", "forbidden-address")

    assert receiver.heard == []


def test_of_several_addresses_one_that_answers_is_enough(key: SigningKey) -> None:
    with receiving() as receiver:
        for addresses in (("127.0.0.2", "127.0.0.1"), ("::1", "127.0.0.2", "127.0.0.1")):
            sending = Webhooks(key, moved(), LOOPBACK, Names(*addresses))
            sent = sending.carry(message(f"http://hooks.example:{receiver.port}/", BODY))
            assert sent == Outcome("sent", "http-200")

    assert len(receiver.heard) == 2


def test_no_proxy_comes_between(key: SigningKey, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with receiving() as receiver:
        assert carrier(key).carry(letter(receiver)) == Outcome("sent", "http-200")


def test_nothing_about_an_attempt_is_logged(key: SigningKey, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with receiving() as receiver:
        carrier(key).carry(letter(receiver))
        carrier(key).carry(replace(letter(receiver), id="x" * 32))

    assert not [record for record in caplog.records if record.name.startswith(("http", "careway"))]
    assert "token" not in caplog.text

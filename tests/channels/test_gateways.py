"""Gateways: the operator's own, through Apprise, to a real receiver on this machine."""

import json
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from apprise import NotificationManager, NotifyBase, NotifyImageSize, NotifyType, PersistentStoreMode
from hypothesis import given, settings
from hypothesis import strategies as st

from api.channels.configured import Gateway, Outside
from api.channels.gateways import GatewayCarrier, _asset, make_known, reaching, sent_through
from api.channels.operator import tell_operator
from api.errors import AddressUnusable, BadInput
from engine.core.channels import Channel
from engine.core.dispatches import Letter, Outcome, Told
from tests.channels.kit import KEY, NOW, channel, names, notice, told
from tests.channels.receiver import Answer, Receiver, receiving

LINK = "https://careway.example"
SMS = r"\+[0-9]{6,15}"
HINT = "Write the number with +, such as +4930123456."
SENT = Outcome("sent", "gateway-took")


def gateway(
    port: int = 1, url: str = "json://me:hid-den@127.0.0.1:{port}/send/{address}?-key=hid-den"
) -> Gateway:
    return Gateway(url=url.replace("{port}", str(port)), address=SMS, hint=HINT)


def number(address: str = "+4930123456", **more: str | None) -> Channel:
    return channel("sms", address, **more)


def test_a_notice_goes_through_a_gateway_to_an_address() -> None:
    with receiving() as receiver:
        sending = GatewayCarrier("sms", gateway(receiver.port), LINK)
        assert sending.carry(notice(number(), 3)) == SENT
        assert sending.carry(notice(number(person=None, patient="p1"), 1, urgent=True)) == SENT

    staff, patient = receiver.heard
    assert unquote(staff.path) == "/send/+4930123456?key=hid-den"
    said = json.loads(staff.body)
    assert said["message"] == f"Careway has 3 reminders for you. Sign in to read more: {LINK}"
    assert (said["title"], said["attachments"]) == ("", [])
    assert "get in touch today" in json.loads(patient.body)["message"]
    assert "http" not in json.loads(patient.body)["message"]
    assert staff.headers["user-agent"] == "Careway"


def test_a_gateway_may_lead_to_one_place_only() -> None:
    with receiving() as receiver:
        room = Gateway(url=f"json://127.0.0.1:{receiver.port}/room", address="team", hint="Write team.")
        assert GatewayCarrier("room", room, LINK).carry(notice(channel("room", "team"))) == SENT

    assert [heard.path for heard in receiver.heard] == ["/room"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(500), "gateway-refused"),
        (Answer(403), "gateway-refused"),
        (Answer(302, {"Location": "/elsewhere"}), "gateway-refused"),
        (Answer(hang_up=True), "gateway-refused"),
        (Answer(pause=20), "timeout"),
        (Answer(body=b"x" * 100, drip=0.3), "timeout"),
    ],
)
def test_what_the_service_does_not_take_has_failed(answer: Answer, code: str) -> None:
    begun = time.monotonic()
    with receiving(answer) as receiver:
        sending = GatewayCarrier("sms", gateway(receiver.port), LINK, patience=2)
        assert sending.carry(notice(number())) == Outcome("failed", code)

    assert len(receiver.heard) == 1
    assert time.monotonic() - begun < 10


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert GatewayCarrier("sms", gateway(port), LINK).carry(notice(number())).code == "gateway-refused"


def test_what_apprise_cannot_use_is_told() -> None:
    with pytest.raises(BadInput, match="CAREWAY_GATEWAYS: sms/url: Apprise has no service") as raised:
        GatewayCarrier("sms", gateway(url="jsn://me:hid-den@host/{address}"), LINK)
    assert "hid" not in str(raised.value)

    incomplete = Gateway(url="twilio://x/{address}", address=SMS, hint=HINT)
    outcome = GatewayCarrier("sms", incomplete, LINK).carry(notice(number()))
    assert outcome == Outcome("failed", "gateway-unusable")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "4930123456",
        "+4930123456\n",
        "+4930123456,+4930123457",
        "+4930123456/../admin",
        "+4930123456?key=x",
        "+4930123456 +4930123457",
        "+" + "1" * 300,
    ],
)
def test_only_an_address_the_operator_allows_is_reached(address: str) -> None:
    with pytest.raises(AddressUnusable, match=r"no address that this gateway takes\. Write the number with"):
        reaching(gateway(), address)
    with receiving() as receiver:
        outcome = GatewayCarrier("sms", gateway(receiver.port), LINK).carry(notice(number(address)))

    assert outcome == Outcome("failed", "address-unusable")
    assert receiver.heard == []


@pytest.mark.parametrize(
    "address", ["a,b", "a;b", "a|b", "a b", "a/b", "a\\b", "a?b", "a&b", "a%2Fb", "..", "a\x00b"]
)
def test_an_address_is_one_address_whatever_the_operator_allows(address: str) -> None:
    anything = Gateway(url="json://host/{address}", address="(?s:.*)", hint=HINT)

    with pytest.raises(AddressUnusable):
        reaching(anything, address)
    assert reaching(anything, "#ward-7@x") == "json://host/%23ward-7%40x"


@given(st.text(max_size=30))
def test_an_address_stays_in_its_place(address: str) -> None:
    anything = Gateway(url="json://host/a/{address}/b?x=y", address="(?s:.*)", hint=HINT)
    try:
        url = reaching(anything, address)
    except AddressUnusable:
        return
    middle = url.removeprefix("json://host/a/").removesuffix("/b?x=y")
    assert unquote(middle) == address
    assert middle.isascii()
    assert not set(middle) & set("/?&#, ")


@pytest.mark.parametrize(
    "address", ["x@evil.example:80", "@evil.example", ":80", "#x", "x=y", "a+b", "(!$*~-_.)"]
)
def test_apprise_reads_an_address_in_its_place_and_no_host_or_secret_out_of_it(address: str) -> None:
    with receiving() as receiver:
        anything = Gateway(
            url=f"json://me:pass@127.0.0.1:{receiver.port}/to/{{address}}/end", address=".*", hint=HINT
        )
        assert GatewayCarrier("any", anything, LINK).carry(notice(channel("any", address))) == SENT

    (heard,) = receiver.heard
    assert heard.headers["authorization"] == "Basic bWU6cGFzcw=="
    assert unquote(heard.path) == f"/to/{address}/end"


def test_neither_addresses_nor_secrets_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for answer in (Answer(), Answer(500)):
        with receiving(answer) as receiver:
            GatewayCarrier("sms", gateway(receiver.port), LINK).carry(notice(number()))
    GatewayCarrier("sms", gateway(1), LINK).carry(notice(number()))

    assert caplog.records == []


def test_messages_show_no_pictures_from_elsewhere_and_leave_nothing_behind() -> None:
    asset = _asset()

    assert asset.image_url(NotifyType.INFO) is None
    assert asset.image_url(NotifyType.INFO, logo=True) is None
    assert asset.image_path(NotifyType.INFO, NotifyImageSize.XY_32) is None
    assert asset.storage_mode is PersistentStoreMode.MEMORY


def test_a_service_that_breaks_has_failed() -> None:
    class Broken(NotifyBase):  # type: ignore[no-untyped-call]
        protocol = "broken"  # type: ignore[assignment]

        def send(self, *_: object, **__: object) -> bool:
            raise ZeroDivisionError

    services: Any = NotificationManager()  # type: ignore[no-untyped-call]
    services.add(Broken)
    try:
        assert sent_through("broken://host", "x") == Outcome("failed", "gateway-fault")
    finally:
        services.remove("broken")


def test_the_operator_hears_of_the_installation() -> None:
    with receiving() as receiver:
        told_it = tell_operator(
            Outside(operator=f"json://127.0.0.1:{receiver.port}/op"), "No round for 15 minutes."
        )
    assert told_it == SENT
    said = json.loads(receiver.heard[0].body)
    assert (said["title"], said["message"]) == ("Careway", "No round for 15 minutes.")

    assert tell_operator(Outside(), "x") == Outcome("failed", "no-operator")
    assert tell_operator(Outside(operator="nope://x"), "x") == Outcome("failed", "gateway-unusable")


def test_apprise_is_loaded_only_when_it_is_needed() -> None:
    script = "import sys, api.channels.carriers, api.channels.operator; print('apprise' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout == "False\n"


def test_a_service_is_known_by_its_name_alone() -> None:
    make_known("twilio://hid-den", "X")
    with pytest.raises(BadInput, match="X: Apprise has no service"):
        make_known("careway://hid-den", "X")


@pytest.fixture(scope="module")
def listening() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@settings(max_examples=20)
@given(what=told, label=names, owner=names)
def test_what_goes_through_a_gateway_does_not_depend_on_whom_it_is_for(
    listening: Receiver, what: Told, label: str, owner: str
) -> None:
    sending = GatewayCarrier("sms", gateway(listening.port), LINK)

    def sent(to: Channel) -> tuple[str, bytes]:
        assert sending.carry(Letter(KEY, to, NOW, told=what)) == SENT
        heard = listening.heard.pop()
        return heard.path, heard.body

    assert sent(number(label=label, person=owner)) == sent(number())
    one, other = (number(label=name, person=None, patient=name) for name in (owner, "x"))
    assert sent(one) == sent(other)

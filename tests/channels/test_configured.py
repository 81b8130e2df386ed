"""The settings of what is said outside: read, or refused without repeating a secret."""

import json
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path

import pytest

from api.channels.configured import Gateway, MailServer
from api.channels.gateways import make_known, reaching
from api.errors import BadInput
from api.settings import read_settings

SENDER = "careway@hospital.example"


def mail(url: str, sender: str = SENDER) -> MailServer | None:
    return read_settings(None, {"CAREWAY_SMTP": url, "CAREWAY_SENDER": sender}).outside.mail


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 587, SENDER, "starttls")),
        ("smtp://mail.example:25/", MailServer("mail.example", 25, SENDER, "starttls")),
        ("smtp://mail.example?plain=yes", MailServer("mail.example", 587, SENDER, "none")),
        ("smtp://localhost:25", MailServer("localhost", 25, SENDER, "none")),
        ("smtp://[::1]", MailServer("::1", 587, SENDER, "none")),
        ("smtp://127.0.0.1?plain=no", MailServer("127.0.0.1", 587, SENDER, "starttls")),
        ("smtps://mail.example", MailServer("mail.example", 465, SENDER, "tls")),
        (
            "smtps://me%40hospital:p%40ss%2F@mail.example:466",
            MailServer("mail.example", 466, SENDER, "tls", "me@hospital", "p@ss/"),
        ),
        ("smtp://me:secret@localhost", MailServer("localhost", 587, SENDER, "none", "me", "secret")),
    ],
)
def test_a_mail_server_is_named_by_a_url(url: str, server: MailServer) -> None:
    assert mail(url) == server
    assert "p@ss/" not in repr(mail(url))


def test_without_a_server_there_is_no_mail() -> None:
    assert read_settings(None, {}).outside.mail is None
    assert read_settings(None, {"CAREWAY_SMTP": "", "CAREWAY_SENDER": SENDER}).outside.mail is None


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mail.example", "no URL of a mail server"),
        ("http://mail.example", "no URL of a mail server"),
        ("smtp://", "no URL of a mail server"),
        ("smtp://me:hid/den@mail.example", "no URL of a mail server"),
        ("smtp://me:hid#den@mail.example", "no URL of a mail server"),
        ("smtp://mail.example:hidden", "no URL of a mail server"),
        ("smtp://mail.example\r\nhidden", "no URL of a mail server"),
        ("smtp://mail .example", "no URL of a mail server"),
        ("smtp://mail.example/inbox", "no URL of a mail server"),
        ("smtp://[mail", "no URL of a mail server"),
        ("smtp://hidden@mail.example", "go together"),
        ("smtp://:hidden@mail.example", "go together"),
        ("smtp://me:hidd%C3%A9n@mail.example", "plain letters"),
        ("smtp://me:hidden@mail.example?plain=yes", "not sent unprotected"),
        ("smtp://mail.example?plain=maybe", "plain=yes or plain=no"),
        ("smtp://mail.example?plain", "plain=yes or plain=no"),
        ("smtp://mail.example?hidden=1", "plain=yes or plain=no"),
        ("smtps://mail.example?plain=yes", "only for smtp://"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_without_its_secret(url: str, says: str) -> None:
    with pytest.raises(BadInput, match="CAREWAY_SMTP: ") as raised:
        mail(url)

    assert says in str(raised.value)
    assert "hid" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("sender", ["", "careway", "Careway <careway@hospital.example>", "a@b.example\nX: y"])
def test_mail_needs_an_address_it_comes_from(sender: str) -> None:
    with pytest.raises(BadInput, match="CAREWAY_SENDER: set it to the e-mail address"):
        mail("smtp://mail.example", sender)


def test_networks_are_opened_by_name_of_each() -> None:
    told = read_settings(None, {"CAREWAY_WEBHOOK_NETWORKS": "10.20.0.0/16, fd00:1::/64,10.9.8.7"})

    assert told.outside.networks == tuple(map(ip_network, ("10.20.0.0/16", "fd00:1::/64", "10.9.8.7/32")))
    assert read_settings(None, {}).outside.networks == ()


@pytest.mark.parametrize(
    "text", ["lab", "10.20.0.1/16", "10.0.0.0/8,", "10.0.0.0/8 10.1.0.0/16", "10.0.0.0/33"]
)
def test_networks_that_cannot_be_used_are_told(text: str) -> None:
    with pytest.raises(BadInput, match=r"CAREWAY_WEBHOOK_NETWORKS: .* It takes networks such as"):
        read_settings(None, {"CAREWAY_WEBHOOK_NETWORKS": text})


SMS = {"url": "twilio://id:hidden@+4930/{address}", "address": r"\+[0-9]{6,15}", "hint": "Write it with +."}


def gateways(sent: object) -> Mapping[str, Gateway]:
    text = sent if isinstance(sent, str) else json.dumps(sent)
    return read_settings(None, {"CAREWAY_GATEWAYS": text}).outside.gateways


def test_gateways_are_named_with_the_addresses_they_take() -> None:
    room = {"url": "slack://a/b/c/%23team?x=y", "address": "team", "hint": "Write team."}
    found = gateways({"sms": SMS, "ward-7": room})

    assert found == {"sms": Gateway(**SMS), "ward-7": Gateway(**room)}
    assert "hidden" not in repr(found)
    assert gateways("") == {}


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ("{", "this is not JSON"),
        ([SMS], "Input should be"),
        ({"sms": "hidden"}, "sms: Input should be"),
        ({"sms": {**SMS, "url": 7}}, "sms/url: Input should be"),
        ({"sms": {"url": SMS["url"], "hint": "x"}}, "sms/address: Field required"),
        ({"sms": {**SMS, "hint": ""}}, "sms/hint: String should have at least 1 character"),
        ({"sms": {**SMS, "secret": "hidden"}}, "sms/secret: Extra inputs"),
        ({"email": SMS}, "cannot be called 'email'"),
        ({"webhook": SMS}, "cannot be called 'webhook'"),
        ({"SMS": SMS}, "cannot be called 'SMS'"),
        ({"7": SMS}, "cannot be called '7'"),
        ({"sms\n": SMS}, r"cannot be called 'sms\n'"),
        ({"": SMS}, "cannot be called ''"),
        ({"sms": {**SMS, "url": "hidden"}}, "sms/url: this is no Apprise URL"),
        ({"sms": {**SMS, "url": "x://hidden/{address}/{address}"}}, "sms/url: this is no Apprise URL"),
        ({"sms": {**SMS, "url": "x://hidden/{adress}"}}, "sms/url: this is no Apprise URL"),
        ({"sms": {**SMS, "url": "x://hidden/ {address}"}}, "sms/url: this is no Apprise URL"),
        ({"sms": {**SMS, "url": "x://hidden/\u0000{address}"}}, "sms/url: this is no Apprise URL"),
        ({"sms": {**SMS, "url": "json://{address}/hidden"}}, "stands where a host does"),
        ({"sms": {**SMS, "url": "json://me:hidden@{address}"}}, "stands where a host does"),
        ({"sms": {**SMS, "url": "json://{address}:hidden@host/"}}, "stands where a host does"),
        ({"sms": {**SMS, "url": "{address}://hidden"}}, "stands where a host does"),
        ({"sms": {**SMS, "address": "(hidden"}}, "sms/address: no regular expression"),
    ],
)
def test_gateways_that_cannot_be_used_are_told_without_their_secrets(sent: object, says: str) -> None:
    with pytest.raises(BadInput, match="CAREWAY_GATEWAYS: ") as raised:
        gateways(sent)

    assert says in str(raised.value)
    assert "hidden" not in str(raised.value)


def test_the_example_of_the_reference_can_be_used(root: Path) -> None:
    page = (root / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    example = page.partition("**Gateways**")[2].partition("```json")[2].partition("```")[0]
    found = gateways(example)

    assert reaching(found["sms"], "+4930654321").endswith("/%2B4930654321")
    assert reaching(found["ward"], "ward") == found["ward"].url
    for gateway in found.values():
        make_known(gateway.url, "")


def test_the_operator_is_told_by_an_apprise_url() -> None:
    found = read_settings(None, {"CAREWAY_OPERATOR": "tgram://hidden/1"}).outside

    assert found.operator == "tgram://hidden/1"
    assert "hidden" not in repr(found)
    assert read_settings(None, {"CAREWAY_OPERATOR": ""}).outside.operator is None
    for url in ("hidden", "tgram://hidden other://hidden", "tgram://hidden\n", "tgram://hidden/{address}"):
        with pytest.raises(BadInput, match="CAREWAY_OPERATOR: this is no Apprise URL") as raised:
            read_settings(None, {"CAREWAY_OPERATOR": url})
        assert "hidden" not in str(raised.value)

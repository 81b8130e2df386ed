"""Who carries what follows from the settings, and so do the addresses that are taken."""

import json
from pathlib import Path

import pytest

from api.channels.carriers import carriers, check_address
from api.channels.configured import Outside, outside_in
from api.errors import AddressUnusable, BadInput, WebhookAddressUnusable
from api.keys import signing_key
from api.settings import read_settings
from engine.core.dispatches import Outcome
from engine.errors import NotFound
from tests.channels.kit import channel, moved, notice
from tests.channels.mail import serving
from tests.channels.test_guard import PUBLIC, Names

SMS = {"url": "json://127.0.0.1:1/{address}", "address": r"\+[0-9]+", "hint": "Write it with +."}
TOLD = {
    "CAREWAY_SMTP": "smtp://127.0.0.1:1",
    "CAREWAY_SENDER": "careway@hospital.example",
    "CAREWAY_GATEWAYS": json.dumps({"sms": SMS}),
    "CAREWAY_WEBHOOK_NETWORKS": "10.20.0.0/16",
}


def test_each_kind_the_settings_make_possible_has_its_carrier(tmp_path: Path) -> None:
    settings = read_settings(f"sqlite:///{tmp_path}/c.db", TOLD)
    key = signing_key(settings)

    assert set(carriers(settings, key, moved())) == {"email", "webhook", "sms"}
    assert set(carriers(settings, None, moved())) == {"email", "sms"}
    assert set(carriers(read_settings(None, {}), key, moved())) == {"webhook"}


@pytest.mark.parametrize(
    ("address", "link"),
    [(None, "http://127.0.0.1:8000"), ("https://careway.example", "https://careway.example")],
)
def test_people_are_told_where_to_sign_in(address: str | None, link: str) -> None:
    with serving() as (office, port):
        told = {**TOLD, "CAREWAY_SMTP": f"smtp://127.0.0.1:{port}"}
        if address:
            told["CAREWAY_ADDRESS"] = address
        found = carriers(read_settings(None, told), None, moved())
        assert found["email"].carry(notice(channel())) == Outcome("sent", "smtp-250")

    assert f"Sign in to read more: {link}" in office.taken[0].get_content().splitlines()


def test_an_unknown_service_is_told_at_the_start() -> None:
    told = {"CAREWAY_GATEWAYS": json.dumps({"sms": {**SMS, "url": "nope://hidden/{address}"}})}

    with pytest.raises(BadInput, match="sms/url: Apprise has no service of that name") as raised:
        carriers(read_settings(None, told), None, moved())
    assert "hidden" not in str(raised.value)


def test_a_channel_is_set_up_with_an_address_of_its_kind() -> None:
    outside = outside_in(TOLD)

    check_address("email", "may@clinic.example", outside)
    check_address("sms", "+4930123456", outside)
    check_address("webhook", "https://hooks.example/x", outside, Names(PUBLIC))
    check_address("webhook", "http://lab.example/x", outside, Names("10.20.0.1"))
    for kind, address in (("email", "may"), ("sms", "may@clinic.example")):
        with pytest.raises(AddressUnusable):
            check_address(kind, address, outside)
    with pytest.raises(WebhookAddressUnusable):
        check_address("webhook", "https://hooks.example/x", outside, Names("10.0.0.1"))


@pytest.mark.parametrize(
    ("kind", "outside", "known"),
    [
        ("fax", outside_in(TOLD), "Known: email, sms, webhook."),
        ("email", Outside(), "Known: webhook."),
        ("", Outside(), "Known: webhook."),
    ],
)
def test_a_kind_that_is_not_there_is_told(kind: str, outside: Outside, known: str) -> None:
    with pytest.raises(NotFound) as raised:
        check_address(kind, "may@clinic.example", outside)
    assert str(raised.value) == f"There is no kind of channel {kind!r}. {known}"

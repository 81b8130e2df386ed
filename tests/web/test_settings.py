"""Settings in a real browser: how one is told, tokens, people, and webhooks with a real receiver."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.channels.receiver import Answer, Receiver, receiving
from tests.web.hospital import Hospital
from tests.web.test_journeys import BOTH, Hand, button, inside


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Answer(503)) as made:
        yield made


def card(page: Page, title: str) -> Locator:
    return page.locator("article", has=page.get_by_role("heading", name=title, exact=True))


@BOTH
def test_how_one_is_told_the_calendar_and_a_token(hospital: Hospital, hands: Hand) -> None:
    page, do = inside(hospital, "cora", hands)
    name = "work"
    do.press(page.get_by_role("link", name="Settings", exact=True))
    do.press(page.get_by_text("Add a channel"))
    new = page.locator("form[action='/settings/channels']")
    do.write(new.get_by_label("Address"), "cora@hospital.example")
    do.write(new.get_by_label("Called"), name)
    do.press(button(page, "Add"))
    mine = card(page, name)
    expect(mine).to_contain_text("as it comes")
    do.press(mine.get_by_text("Change"))
    do.write(mine.get_by_label("Time zone"), "Mars/Olympus")
    do.press(mine.get_by_role("button", name="Save"))
    expect(page.get_by_text(re.compile("no time zone"))).to_be_visible()
    page.goto("/settings")
    do.press(card(page, name).get_by_text("Change"))
    do.write(card(page, name).get_by_label("Quiet from"), "20:00")
    do.write(card(page, name).get_by_label("until"), "07:00")
    do.press(card(page, name).get_by_role("button", name="Save"))
    expect(card(page, name)).to_contain_text("quiet from 20:00 to 07:00")

    do.press(button(page, "Make a feed"))
    address = page.get_by_label("Address of your feed").input_value()
    assert page.request.get(address).headers["content-type"].startswith("text/calendar")
    page.goto("/settings")
    expect(page.get_by_label("Address of your feed")).to_have_count(0)

    do.press(page.get_by_text("Make a token"))
    do.write(page.get_by_label("Called").last, "script")
    do.press(button(page, "Make it"))
    secret = page.get_by_label("Secret of the token").input_value()
    with hospital.served.client(secret) as client:
        assert client.get("/v1/me").json()["person"]["name"] == "Cora"
        page.goto("/settings")
        token = card(page, "script")
        do.press(token.get_by_text("Change"))
        do.press(token.get_by_role("button", name="End it"))
        expect(card(page, "script")).to_have_count(0)
        assert client.get("/v1/me").status_code == 401


@BOTH
def test_a_colleague_is_invited_and_chooses_a_password(hospital: Hospital, hands: Hand) -> None:
    page, do = inside(hospital, "adam", hands)
    do.press(page.get_by_role("link", name="Settings", exact=True))
    do.press(page.get_by_role("link", name="People", exact=True))
    do.press(page.get_by_text("Add somebody"))
    do.write(page.get_by_label("Name").last, "Nina Nord")
    do.write(page.get_by_label("Login"), "nina")
    do.tick(page.get_by_label("coordinator").last)
    do.press(button(page, "Add"))
    invitation = page.get_by_label(re.compile("Invitation of")).input_value()

    guest = hospital.visitor()
    guest.goto(invitation)
    expect(guest.get_by_text("Nina Nord")).to_be_visible()
    person = card(page, "Nina Nord")
    do.press(person.get_by_text("Change"))
    do.tick(person.get_by_label("viewer"))
    do.press(person.get_by_role("button", name="Save"))
    expect(card(page, "Nina Nord")).to_contain_text("viewer, coordinator")


@BOTH
def test_what_became_of_a_message_is_seen_and_it_is_sent_again(
    hospital: Hospital, receiver: Receiver, hands: Hand
) -> None:
    page, do = inside(hospital, "adam", hands)
    label = "warehouse"
    page.goto("/settings/webhooks")
    do.press(page.get_by_text("Add a webhook"))
    do.write(page.get_by_label("Address, by https"), f"http://127.0.0.1:{receiver.port}/careway")
    do.write(page.get_by_label("Called").last, label)
    do.press(button(page, "Add"))
    expect(page.get_by_label(f"Secret of {label}")).to_be_visible()
    hospital.treated("Heard, Hera")
    do.press(card(page, label).get_by_role("link", name="What was sent"))
    failed = page.get_by_role("row", name=re.compile("503"))
    for _ in range(40):
        if failed.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(failed.first).to_contain_text("Tried next")

    receiver.answer = Answer(200)
    do.press(failed.first.get_by_role("button", name=re.compile("Send again")))
    arrived = page.get_by_role("row", name=re.compile("Arrived"))
    for _ in range(40):
        if arrived.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(arrived.first).to_be_visible()

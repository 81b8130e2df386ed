"""`careway reminders preview`: what would be told if nothing new came in, as a page and for programs."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from api.clock import SystemClock
from engine.core.channels import Channel
from engine.ports import Store
from tests.api.running import Json, run
from tests.services.rounds import Rounds, rounds
from tests.stores.kit import writing


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    """Enrolled two weeks ago by the clock of this machine: lung function is due today."""
    today = SystemClock().today(UTC)
    with rounds(store, day=today - timedelta(days=14)) as made:
        made.days(today - timedelta(days=14), today - timedelta(days=1))
        cora = made.staff["cora"].id
        mail = Channel("mail", "main", "email", "cora@example.org", "", made.clock.now(), person=cora)
        with writing(store) as uow:
            uow.channels.add(mail)
        yield made


def preview(url: str, *options: str) -> Json:
    ran = run("reminders", "preview", *options, "--json", "--database", url)
    assert (ran.code, ran.err) == (0, "")
    found: Json = json.loads(ran.out)
    return found


def test_a_page_tells_day_by_day_who_hears_what(clinic: Rounds, url: str) -> None:
    ran = run("reminders", "preview", "--days", "3", "--database", url)

    assert (ran.code, ran.err) == (0, "")
    today = SystemClock().today(UTC)
    assert f"{today:%a} {today}".upper() in ran.out
    assert f"Cora: pft due; clinical due ({clinic.one})" in ran.words
    assert "email to Cora · 2 reminders" in ran.words
    assert f"{today + timedelta(days=3):%a} {today + timedelta(days=3)}".upper() in ran.out
    assert "REVIEWS PER MONTH a forecast" in ran.words
    assert "each is done on its due date" in ran.words


def test_a_program_gets_every_reminder_and_message(clinic: Rounds, url: str) -> None:
    found = preview(url, "--days", "3")

    today, cora = str(SystemClock().today(UTC)), clinic.staff["cora"].id
    first = {k: v for k, v in found["reminders"][0].items() if k != "at"}
    assert first | {"subject": "", "due": ""} == {
        "day": today,
        "patient": clinic.one,
        "pathway": "pm-ild",
        "kind": "review",
        "subject": "",
        "due": "",
        "step": "due",
        "recipient": cora,
        "urgent": False,
    }
    assert {(m["day"], m["channel"], m["recipient"], m["reminders"]) for m in found["messages"]} >= {
        (today, "email", cora, 2)
    }
    assert (found["site"], found["patients"]) == ("main", 1)
    assert found["ends"] == str(datetime.fromisoformat(found["begins"]).date() + timedelta(days=3))
    assert all(month["total"] == sum(month["reviews"].values()) for month in found["reviews_per_month"])
    assert found["reviews_per_month"][0]["month"] == today[:7]


def test_nothing_is_written(clinic: Rounds, url: str) -> None:
    before = (clinic.kept(clinic.one), clinic.deliveries)
    preview(url)
    assert (clinic.kept(clinic.one), clinic.deliveries) == before


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_cannot_be_previewed_is_said(clinic: Rounds, url: str) -> None:
    for options, told in (
        (("--site", "nowhere"), "There is no site 'nowhere'. Known: main."),
        (("--pathway", "other"), "There is no pathway 'other'. Known: pm-ild."),
    ):
        ran = run("reminders", "preview", *options, "--database", url)
        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err
    assert run("reminders", "preview", "--days", "367", "--database", url).code == 2
    assert preview(url, "--pathway", "pm-ild", "--days", "0")["reminders"]

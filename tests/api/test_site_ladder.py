"""`careway site ladder`, and the same over HTTP: a site's distances are shown, changed and refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.ports import Store
from engine.services.access import main_site
from tests.api.running import Json, Ran, run, written
from tests.stores.kit import writing

OWN = """\
reviews:
  upcoming: {offset: -42}
snooze: {days: 7}
"""


@pytest.fixture
def careway(url: str, store: Store) -> Callable[..., Ran]:
    with writing(store) as uow:
        main_site(uow, "UTC")

    def command(*arguments: str | Path, given: str | None = None) -> Ran:
        return run("site", "ladder", "main", *arguments, "--database", url, given=given)

    return command


def answer(ran: Ran) -> Json:
    assert (ran.code, ran.err) == (0, "")
    found: Json = json.loads(ran.out)
    return found


def numbers(view: Json) -> list[tuple[str, int, int]]:
    return [(each["pointer"], each["published"], each["here"]) for each in view["differences"]]


def test_the_published_ladder_is_shown(careway: Callable[..., Ran]) -> None:
    shown = answer(careway("--json"))

    assert (shown["site"], shown["pathway"], shown["since"], shown["coming"]) == (
        "main",
        "pm-ild",
        None,
        None,
    )
    assert [step["offset"] for step in shown["ladder"]["reviews"]][:3] == [-28, -7, 0]
    assert "28 days before (3 days before): upcoming" in careway().words
    assert careway().words.endswith("AS PUBLISHED")


def test_a_change_is_told_with_its_reason_and_taken_back(careway: Callable[..., Ran], tmp_path: Path) -> None:
    file = written(tmp_path, OWN)
    changed = answer(careway("--file", file, "--reason", "booked early", "--json"))

    assert numbers(changed) == []
    assert numbers(changed["coming"]) == [("/reviews/upcoming/offset", -28, -42), ("/snooze/days", 14, 7)]
    assert (changed["coming"]["reason"], changed["coming"]["by"]) == ("booked early", None)
    words = careway().words
    assert "DIFFERS FROM THE PUBLISHED LADDER FROM 2" in words
    assert "booked early (by command)" in words
    assert "/reviews/upcoming/offset -42, published: -28" in words

    back = answer(careway("--reset", "--reason", "that was a slip", "--json"))
    assert (numbers(back["coming"]), back["coming"]["reason"]) == ([], "that was a slip")
    assert "AS PUBLISHED FROM 2" in careway().words


@pytest.mark.parametrize(
    ("given", "more", "says"),
    [
        (OWN, (), "needs a reason"),
        ("reviews: {soon: {offset: 3}}", ("--reason", "why"), "The ladder has no step 'soon' of reviews"),
        ("reviews: {due: {offset: 9}}", ("--reason", "why"), "Steps keep their order"),
        ("reviews: {due: {to: [clinician]}}", ("--reason", "why"), "to"),
        ("reviews: [", ("--reason", "why"), "standard input:1:"),
        (OWN, ("--reset", "--reason", "why"), "--file and --reset cannot be given together."),
        (OWN, ("--reason", "why", "--pathway", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_changes_nothing(
    careway: Callable[..., Ran], given: str, more: tuple[str, ...], says: str
) -> None:
    ran = careway("--file", "-", *more, given=given)

    assert ran.code == 2
    assert says in " ".join(ran.err.split())
    assert answer(careway("--json"))["coming"] is None


def test_a_site_there_is_not(url: str, careway: Callable[..., Ran]) -> None:
    ran = run("site", "ladder", "south", "--database", url)

    assert ran.code == 2
    assert "main" in ran.err

"""`careway compare`: two views of a story's patient, the events responsible, and what cannot be compared."""

import json
from pathlib import Path

import pytest

from tests.api.running import run

V05 = ("--story", "V05")


def test_the_event_responsible_is_named_and_what_differs_is_told(shipped: Path) -> None:
    ran = run("compare", shipped, *V05, "--as-of", "2024-05-01", "--other-as-of", "2024-06-03", "--json")
    found = json.loads(ran.out)

    assert (ran.code, ran.err) == (0, "")
    assert found["difference"]["after"]["state"] == "monitor"
    assert found["moved_by"]
    assert set(found["moved_by"]) <= {event["event"]["id"] for event in found["responsible"]}
    page = run("compare", shipped, *V05, "--as-of", "2024-05-01", "--other-as-of", "2024-06-03").out
    for heading in (
        "EVENTS RESPONSIBLE",
        "WHERE THE PATIENT STANDS",
        "STEPS",
        "ACTIONS",
        "REVIEWS",
        "REMINDERS",
    ):
        assert heading in page
    assert max(map(len, page.splitlines())) <= 100


def test_the_same_twice_differs_in_nothing(shipped: Path) -> None:
    ran = run("compare", shipped, *V05, "--as-of", "2024-06-03", "--other-as-of", "2024-06-03")
    assert ran.words.endswith("Nothing differs.")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "Name what to compare: --as-of DATE, --known-at DATE, or both."),
        (("--as-of", "soon"), "--as-of: "),
        (("--as-of", "2024-05-01", "--other-known-at", "2024-13-01"), "--other-known-at: "),
    ],
)
def test_what_cannot_be_compared(shipped: Path, options: tuple[str, ...], says: str) -> None:
    ran = run("compare", shipped, *V05, *options)
    assert ran.code == 2
    assert says in ran.err

"""What the operator reads of a stall, and what the log says whether or not there is one."""

import json
import logging
from datetime import UTC, datetime

import pytest

from api.stalls import sentence, telling, unreachable
from engine.core.dispatches import Outcome
from engine.core.stalls import Stall

SINCE = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)
STALLS = [
    Stall("delivery", "", SINCE),
    Stall("delivery", "", SINCE, over=True),
    Stall("job", "write reminders", SINCE),
    Stall("job", "write reminders", SINCE, over=True),
    Stall("webhook", "c1", SINCE, "gone"),
    Stall("webhook", "c1", SINCE, "failing"),
]


def test_each_is_said_in_a_sentence_of_its_own() -> None:
    said = [sentence(stall) for stall in STALLS]

    assert len(set(said)) == len(STALLS)
    assert all(text.startswith("Careway: ") and "2026-01-12 09:30 UTC" in text for text in said)
    assert "“write reminders” has not come on since" in said[2]


@pytest.mark.parametrize("stall", STALLS)
def test_it_is_logged_as_a_line_of_json_whoever_hears_it(
    stall: Stall, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "careway.jobs"):
        assert telling(unreachable)(stall)

    (line,) = [json.loads(record.getMessage()) for record in caplog.records]
    assert (line["event"], line["what"], line["name"]) == ("stall", stall.what, stall.name)
    assert (line["since"], line["over"]) == ("2026-01-12T09:30:00+00:00", stall.over)


@pytest.mark.parametrize(
    ("outcome", "heard"),
    [
        (Outcome("sent", "200"), True),
        (Outcome("gone", "http-410"), True),
        (Outcome("failed", "timeout"), False),
    ],
)
def test_what_does_not_arrive_is_not_heard(
    outcome: Outcome, heard: bool, caplog: pytest.LogCaptureFixture
) -> None:
    said = list[str]()

    def operator(text: str) -> Outcome:
        said.append(text)
        return outcome

    with caplog.at_level(logging.WARNING, "careway.jobs"):
        assert telling(operator)(STALLS[0]) is heard
    assert said == [sentence(STALLS[0])]
    assert ('"event": "operator"' in caplog.text) is not heard

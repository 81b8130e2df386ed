"""Stories: told message by message, and every difference from what was expected named."""

from typing import Any

import pytest
from pydantic import ValidationError

from engine.core.stories import Expectation, Mismatch, Stories, Story, StoryEntry, compare, tell
from tests.unit.builders import Plain, a_value, enrolled, pathway

ENROL = {
    "id": "e1",
    "recorded": "2024-01-01",
    "effective": "2024-01-01",
    "type": "enrol",
    "iim_dx": "PM",
    "ild_confirmed": True,
    "sex": "male",
    "birth_date": "1970-01-01",
}


def fvc(event: str, value: Plain, **fields: Any) -> dict[str, Any]:
    on = {
        "recorded": "2024-01-05",
        "effective": "2024-01-05",
        "type": "obs",
        "obs": (a_value("fvc_l", value),),
    }
    return {"id": event, **on, **fields}


def story(*messages: dict[str, Any], expect: dict[str, Any] | None = None) -> Story:
    """Return a story; what is expected is expected after its last message."""
    entries: list[dict[str, Any]] = [{"in": message} for message in messages]
    entries[-1]["expect"] = expect or {}
    return Story.model_validate({"id": "S1", "title": "A story", "events": tuple(entries)})


def test_a_story_is_told_message_by_message() -> None:
    check = {"id": "c", "recorded": "2024-01-09", "type": "check"}
    told = tell(
        story(ENROL, fvc("f", 2), fvc("f", 2), fvc("f", 3), fvc("g", 9), fvc("h", "6.8"), check), pathway()
    )
    outcomes = list(told)
    assert [o.ingest for o in outcomes] == [
        "accepted",
        "accepted",
        "duplicate",
        "rejected_409",
        "rejected_422",
        "quarantined",
        None,
    ]
    assert [len(o.record) for o in outcomes] == [1, 2, 2, 2, 2, 3, 3]
    assert [p.code for o in outcomes for p in o.problems] == ["event-id-reused", "out-of-range"]
    assert str(outcomes[-1].evaluation.as_of) == "2024-01-09"


def test_the_role_of_a_message_is_that_of_its_sender() -> None:
    decision = {"type": "decision", "action": "tx.mmf", "decision": "accept"}
    message = {"id": "d", "recorded": "2024-01-02", "effective": "2024-01-02", **decision}
    assert [o.ingest for o in tell(story(ENROL, message), pathway())][-1] == "accepted"
    assert [o.ingest for o in tell(story(ENROL, {**message, "role": "coordinator"}), pathway())][
        -1
    ] == "rejected_422"


def mismatches(expect: dict[str, Any]) -> list[Mismatch]:
    patient = enrolled(0).vaccinated("flu", on=0).vaccinated("pneumo", on=0).vaccinated("covid", on=0)
    found = patient.saw("ab_ars", "negative", on=0).saw("ab_mda5", "negative", on=0).healthy(0).at(12)
    return list(compare(Expectation.model_validate(expect), "accepted", found.evaluation))


ACTIONS = {
    "ord.pft": "offer P2",
    "ord.hrct": "offer P2",
    "ord.oximetry": "offer P2",
    "rev.course": "offer P2",
}
REVIEWS = {"pft": "2024-01-15", "clinical": "2024-01-15", "exertion": "2024-01-29"}


@pytest.mark.parametrize(
    "expect",
    [
        {},
        {"ingest": "accepted"},
        {
            "now": {
                "state": "assess",
                "since": "2024-01-01",
                "line": 0,
                "line_start": None,
                "tier": "standard",
            }
        },
        {"history": ()},
        {"actions": ACTIONS},
        {"reviews": REVIEWS},
        {"ladder": {"pft": "upcoming", "clinical": "upcoming"}},
    ],
)
def test_what_came_out_as_expected_is_no_mismatch(expect: dict[str, Any]) -> None:
    assert mismatches(expect) == []


@pytest.mark.parametrize(
    ("expect", "found"),
    [
        ({"ingest": "duplicate"}, [Mismatch("ingest", "duplicate", "accepted")]),
        ({"now": {"line": 1}}, [Mismatch("line", "1", "0")]),
        ({"now": {"line_start": "2024-01-01"}}, [Mismatch("line_start", "2024-01-01", "null")]),
        ({"history": ("T02 2024-01-01 monitor",)}, [Mismatch("history", "T02 2024-01-01 monitor", "")]),
        (
            {"actions": {**ACTIONS, "ord.pft": "offer P1", "tx.mmf": "offer P2"}},
            [
                Mismatch("action ord.pft", "offer P1", "offer P2"),
                Mismatch("action tx.mmf", "offer P2", "none"),
            ],
        ),
        (
            {"reviews": {"pft": "2024-01-15", "clinical": "2024-01-16"}},
            [
                Mismatch("review clinical", "2024-01-16", "2024-01-15"),
                Mismatch("review exertion", "none", "2024-01-29"),
            ],
        ),
        ({"ladder": {"pft": "upcoming"}}, [Mismatch("ladder clinical", "none", "upcoming")]),
    ],
)
def test_every_difference_is_named(expect: dict[str, Any], found: list[Mismatch]) -> None:
    assert mismatches(expect) == found


def test_before_enrolment_the_state_is_null() -> None:
    outcome = next(tell(story(fvc("f", 2), expect={"now": {"state": None}}), pathway()))
    assert outcome.mismatches == ()


@pytest.mark.parametrize("recorded", [None, "2024-13-01", "1899-12-31", "2200-01-01"])
def test_a_message_needs_a_day_of_receipt_within_reach(recorded: str | None) -> None:
    with pytest.raises(ValidationError, match="`recorded`, the day of receipt"):
        StoryEntry.model_validate({"in": {**ENROL, "recorded": recorded}})


def test_a_story_and_a_file_of_stories_are_not_empty() -> None:
    with pytest.raises(ValidationError):
        Story.model_validate({"id": "S1", "title": "A story", "events": ()})
    with pytest.raises(ValidationError):
        Stories.model_validate({"format": 1, "pathway": "pm-ild", "pathway_version": 1, "vignettes": ()})

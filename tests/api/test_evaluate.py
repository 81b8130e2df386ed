from datetime import date
from pathlib import Path

import pytest

from api.stories import StoryAnswer
from tests.api.running import ENROLLED, answered, run, story, written


def test_what_is_urgent_stands_above_the_history(shipped: Path) -> None:
    lines = run("evaluate", shipped, "--story", "V05", "--as-of", "2024-06-03").out.splitlines()
    headings = [line.split("  ")[0] for line in lines if line.isupper() or line.split("  ")[0].isupper()]

    assert "MONITORING ON TREATMENT, since 2024-05-27" in lines
    assert headings.index("RED FLAGS") < headings.index("WHY HERE") < headings.index("PROPHYLAXIS")
    assert headings.index("PROPHYLAXIS") < headings.index("REVIEWS") < headings.index("LIMITS")


@pytest.mark.parametrize("width", [40, 80, 100, 300])
def test_no_line_is_wider_than_the_terminal_or_trails_off(shipped: Path, width: int) -> None:
    ran = run("evaluate", shipped, "--story", "V09", env={"COLUMNS": str(width)})

    assert max(map(len, ran.out.splitlines())) <= min(width, 100)
    assert [line for line in ran.out.splitlines() if line != line.rstrip()] == []


def test_a_page_without_colour_has_no_escapes_and_no_boxes(shipped: Path) -> None:
    out = run("evaluate", shipped, "--story", "V02", env={"NO_COLOR": "1"}).out

    assert "\x1b" not in out
    assert not set("│─┌┐└┘╭╮╰╯┃━") & set(out)


def test_the_draft_is_called_a_draft_and_the_limits_are_told(tmp_path: Path) -> None:
    words = run("evaluate", story(tmp_path)).words

    assert "pm-ild version 1 (seed) · DRAFT: no clinician has approved these rules" in words
    assert "This application only recommends." in words
    assert "It is not an emergency system." in words


def test_the_day_asked_about_is_the_last_day_of_receipt_unless_said_otherwise(tmp_path: Path) -> None:
    path = story(tmp_path, "{recorded: 2024-02-01, type: check}")

    assert (
        "As of 2024-02-01 (the last day of receipt; choose another with --as-of)"
        in run("evaluate", path).words
    )
    assert "As of 2024-01-20" in run("evaluate", path, "--as-of", "2024-01-20").words
    assert answered(path)["as_of"] == "2024-02-01"


def test_what_was_known_then_leaves_out_what_came_later(tmp_path: Path) -> None:
    low = "obs: [{item: spo2_rest, value: 85, unit: '%'}]"
    path = story(tmp_path, f"{{id: e2, recorded: 2024-03-01, effective: 2024-01-10, type: obs, {low}}}")

    now = answered(path, "--as-of", "2024-01-11")["result"]
    then = answered(path, "--known-at", "2024-01-11")

    assert "rf.spo2" in [action["id"] for action in now["open_actions"]]
    assert "rf.spo2" not in [action["id"] for action in then["result"]["open_actions"]]
    assert (then["as_of"], then["known_at"], then["messages"]) == ("2024-01-11", "2024-01-11", 1)
    assert (
        "As of 2024-01-11, as it was known on 2024-01-11"
        in run("evaluate", path, "--known-at", "2024-01-11").words
    )


def test_before_enrolment_it_is_kindly_said_that_there_is_nothing_to_say(tmp_path: Path) -> None:
    path = story(tmp_path)

    ran = run("evaluate", path, "--as-of", "2023-12-01")
    result = answered(path, "--as-of", "2023-12-01")["result"]

    assert ran.code == 0
    assert "Not on the pathway" in ran.out
    assert "the enrolment is of 2024-01-08" in ran.words
    assert (result["status"], result["state"], result["since"], result["tier"]) == (None, None, None, None)
    assert (result["open_actions"], result["reviews"], result["history"]) == ([], [], [])
    assert result["revisit_on"] == "2024-01-08"


def test_without_an_enrolment_that_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "events:\n  - {recorded: 2024-01-08, type: check}\n")

    assert "No enrolment has been received." in run("evaluate", path).words


def test_a_closed_enrolment_has_a_state_and_nothing_to_do(tmp_path: Path) -> None:
    path = story(
        tmp_path,
        "{id: e2, recorded: 2024-01-09, effective: 2024-01-09, type: admin, op: close, "
        "reason: withdrew_consent}",
    )

    ran = run("evaluate", path)

    assert "enrolment CLOSED" in ran.words
    assert "active → closed A03" in ran.words
    assert "Changed by a person: withdrew consent" in ran.words
    assert answered(path)["result"]["open_actions"] == []


def test_a_decision_is_shown_as_the_reason_why_something_is_off_the_list(tmp_path: Path) -> None:
    path = story(
        tmp_path,
        "{id: e2, recorded: 2024-01-09, effective: 2024-01-09, type: decision, action: vx.flu, "
        "decision: decline, reason: had it elsewhere}",
    )

    assert "2024-01-09 declined Influenza vaccine" in run("evaluate", path).words
    assert answered(path)["result"]["decided"] == [
        {
            "id": "vx.flu",
            "title": "Influenza vaccine, on schedule even after RTX; inactivated; no live vaccines",
            "decision": "decline",
            "on": "2024-01-09",
            "reason": "had it elsewhere",
            "event_id": "e2",
        }
    ]


def test_a_bare_message_and_one_under_in_are_the_same(tmp_path: Path) -> None:
    bare = written(tmp_path, ENROLLED)
    wrapped = written(
        tmp_path, ENROLLED.replace("- {id", "- in: {id").replace("\n     iim", "\n        iim"), "w.yaml"
    )

    assert answered(bare) == answered(wrapped)


def test_a_story_can_come_from_standard_input() -> None:
    ran = run("evaluate", "-", given=ENROLLED)

    assert ran.code == 0
    assert "ASSESSMENT, since 2024-01-08" in ran.out


def test_the_json_is_the_published_model_and_nothing_else(shipped: Path) -> None:
    ran = run("evaluate", shipped, "--story", "V10", "--json")

    answer = StoryAnswer.model_validate_json(ran.out)

    assert answer.result.state == "escalate"
    assert answer.result.substate == "standard"
    assert [change.received for change in answer.result.changes] == [date(2024, 9, 3), date(2024, 12, 16)]
    assert answer.model_dump_json(indent=2) == ran.out.rstrip("\n")


def test_parameters_of_a_story_are_used_and_named(tmp_path: Path) -> None:
    path = written(tmp_path, "params: {PFT_INT: 100}\n" + ENROLLED)

    assert "PFT_INT set to 100 here, 91 as published" in run("evaluate", path).words
    assert answered(path)["result"]["parameter_set"] == [
        {
            "name": "PFT_INT",
            "meaning": "PFT interval: first year of a line, risk, or active change (S26)",
            "unit": "d",
            "value": "100",
            "published": "91",
        }
    ]


def test_the_version_comes_from_the_file_unless_another_is_asked_for(tmp_path: Path, shipped: Path) -> None:
    path = written(tmp_path, "pathway: pm-ild\npathway_version: 2\n" + ENROLLED)

    assert answered(path)["result"]["pathway"]["version"] == "2"
    assert answered(path, "--version", "1")["result"]["pathway"]["version"] == "1"
    assert answered(shipped, "--story", "V01")["result"]["pathway"]["version"] == "1"


def test_why_not_tells_what_stands_in_the_way(tmp_path: Path) -> None:
    path = story(tmp_path)

    without, told = run("evaluate", path), run("evaluate", path, "--why-not")

    assert "Not taken now, because:" not in without.words
    assert (
        "Not taken now, because: - Assessment complete, course stable or improving: no - FVC % predicted"
        in told.words
    )

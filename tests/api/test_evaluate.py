import json
from datetime import date
from pathlib import Path

import pytest

from api.stories import StoryAnswer
from tests.api.running import ENROLLED, Json, run, story, written

SHIPPED = Path("pathways/pm_ild/vignettes/vignettes.yaml")
GOLDEN = Path(__file__).with_name("golden") / "V05.txt"


@pytest.fixture(scope="module")
def shipped(root: Path) -> Path:
    return root / SHIPPED


def answered(*arguments: str | Path) -> Json:
    ran = run("evaluate", *arguments, "--json")
    assert (ran.code, ran.err) == (0, "")
    answer: Json = json.loads(ran.out, parse_float=lambda text: pytest.fail(f"{text} is a float"))
    return answer


def test_a_page_reads_as_it_was_agreed(shipped: Path) -> None:
    """Where the wording is meant to change: careway evaluate … > tests/api/golden/V05.txt, at 100 columns."""
    ran = run("evaluate", shipped, "--story", "V05", "--as-of", "2024-06-03")

    page = ran.out.partition("\nSOURCES")[0].rstrip() + "\n"

    assert page == GOLDEN.read_text(encoding="utf-8")


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


REFUSALS = {
    "unknown item": (
        "obs: [{item: fvcc, value: 3, unit: L}]",
        "/obs/0/item: Item 'fvcc' is not known; use one of",
    ),
    "unknown unit": (
        "obs: [{item: fvc_l, value: 3, unit: pint}]",
        "sent in 'pint', which cannot be converted; send L",
    ),
    "no unit": (
        "obs: [{item: alt, value: 30}]",
        "came without a unit, and a unit is never guessed; send U/L",
    ),
    "out of range": ("obs: [{item: fvc_l, value: 30, unit: L}]", "lies outside 0.3 to 8 L"),
}


@pytest.mark.parametrize(("body", "says"), REFUSALS.values(), ids=REFUSALS)
def test_a_refused_observation_is_told_with_its_reason(tmp_path: Path, body: str, says: str) -> None:
    ran = run(
        "evaluate",
        story(tmp_path, f"{{id: e2, recorded: 2024-01-09, effective: 2024-01-09, type: obs, {body}}}"),
    )

    assert ran.code == 0
    assert "REFUSED MESSAGES 1 of 2 messages" in ran.words
    assert "Entry 2, e2 (obs), received 2024-01-09" in ran.words
    assert says in ran.words


OTHERS = {
    "unknown drug": (
        "type: med, drug: aspirin, op: start",
        "Drug 'aspirin' is not known; use one of gc_oral",
    ),
    "future date": (
        "type: vax, vaccine: flu, effective: 2024-03-01",
        "is more than 1 day after the day of receipt",
    ),
    "date before anyone lived": (
        "type: vax, vaccine: flu, effective: 0001-01-01",
        "0001-01-01 lies before 1900",
    ),
    "no reason": ("type: decision, action: vx.flu, decision: decline", "A declined action needs a `reason`."),
    "no clinician": (
        "type: decision, role: coordinator, action: vx.flu, decision: accept",
        "A decision needs a clinician; this credential has the role coordinator.",
    ),
    "used id": ("id: e1, type: vax, vaccine: flu", "Event id 'e1' is already stored with other content."),
    "no type": ("note: hello", "Event type None is not known"),
}


@pytest.mark.parametrize(("body", "says"), OTHERS.values(), ids=OTHERS)
def test_another_refused_message_is_told_with_its_reason(tmp_path: Path, body: str, says: str) -> None:
    usual = {"id": "e2", "recorded": "2024-01-09", "effective": "2024-01-09"}
    fields = [f"{k}: {v}" for k, v in usual.items() if f"{k}:" not in body]
    path = story(tmp_path, f"{{{', '.join([*fields, body])}}}")

    ran, answer = run("evaluate", path), answered(path)

    assert ran.code == 0
    assert says in ran.words
    assert [r["entry"] for r in answer["refused"]] == [2]
    assert all(problem["code"] and problem["text"] for problem in answer["refused"][0]["problems"])


DOCUMENTS = {
    "broken": ("a: [1,\nb: 2\n", "story.yaml:3: a.2: a bracket is not closed"),
    "duplicate key": (
        ENROLLED + "id: again\n",
        "story.yaml:6: id: this key stands twice in one mapping; first on line 1",
    ),
    "empty": ("", "story.yaml:1: (document): the document is empty"),
    "a list": ("[1, 2]\n", "needs `events` (one story) or `vignettes` (a file of stories)"),
    "something else": ("hello: 1\n", "needs `events` (one story) or `vignettes` (a file of stories)"),
    "no events": ("events: []\n", "story.yaml:1: events: must not be empty"),
    "no day of receipt": (
        "events:\n  - {id: e1}\n",
        "story.yaml:2: events.0: `recorded`, the day of receipt: None is not",
    ),
    "no such day": (
        "events:\n  - {id: e1, recorded: 2024-02-30}\n",
        "story.yaml:2: events.0: `recorded`, the day of receipt: '2024-02-30' is not a date",
    ),
    "far future": (
        "events:\n  - {recorded: 9999-12-31, type: check}\n",
        "9999-12-31 lies outside the years 1900 to 2199",
    ),
    "no message": (
        "events:\n  - hello\n",
        "story.yaml:2: events.0: must be a mapping (lines of `key: value`), not 'hello'",
    ),
    "out of order": (
        ENROLLED + "  - {recorded: 2023-01-01, type: check}\n",
        "story.yaml:6: events.1: received 2023-01-01, before the entry above (2024-01-08); list them as",
    ),
    "unknown parameter": (
        "params: {PFT_IND: 3}\n" + ENROLLED,
        "story.yaml:1: params.PFT_IND: pm-ild version 1 has no such parameter; did you mean PFT_INT?",
    ),
    "wrong parameter": (
        "params: {RP_COMBINATION: 1}\n" + ENROLLED,
        "story.yaml:1: params.RP_COMBINATION: must be true or false, not 1",
    ),
    "unknown field": (ENROLLED + "colour: red\n", "story.yaml:6: colour: is not known here"),
    "unknown pathway": ("pathway: copd\n" + ENROLLED, "There is no pathway 'copd'. Known: pm-ild."),
    "unknown version": (
        "pathway: pm-ild\npathway_version: 9\n" + ENROLLED,
        "There is no version of pm-ild '9'. Known: 1, 2.",
    ),
}


@pytest.mark.parametrize(("text", "says"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_that_cannot_be_used_is_refused_with_its_line(
    tmp_path: Path, text: str, says: str
) -> None:
    ran = run("evaluate", written(tmp_path, text))

    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err.replace(f"{tmp_path}/", "")


def test_two_stories_of_one_id_are_refused(tmp_path: Path) -> None:
    text = "format: 1\npathway: pm-ild\npathway_version: 1\nvignettes:\n" + 2 * (
        "- id: A\n  title: t\n  events:\n  - in: {recorded: 2024-01-01, type: check}\n"
    )

    assert "vignettes.1.id: the id A is used twice" in run("evaluate", written(tmp_path, text)).err


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "image.yaml"
    path.write_bytes(bytes(range(256)))

    ran = run("evaluate", path)

    assert (ran.code, ran.out) == (2, "")
    assert "is not text in UTF-8; a YAML document is needed." in ran.err


def test_a_missing_file_is_missed_and_its_neighbours_are_named(tmp_path: Path) -> None:
    story(tmp_path)

    ran = run("evaluate", tmp_path / "stroy.yaml")

    assert ran.code == 2
    assert "There is no file" in ran.err
    assert "In that folder: story.yaml." in ran.err


def test_a_directory_is_no_story(tmp_path: Path) -> None:
    ran = run("evaluate", tmp_path)

    assert ran.code == 2
    assert "is a directory; name a file in it." in ran.err


@pytest.mark.parametrize("option", ["--as-of", "--known-at"])
@pytest.mark.parametrize("day", ["tomorrow", "2024-1-1", "2024-02-30", "9999-12-31", "", "2024-01-01T00:00"])
def test_a_day_that_is_none_is_refused(tmp_path: Path, option: str, day: str) -> None:
    ran = run("evaluate", story(tmp_path), option, day)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"careway: {option}: ")
    assert "Write a date as YYYY-MM-DD, for example 2024-06-03." in ran.err


def test_of_several_stories_one_must_be_named(shipped: Path) -> None:
    ran = run("evaluate", shipped)

    assert ran.code == 2
    assert "holds 12 stories; name one with --story. Known: V01, V02," in ran.err


@pytest.mark.parametrize(
    ("option", "says"),
    [
        (("--story", "V99"), "There is no story 'V99'"),
        (("--pathway", "copd"), "There is no pathway 'copd'. Known: pm-ild."),
        (("--version", "7"), "There is no version of pm-ild '7'. Known: 1, 2."),
        (("--bogus",), "No such option: --bogus"),
    ],
)
def test_an_unknown_name_is_told_with_the_known_ones(
    tmp_path: Path, option: tuple[str, ...], says: str
) -> None:
    ran = run("evaluate", story(tmp_path), *option)

    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err

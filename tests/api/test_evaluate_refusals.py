"""What `careway evaluate` does not take: refused messages are in the answer, refused documents end it."""

from pathlib import Path

import pytest

from tests.api.running import ENROLLED, answered, run, story, written

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

import json
import re
from pathlib import Path

import pytest

from engine.core.definition import PathwayDefinition
from engine.core.diagram import diagram
from pathways.library import Library
from tests.api.running import ENROLLED, run, story, written

STORIES = """\
format: 1
pathway: pm-ild
pathway_version: 1
vignettes:
- id: A
  title: Enrolled, and nothing else
  events:
  - in: {id: e1, recorded: '2024-01-08', effective: '2024-01-08', type: enrol, iim_dx: PM,
         ild_confirmed: true, sex: male, birth_date: '1975-03-02'}
    expect: {ingest: accepted, now: {state: assess}}
  - in: {recorded: '2024-02-01', type: check}
    expect: {now: {state: monitor, line: 0}, reviews: {clinical: '2024-01-22'}}
- id: B
  title: Another
  events:
  - in: {recorded: '2024-01-08', type: check}
    expect: {now: {state: null}}
"""


@pytest.fixture
def copied(tmp_path: Path, root: Path) -> Path:
    """Version 1 with its sources beside it, free to be spoilt."""
    for name in ("v1.yaml", "sources.yaml"):
        text = (root / "pathways" / "pm_ild" / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "v1.yaml"


def spoilt(path: Path, *changes: tuple[str, str]) -> Path:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return path


# ── list and show ───────────────────────────────────────────────────────────────────────────────────


def test_every_version_is_listed_with_who_stands_behind_it() -> None:
    words = run("pathway", "list").words

    assert "pm-ild version 1 seed" in words
    assert "pm-ild version 2 acr2023" in words
    assert words.count("DRAFT: no clinician has approved these rules") == 2


def test_the_list_can_be_read_by_a_program() -> None:
    rows = json.loads(run("pathway", "list", "--json").out)

    assert [(row["id"], row["version"], row["status"]) for row in rows] == [
        ("pm-ild", "1", "draft"),
        ("pm-ild", "2", "draft"),
    ]


@pytest.fixture(scope="module")
def shown() -> str:
    return run("pathway", "show", "pm-ild").out


def test_a_pathway_is_shown_with_every_part(shown: str) -> None:
    definition = Library().definition("pm-ild")
    words = " ".join(shown.split())

    for name, state in definition.states.items():
        assert f"{state.title}" in words
        assert name in words
    for row in (*definition.transitions, *definition.actions, *definition.reviews, *definition.conflicts):
        assert re.search(rf"(?<![\w.]){re.escape(row.id)}(?![\w.])", words), row.id
    for name, parameter in definition.parameters.items():
        assert f"{name} = " in words
        assert " ".join(parameter.meaning.split()) in words
    for limit in definition.limits:
        assert limit in words


def test_guards_stand_in_words_with_their_source_and_strength(shown: str) -> None:
    words = " ".join(shown.split())

    assert (
        "T06 Monitoring on treatment → Late recurrence tried second When progression and disease control "
        "reached on this line of treatment and days since the current line started above 364 days "
        "(EARLY_DAYS)." in words
    )
    assert "S24, S39, nakazawa_2017 · strength of evidence: low" in words
    assert "DRAFT: no clinician has approved these rules" in words


def test_engineering_defaults_are_marked(shown: str) -> None:
    assert "REF_GAP = 14 days  (eng)" in shown
    assert "DESAT_ABS = 88 %\n" in shown


def test_no_expression_of_the_document_is_shown_raw(shown: str) -> None:
    assert not re.search(r"\b(fresh|active|cond|since|in_state|blocked|count)\('?", shown)
    assert " == " not in shown
    assert ">=" not in shown


def test_another_version_shows_its_own_values() -> None:
    words = run("pathway", "show", "pm-ild", "--version", "2").words

    assert "pm-ild version 2 (acr2023)" in words
    assert "PFT_INT_STD = 365 days" in words
    assert "other versions: 1" in words


def test_the_definition_can_be_read_by_a_program() -> None:
    out = run("pathway", "show", "pm-ild", "--json").out

    assert PathwayDefinition.model_validate_json(out) == Library().definition("pm-ild")


# ── diagram ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_diagram_is_mermaid_and_nothing_else() -> None:
    ran = run("pathway", "diagram", "pm-ild")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == diagram(Library().definition("pm-ild")) + "\n"


# ── check ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("what", [(), ("pm-ild",)])
def test_what_is_packaged_has_no_defects(what: tuple[str, ...]) -> None:
    ran = run("pathway", "check", *what)

    assert ran.code == 0
    assert ran.out.endswith("documents checked, no defects\n")


def test_a_good_copy_has_no_defects(copied: Path) -> None:
    assert run("pathway", "check", copied).code == 0


def test_every_defect_is_told_at_once_with_its_line(copied: Path) -> None:
    spoilt(
        copied,
        ('when: "is_active"\n    prio: 2', 'when: "is_actve"\n    prio: 2'),
        ("to: monitor\n", "to: montior\n"),
        ("cite: [ghanbar_2024]", "cite: [ghanbar_2042]"),
        ("hrct_change == 'progressed'", "hrct_change == 'worse'"),
    )
    lines = copied.read_text(encoding="utf-8").splitlines()

    ran = run("pathway", "check", copied)

    defects = [line for line in ran.out.splitlines() if line.startswith(str(copied))]
    assert ran.code == 1
    for wrong, place, says in (
        ("is_actve", "transitions.3.when", "`is_actve` is not"),
        ("montior", "transitions.3.to", "there is no state montior"),
        ("ghanbar_2042", "criteria.anti_mda5.cite", "there is no source ghanbar_2042"),
        ("== 'worse'", "criteria.hrct_prog.when", "hrct_change can never be 'worse'"),
    ):
        found = next(d for d in defects if says in d)
        number = int(found.removeprefix(f"{copied}:").partition(":")[0])
        assert f": {place}: " in found
        assert any(wrong in line for line in lines[number - 1 : number + 2]), found
    assert ran.out.splitlines()[-1] == f"1 document checked, {len(defects)} defects"


def test_defects_can_be_read_by_a_program(copied: Path) -> None:
    spoilt(copied, ("to: monitor\n", "to: montior\n"))

    ran = run("pathway", "check", copied, "--json")

    answer = json.loads(ran.out)
    assert (ran.code, ran.err) == (1, "")
    assert answer["ok"] is False
    assert answer["checked"] == [str(copied)]
    assert {"file", "line", "path", "text"} == set(answer["defects"][0])
    assert json.loads(run("pathway", "check", "--json").out)["ok"] is True


def test_a_version_is_checked_with_the_one_it_extends(copied: Path) -> None:
    newer = written(
        copied.parent, 'extends: "1"\nversion: "2"\nlabel: mine\nparameters: {PFT_INT: 100}\n', "v2.yaml"
    )
    wrong = written(
        copied.parent, 'extends: "1"\nversion: "3"\nlabel: mine\nparameters: {PFT_INTT: 1}\n', "v3.yaml"
    )
    alone = written(copied.parent, 'extends: "9"\nversion: "4"\nlabel: mine\n', "v4.yaml")

    assert run("pathway", "check", newer).code == 0
    assert (
        "v3.yaml:4: parameters.PFT_INTT: version '1' has no such parameter"
        in run("pathway", "check", wrong).out
    )
    assert (
        "v4.yaml:1: extends: version '9' is to stand beside it, as v9.yaml"
        in run("pathway", "check", alone).out
    )


def test_stories_are_checked_too(tmp_path: Path) -> None:
    good = story(tmp_path)
    bad = written(tmp_path, "pathway: pm-ild\nparams: {NONE: 1}\n" + ENROLLED, "bad.yaml")
    lost = written(tmp_path, "pathway: copd\n" + ENROLLED, "lost.yaml")
    stray = written(tmp_path, "pathway: pm-ild\npathway_version: 9\n" + ENROLLED, "stray.yaml")

    ran = run("pathway", "check", good, bad, lost, stray)

    assert ran.code == 1
    assert "bad.yaml:2: params.NONE: pm-ild version 1 has no such parameter" in ran.out
    assert "lost.yaml:1: pathway: There is no pathway 'copd'. Known: pm-ild." in ran.out
    assert "stray.yaml:2: pathway_version: There is no version of pm-ild '9'. Known: 1, 2." in ran.out
    assert ran.out.endswith("4 documents checked, 3 defects\n")


@pytest.mark.parametrize("text", ["", "a: [1,\nb: 2\n", "a: 1\na: 2\n", "hello: 1\n", "- 1\n", "\x00"])
def test_a_document_that_cannot_be_read_has_defects_and_no_trace(tmp_path: Path, text: str) -> None:
    ran = run("pathway", "check", written(tmp_path, text, "v1.yaml"))

    assert ran.code == 1
    assert re.match(rf"{re.escape(str(tmp_path))}/v1\.yaml:\d+: ", ran.out)


def test_a_name_is_a_pathway_and_a_file_is_a_file(tmp_path: Path) -> None:
    for name, says in (
        ("copd", "There is no pathway 'copd'. Known: pm-ild."),
        (tmp_path / "none.yaml", "There is no file"),
        (tmp_path, "is a directory; name a file in it."),
    ):
        ran = run("pathway", "check", name)
        assert (ran.code, ran.out) == (2, "")
        assert says in ran.err


# ── test ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_story_that_comes_out_as_expected_is_said_to(tmp_path: Path) -> None:
    ran = run("pathway", "test", "pm-ild", "--story", "V01")

    assert ran.code == 0
    assert ran.out.startswith("V01  ok  32 entries, Stable PM-ILD")
    assert ran.out.endswith("1 story, 32 entries, 32 as expected, 0 different\n")


def test_every_difference_is_told_with_its_story_and_day(tmp_path: Path) -> None:
    ran = run("pathway", "test", "pm-ild", "--vignettes", written(tmp_path, STORIES))

    assert ran.code == 1
    assert "A    different  2 entries" in ran.out
    assert "entry 2 (check), received 2024-02-01" in ran.out
    assert "state: expected monitor, got assess" in ran.out
    assert "review exertion: expected none, got 2024-02-05" in ran.out
    assert "B    ok  1 entry, Another" in ran.out
    assert ran.out.endswith("2 stories, 3 entries, 2 as expected, 1 different\n")


def test_differences_can_be_read_by_a_program(tmp_path: Path) -> None:
    path = written(tmp_path, STORIES)

    ran = run("pathway", "test", "pm-ild", "--vignettes", path, "--json")

    answer = json.loads(ran.out)
    assert (ran.code, ran.err, answer["ok"]) == (1, "", False)
    assert answer["stories"][0]["differences"][0] == {
        "entry": 2,
        "event": "check",
        "received": "2024-02-01",
        "what": "state",
        "expected": "monitor",
        "got": "assess",
    }
    assert json.loads(run("pathway", "test", "pm-ild", "--vignettes", path, "--story", "B", "--json").out)[
        "ok"
    ]


def test_stories_run_on_the_version_they_are_for(tmp_path: Path) -> None:
    """PFT_INT_STD is 182 in version 1 and 365 in version 2; the expectation is that of version 2."""
    text = STORIES.replace("pathway_version: 1", "pathway_version: 2").replace(
        "state: monitor", "state: assess"
    )
    path = written(tmp_path, re.sub(r", reviews: {[^}]*}", "", text))

    assert run("pathway", "test", "pm-ild", "--vignettes", path).code == 0
    assert run("pathway", "test", "pm-ild", "--vignettes", path, "--version", "1").code == 0
    assert (
        "There is no version" in run("pathway", "test", "pm-ild", "--vignettes", path, "--version", "9").err
    )


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("copd",), "There is no pathway 'copd'. Known: pm-ild."),
        (("pm-ild", "--version", "x"), "There is no version of pm-ild 'x'. Known: 1, 2."),
        (("pm-ild", "--story", "V99"), "There is no story 'V99'"),
        (("pm-ild", "--vignettes", "none.yaml"), "There is no file 'none.yaml'."),
        (("pm-ild", "--vignettes", "."), "'.' is a directory"),
        ((), "Missing argument 'ID'"),
    ],
)
def test_what_cannot_be_run_is_said_to_be_so(options: tuple[str, ...], says: str) -> None:
    ran = run("pathway", "test", *options)

    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


def test_stories_of_another_pathway_are_not_run(tmp_path: Path) -> None:
    ran = run("pathway", "test", "pm-ild", "--vignettes", written(tmp_path, "pathway: copd\n" + ENROLLED))

    assert ran.code == 2
    assert "are for the pathway 'copd', not 'pm-ild'." in ran.err


@pytest.mark.parametrize("command", ["show", "diagram"])
@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("copd",), "There is no pathway 'copd'. Known: pm-ild."),
        (("pm-ild", "--version", "3"), "There is no version of pm-ild '3'. Known: 1, 2."),
        ((), "Missing argument 'ID'"),
    ],
)
def test_an_unknown_pathway_is_told_with_the_known_ones(
    command: str, options: tuple[str, ...], says: str
) -> None:
    ran = run("pathway", command, *options)

    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err

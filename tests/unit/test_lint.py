"""Defects of a pathway: each with its file, line, path and sentence, and all of them at once."""

import pytest

from api.wiring import located
from engine.core.expressions import Flaw
from engine.core.pathway import PathwayFlawed, compile_pathway
from pathways.facts import CATALOGUE
from pathways.reader import read_yaml
from tests.unit.broken import FILE, STRUCTURE, V1, broken, defects, line_of, path_of, printed
from tests.unit.broken_rules import DOCUMENTS, EXPRESSIONS, RULES
from tests.unit.builders import LIBRARY, vocabulary

CASES = {**STRUCTURE, **RULES, **EXPRESSIONS}


@pytest.mark.parametrize("case", CASES)
def test_a_document_is_refused_for(case: str) -> None:
    edits, expected = CASES[case]
    text = broken(*edits)
    assert sorted(defects(text)) == sorted(printed(text, expected))


def test_an_id_used_twice_is_named_at_both_places() -> None:
    text = broken(("  - id: dq.conflict\n", "  - id: dq.verify\n"))
    first, second = (n for n, line in enumerate(text.splitlines(), 1) if line == "  - id: dq.verify")
    row = int(path_of(V1, "actions.{dq.verify}").removeprefix("actions."))
    assert defects(text)[:2] == [
        f"{FILE}:{first}: actions.{row}.id: the id dq.verify is used 2 times",
        f"{FILE}:{second}: actions.{row + 1}.id: the id dq.verify is used 2 times",
    ]


@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_text_is_refused_for(case: str) -> None:
    edits, expected = DOCUMENTS[case]
    text = broken(*edits)
    assert defects(text) == printed(text, expected)


def test_a_key_that_stands_twice_is_refused_with_the_line_of_the_first() -> None:
    text = broken(("    op: resume\n", "    op: resume\n    op: pause\n"))
    first = line_of(text, "    op: resume")
    sentence = f"this key stands twice in one mapping; first on line {first}"
    assert defects(text) == [f"{FILE}:{first + 1}: status_changes.1.op: {sentence}"]


def test_defects_stand_in_order_of_lines() -> None:
    edits, _ = EXPRESSIONS["several things at once"]
    lines = [int(defect.split(":")[1]) for defect in defects(broken(*edits))]
    assert lines == sorted(lines)
    assert len(lines) == 8


def test_the_versions_as_they_are_have_no_defect() -> None:
    assert defects(V1) == []
    assert defects(LIBRARY.document("pm-ild", "2")[1]) == []


# ── a version that extends another ──────────────────────────────────────────────────────────────

V2 = """\
extends: "1"
version: "3"
label: local
parameters:
  PFT_INT_STD: 365
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            V2 + "  PFT_INT_STND: 365\n",
            "6: parameters.PFT_INT_STND: version '1' has no such parameter; did you mean PFT_INT_STD?",
        ),
        (V2 + "  BONE_TREAT_ALL: 1\n", "6: parameters.BONE_TREAT_ALL: must be true or false, not 1"),
        (V2 + "  LOW_VC: true\n", "6: parameters.LOW_VC: must be a number, not true"),
        (
            V2 + "initial: monitor\n",
            "6: initial: is not known here; use extends, version, label, title, content, parameters",
        ),
    ],
    ids=["an unknown parameter", "a number for a truth", "a truth for a number", "a rule"],
)
def test_a_version_that_extends_another_is_refused_for(text: str, expected: str) -> None:
    assert defects(text) == [f"{FILE}:{expected}"]


def test_a_version_that_extends_another_is_checked_as_a_whole() -> None:
    assert defects(V2) == []


# ── without a file ──────────────────────────────────────────────────────────────────────────────


def test_a_flawed_definition_names_its_flaws_with_their_paths() -> None:
    definition = LIBRARY.definition("pm-ild").model_copy(update={"tier": "grade", "initial": "start"})
    with pytest.raises(PathwayFlawed) as flawed:
        compile_pathway(definition, CATALOGUE, vocabulary())
    assert str(flawed.value) == "initial: there is no state start\ntier: there is no criterion grade"


def test_flaws_of_a_place_without_a_line_lead_to_the_nearest_one() -> None:
    document = read_yaml("a:\n  b: 1\n", FILE)
    (defect,) = located([Flaw(("a", "c", 0), "is wrong")], document, FILE)
    assert str(defect) == f"{FILE}:1: a.c.0: is wrong"

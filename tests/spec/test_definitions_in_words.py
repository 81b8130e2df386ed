"""Every criterion is its definition: literally, or as agreed in `readings.yaml` where that is in words."""

import re
from pathlib import Path
from typing import Any

import pytest

from pathways.library import Library
from pathways.reader import read_yaml
from tests.spec import spec_tables as spec

V1 = Library().definition("pm-ild")
TRANSITIONS = {t.id: t for t in V1.transitions}
LITERAL = ("prog", "alt_active", "progression", "rp_active", "is_active", "combo_open", "ps_alt", "pjp_risk")
"""Facts whose definition is an expression already."""

READINGS: list[dict[str, Any]] = read_yaml(
    (Path(__file__).parent / "readings.yaml").read_text("utf-8"), "readings.yaml"
).value


def expression_of(name: str) -> str:
    rule, _, variable = name.partition(".")
    if variable:
        return TRANSITIONS[rule].assign[variable]
    return V1.composites[name] if name in V1.composites else V1.criteria[name].when


@pytest.mark.parametrize("reading", [pytest.param(r, id="-".join(r["reads"])) for r in READINGS])
def test_a_definition_in_words_is_read_as_agreed(reading: dict[str, Any]) -> None:
    whole = re.sub(r"\s+", " ", spec.text())

    assert re.sub(r"\s+", " ", reading["says"]) in whole, "the specification says something else now"
    assert {name: expression_of(name) for name in reading["reads"]} == reading["reads"]


def test_every_criterion_and_every_assignment_is_held_against_the_specification() -> None:
    held = {name for reading in READINGS for name in reading["reads"]}
    assignments = {f"{t.id}.{variable}" for t in V1.transitions for variable in t.assign}

    assert held | set(LITERAL) == set(V1.criteria) | set(V1.composites) | assignments


@pytest.mark.parametrize("name", LITERAL)
def test_fact_defined_by_an_expression_is_that_expression(name: str) -> None:
    (row,) = [row for row in spec.table("facts") if row["fact"] == name]
    assert V1.criteria[name].when == spec.code(row["definition"])

"""Risk factors, coverage of the article, conflicts between sources, limits: row by row as specified."""

import re
from decimal import Decimal
from typing import Any

import pytest

from engine.core.definition import PathwayDefinition
from pathways.facts import CATALOGUE
from pathways.library import Library
from tests.spec import spec_tables as spec

LIBRARY = Library()
V1 = LIBRARY.definition("pm-ild")
V2 = LIBRARY.definition("pm-ild", "2")


def test_risk_factors() -> None:
    expected = {
        fact: (row, seed if seed else spec.seeds(row["seed"]))
        for row in spec.table_of("9.")
        for fact, seed in risk_seeds(row)
    }
    assert [r.fact for r in V1.risk_factors] == list(expected)
    for factor in V1.risk_factors:
        row, seed = expected[factor.fact]
        assert set(factor.seed) == seed, factor.fact
        assert set(factor.cite) == spec.sources(row["seed"]).cite, factor.fact
        assert set(spec.PARAMETER.findall(row["effect"])) == set(spec.PARAMETER.findall(factor.effect)), (
            factor.fact
        )
        tier = "very_high" if "very_high" in row["effect"] else "elevated"
        assert f"Tier {tier}" in factor.effect, factor.fact


def risk_seeds(row: spec.Row) -> list[tuple[str, frozenset[str]]]:
    facts = row["fact"].split(", ")
    if len(facts) == 1:
        return [(facts[0], frozenset())]
    return [(f, frozenset({s})) for f, s in zip(facts, row["seed"].split(", "), strict=True)]


SETTING = re.compile(r"([A-Z][A-Z0-9_]+)=(\w+)")


def parsed(text: str) -> bool | Decimal:
    return text == "true" if text in ("true", "false") else Decimal(text)


@pytest.mark.parametrize("row", spec.rows(spec.table_of("12.")))
def test_conflict(row: spec.Row) -> None:
    at = row["#"]
    (conflict,) = [c for c in V1.conflicts if c.id == at]

    assert set(conflict.cite) == spec.sources(row["newer guidance"]).cite, at
    assert conflict.newer == spec.words(row["newer guidance"]), at
    assert conflict.article == (spec.words(row["seed"]) if row["seed"] != "—" else "says nothing"), at
    assert conflict.choice == f"version 1: {spec.words(row['v1'])}; version 2: {spec.words(row['v2'])}", at
    settings = SETTING.findall(row["v1"])
    assert conflict.parameters == tuple(name for name, _ in settings), at
    second = re.sub(r"\(.*?\)", "", row["v2"]).strip()
    values = [v for _, v in settings] if second == "same" else second.split(", ")
    for (name, first), other in zip(settings, values if settings else [], strict=True):
        assert V1.parameters[name].value == parsed(first), f"{at}: {name} in version 1"
        assert V2.parameters[name].value == parsed(other), f"{at}: {name} in version 2"


def test_every_conflict_is_declared() -> None:
    assert [c.id for c in V1.conflicts] == spec.order(spec.table_of("12."), "#")


def test_version_2_is_version_1_with_the_parameters_of_the_conflicts() -> None:
    def rest(definition: PathwayDefinition) -> dict[str, Any]:
        return definition.model_dump(exclude={"version", "label", "parameters"})

    changed = {n for n, p in V2.parameters.items() if p != V1.parameters[n]}
    named = {
        name
        for row in spec.table_of("12.")
        for name, _ in SETTING.findall(row["v1"])
        if not row["v2"].startswith("same")
    }

    assert rest(V2) == rest(V1)
    assert (V2.version, V2.label) == ("2", "acr2023")
    assert changed == named


def carriers(statement: str) -> set[str]:
    """Ids of all rules that name a statement of the article."""
    rules: list[tuple[str, Any]] = [
        *((r.id, r) for r in (*V1.transitions, *V1.actions, *V1.reviews)),
        *V1.criteria.items(),
        *((r.fact, r) for r in V1.risk_factors),
    ]
    shown = {a.id for a in V1.actions for r in a.rationale if statement in r.seed}
    return shown | {name for name, rule in rules if statement in rule.seed}


RULES = {rule.id for rule in (*V1.transitions, *V1.actions, *V1.reviews)}
KNOWN = {*RULES, *V1.criteria, *CATALOGUE.definitions}


def named_in(cell: str) -> set[str]:
    """Ids of rules a cell of the coverage table names, ranges and wildcards written out."""
    cell = re.sub(
        r"T(\d\d)–T(\d\d)", lambda m: " ".join(f"T{n:02}" for n in range(int(m[1]), int(m[2]) + 1)), cell
    )
    found: set[str] = set()
    for word in re.findall(r"[A-Za-z_]\w*(?:\.[a-z_*]+)?", cell):
        found |= {i for i in KNOWN if i == word or (word.endswith(".*") and i.startswith(word[:-1]))}
    return found


@pytest.mark.parametrize("row", spec.rows(spec.table_of("11.")))
def test_coverage_names_the_rules_of_the_table(row: spec.Row) -> None:
    statements = [V1.coverage[s] for s in spec.seeds(row["S"])]

    missing = named_in(row["where"]) - {rule for s in statements for rule in s.where}
    assert not missing, row["S"]


@pytest.mark.parametrize("statement", [f"S{n:02}" for n in range(1, 45)])
def test_coverage_of_a_statement_names_every_rule_that_carries_it(statement: str) -> None:
    covered = V1.coverage[statement]

    assert covered.says.strip()
    assert covered.where
    assert carriers(statement) <= set(covered.where), statement
    assert set(covered.where) <= KNOWN, statement


def test_the_coverage_table_and_ours_have_all_44_statements() -> None:
    everything = {f"S{n:02}" for n in range(1, 45)}
    assert {s for row in spec.table_of("11.") for s in spec.seeds(row["S"])} == everything
    assert set(V1.coverage) == everything


TOLD = """recommends; clears nothing; dos; protocol; AI-generated; many thresholds; ERS/EULAR; ACR/CHEST;
RP-ILD; anti-MDA5; C4; not an emergency system; blood gases; high-flow oxygen; ventilat; ECMO;
plasma exchange; dysphagia; cancer; pulmonary hypertension; interaction; allerg; HIV; Strongyloides;
NUDT15; zoster; Raynaud; dark skin; muscle; stop; stable; adults only; pregnancy needs specialist care"""
OUR_WORDS = ("clears nothing", "stable")
"""Said in other words in the specification."""


@pytest.mark.parametrize("fact", re.split(r";\s+", TOLD))
def test_the_limits_tell_every_fact(fact: str) -> None:
    assert fact in OUR_WORDS or fact.lower() in spec.section("14.").lower(), f"no longer specified: {fact}"
    assert fact.lower() in " ".join(V1.limits).lower()


def test_every_citation_of_every_rule_is_a_source() -> None:
    cited: set[str] = set()

    def collect(node: Any) -> None:
        if isinstance(node, dict):
            cited.update(node.get("cite", ()))
            for value in node.values():
                collect(value)
        elif isinstance(node, tuple):
            for value in node:
                collect(value)

    collect(V1.model_dump())
    for fact in CATALOGUE.definitions.values():
        cited.update(fact.cite)
    assert cited
    assert cited <= set(LIBRARY.sources("pm-ild"))

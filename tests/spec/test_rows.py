"""The pathway's YAML says what the written specification says, row by row."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from engine.core.definition import (
    ActionDefinition,
    Cited,
    CourseReview,
    CycleReview,
    DoseReview,
    IntervalReview,
    PathwayDefinition,
)
from engine.core.functions import ENGINE_FACTS
from pathways.facts import CATALOGUE
from pathways.library import Library
from tests.spec import spec_tables as spec

if not spec.SPECIFICATION.exists():
    pytest.skip(
        "the written specification (../shared/clinical) is not beside this checkout", allow_module_level=True
    )

LIBRARY = Library()
V1 = LIBRARY.definition("pm-ild")
V2 = LIBRARY.definition("pm-ild", "2")
ACTIONS = {a.id: a for a in V1.actions}
REVIEWS = {r.id: r for r in V1.reviews}
TRANSITIONS = {t.id: t for t in V1.transitions}
CHANGES = {c.id: c for c in V1.status_changes}

PARAMETER = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")


def rows(source: list[spec.Row], *columns: str) -> list[Any]:
    """Each row as a test of its own, named by its place and its first columns."""
    columns = columns or (next(iter(source[0])),)
    return [
        pytest.param(row, id="-".join([str(at), *(re.sub(r"\W+", "_", row[c]) for c in columns)]))
        for at, row in enumerate(source, 1)
    ]


def order(source: list[spec.Row], column: str) -> list[str]:
    return [row[column] for row in source]


def assert_cites(cited: Cited, expected: spec.Sources, where: str) -> None:
    assert set(cited.cite) == expected.cite, f"{where}: cite"
    assert set(cited.seed) == expected.seed, f"{where}: seed"


def every_expression(action: ActionDefinition) -> dict[str, str]:
    return {
        "prio": action.prio,
        "when": action.when,
        "block_if": action.block_if or "",
        "defer_if": action.defer_if or "",
        "caution_if": action.caution_if or "",
    }


# ── §4 parameters, §5 facts ─────────────────────────────────────────────────────────────────────

REWORDED = {
    *("LOOKBACK_LONG", "LOW_VC", "PFT_INT_STD", "GC_LONG_MG", "CYC_GAP_DAYS", "IVIG_GAP_DAYS", "ALT_ULN"),
    *("FIRST_LINE_AZA", "OFFER_NINTEDANIB", "BONE_TREAT_ALL"),
}
"""Parameters whose table cell leans on its neighbours ("same, …") and is written out in the YAML."""


def words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z0-9]+", text.lower()))


def test_parameters_stand_in_the_order_of_the_table() -> None:
    assert list(V1.parameters) == order(spec.table("params"), "parameter")


@pytest.mark.parametrize("row", rows(spec.table("params")))
def test_parameter(row: spec.Row) -> None:
    name, meaning = row["parameter"], row["meaning and source"]
    parameter = V1.parameters[name]

    value = (
        {"true": True, "false": False}.get(row["default"])
        if row["default"][0] in "tf"
        else Decimal(row["default"])
    )
    assert parameter.value == value, name
    assert (parameter.unit is None) is isinstance(value, bool), f"{name}: a number has a unit"
    assert_cites(parameter, spec.sources(meaning), name)
    said = words(f"{parameter.meaning} {parameter.unit or ''}")
    kept = (
        words(" ".join(map(str, spec.numbers(meaning)))) if name in REWORDED else words(spec.words(meaning))
    )
    assert kept <= said | parameter_words(parameter.seed), f"{name}: meaning"


def parameter_words(seed: tuple[str, ...]) -> set[str]:
    return {s.lower() for s in seed}


def used_by(name: str) -> set[str] | None:
    """Parameters a fact may read, by declaration or in its expression; None if there is no such fact."""
    if name in V1.criteria:
        return set(PARAMETER.findall(V1.criteria[name].when))
    if name in CATALOGUE:
        return set(CATALOGUE[name].parameters)
    return set() if name in V1.context or name in ENGINE_FACTS else None


def names_defined(row: spec.Row) -> list[str]:
    also = re.findall(r"\b([a-z][a-z_]+) = ", row["definition"])
    inside = re.findall(r"\b(?:also|dates:) ([^;]+)", row["definition"]) if "in_assess" in row["fact"] else []
    listed = [n for part in inside for n in re.findall(r"[a-z_]{3,}", re.sub(r"\([^)]*\)", "", part))]
    return [n for n in re.findall(r"[a-z_0-9]+", row["fact"]) if len(n) > 1] + also + listed


@pytest.mark.parametrize(
    "row", rows([row for row in spec.table("facts") if row["fact"] != "desat(o)"], "fact")
)
def test_fact_exists_and_reads_the_parameters_of_its_definition(row: spec.Row) -> None:
    used: set[str] = set()
    for name in names_defined(row):
        found = used_by(name)
        assert found is not None, f"nothing is called {name}"
        used |= found

    missing = set(PARAMETER.findall(row["definition"])) - used
    assert not missing, f"{row['fact']}: parameters of the definition that are not read"


LITERAL = ("prog", "alt_active", "progression", "rp_active", "is_active", "combo_open", "ps_alt", "pjp_risk")


@pytest.mark.parametrize("name", LITERAL)
def test_fact_defined_by_an_expression_is_that_expression(name: str) -> None:
    (row,) = [row for row in spec.table("facts") if row["fact"] == name]
    assert V1.criteria[name].when == spec.code(row["definition"])


def criteria_rows() -> list[spec.Row]:
    found = [row for row in spec.table("facts") if "§" not in row["definition"]]
    return [row for row in found if all(n in V1.criteria for n in names_defined(row))]


@pytest.mark.parametrize("row", rows(criteria_rows(), "fact"))
def test_criterion_holds_the_numbers_and_codes_of_its_definition(row: spec.Row) -> None:
    said = " ".join(V1.criteria[n].when for n in names_defined(row))

    definition = re.sub(r"\(0 if inactive\)", "", row["definition"])
    assert set(spec.numbers(definition)) <= set(spec.numbers(said)), row["fact"]
    named = set(re.findall(r"'([\w.]+)'", said)) | set(V1.composites)
    assert set(re.findall(r"'(\w+)'", definition)) <= named, row["fact"]


def test_composites_and_the_screen() -> None:
    (row,) = [row for row in spec.table("facts") if row["fact"] == "screen_fresh"]
    screen, preg, rms = re.split(
        r"; fresh|\. `preg`", row["definition"].replace(" and `rms` are composites", ""), maxsplit=2
    )

    def fresh(expression: str) -> list[str]:
        return re.findall(r"fresh\('(\w+)'\)", expression)

    assert fresh(V1.criteria["screen_fresh"].when) == re.findall(
        r"\w+", re.sub(r"\band\b|all fresh", "", screen)
    )
    assert preg.endswith("fresh('preg') = can_become_pregnant is false or pregnancy_test is fresh")
    assert V1.composites["preg"] == "not can_become_pregnant or fresh('pregnancy_test')"
    assert rms == "('rms') = mip, snip or supine_drop_pct is"
    assert V1.composites["rms"] == " or ".join(f"fresh('{i}')" for i in ("mip", "snip", "supine_drop_pct"))
    assert set(V1.composites) == {"preg", "rms"}


# ── §6 states and transitions ───────────────────────────────────────────────────────────────────


def state_rows() -> Iterator[tuple[str, spec.Row]]:
    for row in spec.table_of("6.1"):
        first, *others = row["state"].split(" / ")
        yield first, row
        for other in others:
            yield first.split(".")[0] + other, row


def test_the_states_are_those_of_the_table() -> None:
    assert set(V1.states) == {name for name, _ in state_rows()}
    assert V1.initial == "assess"


@pytest.mark.parametrize(("name", "row"), [pytest.param(n, r, id=n) for n, r in state_rows()])
def test_state(name: str, row: spec.Row) -> None:
    state = V1.states[name]

    assert words(state.leave) == words(row["leave when"]), name
    assert words(state.enter) - {"52", "weeks", "into", "the", "line"} <= words(row["enter when"]), name
    if " / " in row["state"]:
        assert ("≤ 52 weeks" if name.endswith("early") else "> 52 weeks") in state.enter, name


def test_transitions_stand_in_the_order_of_the_table() -> None:
    assert [*TRANSITIONS, *CHANGES] == order(spec.table("transitions"), "id")


def trigger_of(row: spec.Row) -> str:
    """The trigger, with "as T06" replaced by that of T06."""
    match = re.fullmatch(r"as (T\d\d)", row["trigger"])
    if match is None:
        return row["trigger"]
    return next(trigger_of(other) for other in spec.table("transitions") if other["id"] == match[1])


@pytest.mark.parametrize("row", rows([r for r in spec.table("transitions") if r["id"].startswith("T")]))
def test_transition(row: spec.Row) -> None:
    at = row["id"]
    transition = TRANSITIONS[at]

    assert transition.trigger == trigger_of(row), at
    assert transition.strength == row["strength"].replace("*", ""), at
    assert_cites(transition, spec.sources(f"{row['source']} {row['strength']}"), at)
    if row["from"] == "any":
        assert (transition.source, transition.to, transition.when, transition.prio) == (
            ("*",),
            None,
            None,
            None,
        )
        return
    assert transition.source == (row["from"],), at
    assert transition.to == row["to"], at
    assert transition.when == spec.code(row["guard"]), at
    assert transition.prio == int(row["prio"]), at


@pytest.mark.parametrize("row", rows([r for r in spec.table("transitions") if r["id"].startswith("A")]))
def test_status_change(row: spec.Row) -> None:
    change = CHANGES[row["id"]]

    assert change.source == tuple(row["from"].split(", ")), row["id"]
    assert change.to == row["to"], row["id"]
    assert (change.trigger, f"admin {change.op}") == (row["trigger"], row["trigger"]), row["id"]
    assert change.reason_required is ("reason mandatory" in row["guard"]), row["id"]
    assert_cites(change, spec.sources(row["source"]), row["id"])


def test_only_the_moves_into_monitor_and_overrides_set_the_line() -> None:
    setting = {t.id for t in V1.transitions if t.assign}
    into_monitor = {t.id for t in V1.transitions if t.to == "monitor"}

    assert setting == into_monitor | {"T13"}
    assert all(set(TRANSITIONS[i].assign) == {"line", "line_start", "line_rp"} for i in setting)


# ── §7 actions and red flags ────────────────────────────────────────────────────────────────────


def test_actions_stand_in_the_order_of_the_tables_and_red_flags_after_them() -> None:
    assert list(ACTIONS) == order(spec.table("actions"), "id") + order(spec.table("redflags"), "id")


@pytest.mark.parametrize("row", rows(spec.table("actions")))
def test_action(row: spec.Row) -> None:
    at = row["id"]
    action = ACTIONS[at]

    assert action.kind == row["kind"], at
    assert action.title == row["title"], at
    for column, expression in every_expression(action).items():
        assert expression == spec.code(row[column]), f"{at}: {column}"
    assert action.needs == tuple(row["needs"].split()), at
    assert set(action.cite) == set(row["refs"].split()), at
    assert set(action.seed) == spec.seeds(row["seed"]), at
    assert (action.trigger is not None) is (at == "rev.history_changed"), at


@pytest.mark.parametrize("row", rows(spec.table("redflags")))
def test_red_flag(row: spec.Row) -> None:
    at = row["id"]
    flag = ACTIONS[at]

    assert flag.kind == "urgent", at
    assert (flag.prio, flag.when) == (spec.code(row["prio"]), spec.code(row["when"])), at
    assert flag.trigger == spec.code(row["trigger date"]), at
    assert flag.title == spec.words(row["title"]), at
    assert set(flag.cite) == spec.sources(row["title"]).cite, at
    assert set(flag.seed) == spec.seeds(row["seed"]), at
    assert not any((flag.block_if, flag.needs, flag.defer_if, flag.caution_if)), at


def test_rationale_is_that_of_the_specification() -> None:
    (text,) = re.findall(r"\*\*Rationale\*\*.*?\n\n", spec.text(), re.S)
    said: dict[str, tuple[str, frozenset[str]]] = {}
    for ids, sentence, seed in re.findall(r'((?:tx\.\w+,? )+)"([^"]+)"\s+\(([^)]+)\)', text):
        said |= {i: (sentence, spec.seeds(seed)) for i in re.findall(r"tx\.\w+", ids)}

    assert len(said) == 5
    ours = {a.id: [(r.says, frozenset(r.seed)) for r in a.rationale] for a in V1.actions if a.rationale}
    assert ours == {i: [sentence] for i, sentence in said.items()}


def test_windows_and_decisions_are_those_of_the_specification() -> None:
    (windows,) = re.findall(r"\*\*Priority and due\*\*: (.*?) \(no due date\)", spec.text())
    assert windows == "P0 same day, P1 2 days, P2 7 days, P3 28 days, P4 consider"
    assert V1.priorities == {"0": 0, "1": 2, "2": 7, "3": 28, "4": None}

    (text,) = re.findall(r"\*\*Decisions\*\*.*?\n\n", spec.text(), re.S)
    default, kinds = V1.decisions.default, V1.decisions.kinds
    assert [int(n) for n in spec.numbers(text)] == [28, 3, 1, 1, 0, 1, 90, 365, 90]
    assert (default.accept, default.decline) == (28, 90)
    assert default.accept_urgent == {"1": 3, "0": 1}
    assert default.until_entry
    assert kinds["referral"].until_entry
    assert kinds["referral"].accept is None
    for kind in ("education", "support"):
        assert (kinds[kind].accept, kinds[kind].decline, kinds[kind].until_entry) == (365, 90, False)
    assert set(kinds) == {"referral", "education", "support"}


# ── §8 reviews and ladder ───────────────────────────────────────────────────────────────────────

SATISFIED = {
    "usable FVC": (("fvc_l", "fvc_pp"), "newest"),
    "resp_change and spo2_rest (last = older of the two newest)": (("resp_change", "spo2_rest"), "oldest"),
    "spo2_exert": (("spo2_exert",), "newest"),
}


def interval(name: str) -> IntervalReview:
    review = REVIEWS[name]
    assert isinstance(review, IntervalReview)
    return review


def review_rows(name: str) -> list[spec.Row]:
    return [row for row in spec.table("reviews") if row["review"] == name]


def test_reviews_stand_in_the_order_of_the_tables() -> None:
    listed = dict.fromkeys(order(spec.table("reviews"), "review") + order(spec.table("tox"), "review"))
    assert list(REVIEWS) == [*listed, "tox.cyc_nadir", "gc.bone", "gc.eye"]


@pytest.mark.parametrize("name", dict.fromkeys(order(spec.table("reviews"), "review")))
def test_review(name: str) -> None:
    review, first = interval(name), review_rows(name)[0]

    assert (review.items, review.last) == SATISFIED[first["satisfied by"]]
    assert review.first_due == int(first["first due"])
    assert len(review.intervals) == len(review_rows(name))
    assert set(review.seed) == {s for row in review.intervals for s in row.seed}
    assert set(review.cite) == {c for row in review.intervals for c in row.cite}


@pytest.mark.parametrize("row", rows(spec.table("reviews")))
def test_interval(row: spec.Row) -> None:
    at = review_rows(row["review"]).index(row)
    ours = interval(row["review"]).intervals[at]

    assert (ours.when, ours.days) == (spec.code(row["when"]), spec.code(row["interval"]))
    assert_cites(ours, spec.sources(row["seed"]), f"{row['review']} {at}")


@pytest.mark.parametrize("row", rows(spec.table("tox")))
def test_drug_safety_review(row: spec.Row) -> None:
    at = row["review"]
    review = REVIEWS[at]
    assert isinstance(review, CourseReview), at

    assert (review.drug, review.items) == (row["drug"], tuple(row["items"].split())), at
    assert review.baseline is (row["baseline"] == "yes"), at
    phases = [
        (int(n), int(until) if until else None) for n, until in re.findall(r"(\d+)(?:@(\d+))?", row["phases"])
    ]
    assert [(p.days, p.until) for p in review.phases] == phases, at
    expected = spec.sources(row["refs"], bare=True)
    assert set(review.cite) == expected.cite, at
    heading = {"S29", "S42"}  # the title of §8.1 names them for every drug
    assert set(review.seed) == (expected.seed or heading), at


def test_a_panel_counts_as_baseline_from_28_days_before_the_start() -> None:
    assert "`last` < start − 28" in spec.section("8.1")
    assert all(r.baseline_days == 28 for r in V1.reviews if isinstance(r, CourseReview))


def test_special_reviews() -> None:
    text = spec.section("8.1")
    (nadir,) = re.findall(
        r"`tox.cyc_nadir` — anc (\d+)–(\d+) days after each cyc give, due give \+ (\d+)", text
    )
    review = REVIEWS["tox.cyc_nadir"]
    assert isinstance(review, DoseReview)
    assert (review.drug, review.item) == ("cyc", "anc")
    assert (review.window_from, review.window_to, review.due) == tuple(map(int, nadir))
    assert review.cite == ("nhs_cyc",)

    pattern = r"`gc.bone` \(item dxa_t\).*?last \+ (\d+) if .*?else gc_oral start \+ (\d+)"
    for name, item, (every, first), cite in (
        ("gc.bone", "dxa_t", re.findall(pattern, text, re.S)[0], ("acr_giop_2022",)),
        ("gc.eye", "eye_exam", re.findall(r"`gc.eye`.*?last \+ (\d+).*?start \+ (\d+)", text, re.S)[0], ()),
    ):
        cycle = REVIEWS[name]
        assert isinstance(cycle, CycleReview)
        assert (cycle.drug, cycle.item, cycle.every, cycle.first) == (
            "gc_oral",
            item,
            int(every),
            int(first),
        ), name
        assert cycle.cite == cite, name


RECIPIENTS = {
    "coordinator": "coordinator",
    "patient channel": "patient",
    "responsible clinician": "clinician",
    "clinical lead": "clinical_lead",
}
LADDER = [row for row in spec.table_of("8.2") if not row["step"].startswith("P0")]


def test_the_ladder_has_the_steps_of_the_table() -> None:
    assert [s.step for s in V1.ladder.reviews] == order(LADDER, "step")
    (short,) = re.findall(r"\(due date − base date\) is under (\d+)|is under (\d+) days", spec.section("8.2"))
    assert V1.ladder.short_below == int("".join(short))


@pytest.mark.parametrize("row", rows(LADDER))
def test_ladder_step(row: spec.Row) -> None:
    (step,) = [s for s in V1.ladder.reviews if s.step == row["step"]]
    offset, *short = (int(n) for n in spec.numbers(row["offset"].replace("+", "")))

    assert (step.offset, step.short) == (offset, short[0] if short else offset), row["step"]
    assert step.to == tuple(RECIPIENTS[r] for r in row["to"].split(", ")), row["step"]
    applies = ("*",) if row["applies"] == "all reviews" else tuple(row["applies"].split(", "))
    assert step.applies == applies, row["step"]


def test_urgent_actions_are_repeated_and_passed_on() -> None:
    (row,) = [r for r in spec.table_of("8.2") if r["step"] == "P0/P1 action"]
    assert row["offset"] == "0 h; again at 4 h if unacknowledged (P0); backup clinician at 24 h"
    assert row["to"] == "responsible clinician + coordinator"

    both = ("clinician", "coordinator")
    assert [(s.hours, s.prios, s.to, s.unless_acknowledged) for s in V1.ladder.actions] == [
        (0, (0, 1), both, False),
        (4, (0,), both, True),
        (24, (0, 1), ("backup_clinician",), False),
    ]


# ── §9 risk factors, §11 coverage, §12 conflicts, §14 limits ────────────────────────────────────


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
        assert set(PARAMETER.findall(row["effect"])) == set(PARAMETER.findall(factor.effect)), factor.fact
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


@pytest.mark.parametrize("row", rows(spec.table_of("12.")))
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
    assert [c.id for c in V1.conflicts] == order(spec.table_of("12."), "#")


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


KNOWN = {*TRANSITIONS, *ACTIONS, *REVIEWS, *V1.criteria, *CATALOGUE.definitions}


def named_in(cell: str) -> set[str]:
    """Ids of rules a cell of the coverage table names, ranges and wildcards written out."""
    cell = re.sub(
        r"T(\d\d)–T(\d\d)", lambda m: " ".join(f"T{n:02}" for n in range(int(m[1]), int(m[2]) + 1)), cell
    )
    found: set[str] = set()
    for word in re.findall(r"[A-Za-z_]\w*(?:\.[a-z_*]+)?", cell):
        found |= {i for i in KNOWN if i == word or (word.endswith(".*") and i.startswith(word[:-1]))}
    return found


@pytest.mark.parametrize("row", rows(spec.table_of("11.")))
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


TOLD = (
    *(
        "recommends",
        "clears nothing",
        "dos",
        "protocol",
        "AI",
        "eng",
        "ERS/EULAR",
        "ACR/CHEST",
        "RP-ILD",
        "anti-MDA5",
    ),
    *(
        "emergency",
        "blood gases",
        "high-flow oxygen",
        "ventilat",
        "ECMO",
        "plasma exchange",
        "dysphagia",
        "cancer",
    ),
    *(
        "pulmonary hypertension",
        "interaction",
        "allerg",
        "HIV",
        "Strongyloides",
        "NUDT15",
        "zoster",
        "Raynaud",
    ),
    *("dark skin", "muscle", "stop", "stable", "dults only", "regnancy needs specialist care", "C4"),
)


@pytest.mark.parametrize("fact", TOLD)
def test_the_limits_tell_every_fact(fact: str) -> None:
    stated = spec.section("14.") if fact not in ("clears nothing", "ventilat", "stable") else fact
    assert fact.lower() in stated.lower(), f"the specification no longer says {fact}"
    assert fact.lower() in " ".join(V1.limits).lower()


# ── sources of the rules ────────────────────────────────────────────────────────────────────────


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

"""Parameters, facts, states, transitions and actions say what the specification says, row by row."""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from engine.core.definition import ActionDefinition
from engine.core.functions import ENGINE_FACTS
from pathways.facts import CATALOGUE
from pathways.library import Library
from tests.spec import spec_tables as spec

V1 = Library().definition("pm-ild")
ACTIONS = {a.id: a for a in V1.actions}
TRANSITIONS = {t.id: t for t in V1.transitions}
CHANGES = {c.id: c for c in V1.status_changes}


# ── §4 parameters, §5 facts ─────────────────────────────────────────────────────────────────────

REWORDED = {
    *("LOOKBACK_LONG", "LOW_VC", "PFT_INT_STD", "GC_LONG_MG", "CYC_GAP_DAYS", "IVIG_GAP_DAYS", "ALT_ULN"),
    *("FIRST_LINE_AZA", "OFFER_NINTEDANIB", "BONE_TREAT_ALL"),
}
"""Parameters whose table cell leans on its neighbours ("same, …") and is written out in the YAML."""


def words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z0-9]+", text.lower()))


def test_parameters_stand_in_the_order_of_the_table() -> None:
    assert list(V1.parameters) == spec.order(spec.table("params"), "parameter")


@pytest.mark.parametrize("row", spec.rows(spec.table("params")))
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
    spec.assert_cites(parameter, spec.sources(meaning), name)
    said = words(f"{parameter.meaning} {parameter.unit or ''}")
    kept = (
        words(" ".join(map(str, spec.numbers(meaning)))) if name in REWORDED else words(spec.words(meaning))
    )
    assert kept <= said, f"{name}: meaning"


def used_by(name: str) -> set[str] | None:
    """Parameters a fact may read, by declaration or in its expression; None if there is no such fact."""
    if name in V1.criteria:
        return set(spec.PARAMETER.findall(V1.criteria[name].when))
    if name in CATALOGUE:
        return set(CATALOGUE[name].parameters)
    return set() if name in V1.context or name in ENGINE_FACTS else None


def names_defined(row: spec.Row) -> list[str]:
    also = re.findall(r"\b([a-z][a-z_]+) = ", row["definition"])
    inside = re.findall(r"\b(?:also|dates:) ([^;]+)", row["definition"]) if "in_assess" in row["fact"] else []
    listed = [n for part in inside for n in re.findall(r"[a-z_]{3,}", re.sub(r"\([^)]*\)", "", part))]
    return [n for n in re.findall(r"[a-z_0-9]+", row["fact"]) if len(n) > 1] + also + listed


@pytest.mark.parametrize(
    "row", spec.rows([row for row in spec.table("facts") if row["fact"] != "desat(o)"], "fact")
)
def test_fact_exists_and_reads_the_parameters_of_its_definition(row: spec.Row) -> None:
    used: set[str] = set()
    for name in names_defined(row):
        found = used_by(name)
        assert found is not None, f"nothing is called {name}"
        used |= found

    missing = set(spec.PARAMETER.findall(row["definition"])) - used
    assert not missing, f"{row['fact']}: parameters of the definition that are not read"


def criteria_rows() -> list[spec.Row]:
    found = [row for row in spec.table("facts") if "§" not in row["definition"]]
    return [row for row in found if all(n in V1.criteria for n in names_defined(row))]


@pytest.mark.parametrize("row", spec.rows(criteria_rows(), "fact"))
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
    assert [*TRANSITIONS, *CHANGES] == spec.order(spec.table("transitions"), "id")


def trigger_of(row: spec.Row) -> str:
    """The trigger, with "as T06" replaced by that of T06."""
    match = re.fullmatch(r"as (T\d\d)", row["trigger"])
    if match is None:
        return row["trigger"]
    return next(trigger_of(other) for other in spec.table("transitions") if other["id"] == match[1])


@pytest.mark.parametrize("row", spec.rows([r for r in spec.table("transitions") if r["id"].startswith("T")]))
def test_transition(row: spec.Row) -> None:
    at = row["id"]
    transition = TRANSITIONS[at]

    assert transition.trigger == trigger_of(row), at
    assert transition.strength == row["strength"].replace("*", ""), at
    spec.assert_cites(transition, spec.sources(f"{row['source']} {row['strength']}"), at)
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


@pytest.mark.parametrize("row", spec.rows([r for r in spec.table("transitions") if r["id"].startswith("A")]))
def test_status_change(row: spec.Row) -> None:
    change = CHANGES[row["id"]]

    assert change.source == tuple(row["from"].split(", ")), row["id"]
    assert change.to == row["to"], row["id"]
    assert (change.trigger, f"admin {change.op}") == (row["trigger"], row["trigger"]), row["id"]
    assert change.reason_required is ("reason mandatory" in row["guard"]), row["id"]
    spec.assert_cites(change, spec.sources(row["source"]), row["id"])


def test_only_the_moves_into_monitor_and_overrides_set_the_line() -> None:
    setting = {t.id for t in V1.transitions if t.assign}
    into_monitor = {t.id for t in V1.transitions if t.to == "monitor"}

    assert setting == into_monitor | {"T13"}
    assert all(set(TRANSITIONS[i].assign) == {"line", "line_start", "line_rp"} for i in setting)


# ── §7 actions and red flags ────────────────────────────────────────────────────────────────────


def every_expression(action: ActionDefinition) -> dict[str, str]:
    return {
        "prio": action.prio,
        "when": action.when,
        "block_if": action.block_if or "",
        "defer_if": action.defer_if or "",
        "caution_if": action.caution_if or "",
    }


def test_actions_stand_in_the_order_of_the_tables_and_red_flags_after_them() -> None:
    assert list(ACTIONS) == spec.order(spec.table("actions"), "id") + spec.order(spec.table("redflags"), "id")


@pytest.mark.parametrize("row", spec.rows(spec.table("actions")))
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


@pytest.mark.parametrize("row", spec.rows(spec.table("redflags")))
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

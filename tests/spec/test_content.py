"""The vocabulary, the sources, the codes and the stories are those of the written specification."""

import csv
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from engine.core.vocabulary import Coding
from pathways.library import Library
from pathways.reader import read_yaml
from tests.spec import spec_tables as spec

LIBRARY = Library()
VOCABULARY = LIBRARY.vocabulary()
V1 = LIBRARY.definition("pm-ild")
ITEMS = spec.table("items")
WORST = ("worse", "rapidly_progressive", "progressive", "progressed", "positive", "active")


EVERY_ITEM = [pytest.param(row, id=row["item"]) for row in ITEMS]


# ── §2.1 items ──────────────────────────────────────────────────────────────────────────────────


def test_items_stand_in_the_order_of_the_table() -> None:
    assert list(VOCABULARY.items) == [row["item"] for row in ITEMS]


@dataclass(frozen=True)
class Units:
    """What the unit column says."""

    unit: str | None
    accepts: dict[str, Decimal]


METRIC = {("L", "mL"): Decimal("0.001")}


def units(cell: str) -> Units:
    """Return the unit and what one of each other unit is in it; a unit without a factor equals it."""
    if cell in ("code", "true/false"):
        return Units(None, {})
    match = re.fullmatch(r"(\S+)(?: \((.*)\))?", cell)
    assert match, cell
    accepts = {}
    for part in (match[2] or "").split("; ") if match[2] else ():
        name, _, factor = part.partition(" ")
        number = Decimal(factor[1:]) if factor else METRIC.get((match[1], name), Decimal(1))
        accepts[name] = 1 / number if factor.startswith("÷") else number
    return Units(match[1], accepts)


@pytest.mark.parametrize("row", EVERY_ITEM)
def test_units_and_factors(row: spec.Row) -> None:
    item, expected = VOCABULARY.items[row["item"]], units(row["unit (also accepted)"])

    assert item.unit == expected.unit
    assert set(item.accepts) == set(expected.accepts)
    for name, factor in expected.accepts.items():
        assert item.convert(Decimal(1), name) == factor, name
    kinds = {"code": "code", "true/false": "boolean"}
    assert item.kind == kinds.get(row["unit (also accepted)"], "number")


@pytest.mark.parametrize("row", EVERY_ITEM)
def test_ranges_staleness_and_origin(row: spec.Row) -> None:
    item = VOCABULARY.items[row["item"]]

    for column, ours in (("reject outside", item.reject), ("warn outside", item.warn)):
        bounds = re.fullmatch(r"(-?[\d.]+)–(-?[\d.]+)", row[column])
        expected = None if bounds is None else (Decimal(bounds[1]), Decimal(bounds[2]))
        assert (None if ours is None else (ours.low, ours.high)) == expected, column
    assert item.stale == (None if row["stale"] == "—" else int(row["stale"]))
    assert item.supplied_by == row["from"]
    assert item.title


@pytest.mark.parametrize("row", EVERY_ITEM)
def test_codes_and_qualifiers(row: spec.Row) -> None:
    item = VOCABULARY.items[row["item"]]
    what = re.sub(r"\([^()]*\)", "", row["what"])

    if item.kind == "code":
        names = what.split(":")[-1].split(";")[0]
        assert list(item.codes) == [code.strip() for code in names.split(",")]
    qualifiers = [a for a in VOCABULARY.attributes if re.search(rf"`{a}`", row["what"])]
    # A grade on the message counts for every value of the spirometry.
    assert set(item.attributes) - {"grade"} == set(qualifiers) - {"grade"}
    assert ("grade" in item.attributes) is (row["item"] in ("fvc_l", "fvc_pp"))


@pytest.mark.parametrize("row", EVERY_ITEM)
def test_known_by_a_verified_code_or_by_its_own_name(row: spec.Row) -> None:
    coding = VOCABULARY.items[row["item"]].coding
    assert coding is not None
    match = re.match(r"\d+-\d", row["LOINC"])
    # The code of one antibody would make a negative say more than was tested.
    own = match is None or row["item"] == "ab_ars"

    assert coding.system == ("urn:careway:item" if own else "http://loinc.org")
    assert coding.code == (row["item"] if own or match is None else match[0])


# ── §3 which of two values is kept ──────────────────────────────────────────────────────────────


def conflict_rule() -> str:
    (rule,) = re.findall(r"^- \*\*Conflict\*\*.*?(?=^- )", spec.text(), re.S | re.M)
    return re.sub(r"\s+", " ", rule)


@pytest.mark.parametrize("row", EVERY_ITEM)
def test_the_worse_value(row: spec.Row) -> None:
    item = VOCABULARY.items[row["item"]]
    (lower,) = re.findall(r"\(lower ([a-z0-9/]+);", conflict_rule())
    (codes,) = re.findall(r"for codes ([a-z/]+);", conflict_rule())
    assert set(codes.split("/")) <= set(WORST)

    if item.kind == "code":
        assert isinstance(item.adverse, tuple)
        assert set(item.adverse) == set(item.codes)
        worst = [code for code in WORST if code in item.codes]
        assert list(item.adverse[: len(worst)]) == worst
    else:
        low = any(row["item"].split("_")[0] == name for name in lower.split("/"))
        assert item.adverse == ("lower" if low else "higher")


def test_spreads_that_are_no_conflict() -> None:
    assert "within 0.15 L, 5 %pred points or 2 SpO2 points" in conflict_rule()
    within = {name: item.tolerance for name, item in VOCABULARY.items.items() if item.tolerance is not None}
    assert within == {
        "fvc_l": Decimal("0.15"),
        **dict.fromkeys(("fvc_pp", "dlco_pp"), Decimal(5)),
        **dict.fromkeys(("spo2_rest", "spo2_exert"), Decimal(2)),
    }


def test_quarantine_and_grades() -> None:
    items = VOCABULARY.items
    assert (
        "`fvc_l` differing > FVC_DELTA_PCT from the previous\n  usable fvc_l within 365 days" in spec.text()
    )
    jump = items["fvc_l"].jump
    assert jump is not None
    assert (jump.parameter, jump.within) == ("FVC_DELTA_PCT", 365)
    assert "grade D, E or F is stored but unusable. An unusable fvc_l takes the fvc_pp" in spec.text()
    assert {n for n, i in items.items() if i.unusable_grades} == {"fvc_l", "fvc_pp"}
    assert items["fvc_l"].unusable_grades == items["fvc_pp"].unusable_grades == ("D", "E", "F")
    assert {n: i.takes_along for n, i in items.items() if i.takes_along} == {"fvc_l": ("fvc_pp",)}
    assert {n: i.lowest_first for n, i in items.items() if i.lowest_first} == {"spo2_rest": "o2_flow"}


def test_order_of_trust_and_days() -> None:
    assert "better `grade` (A best; absent = C)" in conflict_rule()
    assert VOCABULARY.grades == ("A", "B", "C", "D", "E", "F")
    assert VOCABULARY.absent_grade == "C"
    (rank,) = re.findall(r"rank ([a-z >]+);", conflict_rule())
    assert VOCABULARY.sources == tuple(rank.split(" > "))
    (days,) = re.findall(r"date is ≤ (\d+) days old", conflict_rule())
    assert VOCABULARY.conflict_days == int(days)
    (absent,) = re.findall(r"newest record of i is an `absent` ≤ (\d+) days old", spec.text())
    assert VOCABULARY.absent_days == int(absent)


# ── §2 drugs, groups, conditions, vaccines, reasons ─────────────────────────────────────────────


def test_drugs() -> None:
    (drugs,) = re.findall(r"^Drugs: (.*?)\. Groups", spec.text(), re.S | re.M)
    assert list(VOCABULARY.drugs) == re.split(r",\s+", drugs)
    (days,) = re.findall(r"gc_pulse is active for (\d+) days", spec.text())
    assert {n: d.lasts for n, d in VOCABULARY.drugs.items() if d.lasts} == {"gc_pulse": int(days)}
    assert "`dose` (mg pred-eq/day, `gc_oral` only)" in spec.text()
    assert {n: d.dose_unit for n, d in VOCABULARY.drugs.items() if d.dose_unit} == {"gc_oral": "mg/d"}


def test_groups() -> None:
    (text,) = re.findall(r"Groups: (.*?)\. A drug is active", spec.text(), re.S)
    groups: dict[str, tuple[str, ...]] = {}
    for name, members in re.findall(r"`(\w+)` = ([^;]+)", re.sub(r"\([^()]*\)", "", text)):
        found = re.findall(r"`?(\w+)`?", members)
        groups[name] = tuple(d for n in found for d in groups.get(n, (n,)))

    assert V1.groups == groups


def test_conditions_vaccines_and_reasons() -> None:
    (text,) = re.findall(r"Condition codes: (.*?)\.\n", spec.text(), re.S)
    conditions = [name.strip() for name in re.sub(r"\([^()]*\)", "", text).split(",")]
    assert len(conditions) == 26
    assert list(VOCABULARY.conditions) == conditions
    (vaccines,) = re.findall(r"\| `vaccine`: ([a-z, ]+) \|", spec.text())
    assert list(VOCABULARY.vaccines) == vaccines.split(", ")
    (reasons,) = re.findall(r"Close reasons: ([a-z_, ]+)", spec.text())
    assert VOCABULARY.close_reasons == tuple(reasons.strip().split(", "))
    (sources,) = re.findall(r"`source`\n?\s*\(([^)]+)\)", spec.text())
    assert set(VOCABULARY.sources) == set(re.findall(r"\w+", sources))


def test_what_is_asked_at_enrolment() -> None:
    (row,) = re.findall(r"^\| `enrol` \| (.*?) \| coordinator", spec.text(), re.M)
    fields = V1.enrolment

    assert list(fields) == re.findall(r"`(\w+)", row)
    (diagnoses,) = re.findall(r"`iim_dx` \(([^)]+)\)", row)
    assert fields["iim_dx"].codes == tuple(diagnoses.split(", "))
    assert fields["ild_confirmed"].must_be is True
    assert [n for n, f in fields.items() if not f.required] == ["can_become_pregnant"]


# ── citations, codes, stories ───────────────────────────────────────────────────────────────────

CITATIONS: dict[str, dict[str, Any]] = read_yaml(
    (spec.CLINICAL / "citations.yaml").read_text("utf-8"), "citations.yaml"
).value


def test_sources_are_the_citations_and_the_mark_of_engineering_defaults() -> None:
    assert list(LIBRARY.sources("pm-ild")) == [*CITATIONS, "eng"]


@pytest.mark.parametrize("key", CITATIONS)
def test_source(key: str) -> None:
    ours = LIBRARY.sources("pm-ild")[key].model_dump(exclude_none=True)
    assert ours == {name: value for name, value in CITATIONS[key].items() if value is not None}


SYSTEMS = {
    "http://loinc.org": "LOINC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://www.whocc.no/atc": "ATC",
    "http://snomed.info/sct": "SNOMED CT",
    "http://hl7.org/fhir/sid/cvx": "CVX",
}


def codings() -> list[tuple[str, Coding]]:
    found = [(name, c) for name, i in VOCABULARY.items.items() for c in (i.coding, *i.also_coded) if c]
    for group in (VOCABULARY.drugs, VOCABULARY.conditions, VOCABULARY.vaccines):
        found += [(name, c) for name, term in group.items() for c in term.coding]
    return [(name, c) for name, c in found if c.system != "urn:careway:item"]


def code_rows() -> list[dict[str, str]]:
    with (spec.CLINICAL / "codes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("name", "coding"), [pytest.param(n, c, id=f"{n}-{c.code}") for n, c in codings()])
def test_code_was_verified_for_this_name(name: str, coding: Coding) -> None:
    found = [
        row
        for row in code_rows()
        if (row["system"], row["code"]) == (SYSTEMS[coding.system], coding.code) and row["verified"] == "yes"
    ]
    assert found, f"{coding} is not a verified code"
    row = found[0]
    assert coding.display == row["display"]
    assert re.search(rf"(^|[ .]){name}\b", row["item"]), f"{coding.code} was verified for {row['item']}"


def test_no_code_stands_for_two_things() -> None:
    seen: dict[tuple[str, str], str] = {}
    for name, coding in codings():
        assert seen.setdefault((coding.system, coding.code), name) == name, coding
    assert len(seen) == len(codings())


def test_every_verified_code_of_a_listed_substance_or_condition_is_used() -> None:
    names = {*VOCABULARY.items, *VOCABULARY.drugs} - {"ab_ars", "tpmt", "dxa_t"}
    used = {(SYSTEMS[c.system], c.code) for _, c in codings()}
    for row in code_rows():
        plain = row["item"].removeprefix("cond ")
        if row["verified"] == "yes" and (plain in names or plain in VOCABULARY.conditions):
            assert (row["system"], row["code"]) in used, row


def test_the_stories_are_a_byte_copy() -> None:
    (shipped,) = [text for name, text in LIBRARY.vignettes("pm-ild") if name.endswith("/vignettes.yaml")]
    assert shipped.encode() == (spec.CLINICAL / "vignettes.yaml").read_bytes()

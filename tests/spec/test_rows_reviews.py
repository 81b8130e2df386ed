"""Reviews and the reminder ladder say what the specification says, row by row."""

import re

import pytest

from engine.core.definition import CourseReview, CycleReview, DoseReview, IntervalReview, Silence, Together
from pathways.library import Library
from tests.spec import spec_tables as spec

V1 = Library().definition("pm-ild")
REVIEWS = {r.id: r for r in V1.reviews}

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
    listed = dict.fromkeys(
        spec.order(spec.table("reviews"), "review") + spec.order(spec.table("tox"), "review")
    )
    assert list(REVIEWS) == [*listed, "tox.cyc_nadir", "gc.bone", "gc.eye"]


@pytest.mark.parametrize("name", dict.fromkeys(spec.order(spec.table("reviews"), "review")))
def test_review(name: str) -> None:
    review, first = interval(name), review_rows(name)[0]

    assert (review.items, review.last) == SATISFIED[first["satisfied by"]]
    assert review.first_due == int(first["first due"])
    assert len(review.intervals) == len(review_rows(name))
    assert set(review.seed) == {s for row in review.intervals for s in row.seed}
    assert set(review.cite) == {c for row in review.intervals for c in row.cite}


@pytest.mark.parametrize("row", spec.rows(spec.table("reviews")))
def test_interval(row: spec.Row) -> None:
    at = review_rows(row["review"]).index(row)
    ours = interval(row["review"]).intervals[at]

    assert (ours.when, ours.days) == (spec.code(row["when"]), spec.code(row["interval"]))
    spec.assert_cites(ours, spec.sources(row["seed"]), f"{row['review']} {at}")


@pytest.mark.parametrize("row", spec.rows(spec.table("tox")))
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
    assert [s.step for s in V1.ladder.reviews] == spec.order(LADDER, "step")
    (short,) = re.findall(r"\(due date − base date\) is under (\d+)|is under (\d+) days", spec.section("8.2"))
    assert V1.ladder.short_below == int("".join(short))


@pytest.mark.parametrize("row", spec.rows(LADDER))
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


def test_laboratory_reviews_are_told_together() -> None:
    (days,) = re.findall(
        r"tox\.\* and gc\.metabolic reviews\s+due within (\d+) days of each other are one notification, "
        r"at the earliest of them",
        spec.section("8.2"),
    )
    assert V1.ladder.together == Together(reviews=("tox.*", "gc.metabolic"), days=int(days))


def test_what_can_wait_is_silent_while_something_urgent_is_open() -> None:
    (silent,) = re.findall(
        r"while any P(\d) is open, P(\d) and P(\d) are listed but silent", spec.section("8.2")
    )
    loud, *quiet = (int(prio) for prio in silent)
    assert V1.ladder.silence == Silence(while_open=(loud,), priorities=tuple(quiet))

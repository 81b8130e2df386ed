"""Guard trees: three-valued answers, what decided them, and what was missing."""

from datetime import date
from decimal import Decimal

import pytest

from engine.core.guards import Compare, Constant, FactRef, walk
from tests.unit.builders import View, enrolled


@pytest.fixture(scope="module")
def view() -> View:
    patient = (
        enrolled()
        .saw("anc", 3, on=1, id="anc")
        .saw("plt", 200, on=1, id="plt")
        .saw("igra", "negative", on=1, id="igra")
        .has("diabetes", on=1, id="diabetes")
    )
    return patient.at(1)


TABLE: list[tuple[str, object]] = [
    # T(rue) F(alse) U(nknown): ck is not known
    ("anc > 1 and plt > 1", True),
    ("anc > 1 and plt > 500", False),
    ("anc > 1 and ck > 1", None),
    ("anc > 5 and ck > 1", False),
    ("ck > 1 and anc > 5", False),
    ("anc > 5 or plt > 1", True),
    ("anc > 5 or plt > 500", False),
    ("ck > 1 or anc > 1", True),
    ("anc > 5 or ck > 1", None),
    ("not anc > 1", False),
    ("not ck > 1", None),
    ("igra in ('negative', 'indeterminate')", True),
    ("igra in ('positive',)", False),
    ("hbsag in ('positive',)", None),
    ("igra == 'positive'", False),
    ("igra != 'positive'", True),
    ("hbsag == 'positive'", None),
    ("1 if anc > 1 else 2", Decimal(1)),
    ("1 if anc > 5 else 2", Decimal(2)),
    ("1 if ck > 1 else 2", Decimal(2)),
    ("anc + 2", Decimal(5)),
    ("5 * ALT_ULN", Decimal(200)),
    ("ck + 2", None),
    ("2 * ck", None),
    ("-2.5", Decimal("-2.5")),
    ("anc >= 3 and anc <= 3 and anc == 3", True),
    ("anc < 3 or anc > 3 or anc != 3", False),
    ("RP_COMBINATION", False),
    ("date('anc') == enrolled", False),
    ("date('anc') > enrolled", True),
    ("True", True),
]


@pytest.mark.parametrize(("expression", "answer"), TABLE)
def test_a_guard_gives(view: View, expression: str, answer: object) -> None:
    node = view.node(expression)
    assert node.value(view.moment) == answer
    assert node.trace(view.moment).value == answer


@pytest.mark.parametrize(
    ("expression", "evidence", "lacking"),
    [
        ("anc > 1 or plt > 500", ("anc",), ()),
        ("anc > 5 or plt > 500", ("anc", "plt"), ()),
        ("anc > 1 and plt > 500", ("plt",), ()),
        ("anc > 1 and ck > 1", (), ("ck",)),
        ("anc > 1 or ck > 1", ("anc",), ()),
        ("anc > 5 or ck > 1", (), ("ck",)),
        ("not (anc > 1 and plt > 500)", ("plt",), ()),
        ("1 if anc > 1 else ck", ("anc",), ()),
        ("1 if anc > 5 else ck", ("anc",), ("ck",)),
        ("igra in ('positive',)", ("igra",), ()),
        ("cond('diabetes') and igra == 'negative'", ("diabetes", "igra"), ()),
        ("anc + plt > 5", ("anc", "plt"), ()),
        ("since(date('anc')) >= 0", ("anc",), ()),
    ],
)
def test_only_what_decided_is_evidence(
    view: View, expression: str, evidence: tuple[str, ...], lacking: tuple[str, ...]
) -> None:
    trace = view.node(expression).trace(view.moment)
    assert trace.evidence == evidence
    assert trace.lacking == lacking


def test_a_criterion_that_states_a_truth_is_never_unknown(view: View) -> None:
    assert view.asked("alt_active") is False
    assert view.asked("not alt_active") is True
    trace = view.node("alt_active").trace(view.moment)
    assert trace.value is False
    assert trace.parts[0].value is None


def test_a_criterion_that_counts_days_may_be_unknown(view: View) -> None:
    assert view.asked("rtx_days") is None
    assert view.asked("rtx_days < RTX_VAX_DAYS") is None


def test_a_fact_names_its_sources_and_what_it_lacked(view: View) -> None:
    trace = view.node("fvc_major").trace(view.moment)
    assert trace.value is False
    assert trace.lacking == ("an FVC with a reference to compare with",)


def test_a_duration_may_stand_on_either_side_of_a_comparison_as_written(view: View) -> None:
    assert view.asked("since(date('anc')) < 1") is True
    assert view.asked("1 > since(date('anc'))") is True
    assert view.asked("0 <= since(date('anc'))") is True
    assert view.asked("0 == since(date('anc'))") is True


def test_a_duration_on_the_right_of_a_tree_is_a_mistake_of_ours(view: View) -> None:
    days = view.node("since(date('anc'))")
    with pytest.raises(TypeError, match="a duration must stand on the left"):
        Compare("1 < days", "boolean", Constant("1", "number", Decimal(1)), "<", days).value(view.moment)


def test_a_duration_compared_with_no_number_is_a_mistake_of_ours(view: View) -> None:
    days = view.node("since(date('anc'))")
    with pytest.raises(TypeError, match="is not a number"):
        Compare("days < x", "boolean", days, "<", Constant("x", "date", date(2024, 1, 1))).value(view.moment)


def test_a_tree_is_walked_from_the_outside_in(view: View) -> None:
    node = view.node("not (anc > 1 and (1 if cond('diabetes') else 2) + 1 > 2 and igra in ('positive',))")
    texts = [n.text for n in walk(node)]
    assert texts[0].startswith("not (")
    assert {"anc", "1", "2", "cond('diabetes')", "igra", "igra in ('positive',)"} <= set(texts)


def test_a_base_node_has_no_parts_and_gives_its_value_as_trace(view: View) -> None:
    constant = Constant("5", "number", Decimal(5))
    assert constant.parts == ()
    assert constant.trace(view.moment).value == 5
    assert FactRef("day", "date", "day").parts == ()

"""Expressions read: what the language has, and the sentence for everything it has not."""

from decimal import Decimal

import pytest

from engine.core.expressions import Flaw, Scope, literal
from engine.core.guards import Compare, Kind, Node
from tests.unit.builders import pathway


def read(text: str, expects: Kind = "boolean") -> tuple[Node, list[str]]:
    """Return an expression's tree and the sentences of its flaws."""
    known = pathway()
    flaws: list[Flaw] = []
    scope = Scope(
        known.definition, known.vocabulary, known.catalogue, lambda n: known.criteria[n].kind, flaws
    )
    node = scope.parse(text, ("here",), expects)
    assert all(flaw.path == ("here",) for flaw in flaws)
    return node, [flaw.text for flaw in flaws]


FLAWS: list[tuple[str, str]] = [
    # not of the language
    ("anc >", "`anc >` is not an expression"),
    ("", "`` is not an expression"),
    ("anc > 1; plt > 1", "`anc > 1; plt > 1` is not an expression"),
    ("anc - 1 > 1", "`anc - 1` is not part of the expression language"),
    ("anc / 2 > 1", "`anc / 2` is not part of the expression language"),
    ("anc ** 2 > 1", "`anc ** 2` is not part of the expression language"),
    ("-anc > 1", "`-anc` is not part of the expression language"),
    ("-True", "`-True` is not part of the expression language"),
    ("[anc]", "`[anc]` is not part of the expression language"),
    ("anc.value > 1", "`anc.value` is not part of the expression language"),
    ("lambda: True", "`lambda: True` is not part of the expression language"),
    ("__import__('os')", "there is no function `__import__`"),
    ("fresh(item='anc')", "`fresh(item='anc')` is not part of the expression language"),
    ("(lambda: 1)()", "`(lambda: 1)()` is not part of the expression language"),
    ("f'{anc}' == 'x'", "`f'{anc}'` is not part of the expression language"),
    ("1 < anc < 5", "`1 < anc < 5` chains comparisons; join them with `and`"),
    ("anc is 5", "`anc is 5` uses a comparison that is not part of the expression language"),
    (
        "igra not in ('positive',)",
        "`igra not in ('positive',)` uses a comparison that is not part of the expression language",
    ),
    ("igra in igra", "`igra in igra`: `in` needs a list of literals, such as ('a', 'b')"),
    (
        "igra in ('positive', hbsag)",
        "`igra in ('positive', hbsag)`: `in` needs a list of literals, such as ('a', 'b')",
    ),
    ("anc > 0x10", "`0x10` is not a decimal number"),
    ("anc > 1j", "`1j` is not a decimal number"),
    # unknown names
    ("neutrophils > 1", "`neutrophils` is not an item, parameter, criterion or fact"),
    ("stale('anc')", "there is no function `stale`"),
    ("fresh('neutrophils')", "there is no item 'neutrophils'"),
    ("active('mtx')", "there is no drug 'mtx'"),
    ("cond('gout')", "there is no condition 'gout'"),
    ("vaccinated('zoster', 365)", "there is no vaccine 'zoster'"),
    ("blocked('tx.mtx')", "there is no action 'tx.mtx'"),
    ("in_state('rest')", "there is no state 'rest'"),
    ("attr('anc', 'colour') == 'x'", "there is no attribute 'colour'"),
    ("target == 'rest'", "there is no state 'rest'"),
    ("'rest' == target", "there is no state 'rest'"),
    # arguments
    ("fresh(anc)", "`fresh(anc)`: fresh needs the name of an item in quotes"),
    ("fresh(5)", "`fresh(5)`: fresh needs the name of an item in quotes"),
    ("fresh()", "`fresh()`: fresh takes item"),
    ("fresh('anc', 'plt')", "`fresh('anc', 'plt')`: fresh takes item"),
    ("vaccinated('flu')", "`vaccinated('flu')`: vaccinated takes vaccine, days"),
    ("latest() == enrolled", "`latest()`: latest takes item …"),
    ("count() > 1", "`count()`: count takes truth …"),
    ("since(anc) > 1", "`since(anc)`: `anc` gives a number, but a date is needed"),
    ("count(anc) > 1", "`count(anc)`: `anc` gives a number, but a boolean is needed"),
    (
        "vaccinated('flu', 'long')",
        "`vaccinated('flu', 'long')`: `'long'` gives a code, but a number is needed",
    ),
    # kinds
    ("anc", "`anc` gives a number, but a boolean is needed here"),
    ("not anc", "`anc` gives a number, but a condition is needed here"),
    ("anc and True", "`anc` gives a number, but a condition is needed here"),
    ("anc == 'low'", "`anc == 'low'` compares a number with a code"),
    ("enrolled == 5", "`enrolled == 5` compares a date with a number"),
    ("since(enrolled) == 'x'", "`since(enrolled) == 'x'` compares a days with a code"),
    ("hrct_new_ggo == 'yes'", "`hrct_new_ggo == 'yes'` compares a boolean with a code"),
    ("igra > 'negative'", "`igra > 'negative'` orders values that have no order"),
    ("hrct_new_ggo >= True", "`hrct_new_ggo >= True` orders values that have no order"),
    ("(1 if True else 'x') == 1", "`1 if True else 'x'` gives a number or a code; both must be alike"),
    ("igra + 1 > 1", "`igra` gives a code; only numbers can be added or multiplied"),
    ("2 * enrolled > 1", "`enrolled` gives a date; only numbers can be added or multiplied"),
    # codes
    ("igra == 'pos'", "igra can never be 'pos'; it is one of positive, negative, indeterminate"),
    ("'pos' == igra", "igra can never be 'pos'; it is one of positive, negative, indeterminate"),
    (
        "igra in ('positive', 'pos')",
        "igra can never be 'pos'; it is one of positive, negative, indeterminate",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), FLAWS)
def test_a_flaw_is_named(text: str, sentence: str) -> None:
    assert read(text)[1] == [sentence]


@pytest.mark.parametrize(
    "text",
    [
        "fresh('preg')",
        "active('cni')",
        "in_state('escalate')",
        "in_state('escalate.rapid')",
        "target == 'monitor'",
        "alt >= 5 * ALT_ULN",
        "dxa_t <= -2.5",
        "prog and not alt_active",
        "since(entry) > REGIMEN_DAYS",
        "RP_COMBINATION and in_ps",
        "line == 1 and line_start < enrolled",
        "tier != 'standard'",
        "igra in ['positive', 'indeterminate']",
        "attr('spo2_rest', 'o2_flow') > 0",
        "attr('fvc_pp', 'eq') == 'gli2012'",
        "  True  ",
        "age >= 65",
        "(anc > 1\n or plt > 1)",
    ],
)
def test_the_language_reads(text: str) -> None:
    assert read(text)[1] == []


def test_all_flaws_of_one_expression_are_named_at_once() -> None:
    assert read("neutrophils > 1 and igra == 'pos' or fresh('x')")[1] == [
        "`neutrophils` is not an item, parameter, criterion or fact",
        "igra can never be 'pos'; it is one of positive, negative, indeterminate",
        "there is no item 'x'",
    ]


@pytest.mark.parametrize(
    ("text", "expects", "sentences"),
    [
        ("anc", "number", []),
        ("anc > 1", "number", ["`anc > 1` gives a boolean, but a number is needed here"]),
        ("enrolled", "date", []),
        ("5", "date", ["`5` gives a number, but a date is needed here"]),
        ("igra", "any", []),
    ],
)
def test_an_expression_gives_the_kind_its_place_needs(text: str, expects: Kind, sentences: list[str]) -> None:
    assert read(text, expects)[1] == sentences


def test_a_number_keeps_the_digits_it_was_written_with() -> None:
    node, _ = read("anc > 0.10")
    assert isinstance(node, Compare)
    assert str(literal(node.right)) == "0.10"
    assert literal(node.left) is None


def test_a_negative_number_is_one_literal() -> None:
    node, _ = read("dxa_t <= -2.5")
    assert isinstance(node, Compare)
    assert literal(node.right) == Decimal("-2.5")


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("5 < since(enrolled)", ">"),
        ("5 <= since(enrolled)", ">="),
        ("5 > since(enrolled)", "<"),
        ("5 == age", "=="),
    ],
)
def test_a_duration_is_turned_to_the_left(text: str, sign: str) -> None:
    node, flaws = read(text)
    assert isinstance(node, Compare)
    assert (node.sign, node.left.kind, flaws) == (sign, "days", [])
    assert node.text == text


@pytest.mark.parametrize(
    ("deep", "sentence"),
    [
        ("not " * 5000 + "True", "`{}` is not an expression"),
        ("not " * 400 + "True", "`{}` has more than 40 levels inside each other; name parts of it"),
        ("1" + " + 1" * 40 + " > 1", "`{}` has more than 40 levels inside each other; name parts of it"),
    ],
    ids=["the parser gives up", "the reader would give up", "a long sum"],
)
def test_a_deeply_nested_expression_is_refused_and_not_a_crash(deep: str, sentence: str) -> None:
    assert read(deep)[1] == [sentence.format(deep)]


def test_a_long_expression_is_not_a_deep_one() -> None:
    assert read("anc > 1 or " * 1000 + "True")[1] == []

"""The general functions of the expression language, one question and answer at a time."""

from datetime import date
from decimal import Decimal

import pytest

from engine.core.asof import Elapsed
from engine.core.functions import ENGINE_FACTS, FUNCTIONS
from engine.core.moment import Moment
from tests.unit.builders import View, enrolled, when

DAY = 100
"""The day every question here is asked as of."""


@pytest.fixture(scope="module")
def view() -> View:
    """A patient about whom something of every kind is known."""
    patient = (
        enrolled(0)
        .saw("ab_ars", "positive", on=1)
        .has("mace_risk", on=5)
        .absent("dlco_pp", on=10)
        .has("diabetes", on=20)
        .has("smoker", on=20)
        .given("rtx", on=25)
        .resolved("smoker", on=30)
        .vaccinated("flu", on=30)
        .started("tac", on=40)
        .has("mace_risk", on=40)
        .stopped("rtx", on=45)
        .fvc(pp="80", eq="gli2012", on=50)
        .started("csa", on=55)
        .started("mmf", on=60)
        .started("gc_oral", on=61, dose=15)
        .started("bari", on=62)
        .saw("plt", 200, on=71)
        .saw("anc", "3.5", on=72, id="anc")
        .started("gc_pulse", on=73)
        .has("breastfeeding", on=80)
        .moved("monitor", on=90)
        .saw("spo2_rest", 93, on=99, o2_flow=2, id="spo2")
    )
    return patient.at(DAY)


ANSWERS: list[tuple[str, object]] = [
    # a value is fresh up to its last day
    ("fresh('anc')", True),
    ("fresh('plt')", False),
    ("fresh('ab_ars')", True),
    ("fresh('ck')", False),
    ("fresh('preg')", True),
    ("fresh('rms')", False),
    ("known('plt')", True),
    ("known('ck')", False),
    ("absent('dlco_pp')", True),
    ("absent('fvc_pp')", False),
    ("date('plt')", date(2024, 3, 12)),
    ("date('ck')", None),
    ("latest('anc', 'plt')", date(2024, 3, 13)),
    ("latest('plt', 'ck')", date(2024, 3, 12)),
    ("latest('ck', 'alt')", None),
    ("since(date('plt'))", Elapsed(date(2024, 3, 12))),
    ("since(date('ck'))", None),
    ("since(date('plt')) == 29", True),
    ("since(date('ck')) >= 0", None),
    # conditions
    ("cond('diabetes')", True),
    ("cond('smoker')", False),
    ("cond('osteoporosis')", False),
    ("cond_on('diabetes')", date(2024, 1, 21)),
    ("cond_on('smoker')", None),
    ("cond_on('osteoporosis')", None),
    # drugs
    ("active('mmf')", True),
    ("active('rtx')", False),
    ("active('cni')", True),
    ("active('pjp')", False),
    ("active('gc_pulse')", True),
    ("ever('rtx')", True),
    ("ever('cni')", True),
    ("ever('cyc')", False),
    ("started('mmf')", date(2024, 3, 1)),
    ("started('cni')", date(2024, 2, 10)),
    ("started('rtx')", None),
    ("started('cyc')", None),
    ("given('rtx')", date(2024, 1, 26)),
    ("given('cni')", date(2024, 2, 25)),
    ("given('cyc')", None),
    ("dose('gc_oral')", Decimal(15)),
    ("dose('mmf')", None),
    ("dose('cyc')", Decimal(0)),
    ("vaccinated('flu', 70)", True),
    ("vaccinated('flu', 69)", False),
    ("vaccinated('covid', 365)", False),
    # actions and states
    ("blocked('tx.mmf')", True),
    ("blocked('tx.cni')", False),
    ("blocked('tx.pulse_mp')", False),
    ("blocked_without('tx.mmf', 'anc')", True),
    ("none_left('tx.mmf', 'tx.cni')", False),
    ("in_state('monitor')", True),
    ("in_state('escalate')", False),
    ("entered('monitor')", date(2024, 3, 31)),
    ("entered('assess')", date(2024, 1, 1)),
    ("entered('escalate')", None),
    # the rest
    ("attr('spo2_rest', 'o2_flow')", Decimal(2)),
    ("attr('fvc_pp', 'eq')", "gli2012"),
    ("attr('ck', 'grade')", None),
    ("after(date('anc'), date('plt'))", True),
    ("after(date('plt'), date('anc'))", False),
    ("after(date('plt'), date('plt'))", False),
    ("after(date('plt'), date('ck'))", True),
    ("after(date('ck'), date('plt'))", None),
    ("count(cond('diabetes'), cond('smoker'), ck > 5)", Decimal(1)),
    ("days_between(date('plt'), date('anc'))", Decimal(1)),
    ("days_between(date('anc'), date('plt'))", Decimal(-1)),
    ("days_between(date('ck'), date('plt'))", None),
    # what the engine itself provides
    ("day", date(2024, 4, 10)),
    ("entry", date(2024, 3, 31)),
    ("enrolled", date(2024, 1, 1)),
    ("target", None),
    ("quarantined_n", Decimal(0)),
    ("conflict_n", Decimal(0)),
    ("history_changed", False),
    ("history_changed_on", None),
]


@pytest.mark.parametrize(("expression", "answer"), ANSWERS)
def test_the_answer_is(view: View, expression: str, answer: object) -> None:
    got = view.asked(expression)
    assert got == answer
    assert type(got) is type(answer)


def test_every_function_and_every_name_of_the_engine_is_asked_here() -> None:
    asked = " ".join(expression for expression, _ in ANSWERS)
    assert [f for f in FUNCTIONS if f"{f}(" not in asked] == []
    assert [name for name in ENGINE_FACTS if not any(name == e for e, _ in ANSWERS)] == ["last"]


def test_the_newest_data_of_a_review_are_known_only_while_it_is_judged() -> None:
    moment = anew(enrolled().at(0))
    assert moment.fact("last").value is None
    assert moment.review_of(when(5)).fact("last").value == when(5)


def test_a_condition_confirmed_again_counts_from_its_newest_status(view: View) -> None:
    assert view.asked("cond_on('mace_risk')") == when(40)


@pytest.mark.parametrize(
    ("expression", "evidence"),
    [
        ("fresh('anc')", ("anc",)),
        ("known('anc')", ("anc",)),
        ("date('anc')", ("anc",)),
        ("latest('anc', 'plt')", ("anc",)),
        ("attr('spo2_rest', 'o2_flow')", ("spo2",)),
        ("fresh('ck')", ()),
        ("blocked('tx.mmf')", ()),
    ],
)
def test_an_answer_names_the_events_it_rests_on(
    view: View, expression: str, evidence: tuple[str, ...]
) -> None:
    assert view.node(expression).trace(view.moment).evidence == evidence


@pytest.mark.parametrize(
    ("expression", "missing"),
    [
        ("fresh('anc')", ()),
        ("fresh('plt')", ("plt",)),
        ("fresh('rms')", ("rms",)),
        ("known('ck')", ("ck",)),
        ("date('ck')", ("ck",)),
        ("latest('ck', 'alt')", ("ck", "alt")),
        ("attr('ck', 'grade')", ("grade of ck",)),
        ("attr('anc', 'grade')", ("grade of anc",)),
        ("dose('mmf')", ("dose of mmf",)),
        ("ck > 5", ("ck",)),
    ],
)
def test_an_answer_names_what_is_missing(view: View, expression: str, missing: tuple[str, ...]) -> None:
    assert view.node(expression).trace(view.moment).lacking == missing


def test_an_item_unseen_for_one_question_is_seen_by_the_next() -> None:
    patient = enrolled().saw("sbp", 185, on=1)
    view = patient.at(1)
    assert view.asked("blocked('tx.cni')") is True
    assert view.asked("blocked_without('tx.cni', 'sbp')") is False
    assert view.asked("sbp") == 185


def test_none_left_needs_an_option_that_is_due_and_every_one_that_is_must_be_blocked() -> None:
    due = enrolled().moved("first_line.non_progressive", on=1)
    assert due.at(1).asked("none_left('tx.mmf', 'tx.aza')") is False
    assert due.has("active_tb", on=1).at(1).asked("none_left('tx.mmf', 'tx.aza')") is True
    assert enrolled().has("active_tb", on=1).at(1).asked("none_left('tx.mmf', 'tx.aza')") is False


def anew(view: View) -> Moment:
    """Return the moment of a view with nothing asked of it yet."""
    moment = view.moment
    return Moment(moment.pathway, moment.chart, moment.enrolment, moment.day, moment.position)


@pytest.mark.parametrize(
    ("expression", "until"),
    [
        ("fresh('anc')", 39),
        ("since(date('anc')) > 30", 41),
        ("vaccinated('flu', 60)", 66),
        ("active('gc_pulse')", 36),
        ("conflict_n > 0", None),
        ("anc > 1", None),
        ("age >= 55", 366),
    ],
)
def test_an_answer_notes_the_day_on_which_it_flips(expression: str, until: int | None) -> None:
    patient = enrolled().vaccinated("flu", on=5).given("gc_pulse", on=8).saw("anc", 3, on=10)
    view = patient.at(20)
    moment = anew(view)
    view.node(expression).value(moment)
    assert moment.steady_until == (date.max if until is None else when(until))


def test_what_is_noted_with_an_item_unseen_is_noted_all_the_same() -> None:
    # in first-line treatment an infection blocks unless it is rapid; that ends with the ninety-first day
    patient = enrolled().saw("hrct_new_ggo", True, on=10).saw("resp_change", "worse", on=10, onset_days=5)
    view = patient.has("active_infection", on=10).at(20)
    moment = anew(view)
    assert view.node("blocked_without('tx.cni', 'sbp')").value(moment) is False
    assert moment.steady_until == when(101)

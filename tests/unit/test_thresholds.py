"""Every parameter: its limit, one step off, and one step off after a site has moved the limit.

Each row is worked out by hand from §4 and §5 of the specification. A story tells a patient with one thing
left open, and asks one question; the answer must change between the limit and the step beside it, and must
be that of the limit again for the step beside it once the parameter itself has been moved by that step.
"""

from collections.abc import Callable

import pytest

from tests.unit.builders import Patient, a_patient
from tests.unit.limits import Limit, action, after_rapid, dosed, harmless, measured
from tests.unit.limits_of_disease import PROGRESSION, RISK, SEVERITY
from tests.unit.limits_of_treatment import DRUGS, LABORATORY, WAITING

LIMITS = [*PROGRESSION, *SEVERITY, *RISK, *WAITING, *DRUGS, *LABORATORY]


@pytest.mark.parametrize("limit", LIMITS, ids=[f"{n} {limit}" for n, limit in enumerate(LIMITS)])
def test_the_answer_changes_between_the_limit_and_one_step_off(limit: Limit) -> None:
    assert limit.answers[0] != limit.answers[1]
    assert limit.story(a_patient(), limit.at) == limit.answers[0]
    assert limit.story(a_patient(), limit.off) == limit.answers[1]


@pytest.mark.parametrize("limit", LIMITS, ids=[f"{n} {limit}" for n, limit in enumerate(LIMITS)])
def test_a_site_that_moves_the_limit_moves_the_answer(limit: Limit) -> None:
    assert limit.story(a_patient(**{limit.parameter: limit.moved}), limit.off) == limit.answers[0]


# ── choices: parameters that are true or false ──────────────────────────────────────────────────

CHOICES: list[tuple[str, Callable[[Patient], object], object, object]] = [
    # parameter, question, answer while false, answer while true
    (
        "JAKI_REQUIRES_REFRACTORY",
        lambda p: action(harmless(p, "escalate.standard"), "tx.jaki", "3"),
        "offer P4 caution",
        None,
    ),
    (
        "FIRST_LINE_CNI",
        lambda p: action(p.enrolled(0).healthy(0).moved("first_line.non_progressive", on=0), "tx.cni", "0"),
        None,
        "offer P2",
    ),
    (
        "FIRST_LINE_JAKI",
        lambda p: action(
            p.enrolled(0).healthy(0).moved("first_line.progressive_severe", on=0), "tx.jaki", "0"
        ),
        None,
        "offer P4",
    ),
    (
        "FIRST_LINE_AZA",
        lambda p: action(p.enrolled(0).healthy(0).moved("first_line.non_progressive", on=0), "tx.aza", "0"),
        None,
        "offer P3",
    ),
    ("RP_COMBINATION", lambda p: after_rapid(p).at(21).holds("combo_open"), False, True),
    (
        "RP_COMBINATION",
        lambda p: p.enrolled(0).saw("clinical_course", "rapidly_progressive", on=1).at(1).action("tx.ivig"),
        None,
        "needs_data P1",
    ),
    (
        "OFFER_NINTEDANIB",
        lambda p: action(harmless(p, "escalate.standard"), "tx.nintedanib", "3"),
        None,
        "offer P4",
    ),
    (
        "MDA5_AS_PROGRESSIVE",
        lambda p: measured("ab_mda5")(p, "positive").at(1).state,
        "assess",
        "first_line.progressive_severe",
    ),
    (
        "MDA5_AS_PROGRESSIVE",
        lambda p: p.enrolled(0).assessed(1).saw("ab_mda5", "positive", on=2).at(2).state,
        "first_line.non_progressive",
        "first_line.progressive_severe",
    ),
    (
        "PREDICTED_AS_PROGRESSIVE",
        lambda p: _predicted(p.enrolled(0)).at(1).state,
        "assess",
        "first_line.progressive_severe",
    ),
    (
        "PREDICTED_AS_PROGRESSIVE",
        lambda p: _predicted(p.enrolled(0).assessed(1)).at(1).state,
        "first_line.non_progressive",
        "first_line.progressive_severe",
    ),
    ("BONE_TREAT_ALL", lambda p: action(dosed(p, "5"), "px.bisphos", "0"), None, "needs_data P3"),
]


def _predicted(patient: Patient) -> Patient:
    return patient.saw("hrct_ggo", "extensive", on=1).saw("bal_neut_pct", 4, on=1)


@pytest.mark.parametrize(
    ("parameter", "question", "false", "true"),
    CHOICES,
    ids=[f"{n} {row[0]}" for n, row in enumerate(CHOICES)],
)
def test_a_choice_changes_the_answer(
    parameter: str, question: Callable[[Patient], object], false: object, true: object
) -> None:
    assert false != true
    assert question(a_patient(**{parameter: False})) == false
    assert question(a_patient(**{parameter: True})) == true
    default = a_patient().pathway.definition.parameters[parameter].value
    assert question(a_patient()) == (true if default else false)


def test_every_parameter_of_the_pathway_is_here() -> None:
    here = {limit.parameter for limit in LIMITS} | {parameter for parameter, _, _, _ in CHOICES}
    assert here == set(a_patient().pathway.definition.parameters)

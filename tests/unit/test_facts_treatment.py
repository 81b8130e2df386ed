"""Treatment, prophylaxis and imaging: the facts behind the questions asked of the clinician."""

from decimal import Decimal

import pytest

from tests.unit.builders import Change, Patient, a_value, enrolled

# ── steroid and drug courses ────────────────────────────────────────────────────────────────────


def test_the_days_on_steroid_are_those_of_the_current_course() -> None:
    patient = enrolled(0).started("gc_oral", on=0, dose=20).stopped("gc_oral", on=50)
    again = patient.started("gc_oral", on=60, dose=15)
    assert again.at(149).action("rev.gc_taper") is None
    assert again.at(150).action("rev.gc_taper") == "offer P3"


def test_a_steroid_of_unknown_dose_is_neither_low_nor_high() -> None:
    patient = enrolled(0).started("gc_oral", on=0)
    assert patient.at(0).number("gc_dose") is None
    assert not patient.at(0).holds("gc_high")
    assert patient.at(0).action("px.cavitd") is None


def test_no_steroid_is_a_dose_of_zero() -> None:
    assert enrolled(0).at(0).number("gc_dose") == 0
    assert enrolled(0).started("gc_oral", on=0, dose=20).stopped("gc_oral", on=5).at(5).number("gc_dose") == 0


PJP: dict[str, tuple[Change, bool]] = {
    "a high dose": (lambda p: p.started("gc_oral", on=0, dose=20), True),
    "a low dose": (lambda p: p.started("gc_oral", on=0, dose=19), False),
    "a pulse": (lambda p: p.given("gc_pulse", on=0), True),
    "cyclophosphamide": (lambda p: p.given("cyc", on=0), True),
    "rituximab alone": (lambda p: p.given("rtx", on=0), False),
    "rituximab and any steroid": (lambda p: p.given("rtx", on=0).started("gc_oral", on=0, dose=1), True),
    "mycophenolate": (lambda p: p.started("mmf", on=0), False),
}


@pytest.mark.parametrize("case", PJP)
def test_the_risk_of_pneumocystis_with(case: str) -> None:
    told, risk = PJP[case]
    assert told(enrolled(0)).at(0).holds("pjp_risk") is risk
    assert told(enrolled(0)).started("atovaquone", on=0).at(0).action("px.pjp") is None


def test_a_cyclophosphamide_course_is_counted_from_its_start_and_ends_with_it() -> None:
    patient = enrolled(0).given("cyc", on=0).given("cyc", on=28).given("cyc", on=56)
    assert patient.at(168).action("rev.cyc_duration") == "offer P2"
    assert patient.stopped("cyc", on=100).at(168).action("rev.cyc_duration") is None


def test_an_infusion_is_due_from_its_last_dose() -> None:
    patient = enrolled(0).given("cyc", on=0).given("cyc", on=28)
    assert patient.at(70).action("rev.infusion_due") is None
    assert patient.at(71).action("rev.infusion_due") == "offer P2"
    assert patient.stopped("cyc", on=71).at(71).action("rev.infusion_due") is None


@pytest.mark.parametrize(
    ("drugs", "asked"),
    [
        (["tofa", "cyc"], True),
        (["bari", "rtx"], True),
        (["tofa", "csa"], True),
        (["bari", "aza"], True),
        (["tofa", "mmf"], False),
        (["tac", "csa"], True),
        (["tofa", "bari"], True),
        (["cyc", "rtx"], False),
    ],
)
def test_a_stack_of_immunosuppressants_is_asked_about(drugs: list[str], asked: bool) -> None:
    patient = enrolled(0)
    for drug in drugs:
        patient = patient.started(drug, on=1)
    assert (patient.at(1).action("rev.stack") is not None) is asked


@pytest.mark.parametrize(
    ("drug", "code"),
    [
        ("mmf", "breastfeeding"),
        ("aza", "tpmt_deficient"),
        ("cyc", "haemorrhagic_cystitis"),
        ("rtx", "active_tb"),
        ("tac", "active_tb"),
        ("ivig", "anti_iga"),
        ("tofa", "vte_history"),
        ("nintedanib", "breastfeeding"),
        ("tmp_smx", "sulfa_allergy"),
    ],
)
def test_a_running_drug_that_meets_its_limit_is_asked_about(drug: str, code: str) -> None:
    patient = enrolled(0).has(code, on=1)
    assert patient.at(1).action("rev.contra") is None
    assert patient.started(drug, on=1).at(1).action("rev.contra") == "offer P1"


# ── creatinine on a calcineurin inhibitor ───────────────────────────────────────────────────────


def creatinine(*values: tuple[int, int]) -> Patient:
    """Creatinine by day, and tacrolimus since day 100."""
    patient = enrolled(0).started("tac", on=100)
    for day, value in values:
        patient = patient.saw("creatinine", value, on=day)
    return patient


@pytest.mark.parametrize(
    ("values", "rise"),
    [
        ([(90, 80), (120, 100)], Decimal(25)),
        ([(20, 60), (90, 80), (120, 100)], Decimal(25)),
        ([(10, 80), (120, 104)], Decimal(30)),
        ([(9, 80), (120, 104)], None),
        ([(100, 80), (120, 100)], Decimal(25)),
        ([(101, 80), (120, 100)], None),
        ([(90, 80), (120, 60)], Decimal(-25)),
        ([(90, 80)], Decimal(0)),
        ([], None),
    ],
)
def test_the_rise_of_creatinine_is_over_the_newest_value_of_ninety_days_up_to_the_start(
    values: list[tuple[int, int]], rise: Decimal | None
) -> None:
    assert creatinine(*values).at(130).number("creat_rise") == rise


def test_without_a_running_inhibitor_there_is_no_rise() -> None:
    patient = creatinine((90, 80), (120, 100)).stopped("tac", on=130)
    assert patient.at(130).number("creat_rise") is None


def test_a_switch_of_inhibitor_is_a_new_start() -> None:
    patient = creatinine((90, 80), (120, 100)).stopped("tac", on=130).started("csa", on=130)
    assert patient.saw("creatinine", 110, on=140).at(140).number("creat_rise") == 10


# ── options run out ─────────────────────────────────────────────────────────────────────────────


def test_refractory_is_an_inhibitor_tried_or_ruled_out_for_more_than_blood_pressure() -> None:
    assert not enrolled(0).at(0).holds("refractory")
    assert enrolled(0).given("csa", on=0).stopped("csa", on=1).at(5).holds("refractory")
    assert enrolled(0).saw("egfr", 29, on=0).at(0).holds("refractory")
    assert enrolled(0).has("active_tb", on=0).at(0).holds("refractory")
    assert not enrolled(0).saw("sbp", 190, on=0).at(0).holds("refractory")
    assert enrolled(0).saw("sbp", 190, on=0).saw("potassium", 6, on=0).at(0).holds("refractory")


@pytest.mark.parametrize("state", ["first_line.progressive_severe", "escalate.standard", "recurrent.late"])
def test_no_option_is_left_when_every_one_that_is_due_is_blocked(state: str) -> None:
    patient = enrolled(0).moved(state, on=1)
    assert not patient.at(1).holds("no_option")
    tb = patient.has("active_tb", on=1)
    assert tb.at(1).holds("no_option")
    assert tb.at(1).action("rev.no_option") == "offer P1"


def test_decisions_do_not_count_as_options_run_out() -> None:
    patient = (
        enrolled(0)
        .moved("first_line.progressive_severe", on=1)
        .declined("tx.cyc", on=1)
        .declined("tx.rtx", on=1)
    )
    assert not patient.at(1).holds("no_option")


def test_in_assessment_and_in_monitoring_no_option_is_asked_for() -> None:
    assert not enrolled(0).has("active_tb", on=1).at(1).holds("no_option")
    assert not enrolled(0).moved("monitor", on=1).has("active_tb", on=1).at(1).holds("no_option")


def test_pregnancy_opens_the_alternatives_of_first_line_treatment() -> None:
    patient = enrolled(0, sex="female").moved("first_line.progressive_severe", on=1)
    assert not patient.at(1).holds("ps_alt")
    assert patient.has("pregnancy", on=1).at(1).holds("ps_alt")
    assert patient.has("active_tb", on=1).at(1).holds("ps_alt")
    assert not patient.has("breastfeeding", on=1).at(1).holds("ps_alt")


def test_hepatitis_b_needs_a_hepatologist_around_immunosuppression() -> None:
    carrier = enrolled(0).saw("hbsag", "positive", on=0)
    assert carrier.at(0).action("ref.hepatology") is None
    for told in (
        carrier.moved("first_line.non_progressive", on=1),
        carrier.moved("escalate.standard", on=1),
        carrier.moved("recurrent.early", on=1),
        carrier.started("mmf", on=1),
        carrier.given("gc_pulse", on=1),
        carrier.given("rtx", on=1).stopped("rtx", on=1),
    ):
        assert told.at(1).action("ref.hepatology") == "offer P2"
        assert told.has("hbv_prophylaxis", on=1).at(1).action("ref.hepatology") is None
    assert carrier.moved("monitor", on=1).at(1).action("ref.hepatology") is None


def test_a_positive_igra_needs_a_tuberculosis_assessment_around_immunosuppression() -> None:
    known = enrolled(0).saw("igra", "positive", on=0)
    assert known.at(0).action("ref.tb") is None
    assert known.started("mmf", on=1).at(1).action("ref.tb") == "offer P2"
    assert known.moved("escalate.rapid", on=1).at(1).action("ref.tb") == "offer P1"
    assert known.started("mmf", on=1).has("ltbi_treated", on=1).at(1).action("ref.tb") is None
    indeterminate = enrolled(0).saw("igra", "indeterminate", on=0).started("mmf", on=1)
    assert indeterminate.at(1).action("ref.tb") is None


# ── imaging ─────────────────────────────────────────────────────────────────────────────────────


def monitored() -> Patient:
    return enrolled(0).treated(on=0)


NEEDS: dict[str, tuple[Change, int | None]] = {
    "a marginal FVC": (lambda p: p.fvc("2.5", on=10).fvc("2.35", on=60), 60),
    "a fall of DLCO": (lambda p: p.saw("dlco_pp", 60, on=10).saw("dlco_pp", 45, on=60), 60),
    "worse breathing": (lambda p: p.saw("resp_change", "worse", on=60), 60),
    "an escalation": (lambda p: p.moved("escalate.standard", on=60), 60),
    "a recurrence": (lambda p: p.moved("recurrent.late", on=60), 60),
    "nothing": (lambda p: p, None),
}


@pytest.mark.parametrize("case", NEEDS)
def test_an_image_is_needed_after(case: str) -> None:
    told, day = NEEDS[case]
    assert told(monitored()).at(70).day("hrct_need_on") == day
    assert (told(monitored()).at(70).action("ord.hrct") is not None) is (day is not None)


def test_the_newest_need_counts() -> None:
    patient = (
        monitored()
        .saw("resp_change", "worse", on=40)
        .fvc("2.5", on=10, received=40)
        .moved("recurrent.late", on=60)
    )
    assert patient.at(70).day("hrct_need_on") == 60
    again = monitored().saw("resp_change", "worse", on=40).saw("resp_change", "worse", on=50)
    assert again.at(70).day("hrct_need_on") == 50


@pytest.mark.parametrize(("days_before", "due"), [(90, False), (91, True)])
def test_an_image_of_the_ninety_days_before_is_enough(days_before: int, due: bool) -> None:
    patient = (
        monitored().saw("hrct_change", "stable", on=100 - days_before).saw("resp_change", "worse", on=100)
    )
    assert patient.at(100).holds("hrct_due") is due


@pytest.mark.parametrize(("days_before", "due"), [(30, False), (31, True)])
def test_in_rapid_disease_an_image_of_the_thirty_days_before_is_enough(days_before: int, due: bool) -> None:
    patient = monitored().saw("hrct_change", "stable", on=100 - days_before)
    rapid = patient.saw("clinical_course", "rapidly_progressive", on=100)
    assert rapid.at(100).holds("hrct_due") is due
    assert rapid.at(100).action("ord.hrct") == ("offer P1" if due else None)


def test_an_image_after_the_need_ends_it() -> None:
    patient = monitored().saw("resp_change", "worse", on=100)
    assert patient.saw("hrct_change", "stable", on=105).at(105).action("ord.hrct") is None


def test_rapid_disease_is_a_need_of_its_own() -> None:
    patient = monitored().obs(60, a_value("clinical_course", "rapidly_progressive"))
    assert patient.at(60).day("hrct_need_on") == 60

"""Conditions in words: what is said when they hold, when they do not, and when it cannot be told."""

import pytest

from engine.core.explain import edges, why_review, why_step
from engine.core.narrate import Line, Narrator
from engine.core.nearest import single_changes
from tests.unit.builders import Patient, View, a_patient, enrolled
from tests.unit.expression import parsed


def flat(lines: tuple[Line, ...]) -> list[str]:
    """Lines as an outline: those below another start with a dash."""
    return [text for line in lines for text in (line.says, *(f"- {below}" for below in flat(line.below)))]


def said(patient: Patient, text: str, day: int = 100) -> list[str]:
    at = patient.at(day).moment
    return flat(Narrator(at).lines(parsed(text, patient).trace(at)))


def evidence(patient: Patient, text: str, day: int = 100) -> list[str]:
    at = patient.at(day).moment
    return [event for line in Narrator(at).lines(parsed(text, patient).trace(at)) for event in line.events]


DATA = (
    enrolled(birth_date="1959-06-01")
    .saw("egfr", 44, on=90, id="kidney")
    .saw("ab_mda5", "negative", on=5)
    .saw("spo2_rest", 95, on=95, o2_flow=0)
    .has("diabetes", on=20, id="sugar")
    .started("mmf", on=10, id="mmf")
    .started("tac", on=12)
    .started("gc_oral", on=10, dose=30, id="gc")
    .tell("vax", 30, vaccine="flu")
    .absent("dlco_pp", on=80, reason="too breathless", id="no")
)

NO_RISK = (
    "- - Extensive ground-glass opacity on HRCT: not established (extent of "
    "ground-glass opacity on HRCT never recorded)",
    "- - BAL neutrophilia: not established (BAL neutrophils never recorded)",
    "- - Vital capacity already low at enrolment: not established, for want of FVC % predicted",
    "- - Anti-ARS antibody positive: not established (anti-ARS antibody (any) never recorded)",
    "- - Active myositis, by the newer of judgement and creatine kinase: not established, for want of "
    "myositis activity",
)

SAID = {
    # values and their limits
    "egfr < 60": ["Estimated GFR 44 mL/min/1.73 m² on 2024-03-31, below 60"],
    "egfr >= 60": ["Estimated GFR 44 mL/min/1.73 m² on 2024-03-31, below 60"],
    "egfr < CNI_EGFR_CAUTION": ["Estimated GFR 44 mL/min/1.73 m² on 2024-03-31, below 60 (CNI_EGFR_CAUTION)"],
    "egfr > CNI_EGFR_BLOCK": ["Estimated GFR 44 mL/min/1.73 m² on 2024-03-31, above 30 (CNI_EGFR_BLOCK)"],
    "alt >= 5 * ALT_ULN": ["Alanine aminotransferase never recorded"],
    "ab_mda5 == 'positive'": ["Anti-MDA5 antibody negative on 2024-01-06, not positive"],
    "ab_mda5 == 'negative'": ["Anti-MDA5 antibody negative on 2024-01-06"],
    "clinical_course in ('stable', 'improving')": ["Clinical course never recorded"],
    "ab_mda5 in ('positive', 'negative')": ["Anti-MDA5 antibody negative on 2024-01-06"],
    "gc_dose >= PJP_GC_MG": ["Oral steroid dose 30 mg/day on 2024-01-11, at least 20 (PJP_GC_MG)"],
    "attr('spo2_rest', 'o2_flow') > 0": [
        "Oxygen flow at the time (Resting SpO2) 0 L/min on 2024-04-05, at most 0"
    ],
    "attr('fvc_l', 'grade') == 'A'": [
        "Quality grade of the spirometry (FVC) not known, for want of quality grade of the spirometry (FVC)"
    ],
    "egfr * 2 > 60": ["Estimated GFR × 2 88, above 60"],
    # time
    "since(entry) >= DELAY_DAYS": [
        "Entry into the current state: 2024-01-01, at least 21 days ago (DELAY_DAYS)"
    ],
    "since(fever_on) <= 7": ["Newest fever: none"],
    "since(cond_on('alt_explanation')) <= 42": [
        "Another cause explains the worsening (infection, embolism, heart failure): not recorded"
    ],
    "since(cond_on('diabetes')) > 42": ["Diabetes: recorded 2024-01-21, more than 42 days ago"],
    "gc_days >= GC_LONG_DAYS": [
        "Days on oral steroid: at least 90 days (GC_LONG_DAYS), counted from 2024-01-11"
    ],
    "rtx_days < 168": ["Days since the last rituximab dose not known"],
    "age >= 65": ["Age in completed years below 65"],
    "line_start < enrolled": ["Start of the current line: none"],
    "entry < enrolled": [
        "Entry into the current state: 2024-01-01, on or after that (date of enrolment, 2024-01-01)"
    ],
    "after(date('egfr'), anchor)": [
        "Last estimated GFR: 2024-03-31; no date before which worsening no longer counts"
    ],
    "after(date('egfr'), enrolled)": [
        "Last estimated GFR: 2024-03-31, later than 2024-01-01 (date of enrolment)"
    ],
    "after(date('alt'), enrolled)": ["Last alanine aminotransferase: none"],
    # what is there and what is not
    "fresh('egfr')": ["Estimated GFR last on 2024-03-31, up to date"],
    "fresh('alt')": ["Alanine aminotransferase never recorded"],
    "fresh('preg')": [
        "Pregnancy test: up to date",
        "- Pregnancy possible, or not known to be impossible: no",
    ],
    "known('ab_ars')": ["Anti-ARS antibody (any) never recorded"],
    "known('egfr')": ["Estimated GFR recorded on 2024-03-31"],
    "absent('dlco_pp')": ["DLCO % predicted (Hb-corrected) could not be done (2024-03-21: too breathless)"],
    "absent('fvc_pp')": ["FVC % predicted not recorded as not possible"],
    "cond('diabetes')": ["Diabetes: recorded on 2024-01-21"],
    "cond('smoker')": ["Smoker: not recorded"],
    "active('mmf')": ["Mycophenolate mofetil running since 2024-01-11"],
    "active('cni')": ["Tacrolimus running since 2024-01-13"],
    "active('is')": ["Mycophenolate mofetil running since 2024-01-11; tacrolimus running since 2024-01-13"],
    "active('rtx')": ["Rituximab not running"],
    "active('jaki')": ["Tofacitinib or baricitinib: none running"],
    "ever('cyc')": ["Cyclophosphamide never given"],
    "ever('tac')": ["Tacrolimus given before, last on 2024-01-13"],
    "vaccinated('flu', 365)": ["Influenza vaccine: last on 2024-01-31, within 365 days"],
    "vaccinated('flu', 14)": ["Influenza vaccine: last on 2024-01-31, not within 14 days"],
    "vaccinated('covid', 365)": ["COVID-19 vaccine: none recorded"],
    "blocked('tx.cyc')": ["Cyclophosphamide, monthly IV pulses: not blocked"],
    "RP_COMBINATION": ["Setting RP_COMBINATION is off"],
    "JAKI_REQUIRES_REFRACTORY": ["Setting JAKI_REQUIRES_REFRACTORY is on"],
    "none_left('tx.cyc', 'tx.rtx')": ["No option is due"],
    "in_state('assess')": ["In state “Assessment” since 2024-01-01"],
    "in_state('monitor')": ["In state “Assessment” since 2024-01-01"],
    "True": [],
    # joined
    "egfr < 60 and cond('diabetes')": [
        "Estimated GFR 44 mL/min/1.73 m² on 2024-03-31, below 60",
        "Diabetes: recorded on 2024-01-21",
    ],
    "egfr < 30 and cond('diabetes')": ["Estimated GFR 44 mL/min/1.73 m² on 2024-03-31, at least 30"],
    "egfr < 30 or cond('diabetes')": ["Diabetes: recorded on 2024-01-21"],
    "not cond('smoker')": ["Smoker: not recorded"],
    "fresh('egfr') and egfr < 60": ["Estimated GFR 44 mL/min/1.73 m² on 2024-03-31, below 60"],
    "egfr < 60 or (egfr < 90 and cond('diabetes'))": [
        "Estimated GFR 44 mL/min/1.73 m² on 2024-03-31, below 60",
        "Diabetes: recorded on 2024-01-21",
    ],
    "fresh('fvc_pp') or absent('fvc_pp')": ["FVC % predicted never recorded"],
    "in_esc or in_rec": ["In state “Assessment” since 2024-01-01"],
    "1 if cond('diabetes') else 2": ["Diabetes: recorded on 2024-01-21"],
    "count(cond('diabetes'), cond('smoker'), egfr < 60) >= 2": [
        "2 of 3 hold, at least 2",
        "- Diabetes: recorded on 2024-01-21",
        "- Estimated GFR 44 mL/min/1.73 m² on 2024-03-31, below 60",
    ],
    # criteria and facts
    "anti_mda5": [
        "Anti-MDA5 antibody positive: no (anti-MDA5 antibody negative on 2024-01-06, not positive)"
    ],
    "anti_ars": ["Anti-ARS antibody positive: not established (anti-ARS antibody (any) never recorded)"],
    "is_active": [
        "An immunosuppressant is running: mycophenolate mofetil since 2024-01-11; tacrolimus since 2024-01-13"
    ],
    "rtx_days >= 1 or in_np": ["Days since the last rituximab dose not known"],
    "gc_high": ["High-dose steroid: oral steroid dose 30 mg/day on 2024-01-11, at least 20 (PJP_GC_MG)"],
    "fvc_major": [
        "FVC fall that alone is progression: not established, for want of an "
        "FVC with a reference to compare with"
    ],
    "low_vc": ["Vital capacity already low at enrolment: not established, for want of FVC % predicted"],
    "pregnant": ["Pregnant by the newest evidence: no"],
    "risk_n >= 1": [
        "Number of risk factors: 0 of 5 hold, below 1",
        *(text.removeprefix("- ") for text in NO_RISK),
    ],
    "tier != 'standard'": [
        "Risk tier standard",
        "- Anti-MDA5 antibody positive: no (anti-MDA5 antibody negative on 2024-01-06, not positive)",
        "- Number of risk factors: 0 of 5 hold, below 1",
        *NO_RISK,
    ],
}


@pytest.mark.parametrize(("text", "lines"), SAID.items(), ids=SAID)
def test_a_condition_is_put_into_words(text: str, lines: list[str]) -> None:
    assert said(DATA, text) == lines


def test_a_drug_that_was_stopped_does_not_run() -> None:
    assert said(DATA.stopped("mmf", on=50), "active('mmf')") == ["Mycophenolate mofetil not running"]


def test_a_limit_that_is_worked_out_shows_how() -> None:
    assert said(DATA.saw("alt", 300, on=99), "alt >= 5 * ALT_ULN") == [
        "Alanine aminotransferase 300 U/L on 2024-04-09, at least 5 × 40 U/L (ALT_ULN)"
    ]


def test_a_stale_value_is_said_to_be_so() -> None:
    assert said(DATA, "fresh('egfr')", 200) == [
        "Estimated GFR last on 2024-03-31, out of date (valid for 28 days)"
    ]


def test_a_criterion_with_one_reason_is_one_line_and_with_several_has_them_below() -> None:
    patient = enrolled().assessed(3)

    assert said(patient, "in_np and assess_complete", 4) == [
        "In state “First-line treatment, non-progressive disease” since 2024-01-04",
        "Assessment complete, course stable or improving",
        "- FVC % predicted last on 2024-01-04, up to date",
        "- DLCO % predicted (Hb-corrected) last on 2024-01-04, up to date",
        "- HRCT change last on 2024-01-04, up to date",
        "- Resting SpO2 last on 2024-01-04, up to date",
        "- Clinical course stable on 2024-01-04",
    ]


def test_what_blocks_an_action_stands_below_it() -> None:
    patient = DATA.has("breastfeeding", on=40)

    assert said(patient, "blocked('tx.mmf')") == [
        "Mycophenolate mofetil: blocked",
        "- Breastfeeding: recorded on 2024-02-10",
    ]


def test_options_that_are_all_blocked_are_named() -> None:
    patient = enrolled().assessed(3).has("severe_infection", on=4)

    assert said(patient, "no_option", 5)[-1] == (
        "- All options due are blocked (Mycophenolate mofetil, Azathioprine)"
    )


def test_lines_carry_the_events_they_rest_on() -> None:
    assert evidence(DATA, "egfr < 60 and cond('diabetes') and active('mmf') and gc_high") == [
        "kidney",
        "sugar",
        "mmf",
        "gc",
    ]
    assert evidence(DATA, "absent('dlco_pp')") == ["no"]


def test_conflicting_values_are_shown_with_their_dates() -> None:
    patient = (
        enrolled().saw("egfr", 80, on=90, source="lab", id="a").saw("egfr", 40, on=90, source="lab", id="b")
    )

    assert said(patient, "conflict_n > 0") == [
        "Recent dates with conflicting values: 1 (estimated GFR 80 mL/min/1.73 m² on 2024-03-31; "
        "estimated GFR 40 mL/min/1.73 m² on 2024-03-31), above 0"
    ]


def test_a_number_worked_out_is_cut_and_never_reaches_the_limit() -> None:
    patient = (
        enrolled()
        .saw("creatinine", 60, on=1, id="before")
        .started("tac", on=2)
        .saw("creatinine", "77.9999", on=90, id="now")
    )

    assert said(patient, "creat_rise >= 30") == [
        "Percent rise of creatinine since the start of a calcineurin inhibitor: 29.99… (creatinine "
        "60 µmol/L on 2024-01-02; creatinine 77.9999 µmol/L on 2024-03-31), below 30"
    ]


def test_a_fall_by_points_shows_the_points() -> None:
    """Litres unchanged, percent predicted down five points: what decided is what is shown first."""
    patient = (
        enrolled().fvc("2.25", pp="60", on=1, id="old").treated(on=2).fvc("2.25", pp="55", on=90, id="new")
    )

    assert said(patient, "fvc_marginal") == [
        "Marginal FVC fall, which needs a second sign (60 % on 2024-01-02, then 55 % on 2024-03-31: down 5 "
        "points; 2.25 L on 2024-01-02, then 2.25 L on 2024-03-31: down 0 %)"
    ]


# ── steps, reviews, edges ───────────────────────────────────────────────────────────────────────────


def test_a_persons_move_is_explained_by_its_reason() -> None:
    view = enrolled().moved("monitor", on=3, id="o").admin("pause", on=4, id="p").at(5)

    told = [why_step(view.evaluation, step) for step in view.evaluation.history]

    assert [(t.lines[0].says, t.evidence) for t in told] == [
        ("Moved here by a clinician: clinical judgement", ("o",)),
        ("Changed by a person: no reason given", ("p",)),
    ]


def review(view: View, name: str) -> list[str]:
    found = next(r for r in view.evaluation.reviews if r.id == name)
    return flat(why_review(found, view.moment).lines)


def test_a_review_says_what_its_day_is_counted_from() -> None:
    patient = (
        enrolled()
        .fvc("3.0", on=2)
        .started("mmf", on=10)
        .given("cyc", on=12)
        .started("gc_oral", on=10, dose=10)
    )
    view = patient.at(20)

    assert review(view, "pft") == [
        "Due 91 days after the last data on 2024-01-03",
        "In state “Assessment” since 2024-01-01",
    ]
    assert review(view, "clinical")[0] == (
        "Due 14 days after enrolment on 2024-01-01; not all the data have been recorded yet"
    )
    assert review(view, "tox.mmf") == ["Due on the day of the start of mycophenolate mofetil on 2024-01-11"]
    assert review(view, "tox.cyc_nadir") == [
        "Due 10 days after the last dose of cyclophosphamide on 2024-01-13"
    ]
    assert review(view, "gc.eye") == [
        "Due 182 days after the start of oral glucocorticoid (prednisone equivalent) on 2024-01-11"
    ]


def test_the_last_row_of_an_interval_table_says_that_no_other_applied() -> None:
    view = enrolled().saw("spo2_exert", 95, on=2).at(5)

    assert review(view, "exertion")[-1] == "None of the shorter intervals applies"


def test_explaining_a_review_leaves_the_moment_as_it_was() -> None:
    view = enrolled().fvc("3.0", on=2).treated(on=3).at(5)

    before = view.moment.fact("last").value
    review(view, "pft")

    assert view.moment.last_review is None
    assert before is None or view.moment.fact("last").value is None


def outgoing(patient: Patient, day: int) -> dict[str, tuple[bool, tuple[str, ...], tuple[str, ...]]]:
    return {e.rule.definition.id: (e.holds, e.missing, e.nearest) for e in edges(patient.at(day).evaluation)}


def test_what_leaves_a_state_is_told_in_the_order_in_which_it_is_tried() -> None:
    assert list(outgoing(enrolled().treated(on=3), 5)) == ["T05", "T06", "T07", "T08"]
    assert outgoing(enrolled().admin("close", on=3), 5) == {}
    assert edges(a_patient().at(5).evaluation) == ()


def test_an_edge_names_each_single_change_that_would_take_it() -> None:
    patient = enrolled().assessed(3)

    _, _, nearest = outgoing(patient, 4)["T03"]

    assert "FVC % predicted below 50 % (SEVERE_FVC)" in nearest
    assert "Clinical course progressive or rapidly progressive" in nearest
    assert "Features of rapid progression: at least 2" in nearest
    assert not any("setting" in change.lower() for change in nearest), "a setting is no change of the patient"
    assert outgoing(patient, 4)["T04"] == (
        False,
        (),
        (
            "Mycophenolate mofetil or azathioprine or "
            "cyclophosphamide or rituximab or tacrolimus or ciclosporin or "
            "tofacitinib or baricitinib running",
        ),
    )


def test_where_more_than_one_thing_must_change_nothing_is_named() -> None:
    assert outgoing(enrolled(), 4)["T02"][2] == ()


def test_missing_data_are_named_only_where_they_could_settle_it() -> None:
    """BAL matters for T01 only with a setting that is off; T06 needs "
    "control, and no datum is missing for it."""
    assert "bal_neut_pct" not in outgoing(enrolled(), 4)["T01"][1]
    assert "bal_neut_pct" in outgoing(a_patient(PREDICTED_AS_PROGRESSIVE=True).enrolled(), 4)["T01"][1]
    assert outgoing(enrolled().treated(on=3), 5)["T06"][1] == ()
    assert "dlco_pp" in outgoing(enrolled().treated(on=3), 5)["T08"][1]


def test_a_guard_that_holds_by_the_passing_of_time_is_said_to_hold() -> None:
    """A transition is taken when an event arrives; until then the edge is open."""
    patient = enrolled().fvc("3.0", on=1).treated(on=2).has("alt_explanation", on=60).fvc("2.0", on=61)

    assert outgoing(patient, 61 + 41)["T08"][0] is False
    assert outgoing(patient, 61 + 42)["T08"] == (True, (), ())


CHANGES = {
    "cond('diabetes')": (),
    "cond('smoker')": ("Smoker recorded",),
    "not cond('diabetes')": ("Diabetes not recorded",),
    "egfr < 30": ("Estimated GFR below 30 mL/min/1.73 m²",),
    "egfr < 30 and cond('smoker')": (),
    "egfr < 30 and cond('diabetes')": ("Estimated GFR below 30 mL/min/1.73 m²",),
    "egfr < 30 or cond('smoker')": ("Estimated GFR below 30 mL/min/1.73 m²", "Smoker recorded"),
    "fresh('alt') and alt > 100": ("Alanine aminotransferase above 100 U/L",),
    "RP_COMBINATION or cond('smoker')": ("Smoker recorded",),
    "in_state('monitor') and cond('smoker')": (),
    "count(cond('diabetes'), cond('smoker')) >= 2": ("Smoker recorded",),
    "count(cond('osteoporosis'), cond('smoker')) >= 2": (),
    "count(cond('diabetes'), cond('smoker')) < 1": ("Diabetes not recorded",),
    "not (cond('diabetes') and egfr < 60)": (
        "Diabetes not recorded",
        "Estimated GFR at least 60 mL/min/1.73 m²",
    ),
    "not (cond('diabetes') or egfr < 60)": (),
    "1 > 2": (),
}


@pytest.mark.parametrize(("text", "changes"), CHANGES.items(), ids=CHANGES)
def test_single_changes(text: str, changes: tuple[str, ...]) -> None:
    at = DATA.at(100).moment

    assert single_changes(parsed(text).trace(at), at) == changes

"""Reviews: when each is due, worked out by hand from the schedules of the specification."""

import pytest

from tests.unit.builders import Patient, Plain, a_patient, a_value, enrolled

START = 100
"""The day treatment starts, unless a test says otherwise."""

USUAL: dict[str, Plain] = {
    "anc": 4, "alc": 2, "hb": 130, "plt": 250, "alt": 20, "egfr": 90, "creatinine": 70, "potassium": 4,
    "glucose": 5, "igg": 10, "lipids": 3, "sbp": 120, "weight": 70, "tac_trough": 8, "csa_trough": 150,
    "urine_blood": "negative", "dxa_t": "-1", "eye_exam": "done",
}  # fmt: skip


def panel(patient: Patient, items: str, on: int) -> Patient:
    return patient.obs(on, *(a_value(item, USUAL[item]) for item in items.split()))


def monitored(start: int = 0) -> Patient:
    """In monitor on mycophenolate; line 1 starts on the day given."""
    return enrolled(0).treated(on=start)


# ── the three reviews of every patient ──────────────────────────────────────────────────────────


def test_before_any_data_reviews_are_due_from_enrolment() -> None:
    assert enrolled(5).at(5).reviews == {"pft": 19, "clinical": 19, "exertion": 33}


@pytest.mark.parametrize(("item", "value"), [("fvc_l", "2.5"), ("fvc_pp", 80)])
def test_either_form_of_an_fvc_satisfies_the_lung_function_review(item: str, value: Plain) -> None:
    assert enrolled(0).saw(item, value, on=5).at(5).review("pft") == 5 + 91


def test_an_unusable_fvc_satisfies_nothing() -> None:
    assert enrolled(0).fvc("2.5", on=5, grade="E").at(5).review("pft") == 14
    assert enrolled(0).fvc("6.8", on=5).at(5).review("pft") == 14


def test_data_from_before_enrolment_count() -> None:
    assert a_patient().fvc("2.5", on=-20).enrolled(0).at(0).review("pft") == -20 + 91


def test_lung_function_is_repeated_in_four_weeks_when_something_is_active() -> None:
    last = 30
    rapid = monitored().fvc("2.5", on=last).moved("escalate.rapid", on=last)
    assert rapid.at(last).review("pft") == last + 28
    first_line = enrolled(0).fvc("2.5", on=last).saw("clinical_course", "rapidly_progressive", on=last)
    assert first_line.at(last).review("pft") == last + 28
    marginal = monitored().fvc("2.5", on=10).fvc("2.35", on=last)
    assert marginal.at(last).review("pft") == last + 28
    progressing = monitored().fvc("2.5", on=last).has("alt_explanation", on=last)
    progressing = progressing.saw("clinical_course", "progressive", on=last)
    assert (progressing.at(last).state, progressing.at(last).review("pft")) == ("monitor", last + 28)


def test_lung_function_is_repeated_in_four_weeks_while_rapid_disease_is_watched() -> None:
    patient = monitored().moved("escalate.rapid", on=10).started("cyc", on=20).fvc("2.5", on=30)
    assert patient.at(20 + 91).review("pft") == 30 + 28
    assert patient.at(20 + 92).review("pft") == 30 + 91


@pytest.mark.parametrize(
    "state", ["assess", "first_line.non_progressive", "escalate.standard", "recurrent.late"]
)
def test_lung_function_is_repeated_in_three_months_outside_monitoring(state: str) -> None:
    patient = monitored().stopped("mmf", on=399).fvc("2.5", on=400).moved(state, on=400)
    assert (patient.at(400).state, patient.at(400).review("pft")) == (state, 400 + 91)


@pytest.mark.parametrize(("last", "interval"), [(364, 91), (365, 182)])
def test_lung_function_is_repeated_in_three_months_in_the_first_year_of_a_line(
    last: int, interval: int
) -> None:
    patient = monitored().saw("myositis_activity", "inactive", on=last).fvc("2.5", on=last)
    assert patient.at(last).review("pft") == last + interval


@pytest.mark.parametrize(
    ("item", "value"),
    [("ab_ars", "positive"), ("ab_mda5", "positive"), ("hrct_ggo", "extensive"), ("fvc_pp", "59")],
)
def test_lung_function_is_repeated_in_three_months_at_risk(item: str, value: str) -> None:
    assert monitored().saw(item, value, on=1).fvc("2.5", on=400).at(400).review("pft") == 400 + 91


def seen(patient: Patient, on: int) -> Patient:
    return patient.obs(on, a_value("resp_change", "same"), a_value("spo2_rest", 97, o2_flow=0))


def test_a_clinical_review_needs_symptoms_and_saturation() -> None:
    assert enrolled(0).saw("resp_change", "same", on=5).at(5).review("clinical") == 14
    assert enrolled(0).saw("spo2_rest", 97, on=5).at(5).review("clinical") == 14
    both = enrolled(0).saw("resp_change", "same", on=5).saw("spo2_rest", 97, on=9)
    assert both.at(9).review("clinical") == 5 + 28


@pytest.mark.parametrize(("last", "interval"), [(90, 28), (91, 91), (364, 91), (365, 182)])
def test_a_clinical_review_comes_less_often_along_the_line(last: int, interval: int) -> None:
    assert seen(monitored(), last).at(last).review("clinical") == last + interval


def test_a_clinical_review_comes_more_often_at_risk() -> None:
    elevated = seen(monitored().saw("ab_ars", "positive", on=1), 400)
    assert elevated.at(400).review("clinical") == 400 + 91
    very_high = seen(monitored().saw("ab_mda5", "positive", on=1), 400)
    assert very_high.at(400).review("clinical") == 400 + 28
    assert seen(monitored(), 400).moved("recurrent.late", on=400).at(400).review("clinical") == 400 + 28


def test_a_clinical_review_is_weekly_then_fortnightly_after_rapid_disease() -> None:
    untreated = seen(enrolled(0), 5).saw("clinical_course", "rapidly_progressive", on=5)
    assert untreated.at(5).review("clinical") == 5 + 7
    patient = seen(monitored().moved("escalate.rapid", on=10).started("cyc", on=20), 25)
    assert patient.at(25).review("clinical") == 25 + 7
    assert patient.at(20 + 28).review("clinical") == 25 + 7
    assert patient.at(20 + 29).review("clinical") == 25 + 14
    assert patient.at(20 + 91).review("clinical") == 25 + 14
    assert patient.at(20 + 92).review("clinical") == 25 + 28


def test_saturation_on_exertion_is_yearly_and_half_yearly_at_risk() -> None:
    patient = enrolled(0).saw("spo2_exert", 93, on=5)
    assert patient.at(5).review("exertion") == 5 + 365
    assert patient.saw("bal_neut_pct", 4, on=6).at(6).review("exertion") == 5 + 182


# ── drug safety: panels ─────────────────────────────────────────────────────────────────────────

PANELS: dict[str, tuple[str, str, bool, dict[int, int]]] = {
    # review: drug, items, baseline, interval by days from the start to the last panel
    "tox.mmf": ("mmf", "anc alt egfr", True, {0: 14, 41: 14, 42: 28, 125: 28, 126: 84}),
    "tox.aza": ("aza", "anc alt egfr", True, {0: 14, 41: 14, 42: 28, 125: 28, 126: 84}),
    "tox.cyc": ("cyc", "anc plt egfr alt urine_blood", True, {0: 28, 400: 28}),
    "tox.rtx": ("rtx", "anc", True, {0: 84, 400: 84}),
    "tox.rtx_igg": ("rtx", "igg", True, {0: 168, 400: 168}),
    "tox.cni": ("tac", "egfr creatinine potassium sbp glucose", True, {0: 14, 83: 14, 84: 28}),
    "tox.tac_level": ("tac", "tac_trough", False, {0: 7, 27: 7, 28: 28, 181: 28, 182: 84}),
    "tox.csa_level": ("csa", "csa_trough", False, {0: 7, 27: 7, 28: 28, 181: 28, 182: 84}),
    "tox.jaki": ("tofa", "anc alc hb alt", True, {0: 28, 83: 28, 84: 84}),
    "tox.jaki_lipids": ("bari", "lipids", True, {0: 56, 55: 56, 56: 365}),
    "tox.ivig": ("ivig", "egfr hb", True, {0: 28, 400: 28}),
    "tox.nintedanib": ("nintedanib", "alt", True, {0: 28, 83: 28, 84: 84}),
    "tox.tmp_smx": ("tmp_smx", "potassium egfr anc", True, {0: 28, 83: 28, 84: 84}),
    "tox.other_is": ("other_is", "anc alt egfr", True, {0: 28, 83: 28, 84: 84}),
    "gc.metabolic": ("gc_oral", "sbp weight glucose", True, {0: 28, 27: 28, 28: 84}),
}


def test_every_panel_is_here() -> None:
    schedules = {r.id for r in enrolled().pathway.definition.reviews if r.schedule == "course"}
    assert schedules == set(PANELS)


@pytest.mark.parametrize(
    ("review", "elapsed", "interval"),
    [(r, e, i) for r, (_, _, _, phases) in PANELS.items() for e, i in phases.items()],
)
def test_the_interval_depends_on_how_far_into_the_course_the_last_panel_fell(
    review: str, elapsed: int, interval: int
) -> None:
    drug, items, _, _ = PANELS[review]
    last = START + elapsed
    patient = panel(enrolled(0).started(drug, on=START), items, last)
    assert patient.at(last).review(review) == last + interval


@pytest.mark.parametrize("review", PANELS)
def test_a_panel_exists_while_its_drug_is_active(review: str) -> None:
    drug, _, _, _ = PANELS[review]
    patient = enrolled(0).started(drug, on=START).stopped(drug, on=START + 9)
    assert [patient.at(d).review(review) is not None for d in (START - 1, START, START + 8, START + 9)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("review", PANELS)
def test_a_panel_of_the_last_four_weeks_serves_as_baseline(review: str) -> None:
    drug, items, baseline, phases = PANELS[review]
    first = START + phases[0]
    for before, due in ((28, first), (29, START if baseline else first)):
        patient = panel(enrolled(0), items, START - before).started(drug, on=START)
        assert patient.at(START).review(review) == due


@pytest.mark.parametrize("review", PANELS)
def test_without_a_whole_panel_the_baseline_is_overdue(review: str) -> None:
    drug, items, baseline, phases = PANELS[review]
    due = START if baseline else START + phases[0]
    patient = enrolled(0).started(drug, on=START)
    assert patient.at(START).review(review) == due
    first, _, rest = items.partition(" ")
    if rest:
        assert panel(patient, rest, START + 5).at(START + 5).review(review) == due
        both = panel(panel(patient, rest, START + 5), first, START + 3)
        assert both.at(START + 5).review(review) == START + 3 + phases[0]


def test_a_group_counts_from_its_earliest_running_member() -> None:
    patient = enrolled(0).started("tac", on=START).started("csa", on=START + 60)
    patient = panel(patient, "egfr creatinine potassium sbp glucose", START + 90)
    assert patient.at(START + 90).review("tox.cni") == START + 90 + 28
    switched = patient.stopped("tac", on=START + 91)
    # the course now running began on day 160, 30 days before the panel
    assert switched.at(START + 91).review("tox.cni") == START + 90 + 14


def test_a_new_course_begins_with_a_new_baseline() -> None:
    patient = panel(enrolled(0).started("mmf", on=START), "anc alt egfr", START + 10)
    again = patient.stopped("mmf", on=START + 20).started("mmf", on=START + 60)
    assert again.at(START + 60).review("tox.mmf") == START + 60


# ── drug safety: the lowest count after cyclophosphamide, bone, eyes ─────────────────────────────


@pytest.mark.parametrize(
    ("after", "due"), [(6, START + 10), (7, None), (10, None), (14, None), (15, START + 10)]
)
def test_the_lowest_count_is_looked_for_7_to_14_days_after_a_dose(after: int, due: int | None) -> None:
    patient = enrolled(0).given("cyc", on=START).saw("anc", 3, on=START + after)
    assert patient.at(START + 15).review("tox.cyc_nadir") == due


def test_the_lowest_count_is_looked_for_after_every_dose() -> None:
    patient = enrolled(0).given("cyc", on=START).saw("anc", 3, on=START + 9).given("cyc", on=START + 28)
    assert patient.at(START + 27).review("tox.cyc_nadir") is None
    assert patient.at(START + 28).review("tox.cyc_nadir") == START + 38
    assert patient.stopped("cyc", on=START + 30).at(START + 30).review("tox.cyc_nadir") is None


def test_a_count_in_quarantine_does_not_satisfy() -> None:
    patient = enrolled(0).given("cyc", on=START).saw("anc", 51, on=START + 10)
    assert patient.at(START + 10).review("tox.cyc_nadir") == START + 10


@pytest.mark.parametrize(
    ("review", "item", "every", "first"), [("gc.bone", "dxa_t", 730, 90), ("gc.eye", "eye_exam", 365, 182)]
)
def test_an_earlier_examination_carries_over_if_it_has_not_run_out_at_the_start(
    review: str, item: str, every: int, first: int
) -> None:
    def started(day: int) -> Patient:
        return panel(a_patient().enrolled(-1000), item, day).started("gc_oral", on=START, dose=10)

    assert enrolled(0).started("gc_oral", on=START, dose=10).at(START).review(review) == START + first
    assert started(START - every).at(START).review(review) == START
    assert started(START - every - 1).at(START).review(review) == START + first
    assert panel(started(START - 900), item, START + 50).at(START + 50).review(review) == START + 50 + every


# ── status and reminders ────────────────────────────────────────────────────────────────────────


def test_the_reminders_of_a_long_interval() -> None:
    # due 91 days after day 0
    patient = enrolled(0).fvc("2.5", on=0)
    days = {62: None, 63: "upcoming", 83: "upcoming", 84: "reminder", 90: "reminder", 91: "due"}
    days |= {92: "overdue", 104: "overdue", 105: "escalated", 118: "escalated", 119: "critical"}
    assert {d: patient.at(d).step("pft") for d in days} == days


def test_the_reminders_of_a_short_interval() -> None:
    # due 14 days after enrolment
    days = {10: None, 11: "upcoming", 12: "upcoming", 13: "reminder", 14: "due"}
    days |= {15: "overdue", 16: "overdue", 17: "escalated", 20: "escalated", 21: "critical"}
    assert {d: enrolled(0).at(d).step("pft") for d in days} == days


@pytest.mark.parametrize(("interval", "first"), [(59, 59 - 3), (60, 60 - 28)])
def test_an_interval_under_60_days_is_short(interval: int, first: int) -> None:
    patient = a_patient(PFT_INT=interval).enrolled(0).fvc("2.5", on=0)
    assert [patient.at(d).step("pft") for d in (first - 1, first)] == [None, "upcoming"]


def test_a_due_date_equal_to_the_start_of_the_drug_is_a_short_interval() -> None:
    patient = enrolled(0).started("rtx", on=START)
    assert [patient.at(START + d).step("tox.rtx") for d in (0, 1, 3, 7)] == [
        "due",
        "overdue",
        "escalated",
        "critical",
    ]


@pytest.mark.parametrize("review", ["exertion", "gc.metabolic", "gc.bone", "gc.eye"])
def test_only_some_reviews_become_critical(review: str) -> None:
    patient = enrolled(0).started("gc_oral", on=0, dose=10)
    assert patient.at(2000).step(review) == "escalated"


@pytest.mark.parametrize("review", ["pft", "clinical", "tox.mmf", "tox.cyc_nadir"])
def test_the_others_do(review: str) -> None:
    patient = enrolled(0).started("mmf", on=0).given("cyc", on=0)
    assert patient.at(2000).step(review) == "critical"


def test_the_status_of_a_review_follows_its_due_date() -> None:
    patient = enrolled(0).fvc("2.5", on=0)
    days = {62: "ok", 63: "upcoming", 90: "upcoming", 91: "due", 92: "overdue"}
    assert {d: patient.at(d).review_status("pft") for d in days} == days


def test_reminders_are_held_while_paused_and_due_dates_are_not() -> None:
    patient = enrolled(0).fvc("2.5", on=0).admin("pause", on=1)
    view = patient.at(105)
    assert (view.step("pft"), view.review_status("pft"), view.review("pft")) == ("held", "overdue", 91)
    assert patient.admin("resume", on=105).at(105).step("pft") == "escalated"


def test_data_move_the_due_date_and_the_steps_with_it() -> None:
    patient = enrolled(0).fvc("2.5", on=0).fvc("2.5", on=95)
    assert (patient.at(95).review("pft"), patient.at(95).step("pft")) == (95 + 91, None)

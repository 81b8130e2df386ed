"""Options of treatment: when each is listed, and that every single reason blocks it or calls for caution."""

import pytest

from tests.unit.builders import Change, Patient, Plain, a_patient, enrolled

NON_PROGRESSIVE, PROGRESSIVE = "first_line.non_progressive", "first_line.progressive_severe"
STANDARD, RAPID, EARLY, LATE = "escalate.standard", "escalate.rapid", "recurrent.early", "recurrent.late"


def harmless(state: str, drug: str = "aza", **parameters: Plain) -> Patient:
    """Everything measured and harmless on day 0; on a drug since then if the disease has worsened."""
    patient = a_patient(**parameters).enrolled(0).healthy(0)
    if state in (STANDARD, RAPID, EARLY, LATE, "monitor"):
        patient = patient.treated(on=0, drug=drug)
    return patient if state == "monitor" else patient.moved(state, on=2)


def called(name: str, change: Change) -> Change:
    """Return a change under a name that test reports can show."""
    change.__name__ = name
    return change


def has(code: str) -> Change:
    return called(f"has {code}", lambda patient: patient.has(code, on=3))


def saw(item: str, value: Plain) -> Change:
    return called(f"{item} {value}", lambda patient: patient.saw(item, value, on=3))


def on(drug: str) -> Change:
    return called(f"on {drug}", lambda patient: patient.started(drug, on=1))


def once(drug: str) -> Change:
    return called(f"once {drug}", lambda patient: patient.given(drug, on=1).stopped(drug, on=3))


FEVER = called("fever", lambda patient: patient.saw("temp", "38.5", on=3))


# ── what is listed where ────────────────────────────────────────────────────────────────────────

LISTED = [
    (NON_PROGRESSIVE, {"tx.gc_oral", "tx.mmf"}),
    (PROGRESSIVE, {"tx.gc_oral", "tx.pulse_mp", "tx.cyc", "tx.rtx"}),
    ("monitor", set()),
    (STANDARD, {"tx.gc_oral", "tx.mmf", "tx.cyc", "tx.rtx", "tx.cni", "tx.ivig"}),
    (RAPID, {"tx.gc_oral", "tx.pulse_mp", "tx.mmf", "tx.cyc", "tx.rtx", "tx.cni", "tx.ivig"}),
    (EARLY, {"tx.gc_oral", "tx.mmf", "tx.cyc", "tx.rtx"}),
    (LATE, {"tx.gc_oral", "tx.mmf", "tx.cyc", "tx.rtx"}),
]


@pytest.mark.parametrize(("state", "listed"), LISTED)
def test_a_state_lists_its_options(state: str, listed: set[str]) -> None:
    assert {a for a in harmless(state).at(3).actions if a.startswith("tx.")} == listed


@pytest.mark.parametrize(
    ("state", "change", "also"),
    [
        (LATE, saw("ab_ars", "positive"), {"tx.cni"}),
        (LATE, saw("ab_mda5", "positive"), {"tx.cni"}),
        (LATE, has("rms_weak"), {"tx.ivig"}),
        (LATE, once("tac"), {"tx.jaki"}),
        (LATE, saw("egfr", 29), {"tx.jaki"}),
        (LATE, saw("sbp", 200), set()),
        (STANDARD, once("tac"), {"tx.jaki"}),
        (STANDARD, saw("potassium", 6), {"tx.jaki"}),
        (STANDARD, saw("sbp", 200), set()),
        (PROGRESSIVE, has("active_tb"), {"tx.cni", "tx.ivig"}),
        (PROGRESSIVE, saw("pregnancy_test", "positive"), {"tx.cni", "tx.ivig"}),
        (PROGRESSIVE, has("haemorrhagic_cystitis"), set()),
        (NON_PROGRESSIVE, has("active_tb"), {"tx.aza"}),
    ],
)
def test_a_state_lists_further_options_with(state: str, change: Change, also: set[str]) -> None:
    usual = dict(LISTED)[state]
    assert {a for a in change(harmless(state)).at(3).actions if a.startswith("tx.")} == usual | also


@pytest.mark.parametrize(
    ("state", "drug", "gone"),
    [
        (NON_PROGRESSIVE, "gc_oral", "tx.gc_oral"),
        (PROGRESSIVE, "gc_pulse", "tx.pulse_mp"),
        (STANDARD, "gc_oral", "tx.gc_oral"),
    ],
)
def test_a_running_steroid_is_not_offered_again(state: str, drug: str, gone: str) -> None:
    assert harmless(state).at(3).action(gone) is not None
    assert harmless(state).started(drug, on=3).at(3).action(gone) is None


@pytest.mark.parametrize(
    ("drug", "gone"),
    [("mmf", "tx.mmf"), ("cyc", "tx.cyc"), ("rtx", "tx.rtx"), ("csa", "tx.cni"), ("ivig", "tx.ivig")],
)
def test_the_running_drug_is_no_option(drug: str, gone: str) -> None:
    listed = {a for a in harmless(STANDARD, drug).at(3).actions if a.startswith("tx.") and a != "tx.jaki"}
    assert listed == dict(LISTED)[STANDARD] - {gone}


def test_a_low_steroid_dose_may_be_raised() -> None:
    on_steroid = harmless(STANDARD).started("gc_oral", on=3, dose="19.5")
    assert on_steroid.at(3).action("tx.gc_increase") == "offer P2"
    assert on_steroid.dosed("gc_oral", 20, on=3).at(3).action("tx.gc_increase") is None


def test_no_treatment_in_monitor_brings_mycophenolate_back_unless_agreed() -> None:
    stopped = harmless("monitor").stopped("aza", on=3)
    assert stopped.at(3).action("tx.mmf") == "offer P2"
    assert stopped.at(3).action("rev.no_is") == "offer P2"
    agreed = stopped.has("gc_only_agreed", on=3)
    assert agreed.at(3).action("tx.mmf") is None
    assert agreed.at(3).action("rev.no_is") is None


# ── priorities ──────────────────────────────────────────────────────────────────────────────────

PRIORITIES: list[tuple[str, Change | None, dict[str, int]]] = [
    (PROGRESSIVE, None, {"tx.cyc": 2, "tx.rtx": 3}),
    (PROGRESSIVE, saw("ab_ars", "positive"), {"tx.cyc": 3, "tx.rtx": 2}),
    (STANDARD, None, {"tx.cyc": 3, "tx.rtx": 3, "tx.cni": 2, "tx.ivig": 3, "tx.mmf": 2}),
    (STANDARD, saw("ab_ars", "positive"), {"tx.cyc": 3, "tx.rtx": 3}),
    (STANDARD, has("rms_weak"), {"tx.ivig": 1}),
    (LATE, None, {"tx.cyc": 2, "tx.rtx": 3}),
    (LATE, saw("ab_ars", "positive"), {"tx.cyc": 3, "tx.rtx": 2}),
    (
        RAPID,
        None,
        {"tx.gc_oral": 1, "tx.pulse_mp": 1, "tx.cyc": 1, "tx.rtx": 1, "tx.cni": 1, "tx.ivig": 1, "tx.mmf": 2},
    ),
    (RAPID, None, {"ref.mdt": 1, "ref.transplant": 3, "ord.serology": 1, "ord.hrct": 1, "rev.regimen": 2}),
    (STANDARD, None, {"ref.mdt": 3, "ord.serology": 3, "ord.hrct": 2}),
]


@pytest.mark.parametrize(("state", "change", "expected"), PRIORITIES)
def test_priorities_follow_urgency_and_antibodies(
    state: str, change: Change | None, expected: dict[str, int]
) -> None:
    patient = harmless(state) if change is None else change(harmless(state))
    prios = {a.id: a.prio for a in patient.at(3).evaluation.actions}
    assert {a: prios[a] for a in expected} == expected


# ── every reason alone ──────────────────────────────────────────────────────────────────────────

INFECTED = ["active_infection", "severe_infection", "active_tb"]

BLOCKS: dict[tuple[str, str], list[Change]] = {
    ("tx.mmf", NON_PROGRESSIVE): [
        saw("pregnancy_test", "positive"),
        has("pregnancy"),
        *map(has, ["breastfeeding", *INFECTED]),
    ],
    ("tx.cyc", PROGRESSIVE): [
        has("pregnancy"),
        *map(has, ["breastfeeding", "haemorrhagic_cystitis", *INFECTED]),
    ],
    ("tx.rtx", PROGRESSIVE): [saw("hbsag", "positive"), saw("anti_hbc", "positive"), *map(has, INFECTED)],
    ("tx.cni", STANDARD): [saw("egfr", 29), saw("sbp", 180), saw("potassium", 6), *map(has, INFECTED)],
    ("tx.ivig", STANDARD): [has("anti_iga")],
}


@pytest.mark.parametrize(
    ("action", "state", "change"), [(a, s, c) for (a, s), changes in BLOCKS.items() for c in changes]
)
def test_each_reason_alone_blocks(action: str, state: str, change: Change) -> None:
    patient = harmless(state)
    assert (patient.at(3).action(action) or "").startswith("offer")
    blocked = change(patient)
    assert (blocked.at(3).action(action) or "").startswith("blocked")


JAKI_BLOCKS: list[Change] = [
    saw("igra", "positive"),
    saw("hbsag", "positive"),
    has("pregnancy"),
    *map(has, ["vte_history", "breastfeeding", *INFECTED]),
]
AZA_BLOCKS: list[Change] = [
    saw("tpmt", "deficient"),
    has("tpmt_deficient"),
    saw("anc", "0.9"),
    *map(has, INFECTED),
]
NINTEDANIB_BLOCKS: list[Change] = [has("pregnancy"), has("breastfeeding"), saw("alt", 121)]


@pytest.mark.parametrize("change", JAKI_BLOCKS)
def test_each_reason_alone_blocks_a_jak_inhibitor(change: Change) -> None:
    patient = harmless(NON_PROGRESSIVE, FIRST_LINE_JAKI=True)
    assert patient.at(3).action("tx.jaki") == "offer P4"
    assert (change(patient).at(3).action("tx.jaki") or "").startswith("blocked P4")


@pytest.mark.parametrize("change", AZA_BLOCKS)
def test_each_reason_alone_blocks_azathioprine(change: Change) -> None:
    patient = harmless(NON_PROGRESSIVE, FIRST_LINE_AZA=True)
    assert patient.at(3).action("tx.aza") == "offer P3"
    assert change(patient).at(3).action("tx.aza") == "blocked P3"


@pytest.mark.parametrize("change", NINTEDANIB_BLOCKS)
def test_each_reason_alone_blocks_nintedanib(change: Change) -> None:
    patient = harmless(STANDARD, OFFER_NINTEDANIB=True)
    assert patient.at(3).action("tx.nintedanib") == "offer P4"
    assert change(patient).at(3).action("tx.nintedanib") == "blocked P4"


def test_treated_latent_tuberculosis_does_not_block_a_jak_inhibitor() -> None:
    patient = harmless(NON_PROGRESSIVE, FIRST_LINE_JAKI=True).saw("igra", "positive", on=3)
    assert patient.has("ltbi_treated", on=3).at(3).action("tx.jaki") == "offer P4"


def test_antiviral_prophylaxis_lets_rituximab_through() -> None:
    patient = harmless(PROGRESSIVE).saw("hbsag", "positive", on=3).has("hbv_prophylaxis", on=3)
    assert patient.at(3).action("tx.rtx") == "offer P3"


@pytest.mark.parametrize("code", ["sulfa_allergy", "sulfa_severe"])
def test_a_sulfonamide_allergy_blocks_the_first_choice_and_lists_the_alternatives(code: str) -> None:
    patient = enrolled(0).healthy(0).started("gc_oral", on=0, dose=20).has(code, on=3)
    view = patient.at(3)
    assert view.action("px.pjp") == "blocked P2"
    assert view.action("px.pjp_atovaquone") == "offer P2"
    assert view.action("px.pjp_dapsone") == ("offer P3" if code == "sulfa_allergy" else "blocked P3")


@pytest.mark.parametrize("change", [saw("g6pd", "deficient"), has("g6pd_deficient")])
def test_a_g6pd_deficiency_blocks_dapsone(change: Change) -> None:
    patient = enrolled(0).healthy(0).started("gc_oral", on=0, dose=20).has("sulfa_allergy", on=1)
    assert patient.at(3).action("px.pjp_dapsone") == "offer P3"
    assert change(patient).at(3).action("px.pjp_dapsone") == "blocked P3"


@pytest.mark.parametrize("action", ["tx.cyc", "tx.rtx", "tx.cni"])
def test_an_infection_calls_for_caution_instead_when_it_is_rapid(action: str) -> None:
    patient = harmless(RAPID).has("active_infection", on=3)
    assert patient.at(3).action(action) == "offer P1 caution"
    assert patient.has("severe_infection", on=3).at(3).action(action) == "blocked P1 caution"


def test_thrombosis_and_few_lymphocytes_block_a_jak_inhibitor_unless_it_is_rapid() -> None:
    for change in (has("vte_history"), saw("alc", "0.4"), has("active_infection")):
        refractory = once("tac")(harmless(RAPID))
        assert change(refractory).at(3).action("tx.jaki") == "offer P1 caution"


CAUTIONS: dict[tuple[str, str], dict[str, Change]] = {
    ("tx.gc_oral", STANDARD): {
        "cond('diabetes')": has("diabetes"),
        "cond('active_infection')": has("active_infection"),
        "cond('osteoporosis')": has("osteoporosis"),
    },
    ("tx.pulse_mp", PROGRESSIVE): {
        "cond('active_infection')": has("active_infection"),
        "since(fever_on) <= FEVER_DAYS": FEVER,
        "cond('diabetes')": has("diabetes"),
    },
    ("tx.mmf", NON_PROGRESSIVE): {"egfr < 25": saw("egfr", 24)},
    ("tx.cyc", STANDARD): {
        "egfr < 30": saw("egfr", 29),
        "ever('cyc')": once("cyc"),
        "cond('active_infection')": has("active_infection"),
        "since(fever_on) <= FEVER_DAYS": FEVER,
    },
    ("tx.rtx", STANDARD): {
        "igg < 6": saw("igg", 5),
        "anc < 1.5": saw("anc", "1.4"),
        "plt < 75": saw("plt", 74),
        "pregnant": has("pregnancy"),
        "cond('active_infection')": has("active_infection"),
        "since(fever_on) <= FEVER_DAYS": FEVER,
    },
    ("tx.cni", STANDARD): {
        "egfr < CNI_EGFR_CAUTION": saw("egfr", 59),
        "sbp >= 140": saw("sbp", 140),
        "potassium >= 5.5": saw("potassium", "5.5"),
        "cond('active_infection')": has("active_infection"),
        "since(fever_on) <= FEVER_DAYS": FEVER,
    },
    ("tx.ivig", STANDARD): {
        "cond('iga_deficiency')": has("iga_deficiency"),
        "egfr < 60": saw("egfr", 59),
        "cond('vte_history')": has("vte_history"),
        "cond('mace_risk')": has("mace_risk"),
    },
    ("px.pjp", STANDARD): {
        "egfr < 30": saw("egfr", 29),
        "pregnant": has("pregnancy"),
        "g6pd == 'deficient'": saw("g6pd", "deficient"),
        "active('cni')": on("tac"),
        "active('other_is')": on("other_is"),
        "cond('g6pd_deficient')": has("g6pd_deficient"),
    },
}


@pytest.mark.parametrize(
    ("action", "state", "clause"), [(a, s, c) for (a, s), cs in CAUTIONS.items() for c in cs]
)
def test_each_reason_alone_calls_for_caution(action: str, state: str, clause: str) -> None:
    patient = harmless(state)
    patient = patient if action != "px.pjp" else patient.started("gc_pulse", on=0)
    assert patient.at(3).cautions(action) == []
    assert CAUTIONS[action, state][clause](patient).at(3).cautions(action) == [clause]


JAKI_CAUTIONS: dict[str, Change] = {
    "cond('mace_risk')": has("mace_risk"),
    "cond('smoker')": has("smoker"),
    "cond('malignancy')": has("malignancy"),
    "active('cni')": on("tac"),
    "active('aza')": on("aza"),
    "active('cyc')": on("cyc"),
    "active('rtx')": on("rtx"),
    "active('mmf')": on("mmf"),
    "anti_hbc == 'positive'": saw("anti_hbc", "positive"),
    "igra == 'indeterminate'": saw("igra", "indeterminate"),
    "cond('vte_history')": has("vte_history"),
    "alc < 0.5": saw("alc", "0.4"),
    "cond('active_infection')": has("active_infection"),
    "since(fever_on) <= FEVER_DAYS": FEVER,
}


@pytest.mark.parametrize("clause", JAKI_CAUTIONS)
def test_each_reason_alone_calls_for_caution_with_a_jak_inhibitor(clause: str) -> None:
    # in rapid disease nothing of it blocks; IVIG is what runs, so that no immunosuppressant is active
    patient = harmless(RAPID, "ivig", RP_COMBINATION=True, JAKI_REQUIRES_REFRACTORY=False)
    assert patient.at(3).cautions("tx.jaki") == []
    assert JAKI_CAUTIONS[clause](patient).at(3).cautions("tx.jaki") == [clause]


@pytest.mark.parametrize(("birth", "caution"), [("1959-01-05", []), ("1959-01-04", ["age >= 65"])])
def test_age_calls_for_caution_from_the_65th_birthday(birth: str, caution: list[str]) -> None:
    patient = (
        a_patient(FIRST_LINE_JAKI=True).enrolled(0, birth_date=birth).healthy(0).moved(NON_PROGRESSIVE, on=2)
    )
    assert patient.at(3).cautions("tx.jaki") == caution


def test_azathioprine_is_cautioned_in_pregnancy_and_with_low_tpmt() -> None:
    patient = harmless(NON_PROGRESSIVE, FIRST_LINE_AZA=True)
    assert patient.has("pregnancy", on=3).at(3).cautions("tx.aza") == ["pregnant"]
    assert patient.saw("tpmt", "intermediate", on=3).at(3).cautions("tx.aza") == ["tpmt == 'intermediate'"]


def test_nintedanib_is_cautioned_with_cardiovascular_risk() -> None:
    patient = harmless(STANDARD, OFFER_NINTEDANIB=True).has("mace_risk", on=3)
    assert patient.at(3).cautions("tx.nintedanib") == ["cond('mace_risk')"]


def test_several_reasons_for_caution_are_all_listed_in_their_order() -> None:
    patient = harmless(STANDARD).has("mace_risk", on=3).saw("egfr", 50, on=3).has("iga_deficiency", on=3)
    assert patient.at(3).cautions("tx.ivig") == ["cond('iga_deficiency')", "egfr < 60", "cond('mace_risk')"]


def test_fertility_calls_for_caution_with_cyclophosphamide() -> None:
    woman = enrolled(0, sex="female").healthy(0).moved(PROGRESSIVE, on=2)
    assert woman.at(3).cautions("tx.cyc") == ["can_become_pregnant"]


def test_a_reason_that_has_passed_calls_for_no_caution() -> None:
    patient = harmless(STANDARD).has("diabetes", on=3).resolved("diabetes", on=4)
    assert patient.at(3).cautions("tx.gc_oral") == ["cond('diabetes')"]
    assert patient.at(4).cautions("tx.gc_oral") == []

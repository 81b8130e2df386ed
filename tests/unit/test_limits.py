"""The limits written into the actions themselves, one step either side; parameters have their own."""

import pytest

from tests.unit.builders import Change, Patient, a_patient, enrolled


def harmless(state: str, **fields: object) -> Patient:
    """Everything measured and harmless on day 0, then in a state since day 2; treated if it worsened."""
    patient = enrolled(0, **fields).healthy(0)
    if state.startswith(("escalate", "recurrent")):
        patient = patient.treated(on=0, drug="aza")
    return patient.moved(state, on=2)


NON_PROGRESSIVE, PROGRESSIVE = "first_line.non_progressive", "first_line.progressive_severe"
STANDARD, RAPID, LATE = "escalate.standard", "escalate.rapid", "recurrent.late"


def measured(item: str, value: str) -> Change:
    return lambda patient: patient.saw(item, value, on=3)


def on_drug(drug: str) -> Change:
    return lambda patient: patient.started(drug, on=1)


# ── limits of options: where, item, action, value → what the option says ────────────────────────

LIMITS: list[tuple[str, str, str, dict[str, str]]] = [
    (NON_PROGRESSIVE, "tx.mmf", "anc", {"1.0": "offer P2", "0.99": "blocked P2"}),
    (NON_PROGRESSIVE, "tx.mmf", "egfr", {"25": "offer P2", "24.9": "offer P2 caution"}),
    (PROGRESSIVE, "tx.cyc", "anc", {"1.5": "offer P2", "1.49": "blocked P2"}),
    (PROGRESSIVE, "tx.cyc", "plt", {"50": "offer P2", "49.9": "blocked P2"}),
    (PROGRESSIVE, "tx.cyc", "egfr", {"30": "offer P2", "29.9": "offer P2 caution"}),
    (PROGRESSIVE, "tx.rtx", "igg", {"6": "offer P3", "5.9": "offer P3 caution"}),
    (PROGRESSIVE, "tx.rtx", "anc", {"1.5": "offer P3", "1.49": "offer P3 caution"}),
    (PROGRESSIVE, "tx.rtx", "plt", {"75": "offer P3", "74.9": "offer P3 caution"}),
    (
        STANDARD,
        "tx.cni",
        "potassium",
        {"5.4": "offer P2", "5.5": "offer P2 caution", "5.99": "offer P2 caution"},
    ),
    (STANDARD, "tx.cni", "potassium", {"6.0": "blocked P2 caution"}),
    (STANDARD, "tx.cni", "sbp", {"139": "offer P2", "140": "offer P2 caution"}),
    (STANDARD, "tx.ivig", "egfr", {"60": "offer P3", "59.9": "offer P3 caution"}),
]


@pytest.mark.parametrize(
    ("state", "action", "item", "value", "expected"),
    [(state, action, item, v, text) for state, action, item, cases in LIMITS for v, text in cases.items()],
)
def test_an_option_keeps_its_limit(state: str, action: str, item: str, value: str, expected: str) -> None:
    assert measured(item, value)(harmless(state)).at(3).action(action) == expected


JAKI_LIMITS = {
    "anc": {"1.0": "offer P4", "0.99": "blocked P4"},
    "alc": {"0.5": "offer P4", "0.49": "blocked P4 caution"},
    "hb": {"90": "offer P4", "89.9": "blocked P4"},
    "egfr": {"30": "offer P4", "29.9": "blocked P4"},
}


@pytest.mark.parametrize(
    ("item", "value", "expected"),
    [(item, v, t) for item, cases in JAKI_LIMITS.items() for v, t in cases.items()],
)
def test_a_jak_inhibitor_keeps_its_limits(item: str, value: str, expected: str) -> None:
    # first-line, so that no running drug calls for caution
    patient = a_patient(FIRST_LINE_JAKI=True).enrolled(0).healthy(0).moved(NON_PROGRESSIVE, on=2)
    assert measured(item, value)(patient).at(3).action("tx.jaki") == expected


@pytest.mark.parametrize(("alt", "expected"), [("120", "offer P4"), ("120.1", "blocked P4")])
def test_nintedanib_keeps_its_limit(alt: str, expected: str) -> None:
    patient = a_patient(OFFER_NINTEDANIB=True).enrolled(0).healthy(0).treated(on=0).moved(STANDARD, on=2)
    assert measured("alt", alt)(patient).at(3).action("tx.nintedanib") == expected


@pytest.mark.parametrize(
    ("item", "value", "expected"),
    [
        ("potassium", "5.49", "offer P2"),
        ("potassium", "5.5", "blocked P2"),
        ("egfr", "30", "offer P2"),
        ("egfr", "29.9", "offer P2 caution"),
        ("egfr", "15", "offer P2 caution"),
        ("egfr", "14.9", "blocked P2 caution"),
    ],
)
def test_pneumocystis_prophylaxis_keeps_its_limits(item: str, value: str, expected: str) -> None:
    patient = enrolled(0).healthy(0).started("gc_oral", on=0, dose=20)
    assert measured(item, value)(patient).at(3).action("px.pjp") == expected


@pytest.mark.parametrize(
    ("item", "value", "expected"),
    [
        ("dxa_t", "-2.4", None),
        ("dxa_t", "-2.5", "offer P3"),
        ("egfr", "35", "offer P3"),
        ("egfr", "34.9", "blocked P3"),
    ],
)
def test_a_bisphosphonate_keeps_its_limits(item: str, value: str, expected: str | None) -> None:
    patient = enrolled(0).healthy(0).started("gc_oral", on=0, dose="2.5")
    patient = patient if item == "dxa_t" else patient.saw("dxa_t", "-3", on=0)
    assert measured(item, value)(patient).at(3).action("px.bisphos") == expected


def test_a_low_bone_density_never_grows_old() -> None:
    patient = enrolled(0).saw("dxa_t", "-2.5", on=0).started("gc_oral", on=0, dose=5)
    assert patient.at(2000).action("px.bisphos") == "needs_data P3"


# ── limits of red flags ─────────────────────────────────────────────────────────────────────────

FLAGS: list[tuple[str, list[str], str, dict[str, str | None]]] = [
    ("rf.cytopenia", [], "anc", {"1.0": None, "0.99": "offer P1", "0.5": "offer P1", "0.49": "offer P0"}),
    ("rf.cytopenia", [], "plt", {"50": None, "49.9": "offer P1", "20": "offer P1", "19.9": "offer P0"}),
    ("rf.potassium", [], "potassium", {"5.9": None, "6.0": "offer P0"}),
    ("rf.potassium", ["tac"], "potassium", {"5.49": None, "5.5": "offer P1", "6": "offer P0"}),
    ("rf.potassium", ["tmp_smx"], "potassium", {"5.49": None, "5.5": "offer P1"}),
    ("rf.renal_cni", ["csa"], "creatinine", {"90.99": None, "91": "offer P1"}),
    ("rf.renal_cni", [], "creatinine", {"300": None}),
    ("rf.cyc_counts", ["cyc"], "anc", {"2.0": None, "1.99": "offer P1"}),
    ("rf.cyc_counts", ["cyc"], "plt", {"100": None, "99.9": "offer P1"}),
    ("rf.cyc_counts", [], "anc", {"1.99": None}),
    ("rf.haematuria", ["cyc"], "urine_blood", {"negative": None, "positive": "offer P1"}),
    ("rf.haematuria", [], "urine_blood", {"positive": None}),
]


@pytest.mark.parametrize(
    ("flag", "drugs", "item", "value", "expected"),
    [(flag, drugs, item, v, text) for flag, drugs, item, cases in FLAGS for v, text in cases.items()],
)
def test_a_red_flag_keeps_its_limit(
    flag: str, drugs: list[str], item: str, value: str, expected: str | None
) -> None:
    patient = enrolled(0).healthy(0)
    for drug in drugs:
        patient = patient.started(drug, on=1)
    assert patient.saw(item, value, on=3).at(3).action(flag) == expected


@pytest.mark.parametrize(
    ("flag", "drug", "item", "value", "stale"),
    [
        ("rf.cytopenia", "mmf", "anc", "0.9", 28),
        ("rf.liver", "mmf", "alt", "300", 28),
        ("rf.potassium", "mmf", "potassium", "6.5", 28),
        ("rf.glucose", "mmf", "glucose", "20", 28),
        ("rf.bp", "mmf", "sbp", "200", 90),
        ("rf.igg", "rtx", "igg", "3", 182),
        ("rf.resp_muscle", "mmf", "mip", "20", 182),
        ("rf.cyc_counts", "cyc", "plt", "60", 28),
        ("rf.haematuria", "cyc", "urine_blood", "positive", 28),
        ("rf.cni_level", "tac", "tac_trough", "20", 28),
        ("rf.renal_cni", "tac", "creatinine", "150", 28),
    ],
)
def test_a_red_flag_lasts_as_long_as_its_value_is_fresh(
    flag: str, drug: str, item: str, value: str, stale: int
) -> None:
    patient = enrolled(0).healthy(0).started(drug, on=1).saw(item, value, on=3)
    assert patient.at(3 + stale).action(flag) is not None
    assert patient.at(4 + stale).action(flag) is None


def test_hypoxaemia_is_a_red_flag_for_14_days_and_holds_rehabilitation_back_for_28() -> None:
    patient = enrolled(0).moved("monitor", on=0).saw("spo2_rest", 88, on=3)
    assert patient.at(17).action("rf.spo2") == "offer P0"
    assert patient.at(18).action("rf.spo2") is None
    assert patient.at(31).action("sup.rehab") == "deferred P4"
    assert patient.at(32).action("sup.rehab") == "offer P4"


def test_rapid_disease_is_a_red_flag_while_it_lasts_and_14_days_from_its_entry() -> None:
    patient = enrolled(0).moved("escalate.rapid", on=3)
    assert patient.at(400).action("rf.rp") == "offer P0"
    left = patient.moved("monitor", on=5)
    assert left.at(17).action("rf.rp") == "offer P0"
    assert left.at(18).action("rf.rp") is None


INFECTION: dict[str, tuple[Change, str | None]] = {
    "no treatment": (lambda p: p, None),
    "an immunosuppressant": (on_drug("mmf"), "offer P1"),
    "another immunosuppressant": (on_drug("other_is"), "offer P1"),
    "a steroid pulse": (on_drug("gc_pulse"), "offer P1"),
    "cyclophosphamide": (on_drug("cyc"), "offer P0"),
    "worse breathing": (lambda p: on_drug("mmf")(p).saw("resp_change", "worse", on=3), "offer P0"),
    "low oxygen": (lambda p: on_drug("mmf")(p).saw("spo2_rest", 88, on=3), "offer P0"),
    "few neutrophils": (lambda p: on_drug("mmf")(p).saw("anc", "0.99", on=3), "offer P0"),
    "enough neutrophils": (lambda p: on_drug("mmf")(p).saw("anc", "1.0", on=3), "offer P1"),
}


@pytest.mark.parametrize("case", INFECTION)
def test_fever_on_treatment_is_a_red_flag_with(case: str) -> None:
    change, expected = INFECTION[case]
    assert change(enrolled(0)).saw("temp", "38.0", on=3).at(3).action("rf.infection") == expected


def test_hepatitis_b_without_antiviral_is_a_red_flag() -> None:
    carrier = enrolled(0).saw("hbsag", "positive", on=1)
    assert carrier.at(3).action("rf.hbv") is None
    for drug in ("rtx", "tofa", "bari"):
        assert carrier.started(drug, on=3).at(3).action("rf.hbv") == "offer P1"
        assert carrier.started(drug, on=3).has("hbv_prophylaxis", on=3).at(3).action("rf.hbv") is None
    assert carrier.started("mmf", on=3).at(3).action("rf.hbv") is None
    contact = enrolled(0).saw("anti_hbc", "positive", on=1)
    assert contact.started("tofa", on=3).at(3).action("rf.hbv") is None
    assert contact.given("rtx", on=3).stopped("rtx", on=4).at(9).action("rf.hbv") == "offer P1"


@pytest.mark.parametrize("drug", ["mmf", "cyc", "tofa", "nintedanib"])
def test_pregnancy_on_a_drug_that_harms_the_child_is_a_red_flag(drug: str) -> None:
    patient = enrolled(0, sex="female").started(drug, on=1).has("pregnancy", on=3)
    assert patient.at(3).action("rf.pregnancy") == "offer P0"
    assert patient.stopped(drug, on=4).at(4).action("rf.pregnancy") is None


def test_pregnancy_on_another_drug_is_no_red_flag() -> None:
    assert enrolled(0).started("tac", on=1).has("pregnancy", on=3).at(3).action("rf.pregnancy") is None


def test_red_flags_rise_while_paused() -> None:
    assert enrolled(0).admin("pause", on=1).has("air_leak", on=3).at(3).action("rf.air_leak") == "offer P0"

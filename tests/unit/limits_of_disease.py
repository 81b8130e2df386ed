"""The limits of parameters that say how the disease goes: progression, severity, risk."""

from decimal import Decimal

from tests.unit.builders import Patient
from tests.unit.limits import (
    Limit,
    action,
    after_rapid,
    clustered,
    fvc_fell,
    held,
    measured,
    on_line_1,
    saturation_fell,
)


def _recurred(patient: Patient, day: int) -> str | None:
    known = on_line_1(patient).has("disease_control", on=100).saw("clinical_course", "progressive", on=day)
    return known.at(day).state


PROGRESSION = [
    Limit("FVC_MAJOR_REL", held("fvc_major", fvc_fell, 60), "2.25", "2.251", (True, False), "9.96"),
    Limit("FVC_MARG_REL", held("fvc_marginal", fvc_fell, 60), "2.375", "2.376", (True, False), "4.96"),
    Limit(
        "FVC_MARG_ABS",  # from 110 %: a fall of 5 points is less than 5 % of it
        held("fvc_marginal", lambda p, v: p.enrolled(0).fvc(pp="110", on=1).fvc(pp=v, on=60), 60),
        "105",
        "105.1",
        (True, False),
        "4.9",
    ),
    Limit(
        "DLCO_ABS",
        held(
            "dlco_decline", lambda p, v: p.enrolled(0).saw("dlco_pp", 60, on=1).saw("dlco_pp", v, on=60), 60
        ),
        "50",
        "50.1",
        (True, False),
        "9.9",
    ),
    Limit(
        "LOOKBACK",  # an older reference serves only for a major fall, and 6 % is none
        lambda p, day: (
            p.enrolled(0).fvc("2.5", on=0).fvc("2.35", on=int(day)).at(int(day)).holds("fvc_marginal")
        ),
        "365",
        "366",
        (True, False),
        "366",
    ),
    Limit(
        "LOOKBACK",
        lambda p, day: (
            p.enrolled(0)
            .saw("dlco_pp", 60, on=0)
            .saw("dlco_pp", 45, on=int(day))
            .at(int(day))
            .holds("dlco_decline")
        ),
        "365",
        "366",
        (True, False),
        "366",
    ),
    Limit(
        "LOOKBACK_LONG",
        lambda p, day: p.enrolled(0).fvc("2.5", on=0).fvc("2.2", on=int(day)).at(int(day)).holds("fvc_major"),
        "730",
        "731",
        (True, False),
        "731",
    ),
    Limit(
        "REF_GAP",
        lambda p, day: p.enrolled(0).fvc("2.5", on=0).fvc("2.2", on=int(day)).at(int(day)).holds("fvc_major"),
        "14",
        "13",
        (True, False),
        "13",
    ),
    Limit(
        "REF_GAP",
        lambda p, day: (
            p.enrolled(0)
            .saw("dlco_pp", 60, on=0)
            .saw("dlco_pp", 45, on=int(day))
            .at(int(day))
            .holds("dlco_decline")
        ),
        "14",
        "13",
        (True, False),
        "13",
    ),
    Limit(
        "CONFIRM_MIN",
        lambda p, day: (
            p.enrolled(0)
            .fvc("2.5", on=0)
            .fvc("2.35", on=100)
            .fvc("2.36", on=int(day))
            .at(int(day))
            .holds("fvc_confirmed")
        ),
        "114",
        "113",
        (True, False),
        "13",
    ),
    Limit(
        "CONFIRM_MAX",
        lambda p, day: (
            p.enrolled(0)
            .fvc("2.5", on=0)
            .fvc("2.35", on=100)
            .fvc("2.36", on=int(day))
            .at(int(day))
            .holds("fvc_confirmed")
        ),
        "300",
        "301",
        (True, False),
        "201",
    ),
    Limit(
        "ER_FVC_DAYS",
        lambda p, day: (
            on_line_1(p)
            .fvc("2.5", on=int(day))
            .moved("escalate.standard", on=50)
            .at(50)
            .holds("line_fvc_missing")
        ),
        "36",
        "35",
        (False, True),
        "15",
    ),
    Limit(
        "ER_FVC_DAYS",  # as a baseline the FVC of that day makes the fall to 2.2 L a major one
        lambda p, day: (
            on_line_1(p)
            .fvc("2.5", on=int(day))
            .moved("escalate.standard", on=50)
            .fvc("2.2", on=80)
            .at(80)
            .holds("fvc_major")
        ),
        "36",
        "35",
        (True, False),
        "15",
    ),
    Limit(
        "FVC_DELTA_PCT",
        lambda p, v: fvc_fell(p, v).at(60).number("quarantined_n"),
        "1.5",
        "1.499",
        (0, 1),
        "40.04",
    ),
    Limit(
        "EARLY_DAYS",
        lambda p, day: _recurred(p, int(day)),
        "364",
        "365",
        ("recurrent.early", "recurrent.late"),
        "365",
    ),
    Limit(
        "CONTROL_DAYS",
        lambda p, day: on_line_1(p).fvc("2.5", on=0).fvc("2.5", on=int(day)).at(200).holds("controlled"),
        "180",
        "179",
        (True, False),
        "179",
    ),
    Limit(
        "ALT_EXPL_DAYS",
        lambda p, day: p.enrolled(0).has("alt_explanation", on=10).at(int(day)).holds("alt_active"),
        "52",
        "53",
        (True, False),
        "43",
    ),
]


SEVERITY = [
    Limit("SEVERE_FVC", held("severe", measured("fvc_pp"), 1), "50", "49.9", (False, True), "49.9"),
    Limit("SEVERE_DLCO", held("severe", measured("dlco_pp"), 1), "35", "34.9", (False, True), "34.9"),
    Limit(
        "SEVERE_SPO2",
        held("severe", lambda p, v: p.enrolled(0).saw("spo2_rest", v, on=1, o2_flow=0), 1),
        "90",
        "90.1",
        (True, False),
        "90.1",
    ),
    Limit(
        "DESAT_ABS",
        lambda p, v: measured("spo2_rest")(p, v).at(1).day("desat_on"),
        "88",
        "88.1",
        (1, None),
        "88.1",
    ),
    Limit(
        "DESAT_ABS",
        lambda p, v: action(measured("spo2_exert")(p, v), "sup.o2", "1"),
        "88",
        "88.1",
        ("offer P2", None),
        "88.1",
    ),
    Limit(
        "DESAT_ABS",
        lambda p, v: action(measured("spo2_rest")(p, v), "sup.o2", "1"),
        "88",
        "88.1",
        ("offer P1", None),
        "88.1",
    ),
    Limit(
        "DESAT_DROP",
        lambda p, v: saturation_fell(96)(p, v).at(30).day("desat_on"),
        "92",
        "92.1",
        (30, None),
        "3.9",
    ),
    Limit(
        "DESAT_DROP_MAX",
        lambda p, v: saturation_fell(99)(p, v).at(30).day("desat_on"),
        "94",
        "94.1",
        (30, None),
        "94.1",
    ),
    Limit(
        "DESAT_LOOKBACK",
        lambda p, day: (
            p.enrolled(0)
            .saw("spo2_rest", 98, on=0, o2_flow=0)
            .saw("spo2_rest", 93, on=int(day), o2_flow=0)
            .at(int(day))
            .day("desat_on")
            is not None
        ),
        "365",
        "366",
        (True, False),
        "366",
    ),
    Limit(
        "O2_RISE",
        lambda p, flow: (
            p.enrolled(0)
            .saw("spo2_rest", 95, on=1, o2_flow=1)
            .saw("spo2_rest", 95, on=30, o2_flow=Decimal(flow))
            .at(30)
            .day("desat_on")
        ),
        "2",
        "1.9",
        (30, None),
        "0.9",
    ),
    Limit(
        "RP_WINDOW", lambda p, day: clustered(p).at(int(day)).number("rp_score"), "100", "101", (2, 0), "91"
    ),
    Limit(
        "RP_ONSET",
        lambda p, days: (
            p.enrolled(0).saw("resp_change", "worse", on=1, onset_days=int(days)).at(1).number("rp_score")
        ),
        "90",
        "91",
        (1, 0),
        "91",
    ),
    Limit(
        "RP_ADD_DAYS",
        lambda p, day: after_rapid(p).at(int(day)).holds("rp_early"),
        "48",
        "49",
        (True, False),
        "29",
    ),
    Limit(
        "RP_WATCH_DAYS",
        lambda p, day: after_rapid(p).at(int(day)).holds("rp_watch"),
        "111",
        "112",
        (True, False),
        "92",
    ),
]


RISK = [
    Limit("LOW_VC", held("low_vc", measured("fvc_pp"), 1), "60", "59.9", (False, True), "59.9"),
    Limit("BAL_NEUT", held("bal_neut", measured("bal_neut_pct"), 1), "3", "3.1", (False, True), "3.1"),
    Limit("CK_ACTIVE", held("myositis_active", measured("ck"), 1), "1000", "999", (True, False), "999"),
    Limit("MIP_WEAK", held("resp_muscle_weak", measured("mip"), 1), "60", "59.9", (False, True), "59.9"),
    Limit("SNIP_WEAK", held("resp_muscle_weak", measured("snip"), 1), "40", "39.9", (False, True), "39.9"),
    Limit(
        "SUPINE_DROP",
        held("resp_muscle_weak", measured("supine_drop_pct"), 1),
        "25",
        "24.9",
        (True, False),
        "24.9",
    ),
    Limit(
        "MIP_CRIT",
        lambda p, v: action(measured("mip")(p, v), "rf.resp_muscle", "1"),
        "30",
        "29.9",
        (None, "offer P0"),
        "29.9",
    ),
]

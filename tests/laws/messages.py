"""Single messages made up at random: clinically shaped, with numbers clustered around the thresholds."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import strategies as st

from tests.laws.world import Message, pathway, vocabulary

T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[Any]], Any]

BIRTHDAYS = ("1960-02-29", "1959-12-01", "1969-02-28", "1970-03-01", "1971-05-05", "1990-08-17")
"""The ages that rules ask for are reached while the patients are watched, one of them on a leap day."""

NUMBERS: dict[str, str] = {
    "fvc_l": "3.00 3.00 2.85 2.851 2.84 2.70 2.71 2.56 2.43 2.40 2.28 2.05 1.81 1.80 1.79 1.60 0.45 4.21",
    "fvc_pp": "80 80 76 75 75.1 74 72 71 68 64 60 59.9 55 50 49.9 45 14",
    "dlco_pp": "62 60 52 51 50 49 40 36 35 34.9 30 9",
    "spo2_rest": "98 97 96 95 94 93 92 91 90 89 88 87 58",
    "spo2_exert": "94 92 89 88 87 49",
    "mmrc": "0 1 3",
    "bal_neut_pct": "2 3 3.1 20",
    "ck": "90 999 1000 5000 9",
    "mip": "80 60 59 30 29",
    "snip": "50 40 39",
    "supine_drop_pct": "10 24.9 25 40",
    "anc": "4.5 4.5 2.0 1.9 1.5 1.4 1.0 0.9 0.5 0.4 51",
    "alc": "1.5 0.5 0.4",
    "hb": "130 90 89",
    "plt": "250 100 99 75 74 50 49 20 19",
    "alt": "25 25 120 121 199 200 201",
    "egfr": "90 90 60 59 35 34 30 29 25 24 15 14",
    "creatinine": "70 70 91 90 105",
    "potassium": "4.2 4.2 5.4 5.5 5.9 6.0",
    "glucose": "5 14.9 15 24.9 25",
    "lipids": "3 0.1",
    "igg": "11 6 5.9 4 3.9",
    "tac_trough": "8 15 15.1 61",
    "csa_trough": "150 300 301",
    "sbp": "120 139 140 179 180",
    "weight": "80 64",
    "temp": "36.8 37.9 38 39.5",
    "dxa_t": "-1 -2.4 -2.5",
}
"""Values of each numeric item in its own unit: ordinary, on both sides of each limit, outside `warn`."""

PANELS = {
    "blood": "anc alc hb plt alt egfr creatinine potassium glucose igg ck",
    "trough": "tac_trough csa_trough creatinine potassium egfr sbp urine_blood lipids",
    "screen": "hbsag anti_hbc igra pregnancy_test anc egfr alt tpmt g6pd igg",
    "serology": "ab_ars ab_mda5 myositis_activity ck bal_neut_pct",
    "muscle": "mip snip supine_drop_pct",
    "vital": "sbp weight temp glucose mmrc dxa_t eye_exam",
}
DRUGS = "gc_oral gc_oral gc_pulse mmf mmf aza cyc cyc rtx rtx tac tac csa tofa bari ivig nintedanib tmp_smx"
OTHERS = "other_is ca_vitd bisphos atovaquone dapsone pentamidine"
LINES = "mmf rtx cyc tac tofa ivig"
CODES = "severe_infection active_infection pregnancy hbv_prophylaxis disease_control alt_explanation"
DECIDED = "tx.mmf tx.cni tx.rtx rev.delay rev.regimen ref.mdt sup.rehab edu.gc rf.spo2 rf.rp"
"""Names drawn more often than the rest."""


def pick(draw: Draw, choices: str | tuple[T, ...] | list[T] | range) -> Any:
    """One of the choices; of a text, one of its words."""
    return draw(st.sampled_from(choices.split() if isinstance(choices, str) else choices))


def numeric(draw: Draw, item: str) -> Message:
    definition = vocabulary().items[item]
    value = Decimal(pick(draw, NUMBERS[item]))
    one: Message = {"item": item, "value": value, "unit": definition.unit}
    if item == "fvc_l" and pick(draw, range(4)) == 0:
        one |= {"value": value * 1000, "unit": "mL"}
    return one


def reading(draw: Draw, item: str) -> Message:
    definition = vocabulary().items[item]
    if definition.kind == "number":
        one = numeric(draw, item)
    else:
        one = {"item": item, "value": pick(draw, definition.codes or (True, False))}
    for attribute in definition.attributes:
        rule = vocabulary().attributes[attribute]
        if attribute == "grade":
            value: Any = pick(draw, (None, None, None, "A", "B", "D", "F"))
        elif rule.codes:
            value = pick(draw, (None, "gli2012", "gli2012", "gli_global"))
        elif attribute == "o2_flow":
            value = pick(draw, (None, 0, 0, 0, 0, 1, 2, Decimal("0.5")))
        else:
            value = pick(draw, (None, 10, 90, 91))
        if value is not None:
            one[attribute] = value
    return one


def observation(items: list[Message], source: str = "lab") -> Message:
    return {"type": "obs", "source": source, "obs": items}


def panel(draw: Draw) -> Message:
    kind = pick(draw, list(PANELS))
    items = draw(st.lists(st.sampled_from(PANELS[kind].split()), min_size=1, max_size=5, unique=True))
    return observation(
        [reading(draw, i) for i in items], pick(draw, ("lab", "lab", "device", "manual", "patient"))
    )


def breath(draw: Draw) -> Message:
    """A lung function test, sometimes of bad grade, sometimes not done."""
    items = draw(
        st.lists(st.sampled_from(("fvc_l", "fvc_pp", "dlco_pp")), min_size=1, max_size=3, unique=True)
    )
    observed = [
        {"item": i, "absent": "too breathless"} if pick(draw, range(8)) == 0 else reading(draw, i)
        for i in sorted(items)
    ]
    message = observation(observed, pick(draw, ("lab", "lab", "device")))
    grade = pick(draw, (None, None, None, None, "B", "E"))
    return message if grade is None else {**message, "grade": grade}


def clinic(draw: Draw) -> Message:
    items = (
        "spo2_rest",
        "resp_change",
        "clinical_course",
        "spo2_exert",
        "hrct_change",
        "hrct_new_ggo",
        "hrct_ggo",
    )
    chosen = draw(st.lists(st.sampled_from(items), min_size=1, max_size=4, unique=True))
    return observation([reading(draw, i) for i in chosen], pick(draw, ("manual", "device", "lab", "patient")))


def worse(draw: Draw) -> Message:
    """What moves a treated patient: a progressive or rapid course, a second sign, a low saturation."""
    return observation(
        pick(
            draw,
            (
                [{"item": "clinical_course", "value": "progressive"}],
                [{"item": "clinical_course", "value": "progressive"}],
                [{"item": "clinical_course", "value": "rapidly_progressive"}],
                [{"item": "fvc_l", "value": Decimal("2.70"), "unit": "L"}],
                [
                    {"item": "fvc_l", "value": Decimal("2.85"), "unit": "L"},
                    {"item": "resp_change", "value": "worse"},
                ],
                [
                    {"item": "resp_change", "value": "worse", "onset_days": 14},
                    {"item": "hrct_new_ggo", "value": True},
                ],
                [{"item": "hrct_change", "value": "progressed"}, {"item": "resp_change", "value": "worse"}],
                [{"item": "spo2_rest", "value": 86, "unit": "%", "o2_flow": 0}],
            ),
        ),
        "manual",
    )


def relapse(draw: Draw) -> Message:
    """Progression by one sign alone."""
    course = [{"item": "clinical_course", "value": "progressive"}]
    return observation(
        pick(draw, (course, [{"item": "fvc_l", "value": Decimal("2.70"), "unit": "L"}])), "manual"
    )


def calm(draw: Draw) -> Message:
    """Data that complete an assessment of a stable patient, or show control later."""
    return observation(
        [
            {"item": "fvc_l", "value": Decimal(pick(draw, ("3.00", "3.00", "2.99"))), "unit": "L"},
            {"item": "fvc_pp", "value": 80, "unit": "%", "eq": "gli2012"},
            {"item": "dlco_pp", "value": 62, "unit": "%", "eq": "gli2012"},
            {"item": "hrct_change", "value": "stable"},
            {"item": "spo2_rest", "value": 96, "unit": "%", "o2_flow": 0},
            {"item": "clinical_course", "value": "stable"},
            {"item": "resp_change", "value": "same"},
        ],
        "manual",
    )


def doubt(draw: Draw) -> Message:
    """Another explanation, which holds transitions back for a time."""
    return {"type": "cond", "code": "alt_explanation", "status": "active"}


def aside(draw: Draw) -> Message:
    """Something no transition reads; it only makes its date one that is evaluated."""
    made: Message = pick(draw, (vax, decision))(draw)
    return made


def med(draw: Draw, *drugs: str) -> Message:
    drug = pick(draw, drugs or (OTHERS if pick(draw, range(8)) == 0 else DRUGS))
    message: Message = {
        "type": "med",
        "drug": drug,
        "op": pick(draw, ("start", "start", "start", "give", "stop")),
    }
    if drug == "gc_oral":
        message["op"] = pick(draw, ("start", "dose", "dose", "stop"))
        if message["op"] == "dose" or pick(draw, range(4)):
            message["dose"] = Decimal(pick(draw, ("60", "20", "19.9", "10", "10.1", "2.5", "2.4", "0")))
    return message


def line(draw: Draw) -> Message:
    return {"type": "med", "drug": pick(draw, LINES), "op": pick(draw, ("start", "give"))}


def cond(draw: Draw) -> Message:
    code = pick(draw, [*CODES.split(), *vocabulary().conditions])
    return {"type": "cond", "code": code, "status": pick(draw, ("active", "active", "active", "resolved"))}


def vax(draw: Draw) -> Message:
    return {"type": "vax", "vaccine": pick(draw, list(vocabulary().vaccines))}


def decision(draw: Draw) -> Message:
    action = pick(draw, [*DECIDED.split(), *DECIDED.split(), *pathway().actions])
    return {
        "type": "decision",
        "action": action,
        "decision": pick(draw, ("accept", "decline")),
        "reason": "discussed",
    }


def override(draw: Draw) -> Message:
    return {"type": "override", "to": pick(draw, list(pathway().definition.states)), "reason": "judged so"}


def admin(draw: Draw) -> Message:
    op = pick(draw, ("pause", "pause", "resume", "close", "reopen"))
    return {"type": "admin", "op": op, "reason": "withdrew_consent"}


def enrol(draw: Draw) -> Message:
    message: Message = {"type": "enrol", "iim_dx": pick(draw, ("PM", "ASyS")), "ild_confirmed": True}
    message |= {"sex": pick(draw, ("female", "female", "male", "other")), "birth_date": pick(draw, BIRTHDAYS)}
    possible = pick(draw, (None, None, True, False))
    return message if possible is None else {**message, "can_become_pregnant": possible}


KINDS: tuple[tuple[Callable[[Draw], Message], int], ...] = (
    (breath, 5),
    (worse, 5),
    (clinic, 4),
    (calm, 3),
    (line, 4),
    (panel, 5),
    (med, 3),
    (cond, 2),
    (decision, 3),
    (vax, 1),
    (override, 1),
    (admin, 2),
    (enrol, 1),
)
MAKERS = [make for make, weight in KINDS for _ in range(weight)]


def amendment(draw: Draw, earlier: list[Message]) -> Message:
    """A retraction, verification or correction of an earlier message; it may name any version of a chain."""
    target = pick(draw, earlier)
    kind = pick(draw, ("retract", "correct", "correct", "verify", "verify"))
    if kind != "correct":
        return {"type": kind, "target": target["id"], "reason": "looked up"}
    root = target
    while root["type"] == "correct":
        root = next(m for m in earlier if m["id"] == root["target"])
    remake = {"obs": pick(draw, (breath, clinic, worse, panel)), "med": med, "cond": cond, "vax": vax}
    remake |= {"decision": decision, "override": override, "admin": admin, "enrol": enrol}
    made = remake[root["type"]](draw) if root["type"] in remake else {"target": root.get("target", "")}
    body = {k: v for k, v in made.items() if k not in ("type", "source", "target")}
    return {"type": "correct", "target": target["id"], "source": target.get("source", "manual"), **body}

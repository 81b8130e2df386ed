"""Patients made up at random: clinically shaped messages, and mutations of the packaged stories.

Dates cluster around the pathway's windows and numbers around its thresholds, where rules differ.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import strategies as st

from tests.laws.world import Case, Message, pathway, sent, stories, vocabulary

T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[Any]], Any]

FIRST_DAY = date(2023, 11, 20)
"""Early enough that two years from here hold a 29 February."""
GAPS = (0, 0, 0, 0, 1, 1, 2, 6, 7, 8, 10, 13, 14, 15, 21, 27, 28, 29, 30, 31, 42, 43, 56, 89, 90, 91, 92)
LONG_GAPS = (91, 92, 168, 169, 179, 180, 181, 182, 183, 199, 200, 201, 211, 273, 363, 364, 365, 366, 400, 730, 731)
LATENESS = (0, 0, 0, 0, 0, 0, 0, -1, 1, 3, 13, 14, 15, 30, 90, 200)
SHIFTS = (-91, -90, -29, -28, -15, -14, -2, -1, -1, 1, 1, 2, 14, 15, 28, 29, 90, 91, 180, 365)
BIRTHDAYS = ("1960-02-29", "1959-12-01", "1969-02-28", "1970-03-01", "1971-05-05", "1990-08-17")

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
"""Values of each numeric item, in its own unit: ordinary ones, both sides of each limit, one outside `warn`."""

PANELS: dict[str, tuple[str, ...]] = {
    "blood": ("anc", "alc", "hb", "plt", "alt", "egfr", "creatinine", "potassium", "glucose", "igg", "ck"),
    "trough": ("tac_trough", "csa_trough", "creatinine", "potassium", "egfr", "sbp", "urine_blood", "lipids"),
    "screen": ("hbsag", "anti_hbc", "igra", "pregnancy_test", "anc", "egfr", "alt", "tpmt", "g6pd", "igg"),
    "serology": ("ab_ars", "ab_mda5", "myositis_activity", "ck", "bal_neut_pct"),
    "muscle": ("mip", "snip", "supine_drop_pct"),
    "vital": ("sbp", "weight", "temp", "glucose", "mmrc", "dxa_t", "eye_exam"),
}
DRUGS = "gc_oral gc_oral gc_pulse mmf mmf aza cyc cyc rtx rtx tac tac csa tofa bari other_is ivig nintedanib tmp_smx"
LINES = ("mmf", "rtx", "cyc", "tac", "tofa", "ivig")
CODES = ("severe_infection", "active_infection", "pregnancy", "hbv_prophylaxis", "disease_control", "air_leak")
DECIDED = ("tx.mmf", "tx.cni", "tx.rtx", "rev.delay", "rev.regimen", "ref.mdt", "sup.rehab", "edu.gc", "rf.spo2", "rf.rp")


def _of(draw: Draw, choices: tuple[T, ...] | list[T] | range) -> Any:
    return draw(st.sampled_from(choices))


def _number(draw: Draw, item: str) -> Message:
    definition = vocabulary().items[item]
    value = Decimal(_of(draw, NUMBERS[item].split()))
    one: Message = {"item": item, "value": value, "unit": definition.unit}
    if item == "fvc_l" and _of(draw, range(4)) == 0:
        one |= {"value": value * 1000, "unit": "mL"}
    return one


def _one(draw: Draw, item: str) -> Message:
    definition = vocabulary().items[item]
    if definition.kind == "number":
        one = _number(draw, item)
    else:
        one = {"item": item, "value": _of(draw, definition.codes or (True, False))}
    for attribute in definition.attributes:
        rule = vocabulary().attributes[attribute]
        if attribute == "grade":
            value: Any = _of(draw, (None, None, None, "A", "B", "D", "F"))
        elif rule.codes:
            value = _of(draw, (None, "gli2012", "gli2012", "gli_global"))
        elif attribute == "o2_flow":
            value = _of(draw, (None, 0, 0, 0, 0, 1, 2, Decimal("0.5")))
        else:
            value = _of(draw, (None, 10, 90, 91))
        if value is not None:
            one[attribute] = value
    return one


def _obs(items: list[Message], source: str = "lab") -> Message:
    return {"type": "obs", "source": source, "obs": items}


def _panel(draw: Draw) -> Message:
    kind = _of(draw, list(PANELS))
    items = draw(st.lists(st.sampled_from(PANELS[kind]), min_size=1, max_size=5, unique=True))
    return _obs([_one(draw, i) for i in items], _of(draw, ("lab", "lab", "device", "manual", "patient")))


def _breath(draw: Draw) -> Message:
    """A lung function test, sometimes of bad grade, sometimes not done."""
    items = draw(st.lists(st.sampled_from(("fvc_l", "fvc_pp", "dlco_pp")), min_size=1, max_size=3, unique=True))
    observed = [
        {"item": i, "absent": "too breathless"} if _of(draw, range(8)) == 0 else _one(draw, i) for i in sorted(items)
    ]
    message = _obs(observed, _of(draw, ("lab", "lab", "device")))
    grade = _of(draw, (None, None, None, None, "B", "E"))
    return message if grade is None else {**message, "grade": grade}


def _clinic(draw: Draw) -> Message:
    items = ("spo2_rest", "resp_change", "clinical_course", "spo2_exert", "hrct_change", "hrct_new_ggo", "hrct_ggo")
    chosen = draw(st.lists(st.sampled_from(items), min_size=1, max_size=4, unique=True))
    return _obs([_one(draw, i) for i in chosen], _of(draw, ("manual", "device", "lab", "patient")))


def _worse(draw: Draw) -> Message:
    """What moves a treated patient: a progressive or rapid course, a second sign, a low saturation."""
    return _obs(
        _of(
            draw,
            (
                [{"item": "clinical_course", "value": "progressive"}],
                [{"item": "clinical_course", "value": "progressive"}],
                [{"item": "clinical_course", "value": "rapidly_progressive"}],
                [{"item": "fvc_l", "value": Decimal("2.70"), "unit": "L"}],
                [{"item": "fvc_l", "value": Decimal("2.85"), "unit": "L"}, {"item": "resp_change", "value": "worse"}],
                [{"item": "resp_change", "value": "worse", "onset_days": 14}, {"item": "hrct_new_ggo", "value": True}],
                [{"item": "hrct_change", "value": "progressed"}, {"item": "resp_change", "value": "worse"}],
                [{"item": "spo2_rest", "value": 86, "unit": "%", "o2_flow": 0}],
            ),
        ),
        "manual",
    )


def _calm(draw: Draw) -> Message:
    """Data that complete an assessment of a stable patient, or show control later."""
    return _obs(
        [
            {"item": "fvc_l", "value": Decimal(_of(draw, ("3.00", "3.00", "2.99"))), "unit": "L"},
            {"item": "fvc_pp", "value": 80, "unit": "%", "eq": "gli2012"},
            {"item": "dlco_pp", "value": 62, "unit": "%", "eq": "gli2012"},
            {"item": "hrct_change", "value": "stable"},
            {"item": "spo2_rest", "value": 96, "unit": "%", "o2_flow": 0},
            {"item": "clinical_course", "value": "stable"},
            {"item": "resp_change", "value": "same"},
        ],
        "manual",
    )


def _med(draw: Draw, *drugs: str) -> Message:
    drug = _of(draw, drugs or DRUGS.split())
    message: Message = {"type": "med", "drug": drug, "op": _of(draw, ("start", "start", "start", "give", "stop"))}
    if drug == "gc_oral":
        message["op"] = _of(draw, ("start", "dose", "dose", "stop"))
        if message["op"] == "dose" or _of(draw, range(4)):
            message["dose"] = Decimal(_of(draw, ("60", "20", "19.9", "10", "10.1", "2.5", "2.4", "0")))
    return message


def _line(draw: Draw) -> Message:
    return {"type": "med", "drug": _of(draw, LINES), "op": _of(draw, ("start", "give"))}


def _cond(draw: Draw) -> Message:
    code = _of(draw, [*CODES, "alt_explanation", "alt_explanation", *vocabulary().conditions])
    return {"type": "cond", "code": code, "status": _of(draw, ("active", "active", "active", "resolved"))}


def _vax(draw: Draw) -> Message:
    return {"type": "vax", "vaccine": _of(draw, list(vocabulary().vaccines))}


def _decision(draw: Draw) -> Message:
    action = _of(draw, [*DECIDED, *DECIDED, *pathway().actions])
    return {"type": "decision", "action": action, "decision": _of(draw, ("accept", "decline")), "reason": "discussed"}


def _override(draw: Draw) -> Message:
    return {"type": "override", "to": _of(draw, list(pathway().definition.states)), "reason": "judged so"}


def _admin(draw: Draw) -> Message:
    op = _of(draw, ("pause", "pause", "resume", "close", "reopen"))
    return {"type": "admin", "op": op, "reason": "withdrew_consent"}


def _enrol(draw: Draw) -> Message:
    message: Message = {"type": "enrol", "iim_dx": _of(draw, ("PM", "ASyS")), "ild_confirmed": True}
    message |= {"sex": _of(draw, ("female", "female", "male", "other")), "birth_date": _of(draw, BIRTHDAYS)}
    possible = _of(draw, (None, None, True, False))
    return message if possible is None else {**message, "can_become_pregnant": possible}


KINDS: tuple[tuple[Callable[[Draw], Message], int], ...] = (
    (_breath, 5),
    (_worse, 5),
    (_clinic, 4),
    (_calm, 3),
    (_line, 4),
    (_panel, 5),
    (_med, 3),
    (_cond, 2),
    (_decision, 3),
    (_vax, 1),
    (_override, 1),
    (_admin, 2),
)
MAKERS = [make for make, weight in KINDS for _ in range(weight)]


def _amendment(draw: Draw, earlier: list[Message]) -> Message:
    """A retraction, verification or correction of an earlier message; it may name any version of a chain."""
    target = _of(draw, earlier)
    kind = _of(draw, ("retract", "correct", "correct", "verify", "verify"))
    if kind != "correct":
        return {"type": kind, "target": target["id"], "reason": "looked up"}
    root = target
    while root["type"] == "correct":
        root = next(m for m in earlier if m["id"] == root["target"])
    remake = {"obs": _of(draw, (_breath, _clinic, _worse, _panel)), "med": _med, "cond": _cond, "vax": _vax}
    remake |= {"decision": _decision, "override": _override, "admin": _admin, "enrol": _enrol}
    made = remake[root["type"]](draw) if root["type"] in remake else {"target": root.get("target", "")}
    body = {k: v for k, v in made.items() if k not in ("type", "source", "target")}
    return {"type": "correct", "target": target["id"], "source": target.get("source", "manual"), **body}


def _dated(draw: Draw, message: Message, number: int, effective: date) -> Message:
    received = effective + timedelta(days=_of(draw, LATENESS))
    return {"id": f"m{number:02}", "recorded": received, "effective": effective, **message}


def _received(messages: list[Message]) -> tuple[Message, ...]:
    """In order of receipt, an amendment never before its target."""
    placed: dict[str, date] = {}
    for message in messages:
        received = message["recorded"]
        if "target" in message:
            received = max(received, placed.get(message["target"], received))
        placed[message["id"]] = received
    ordered = sorted(messages, key=lambda m: placed[m["id"]])
    return tuple({**m, "recorded": placed[m["id"]]} for m in ordered)


@st.composite
def invented(draw: Draw, shortest: int = 3, longest: int = 22) -> Case:
    """A patient without a model: enrolment somewhere, then anything, near the windows of the pathway."""
    day = FIRST_DAY + timedelta(days=_of(draw, range(40)))
    messages: list[Message] = []
    enrolled_at = _of(draw, (0, 0, 0, 0, 1, 2))
    opening = _of(draw, (_calm, _calm, _worse, _breath, _panel))
    for number in range(draw(st.integers(shortest, longest))):
        if number == enrolled_at:
            made = _enrol(draw)
        elif number < 2:
            made = opening(draw)
        elif messages and _of(draw, range(9)) == 0:
            made = _amendment(draw, messages)
        else:
            made = _line(draw) if number == 2 and _of(draw, range(3)) else _of(draw, MAKERS)(draw)
        messages.append(_dated(draw, made, number, day))
        day += timedelta(days=_of(draw, LONG_GAPS if _of(draw, range(6)) == 0 else GAPS))
    return Case(_of(draw, ("v1", "v1", "v1", "v2")), _received(messages))


def _nudged(draw: Draw, message: Message) -> Message:
    """The message with one of its values moved by the smallest step, or to another code."""
    if message["type"] == "med" and "dose" in message:
        return {**message, "dose": max(Decimal(0), Decimal(str(message["dose"])) + _of(draw, (-1, 1)))}
    if message["type"] != "obs":
        return message
    observed = [dict(one) for one in message["obs"]]
    one = _of(draw, observed)
    item = vocabulary().items[one["item"]]
    if item.kind == "number" and "value" in one:
        value = Decimal(str(one["value"]))
        step = Decimal(1).scaleb(min(int(value.as_tuple().exponent), 0))
        one["value"] = _of(draw, (value + step, value - step, value * Decimal("0.9"), value * Decimal("0.95")))
    elif "value" in one:
        one["value"] = _of(draw, item.codes or (True, False))
    return {**message, "obs": observed}


def _mutated(draw: Draw, messages: list[Message], number: int) -> list[Message]:
    at = _of(draw, range(len(messages)))
    message = messages[at]
    received, effective = message["recorded"], date.fromisoformat(str(message["effective"]))
    match _of(draw, ("drop", "move", "move tail", "nudge", "nudge", "delay", "again", "insert", "insert")):
        case "drop":
            return messages[:at] + messages[at + 1 :] if len(messages) > 3 else messages
        case "move":
            effective += timedelta(days=_of(draw, SHIFTS))
            received = max(received, effective - timedelta(days=1))
            return [*messages[:at], {**message, "effective": effective, "recorded": received}, *messages[at + 1 :]]
        case "move tail":
            by = timedelta(days=_of(draw, SHIFTS))
            tail = [
                {**m, "effective": date.fromisoformat(str(m["effective"])) + by, "recorded": m["recorded"] + by}
                for m in messages[at:]
            ]
            return messages[:at] + tail
        case "nudge":
            return [*messages[:at], _nudged(draw, message), *messages[at + 1 :]]
        case "delay":
            return [
                *messages[:at],
                {**message, "recorded": received + timedelta(days=_of(draw, (1, 30, 200)))},
                *messages[at + 1 :],
            ]
        case "again":
            copy = {**_nudged(draw, message), "id": f"x{number}", "source": _of(draw, ("lab", "device", "manual"))}
            return messages if message["type"] == "enrol" else [*messages, copy]
        case _:
            made = _amendment(draw, messages[: at + 1]) if _of(draw, range(3)) == 0 else _of(draw, MAKERS)(draw)
            return [*messages, {**_dated(draw, made, number, effective), "id": f"x{number}"}]


@st.composite
def mutants(draw: Draw) -> Case:
    """A packaged story with some messages dropped, moved, delayed, repeated, or changed by one step."""
    name = _of(draw, list(stories()))
    messages = sent(stories()[name])
    for number in range(draw(st.integers(0, 5))):
        messages = _mutated(draw, messages, number)
    return Case(name if stories()[name].params else "v1", _received(messages))


def cases() -> st.SearchStrategy[Case]:
    """Patients of both makes, invented and mutated."""
    return st.one_of(invented(), mutants())

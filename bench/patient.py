"""One believable PM-ILD patient as messages, of any length: work-up, treatment, visits, one escalation."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

START = date(2023, 1, 9)


def messages(visits: int = 29, every: int = 46) -> Iterator[dict[str, Any]]:
    """Yield the messages of one patient with so many visits, so many days apart, as stories write them."""
    yield _message(0, "enrol", iim_dx="ASyS", ild_confirmed=True, sex="female", birth_date="1970-05-04")
    yield _lung(3, "2.80", 74, 60)
    yield _obs(4, {"item": "hrct_change", "value": "baseline"}, {"item": "hrct_ggo", "value": "limited"})
    yield _clinic(5, 96, "same", clinical_course="stable")
    yield _obs(6, {"item": "ab_ars", "value": "positive"}, {"item": "ab_mda5", "value": "negative"})
    yield _screen(6)
    yield _message(14, "med", drug="gc_oral", op="start", dose=50)
    yield _message(14, "med", drug="mmf", op="start")
    yield _message(14, "med", drug="tmp_smx", op="start")
    yield _message(20, "vax", vaccine="flu")
    litres = [
        Decimal(n) for n in ("2.82", "2.85", "2.80", "2.78", "2.45", "2.50", "2.55", "2.56", "2.58", "2.60")
    ]
    for visit in range(visits):
        day = 42 + every * visit
        if visit % 3 == 0:
            value = litres[min(visit // 3, len(litres) - 1)]
            yield _lung(day, str(value), int(value * 27), 58)
        yield _clinic(day, 95 if visit != 12 else 94, "worse" if visit == 12 else "same")
        yield _safety(day)
        if visit == 13:
            yield _message(day + 1, "med", drug="tac", op="start")
        if visit % 2 == 1:
            yield _message(day, "med", drug="gc_oral", op="dose", dose=max(5, 40 - 4 * visit))
        if visit % 8 == 4:
            yield _message(day + 2, "decision", action="edu.gc", decision="accept")
        if visit % 7 == 6:
            yield _obs(day + 3, {"item": "spo2_exert", "value": 92, "unit": "%"})


def _message(day: int, kind: str, **body: Any) -> dict[str, Any]:
    on = START + timedelta(days=day)
    return {"type": kind, "effective": str(on), "recorded": str(on), **body}


def _obs(day: int, *obs: dict[str, Any]) -> dict[str, Any]:
    return _message(day, "obs", source="lab", obs=list(obs))


def _lung(day: int, litres: str, predicted: int, dlco: int) -> dict[str, Any]:
    return _obs(
        day,
        {"item": "fvc_l", "value": Decimal(litres), "unit": "L"},
        {"item": "fvc_pp", "value": predicted, "unit": "%", "eq": "gli2012"},
        {"item": "dlco_pp", "value": dlco, "unit": "%", "eq": "gli2012"},
    )


def _clinic(day: int, saturation: int, change: str, **more: str) -> dict[str, Any]:
    codes = [{"item": k, "value": v} for k, v in more.items()]
    return _obs(
        day,
        {"item": "spo2_rest", "value": saturation, "unit": "%", "o2_flow": 0},
        {"item": "resp_change", "value": change},
        {"item": "sbp", "value": 126, "unit": "mm[Hg]"},
        {"item": "weight", "value": 70, "unit": "kg"},
        *codes,
    )


def _safety(day: int) -> dict[str, Any]:
    values = {
        "anc": (4, "10*9/L"),
        "alt": (28, "U/L"),
        "egfr": (85, "mL/min/{1.73_m2}"),
        "potassium": (4, "mmol/L"),
    }
    return _obs(day, *({"item": i, "value": v, "unit": u} for i, (v, u) in values.items()))


def _screen(day: int) -> dict[str, Any]:
    codes = [{"item": i, "value": "negative"} for i in ("hbsag", "anti_hbc", "igra", "pregnancy_test")]
    return {**_safety(day), "obs": [*_safety(day)["obs"], *codes]}

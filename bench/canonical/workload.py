"""The canonical workload: its pathway, its facts, and a seeded life of any length as messages.

The same shape as the shared baseline: a work-up, a treatment start, lung function at regular distances
with stable, slow and fast decliners, and recurrences. All of whole numbers, so it is the same everywhere.
"""

import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from engine.core.facts import Fact, catalogue, fact
from engine.core.moment import Moment
from engine.core.pathway import Pathway, compile_pathway
from engine.core.readings import Reading
from pathways.library import Library
from pathways.reader import load_definition

ITEM = "fvc_pp"
HUNDRED = Decimal(100)
EPOCH = date(2018, 1, 1)
PARAMETERS = ("LOOKBACK", "FALL", "BIG_FALL")


def _value(reading: Reading) -> Decimal:
    assert isinstance(reading.value, Decimal)
    return reading.value


def _fell(at: Moment, reading: Reading, limit: str) -> bool:
    """Whether a value lies so many percent below the best of the look-back, itself included."""
    oldest = reading.day - timedelta(days=at.days("LOOKBACK"))
    best = max(_value(r) for r in at.between(ITEM, oldest, reading.day))
    return (best - _value(reading)) * HUNDRED >= at.number(limit) * best


def _newest_fell(at: Moment, limit: str) -> Fact:
    newest = at.last(ITEM)
    if newest is None:
        return Fact(False, missing=(ITEM,))
    return Fact(_fell(at, newest, limit), (newest.event_id,))


@fact("fell", "boolean", "lung function fell", items=(ITEM,), parameters=PARAMETERS)
def fell(at: Moment) -> Fact:
    """Whether the newest value fell."""
    return _newest_fell(at, "FALL")


@fact("fell_far", "boolean", "lung function fell far", items=(ITEM,), parameters=PARAMETERS)
def fell_far(at: Moment) -> Fact:
    """Whether the newest value fell far."""
    return _newest_fell(at, "BIG_FALL")


@fact("fell_twice", "boolean", "two falls running", items=(ITEM,), parameters=PARAMETERS)
def fell_twice(at: Moment) -> Fact:
    """Whether the two newest values both fell, each against the best before it."""
    two = [reading for _, reading in zip(range(2), at.newest_first(ITEM), strict=False)]
    return Fact(len(two) == 2 and all(_fell(at, reading, "FALL") for reading in two))


def load() -> Pathway:
    """Return the pathway of the workload, on the packaged vocabulary."""
    file = Path(__file__).with_name("v1.yaml")
    definition = load_definition(file.read_text("utf-8"), file.name)
    return compile_pathway(definition, catalogue((sys.modules[__name__],), "1"), Library().vocabulary())


class Happening(NamedTuple):
    """One dated event of the workload; `percent` only for a test."""

    day: date
    kind: str
    percent: Decimal | None = None


def enrolment(day: date) -> dict[str, Any]:
    """Return the message that enrols a patient."""
    return {"id": "enrol", "type": "enrol", "effective": day, "pathway": "canonical", "site": "bench"}


def message(number: int, happening: Happening) -> dict[str, Any]:
    """Return a happening as the message that tells of it."""
    day, kind, percent = happening
    sent: dict[str, Any] = {"id": f"c{number}", "effective": day, "source": "lab"}
    if kind == "treatment_start":
        return {**sent, "type": "med", "drug": "mmf", "op": "start"}
    observed = {
        "pft": {"item": ITEM, "value": percent, "unit": "%"},
        "hrct": {"item": "hrct_ggo", "value": "limited"},
        "antibody": {"item": "ab_ars", "value": "negative"},
        "recurrence": {"item": "clinical_course", "value": "progressive"},
    }[kind]
    return {**sent, "type": "obs", "obs": [observed]}


def life(number: int, size: int) -> Iterator[Happening]:
    """Yield a patient's life of so many happenings, one a day at most; the same for the same arguments."""
    chance = random.Random(f"canonical:{number}")
    every = 90 if size <= 24 else 30 if size <= 240 else 7
    day = EPOCH + timedelta(days=chance.randrange(1500))
    tenths = base = chance.randrange(600, 1050)
    slope = chance.choice((-2, -2, -2, -2, -2, -18, -18, -18, -40, -40))
    yield Happening(day, "pft", Decimal(tenths).scaleb(-1))
    for kind, wait in (("hrct", 14), ("antibody", 10), ("treatment_start", 15)):
        day += timedelta(days=5 + chance.randrange(wait))
        yield Happening(day, kind)
    for place in range(4, size):
        day += timedelta(days=every - every // 9 + chance.randrange(every * 2 // 9 + 1))
        tenths += slope * every // 90 + chance.randrange(-15, 16)
        if not 350 <= tenths <= 1150:
            tenths = max(base - chance.randrange(50), 400)
        if size > 24 and place % 40 == 38:
            yield Happening(day, "recurrence")
        elif size > 24 and place % 40 == 39:
            yield Happening(day, "treatment_start")
        else:
            yield Happening(day, "pft", Decimal(tenths).scaleb(-1))

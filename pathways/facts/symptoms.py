"""Symptoms, signs and pregnancy (spec §5)."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from engine.core.asof import Age
from engine.core.facts import Fact, fact
from engine.core.moment import Moment
from engine.core.readings import Reading
from pathways.facts.anchor import after_anchor
from pathways.facts.lung_function import YEAR, number

FEVER = 38
"""Body temperature in °C from which it is a fever (spec §5, fever_on)."""
FERTILE_UNTIL = Decimal(55)
"""Age in years from which pregnancy is taken as impossible when not recorded (spec §5)."""


def worse_since_better(at: Moment, days: int) -> Iterator[Reading]:
    """Yield every `worse` of the last `days` days with no later `better`, newest first."""
    for reading in at.newest_first("resp_change"):
        if reading.value == "better":
            return
        if reading.value == "worse" or reading.day < at.day - timedelta(days=days):
            if not at.within(reading.day, days):
                return
            yield reading


@fact("resp_worse", "boolean", "breathing got worse and has not got better since", items=("resp_change",))
def resp_worse(at: Moment) -> Fact:
    """Whether a `worse` of the last year, after the anchor, has no later `better`."""
    newest = next(worse_since_better(at, YEAR), None)
    if newest is not None and after_anchor(at, newest.day):
        return Fact(True, (newest.event_id,), note=f"worse on {newest.day}")
    return Fact(False, missing=() if at.last("resp_change") else ("resp_change",))


@fact("fever_on", "date", "newest fever", items=("temp",), cite=("eng",))
def fever_on(at: Moment) -> Fact:
    """Return the newest date with a temperature of at least 38.0 °C."""
    for reading in at.newest_first("temp"):
        if number(reading) >= FEVER:
            return Fact(reading.day, (reading.event_id,))
    return Fact(None)


@fact(
    "myositis_active",
    "boolean",
    "active myositis, by the newer of judgement and creatine kinase",
    items=("myositis_activity", "ck"),
    parameters=("CK_ACTIVE",),
    cite=("eng",),
)
def myositis_active(at: Moment) -> Fact:
    """Whether the newer of the two says active; on the same date either is enough. Never stale."""
    judged, ck = at.last("myositis_activity"), at.last("ck")
    readings = [r for r in (judged, ck) if r is not None]
    if not readings:
        return Fact(False, missing=("myositis_activity",))
    newest = max(r.day for r in readings)
    says = {
        r.event_id: r.value == "active" if r is judged else number(r) >= at.number("CK_ACTIVE")
        for r in readings
        if r.day == newest
    }
    sources = tuple(e for e, active in says.items() if active) or tuple(says)
    told = tuple(r for r in readings if r.day == newest and r.event_id in sources)
    return Fact(any(says.values()), sources, note=told)


def pregnancy_evidence(at: Moment) -> list[tuple[date, bool, str]]:
    """Return, per date with evidence, whether any of it says pregnant, and the event; oldest first."""
    found: dict[date, tuple[bool, str]] = {}
    for status in at.statuses("pregnancy"):
        found[status.day] = (status.active, status.event_id)
    for reading in at.readings("pregnancy_test"):
        positive = reading.value == "positive"
        if positive or not found.get(reading.day, (False, ""))[0]:
            found[reading.day] = (positive, reading.event_id)
    return [(day, *found[day]) for day in sorted(found)]


@fact(
    "pregnant",
    "boolean",
    "pregnant by the newest evidence",
    items=("pregnancy_test",),
    conditions=("pregnancy",),
)
def pregnant(at: Moment) -> Fact:
    """Whether the newest of pregnancy test and recorded pregnancy says pregnant; same date: either."""
    evidence = at.shared(pregnancy_evidence)
    if not evidence:
        return Fact(False)
    day, positive, event_id = evidence[-1]
    return Fact(positive, (event_id,), note=f"of {day}")


@fact(
    "preg_on",
    "date",
    "when the current pregnancy became known",
    items=("pregnancy_test",),
    conditions=("pregnancy",),
)
def preg_on(at: Moment) -> Fact:
    """Return the first date of the current run of positive evidence; None when not pregnant."""
    known = Fact(None)
    for day, positive, event_id in reversed(at.shared(pregnancy_evidence)):
        if not positive:
            break
        known = Fact(day, (event_id,))
    return known


@fact("age", "days", "age in completed years")
def age(at: Moment) -> Fact:
    """Return the age, which moves on at each birthday."""
    born = at.enrolment_field("birth_date")
    return (
        Fact(Age(born), (at.enrolment.event_id,))
        if isinstance(born, date)
        else Fact(None, missing=("birth_date",))
    )


@fact("can_become_pregnant", "boolean", "pregnancy possible, or not known to be impossible")
def can_become_pregnant(at: Moment) -> Fact:
    """Return what was recorded at enrolment; else no for men and from 55 on, and yes while unknown."""
    recorded, source = at.enrolment_field("can_become_pregnant"), (at.enrolment.event_id,)
    if isinstance(recorded, bool):
        return Fact(recorded, source)
    if at.enrolment_field("sex") == "male":
        return Fact(False, source)
    born = at.enrolment_field("birth_date")
    if isinstance(born, date) and at.reached(Age(born).reaches(FERTILE_UNTIL)):
        return Fact(False, source)
    return Fact(True, source, ("can_become_pregnant",))

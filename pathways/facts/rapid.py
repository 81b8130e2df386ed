"""Hypoxaemia and rapidly progressive disease (spec §5: desat, rp_score, rp_on)."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from engine.core.facts import Fact, fact
from engine.core.moment import Moment
from engine.core.readings import Reading
from pathways.facts.anchor import after_anchor
from pathways.facts.lung_function import FVC_ITEMS, compared, fvc_floor, fvc_tests, newest_fvc, number
from pathways.facts.symptoms import worse_since_better

FLOW = "o2_flow"
NEAR = 90
"""Days before a saturation in which it is compared (spec §5)."""
RP_FALL = Decimal(10)
"""Relative FVC fall in percent that is a feature of rapid progression (spec §5, feature 4)."""
RP_FVC_FROM, RP_FVC_TO = 90, 7
"""Days before the newest FVC in which its reference for feature 4 lies (spec §5)."""
RAPID_ECHO = 14
"""Days after an entry into escalate.rapid in which it still dates the red flag (spec §5, rp_on)."""

DESAT_PARAMETERS = ("DESAT_ABS", "DESAT_DROP", "DESAT_DROP_MAX", "DESAT_LOOKBACK", "O2_RISE")
RP_ITEMS = ("spo2_rest", "resp_change", "hrct_change", "hrct_new_ggo", *FVC_ITEMS)
RP_PARAMETERS = ("RP_WINDOW", "RP_ONSET", "ER_FVC_DAYS", *DESAT_PARAMETERS)


def _before(at: Moment, reading: Reading) -> list[Reading]:
    """Return the usable saturations with known oxygen flow that a saturation is compared with."""
    day_before = reading.day - timedelta(days=1)

    def known(days: int) -> list[Reading]:
        found = at.between("spo2_rest", reading.day - timedelta(days=days), day_before)
        return [r for r in found if r.number(FLOW) is not None]

    return known(NEAR) or known(at.days("DESAT_LOOKBACK"))[-1:]


def desaturation(at: Moment, reading: Reading) -> tuple[Reading, ...] | None:
    """Return the values behind a desaturation, or None when the saturation is not one.

    A missing oxygen flow is unknown, not room air: only the absolute limit applies then.
    """
    value, flow = number(reading), reading.number(FLOW)
    if value <= at.number("DESAT_ABS"):
        return (reading,)
    if flow is None:
        return None
    before = _before(at, reading)
    room_air = [r for r in before if r.number(FLOW) == 0]
    if flow == 0 and room_air and value <= at.number("DESAT_DROP_MAX"):
        best = max(room_air, key=number)
        if number(best) - value >= at.number("DESAT_DROP"):
            return (best, reading)
    flows = [(f, r) for r in before if (f := r.number(FLOW)) is not None]
    if flows:
        lowest, other = min(flows, key=lambda pair: pair[0])
        if flow - lowest >= at.number("O2_RISE"):
            return (other, reading)
    return None


@fact(
    "desat_on",
    "date",
    "desaturation at the newest measurement",
    items=("spo2_rest",),
    parameters=DESAT_PARAMETERS,
    cite=("ats_o2_2020", "eng"),
)
def desat_on(at: Moment) -> Fact:
    """Return the newest date with a resting saturation, if any value of it, usable or not, is one."""
    slots = at.slots("spo2_rest")
    for reading in slots[-1].readings if slots else ():
        values = desaturation(at, reading)
        if values is not None:
            return Fact(reading.day, _events(values), note=values)
    return Fact(None)


def _events(values: tuple[Reading, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(r.event_id for r in values))


class Feature(NamedTuple):
    """A true feature of rapid progression, and the values that show it."""

    name: str
    day: date
    values: tuple[Reading, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Events the values came from."""
        return _events(self.values)

    def told(self, name: Callable[[str | Reading], str]) -> str:
        """Return what an explanation says: the feature, and the values with their dates."""
        return f"{self.name}: {', then '.join(map(name, self.values))}"


def rp_features(at: Moment) -> list[Feature]:
    """Return the true features of rapid progression, each from an observation after the anchor and recent."""
    window = at.days("RP_WINDOW")

    def counts(day: date) -> bool:
        return after_anchor(at, day) and at.within(day, window)

    found = []
    saturation = at.last("spo2_rest")
    if saturation is not None and counts(saturation.day):
        values = desaturation(at, saturation)
        if values is not None:
            found.append(Feature("desaturation", saturation.day, values))
    for worse in worse_since_better(at, window):
        onset = worse.number("onset_days")
        if onset is not None and onset <= at.number("RP_ONSET") and after_anchor(at, worse.day):
            found.append(Feature("rapid worsening", worse.day, (worse,)))
            break
    images = [
        reading
        for item, finding in (("hrct_change", "progressed"), ("hrct_new_ggo", True))
        if (reading := at.last(item)) is not None and reading.value == finding and counts(reading.day)
    ]
    if images:
        newest = max(images, key=lambda r: r.day)
        found.append(Feature("imaging", newest.day, tuple(images)))
    test = at.shared(newest_fvc)
    if test is not None and counts(test.day):
        oldest = max(test.day - timedelta(days=RP_FVC_FROM), at.shared(fvc_floor) or date.min)
        latest = test.day - timedelta(days=RP_FVC_TO)
        fall = compared(test, fvc_tests(at, oldest, latest))
        if fall is not None and fall.at_least(RP_FALL):
            found.append(Feature("fall of FVC", test.day, (fall.reference, fall.current)))
    return found


@fact(
    "rp_score",
    "number",
    "features of rapid progression",
    items=RP_ITEMS,
    parameters=RP_PARAMETERS,
    cite=("eng",),
)
def rp_score(at: Moment) -> Fact:
    """Return the number of true features, 0 to 4."""
    features = at.shared(rp_features)
    sources = tuple(dict.fromkeys(s for f in features for s in f.sources))
    return Fact(Decimal(len(features)), sources, note=tuple(features))


@fact(
    "rp_on",
    "date",
    "newest evidence for rapid progression",
    items=(*RP_ITEMS, "clinical_course"),
    parameters=RP_PARAMETERS,
    facts=("rp_confirmed",),
    cite=("eng",),
)
def rp_on(at: Moment) -> Fact:
    """Return the newest of: true features if two or more, the course if confirmed, the entry into rapid."""
    dates: list[tuple[date, tuple[str, ...]]] = []
    features = at.shared(rp_features)
    if len(features) >= 2:
        newest = max(features, key=lambda f: f.day)
        dates.append((newest.day, newest.sources))
    course = at.last("clinical_course")
    if at.holds("rp_confirmed") and course is not None:
        dates.append((course.day, (course.event_id,)))
    entered = at.entered("escalate.rapid")
    if entered is not None and (at.in_state("escalate.rapid") or at.within(entered, RAPID_ECHO)):
        dates.append((entered, ()))
    if not dates:
        return Fact(None)
    return Fact(*max(dates, key=lambda pair: pair[0]))

"""Decline of lung function against a reference that moves with time and treatment (spec §5)."""

from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from engine.core.facts import Fact, fact
from engine.core.moment import Moment
from engine.core.readings import Reading
from engine.core.values import plain
from pathways.facts.anchor import after_anchor, floor

HUNDRED = Decimal(100)
ONE_DAY = timedelta(days=1)
YEAR = 365
"""A test counts for this many days (spec §5: "if it is ≤ 365 days old")."""

NO_REFERENCE = ("an FVC with a reference to compare with",)

FVC_ITEMS = ("fvc_l", "fvc_pp")
FVC_PARAMETERS = (
    "LOOKBACK",
    "LOOKBACK_LONG",
    "REF_GAP",
    "ER_FVC_DAYS",
    "FVC_MAJOR_REL",
    "FVC_MARG_REL",
    "FVC_MARG_ABS",
)


class Fvc(NamedTuple):
    """A forced vital capacity: one date with litres, percent predicted, or both."""

    day: date
    litres: Reading | None
    predicted: Reading | None

    @property
    def sources(self) -> tuple[str, ...]:
        """Events the values came from."""
        return tuple(dict.fromkeys(r.event_id for r in (self.litres, self.predicted) if r is not None))


class Fall(NamedTuple):
    """A test against its reference: two values of the same kind, exact."""

    reference: Reading
    current: Reading

    def at_least(self, percent: Decimal) -> bool:
        """Whether the relative fall is at least so many percent, compared exactly (cross-multiplied)."""
        reference = number(self.reference)
        return (reference - number(self.current)) * HUNDRED >= percent * reference

    @property
    def sources(self) -> tuple[str, ...]:
        """Events of both values."""
        return tuple(dict.fromkeys((self.reference.event_id, self.current.event_id)))

    def __str__(self) -> str:
        reference, current = number(self.reference), number(self.current)
        litres = self.current.item == "fvc_l"
        by = (reference - current) * HUNDRED / reference if litres else reference - current
        change = f"{'down' if by >= 0 else 'up'} {_cut(abs(by))} {'%' if litres else 'points'}"
        return f"{_shown(self.reference)}, then {_shown(self.current)}: {change}"


class Decline(NamedTuple):
    """A judged FVC: its fall, whether that alone is progression, and whether it is a marginal sign."""

    day: date
    fall: Fall
    major: bool
    marginal: bool
    points: Fall | None = None
    """The fall in percentage points, where that alone makes it marginal."""

    @property
    def falls(self) -> tuple[Fall, ...]:
        """What was compared, for the explanation: what decided comes first."""
        return (self.fall,) if self.points is None else (self.points, self.fall)

    @property
    def sources(self) -> tuple[str, ...]:
        """Events of all values compared."""
        return tuple(dict.fromkeys(source for fall in self.falls for source in fall.sources))


def number(reading: Reading) -> Decimal:
    """Return a reading's value, which for these items is always a number."""
    assert isinstance(reading.value, Decimal)
    return reading.value


def _cut(number: Decimal) -> str:
    """Return a number with at most two decimals; cut, not rounded, so that it never reaches a limit."""
    return plain(number.quantize(Decimal("0.01"), ROUND_DOWN))


def _shown(reading: Reading) -> str:
    unit = {"fvc_l": "L"}.get(reading.item, "%")
    return f"{plain(number(reading))} {unit} on {reading.day}"


def fvc_tests(at: Moment, first: date = date.min, last: date = date.max) -> list[Fvc]:
    """Return every usable FVC so far dated from `first` to `last`, both inclusive, oldest first."""
    return [Fvc(day, *readings) for day, readings in at.together(FVC_ITEMS, first, last)]


def newest_fvc(at: Moment) -> Fvc | None:
    """Return the newest usable FVC, or None."""
    days = [r.day for item in FVC_ITEMS if (r := at.last(item)) is not None]
    return fvc_tests(at, max(days), max(days))[0] if days else None


def fvc_floor(at: Moment) -> date | None:
    """Return the date of the oldest FVC that may serve as reference; None for no limit."""
    return floor(at, at.chart.together(FVC_ITEMS).days)


def _same_equation(one: Reading, other: Reading) -> bool:
    """No equation on either side counts as the same; values of different equations are never compared."""
    return one.attributes.get("eq") == other.attributes.get("eq")


def compared(test: Fvc, candidates: list[Fvc]) -> Fall | None:
    """Return a test against the highest litres if both sides have litres, else same-equation percent."""
    litres = [c.litres for c in candidates if c.litres is not None]
    if test.litres is not None and litres:
        return Fall(max(litres, key=number), test.litres)
    predicted = comparable(test, candidates)
    if test.predicted is not None and predicted:
        return Fall(max(predicted, key=number), test.predicted)
    return None


def comparable(test: Fvc, candidates: list[Fvc]) -> list[Reading]:
    """Return the candidates' percent predicted made with the test's equation."""
    if test.predicted is None:
        return []
    mine = test.predicted
    return [c.predicted for c in candidates if c.predicted is not None and _same_equation(c.predicted, mine)]


def decline(at: Moment, test: Fvc) -> Decline | None:
    """Return a test judged against its reference; None when it is not after the anchor or has none."""
    if not after_anchor(at, test.day):
        return None
    lowest = at.shared(fvc_floor) or date.min
    lookback = timedelta(days=at.days("LOOKBACK"))
    oldest, newest = max(test.day - lookback, lowest), test.day - timedelta(days=at.days("REF_GAP"))
    candidates = fvc_tests(at, oldest, newest)
    if not candidates:
        long_ago = test.day - timedelta(days=at.days("LOOKBACK_LONG"))
        older = fvc_tests(at, max(long_ago, lowest), test.day - lookback - ONE_DAY)
        fall = compared(test, older[-1:])
        return (
            None
            if fall is None
            else Decline(test.day, fall, fall.at_least(at.number("FVC_MAJOR_REL")), False)
        )
    fall = compared(test, candidates)
    if fall is None:
        return None
    major = fall.at_least(at.number("FVC_MAJOR_REL"))
    if major or fall.at_least(at.number("FVC_MARG_REL")):
        return Decline(test.day, fall, major, not major)
    points = _points_fell(at, test, candidates)
    return Decline(test.day, fall, False, points is not None, points)


def _points_fell(at: Moment, test: Fvc, candidates: list[Fvc]) -> Fall | None:
    """Return the fall of the predicted value against the best comparable one, if it is enough points."""
    predicted = comparable(test, candidates)
    if test.predicted is None or not predicted:
        return None
    best = max(predicted, key=number)
    enough = number(best) - number(test.predicted) >= at.number("FVC_MARG_ABS")
    return Fall(best, test.predicted) if enough else None


def newest_decline(at: Moment) -> Decline | None:
    """Return the newest usable FVC judged, if it is recent and can be evaluated."""
    test = at.shared(newest_fvc)
    if test is None or not at.within(test.day, YEAR):
        return None
    return decline(at, test)


@fact(
    "fvc_major",
    "boolean",
    "FVC fall that alone is progression",
    items=FVC_ITEMS,
    parameters=FVC_PARAMETERS,
    cite=("breathe_ppf", "ppf_2022"),
)
def fvc_major(at: Moment) -> Fact:
    """Whether the newest FVC shows a major decline."""
    newest = at.shared(newest_decline)
    if newest is None:
        return Fact(False, missing=NO_REFERENCE)
    return Fact(newest.major, newest.fall.sources, note=newest.fall)


@fact(
    "fvc_marginal",
    "boolean",
    "marginal FVC fall, which needs a second sign",
    items=FVC_ITEMS,
    parameters=FVC_PARAMETERS,
    cite=("ppf_2022",),
)
def fvc_marginal(at: Moment) -> Fact:
    """Whether the newest FVC shows a marginal decline."""
    newest = at.shared(newest_decline)
    if newest is None:
        return Fact(False, missing=NO_REFERENCE)
    return Fact(newest.marginal, newest.sources, note=newest.falls)


@fact(
    "fvc_confirmed",
    "boolean",
    "marginal FVC fall, confirmed by an earlier test",
    items=FVC_ITEMS,
    parameters=(*FVC_PARAMETERS, "CONFIRM_MIN", "CONFIRM_MAX"),
    cite=("eng",),
)
def fvc_confirmed(at: Moment) -> Fact:
    """Whether a marginal decline is confirmed by an earlier test of the right age."""
    newest = at.shared(newest_decline)
    if newest is None or not newest.marginal:
        return Fact(False)
    first = newest.day - timedelta(days=at.days("CONFIRM_MAX"))
    last = newest.day - timedelta(days=at.days("CONFIRM_MIN"))
    for earlier in fvc_tests(at, first, last):
        before = decline(at, earlier)
        if before is not None and (before.major or before.marginal):
            sources = dict.fromkeys((*before.sources, *newest.sources))
            return Fact(True, tuple(sources), note=(*before.falls, *newest.falls))
    return Fact(False, newest.sources, ("a repeat FVC",), newest.falls)


@fact(
    "dlco_decline",
    "boolean",
    "DLCO fall that counts as a sign of progression",
    items=("dlco_pp",),
    parameters=("DLCO_ABS", "LOOKBACK", "REF_GAP", "ER_FVC_DAYS"),
    cite=("ppf_2022",),
)
def dlco_decline(at: Moment) -> Fact:
    """Whether the newest DLCO has fallen far enough against a value of the same equation."""
    readings = at.readings("dlco_pp")
    if not readings or not after_anchor(at, readings[-1].day) or not at.within(readings[-1].day, YEAR):
        return Fact(False, missing=("dlco_pp",))
    newest = readings[-1]
    lowest = floor(at, [r.day for r in readings]) or date.min
    oldest = max(newest.day - timedelta(days=at.days("LOOKBACK")), lowest)
    latest = newest.day - timedelta(days=at.days("REF_GAP"))
    references = [r for r in readings if oldest <= r.day <= latest and _same_equation(r, newest)]
    if not references:
        return Fact(False, (newest.event_id,), ("an earlier DLCO to compare with",))
    best = max(references, key=number)
    fell = number(best) - number(newest) >= at.number("DLCO_ABS")
    return Fact(fell, (best.event_id, newest.event_id), note=Fall(best, newest))


@fact(
    "controlled",
    "boolean",
    "disease control reached on this line of treatment",
    items=FVC_ITEMS,
    parameters=(*FVC_PARAMETERS, "CONTROL_DAYS"),
    conditions=("disease_control",),
    cite=("eng",),
)
def controlled(at: Moment) -> Fact:
    """Whether an FVC late enough on the line did not decline, or a clinician recorded disease control."""
    line_start = at.context("line_start")
    if not isinstance(line_start, date):
        return Fact(False)
    status = at.condition("disease_control")
    if status is not None and status.active and line_start <= status.day and at.passed(status.day):
        return Fact(True, (status.event_id,), note=f"recorded by a clinician, {status.day}")
    earliest = line_start + timedelta(days=at.days("CONTROL_DAYS"))
    for test in fvc_tests(at, earliest):
        if at.passed(test.day):
            judged = decline(at, test)
            if judged is not None and not judged.major and not judged.marginal:
                return Fact(True, judged.fall.sources, note=judged.fall)
    return Fact(False, note=f"none shown by an FVC from {earliest} on, none recorded by a clinician")


@fact(
    "low_vc",
    "boolean",
    "vital capacity already low at enrolment",
    items=("fvc_pp",),
    parameters=("LOW_VC",),
    cite=("nakazawa_2017", "eng"),
)
def low_vc(at: Moment) -> Fact:
    """Whether the earliest FVC % predicted from 90 days before enrolment on is below the limit."""
    earliest = at.enrolled - timedelta(days=90)
    first = next((r for r in at.readings("fvc_pp") if r.day >= earliest), None)
    if first is None:
        return Fact(False, missing=("fvc_pp",))
    return Fact(number(first) < at.number("LOW_VC"), (first.event_id,), note=_shown(first))


@fact(
    "line_fvc_missing",
    "boolean",
    "no FVC yet that can serve as the new line's baseline",
    items=FVC_ITEMS,
    parameters=("ER_FVC_DAYS",),
    cite=("eng",),
)
def line_fvc_missing(at: Moment) -> Fact:
    """Whether, after escalation or recurrence, no usable FVC is recent enough to be the baseline."""
    if not (at.in_state("escalate") or at.in_state("recurrent")):
        return Fact(False)
    earliest = at.position.since - timedelta(days=at.days("ER_FVC_DAYS"))
    test = at.shared(newest_fvc)
    missing = test is None or test.day < earliest
    return Fact(missing, missing=("fvc_l",) if missing else ())

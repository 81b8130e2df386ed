"""The trend: lung function over time with steps, treatments and thresholds on one axis, ready to be drawn.

Only places are worked out here; a template draws them. Days go from left to right, percent of predicted from
bottom to top.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import ceil, floor

from api.web import words
from api.web.plot import Bar, Curve, Figure, Lane, Mark, Point, Threshold, Tick, Trend
from engine.core.chart import Chart
from engine.core.courses import Course
from engine.core.evaluate import Evaluation
from engine.core.events import Observations
from engine.core.names import Names, shown
from engine.core.readings import Reading, Slot
from engine.core.series import Series
from engine.core.vocabulary import Vocabulary
from engine.core.whynot import number_flips

DRAWN = ("fvc_pp", "dlco_pp")
"""The items that are drawn: both in percent of predicted, so they share an axis."""
WIDE, LEFT, RIGHT, TOP = 960, 44, 190, 34
PLOT, LANE = 250, 20
"""Pixels from the highest to the lowest value, and for each drug below."""
STEP = 20
"""Percent from one line of the grid to the next."""
MARGIN = timedelta(days=14)
APART = 26
"""Pixels that labels of steps keep from each other; others stand on the next line."""


class _Scale:
    """Where days and values stand."""

    def __init__(self, first: date, last: date, low: int, high: int) -> None:
        self.first, self.days = first, max(1, (last - first).days)
        self.low, self.high = low, high

    def x(self, day: date) -> float:
        share = (day - self.first).days / self.days
        return round(LEFT + share * (WIDE - LEFT - RIGHT), 1)

    def y(self, value: Decimal | int) -> float:
        share = (float(value) - self.low) / (self.high - self.low)
        return round(TOP + (1 - share) * PLOT, 1)


def trend(evaluation: Evaluation, thresholds: Sequence[Threshold] = ()) -> Trend | None:
    """Return the trend of a patient up to the date of an evaluation; None when nothing was measured.

    Args:
        evaluation: of the patient.
        thresholds: values at which something would change.
    """
    chart, day = evaluation.fold.chart, evaluation.as_of
    readings = [r for name in DRAWN for r in _readings(chart, name, day)]
    numbers = [r.value for r in readings if isinstance(r.value, Decimal)]
    if not numbers:
        return None
    shown_thresholds = [t for t in thresholds if t.item in DRAWN]
    ends = [*numbers, *(t.value for t in shown_thresholds)]
    low = floor(min(ends) / STEP) * STEP
    high = max(ceil(max(ends) / STEP) * STEP, low + STEP)
    days = [r.day for r in readings] + [step.day for step in evaluation.history]
    scale = _Scale(min(days) - MARGIN, max(day, *days) + MARGIN, low, high)
    names = Names(evaluation.pathway)
    vocabulary = chart.vocabulary
    bottom = TOP + PLOT
    lanes = _lanes(chart, vocabulary, scale, day, bottom + 30)
    return Trend(
        width=WIDE,
        height=bottom + 36 + LANE * len(lanes),
        left=LEFT,
        right=WIDE - RIGHT,
        top=TOP,
        bottom=bottom,
        across=tuple(Tick(scale.x(on), words.day(on)[2:].strip()) for on in _months(scale)),
        down=tuple(Tick(scale.y(value), f"{value} %") for value in range(low, high + 1, STEP)),
        curves=tuple(c for name in DRAWN if (c := _curve(name, readings, vocabulary, scale)) is not None),
        points=tuple(_point(r, vocabulary, scale) for r in readings),
        marks=_marks([(s.day, s.target, names.state(s.target)) for s in evaluation.history], scale),
        lanes=lanes,
        thresholds=tuple(Threshold(t.item, t.value, t.says, scale.y(t.value)) for t in shown_thresholds),
        figures=tuple(_figure(r, vocabulary) for r in sorted(readings, key=lambda r: r.day, reverse=True)),
        summary=_summary(readings, vocabulary),
    )


def thresholds(evaluation: Evaluation) -> tuple[Threshold, ...]:
    """Return the values of one more reading at which a way out of the state would be taken."""
    names = Names(evaluation.pathway)
    by_value = dict[tuple[str, Decimal], list[str]]()
    for rule, found in number_flips(evaluation, DRAWN):
        for flip in found:
            (one,) = flip.body.obs if isinstance(flip.body, Observations) else ()
            if flip.sign in ("at most", "at least") and isinstance(one.value, Decimal):
                least = "or less" if flip.sign == "at most" else "or more"
                told = (
                    f"{names.of(one.item)} {shown(one.value)} % {least} today: {names.state(rule.to or '')}"
                )
                by_value.setdefault((one.item, one.value), []).append(told)
    return tuple(Threshold(item, value, "; ".join(told)) for (item, value), told in by_value.items())


def _readings(chart: Chart, name: str, day: date) -> Iterable[Reading]:
    """Yield every reading of an item up to a day, those that do not count as well."""
    found = chart.slots.get(name, Series[Slot]())
    for on, slot in zip(found.days, found.entries, strict=True):
        if on <= day:
            yield from slot.readings


def _title(name: str, vocabulary: Vocabulary) -> str:
    return vocabulary.items[name].title


def _point(reading: Reading, vocabulary: Vocabulary, scale: _Scale) -> Point:
    assert isinstance(reading.value, Decimal)
    figure = _figure(reading, vocabulary)
    remark = f"; {figure.remark}" if figure.remark else ""
    return Point(
        scale.x(reading.day),
        scale.y(reading.value),
        reading.item,
        reading.source,
        reading.state == "usable",
        f"{figure.date}: {figure.title} {figure.value}, from {figure.source}{remark}",
    )


def _figure(reading: Reading, vocabulary: Vocabulary) -> Figure:
    remark = {"quarantined": "waits to be verified", "unusable": "not used: quality grade"}.get(
        reading.state, ""
    )
    grade = reading.attributes.get("grade")
    told = ", ".join(filter(None, (remark, f"grade {grade}" if grade else "")))
    return Figure(
        words.day(reading.day),
        _title(reading.item, vocabulary),
        f"{shown(reading.value)} %",
        reading.source,
        told,
    )


def _curve(name: str, readings: Iterable[Reading], vocabulary: Vocabulary, scale: _Scale) -> Curve | None:
    places = [
        (scale.x(r.day), scale.y(r.value))
        for r in readings
        if r.item == name and r.state == "usable" and isinstance(r.value, Decimal)
    ]
    if not places:
        return None
    title = _title(name, vocabulary).partition(" ")[0]
    return Curve(name, title, " ".join(f"{x},{y}" for x, y in places), places[-1][1])


def _marks(steps: Iterable[tuple[date, str, str]], scale: _Scale) -> tuple[Mark, ...]:
    found = list[Mark]()
    for on, target, title in steps:
        x = scale.x(on)
        near = [mark.level for mark in found if abs(mark.x - x) < APART * 4]
        level = next(n for n in range(len(near) + 1) if n not in near)
        family = words.plainly(target.partition(".")[0])
        found.append(Mark(x, family, level % 3, f"{words.day(on)}: came to {title}"))
    return tuple(found)


def _lanes(chart: Chart, vocabulary: Vocabulary, scale: _Scale, day: date, top: float) -> tuple[Lane, ...]:
    lanes = list[Lane]()
    for drug, series in chart.courses.items():
        spans = tuple(_spans(series, day))
        if not spans:
            continue
        title, y = vocabulary.drugs[drug].title, top + LANE * len(lanes)
        bars = tuple(
            Bar(
                max(scale.x(begun), LEFT),
                max(3.0, round(scale.x(ended) - max(scale.x(begun), LEFT), 1)),
                y,
                f"{title}: {words.day(begun)} to {'now' if ended == day else words.day(ended)}",
            )
            for begun, ended in spans
        )
        lanes.append(Lane(title.partition(" (")[0], y, bars))
    return tuple(lanes)


def _spans(series: "Series[Course]", day: date) -> Iterable[tuple[date, date]]:
    """Yield from when to when a drug was active, up to a day."""
    entries = [course for on, course in zip(series.days, series.entries, strict=True) if on <= day]
    begun: date | None = None
    for place, course in enumerate(entries):
        if course.started is None:
            continue
        following = entries[place + 1] if place + 1 < len(entries) else None
        begun = course.started
        ends = min(course.ends or day, day)
        if following is not None and following.started == course.started:
            continue
        yield begun, min(ends, following.day) if following is not None else ends


def _months(scale: _Scale) -> Iterable[date]:
    """Yield the first days of months, so many that their labels do not touch."""
    every = max(1, round(scale.days / 30 / 9))
    on = scale.first.replace(day=1)
    last = scale.first + timedelta(days=scale.days)
    while on <= last:
        months = on.year * 12 + on.month - 1
        if on >= scale.first and months % every == 0:
            yield on
        months += 1
        on = date(months // 12, months % 12 + 1, 1)


def _summary(readings: Sequence[Reading], vocabulary: Vocabulary) -> str:
    told = []
    for name in DRAWN:
        mine = [r for r in readings if r.item == name and r.state == "usable"]
        if mine:
            first, last = min(mine, key=lambda r: r.day), max(mine, key=lambda r: r.day)
            told.append(
                f"{_title(name, vocabulary)}: {shown(first.value)} % on {words.day(first.day)}, "
                f"{shown(last.value)} % on {words.day(last.day)}"
            )
    return "; ".join(told)

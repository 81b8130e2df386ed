"""The trend: lung function over time with steps, treatments and thresholds on one axis, ready to be drawn.

Only places are worked out here; a template draws them. Days go from left to right; items of one unit share a
panel, and panels stand one below the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from api.web import words
from api.web.panel import LEFT, RIGHT, WIDE, Axis, figure, panel, shape_of
from api.web.plot import Bar, Key, Lane, Mark, Threshold, Tick, Trend
from engine.core.chart import Chart
from engine.core.courses import Course
from engine.core.evaluate import Evaluation
from engine.core.events import Observations
from engine.core.names import Names, shown, unit_text
from engine.core.readings import Slot
from engine.core.series import Series
from engine.core.vocabulary import Vocabulary
from engine.core.whynot import number_flips

DRAWN = ("fvc_pp", "dlco_pp", "fvc_l")
"""The items that are drawn, those of one unit beside each other."""
TOP, GAP, LANE = 34, 36, 20
"""Pixels above the first panel, between panels, and for each drug below."""
ALONE, SHARED = 250, 170
"""Pixels from the highest to the lowest line of the only panel, and of each of several."""
MARGIN = timedelta(days=14)
APART = 26
"""Pixels that labels of steps keep from each other; others stand on the next line."""


def trend(evaluation: Evaluation, thresholds: Sequence[Threshold] = ()) -> Trend | None:
    """Return the trend of a patient up to the date of an evaluation; None when nothing was measured.

    Args:
        evaluation: of the patient.
        thresholds: values at which something would change.
    """
    chart, day = evaluation.fold.chart, evaluation.as_of
    vocabulary = chart.vocabulary
    slots = {name: found for name in DRAWN if (found := _slots(chart, name, day))}
    if not slots:
        return None
    days = [reading.day for each in slots.values() for slot in each for reading in slot.readings]
    days += [step.day for step in evaluation.history]
    first = min(days) - MARGIN
    axis = Axis(first, (max(day, *days) + MARGIN - first).days)
    units = [list(names) for _, names in groupby(slots, key=lambda name: vocabulary.items[name].unit)]
    height = ALONE if len(units) == 1 else SHARED
    panels = tuple(
        panel(
            {name: slots[name] for name in names},
            thresholds,
            vocabulary,
            axis,
            TOP + number * (height + GAP),
            height,
        )
        for number, names in enumerate(units)
    )
    bottom = panels[-1].bottom
    lanes = _lanes(chart, vocabulary, axis, day, bottom + 30)
    names = Names(evaluation.pathway)
    rows = sorted(
        (
            (reading.day, figure(reading, slot, vocabulary))
            for each in slots.values()
            for slot in each
            for reading in slot.readings
        ),
        key=lambda row: row[0],
        reverse=True,
    )
    sources = {row.source for _, row in rows}
    return Trend(
        width=WIDE,
        height=bottom + 36 + LANE * len(lanes),
        left=LEFT,
        right=WIDE - RIGHT,
        top=TOP,
        bottom=bottom,
        across=tuple(Tick(axis.x(on), words.day(on)[2:].strip()) for on in _months(axis)),
        panels=panels,
        marks=_marks([(s.day, s.target, names.state(s.target)) for s in evaluation.history], axis),
        lanes=lanes,
        keys=tuple(
            Key(shape_of(source, vocabulary), words.plainly(source))
            for source in vocabulary.sources
            if source in sources
        ),
        figures=tuple(row for _, row in rows),
        summary=_summary(slots, vocabulary),
    )


def thresholds(evaluation: Evaluation) -> tuple[Threshold, ...]:
    """Return the values of one more reading at which a way out of the state would be taken."""
    names, items = Names(evaluation.pathway), evaluation.pathway.vocabulary.items
    by_value = dict[tuple[str, Decimal], list[str]]()
    for rule, found in number_flips(evaluation, DRAWN):
        for flip in found:
            (one,) = flip.body.obs if isinstance(flip.body, Observations) else ()
            if flip.sign in ("at most", "at least") and isinstance(one.value, Decimal):
                least = "or less" if flip.sign == "at most" else "or more"
                value = f"{shown(one.value)} {unit_text(items[one.item].unit)}"
                told = f"{names.of(one.item)} {value} {least} today: {names.state(rule.to or '')}"
                by_value.setdefault((one.item, one.value), []).append(told)
    return tuple(Threshold(item, value, "; ".join(told)) for (item, value), told in by_value.items())


def _slots(chart: Chart, name: str, day: date) -> list[Slot]:
    """Return all readings of an item up to a day, those that do not count as well."""
    found = chart.slots.get(name, Series[Slot]())
    return [slot for on, slot in zip(found.days, found.entries, strict=True) if on <= day and slot.readings]


def _marks(steps: Iterable[tuple[date, str, str]], axis: Axis) -> tuple[Mark, ...]:
    found = list[Mark]()
    for on, target, title in steps:
        x = axis.x(on)
        near = [mark.level for mark in found if abs(mark.x - x) < APART * 4]
        level = next(n for n in range(len(near) + 1) if n not in near)
        family = words.plainly(target.partition(".")[0])
        found.append(Mark(x, family, level % 3, f"{words.day(on)}: came to {title}"))
    return tuple(found)


def _lanes(chart: Chart, vocabulary: Vocabulary, axis: Axis, day: date, top: float) -> tuple[Lane, ...]:
    lanes = list[Lane]()
    for drug, series in chart.courses.items():
        spans = tuple(_spans(series, day))
        if not spans:
            continue
        title, y = vocabulary.drugs[drug].title, top + LANE * len(lanes)
        bars = tuple(
            Bar(
                max(axis.x(begun), LEFT),
                max(3.0, round(axis.x(ended) - max(axis.x(begun), LEFT), 1)),
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


def _months(axis: Axis) -> Iterable[date]:
    """Yield the first days of months, so many that their labels do not touch."""
    every = max(1, round(axis.days / 30 / 9))
    on = axis.first.replace(day=1)
    while on <= axis.last:
        months = on.year * 12 + on.month - 1
        if on >= axis.first and months % every == 0:
            yield on
        months += 1
        on = date(months // 12, months % 12 + 1, 1)


def _summary(slots: Mapping[str, Sequence[Slot]], vocabulary: Vocabulary) -> str:
    told = []
    for name, each in slots.items():
        kept = [slot.kept for slot in each if slot.kept is not None]
        if kept:
            item = vocabulary.items[name]
            unit = unit_text(item.unit)
            first, last = (f"{shown(r.value)} {unit} on {words.day(r.day)}" for r in (kept[0], kept[-1]))
            told.append(f"{item.title}: {first}, {last}")
    return "; ".join(told)

"""A panel of the trend: readings of one unit over the days of an axis that all panels share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from api.web import words
from api.web.plot import SHAPES, Curve, Figure, Panel, Point, Threshold, Tick
from engine.core.names import shown, unit_text
from engine.core.readings import Reading, Slot
from engine.core.values import plain
from engine.core.vocabulary import Vocabulary

WIDE, LEFT, RIGHT = 960, 44, 190
"""Pixels of the drawing, and on both sides of what is drawn."""
LINES = 6
"""At most so many lines of the grid lie between the lowest and the highest one."""
STEPS = tuple(map(Decimal, ("0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "50")))
"""From one line of the grid to the next, in the unit of the panel."""
LABEL = 13
"""Pixels that labels at the right keep from each other."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Where days stand, from the first to the last."""

    first: date
    days: int

    def x(self, day: date) -> float:
        """Return where a day stands."""
        return round(LEFT + (day - self.first).days / self.days * (WIDE - LEFT - RIGHT), 1)

    @property
    def last(self) -> date:
        """The last day."""
        return self.first + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the values of a panel stand, from the lowest line of its grid to the highest."""

    low: Decimal
    high: Decimal
    step: Decimal
    top: float
    height: float

    def y(self, value: Decimal) -> float:
        """Return where a value stands."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.top + float(1 - share) * self.height, 1)

    def lines(self) -> Iterable[Decimal]:
        """Yield the values at which there is a line."""
        for number in range(int((self.high - self.low) / self.step) + 1):
            yield self.low + number * self.step


def scale(values: Sequence[Decimal], top: float, height: float) -> Scale:
    """Return the scale on which values stand, at least one of them."""
    span = max(values) - min(values)
    step = next((step for step in STEPS if span <= step * (LINES - 2)), STEPS[-1])
    low = (min(values) / step).to_integral_value(ROUND_FLOOR) * step
    high = max((max(values) / step).to_integral_value(ROUND_CEILING) * step, low + step)
    return Scale(low, high, step, top, height)


def panel(
    slots: Mapping[str, Sequence[Slot]],
    thresholds: Iterable[Threshold],
    vocabulary: Vocabulary,
    axis: Axis,
    top: float,
    height: float,
) -> Panel:
    """Return a panel with the readings of items that share a unit, at least one reading.

    Args:
        slots: the readings of each item, day after day.
        thresholds: values at which something would change; those of other items are left out.
        vocabulary: of the items.
        axis: where days stand.
        top: pixel of the highest line.
        height: pixels from there to the lowest line.
    """
    mine = [each for each in thresholds if each.item in slots]
    readings = [reading for each in slots.values() for slot in each for reading in slot.readings]
    values = [*(number(reading) for reading in readings), *(each.value for each in mine)]
    on = scale(values, top, height)
    unit = unit_text(vocabulary.items[next(iter(slots))].unit)
    ends = {name: on.y(number(kept[-1])) for name, each in slots.items() if (kept := _kept(each))}
    places = _apart((*ends.values(), *(on.y(each.value) for each in mine)))
    labels, lines = places[: len(ends)], places[len(ends) :]
    return Panel(
        top=top,
        bottom=top + height,
        down=tuple(Tick(on.y(value), f"{plain(value)} {unit}") for value in on.lines()),
        curves=tuple(
            _curve(name, _kept(slots[name]), vocabulary, axis, on, label)
            for name, label in zip(ends, labels, strict=True)
        ),
        points=tuple(
            _point(reading, slot, vocabulary, axis, on)
            for each in slots.values()
            for slot in each
            for reading in slot.readings
        ),
        thresholds=tuple(
            Threshold(t.item, t.value, t.says, on.y(t.value), f"{shown(t.value)} {unit}", label)
            for t, label in zip(mine, lines, strict=True)
        ),
    )


def number(reading: Reading) -> Decimal:
    """Return the value of a reading of an item that is a number."""
    assert isinstance(reading.value, Decimal)
    return reading.value


def shape_of(source: str, vocabulary: Vocabulary) -> str:
    """Return how readings from a source are drawn."""
    return SHAPES[min(vocabulary.sources.index(source), len(SHAPES) - 1)]


def figure(reading: Reading, slot: Slot, vocabulary: Vocabulary) -> Figure:
    """Return a reading as a row of the table."""
    item, grade = vocabulary.items[reading.item], reading.attributes.get("grade")
    remark = {"quarantined": "waits to be verified", "unusable": "not used: quality grade"}.get(reading.state)
    if remark is None and reading != slot.kept:
        remark = "not used: another value of that day counts"
    told = ", ".join(filter(None, (remark, f"grade {grade}" if grade else "")))
    return Figure(
        words.day(reading.day),
        item.title,
        f"{shown(reading.value)} {unit_text(item.unit)}",
        reading.source,
        told,
    )


def _kept(slots: Iterable[Slot]) -> list[Reading]:
    return [slot.kept for slot in slots if slot.kept is not None]


def _curve(
    name: str, kept: Sequence[Reading], vocabulary: Vocabulary, axis: Axis, on: Scale, label: float
) -> Curve:
    path = " ".join(f"{axis.x(reading.day)},{on.y(number(reading))}" for reading in kept)
    return Curve(name, vocabulary.items[name].title.partition(" ")[0], path, label)


def _point(reading: Reading, slot: Slot, vocabulary: Vocabulary, axis: Axis, on: Scale) -> Point:
    told = figure(reading, slot, vocabulary)
    return Point(
        axis.x(reading.day),
        on.y(number(reading)),
        reading.item,
        shape_of(reading.source, vocabulary),
        reading == slot.kept,
        f"{told.date}: {told.title} {told.value}, from {told.source}"
        + (f"; {told.remark}" if told.remark else ""),
    )


def _apart(places: Sequence[float]) -> list[float]:
    """Return places of labels, moved down where they would stand upon each other."""
    found, least = list(places), float("-inf")
    for number in sorted(range(len(places)), key=lambda number: places[number]):
        found[number] = least = max(places[number], least + LABEL)
    return found

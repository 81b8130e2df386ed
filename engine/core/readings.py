"""Readings of one item: which are usable, and which one of a day is kept.

Quarantine and conflict rules of spec §3. The answer for a day is a function of the set of readings,
never of the order in which they came.
"""

from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from engine.core.events import Value
from engine.core.vocabulary import Item, Vocabulary

HUNDRED = Decimal(100)
State = Literal["usable", "quarantined", "unusable"]


class Reading(NamedTuple):
    """One observed value of one item on one date, in canonical units."""

    item: str
    day: date
    value: Value
    attributes: dict[str, Value]
    event_id: str
    source: str
    verified: bool
    state: State = "usable"
    """`quarantined` waits for a verify event; `unusable` is ruled out by its grade."""

    def number(self, name: str) -> Decimal | None:
        """Return a numeric attribute, or None when it was not sent."""
        value = self.attributes.get(name)
        return value if isinstance(value, Decimal) else None


class Slot(NamedTuple):
    """All readings of an item on a date, and the one that is kept."""

    readings: tuple[Reading, ...]
    kept: Reading | None
    conflict: bool
    """Whether usable values differ by more than the item tolerates."""
    waiting: tuple[Reading, ...]
    """The readings that wait for a verify event."""


def judged(
    reading: Reading, item: Item, previous: Reading | None, limit: Decimal | None, company: Reading | None
) -> Reading:
    """Return the reading with its state.

    Args:
        reading: as received.
        item: its vocabulary entry.
        previous: the newest kept reading before its date, None when too old or none.
        limit: percent by which a value may differ from the previous one; None for any.
        company: a reading of the same message whose state this one shares when it is not usable.
    """
    state: State = "usable"
    if reading.attributes.get("grade") in item.unusable_grades:
        state = "unusable"
    elif not reading.verified and _doubtful(reading.value, item, previous, limit):
        state = "quarantined"
    elif company is not None:
        state = company.state
    return reading if state == reading.state else reading._replace(state=state)


def _doubtful(value: Value, item: Item, previous: Reading | None, limit: Decimal | None) -> bool:
    if not isinstance(value, Decimal):
        return False
    if item.warn is not None and value not in item.warn:
        return True
    if previous is None or limit is None or not isinstance(previous.value, Decimal):
        return False
    return abs(value - previous.value) * HUNDRED > limit * previous.value


def settled(readings: list[Reading], item: Item, vocabulary: Vocabulary) -> Slot:
    """Return the slot of one date: the kept reading and whether there is a conflict.

    Rank: better grade, more trusted source, more adverse value, smaller event id. Values taken at
    different levels of `lowest_first` do not conflict; the lowest known level is kept.
    """
    if len(readings) == 1 and readings[0].state == "usable":
        return Slot(tuple(readings), readings[0], False, ())
    waiting = tuple(r for r in readings if r.state == "quarantined")
    usable = [r for r in readings if r.state == "usable"]
    if item.lowest_first is not None and usable:
        levels = [level for r in usable if (level := r.number(item.lowest_first)) is not None]
        lowest = min(levels, default=None)
        usable = [r for r in usable if r.number(item.lowest_first) == lowest]
    kept = min(usable, key=lambda r: _rank(r, item, vocabulary), default=None)
    return Slot(tuple(readings), kept, _conflict(usable, item), waiting)


def _rank(reading: Reading, item: Item, vocabulary: Vocabulary) -> tuple[int, int, Decimal | int, str]:
    grade = str(reading.attributes.get("grade", vocabulary.absent_grade))
    return (
        vocabulary.grades.index(grade),
        vocabulary.sources.index(reading.source),
        _adversity(reading.value, item),
        reading.event_id,
    )


def _adversity(value: Value, item: Item) -> Decimal | int:
    """Smaller is worse."""
    if isinstance(value, bool):
        return 0 if value else 1
    if isinstance(value, Decimal):
        return value if item.adverse == "lower" else -value
    return (
        item.adverse.index(value)
        if isinstance(item.adverse, tuple) and value in item.adverse
        else len(item.codes)
    )


def _conflict(usable: list[Reading], item: Item) -> bool:
    values = {r.value for r in usable}
    if len(values) < 2:
        return False
    numbers = [v for v in values if isinstance(v, Decimal) and not isinstance(v, bool)]
    if item.tolerance is not None and len(numbers) == len(values):
        return max(numbers) - min(numbers) > item.tolerance
    return True

"""The chart: a record after amendments, quarantine and conflicts are resolved, ready to be asked.

It holds all dates; a question about a day D looks only at entries dated on or before D. Adding an
event gives the same chart in whatever order events are added; an amendment needs a new chart.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from engine.core.chains import Standing
from engine.core.courses import NEVER, Course, Order, after, courses
from engine.core.events import (
    Admin,
    Body,
    Condition,
    Decision,
    Enrol,
    Medication,
    Observations,
    Override,
    Stamp,
    Vaccination,
)
from engine.core.readings import Reading, Slot, judged, settled
from engine.core.series import Series
from engine.core.subjects import EVERY, EVERY_ITEM, Subject
from engine.core.vocabulary import Item, Vocabulary

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Status:
    """A condition's status from a date on."""

    day: date
    active: bool
    event_id: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A test that could not be done."""

    day: date
    reason: str
    event_id: str

    def __str__(self) -> str:
        return f"{self.day}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Entry:
    """Anything else a person recorded, with the event it came from."""

    day: date
    body: Decision | Override | Admin | Enrol
    event_id: str
    stamp: Stamp


class Together(NamedTuple):
    """The usable readings of several items on one date, None for an item without one."""

    day: date
    readings: tuple[Reading | None, ...]


class Chart:
    """Everything that stands about one patient, by subject and date."""

    def __init__(
        self, vocabulary: Vocabulary, limits: Mapping[str, Decimal], events: Iterable[Standing] = ()
    ) -> None:
        """Build the chart.

        Args:
            vocabulary: what may be recorded.
            limits: percent of jump allowed per item (the pathway's parameter value).
            events: the events that stand.
        """
        self.vocabulary = vocabulary
        self.limits = limits
        self.dates: Series[set[Subject]] = Series()
        """Effective dates of all events, with what they touch."""
        self.slots: dict[str, Series[Slot]] = defaultdict(Series)
        self.kept: dict[str, Series[Reading]] = defaultdict(Series)
        self.absences: dict[str, Series[Absence]] = defaultdict(Series)
        self.conditions: dict[str, Series[Status]] = defaultdict(Series)
        self.courses: dict[str, Series[Course]] = {}
        self.vaccinations: dict[str, Series[str]] = defaultdict(Series)
        self.decisions: dict[str, list[Entry]] = defaultdict(list)
        self.overrides: dict[date, list[Entry]] = defaultdict(list)
        self.admin: dict[date, list[Entry]] = defaultdict(list)
        self.enrolments: list[Entry] = []
        self.quarantined: dict[tuple[str, date], tuple[Reading, ...]] = {}
        self.conflicts: dict[tuple[str, date], Slot] = {}
        self._tables: dict[str, tuple[Mapping[str, Series[Any]], ...]] = {
            "item": (self.slots, self.absences),
            "drug": (self.courses,),
            "condition": (self.conditions,),
            "vaccine": (self.vaccinations,),
        }
        """Where the data of each kind of subject are, by name."""
        self._together: dict[tuple[str, ...], Series[Together]] = {}
        self._orders: dict[str, list[tuple[Stamp, Order]]] = defaultdict(list)
        self._newest: dict[tuple[str, str, date], Stamp] = {}
        """Receipt of the entry that counts, where one entry of a day does."""
        for event in events:
            self.add(event)

    def copy(self) -> "Chart":
        """Return a chart that can go on by itself."""
        new = Chart(self.vocabulary, self.limits)
        for day, touched in zip(self.dates.days, self.dates.entries, strict=True):
            new.dates.put(day, touched.copy())
        for series in ("slots", "kept", "absences", "conditions", "courses", "vaccinations"):
            getattr(new, series).update((name, each.copy()) for name, each in getattr(self, series).items())
        for entries in ("decisions", "overrides", "admin", "_orders"):
            getattr(new, entries).update((name, each.copy()) for name, each in getattr(self, entries).items())
        for plain in ("quarantined", "conflicts", "_newest"):
            getattr(new, plain).update(getattr(self, plain))
        new.enrolments = self.enrolments.copy()
        return new

    @property
    def enrolment(self) -> Entry | None:
        """The enrolment that stands, the first one received; None before enrolment."""
        return min(self.enrolments, key=lambda e: e.stamp, default=None)

    def add(self, event: Standing) -> None:
        """Take one more event that stands; the result does not depend on the order of adding."""
        day, body = event.effective, event.body
        self._touch(day, subjects(body))
        match body:
            case Observations():
                self._observe(event, body)
            case Medication():
                self._order(Order(day, body, event.id), event.stamp)
            case Condition():
                status = Status(day, body.status == "active", event.id)
                self._put_newest(self.conditions, "condition", body.code, event, status)
            case Vaccination():
                self._put_newest(self.vaccinations, "vaccine", body.vaccine, event, event.id)
            case Decision():
                self.decisions[body.action].append(Entry(day, body, event.id, event.stamp))
            case Override():
                self.overrides[day].append(Entry(day, body, event.id, event.stamp))
            case Admin():
                self.admin[day].append(Entry(day, body, event.id, event.stamp))
            case Enrol():
                self.enrolments.append(Entry(day, body, event.id, event.stamp))
            case _:
                pass

    def _put_newest(
        self, table: dict[str, Series[V]], kind: str, name: str, event: Standing, entry: V
    ) -> None:
        """Set the entry of a name and date, unless one received later stands there."""
        key = (kind, name, event.effective)
        known = self._newest.get(key)
        if known is None or known < event.stamp:
            self._newest[key] = event.stamp
            table[name].put(event.effective, entry)

    def _touch(self, day: date, touched: Iterable[Subject]) -> None:
        known = self.dates.get(day)
        if known is None:
            known = set()
            self.dates.put(day, known)
        known.update(touched)

    def last_touched(self, touched: Iterable[Subject], day: date) -> date:
        """Return the newest date up to a day on which one of the subjects was touched; else `date.min`."""
        newest = date.min
        for kind, name in touched:
            for table in self._tables[kind]:
                series = table.values() if name == EVERY else [table[name]] if name in table else []
                for each in series:
                    index = each.at_or_before(day)
                    if index >= 0 and each.days[index] > newest:
                        newest = each.days[index]
        return newest

    def _order(self, order: Order, stamp: Stamp) -> None:
        drug, orders = order.medication.drug, self._orders[order.medication.drug]
        lasts = self.vocabulary.drugs[drug].lasts
        if not orders or orders[-1][1].day < order.day:
            orders.append((stamp, order))
            series = self.courses.setdefault(drug, Series())
            series.put(order.day, after(series.entries[-1] if series.entries else NEVER, order, lasts))
        else:
            insort(orders, (stamp, order), key=lambda pair: (pair[1].day, pair[0]))
            self.courses[drug] = courses((order for _, order in orders), lasts)

    def _observe(self, event: Standing, body: Observations) -> None:
        day, items = event.effective, self.vocabulary.items
        readings = []
        for one in body.obs:
            if one.absent is not None:
                absence = Absence(day, one.absent, event.id)
                self._put_newest(self.absences, "absence", one.item, event, absence)
            elif one.value is not None:
                item, attributes = one.item, one.attributes
                readings.append(
                    Reading(item, day, one.value, attributes, event.id, event.source, event.verified)
                )
        if len(readings) > 1:  # an item that takes others along is judged before them
            readings.sort(key=lambda r: not items[r.item].takes_along)
        for reading in readings:
            self._receive(reading, items[reading.item])

    def _receive(self, reading: Reading, item: Item) -> None:
        name, day, slots = reading.item, reading.day, self.slots[reading.item]
        known = slots.get(day)
        received = (
            [reading] if known is None else sorted((*known.readings, reading), key=lambda r: r.event_id)
        )
        if item.jump is None and not item.takes_along:
            self._settle(name, item, day, received)
            return
        slots.put(day, Slot(tuple(received), None, conflict=False, waiting=()))
        self._resolve(name, item, day)

    def _resolve(self, name: str, item: Item, day: date) -> None:
        """Settle an item again: on the given day, and on later days if values are compared over time."""
        slots = self.slots[name]
        at = bisect_left(slots.days, day)
        for index in range(at, at + 1 if item.jump is None else len(slots.days)):
            later = slots.days[index]
            self._settle(name, item, later, slots.entries[index].readings)
            for other in item.takes_along:
                if other in self.slots and self.slots[other].get(later) is not None:
                    self._resolve(other, self.vocabulary.items[other], later)

    def _settle(self, name: str, item: Item, day: date, received: Sequence[Reading]) -> None:
        previous, limit = self._previous(item, name, day), self.limits.get(name)
        leaders = self.vocabulary.leaders.get(name)
        slot = settled(
            [
                judged(r, item, previous, limit, self._company(leaders, r) if leaders else None)
                for r in received
            ],
            item,
            self.vocabulary,
        )
        self.slots[name].put(day, slot)
        if slot.kept is None:
            self.kept[name].drop(day)
        else:
            self.kept[name].put(day, slot.kept)
        for names, series in self._together.items():
            if name in names:
                self._gather(series, names, day)
        if self.conflicts or slot.conflict:
            _keep(self.conflicts, (name, day), slot if slot.conflict else None)
        if self.quarantined or slot.waiting:
            _keep(self.quarantined, (name, day), slot.waiting or None)

    def together(self, names: tuple[str, ...]) -> Series[Together]:
        """Return the usable readings of several items side by side, by date; kept up to date from then on."""
        series = self._together.get(names)
        if series is None:
            series = self._together[names] = Series()
            for day in sorted({day for name in names if name in self.kept for day in self.kept[name].days}):
                self._gather(series, names, day)
        return series

    def _gather(self, series: Series[Together], names: tuple[str, ...], day: date) -> None:
        found = tuple(self.kept[n].get(day) if n in self.kept else None for n in names)
        if any(r is not None for r in found):
            series.put(day, Together(day, found))
        else:
            series.drop(day)

    def _previous(self, item: Item, name: str, day: date) -> Reading | None:
        if item.jump is None:
            return None
        last = self.kept[name].last(day - timedelta(days=1))
        return last if last is not None and (day - last.day).days <= item.jump.within else None

    def _company(self, leaders: tuple[str, ...], reading: Reading) -> Reading | None:
        """Return the unusable reading of the same message that takes this one along, if any."""
        for leader in leaders:
            slot = self.slots[leader].get(reading.day) if leader in self.slots else None
            for other in slot.readings if slot is not None else ():
                if other.event_id == reading.event_id and other.state != "usable":
                    return other
        return None


def _keep(table: dict[K, V], key: K, value: V | None) -> None:
    """Set an entry, or remove it for None."""
    if value is not None:
        table[key] = value
    elif key in table:
        del table[key]


def subjects(body: Body) -> tuple[Subject, ...]:
    """Return what an event touches; nothing for events that guards read in other ways or not at all."""
    match body:
        case Observations():
            return (EVERY_ITEM, *(("item", one.item) for one in body.obs))
        case Medication():
            return (("drug", body.drug),)
        case Condition():
            return (("condition", body.code),)
        case Vaccination():
            return (("vaccine", body.vaccine),)
        case _:
            return ()

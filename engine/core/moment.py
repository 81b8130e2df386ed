"""A moment: one patient's chart, seen as of a date from a position on the pathway.

Everything a guard or a fact may ask is asked here. Only entries dated on or before the date are
visible; questions about the passing of time go through `AsOf` and are noted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from engine.core.asof import AsOf
from engine.core.chart import Absence, Chart, Entry, Status, Together
from engine.core.courses import Course
from engine.core.events import Enrol
from engine.core.facts import Fact, FactValue
from engine.core.readings import Reading, Slot
from engine.core.series import Series

if TYPE_CHECKING:
    from engine.core.changes import Change
    from engine.core.pathway import Pathway

S = TypeVar("S")
UNKNOWN: Any = object()
EMPTY: Series[Reading] = Series()
NO_SLOTS: Series[Slot] = Series()


@dataclass(frozen=True, slots=True)
class Position:
    """Where a patient stands: state, since when, administrative status, and what the pathway remembers."""

    state: str
    since: date
    status: str = "active"
    context: dict[str, FactValue | None] = field(default_factory=dict)
    entries: dict[str, date] = field(default_factory=dict)
    """Date of the last entry into each state."""
    _families: dict[str, date | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def entered(self, state: str) -> date | None:
        """Return the date of the last entry into a state or its substates, or None."""
        if state not in self._families:
            days = [day for s, day in self.entries.items() if belongs(s, state)]
            self._families[state] = max(days, default=None)
        return self._families[state]

    def enter(self, state: str, day: date, context: dict[str, FactValue | None]) -> "Position":
        """Return the position after entering a state on a day."""
        return replace(
            self,
            state=state,
            since=day,
            context={**self.context, **context},
            entries={**self.entries, state: day},
        )


@lru_cache(maxsize=4096)
def belongs(state: str, to: str) -> bool:
    """Whether a state is the named one or one of its substates; `x.*` means any substate of x."""
    family = to.removesuffix(".*")
    return to == "*" or state == family or state.startswith(family + ".")


class Moment(AsOf):
    """What can be asked about one patient as of one date."""

    __slots__ = (
        "_blocked",
        "_criteria",
        "_facts",
        "_hidden",
        "_lasts",
        "_shared",
        "changes",
        "chart",
        "enrolment",
        "last_review",
        "pathway",
        "position",
        "target",
    )

    def __init__(
        self, pathway: "Pathway", chart: Chart, enrolment: Entry, day: date, position: Position
    ) -> None:
        super().__init__(day)
        self.pathway = pathway
        self.chart = chart
        self.enrolment: Entry = enrolment
        self.position: Position = position
        self.target: str | None = None
        self.last_review: date | None = None
        self.changes: tuple[Change, ...] = ()
        self._hidden: str | None = None
        self._facts: dict[str, Fact] = {}
        self._criteria: dict[str, FactValue | None] = {}
        self._lasts: dict[str, Reading | None] = {}
        self._blocked: dict[str, bool] = {}
        self._shared: dict[Callable[[Moment], Any], Any] = {}

    @property
    def enrolled(self) -> date:
        """Date of enrolment."""
        return self.enrolment.day

    def enrolment_field(self, name: str) -> object:
        """Return a field recorded at enrolment, or None."""
        body = self.enrolment.body
        return body.fields.get(name) if isinstance(body, Enrol) else None

    def last(self, item: str) -> Reading | None:
        """Return the last usable reading of an item, or None."""
        if item not in self._lasts:
            series = self.chart.kept.get(item)
            self._lasts[item] = None if series is None or item == self._hidden else series.last(self._day)
        return self._lasts[item]

    def fresh(self, item: str) -> bool:
        """Whether the last usable value of an item (or a composite of items) is not stale."""
        composite = self.pathway.composites.get(item)
        if composite is not None:
            return composite.value(self) is True
        reading = self.last(item)
        if reading is None:
            return False
        stale = self.chart.vocabulary.items[item].stale
        return stale is None or self.within(reading.day, stale)

    def readings(self, item: str) -> list[Reading]:
        """Return the usable readings of an item, one per date, oldest first."""
        return self.chart.kept.get(item, EMPTY).until(self.day)

    def between(self, item: str, first: date, last: date) -> list[Reading]:
        """Return the usable readings dated from `first` to `last`, both inclusive, oldest first."""
        return self.chart.kept.get(item, EMPTY).between(first, min(last, self._day))

    def newest_first(self, item: str) -> Iterator[Reading]:
        """Yield the usable readings of an item, one per date, newest first."""
        return self.chart.kept.get(item, EMPTY).newest_first(self._day)

    def together(self, items: tuple[str, ...], first: date, last: date) -> list[Together]:
        """Return usable readings of several items side by side, dated `first` to `last`, both inclusive."""
        return self.chart.together(items).between(first, min(last, self._day))

    def slots(self, item: str) -> list[Slot]:
        """Return everything received about an item, quarantined and unusable values included, by date."""
        return self.chart.slots.get(item, NO_SLOTS).until(self.day)

    def absence(self, item: str) -> Absence | None:
        """Return the record that a test could not be done, if it is newer than any usable value."""
        series = self.chart.absences.get(item)
        absence = None if series is None else series.last(self.day)
        reading = self.last(item)
        return absence if absence is not None and (reading is None or reading.day < absence.day) else None

    def condition(self, code: str) -> Status | None:
        """Return the newest status of a condition, or None when nothing is recorded."""
        series = self.chart.conditions.get(code)
        return None if series is None else series.last(self.day)

    def statuses(self, code: str) -> list[Status]:
        """Return every status of a condition so far, one per date, oldest first."""
        series = self.chart.conditions.get(code)
        return [] if series is None else series.until(self.day)

    def members(self, drug: str) -> tuple[str, ...]:
        """Return the drugs of a group, or the drug itself."""
        return self.pathway.groups.get(drug) or (drug,)

    def course(self, drug: str) -> Course | None:
        """Return where a drug stands, active or not; None when it was never recorded."""
        series = self.chart.courses.get(drug)
        return None if series is None else series.last(self.day)

    def running(self, drug: str) -> Course | None:
        """Return the drug's course if it is active today."""
        course = self.course(drug)
        if course is None or course.started is None:
            return None
        return None if course.ends is not None and self.reached(course.ends) else course

    def was_active(self, drug: str, day: date) -> bool:
        """Whether a drug was active on an earlier day."""
        series = self.chart.courses.get(drug)
        course = None if series is None else series.last(day)
        return course is not None and course.active(day)

    def courses(self, drug: str) -> list[Course]:
        """Return every change of a drug's course so far, oldest first."""
        series = self.chart.courses.get(drug)
        return [] if series is None else series.until(self.day)

    def vaccination(self, vaccine: str) -> tuple[date, str] | None:
        """Return date and event of the newest dose of a vaccine, or None."""
        series = self.chart.vaccinations.get(vaccine)
        given = None if series is None else series.until(self.day)
        return (series.days[len(given) - 1], given[-1]) if series and given else None

    def in_state(self, state: str) -> bool:
        """Whether the patient is in a state or one of its substates."""
        return belongs(self.position.state, state)

    def entered(self, state: str) -> date | None:
        """Return the date of the last entry into a state or its substates, or None."""
        return self.position.entered(state)

    def context(self, name: str) -> FactValue | None:
        """Return what the pathway remembers under a name."""
        return self.position.context.get(name)

    def parameter(self, name: str) -> bool | Decimal:
        """Return a parameter's value."""
        return self.pathway.settings[name]

    def number(self, name: str) -> Decimal:
        """Return a numeric parameter's value."""
        value = self.pathway.settings[name]
        assert not isinstance(value, bool)
        return value

    def days(self, name: str) -> int:
        """Return a parameter that counts whole days."""
        return self.pathway.days[name]

    def shared(self, compute: Callable[["Moment"], S]) -> S:
        """Return what a helper of several facts works out, computed once per moment."""
        known: S = self._shared.get(compute, UNKNOWN)
        if known is UNKNOWN:
            known = self._shared[compute] = compute(self)
        return known

    def fact(self, name: str) -> Fact:
        """Return a fact, computed once per moment."""
        known = self._facts.get(name)
        if known is None:
            known = self._facts[name] = self.pathway.facts[name](self)
        return known

    def criterion(self, name: str) -> FactValue | None:
        """Return a criterion's value; one that states a truth is True or False, never unknown."""
        if name in self._criteria:
            return self._criteria[name]
        tree = self.pathway.criteria[name]
        value = tree.value(self)
        if value is None and tree.kind == "boolean":
            value = False
        self._criteria[name] = value
        return value

    def holds(self, name: str) -> bool:
        """Whether a criterion or boolean fact is true."""
        value = self.criterion(name) if name in self.pathway.criteria else self.fact(name).value
        return value is True

    def blocked(self, action: str) -> bool:
        """Whether an action's `block_if` is true."""
        known = self._blocked.get(action)
        if known is None:
            guard = self.pathway.actions[action].block_if
            known = self._blocked[action] = guard is not None and guard.value(self) is True
        return known

    def without(self, item: str) -> "Moment":
        """Return the same moment with one item unseen; what it notes about time is noted here too."""
        return _Shadow(self, item)

    def review_of(self, last: date | None) -> "Moment":
        """Return the moment to judge a review's interval, with `last` set to its newest data."""
        self.last_review = last
        self._facts.pop("last", None)
        for name in self.pathway.review_criteria:
            self._criteria.pop(name, None)
        return self


class _Shadow(Moment):
    """A moment with one item hidden that notes flips on the moment it was made from."""

    __slots__ = ("_origin",)

    def __init__(self, origin: Moment, hidden: str) -> None:
        super().__init__(origin.pathway, origin.chart, origin.enrolment, origin.day, origin.position)
        self._origin = origin
        self._hidden = hidden

    def note(self, flip: date) -> None:
        self._origin.note(flip)

"""The general functions of the expression language, and the names the engine itself provides.

They know nothing of any disease: only items, drugs, conditions, vaccines, actions, states, dates.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from engine.core.asof import Elapsed
from engine.core.facts import Fact, FactKind

if TYPE_CHECKING:
    from engine.core.moment import Moment

Argument = Literal[
    "item", "drug", "condition", "vaccine", "action", "state", "attribute", "days", "date", "truth", "number"
]
NAMED: frozenset[str] = frozenset({"item", "drug", "condition", "vaccine", "action", "state", "attribute"})
"""Arguments written as quoted names and checked against the vocabulary or the pathway."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function expressions may call."""

    name: str
    kind: FactKind | Literal["any"]
    arguments: tuple[Argument, ...]
    """Kinds in order; the last one repeats when `variadic`."""
    compute: Callable[..., Fact]
    says: str
    variadic: bool = False


FALSE = Fact(False)
TRUE = Fact(True)


def _fresh(at: "Moment", item: str) -> Fact:
    fresh = at.fresh(item)
    reading = None if item in at.pathway.composites else at.last(item)
    missing = () if fresh else (item,)
    return Fact(fresh, missing=missing) if reading is None else Fact(fresh, (reading.event_id,), missing)


def _known(at: "Moment", item: str) -> Fact:
    reading = at.last(item)
    if reading is None:
        return Fact(False, missing=(item,))
    return Fact(True, (reading.event_id,), note=reading.day)


def _absent(at: "Moment", item: str) -> Fact:
    absence = at.absence(item)
    if absence is None:
        return Fact(False)
    recent = at.within(absence.day, at.chart.vocabulary.absent_days)
    return Fact(recent, (absence.event_id,), note=absence)


def _date(at: "Moment", item: str) -> Fact:
    reading = at.last(item)
    return Fact(None, missing=(item,)) if reading is None else Fact(reading.day, (reading.event_id,))


def _latest(at: "Moment", *items: str) -> Fact:
    readings = [r for i in items if (r := at.last(i)) is not None]
    if not readings:
        return Fact(None, missing=items)
    newest = max(readings, key=lambda r: r.day)
    return Fact(newest.day, (newest.event_id,))


def _since(at: "Moment", day: date | None) -> Fact:
    return Fact(None if day is None else Elapsed(day))


def _cond(at: "Moment", code: str) -> Fact:
    status = at.condition(code)
    if status is None:
        return FALSE
    return Fact(status.active, (status.event_id,), note=status.day)


def _cond_on(at: "Moment", code: str) -> Fact:
    status = at.condition(code)
    return Fact(status.day, (status.event_id,)) if status is not None and status.active else Fact(None)


def _active(at: "Moment", drug: str) -> Fact:
    running = [c for d in at.members(drug) if (c := at.running(d)) is not None]
    if not running:
        return FALSE
    return Fact(True, tuple(c.start_event or "" for c in running), note=tuple(c.started for c in running))


def _ever(at: "Moment", drug: str) -> Fact:
    given = [c for d in at.members(drug) if (c := at.course(d)) is not None and c.given is not None]
    return Fact(bool(given), tuple(c.event_id for c in given), note=tuple(c.given for c in given))


def _started(at: "Moment", drug: str) -> Fact:
    running = [c for d in at.members(drug) if (c := at.running(d)) is not None and c.started is not None]
    if not running:
        return Fact(None)
    first = min(running, key=lambda c: c.started or date.max)
    return Fact(first.started, (first.start_event or "",))


def _given(at: "Moment", drug: str) -> Fact:
    given = [c for d in at.members(drug) if (c := at.course(d)) is not None and c.given is not None]
    if not given:
        return Fact(None)
    newest = max(given, key=lambda c: c.given or date.min)
    return Fact(newest.given, (newest.event_id,))


def _dose(at: "Moment", drug: str) -> Fact:
    course = at.running(drug)
    if course is None:
        return Fact(Decimal(0))
    missing = () if course.dose is not None else (f"dose of {drug}",)
    return Fact(course.dose, (course.event_id,), missing, course.day)


def _vaccinated(at: "Moment", vaccine: str, days: Decimal) -> Fact:
    last = at.vaccination(vaccine)
    if last is None:
        return Fact(False)
    day, event_id = last
    return Fact(at.within(day, int(days)), (event_id,), note=day)


def _blocked(at: "Moment", action: str) -> Fact:
    return TRUE if at.blocked(action) else FALSE


def _blocked_without(at: "Moment", action: str, item: str) -> Fact:
    return Fact(at.without(item).blocked(action))


def _none_left(at: "Moment", *actions: str) -> Fact:
    wanted = [a for a in actions if at.pathway.actions[a].when.value(at) is True]
    return Fact(bool(wanted) and all(at.blocked(a) for a in wanted), note=tuple(wanted))


def _attr(at: "Moment", item: str, attribute: str) -> Fact:
    reading = at.last(item)
    value = None if reading is None else reading.attributes.get(attribute)
    if reading is None or value is None:
        return Fact(None, missing=(f"{attribute} of {item}",))
    return Fact(value, (reading.event_id,), note=reading.day)


def _after(at: "Moment", day: date | None, other: date | None) -> Fact:
    return Fact(None if day is None else other is None or day > other)


def _count(at: "Moment", *truths: bool | None) -> Fact:
    return Fact(Decimal(sum(1 for t in truths if t is True)))


def _in_state(at: "Moment", state: str) -> Fact:
    return TRUE if at.in_state(state) else FALSE


def _entered(at: "Moment", state: str) -> Fact:
    return Fact(at.entered(state))


def _days_between(at: "Moment", first: date | None, last: date | None) -> Fact:
    return Fact(None if first is None or last is None else Decimal((last - first).days))


FUNCTIONS: dict[str, Function] = {
    f.name: f
    for f in (
        Function("fresh", "boolean", ("item",), _fresh, "the last usable value is not stale"),
        Function("known", "boolean", ("item",), _known, "a usable value exists"),
        Function(
            "absent", "boolean", ("item",), _absent, "the newest record says the test could not be done"
        ),
        Function("date", "date", ("item",), _date, "date of the last usable value"),
        Function("latest", "date", ("item",), _latest, "newest date of several items", variadic=True),
        Function("since", "days", ("date",), _since, "whole days since a date"),
        Function("cond", "boolean", ("condition",), _cond, "the condition is active"),
        Function("cond_on", "date", ("condition",), _cond_on, "date of the condition's newest active status"),
        Function("active", "boolean", ("drug",), _active, "the drug, or a drug of the group, is active"),
        Function("ever", "boolean", ("drug",), _ever, "the drug or group was ever started or given"),
        Function("started", "date", ("drug",), _started, "start of the current course"),
        Function("given", "date", ("drug",), _given, "newest start or administered dose"),
        Function("dose", "number", ("drug",), _dose, "current dose; 0 when inactive"),
        Function("vaccinated", "boolean", ("vaccine", "days"), _vaccinated, "given within so many days"),
        Function("blocked", "boolean", ("action",), _blocked, "the action's `block_if` holds"),
        Function(
            "blocked_without", "boolean", ("action", "item"), _blocked_without, "blocked, the item unseen"
        ),
        Function(
            "none_left", "boolean", ("action",), _none_left, "some are due and all due are blocked", True
        ),
        Function("attr", "any", ("item", "attribute"), _attr, "qualifier of the last usable value"),
        Function("after", "boolean", ("date", "date"), _after, "first date is later, or there is no second"),
        Function("count", "number", ("truth",), _count, "how many of the arguments hold", variadic=True),
        Function("in_state", "boolean", ("state",), _in_state, "in the state or one of its substates"),
        Function("entered", "date", ("state",), _entered, "last entry into the state or a substate"),
        Function(
            "days_between", "number", ("date", "date"), _days_between, "whole days from first to second date"
        ),
    )
}


def _conflict_n(at: "Moment") -> Fact:
    days = at.chart.vocabulary.conflict_days
    found = [
        slot
        for (_, day), slot in sorted(at.chart.conflicts.items())
        if day <= at.day and at.within(day, days)
    ]
    return Fact(
        Decimal(len(found)),
        _events(slot.readings for slot in found),
        note=_readings(s.readings for s in found),
    )


def _quarantined_n(at: "Moment") -> Fact:
    found = [readings for (_, day), readings in sorted(at.chart.quarantined.items()) if day <= at.day]
    return Fact(Decimal(sum(len(r) for r in found)), _events(found), note=_readings(found))


def _entry(at: "Moment") -> Fact:
    return Fact(at.position.since)


def _enrolled(at: "Moment") -> Fact:
    return Fact(at.enrolled, (at.enrolment.event_id,))


def _history_changed(at: "Moment") -> Fact:
    known = [c for c in at.changes if at.reached(c.received)]
    days = ", ".join(dict.fromkeys(str(c.received) for c in known))
    return Fact(bool(known), tuple(c.event_id for c in known), note=f"received {days}" if known else "")


def _history_changed_on(at: "Moment") -> Fact:
    known = [c for c in at.changes if at.reached(c.received)]
    return Fact(max(c.received for c in known), (known[-1].event_id,)) if known else Fact(None)


def _events(groups: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(r.event_id for group in groups for r in group))


def _readings(groups: Any) -> tuple[object, ...]:
    return tuple(r for group in groups for r in group)


ENGINE_FACTS: dict[str, tuple[FactKind, Callable[["Moment"], Fact], str]] = {
    "day": ("date", lambda at: Fact(at.day), "the date the question is asked as of"),
    "entry": ("date", _entry, "entry into the current state"),
    "enrolled": ("date", _enrolled, "date of enrolment"),
    "last": ("date", lambda at: Fact(at.last_review), "last data of the review"),
    "target": ("code", lambda at: Fact(at.target), "the state an override moves to"),
    "quarantined_n": ("number", _quarantined_n, "values waiting for verification"),
    "conflict_n": ("number", _conflict_n, "recent dates with conflicting values"),
    "history_changed": ("boolean", _history_changed, "late or corrected data changed the history"),
    "history_changed_on": ("date", _history_changed_on, "day the newest such change was received"),
}
"""Names an expression may use without declaring them: kind, function, meaning."""

"""Lines of treatment: what counts as a new agent, and since when (spec §5)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from engine.core.facts import Fact, fact
from engine.core.moment import Moment
from pathways.facts.lung_function import HUNDRED, number

REPEATED = "rtx"
"""The drug whose later course counts as a new agent (spec §5, new_agent)."""
BASELINE_DAYS = 90
"""Days up to the start of a calcineurin inhibitor in which the baseline creatinine lies (spec §5)."""


@dataclass(frozen=True, slots=True)
class NewAgent:
    """A drug that began the next line, and the day it did."""

    drug: str
    day: date
    event_id: str

    def told(self, name: Callable[[str], str]) -> str:
        """Return what an explanation says: the drug by its name, and the day."""
        return f"{name(self.drug)} on {self.day}"


def new_agents(at: Moment, group: str) -> list[NewAgent]:
    """Return the drugs of a group begun on or after the entry into the current state.

    A drug counts when it was off the day before entry; the repeated drug also counts with a dose
    more than RTX_REDOSE_DAYS after the one before.
    """
    entry = at.position.since
    found = []
    for drug in at.members(group):
        newest = at.course(drug)
        if newest is None or newest.day < entry:
            continue
        off_before = not at.was_active(drug, entry - timedelta(days=1))
        for course in at.courses(drug):
            if course.day < entry or course.given != course.day:
                continue
            begun = off_before and course.started == course.day
            again = (
                drug == REPEATED
                and course.previous is not None
                and (course.day - course.previous).days > at.days("RTX_REDOSE_DAYS")
            )
            if begun or again:
                found.append(NewAgent(drug, course.day, course.event_id))
    return found


def _any(found: list[NewAgent]) -> Fact:
    return Fact(bool(found), tuple(f.event_id for f in found), note=tuple(found))


def _first(found: list[NewAgent]) -> Fact:
    if not found:
        return Fact(None)
    first = min(found, key=lambda f: f.day)
    return Fact(first.day, (first.event_id,))


@fact(
    "new_agent",
    "boolean",
    "new agent begun in this state",
    parameters=("RTX_REDOSE_DAYS",),
    drugs=("newline",),
)
def new_agent(at: Moment) -> Fact:
    """Whether any agent that makes a new line was begun since entry."""
    return _any(new_agents(at, "newline"))


@fact(
    "new_is",
    "boolean",
    "new immunosuppressant begun in this state",
    parameters=("RTX_REDOSE_DAYS",),
    drugs=("is",),
)
def new_is(at: Moment) -> Fact:
    """Whether an immunosuppressant was begun since entry."""
    return _any(new_agents(at, "is"))


@fact(
    "new_agent_start",
    "date",
    "earliest start of the new agents",
    parameters=("RTX_REDOSE_DAYS",),
    drugs=("newline",),
)
def new_agent_start(at: Moment) -> Fact:
    """Return the day the first new agent was begun, or None."""
    return _first(new_agents(at, "newline"))


@fact(
    "new_is_start",
    "date",
    "earliest start of the new immunosuppressants",
    parameters=("RTX_REDOSE_DAYS",),
    drugs=("is",),
)
def new_is_start(at: Moment) -> Fact:
    """Return the day the first new immunosuppressant was begun, or None."""
    return _first(new_agents(at, "is"))


@fact("is_start", "date", "earliest start among the active immunosuppressants", drugs=("is",))
def is_start(at: Moment) -> Fact:
    """Return the start of the longest running immunosuppressant, or None."""
    running = [c for d in at.members("is") if (c := at.running(d)) is not None and c.started is not None]
    if not running:
        return Fact(None)
    first = min(running, key=lambda c: c.started or date.max)
    return Fact(first.started, (first.start_event or "",))


@fact(
    "creat_rise",
    "number",
    "percent rise of creatinine since the start of a calcineurin inhibitor",
    items=("creatinine",),
    drugs=("cni",),
    cite=("eng",),
)
def creat_rise(at: Moment) -> Fact:
    """Return the percent rise over the newest creatinine of the 90 days up to the start; None without one."""
    starts = [
        c.started for d in at.members("cni") if (c := at.running(d)) is not None and c.started is not None
    ]
    newest = at.last("creatinine")
    if not starts or newest is None:
        return Fact(None, missing=("creatinine",) if newest is None else ())
    start = min(starts)
    earliest = start - timedelta(days=BASELINE_DAYS)
    before = [r for r in at.readings("creatinine") if earliest <= r.day <= start]
    if not before:
        return Fact(None, (newest.event_id,), ("a creatinine from before the start",))
    baseline = before[-1]
    rise = (number(newest) - number(baseline)) * HUNDRED / number(baseline)
    return Fact(rise, (baseline.event_id, newest.event_id), note=(baseline, newest))

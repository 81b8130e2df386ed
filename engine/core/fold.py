"""The fold: a chart replayed date by date into a position and the history of how it was reached.

Spec §6.2. All events of one date are seen together, so arrival order cannot matter. A position is
kept for every date evaluated, so a late event costs only the dates from its own onwards, and a date
that touches nothing the open transitions read is passed over. The result is the one a thorough
replay from the start gives (a law).
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from datetime import date

from engine.core.chart import Chart, Entry
from engine.core.events import Admin, Override
from engine.core.facts import FactValue
from engine.core.moment import Moment, Position
from engine.core.pathway import Pathway, Transition


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a patient's history: a transition, an override, or a change of status."""

    day: date
    transition: str
    source: str
    target: str
    before: Position
    """The position in which the guard was judged; re-judging it gives the reasons."""
    event_id: str | None = None
    """The override or status change, for steps a person made."""

    @property
    def key(self) -> tuple[str, date, str]:
        """What makes two histories the same: transition, date, target (spec §3)."""
        return (self.transition, self.day, self.target)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The position after all events of a date, and the history up to then."""

    position: Position
    steps: tuple[Step, ...]
    quiet_until: date = date.min
    """First date on which a transition could fire by the passing of time alone; `date.min` for at once."""


class Fold:
    """A replay that can be taken back to a date and continued."""

    def __init__(self, pathway: Pathway, chart: Chart, *, thorough: bool = False) -> None:
        """Begin a replay; a thorough one judges every guard on every date."""
        self.pathway = pathway
        self.thorough = thorough
        self.chart = chart
        self._days: list[date] = []
        self._checkpoints: list[Checkpoint] = []

    def rewind(self, chart: Chart, day: date | None) -> None:
        """Forget everything from a day on (all of it when None) and continue with this chart."""
        self.chart = chart
        at = 0 if day is None else bisect_left(self._days, day)
        del self._days[at:], self._checkpoints[at:]

    def branch(self, chart: Chart, day: date) -> "Fold":
        """Return a replay of another chart, which is the same before a day."""
        new, kept = Fold(self.pathway, chart, thorough=self.thorough), bisect_left(self._days, day)
        new._days, new._checkpoints = self._days[:kept], self._checkpoints[:kept]
        return new

    def until(self, day: date) -> Checkpoint | None:
        """Return the checkpoint after the last date on or before `day`; None before enrolment."""
        enrolment = self.chart.enrolment
        if enrolment is None or enrolment.day > day:
            return None
        dates = self.chart.dates.days
        start = bisect_left(dates, enrolment.day)
        if self._days:
            start = bisect_right(dates, self._days[-1])
        for each in dates[start : bisect_right(dates, day)]:
            last = self._checkpoints[-1] if self._checkpoints else self._begin(enrolment)
            self._checkpoints.append(self._date(each, last, enrolment))
            self._days.append(each)
        return self._checkpoints[bisect_right(self._days, day) - 1]

    def _begin(self, enrolment: Entry) -> Checkpoint:
        definition = self.pathway.definition
        context: dict[str, FactValue | None] = {
            n: variable.start for n, variable in definition.context.items()
        }
        initial = definition.initial
        return Checkpoint(Position(initial, enrolment.day, "active", context, {initial: enrolment.day}), ())

    def _date(self, day: date, last: Checkpoint, enrolment: Entry) -> Checkpoint:
        """Evaluate a date: reopen and resume, transitions, overrides, transitions again, pause and close."""
        if self._passes(day, last):
            return last
        position, steps, quiet = last.position, list(last.steps), date.min
        position = self._administer(day, position, steps, ("reopen", "resume"))
        if position.status != "closed":
            fired: set[str] = set()
            position, quiet = self._settle(day, position, enrolment, fired, steps)
            overrides = self.chart.overrides.get(day)
            if overrides:
                newest = max(overrides, key=lambda e: e.stamp)
                position = self._override(day, position, enrolment, newest, steps)
                position, quiet = self._settle(day, position, enrolment, fired, steps)
        position = self._administer(day, position, steps, ("pause", "close"))
        return Checkpoint(position, tuple(steps), quiet)

    def _passes(self, day: date, last: Checkpoint) -> bool:
        """Whether nothing can happen on a date: no guard's data is touched and no guard's time has come."""
        if self.thorough or day >= last.quiet_until or day in self.chart.overrides or day in self.chart.admin:
            return False
        touched = self.chart.dates.get(day) or set()
        return self.pathway.stirs[last.position.state].isdisjoint(touched)

    def _settle(
        self, day: date, position: Position, enrolment: Entry, fired: set[str], steps: list[Step]
    ) -> tuple[Position, date]:
        """Fire transitions, each id at most once per date, until none fires; say until when it stays so."""
        machine, rules = self.pathway.machine, self.pathway.transitions
        while True:
            moment = Moment(self.pathway, self.chart, enrolment, day, position)
            moves = machine.moves(position.state)
            chosen = next((m.id for m in moves if _fires(rules[m.id], fired, moment)), None)
            if chosen is None:
                spent = any(m.id in fired for m in moves)
                return position, date.min if spent else moment.steady_until
            fired.add(chosen)
            target = machine.advance(position.state, chosen)
            steps.append(Step(day, chosen, position.state, target, position))
            context = {name: node.value(moment) for name, node in rules[chosen].assign.items()}
            position = position.enter(target, day, context)

    def _override(
        self, day: date, position: Position, enrolment: Entry, entry: Entry, steps: list[Step]
    ) -> Position:
        assert isinstance(entry.body, Override)
        rule, target = self.pathway.entry_rule, entry.body.to
        moment = Moment(self.pathway, self.chart, enrolment, day, position)
        moment.target = target
        context = {name: node.value(moment) for name, node in rule.assign.items()}
        reached = self.pathway.machine.override(position.state, target)
        steps.append(Step(day, rule.definition.id, position.state, reached, position, entry.event_id))
        return position.enter(reached, day, context)

    def _administer(self, day: date, position: Position, steps: list[Step], ops: tuple[str, ...]) -> Position:
        for entry in sorted(self.chart.admin.get(day, ()), key=lambda e: e.stamp):
            assert isinstance(entry.body, Admin)
            if entry.body.op not in ops:
                continue
            for change in self.pathway.definition.status_changes:
                if change.op == entry.body.op and position.status in change.source:
                    steps.append(Step(day, change.id, position.status, change.to, position, entry.event_id))
                    position = replace(position, status=change.to)
                    break
        return position


def _fires(rule: Transition, fired: set[str], at: Moment) -> bool:
    """Whether a transition has not fired on this date yet and its guard holds."""
    return rule.definition.id not in fired and rule.when is not None and rule.when.value(at) is True

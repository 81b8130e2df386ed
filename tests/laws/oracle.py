"""The slow road, written straight from the specification: no shortcut, no memory from one day to the next."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from engine.core.actions import is_open
from engine.core.chains import standing
from engine.core.changes import Change
from engine.core.chart import Chart
from engine.core.evaluate import Evaluation
from engine.core.events import Admin, Decision, Event, Override, Record
from engine.core.facts import FactValue
from engine.core.fold import Step
from engine.core.lapsed import Lapsed
from engine.core.moment import Moment, Position, belongs
from engine.core.pathway import Pathway, Transition


class Replay:
    """Spec §6.2 for one record: every distinct date from enrolment on, in order, in four steps."""

    def __init__(self, pathway: Pathway, events: Iterable[Event]) -> None:
        self.pathway = pathway
        stands = standing(events)
        self.chart = Chart(pathway.vocabulary, pathway.jump_limits, stands)
        self.enrolment = self.chart.enrolment
        self.rules = sorted(
            (t for t in pathway.transitions.values() if t.when is not None),
            key=lambda t: (t.definition.prio, t.definition.id),
        )
        self.days: list[date] = []
        self.positions: list[Position] = []
        self.lengths: list[int] = []
        self.steps: list[Step] = []
        if self.enrolment is not None:
            for day in sorted({e.effective for e in stands if e.effective >= self.enrolment.day}):
                self._date(day)

    def history(self, day: date) -> tuple[Step, ...]:
        """The history after the last date on or before a day."""
        seen = [n for d, n in zip(self.days, self.lengths, strict=True) if d <= day]
        return tuple(self.steps[: seen[-1]]) if seen else ()

    def position(self, day: date) -> Position | None:
        """The position after the last date on or before a day."""
        seen = [p for d, p in zip(self.days, self.positions, strict=True) if d <= day]
        return seen[-1] if seen else None

    def _date(self, day: date) -> None:
        if self.positions:
            position = self.positions[-1]
        else:
            definition = self.pathway.definition
            context: dict[str, FactValue | None] = {
                name: variable.start for name, variable in definition.context.items()
            }
            position = Position(definition.initial, day, "active", context, {definition.initial: day})
        fired: set[str] = set()
        position = self._administer(day, position, ("reopen", "resume"))
        if position.status != "closed":
            position = self._settle(day, position, fired)
            overrides = self.chart.overrides.get(day, [])
            if overrides:
                newest = sorted(overrides, key=lambda e: e.stamp)[-1]
                assert isinstance(newest.body, Override)
                position = self._move(day, position, self.pathway.entry_rule, newest.body.to, newest.event_id)
                position = self._settle(day, position, fired)
        position = self._administer(day, position, ("pause", "close"))
        self.days.append(day)
        self.positions.append(position)
        self.lengths.append(len(self.steps))

    def _settle(self, day: date, position: Position, fired: set[str]) -> Position:
        while True:
            for rule in self.rules:
                source = any(belongs(position.state, s) for s in rule.definition.source)
                if not source or rule.definition.id in fired or rule.when is None:
                    continue
                if rule.when.value(self.moment(day, position)) is True:
                    fired.add(rule.definition.id)
                    position = self._move(day, position, rule, rule.definition.to or "", None)
                    break
            else:
                return position

    def _move(
        self, day: date, position: Position, rule: Transition, to: str, event_id: str | None
    ) -> Position:
        at = self.moment(day, position)
        at.target = to
        self.steps.append(Step(day, rule.definition.id, position.state, to, position, event_id))
        return position.enter(to, day, {name: node.value(at) for name, node in rule.assign.items()})

    def _administer(self, day: date, position: Position, ops: tuple[str, str]) -> Position:
        for entry in sorted(self.chart.admin.get(day, []), key=lambda e: e.stamp):
            assert isinstance(entry.body, Admin)
            for change in self.pathway.definition.status_changes:
                if entry.body.op == change.op in ops and position.status in change.source:
                    self.steps.append(
                        Step(day, change.id, position.status, change.to, position, entry.event_id)
                    )
                    position = replace(position, status=change.to)
                    break
        return position

    def moment(self, day: date, position: Position) -> Moment:
        """Return the moment of a day with a position."""
        assert self.enrolment is not None
        return Moment(self.pathway, self.chart, self.enrolment, day, position)


def changes(pathway: Pathway, record: Record) -> tuple[Change, ...]:
    """Every message after which the history is no extension of the one before (spec §3), prefix by prefix."""
    found: list[Change] = []
    for index, event in enumerate(record.events):
        before = Replay(pathway, record.events[:index]).history(event.stamp.day)
        after = Replay(pathway, record.events[: index + 1]).history(event.stamp.day)
        had, kept = [s.key for s in before], [s.key for s in after]
        if kept[: len(had)] != had:
            withdrawn = tuple(s for s in before if s.key not in kept)
            brought = tuple(s for s in after if s.key not in had)
            sides = (record.events[:index], record.events[: index + 1])
            gone = lapsed(pathway, sides, event.stamp.day, tuple(found))
            found.append(Change(event.id, event.stamp.day, withdrawn, brought, gone))
    return tuple(found)


def lapsed(
    pathway: Pathway, sides: tuple[tuple[Event, ...], ...], day: date, known: tuple[Change, ...]
) -> tuple[Lapsed, ...]:
    """Actions called for on a day by the first record and not by the second; none where that cannot be."""
    moments = []
    for events in sides:
        told = Replay(pathway, events)
        position = told.position(day)
        live = told.enrolment is not None and position is not None and position.status != "closed"
        at = told.moment(day, position) if live and position is not None else None
        if at is not None:
            at.changes = known
        moments.append(at)
    before, after = moments
    found = []
    if before is None:
        return ()
    for name, action in pathway.actions.items():
        if action.when.value(before) is not True or (after and action.when.value(after) is True):
            continue
        decided = [d for d in before.chart.decisions.get(name, ()) if before.position.since <= d.day <= day]
        found.append(Lapsed(action, sorted(decided, key=lambda d: (d.day, d.stamp))[-1] if decided else None))
    return tuple(found)


class Days:
    """Which actions are open by today's record, every action and every day asked by itself."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.moments: dict[date, Moment | None] = {}
        self.answers: dict[tuple[str, date], bool] = {}

    def open(self, action: str, day: date) -> bool:
        """Whether an action is open on a day; nothing is before enrolment or while closed."""
        if (action, day) not in self.answers:
            if day not in self.moments:
                self.moments[day] = self._moment(day)
            at = self.moments[day]
            self.answers[action, day] = at is not None and is_open(at.pathway.actions[action], at)
        return self.answers[action, day]

    def opened(self, action: str, day: date) -> date:
        """The first day of the unbroken run of days up to the given one on which an action is open."""
        while self.open(action, day - timedelta(days=1)):
            day -= timedelta(days=1)
        return day

    def _moment(self, day: date) -> Moment | None:
        fold = self.evaluation.fold
        checkpoint, enrolment = fold.until(day), fold.chart.enrolment
        if checkpoint is None or enrolment is None or checkpoint.position.status == "closed":
            return None
        at = Moment(self.evaluation.pathway, fold.chart, enrolment, day, checkpoint.position)
        at.changes = self.evaluation.moment.changes if self.evaluation.moment is not None else ()
        return at


def silent(kind: str, decision: str, prio: int, elapsed: int, *, entered_since: bool) -> bool:
    """Whether a decision keeps an action without a trigger off the list (spec §7, "Decisions").

    `elapsed` counts days from the decision's date; `entered_since` says whether a state was entered
    on a later date.
    """
    if elapsed < 0:
        return False
    if kind in ("education", "support"):
        return elapsed < (365 if decision == "accept" else 90)
    if entered_since:
        return False
    if decision == "decline":
        return elapsed < 90
    if kind == "referral":
        return True
    return elapsed < {0: 1, 1: 3}.get(prio, 28)


def decided(at: Moment, action: str, trigger: object) -> bool:
    """Whether any decision silences an action as of a moment."""
    definition = at.pathway.actions[action].definition
    prio = at.pathway.actions[action].prio.value(at)
    for entry in at.chart.decisions.get(action, []):
        assert isinstance(entry.body, Decision)
        if entry.day > at.day:
            continue
        if definition.trigger is not None:
            if isinstance(trigger, date) and trigger <= entry.day:
                return True
            continue
        entered = max(at.position.entries.values()) > entry.day
        if silent(
            definition.kind,
            entry.body.decision,
            int(str(prio)),
            (at.day - entry.day) // timedelta(days=1),
            entered_since=entered,
        ):
            return True
    return False

"""Which reminders are expected: worked out from what may be seen of a patient and the ladder's rows alone.

Nothing of the engine's own reading of the ladder is used. It remembers what the engine does not: every step
that is still to come, and since which evaluation reviews are told as one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from engine.core.evaluate import Evaluation

LADDER: dict[str, Any] = YAML(typ="safe").load(
    (Path(__file__).parents[2] / "pathways/pm_ild/v1.yaml").read_text()
)["ladder"]
Key = tuple[str, str, date, str]
"""Kind, subject, due date and step."""


@dataclass(frozen=True)
class Told:
    """A step that is expected: when, for which day, and to whom."""

    at: datetime
    planned: date
    to: tuple[str, ...]


def fits(review: str, patterns: Iterable[str]) -> bool:
    return any(review == p or (p.endswith("*") and review.startswith(p[:-1])) for p in patterns)


@dataclass
class Climbing:
    """A review: the steps still to come on its own days, and the first day any told with it has each."""

    due: date
    base: date
    steps: dict[str, date]
    to: dict[str, tuple[str, ...]]
    shared: dict[str, tuple[date, date]] = field(default_factory=dict)
    """By step; and the evaluation since which it has been so."""

    def planned(self) -> dict[str, date]:
        """On which day each step is told: no later than those after it."""
        days, soonest = dict[str, date](), date.max
        for step, own in reversed(self.steps.items()):
            day, since = self.shared[step]
            soonest = min(soonest, day if day >= since else own)
            days[step] = soonest
        return dict(reversed(days.items()))


@dataclass
class Urgent:
    """An action: hour 0, and from when on steps are still to come."""

    hour_0: datetime
    priority: int
    topic: tuple[str, date]
    following: datetime


@dataclass
class Expected:
    """What is to be told about one patient, as time passes and data come."""

    zone: tzinfo
    told: dict[Key, Told] = field(default_factory=dict)
    reviews: dict[str, Climbing] = field(default_factory=dict)
    urgent: dict[tuple[str, date], Urgent] = field(default_factory=dict)
    known: frozenset[tuple[str, date]] = frozenset()
    """All actions that were open."""

    def seen(self, now: Evaluation, instant: datetime, *, by_time: bool) -> None:
        """Take in what may be seen of the patient at an instant: after data came, or as time passed."""
        self._reviews(now)
        self._actions(now, instant, by_time=by_time)

    def look(self, day: date, instant: datetime) -> None:
        """Expect everything whose time has come to be told now."""
        for name, review in self.reviews.items():
            planned = review.planned()
            for step in [step for step, on in planned.items() if on <= day]:
                key = ("review", name, review.due, step)
                self.told.setdefault(key, Told(instant, planned[step], review.to[step]))
                del review.steps[step]
        for action in self.urgent.values():
            for row in LADDER["actions"]:
                at = action.hour_0 + timedelta(hours=row["hours"])
                if action.priority in row["prios"] and action.following <= at <= instant:
                    key = ("action", *action.topic, row["step"])
                    self.told.setdefault(key, Told(instant, day, tuple(row["to"])))
            action.following = max(action.following, instant + timedelta(microseconds=1))

    def _reviews(self, now: Evaluation) -> None:
        if now.position is None or now.position.status != "active":
            self.reviews = {}
            return
        before, self.reviews = self.reviews, {}
        for review in now.reviews:
            going = before.get(review.id)
            if going is None or (going.due, going.base) != (review.due, review.base):
                going = self._begun(review.id, review.due, review.base, now.as_of)
            self.reviews[review.id] = going
        for party in self._parties():
            own = [self._days(name, self.reviews[name]) for name in party]
            for climbing in (self.reviews[name] for name in party):
                for step in climbing.steps:
                    day = min(days[step] for days in own if step in days)
                    was, since = climbing.shared.get(step, (None, None))
                    climbing.shared[step] = (day, since if was == day and since else now.as_of)

    def _days(self, name: str, review: Climbing) -> dict[str, date]:
        short = (review.due - review.base).days < LADDER["short_below"]
        return {
            row["step"]: review.due + timedelta(days=row["short" if short else "offset"])
            for row in LADDER["reviews"]
            if fits(name, row["applies"])
        }

    def _begun(self, name: str, due: date, base: date, day: date) -> Climbing:
        to = {row["step"]: tuple(row["to"]) for row in LADDER["reviews"]}
        begun = Climbing(due, base, {}, to)
        days = self._days(name, begun)
        passed = [step for step, on in days.items() if on <= day]
        begun.steps = {step: max(on, day) for step, on in days.items() if on > day or step == passed[-1]}
        return begun

    def _parties(self) -> list[list[str]]:
        rule = LADDER["together"]
        found = [[name] for name in self.reviews if not fits(name, rule["reviews"])]
        first: date | None = None
        for due, name in sorted((r.due, n) for n, r in self.reviews.items() if fits(n, rule["reviews"])):
            if first is None or (due - first).days > rule["days"]:
                first = due
                found.append([])
            found[-1].append(name)
        return found

    def _actions(self, now: Evaluation, instant: datetime, *, by_time: bool) -> None:
        before, self.urgent = self.urgent, {}
        open_now = {(a.id, a.opened_on): a for a in now.actions}
        for key, action in open_now.items():
            rows = [row for row in LADDER["actions"] if action.prio in row["prios"]]
            if not rows or action.disposition not in ("offer", "needs_data"):
                continue
            topic = key
            if action.action.definition.kind == "treatment" and now.position is not None:
                topic = ("options", now.position.since)
            going = before.get(key)
            if going is None:
                day = now.as_of if key in self.known else action.opened_on
                morning = datetime.combine(day, time(8), self.zone).astimezone(UTC)
                hour_0 = morning if by_time else instant
                going = Urgent(hour_0, action.prio, topic, hour_0)
            elif going.priority != action.prio:
                at = [going.hour_0 + timedelta(hours=row["hours"]) for row in rows]
                newest = max((t for t in at if t <= instant), default=min(at))
                going = Urgent(going.hour_0, action.prio, topic, newest)
            self.urgent[key] = Urgent(going.hour_0, action.prio, topic, going.following)
        self.known = frozenset(open_now)

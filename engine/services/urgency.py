"""Why a row of a worklist is where it is: only what the pathway and the record say, and no weights."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from engine.core import ladder, urgent
from engine.core.definition import Ladder
from engine.core.pathway import Pathway
from engine.core.worklists import Row
from engine.errors import NotFound
from engine.ports import Pathways, UnitOfWork
from engine.services.ladders import ladder_on

Climb = tuple[tuple[timedelta, str], ...]
"""Steps in order, each after how long."""

ReasonCode = Literal["priority", "overdue", "waits", "step", "missed", "tier", "outcome"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that says how urgent a row is."""

    code: ReasonCode
    value: str


class Judge:
    """Tells how urgent rows are, on a day of one site; each pathway's ladder is read once."""

    def __init__(self, uow: UnitOfWork, pathways: Pathways, site: str, now: datetime, today: date) -> None:
        """Ask in a transaction, at an instant and the day it is at the site."""
        self._uow, self._pathways, self._site = uow, pathways, site
        self._now, self._today = now, today
        self._rules = dict[tuple[str, str], Pathway | None]()
        self._ladders = dict[tuple[str, str], Ladder]()
        self._climbs = dict[tuple[str | int, ...], Climb]()

    def rules(self, row: Row) -> Pathway | None:
        """Return the rules of a row; None where there are none, or not any more."""
        if row.pathway is None or row.standing is None:
            return None
        key = (row.pathway, row.standing.version)
        if key not in self._rules:
            try:
                self._rules[key] = self._pathways.pathway(*key)
            except NotFound:
                self._rules[key] = None
        return self._rules[key]

    def told_by_the_hour(self, row: Row) -> bool:
        """Whether somebody is told of an action by the hour, by the ladder in force."""
        rules = self.rules(row)
        return rules is not None and any(row.priority in step.prios for step in self._ladder(rules).actions)

    def title(self, row: Row) -> str:
        """Return the title a pathway gives to what a row is about; its id where there is none."""
        rules = self.rules(row)
        if rules is None:
            return row.subject
        definition, found = rules.definition, None
        if row.kind == "action" and row.subject in rules.actions:
            found = rules.actions[row.subject].definition.title
        elif row.kind == "review" and row.subject in rules.reviews:
            found = rules.reviews[row.subject].title
        elif row.kind == "reading" and row.subject in rules.vocabulary.items:
            found = rules.vocabulary.items[row.subject].title
        elif row.kind in ("step", "override"):
            state = row.named.get("to") or (row.standing.state if row.standing else None) or ""
            found = definition.states[state].title if state in definition.states else state
        return found or row.subject

    def reasons(self, row: Row) -> tuple[Reason, ...]:
        """Return why a row is urgent, the weightiest first as far as the pathway says so."""
        found = list[Reason]()
        if row.priority is not None:
            found.append(Reason("priority", str(row.priority)))
        if row.due is not None and row.due < self._today:
            found.append(Reason("overdue", str((self._today - row.due).days)))
        elif row.kind in ("reading", "override") and row.on is not None:
            found.append(Reason("waits", str((self._today - row.on).days)))
        found += self._steps(row)
        if row.standing is not None and row.standing.tier is not None:
            found.append(Reason("tier", row.standing.tier))
        if row.named.get("outcome"):
            found.append(Reason("outcome", row.named["outcome"]))
        return tuple(found)

    def grounds(self, row: Row) -> frozenset[str]:
        """Return what a row lacks, the reminder step it reached, and the reason of an override."""
        told = {lack.item for lack in row.missing} | {reason.value for reason in self._steps(row)}
        if "reason" in row.named:
            told.add(row.named["reason"])
        return frozenset(told)

    def _steps(self, row: Row) -> tuple[Reason, ...]:
        """Return the reminder step reached, or that the last one was."""
        rules = self.rules(row)
        if rules is None:
            return ()
        if row.kind == "review" and row.due is not None and row.on is not None:
            climb, since = self._days(rules, row.subject, (row.due - row.on).days), self._today - row.due
        elif row.kind == "action" and row.priority is not None and row.at is not None:
            climb, since = self._hours(rules, row.priority), self._now - row.at
        else:
            return ()
        passed = [step for after, step in climb if after <= since]
        if not passed:
            return ()
        return (Reason("missed" if len(passed) == len(climb) else "step", passed[-1]),)

    def _days(self, rules: Pathway, review: str, interval: int) -> Climb:
        """Return the steps of a review, each with how long after the due date it comes."""
        key = (rules.definition.id, rules.definition.version, review, interval)
        if key not in self._climbs:
            rows = ladder.offsets(self._ladder(rules), review, interval)
            self._climbs[key] = tuple((timedelta(days=days), row.step) for days, row in rows)
        return self._climbs[key]

    def _hours(self, rules: Pathway, priority: int) -> Climb:
        """Return the steps of an urgent action, each with how long after hour 0 it comes."""
        key = (rules.definition.id, rules.definition.version, priority)
        if key not in self._climbs:
            rows = urgent.climbing(self._ladder(rules), priority)
            self._climbs[key] = tuple((timedelta(hours=row.hours), row.step) for row in rows)
        return self._climbs[key]

    def _ladder(self, rules: Pathway) -> Ladder:
        definition = rules.definition
        key = (definition.id, definition.version)
        if key not in self._ladders:
            self._ladders[key] = ladder_on(self._uow, self._site, definition, self._today)
        return self._ladders[key]

"""The specification's own reading of expressions: two truths; a comparison with a missing side is false.

Written over the author's text and the chart; it shares nothing with the guard trees it is held against
but the fact functions.
"""

import ast
import operator
from bisect import bisect_right
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from engine.core.asof import Elapsed
from engine.core.courses import Course
from engine.core.moment import Moment
from engine.core.series import Series

SIGNS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def _calculated(left: Any, op: ast.operator, right: Any) -> Any:
    if left is None or right is None:
        return None
    return left + right if isinstance(op, ast.Add) else left * right


def _compared(left: Any, op: ast.cmpop, right: Any) -> bool:
    if left is None or right is None:
        return False
    return left in right if isinstance(op, ast.In) else SIGNS[type(op)](left, right)


class TwoValued:
    """Reads expressions as of one moment."""

    def __init__(self, at: Moment, hidden: str = "") -> None:
        self.at = at.without(hidden) if hidden else at
        self.pathway, self.chart, self.day = at.pathway, at.chart, at.day
        self.position, self.last_review, self.target = at.position, at.last_review, at.target
        self.hidden = hidden

    def read(self, text: str) -> Any:
        """The value of an expression: a truth, a number, a date, a code; None for a missing operand."""
        return self._value(ast.parse(text.strip(), mode="eval").body, text.strip())

    def _value(self, tree: ast.expr, text: str) -> Any:
        match tree:
            case ast.BoolOp(op=op, values=values):
                truths = [self._value(v, text) for v in values]
                return all(truths) if isinstance(op, ast.And) else any(truths)
            case ast.UnaryOp(op=op, operand=operand):
                value = self._value(operand, text)
                return not value if isinstance(op, ast.Not) else -value
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._value(body if self._value(test, text) else orelse, text)
            case ast.BinOp(left=left, op=op, right=right):
                return _calculated(self._value(left, text), op, self._value(right, text))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return _compared(self._value(left, text), op, self._value(right, text))
            case ast.Tuple(elts=elements):
                return tuple(self._value(e, text) for e in elements)
            case ast.Constant(value=value):
                number = isinstance(value, int | float) and not isinstance(value, bool)
                return Decimal(ast.get_source_segment(text, tree) or "") if number else value
            case ast.Name(id=name):
                return self._name(name)
        assert isinstance(tree, ast.Call), ast.dump(tree)
        return getattr(self, f"_{ast.unparse(tree.func)}")(*[self._value(a, text) for a in tree.args])

    def _name(self, name: str) -> Any:
        definition = self.pathway.definition
        if name in definition.criteria:
            return self.read(definition.criteria[name].when)
        if name in definition.parameters:
            return definition.parameters[name].value
        if name in definition.context:
            return self.position.context.get(name)
        if name in self.pathway.catalogue:
            value = self.at.fact(name).value
            return self._age() if name == "age" else value
        known = {
            "day": self.day,
            "entry": self.position.since,
            "enrolled": self.at.enrolment.day,
            "last": self.last_review,
            "target": self.target,
        }
        if name in known:
            return known[name]
        if name in ("quarantined_n", "conflict_n", "history_changed", "history_changed_on"):
            return self.at.fact(name).value
        reading = self._last(name)
        return None if reading is None else reading.value

    def _age(self) -> Decimal:
        born = self.at.enrolment_field("birth_date")
        assert isinstance(born, date)
        years = self.day.year - born.year - ((self.day.month, self.day.day) < (born.month, born.day))
        return Decimal(years)

    def _seen(self, series: Series[Any] | None) -> Any:
        """The newest entry dated today or earlier."""
        at = 0 if series is None else bisect_right(series.days, self.day)
        return None if series is None or at == 0 else series.entries[at - 1]

    def _last(self, item: str) -> Any:
        return None if item == self.hidden else self._seen(self.chart.kept.get(item))

    def _drugs(self, name: str) -> list[Course]:
        members = self.pathway.definition.groups.get(name, (name,))
        return [c for d in members if (c := self._seen(self.chart.courses.get(d))) is not None]

    def _running(self, name: str) -> list[Course]:
        return [c for c in self._drugs(name) if c.started and (c.ends is None or self.day < c.ends)]

    # The functions of spec §5, and those the pathway adds, each by its name.

    def _known(self, item: str) -> bool:
        return self._last(item) is not None

    def _date(self, item: str) -> date | None:
        reading = self._last(item)
        return None if reading is None else reading.day

    def _latest(self, *items: str) -> date | None:
        return max((d for i in items if (d := self._date(i)) is not None), default=None)

    def _fresh(self, item: str) -> bool:
        if item in self.pathway.definition.composites:
            return bool(self.read(self.pathway.definition.composites[item]))
        day, stale = self._date(item), self.pathway.vocabulary.items[item].stale
        return day is not None and (stale is None or (self.day - day).days <= stale)

    def _absent(self, item: str) -> bool:
        absence, day = self._seen(self.chart.absences.get(item)), self._date(item)
        newest = absence is not None and (day is None or day < absence.day)
        return newest and (self.day - absence.day).days <= 90

    def _attr(self, item: str, name: str) -> Any:
        reading = self._last(item)
        return None if reading is None else reading.attributes.get(name)

    def _since(self, day: date | None) -> Decimal | None:
        return None if day is None else Decimal((self.day - day).days)

    def _days_between(self, first: date | None, last: date | None) -> Decimal | None:
        return None if first is None or last is None else Decimal((last - first).days)

    def _after(self, day: date | None, other: date | None) -> bool:
        return day is not None and (other is None or day > other)

    def _count(self, *truths: object) -> Decimal:
        return Decimal(sum(map(bool, truths)))

    def _cond(self, code: str) -> bool:
        status = self._seen(self.chart.conditions.get(code))
        return status is not None and status.active

    def _cond_on(self, code: str) -> date | None:
        status = self._seen(self.chart.conditions.get(code))
        return status.day if status is not None and status.active else None

    def _active(self, drug: str) -> bool:
        return bool(self._running(drug))

    def _ever(self, drug: str) -> bool:
        return any(c.given for c in self._drugs(drug))

    def _started(self, drug: str) -> date | None:
        return min((c.started for c in self._running(drug) if c.started), default=None)

    def _given(self, drug: str) -> date | None:
        return max((c.given for c in self._drugs(drug) if c.given), default=None)

    def _dose(self, drug: str) -> Decimal | None:
        running = self._running(drug)
        return running[0].dose if running else Decimal(0)

    def _vaccinated(self, vaccine: str, days: Decimal) -> bool:
        series = self.chart.vaccinations.get(vaccine)
        given = [d for d in series.days if d <= self.day] if series else []
        return bool(given) and (self.day - given[-1]).days <= days

    def _in_state(self, state: str) -> bool:
        return self.position.state.split(".")[0] == state or self.position.state == state

    def _entered(self, state: str) -> date | None:
        entries = self.position.entries.items()
        return max((d for s, d in entries if s == state or s.split(".")[0] == state), default=None)

    def _blocked(self, action: str) -> bool:
        guard = self.pathway.actions[action].definition.block_if
        return guard is not None and bool(self.read(guard))

    def _blocked_without(self, action: str, item: str) -> bool:
        return TwoValued(self.at, item)._blocked(action)

    def _none_left(self, *actions: str) -> bool:
        wanted = [a for a in actions if self.read(self.pathway.actions[a].definition.when)]
        return bool(wanted) and all(map(self._blocked, wanted))


def plain_value(value: object, at: Moment) -> object:
    """A tree's value as the two-valued reading gives it: elapsed time as a number."""
    return value.value(at) if isinstance(value, Elapsed) else value

"""The date a question is asked as of, and the dates on which its answers would change.

Nothing in the core reads a clock. Whoever asks about time asks an `AsOf`, which notes for every
answer when it would flip by the passing of days alone. The notes give the span of days, around the
date asked, on which all answers are the same; its end is an evaluation's `revisit_on`.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class AsOf:
    """A date, with the span of days on which everything asked so far has the same answer."""

    __slots__ = ("_day", "_from", "_until")

    def __init__(self, day: date) -> None:
        self._day = day
        self._from = date.min
        self._until = date.max

    @property
    def day(self) -> date:
        """The date asked, for looking up dated entries; elapsed time is asked of the methods."""
        return self._day

    @property
    def steady_from(self) -> date:
        """First day (inclusive) from which all answers given were the same."""
        return self._from

    @property
    def steady_until(self) -> date:
        """First day (exclusive end) on which some answer given would differ; `date.max` for never."""
        return self._until

    def note(self, flip: date) -> None:
        """Record that an answer differs between the day before `flip` and `flip` itself."""
        if flip > self._day:
            self._until = min(self._until, flip)
        else:
            self._from = max(self._from, flip)

    def within(self, day: date, days: int) -> bool:
        """Whether at most `days` whole days have passed since `day` (inclusive)."""
        flip = day + timedelta(days=days + 1)
        self.note(flip)
        return self._day < flip

    def reached(self, day: date) -> bool:
        """Whether `day` has come: today is that day or later."""
        self.note(day)
        return self._day >= day

    def passed(self, day: date) -> bool:
        """Whether `day` lies in the past."""
        return self.reached(day + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Whole days since a date; a quantity that grows by one each day."""

    since: date

    unit = "d"

    def value(self, at: AsOf) -> Decimal:
        """Return the number of days as of the date asked."""
        return Decimal((at.day - self.since).days)

    def reaches(self, number: Decimal) -> date:
        """Return the first date on which at least `number` days have passed."""
        return self.since + timedelta(days=int(number.to_integral_value(rounding="ROUND_CEILING")))

    def compare(self, sign: str, number: Decimal, at: AsOf) -> bool:
        """Compare with a number of days, noting when the answer flips."""
        reached = self.reaches(number)
        beyond = self.reaches(number.to_integral_value(rounding="ROUND_FLOOR") + 1)
        if sign in ("<", ">=", "==", "!="):
            at.note(reached)
        if sign in ("<=", ">", "==", "!="):
            at.note(beyond)
        return COMPARE[sign](self.value(at), number)


@dataclass(frozen=True, slots=True)
class Age(Elapsed):
    """Completed years since a date of birth; 29 February counts as 1 March in common years."""

    unit = "a"

    def value(self, at: AsOf) -> Decimal:
        """Return the age in completed years."""
        had_birthday = (at.day.month, at.day.day) >= (self.since.month, self.since.day)
        return Decimal(at.day.year - self.since.year - (0 if had_birthday else 1))

    def reaches(self, number: Decimal) -> date:
        """Return the birthday on which the age becomes `number`."""
        year = self.since.year + int(number.to_integral_value(rounding="ROUND_CEILING"))
        try:
            return self.since.replace(year=year)
        except ValueError:
            return date(year, 3, 1)

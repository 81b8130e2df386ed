"""A dated series: entries in order of date, found by bisection."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


class Series(Generic[T]):
    """One entry per date."""

    __slots__ = ("days", "entries")

    def __init__(self) -> None:
        self.days: list[date] = []
        self.entries: list[T] = []

    def copy(self) -> "Series[T]":
        """Return a series that can go on by itself; the entries are the same."""
        new = Series[T]()
        new.days, new.entries = self.days.copy(), self.entries.copy()
        return new

    def put(self, day: date, entry: T) -> None:
        """Set the entry of a day, replacing the one there."""
        if not self.days or day > self.days[-1]:
            self.days.append(day)
            self.entries.append(entry)
            return
        at = bisect_left(self.days, day)
        if self.days[at] == day:
            self.entries[at] = entry
        else:
            self.days.insert(at, day)
            self.entries.insert(at, entry)

    def drop(self, day: date) -> None:
        """Remove the entry of a day if there is one."""
        at = bisect_left(self.days, day)
        if at < len(self.days) and self.days[at] == day:
            del self.days[at], self.entries[at]

    def get(self, day: date) -> T | None:
        """Return the entry of exactly this day, or None."""
        at = bisect_left(self.days, day)
        return self.entries[at] if at < len(self.days) and self.days[at] == day else None

    def until(self, day: date) -> list[T]:
        """Return the entries dated on or before a day."""
        return self.entries[: bisect_right(self.days, day)]

    def between(self, first: date, last: date) -> list[T]:
        """Return the entries dated from `first` to `last`, both inclusive."""
        return self.entries[bisect_left(self.days, first) : bisect_right(self.days, last)]

    def after(self, day: date) -> date:
        """Return the first date with an entry after a day; `date.max` when there is none."""
        at = bisect_right(self.days, day)
        return self.days[at] if at < len(self.days) else date.max

    def newest_first(self, day: date) -> Iterator[T]:
        """Yield the entries dated on or before a day, newest first; looking at a few copies nothing."""
        for index in range(bisect_right(self.days, day) - 1, -1, -1):
            yield self.entries[index]

    def at_or_before(self, day: date) -> int:
        """Return the index of the newest entry dated on or before a day; -1 when there is none."""
        return bisect_right(self.days, day) - 1

    def last(self, day: date) -> T | None:
        """Return the newest entry dated on or before a day, or None."""
        at = bisect_right(self.days, day)
        return self.entries[at - 1] if at else None

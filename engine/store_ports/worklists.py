"""What services need of the store for worklists: their rows in order, and the filters somebody saved."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from engine.core.cohorts import Figures
from engine.core.worklists import ListName, Row, SavedWorklist, Spot


class WorklistStore(Protocol):
    """Rows of worklists: at most `limit` of a site's, from the one after a spot on, in the list's order.

    Work is ordered by the day it is due, what is never due last; what waits by the day it began to, the
    longest first; what only happened by the instant, the newest first.
    """

    def urgent(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        """Return open actions that were told of by the hour, and still wait for somebody."""

    def open(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        """Return all open actions."""

    def overdue(self, site: str, day: date, after: Spot | None, limit: int) -> tuple[Row, ...]:
        """Return reviews and actions due before a day that are neither held, blocked nor deferred."""

    def needs_data(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        """Return open actions that wait for data."""

    def moved(self, site: str, since: datetime, after: Spot | None, limit: int) -> tuple[Row, ...]:
        """Return steps that were recorded or superseded since an instant, each time a row of its own."""

    def doubted(self, site: str, day: date, after: Spot | None, limit: int) -> tuple[Row, ...]:
        """Return readings that wait for verification, of a day or earlier."""

    def overridden(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        """Return patients who stand where an override put them."""

    def undeliverable(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        """Return messages that were given up on channels that are open."""

    def lengths(self, site: str, day: date, since: datetime, most: int) -> Mapping[ListName, int]:
        """Return how many rows each list has of which every row is wanted, none counted beyond `most`.

        Args:
            site: of the lists.
            day: the present day.
            since: from when on steps are listed as new.
            most: where counting a list ends.
        """

    def figures(self, site: str, pathway: str, day: date, since: date) -> Figures:
        """Return how the patients of a pathway stand, counted.

        Args:
            site: of the patients.
            pathway: the pathway.
            day: the present day.
            since: steps into states are counted from this day on.
        """


class SavedWorklistStore(Protocol):
    """Filters of worklists that somebody saved."""

    def add(self, saved: SavedWorklist) -> None:
        """Keep a new one."""

    def get(self, saved: str) -> SavedWorklist | None:
        """Return one, or None."""

    def save(self, saved: SavedWorklist) -> None:
        """Replace what is kept of one; raises `NotFound`."""

    def remove(self, saved: str) -> None:
        """Forget one."""

    def at(self, site: str) -> Sequence[SavedWorklist]:
        """Return those of a site, oldest first."""

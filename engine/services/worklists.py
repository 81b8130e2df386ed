"""Worklists: what of a site is urgent, overdue, new, or waits; page by page, whose it is worked out.

A page looks at a bounded number of rows. What a filter leaves out was looked at too, so a page may hold fewer
rows than asked for, or none, and lead on all the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property

from engine.core.ownership import (
    FALLS_TO,
    OWNER,
    ActionKey,
    Owner,
    Roster,
    handed_over,
    holders,
    owner_of,
)
from engine.core.people import TeamPost
from engine.core.worklists import MOVED_DAYS, Filters, ListName, Row, SavedWorklist, Spot, stands
from engine.errors import PersonNeeded
from engine.ports import Clock, Pathways, UnitOfWork
from engine.services.patients import Sender, time_zone
from engine.services.rosters import roster_on
from engine.services.urgency import Judge, Reason

ME, NOBODY = "me", "nobody"
"""Owners a filter can name beside a person."""

AT_ONCE = 200
"""Rows read together where a filter leaves some out."""
LOOKED_AT = 2000
"""Rows looked at for one page."""
COUNTED = 1000
"""Rows looked at for one count."""
COUNTED_TOGETHER = 20_000
"""Rows looked at for the counts of several lists, or for a count more."""

Read = Callable[[Spot | None, int], tuple[Row, ...]]


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a worklist as it is shown."""

    row: Row
    title: str
    owner: Owner | None
    """None when it is nobody's."""
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a worklist."""

    items: tuple[Listed, ...]
    names: Roster
    """Who works at the site."""
    today: date
    zone: tzinfo
    """Both at the site."""
    following: Spot | None
    """After which the next page begins; None at the end."""


@dataclass(frozen=True, slots=True)
class Count:
    """How long a worklist is."""

    rows: int
    at_least: bool
    """Only so many rows were looked at; there may be more."""
    looked: int = 0
    """Rows looked at; none where the database counts."""


class Worklists:
    """The worklists of the sender's site, on its present day, in one transaction."""

    def __init__(self, uow: UnitOfWork, pathways: Pathways, clock: Clock, sender: Sender) -> None:
        """Ask in a transaction."""
        self.uow, self.sender = uow, sender
        self.zone = time_zone(uow, sender.site)
        self.today = clock.today(self.zone)
        week = datetime.combine(self.today - timedelta(days=MOVED_DAYS), time(), self.zone)
        self.since = week.astimezone(UTC)
        """From when on steps are listed as new."""
        self.working = roster_on(uow, sender.site, self.today)
        self.judge = Judge(uow, pathways, sender.site, clock.now(), self.today)

    def page(self, name: ListName, wanted: Filters, *, after: Spot | None = None, limit: int = 50) -> Listing:
        """Return a page of a worklist.

        Args:
            name: which.
            wanted: which of its rows.
            after: the place of the row before; None for the beginning.
            limit: rows at most.

        Raises:
            PersonNeeded: the sender asks for what is theirs, and is no person.
        """
        found, passed = list[tuple[Row, Owner | None]](), after
        following: Spot | None = None
        rows = self._rows(name, self._named(wanted), after, limit + 1)
        for looked, (row, owner, fits) in enumerate(rows):
            if looked == LOOKED_AT or (fits and len(found) == limit):
                following = passed
                break
            passed = row.spot
            if fits:
                found.append((row, owner))
        judge = self.judge
        items = tuple(Listed(row, judge.title(row), owner, judge.reasons(row)) for row, owner in found)
        return Listing(items, self.working, self.today, self.zone, following)

    def count(self, name: ListName, wanted: Filters, most: int = COUNTED) -> Count:
        """Return how long a worklist is, of the rows at its beginning.

        Args:
            name: which.
            wanted: which of its rows.
            most: rows looked at, where each needs a look.

        Raises:
            PersonNeeded: the sender asks for what is theirs, and is no person.
        """
        if wanted == Filters() and name in self.lengths:
            rows = self.lengths[name]
            return Count(min(rows, COUNTED), at_least=rows > COUNTED)
        rows, looked, wanted = 0, 0, self._named(wanted)
        owned = wanted.owner is not None or name == "unowned"
        for looked, (_, _, fits) in enumerate(self._rows(name, wanted, None, most + 1, owned=owned), 1):
            if looked > most:
                return Count(rows, at_least=True, looked=looked)
            rows += fits
        return Count(rows, at_least=False, looked=looked)

    def count_each(self, lists: Iterable[SavedWorklist]) -> dict[str, Count]:
        """Return how long saved worklists are, by their ids, as far as the rows go that may be looked at.

        Args:
            lists: those of a person only where the sender is one.

        Raises:
            PersonNeeded: the sender asks for what is theirs, and is no person.
        """
        found, left = dict[str, Count](), COUNTED_TOGETHER
        for saved in lists:
            if left <= 0:
                break
            count = found[saved.id] = self.count(saved.list, saved.filters)
            left -= count.looked
        return found

    @cached_property
    def lengths(self) -> Mapping[ListName, int]:
        """How long the lists are of which every row is wanted, counted by the database."""
        return self.uow.worklists.lengths(self.sender.site, self.today, self.since, COUNTED + 1)

    def _named(self, wanted: Filters) -> Filters:
        if wanted.owner != ME:
            return wanted
        if self.sender.person is None:
            raise PersonNeeded
        return replace(wanted, owner=self.sender.person)

    def _rows(
        self, name: ListName, wanted: Filters, after: Spot | None, limit: int, *, owned: bool = True
    ) -> Iterator[tuple[Row, Owner | None, bool]]:
        """Yield the rows of a list with their owners, and whether they are wanted."""
        read = self._read(name)
        size = limit if wanted == Filters() and name != "unowned" else max(limit, AT_ONCE)
        while True:
            batch = read(after, size)
            owners = self._owners(batch) if owned else [None] * len(batch)
            for row, owner in zip(batch, owners, strict=True):
                fits = stands(row, wanted) and (
                    wanted.owner is None or wanted.owner == (NOBODY if owner is None else owner.person)
                )
                if wanted.because is not None:
                    fits = fits and wanted.because in self.judge.grounds(row)
                if name == "urgent":
                    fits = fits and self.judge.told_by_the_hour(row)
                elif name == "unowned":
                    fits = fits and owner is None
                yield row, owner, fits
            if len(batch) < size:
                return
            after = batch[-1].spot

    def _read(self, name: ListName) -> Read:
        """Return what reads the rows of a list."""
        lists, site, today = self.uow.worklists, self.sender.site, self.today
        reads: dict[ListName, Read] = {
            "urgent": lambda after, limit: lists.urgent(site, after, limit),
            "overdue": lambda after, limit: lists.overdue(site, today, after, limit),
            "moved": lambda after, limit: lists.moved(site, self.since, after, limit),
            "needs-data": lambda after, limit: lists.needs_data(site, after, limit),
            "quarantined": lambda after, limit: lists.doubted(site, today, after, limit),
            "overridden": lambda after, limit: lists.overridden(site, after, limit),
            "undeliverable": lambda after, limit: lists.undeliverable(site, after, limit),
            "unowned": lambda after, limit: lists.open(site, after, limit),
        }
        return reads[name]

    def _owners(self, rows: Sequence[Row]) -> list[Owner | None]:
        """Return whose each row is; two queries for all of them.

        An action falls to whom it does everywhere; a message is whose the channel is; what else there is
        about a patient falls as something that is to be arranged.
        """
        patients = list({row.patient for row in rows if row.patient is not None})
        posts = defaultdict[str, list[TeamPost]](list)
        for post in self.uow.teams.of_each(patients) if patients else ():
            posts[post.patient].append(post)
        teams = {patient: holders(given) for patient, given in posts.items()}
        of_actions = any(row.kind == "action" for row in rows)
        handed = handed_over(self.uow.notes.of_each(patients, OWNER)) if of_actions else {}
        found = list[Owner | None]()
        for row in rows:
            if row.kind == "message":
                person = row.named.get("person", "")
                found.append(Owner(person, "channel") if person in self.working.names else None)
                continue
            note, order = None, FALLS_TO["order"]
            if row.kind == "action" and row.on is not None:
                rules = self.judge.rules(row)
                action = None if rules is None else rules.actions.get(row.subject)
                order = order if action is None else FALLS_TO[action.definition.kind]
                note = handed.get(ActionKey(row.patient or "", row.pathway or "", row.subject, row.on))
            found.append(owner_of(note, teams.get(row.patient or "", {}), order, self.working))
        return found

"""The inbox: what somebody was told, whatever became of it on its way, and how it stands now."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from engine.errors import PersonNeeded
from engine.ports import Clock, Pathways, UnitOfWork
from engine.services.patients import Sender, time_zone
from engine.services.standing import Entry, Standings


@dataclass(frozen=True, slots=True)
class Notice:
    """All that somebody was told of a patient at once."""

    id: str
    patient: str
    pathway: str
    created: datetime
    entries: tuple[Entry, ...]

    @property
    def urgent(self) -> bool:
        """Whether some of it was told at any hour."""
        return any(entry.urgent for entry in self.entries)


def inbox(
    uow: UnitOfWork,
    pathways: Pathways,
    clock: Clock,
    sender: Sender,
    *,
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[Notice, ...]:
    """Return at most `limit` notices to the sender about patients who belong to the site now, newest first.

    Args:
        uow: the transaction.
        pathways: give titles.
        clock: tells the day.
        sender: who asks.
        before: creation and id of the notice after which to go on; None for the beginning.
        limit: how many.

    Raises:
        PersonNeeded: the sender is no person.
    """
    if sender.person is None:
        raise PersonNeeded
    standings = Standings(uow, pathways, clock.today(time_zone(uow, sender.site)))
    told = uow.reminders.notices(sender.person, sender.site, before=before, limit=limit)
    found = list[Notice]()
    for notice, together in groupby(told, key=lambda one: one.notice):
        entries = tuple(map(standings.entry, together))
        first = entries[0].told
        found.append(Notice(notice, first.patient, first.pathway, first.created, entries))
    return tuple(found)

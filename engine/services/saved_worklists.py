"""Saving filters of worklists: for oneself, and shared with roles at the site."""

from dataclasses import dataclass, replace

from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.kept import AuditEntry
from engine.core.worklists import Filters, ListName, SavedWorklist
from engine.errors import MessageRefused, NotFound, Problem
from engine.ports import Clock, Randomness, UnitOfWork
from engine.services.patients import Sender

MOST = 100
"""Worklists that one person or credential may save at a site."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A worklist as somebody wants it saved."""

    name: str
    list: ListName
    filters: Filters
    shared_with: tuple[str, ...] = ()


def is_mine(saved: SavedWorklist, sender: Sender) -> bool:
    """Whether the sender saved a worklist."""
    whose = saved.person if sender.person is not None else saved.credential
    return whose is not None and whose == (sender.person or sender.credential)


def visible(uow: UnitOfWork, sender: Sender) -> tuple[SavedWorklist, ...]:
    """Return the saved worklists the sender may see at the site, oldest first."""
    roles = sender.roles | {sender.role}
    return tuple(
        saved
        for saved in uow.saved_worklists.at(sender.site)
        if is_mine(saved, sender) or not roles.isdisjoint(saved.shared_with)
    )


def saved_worklist(uow: UnitOfWork, name: str, sender: Sender) -> SavedWorklist:
    """Return a saved worklist by its id; raises `NotFound` for one the sender may not see, too."""
    found = next((saved for saved in visible(uow, sender) if saved.id == name), None)
    if found is None:
        raise NotFound("worklist", name)
    return found


def save_worklist(
    uow: UnitOfWork, wish: Wish, sender: Sender, clock: Clock, randomness: Randomness
) -> SavedWorklist:
    """Save a worklist and return it; raises `MessageRefused` when the sender saved too many."""
    mine = [saved for saved in uow.saved_worklists.at(sender.site) if is_mine(saved, sender)]
    if len(mine) >= MOST:
        text = f"There are {MOST} saved worklists of yours here already; remove one first."
        raise MessageRefused((Problem("", "too-many-worklists", text),))
    now = clock.now()
    saved = SavedWorklist(
        uuid7(now, randomness.draw(RANDOM_BYTES)),
        sender.site,
        wish.name,
        wish.list,
        wish.filters,
        wish.shared_with,
        now,
        sender.person,
        sender.credential if sender.person is None else None,
    )
    uow.saved_worklists.add(saved)
    _note(uow, "save worklist", saved, sender, clock)
    return saved


def change_worklist(uow: UnitOfWork, name: str, wish: Wish, sender: Sender, clock: Clock) -> SavedWorklist:
    """Put a saved worklist of the sender's own anew and return it; raises `NotFound`."""
    saved = replace(
        _own(uow, name, sender),
        name=wish.name,
        list=wish.list,
        filters=wish.filters,
        shared_with=wish.shared_with,
    )
    uow.saved_worklists.save(saved)
    _note(uow, "change worklist", saved, sender, clock)
    return saved


def remove_worklist(uow: UnitOfWork, name: str, sender: Sender, clock: Clock) -> None:
    """Remove a saved worklist of the sender's own; raises `NotFound`."""
    saved = _own(uow, name, sender)
    uow.saved_worklists.remove(saved.id)
    _note(uow, "remove worklist", saved, sender, clock)


def _own(uow: UnitOfWork, name: str, sender: Sender) -> SavedWorklist:
    saved = uow.saved_worklists.get(name)
    if saved is None or saved.site != sender.site or not is_mine(saved, sender):
        raise NotFound("worklist of yours", name)
    return saved


def _note(uow: UnitOfWork, act: str, saved: SavedWorklist, sender: Sender, clock: Clock) -> None:
    body = {"worklist": saved.id, "shared_with": list(saved.shared_with)}
    uow.audit.append(f"site:{sender.site}", AuditEntry(clock.now(), sender.author, act, body))

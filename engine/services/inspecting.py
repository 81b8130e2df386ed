"""Inspecting the audit: every chain and every seal is worked out again; each fault is told with its place.

Read a piece at a time, each on one state of the database, while others go on writing. Only where each chain
was last sealed is remembered.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from engine.core.kept import AuditLink, Author, Seal
from engine.core.sealing import RECORDED, SEALS, fits, linked
from engine.ports import Store, UnitOfWork, Verifier

LINKS_AT_ONCE, SEALS_AT_ONCE = 1000, 50
SEAL = "seal"
"""Where a fault lies that is one of a seal; chains have other names."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written."""

    place: str
    """A chain, or `seal`."""
    number: int
    """Of the entry, or of the seal."""
    says: str

    def __str__(self) -> str:
        return f"{self.place} {self.number}: {self.says}"


@dataclass(frozen=True, slots=True)
class Inspected:
    """A piece of the audit that was looked at."""

    entries: int
    seals: int
    faults: tuple[Fault, ...]


def inspected(store: Store, verifier: Verifier) -> Iterator[Inspected]:
    """Yield what is found in the audit of a store, piece by piece: seals, then chains."""
    found = _Inspection(store, verifier)
    yield from found.seals()
    yield from found.chains()
    with store.reading() as uow:
        missing = uow.audit.missing()
    yield Inspected(0, 0, tuple(Fault(chain, 1, "the whole chain of a patient is gone") for chain in missing))


@dataclass
class _Chain:
    """A chain as far as it was read."""

    name: str
    number: int = 0
    hash: str = ""
    named: dict[str, tuple[int, datetime, Author]] = field(default_factory=dict)
    """The events its entries name, with the entry's number, instant and author."""

    def take(self, link: AuditLink) -> Iterator[Fault]:
        """Go on to the next link; yield what is wrong with it."""
        expected = self.number + 1
        if link.number != expected:
            which = "is gone" if link.number == expected + 1 else f"and all up to {link.number - 1} are gone"
            yield Fault(self.name, expected, which)
        elif link.previous_hash != self.hash:
            yield Fault(self.name, link.number, "does not follow the entry before it")
        entry = link.entry
        if linked(self.name, link.number, entry, link.previous_hash).hash != link.hash:
            yield Fault(self.name, link.number, "was changed: it does not fit its hash")
        self.number, self.hash = link.number, link.hash
        events = entry.body.get("events") if entry.act == RECORDED and isinstance(entry.body, dict) else None
        for event in events if isinstance(events, list | tuple) else ():
            self.named[str(event)] = (link.number, entry.instant, entry.author)


class _Inspection:
    """One walk through the audit."""

    def __init__(self, store: Store, verifier: Verifier) -> None:
        self.store = store
        self.verifier = verifier
        self.heads: dict[str, int] = {}
        """The number of each chain's newest sealed entry."""
        self.told: set[str] = set()
        """Chains of which a sealed entry is gone; the later seals over it would only repeat it."""
        self.newest = 0
        """Number of the newest seal that was looked at."""

    def seals(self) -> Iterator[Inspected]:
        """Walk through the seals and what each covers."""
        previous = ""
        while True:
            with self.store.reading() as uow:
                page = uow.seals.page(after=self.newest, limit=SEALS_AT_ONCE)
                faults = list[Fault]()
                for seal in page:
                    faults += self._seal(uow, seal, previous)
                    previous = seal.hash
                if not page:
                    faults += self._gone(uow, None)
            yield Inspected(0, len(page), tuple(faults))
            if not page:
                return

    def _seal(self, uow: UnitOfWork, seal: Seal, previous: str) -> Iterator[Fault]:
        if seal.number != self.newest + 1:
            yield from self._gone(uow, seal.number)
            previous = seal.previous_hash
        if not fits(seal, seal.number, previous):
            yield Fault(SEAL, seal.number, "was changed: it does not fit its hash, or the seal before it")
        elif not self.verifier.genuine(seal.hash, seal.signature):
            yield Fault(SEAL, seal.number, "has no signature by a known key")
        (witness,) = uow.audit.chain(SEALS, after=seal.number - 1, limit=1) or (None,)
        if witness is None or witness.number != seal.number or witness.entry.body.get("hash") != seal.hash:
            yield Fault(SEAL, seal.number, f"is not the one that entry {seal.number} of {SEALS} names")
        stored = uow.audit.stored(seal.heads)
        for head in seal.heads:
            if head not in stored and head.chain not in self.told:
                self.told.add(head.chain)
                says = f"is gone, or another than the one seal {seal.number} covers"
                yield Fault(head.chain, head.number, says)
        self._note(seal)

    def _note(self, seal: Seal) -> None:
        self.newest = seal.number
        for head in seal.heads:
            self.heads[head.chain] = max(head.number, self.heads.get(head.chain, 0))

    def _gone(self, uow: UnitOfWork, until: int | None) -> Iterator[Fault]:
        """Yield the seals that are gone after the newest one and before another, or before the end."""
        if until is not None:
            for number in range(self.newest + 1, until):
                yield Fault(SEAL, number, "is gone")
            return
        for witness in uow.audit.chain(SEALS, after=self.newest):
            yield Fault(SEAL, witness.number, f"is gone: entry {witness.number} of {SEALS} names it")

    def chains(self) -> Iterator[Inspected]:
        """Walk through the entries, chain by chain."""
        after, open_ = ("", 0), None
        while True:
            with self.store.reading() as uow:
                page = uow.audit.links(after=after, limit=LINKS_AT_ONCE)
                faults = list[Fault]()
                for name, links in groupby(page, key=lambda link: link.chain):
                    if open_ is None or open_.name != name:
                        faults += [] if open_ is None else self._end(uow, open_)
                        open_ = _Chain(name)
                    for link in links:
                        faults += open_.take(link)
                if not page and open_ is not None:
                    faults += self._end(uow, open_)
            yield Inspected(len(page), 0, tuple(faults))
            if not page:
                return
            after = (page[-1].chain, page[-1].number)

    def _end(self, uow: UnitOfWork, chain: _Chain) -> Iterator[Fault]:
        """Yield what is wrong with the end of a chain, and with the events it names.

        The transaction is one that showed no further entry.
        """
        yield from self._tail(uow, chain)
        there = set[str]()
        for event, instant, author in uow.records.senders(chain.name):
            there.add(event)
            number, *rest = chain.named.get(event, (0, None, None))
            if number == 0:
                yield Fault(chain.name, chain.number, f"no entry names the event {event!r}")
            elif rest != [instant, author]:
                yield Fault(chain.name, number, f"the event {event!r} has another sender or time of receipt")
        for event, (number, *_) in chain.named.items():
            if event not in there:
                yield Fault(chain.name, number, f"the event {event!r} it names is gone")

    def _tail(self, uow: UnitOfWork, chain: _Chain) -> Iterator[Fault]:
        """Yield what was taken from, or put to, a chain after its newest sealed entry."""
        waiting = uow.seals.waiting(chain.name)
        if chain.number < waiting:
            yield Fault(chain.name, chain.number + 1, "is gone, before it was sealed")
        if chain.number <= max(waiting, self.heads.get(chain.name, 0)):
            return
        while page := uow.seals.page(after=self.newest, limit=SEALS_AT_ONCE):  # made since we looked
            for seal in page:
                self._note(seal)
        known = max(waiting, self.heads.get(chain.name, 0))
        if chain.number > known:
            yield Fault(chain.name, known + 1, "was put in: it is neither sealed nor waiting to be")

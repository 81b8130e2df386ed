"""Two standpoints on one record: how what is seen from them differs, and which events are responsible.

A standpoint is a date asked about and a time up to which events were known. What both see is carried to
each date; what the passing of days makes of it is told apart. The rest of the difference is due to events
that only one of them sees, and a smallest such set is found by leaving events out and asking again.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import combinations

from engine.core.difference import Difference, difference
from engine.core.evaluate import Evaluation, evaluate
from engine.core.events import Correct, Event, Record, Retract, Verify
from engine.core.pathway import Pathway
from engine.core.site_ladders import Dated

MOST = 60
"""Events that may lie between two standpoints for those responsible to be looked for."""
FEW = 8
"""Events responsible among which pairs are tried as well."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """From where a record is looked at."""

    as_of: date
    known_at: date | datetime | None = None
    """What was recorded later is not seen, a date meaning its end; None for all that is known."""

    def record(self, record: Record) -> Record:
        """Return the events known from here."""
        return record if self.known_at is None else record.known_at(self.known_at)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How what is seen from two standpoints differs, and why."""

    difference: Difference
    by_time: Difference
    """What the passing of days alone makes of what both see."""
    between: tuple[Event, ...]
    """Events that only one of them sees, in order of receipt."""
    responsible: tuple[Event, ...] | None
    """Without these, nothing but time makes a difference; with any one of them back, something does.

    None when more than `MOST` events lie between.
    """
    moved_by: tuple[Event, ...] | None
    """Those of them without which the patient stands where time alone would have brought him."""


def compare(
    pathway: Pathway, record: Record, before: Standpoint, after: Standpoint, ladders: Dated = ()
) -> Comparison:
    """Return how what is seen of a record from two standpoints differs, and which events are responsible.

    Args:
        pathway: compiled, with its parameters.
        record: everything known about one patient, as the pathway sees it.
        before: the first standpoint.
        after: the second; it may lie before the first.
        ladders: the site's own.
    """
    sides = [_Side(pathway, each.record(record), each.as_of, ladders) for each in (before, after)]
    found = difference(sides[0].evaluation, sides[1].evaluation)
    common = seen_by_both(min((side.record for side in sides), key=len), min(side.day for side in sides))
    for side in sides:
        side.carry(common)
    both, longer = {event.id for event in common}, max((side.record for side in sides), key=len)
    between = tuple(event for event in longer if event.id not in both)
    by_time = difference(sides[0].carried, sides[1].carried)
    if len(between) > MOST:
        return Comparison(found, by_time, between, None, None)
    all_of_it = smallest(between, lambda out: all(side.agrees(out, _same) for side in sides))
    moving = smallest(all_of_it, lambda out: all(side.agrees(out, _stands) for side in sides))
    return Comparison(found, by_time, between, all_of_it, moving)


def seen_by_both(record: Record, day: date) -> Record:
    """Return what stands of a record up to a day, with whatever amends it.

    Args:
        record: known from both standpoints.
        day: the earlier of their dates; what is dated later is seen from one of them at most.
    """
    chains: dict[str, list[Event]] = {}
    for event in record:
        root = record.root(event.id)
        assert root is not None
        chains.setdefault(root.id, []).append(event)
    later = {
        chain[0].id
        for chain in chains.values()
        if not isinstance(chain[0].body, Retract | Verify)
        and max(chain, key=lambda e: e.stamp).effective > day
    }
    return without(record, later)


def without(record: Record, left_out: Collection[str]) -> Record:
    """Return a record without some events, and without whatever amends them."""
    gone = set(left_out)
    for event in record:  # an amendment comes after what it amends
        if isinstance(event.body, Correct | Retract | Verify) and event.body.target in gone:
            gone.add(event.id)
    return Record(tuple(event for event in record if event.id not in gone))


def smallest(candidates: Sequence[Event], agree: Callable[[frozenset[str]], bool]) -> tuple[Event, ...]:
    """Return events without which two standpoints agree; with any one of them back they do not.

    Events are put back as long as there is agreement: chains of corrections first, then half of the rest,
    a quarter, and so on to single ones, and at last pairs of a few.

    Args:
        candidates: without all of these there is agreement; in order of receipt.
        agree: whether there is agreement without the events of these ids.
    """
    out = [event.id for event in candidates]

    def put_back(pieces: Iterable[Sequence[str]]) -> bool:
        nonlocal out
        length = len(out)
        for piece in pieces:
            fewer = [each for each in out if each not in piece]
            if len(fewer) < len(out) and agree(frozenset(fewer)):
                out = fewer
        return len(out) < length

    put_back([out])
    put_back(_chains(candidates))
    size = len(out) // 2
    while size > 1:
        put_back([out[at : at + size] for at in range(0, len(out), size)])
        size //= 2
    while put_back([[each] for each in out]) or (len(out) <= FEW and put_back(combinations(out, 2))):
        pass
    return tuple(event for event in candidates if event.id in out)


def _chains(events: Sequence[Event]) -> list[list[str]]:
    """Return the ids of events that amend one another, group by group, newest first."""
    chains: dict[str, list[str]] = {}
    for event in events:
        target = event.body.target if isinstance(event.body, Correct | Retract | Verify) else event.id
        chain = chains.get(target, [])
        chain.append(event.id)
        chains[target] = chains[event.id] = chain
    return [list(chain) for chain in {id(c): c for c in chains.values()}.values() if len(chain) > 1]


class _Side:
    """One standpoint: its date and what is known from it."""

    common: Record
    carried: Evaluation
    blind: bool

    def __init__(self, pathway: Pathway, record: Record, day: date, ladders: Dated) -> None:
        self.record, self.day = record, day
        self._evaluate = partial(evaluate, pathway, as_of=day, ladders=ladders)
        self.evaluation = self._evaluate(record)

    def carry(self, common: Record) -> None:
        """Keep what both see, as it is on this side's date."""
        both = {event.id for event in common}
        self.common = common
        self.carried = self._evaluate(common)
        # what was never dated up to this day is not seen on it, whether it is there or not; amendments are
        self.blind = all(
            event.effective > self.day and not isinstance(event.body, Correct | Retract | Verify)
            for event in self.record
            if event.id not in both
        )

    def agrees(self, out: frozenset[str], alike: Callable[[Difference], bool]) -> bool:
        """Whether without some events this side sees what both see, as it is on its date."""
        rest = without(self.record, out)
        if self.blind or rest == self.common:
            return True
        return alike(difference(self.carried, self._evaluate(rest)))


def _same(found: Difference) -> bool:
    return not found


def _stands(found: Difference) -> bool:
    return not found.moved

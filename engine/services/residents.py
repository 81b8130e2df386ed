"""Patients at hand: replays that were used lately, kept so that the next event need not read a long record.

A resident is nothing but a replay that has been taken as far as some sequence number; whoever takes one
brings it up to what the database says. It is handed on only after COMMIT, so nothing that was taken back
is ever remembered. Losing residents costs time, never an answer (a law).
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

from engine.core.admitting import waiting
from engine.core.chains import standing
from engine.core.changes import Replay
from engine.core.chart import Chart
from engine.core.events import Event, Record
from engine.core.kept import Enrolment, Patient
from engine.core.pathway import Pathway
from engine.core.reconcile import Kept
from engine.core.vocabulary import Vocabulary
from engine.ports import UnitOfWork

EVENTS_AT_HAND = 200_000
"""Events of all residents together; about a gigabyte of memory at most."""


@dataclass(slots=True)
class Resident:
    """One patient's record, with a replay for each pathway asked about so far."""

    patient: str
    record: Record = field(default_factory=Record)
    replays: dict[tuple[str, str], Replay] = field(default_factory=dict)
    revision: int = -1
    """The patient's revision when `kept` was true."""
    kept: dict[str, tuple[Enrolment, Kept]] = field(default_factory=dict)
    """What the database keeps of every enrolment, by pathway; empty when that is not known."""

    @property
    def through(self) -> int:
        """Sequence number of the newest event known; 0 before the first."""
        return self.record.events[-1].stamp.sequence if self.record.events else 0

    def take(self, events: Iterable[Event]) -> None:
        """Go on with the next events of the record."""
        for event in events:
            self.record = self.record.append(event)
            for replay in self.replays.values():
                replay.take(event)

    def waiting(self, vocabulary: Vocabulary) -> frozenset[str]:
        """Return the ids of events with a value that waits for verification on any pathway asked about."""
        charts = [replay.chart for replay in self.replays.values()]
        if not charts:
            charts = [Chart(vocabulary, {}, standing(self.record))]
        return waiting(charts)

    def replay(self, pathway: Pathway) -> Replay:
        """Return the replay of this record on a pathway."""
        key = (pathway.definition.id, pathway.digest)
        if key not in self.replays:
            begun = self.replays[key] = Replay(pathway)
            for event in self.record:
                begun.take(event)
        return self.replays[key]


class Residents:
    """The patients at hand. Safe to share between threads; a resident is held by one at a time."""

    def __init__(self, events: int = EVENTS_AT_HAND) -> None:
        """Begin with nobody; keep the most recently used ones, up to so many events together."""
        self._room = events
        self._at_hand: OrderedDict[str, tuple[Resident, int]] = OrderedDict()
        self._lock = Lock()

    def take(self, uow: UnitOfWork, patient: Patient) -> Resident:
        """Return a patient's resident, up to date with the unit of work, and let go of it.

        It comes back by `keep`; after an error it must not, and the next caller reads the record anew.
        """
        resident = uow.memo.pop(patient.id, None)
        if not isinstance(resident, Resident):
            with self._lock:
                resident = self._let_go(patient.id)
        if resident is None or resident.through > patient.last_sequence:
            resident = Resident(patient.id)
        if resident.through < patient.last_sequence:
            newer = uow.records.receipts(patient.id, after=resident.through)
            resident.take(receipt.event for receipt in newer)
        if resident.revision != patient.revision:
            resident.revision = patient.revision
            resident.kept.clear()
        return resident

    def keep(self, uow: UnitOfWork, resident: Resident) -> None:
        """Hand a resident back: to the rest of this unit of work, and to everybody once it is durable."""
        if not uow.memo:
            memo = uow.memo
            uow.after_commit(lambda: self._adopt(memo))
        uow.memo[resident.patient] = resident

    def _adopt(self, memo: dict[str, object]) -> None:
        with self._lock:
            for resident in memo.values():
                assert isinstance(resident, Resident)
                self._let_go(resident.patient)
                self._at_hand[resident.patient] = (resident, len(resident.record))
                self._room -= len(resident.record)
            while self._room < 0 and self._at_hand:
                self._let_go(next(iter(self._at_hand)))

    def _let_go(self, patient: str) -> Resident | None:
        resident, events = self._at_hand.pop(patient, (None, 0))
        self._room += events
        return resident

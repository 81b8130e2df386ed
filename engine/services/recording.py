"""Recording: messages become events, and every enrolment they concern is brought up to date.

The one road data takes (design §1): admit, append, evaluate, reconcile, write, all in one transaction.
Enrolments, decisions, overrides and changes of status are events like any other.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from engine.core.admitting import Taken, admitted
from engine.core.changes import Replay
from engine.core.evaluate import evaluated
from engine.core.events import Event, Stamp
from engine.core.ingest import Door
from engine.core.kept import AuditEntry, Enrolment, Patient, Receipt
from engine.core.reconcile import Kept, Reconciliation, reconcile
from engine.core.urgent import Began, morning
from engine.errors import CarewayError, NotFound
from engine.ports import Clock, Meter, Pathways, UnitOfWork
from engine.services.ladders import ladders_at
from engine.services.patients import Sender, as_seen, patient_of, time_zone
from engine.services.posting import tell
from engine.services.residents import Resident, Residents
from engine.services.telling import tidings


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of messages, and what they changed."""

    patient: str
    revision: int
    taken: tuple[Taken, ...]
    changes: tuple[Reconciliation, ...]
    """One per enrolment the messages concern; empty for duplicates alone."""


@dataclass(frozen=True)
class Recorder:
    """Records messages about patients."""

    pathways: Pathways
    clock: Clock
    residents: Residents
    meter: Meter | None = None
    """Counts what was recorded, once it is durable; None counts nothing."""

    @cached_property
    def door(self) -> Door:
        """What lets messages in, for all pathways served."""
        served = (self.pathways.pathway(name) for name, _ in self.pathways.available())
        return Door(self.pathways.vocabulary, {p.definition.id: p.definition for p in served})

    @cached_property
    def passing(self) -> "Recorder":
        """The same, keeping nobody at hand: for patients who come by once, as in an import."""
        return replace(self, residents=Residents(events=0))

    def record(
        self,
        uow: UnitOfWork,
        patient_id: str,
        messages: Sequence[Mapping[str, Any]],
        sender: Sender,
        *,
        expected: int | None = None,
        at: str | None = None,
    ) -> Recorded:
        """Record messages about one patient: all of them, or none.

        Args:
            uow: the transaction.
            patient_id: whom they are about.
            messages: as sent, in order; a later one may amend an earlier one.
            sender: who sends them.
            expected: the patient's revision as the sender saw it; None if the sender does not care.
            at: JSON pointer of the list the messages came in; None for a single message sent by itself.

        Raises:
            NotFound: there is no such patient at the sender's site.
            MessageRefused: with every problem of every message, by JSON pointer.
            EventIdReused: the id of a single message is known with other content.
            RevisionStale: the patient is no longer as the sender saw it; repeats are answered all the same.
        """
        patient = patient_of(uow, patient_id, sender, hold=True)
        resident = self.residents.take(uow, patient)
        stamp = self.stamp(uow, patient)
        now, day = stamp.instant, stamp.day
        self.residents.keep(uow, resident)  # nothing is taken in before everything was checked
        let_in = admitted(self.door, resident.record, messages, stamp, sender.role, at)
        new = let_in.new
        if not new:
            again = {"events": [event.id for event in let_in.events], "revision": patient.revision}
            uow.audit.append(patient.id, AuditEntry(now, sender.author, "repeat", again))
            taken = let_in.taken(())
            self._count(uow, patient.site, let_in.events, taken)
            return Recorded(patient.id, patient.revision, taken, ())
        as_seen(patient, expected)
        self.residents.take(uow, patient)
        receipts = [Receipt(event, sender.author) for event in new]
        appended = uow.records.append(patient.id, receipts, expected=patient.revision)
        resident.take(new)
        resident.revision = appended.revision
        changes = tuple(
            self._bring_up_to_date(
                uow, patient.site, resident, enrolment, kept, Stamp(now, resident.through, day)
            )
            for enrolment, kept in self._concerned(uow, resident, new)
        )
        body = {"events": [event.id for event in new], "revision": appended.revision}
        uow.audit.append(patient.id, AuditEntry(now, sender.author, "record", body))
        self.residents.keep(uow, resident)
        taken = let_in.taken(resident.waiting(self.pathways.vocabulary))
        self._count(uow, patient.site, let_in.events, taken)
        return Recorded(patient.id, appended.revision, taken, changes)

    def _count(self, uow: UnitOfWork, site: str, events: Sequence[Event], taken: Sequence[Taken]) -> None:
        """Count what became of messages, once it is durable."""
        if self.meter is not None:
            for event, one in zip(events, taken, strict=True):
                uow.after_commit(partial(self.meter.received, site, event.type, one.result))

    def stamp(self, uow: UnitOfWork, patient: Patient) -> Stamp:
        """Return the present at a patient's site, with the number of the newest event of the record."""
        now = self.clock.now()
        return Stamp(now, patient.last_sequence, now.astimezone(time_zone(uow, patient.site)).date())

    def begun(self, patient: str, known: Container[str], new: Iterable[Event]) -> Iterator[Enrolment]:
        """Yield the enrolments that begin with new events.

        Args:
            patient: id of the patient.
            known: pathways in which the patient is or was enrolled.
            new: the events.
        """
        names = [event.pathway for event in new if event.type == "enrol"]
        for name in dict.fromkeys(names):
            if name is not None and name not in known:
                pathway = self.pathways.pathway(name)
                yield Enrolment(patient, name, pathway.definition.version, pathway.digest)

    def refresh(self, uow: UnitOfWork, patient_id: str, pathway: str, sender: Sender) -> Reconciliation:
        """Bring an enrolment up to date with today; time passing opens and closes things.

        Raises:
            NotFound: there is no such patient or enrolment.
        """
        patient = patient_of(uow, patient_id, sender, hold=True)
        enrolment = enrolment_of(uow, patient.id, pathway)
        resident = self.residents.take(uow, patient)
        now = self.clock.now()
        day = now.astimezone(time_zone(uow, patient.site)).date()
        resident.revision = uow.patients.advance(patient.id, patient.revision)
        stamp = Stamp(now, resident.through, day)
        zone = time_zone(uow, patient.site)
        change = self._bring_up_to_date(
            uow,
            patient.site,
            resident,
            enrolment,
            kept_of(uow, enrolment),
            stamp,
            lambda opened: morning(opened, zone),
        )
        self.residents.keep(uow, resident)
        return change

    def _concerned(
        self, uow: UnitOfWork, resident: Resident, new: Sequence[Event]
    ) -> list[tuple[Enrolment, Kept]]:
        """Return the enrolments the events are about, with what is kept of them; one may begin with them."""
        enrolments = dict(resident.kept)
        if not enrolments:
            enrolments = {e.pathway: (e, kept_of(uow, e)) for e in uow.enrolments.of(resident.patient)}
        for begun in tuple(self.begun(resident.patient, enrolments, new)):
            enrolments[begun.pathway] = (begun, Kept())
        resident.kept = enrolments
        about = {event.pathway for event in new}
        return [held for name, held in sorted(enrolments.items()) if None in about or name in about]

    def _bring_up_to_date(
        self,
        uow: UnitOfWork,
        site: str,
        resident: Resident,
        enrolment: Enrolment,
        kept: Kept,
        stamp: Stamp,
        began: Began | None = None,
    ) -> Reconciliation:
        """Evaluate an enrolment as of the stamp's day, and write what changed."""
        rules = self.pathways.pathway(enrolment.pathway, enrolment.version)
        replay: Replay = resident.replay(rules)
        ladders = ladders_at(uow, site, rules.definition)
        try:
            evaluation = evaluated(replay, stamp.day, ladders)
        except Exception as error:
            if self.meter is not None:
                code = error.code if isinstance(error, CarewayError) else type(error).__name__
                self.meter.failed(site, enrolment.pathway, code)
            raise
        change = reconcile(
            enrolment, kept, evaluation, through=stamp.sequence, recorded=stamp.instant, began=began
        )
        patient, pathway = enrolment.patient, enrolment.pathway
        uow.enrolments.save(change.enrolment)
        if change.superseded:
            numbers = [step.number for step in change.superseded]
            uow.histories.supersede(patient, pathway, numbers, stamp.sequence, stamp.instant)
        uow.histories.add(patient, pathway, change.added)
        uow.actions.save(patient, pathway, (*change.opened, *change.changed, *change.closed))
        uow.reviews.save(patient, pathway, change.reviews)
        if change.dropped:
            uow.reviews.remove(patient, pathway, change.dropped)
        uow.doubts.add(patient, pathway, change.doubted)
        uow.doubts.remove(patient, pathway, change.settled)
        if change.kept.override != kept.override:
            uow.overrides.put(patient, pathway, change.kept.override)
        tell(uow, site, tidings(change, stamp), stamp.instant)
        resident.kept[pathway] = (change.enrolment, change.kept)
        if self.meter is not None:
            for step in change.added:
                uow.after_commit(partial(self.meter.stepped, site, pathway, step.transition))
        return change


def enrolment_of(uow: UnitOfWork, patient: str, pathway: str) -> Enrolment:
    """Return an enrolment; raises `NotFound` when the patient was never enrolled in the pathway."""
    enrolment = uow.enrolments.get(patient, pathway)
    if enrolment is None:
        known = tuple(e.pathway for e in uow.enrolments.of(patient))
        raise NotFound("enrolment of this patient in", pathway, known)
    return enrolment


def kept_of(uow: UnitOfWork, enrolment: Enrolment) -> Kept:
    """Return what is kept of an enrolment beside its row."""
    key = (enrolment.patient, enrolment.pathway)
    return Kept(
        uow.histories.of(*key, superseded=True),
        uow.actions.of(*key),
        uow.reviews.of(*key),
        uow.doubts.of(*key),
        uow.overrides.get(*key),
    )

"""Asking: where a patient stands, as it truly was or as it was known then, and how it came about.

Every answer is the pure evaluation of the record; nothing that was kept is believed.
"""

from dataclasses import dataclass
from datetime import date, datetime

from engine.core.evaluate import Evaluation, evaluate
from engine.core.events import Event, Record
from engine.core.fold import Step
from engine.core.kept import Enrolment, Patient, RecordedStep
from engine.core.pathway import Pathway
from engine.core.standpoints import Comparison, Standpoint, compare
from engine.errors import NotFound, NotYetKnown
from engine.ports import Clock, Pathways, UnitOfWork
from engine.services.ladders import ladders_at
from engine.services.patients import Sender, patient_of, time_zone
from engine.services.recording import enrolment_of


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer about one enrolment, with the patient's revision it is true of."""

    patient: Patient
    enrolment: Enrolment
    record: Record
    """As the pathway sees it, cut to what was known at the time asked."""
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class Compared:
    """Two standpoints on one enrolment, and how what is seen from them differs."""

    patient: Patient
    enrolment: Enrolment
    before: Standpoint
    after: Standpoint
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class ToldStep:
    """A recorded step, with the message after which it came and the one after which it no longer held."""

    step: RecordedStep
    came: Event | None = None
    ended: Event | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Answers questions about patients."""

    pathways: Pathways
    clock: Clock

    def today(self, uow: UnitOfWork, site: str) -> date:
        """Return the present date at a site."""
        return self.clock.today(time_zone(uow, site))

    def state(
        self,
        uow: UnitOfWork,
        patient_id: str,
        pathway: str,
        sender: Sender,
        *,
        as_of: date | None = None,
        known_at: date | datetime | None = None,
    ) -> Asked:
        """Return where a patient stands on a pathway.

        Args:
            uow: the transaction.
            patient_id: the patient.
            pathway: the pathway.
            sender: who asks.
            as_of: the date asked, in the site's time zone; today if None.
            known_at: answer with what was known then, a date meaning the end of that day; all if None.

        Raises:
            NotFound: no such patient the sender may see, or never enrolled in the pathway.
            NotYetKnown: `known_at` lies in the future.
        """
        patient = patient_of(uow, patient_id, sender)
        enrolment = enrolment_of(uow, patient.id, pathway)
        standpoint = self.standpoint(uow, patient.site, as_of, known_at)
        record = standpoint.record(uow.records.load(patient.id, pathway))
        rules = self._rules(enrolment)
        evaluation = evaluate(
            rules, record, standpoint.as_of, ladders_at(uow, patient.site, rules.definition)
        )
        return Asked(patient, enrolment, record, evaluation)

    def compare(
        self,
        uow: UnitOfWork,
        patient_id: str,
        pathway: str,
        sender: Sender,
        before: tuple[date | None, date | datetime | None],
        after: tuple[date | None, date | datetime | None],
    ) -> Compared:
        """Return how an enrolment seen from one standpoint differs from another, and due to which events.

        Args:
            uow: the transaction.
            patient_id: the patient.
            pathway: the pathway.
            sender: who asks.
            before: as of which date, as known when; today and now if None.
            after: the same of the second standpoint.

        Raises:
            NotFound: no such patient the sender may see, or never enrolled in the pathway.
            NotYetKnown: what is asked to be known lies in the future.
        """
        patient = patient_of(uow, patient_id, sender)
        enrolment = enrolment_of(uow, patient.id, pathway)
        one, two = (self.standpoint(uow, patient.site, *each) for each in (before, after))
        record = uow.records.load(patient.id, pathway)
        rules = self._rules(enrolment)
        ladders = ladders_at(uow, patient.site, rules.definition)
        return Compared(patient, enrolment, one, two, compare(rules, record, one, two, ladders))

    def standpoint(
        self, uow: UnitOfWork, site: str, as_of: date | None, known_at: date | datetime | None
    ) -> Standpoint:
        """Return from where is asked, with today for no date; raises `NotYetKnown`."""
        today = self.today(uow, site)
        late = (
            known_at > self.clock.now() if isinstance(known_at, datetime) else known_at and known_at > today
        )
        if known_at is not None and late:
            raise NotYetKnown(known_at, today)
        return Standpoint(as_of or today, known_at)

    def _rules(self, enrolment: Enrolment) -> Pathway:
        return self.pathways.pathway(enrolment.pathway, enrolment.version)

    def steps(self, uow: UnitOfWork, patient_id: str, pathway: str, sender: Sender) -> tuple[ToldStep, ...]:
        """Return every step ever recorded of an enrolment, by number; raises `NotFound`."""
        enrolment = enrolment_of(uow, patient_of(uow, patient_id, sender).id, pathway)
        events = {e.stamp.sequence: e for e in uow.records.load(enrolment.patient)}
        return tuple(
            ToldStep(s, events.get(s.recorded_after), events.get(s.superseded_by or 0))
            for s in uow.histories.of(enrolment.patient, pathway, superseded=True)
        )

    def step(
        self, uow: UnitOfWork, patient_id: str, pathway: str, sender: Sender, number: int
    ) -> tuple[RecordedStep, Asked, Step]:
        """Return a recorded step, an answer in which it holds, and the step in it.

        A step that was superseded is shown as it was known when it was recorded.

        Raises:
            NotFound: no such patient, enrolment or step.
        """
        patient = patient_of(uow, patient_id, sender)
        enrolment = enrolment_of(uow, patient.id, pathway)
        steps = uow.histories.of(patient.id, pathway, superseded=True)
        recorded = next((s for s in steps if s.number == number), None)
        if recorded is None:
            raise NotFound("step of this enrolment", str(number))
        record = uow.records.load(patient.id, pathway)
        if recorded.superseded_by is not None:
            record = record.through(recorded.superseded_by - 1)
        rules = self.pathways.pathway(enrolment.pathway, recorded.version)
        evaluation = evaluate(rules, record, max(recorded.effective, self.today(uow, patient.site)))
        step = next((s for s in evaluation.history if s.key == recorded.key), None)
        if step is None:
            raise NotFound("reason for step", str(number))
        return recorded, Asked(patient, enrolment, record, evaluation), step

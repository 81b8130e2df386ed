"""Attesting: everything from which a decision can be made again and checked, without the database.

A decision is a state on a date, or a step as it was recorded: then with what was known when it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from engine.core.evaluate import evaluate
from engine.core.kept import AuditLink, Seal
from engine.core.sealing import RECORDED
from engine.errors import NotFound
from engine.ports import UnitOfWork
from engine.services.access import OPERATOR
from engine.services.asking import Asked, Asker
from engine.services.patients import Sender, time_zone


@dataclass(frozen=True, slots=True)
class Attested:
    """A decision with the proof that its record is as it was received."""

    asked: Asked
    links: tuple[AuditLink, ...]
    """The patient's audit from its beginning to the entry of the newest event, and on to the sealed one."""
    seal: Seal | None
    """The first that covers that entry; None if it is not sealed yet."""


@dataclass(frozen=True, slots=True)
class Attester:
    """Attests decisions, for whoever can run commands on the database itself."""

    asker: Asker

    def state(
        self,
        uow: UnitOfWork,
        patient_id: str,
        pathway: str,
        *,
        as_of: date | None = None,
        known_at: date | datetime | None = None,
    ) -> Attested:
        """Attest where a patient stands on a date; raises `NotFound`."""
        asked = self.asker.state(
            uow, patient_id, pathway, _operator(uow, patient_id), as_of=as_of, known_at=known_at
        )
        # What decides is the published pathway; a site's own reminders are not in a receipt.
        evaluation = evaluate(asked.evaluation.pathway, asked.record, asked.evaluation.as_of)
        return _attested(uow, replace(asked, evaluation=evaluation))

    def step(self, uow: UnitOfWork, patient_id: str, pathway: str, number: int) -> Attested:
        """Attest a step as it was recorded: the state on that day, with the events known then.

        Raises:
            NotFound: no such patient, enrolment or step.
        """
        sender = _operator(uow, patient_id)
        steps = [told.step for told in self.asker.steps(uow, patient_id, pathway, sender)]
        found = next((step for step in steps if step.number == number), None)
        if found is None:
            raise NotFound("step of this enrolment", str(number), tuple(str(s.number) for s in steps))
        asked = self.asker.state(uow, patient_id, pathway, sender)
        rules = self.asker.pathways.pathway(pathway, found.version)
        record = asked.record.through(found.recorded_after)
        day = found.recorded.astimezone(time_zone(uow, asked.patient.site)).date()
        evaluation = evaluate(rules, record, max(found.effective, day))
        return _attested(uow, replace(asked, record=record, evaluation=evaluation))


def _operator(uow: UnitOfWork, patient_id: str) -> Sender:
    """Return whoever can run commands, at the patient's site; raises `NotFound`."""
    patient = uow.patients.get(patient_id)
    if patient is None:
        raise NotFound("patient", patient_id)
    return Sender(OPERATOR.role, patient.site)


def _attested(uow: UnitOfWork, asked: Asked) -> Attested:
    chain = uow.audit.chain(asked.patient.id)
    through = _named_through(chain, {event.id for event in asked.record})
    seal = uow.seals.covering(asked.patient.id, through)
    heads = () if seal is None else (h.number for h in seal.heads if h.chain == asked.patient.id)
    return Attested(asked, chain[: max((through, *heads))], seal)


def _named_through(chain: Sequence[AuditLink], events: set[str]) -> int:
    """Return the number of the newest entry that names one of these events; 1 if none does."""
    naming = (
        link.number
        for link in chain
        if link.entry.act == RECORDED and not events.isdisjoint(link.entry.body["events"])  # type: ignore[arg-type]
    )
    return max(naming, default=1)

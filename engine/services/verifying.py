"""Verifying: what is kept of an enrolment is what its record comes to, worked out anew."""

from collections.abc import Iterator
from datetime import UTC, datetime

from engine.core.evaluate import evaluate
from engine.core.kept import Enrolment
from engine.core.reconcile import reconcile
from engine.ports import Pathways, UnitOfWork
from engine.services.recording import kept_of

COLUMNS = ("status", "state", "since", "tier", "context", "revisit_on")
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def enrolments(uow: UnitOfWork) -> Iterator[Enrolment]:
    """Yield every enrolment there is, patient by patient."""
    after = ("", "")
    while page := uow.enrolments.page(after=after):
        yield from page
        after = (page[-1].patient, page[-1].pathway)


def differences(uow: UnitOfWork, enrolment: Enrolment, pathways: Pathways) -> tuple[str, ...]:
    """Return what of an enrolment is not kept as a fresh replay of its record wants it; empty if all is.

    The replay is that of the day, and of the events, the kept rows were worked out from. Names columns,
    steps, actions and reviews; no values of a patient.
    """
    pathway = pathways.pathway(enrolment.pathway, enrolment.version)
    if pathway.digest != enrolment.digest:
        return (f"version {enrolment.version} is not the one this enrolment was evaluated with",)
    if enrolment.evaluated_on is None:
        return ("never evaluated",)
    record = uow.records.load(enrolment.patient, enrolment.pathway).through(enrolment.evaluated_through)
    evaluation = evaluate(pathway, record, enrolment.evaluated_on)
    kept = kept_of(uow, enrolment)
    change = reconcile(enrolment, kept, evaluation, through=enrolment.evaluated_through, recorded=NEVER)
    return (
        *(name for name in COLUMNS if getattr(change.enrolment, name) != getattr(enrolment, name)),
        *(f"step {s.transition} of {s.effective} is missing" for s in change.added),
        *(f"step {s.transition} of {s.effective} does not hold" for s in change.superseded),
        *(f"action {a.action} of {a.opened_on} is missing" for a in change.opened),
        *(f"action {a.action} of {a.opened_on} differs" for a in change.changed),
        *(f"action {a.action} of {a.opened_on} is not open" for a in change.closed),
        *(f"review {r.review} differs" for r in change.reviews),
        *(f"review {name} is not wanted" for name in change.dropped),
    )

"""Verifying: what is kept of an enrolment is what its record comes to, worked out anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.core.evaluate import evaluate
from engine.core.events import Record
from engine.core.kept import Enrolment
from engine.core.reconcile import reconcile
from engine.errors import NotFound
from engine.ports import Pathways, Store, UnitOfWork
from engine.services.ladders import ladders_at
from engine.services.recording import kept_of

AT_ONCE = 20
"""Enrolments looked at in one transaction; during a long one the database could tidy nothing up."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What replaying one enrolment found."""

    patient: str
    pathway: str
    events: int
    """Events of its record that were replayed."""
    differences: tuple[str, ...]
    """Empty when everything kept is as it should be."""


def verified(store: Store, pathways: Pathways) -> Iterator[Verified]:
    """Replay every enrolment of a store and yield what was found, patient by patient.

    Writers are not held up: what is compared is of one state of the database, a few enrolments at a time.
    """
    after = ("", "")
    while True:
        with store.reading() as uow:
            page = uow.enrolments.page(after=after, limit=AT_ONCE)
            found = [verify(uow, enrolment, pathways) for enrolment in page]
        yield from found
        if not page:
            return
        after = (page[-1].patient, page[-1].pathway)


def verify(uow: UnitOfWork, enrolment: Enrolment, pathways: Pathways) -> Verified:
    """Return what replaying an enrolment finds."""
    record = uow.records.load(enrolment.patient, enrolment.pathway)
    found = _differences(uow, enrolment, record, pathways)
    return Verified(enrolment.patient, enrolment.pathway, len(record), found)


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
    return verify(uow, enrolment, pathways).differences


def _differences(
    uow: UnitOfWork, enrolment: Enrolment, record: Record, pathways: Pathways
) -> tuple[str, ...]:
    try:
        pathway = pathways.pathway(enrolment.pathway, enrolment.version)
    except NotFound as unknown:
        return (str(unknown),)
    if pathway.digest != enrolment.digest:
        return (f"version {enrolment.version} is not the one this enrolment was evaluated with",)
    if enrolment.evaluated_on is None:
        return ("never evaluated",)
    through = enrolment.evaluated_through
    behind = sum(1 for event in record if event.stamp.sequence > through)
    patient = uow.patients.get(enrolment.patient)
    assert patient is not None, "an enrolment is a patient's"
    ladders = ladders_at(uow, patient.site, pathway.definition)
    evaluation = evaluate(pathway, record.through(through), enrolment.evaluated_on, ladders)
    kept = kept_of(uow, enrolment)
    change = reconcile(enrolment, kept, evaluation, through=through, recorded=NEVER)
    return (
        *((f"events not taken in: {behind}",) if behind else ()),
        *(name for name in COLUMNS if getattr(change.enrolment, name) != getattr(enrolment, name)),
        *(f"step {s.transition} of {s.effective} is missing" for s in change.added),
        *(f"step {s.transition} of {s.effective} does not hold" for s in change.superseded),
        *(f"action {a.action} of {a.opened_on} is missing" for a in change.opened),
        *(f"action {a.action} of {a.opened_on} differs" for a in change.changed),
        *(f"action {a.action} of {a.opened_on} is not open" for a in change.closed),
        *(f"review {r.review} differs" for r in change.reviews),
        *(f"review {name} is not wanted" for name in change.dropped),
        *(f"reading {d.item} of {d.event_id} is not kept as waiting" for d in change.doubted),
        *(f"reading {d.item} of {d.event_id} does not wait" for d in change.settled),
        *(("override differs",) if change.kept.override != kept.override else ()),
    )

"""What HTTP answers beside evaluations: patients, what became of events, steps, lists in pages."""

from datetime import date, datetime
from typing import Any, Literal

from engine.core.kept import Enrolment, Identifier, Patient, Receipt
from engine.core.messages import message_of
from engine.core.reconcile import Reconciliation
from engine.core.result import Status, View
from engine.services.asking import ToldStep
from engine.services.recording import Recorded


class IdentifierView(View):
    """A number or name by which a system outside knows a patient."""

    system: str
    value: str


class EnrolmentView(View):
    """Where a patient stood when last evaluated; the state call works it out anew."""

    pathway: str
    version: str
    status: Status | None
    state: str | None
    substate: str | None
    since: date | None
    tier: str | None
    revisit_on: date | None


class PatientView(View):
    """A patient as this interface knows one."""

    id: str
    created: datetime
    revision: int
    identifiers: tuple[IdentifierView, ...] = ()
    enrolments: tuple[EnrolmentView, ...] = ()


class TakenView(View):
    """What became of one message."""

    id: str
    result: Literal["accepted", "duplicate", "quarantined"]
    """`quarantined`: stored, but a value of it waits for a `verify` event."""
    sequence: int


class StepView(View):
    """A step of a patient's history as it was recorded."""

    number: int
    date: date
    transition: str
    source: str
    to: str
    event_id: str | None
    version: str
    recorded: datetime
    recorded_by: str | None = None
    """The message after which it was recorded; only where steps are listed."""
    holds: bool
    """False when late or corrected data withdrew it."""
    superseded: datetime | None = None
    """When the message was received after which it no longer held; only where steps are listed."""
    superseded_by: str | None = None
    """That message."""


class EffectView(View):
    """What messages changed for one enrolment."""

    pathway: str
    status: Status | None
    state: str | None
    substate: str | None
    since: date | None
    tier: str | None
    moved: tuple[StepView, ...]
    superseded: tuple[int, ...]
    opened: tuple[str, ...]
    closed: tuple[str, ...]


class RecordedView(View):
    """What became of messages, and what they changed."""

    patient: str
    revision: int
    events: tuple[TakenView, ...]
    pathways: tuple[EffectView, ...]


def family(state: str | None) -> tuple[str | None, str | None]:
    """Return a state's family and what follows the dot in its full name."""
    if state is None:
        return None, None
    name, _, rest = state.partition(".")
    return name, rest or None


def identifier_view(identifier: Identifier) -> IdentifierView:
    """Return an identifier as shown."""
    return IdentifierView(system=identifier.system, value=identifier.value)


def enrolment_view(enrolment: Enrolment) -> EnrolmentView:
    """Return an enrolment as shown."""
    state, substate = family(enrolment.state)
    return EnrolmentView(
        pathway=enrolment.pathway,
        version=enrolment.version,
        status=enrolment.status,
        state=state,
        substate=substate,
        since=enrolment.since,
        tier=enrolment.tier,
        revisit_on=enrolment.revisit_on,
    )


def patient_view(
    patient: Patient,
    identifiers: tuple[Identifier, ...] = (),
    enrolments: tuple[Enrolment, ...] = (),
) -> PatientView:
    """Return a patient as shown."""
    return PatientView(
        id=patient.id,
        created=patient.created,
        revision=patient.revision,
        identifiers=tuple(map(identifier_view, identifiers)),
        enrolments=tuple(map(enrolment_view, enrolments)),
    )


def step_view(told: ToldStep) -> StepView:
    """Return a recorded step as shown."""
    step, came, ended = told.step, told.came, told.ended
    return StepView(
        number=step.number,
        date=step.effective,
        transition=step.transition,
        source=step.source,
        to=step.target,
        event_id=step.event_id,
        version=step.version,
        recorded=step.recorded,
        recorded_by=None if came is None else came.id,
        holds=step.superseded_by is None,
        superseded=None if ended is None else ended.stamp.instant,
        superseded_by=None if ended is None else ended.id,
    )


def effect_view(change: Reconciliation) -> EffectView:
    """Return what changed for an enrolment as shown."""
    enrolment = change.enrolment
    state, substate = family(enrolment.state)
    return EffectView(
        pathway=enrolment.pathway,
        status=enrolment.status,
        state=state,
        substate=substate,
        since=enrolment.since,
        tier=enrolment.tier,
        moved=tuple(step_view(ToldStep(step)) for step in change.added),
        superseded=tuple(step.number for step in change.superseded),
        opened=tuple(action.action for action in change.opened),
        closed=tuple(action.action for action in change.closed),
    )


def recorded_view(recorded: Recorded) -> RecordedView:
    """Return what became of messages as shown."""
    return RecordedView(
        patient=recorded.patient,
        revision=recorded.revision,
        events=tuple(
            TakenView(id=taken.id, result=taken.result, sequence=taken.sequence) for taken in recorded.taken
        ),
        pathways=tuple(map(effect_view, recorded.changes)),
    )


def receipt_view(receipt: Receipt) -> dict[str, Any]:
    """Return a stored event as the message it came in, with what Careway added."""
    stamp = receipt.event.stamp
    return {
        **message_of(receipt.event),
        "recorded": stamp.instant.isoformat(),
        "sequence": stamp.sequence,
        "role": receipt.author.role,
    }

"""Tending: what the staff decided, in the weeks before the present day, about what had been open for long.

The courses tell what happened to patients. Without this nobody would ever have answered what the engine
offered them, and lists would be as long as no clinic lets them get. What came up lately waits, and some of
the old is forgotten, as it is.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random

from api.demo.clock import DemoClock
from engine.core.definition import Kind
from engine.core.kept import Enrolment, NextAction
from engine.ports import UnitOfWork
from engine.services.access import MAIN
from engine.services.patients import Sender
from engine.services.recording import Recorder

TO_CONSIDER = 4
"""Priority of what has no due date."""
DECLINED: Mapping[Kind, tuple[str, ...]] = {
    "order": ("done elsewhere, report is awaited", "not needed at present"),
    "prophylaxis": ("given by the family doctor", "patient prefers not to"),
    "review": ("seen and discussed, to go on as it is", "risk weighed, to go on as it is"),
    "treatment": ("doing well as it is", "not before the next visit"),
    "vaccination": ("the family doctor sees to it", "patient does not want it"),
}
"""Why what was offered is not done now, by kind; other kinds are accepted."""
NOT_DECIDED: frozenset[Kind] = frozenset({"data"})
"""Kinds that end when the data are put right."""
SETTLED = timedelta(days=14)
"""What has been open for less is left open."""
FORGOTTEN = 12
"""Percent of the old that nobody thought of."""
ROUNDS = range(1, 21)
"""How many days ago somebody went through what was open."""
CLINICIAN = Sender("clinician", MAIN)


def tend(
    uow: UnitOfWork,
    recorder: Recorder,
    clock: DemoClock,
    lots: Random,
    patient: str,
    today: date,
    last: date,
    place: int,
) -> tuple[date, int]:
    """Decide what a clinician would have by now; return the day of it and the next place in its order.

    Args:
        uow: the transaction.
        recorder: records the decisions.
        clock: is moved to the day.
        lots: the patient's own.
        patient: id of the patient.
        today: the day the demonstration is to be looked at (site date).
        last: the day of the patient's newest message; what is decided comes after it.
        place: the next place in the order of that day.
    """
    day = max(last, today - timedelta(days=lots.choice(ROUNDS)))
    place = place if day == last else 0
    for enrolment in uow.enrolments.of(patient):
        clock.move(day, place)
        recorder.refresh(uow, patient, enrolment.pathway, CLINICIAN)
        kinds = recorder.pathways.pathway(enrolment.pathway, enrolment.version).actions
        for action in uow.actions.of(patient, enrolment.pathway):
            kind = kinds[action.action].definition.kind
            old = action.opened_on <= day - SETTLED and action.priority < TO_CONSIDER
            if not old or kind in NOT_DECIDED or lots.randrange(100) < FORGOTTEN:
                continue
            place += 1
            clock.move(day, place)
            message = _decision(enrolment, action, kind, lots, day, place)
            recorder.record(uow, patient, [message], CLINICIAN)
    return day, place + 1


def _decision(
    enrolment: Enrolment, action: NextAction, kind: Kind, lots: Random, day: date, place: int
) -> dict[str, object]:
    told: dict[str, object] = {
        "id": f"tended-{day}-{place}",
        "type": "decision",
        "effective": str(day),
        "pathway": enrolment.pathway,
        "action": action.action,
        "decision": "accept",
    }
    if kind in DECLINED:
        told |= {"decision": "decline", "reason": lots.choice(DECLINED[kind])}
    return told

"""What others must hear of a change: messages for the outbox, written with the change itself.

They name patient, pathway, states and actions by their ids, and hold no value of any patient.
"""

from collections.abc import Iterator

from engine.core.events import Stamp
from engine.core.kept import Message
from engine.core.reconcile import Reconciliation


def tidings(change: Reconciliation, stamp: Stamp) -> tuple[Message, ...]:
    """Return the messages that tell of a change; each has a key, so that none is kept twice."""
    return tuple(_tidings(change, stamp))


def _tidings(change: Reconciliation, stamp: Stamp) -> Iterator[Message]:
    patient, pathway = change.enrolment.patient, change.enrolment.pathway
    place = f"{patient}/{pathway}"
    about: dict[str, object] = {"patient": patient, "pathway": pathway}
    for step in change.added:
        body = {
            **about,
            "number": step.number,
            "transition": step.transition,
            "from": step.source,
            "to": step.target,
            "effective": step.effective,
        }
        yield Message(f"{place}/step/{step.number}", "step.added", body, stamp.instant, patient)
    for step in change.superseded:
        body = {**about, "number": step.number}
        yield Message(f"{place}/superseded/{step.number}", "step.superseded", body, stamp.instant, patient)
    for action in change.opened:
        body = {**about, "action": action.action, "opened_on": action.opened_on, "priority": action.priority}
        key = f"{place}/action/{action.action}/{action.opened_on}"
        yield Message(key, "action.opened", body, stamp.instant, patient)

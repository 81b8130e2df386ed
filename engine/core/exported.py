"""What is exported of a patient, line by line: who it is, every event as it came, every step recorded."""

from collections.abc import Iterator, Sequence
from typing import Any

from engine.core.kept import Identifier, Patient, Receipt, RecordedStep
from engine.core.messages import message_of
from engine.core.pseudonyms import Pseudonyms

Line = dict[str, Any]
"""Plain JSON values; numbers are text."""

Steps = Sequence[tuple[str, RecordedStep]]
"""Steps, each with its pathway."""


def lines(
    patient: Patient,
    identifiers: Sequence[Identifier],
    receipts: Sequence[Receipt],
    steps: Steps,
    hidden: Pseudonyms | None,
) -> Iterator[Line]:
    """Yield the lines of a patient.

    Args:
        patient: whose lines they are.
        identifiers: those of other systems.
        receipts: all events, in order of receipt.
        steps: those that no longer hold included.
        hidden: what stands for ids and dates; None to tell them as they are.
    """
    whose = patient.id if hidden is None else hidden.of(patient.id)
    known = [{"system": i.system, "value": i.value} for i in identifiers] if hidden is None else []
    made = {"created": patient.created.isoformat()} if hidden is None else {}
    yield {"kind": "patient", "patient": whose, "identifiers": known, **made}
    for receipt in receipts:
        event = receipt.event
        told = message_of(event) if hidden is None else hidden.message(patient.id, event)
        learned = (
            event.stamp.instant.isoformat()
            if hidden is None
            else hidden.moved(patient.id, event.stamp.day).isoformat()
        )
        yield {"kind": "event", "patient": whose, **told, "recorded": learned, "role": receipt.author.role}
    for pathway, step in steps:
        yield {"kind": "step", "patient": whose, "pathway": pathway, **step_line(patient, step, hidden)}


def step_line(patient: Patient, step: RecordedStep, hidden: Pseudonyms | None) -> Line:
    """Return a step; `event` is the override or change of status behind it, `holds` whether it still does."""
    day, event = step.effective, step.event_id
    if hidden is not None:
        day, event = hidden.moved(patient.id, day), None if event is None else hidden.of(event)
    return {
        "date": day.isoformat(),
        "transition": step.transition,
        "from": step.source,
        "to": step.target,
        "event": event,
        "version": step.version,
        "holds": step.superseded_by is None,
    }


CASE, ACTIVITY, TIMESTAMP = "case:concept:name", "concept:name", "time:timestamp"
"""Columns of an event log, by the names XES gives them."""
COLUMNS = (CASE, ACTIVITY, TIMESTAMP, "pathway", "version", "transition", "from", "by_hand")


def log_rows(patient: Patient, steps: Steps, hidden: Pseudonyms | None) -> Iterator[Line]:
    """Yield what an event log holds of a patient: a row for each step that holds, by `COLUMNS`.

    A case is a patient on a pathway, an activity the state that was entered, a timestamp the clinical date.
    """
    whose = patient.id if hidden is None else hidden.of(patient.id)
    for pathway, step in steps:
        if step.superseded_by is None:
            told = step_line(patient, step, hidden)
            yield {
                CASE: f"{whose}/{pathway}",
                ACTIVITY: told["to"],
                TIMESTAMP: told["date"],
                "pathway": pathway,
                "version": told["version"],
                "transition": told["transition"],
                "from": told["from"],
                "by_hand": "yes" if told["event"] is not None else "no",
            }

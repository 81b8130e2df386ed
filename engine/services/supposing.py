"""Supposing: what events would make of a patient if they were recorded now. Nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.core.admitting import admitted
from engine.core.kept import Enrolment, Patient
from engine.core.what_if import WhatIf
from engine.core.what_if import what_if as would_be
from engine.errors import NotFound
from engine.ports import UnitOfWork
from engine.services.ladders import ladders_at
from engine.services.patients import Sender, patient_of
from engine.services.recording import Recorder, enrolment_of


@dataclass(frozen=True, slots=True)
class Supposed:
    """What events would make of one enrolment, with the patient's revision it is true of."""

    patient: Patient
    enrolment: Enrolment
    """Of a patient who would be enrolled by the events, the one that would begin."""
    found: WhatIf


def what_if(
    uow: UnitOfWork,
    recorder: Recorder,
    patient_id: str,
    pathway: str,
    messages: Sequence[Mapping[str, Any]],
    sender: Sender,
    *,
    as_of: date | None = None,
    at: str | None = None,
) -> Supposed:
    """Return what messages would make of a patient on a pathway if the sender sent them now.

    They are refused as `recorder.record` would refuse them. Who could not record them is not answered:
    a broken glass lets look, not suppose.

    Args:
        uow: the transaction, which may be one that only reads.
        recorder: what would record them.
        patient_id: the patient.
        pathway: the pathway asked about; the messages may concern others as well.
        messages: as sent, in order.
        sender: who asks.
        as_of: the date asked, before and after; today at the site if None.
        at: JSON pointer of the list the messages came in; None for a single message sent by itself.

    Raises:
        NotFound: no such patient at the sender's site, or not enrolled in the pathway, nor by the messages.
        MessageRefused: with every problem of every message, by JSON pointer.
        EventIdReused: the id of a single message is known with other content.
    """
    patient = patient_of(uow, patient_id, sender)
    if patient.site != sender.site:
        raise NotFound("patient", patient_id)
    stamp, record = recorder.stamp(uow, patient), uow.records.load(patient.id)
    let_in = admitted(recorder.door, record, messages, stamp, sender.role, at)
    enrolments = {e.pathway: e for e in uow.enrolments.of(patient.id)}
    enrolments |= {e.pathway: e for e in recorder.begun(patient.id, enrolments, let_in.new)}
    enrolment = enrolments.get(pathway) or enrolment_of(uow, patient.id, pathway)
    rules = {name: recorder.pathways.pathway(name, e.version) for name, e in enrolments.items()}
    asked = rules.pop(pathway)
    ladders = ladders_at(uow, patient.site, asked.definition)
    found = would_be(asked, record, let_in, as_of or stamp.day, ladders, rules.values())
    return Supposed(patient, enrolment, found)

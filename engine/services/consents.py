"""Channels of patients: each rests on the patient's consent, and ends when it is taken back."""

from dataclasses import replace
from datetime import date, datetime

from engine.core.channels import Channel
from engine.core.kept import AuditEntry, Author, Patient
from engine.errors import MessageRefused, NotFound, Problem
from engine.ports import Clock, Randomness, UnitOfWork
from engine.services.channels import Draft, add, channel_from, held_channel
from engine.services.delivering import shut
from engine.services.patients import Sender, as_seen, patient_of, time_zone


def open_for_patient(
    uow: UnitOfWork,
    draft: Draft,
    patient_id: str,
    consented: date,
    sender: Sender,
    clock: Clock,
    randomness: Randomness,
    *,
    expected: int | None = None,
) -> tuple[Channel, Patient]:
    """Open a channel to which a patient agreed; return it with the patient afterwards.

    Args:
        uow: the transaction.
        draft: the channel.
        patient_id: whose it is.
        consented: the day on which the patient agreed.
        sender: who records it.
        clock: tells the time.
        randomness: draws the id.
        expected: the patient's revision as the sender saw it; None if the sender does not care.

    Raises:
        NotFound: there is no such patient at the sender's site.
        AlreadyThere: the patient is told at this address already.
        MessageRefused: the consent lies in the future, or there are as many channels as there can be.
        RevisionStale: the patient is no longer as the sender saw it.
    """
    patient = patient_of(uow, patient_id, sender, hold=True)
    as_seen(patient, expected)
    today, now = clock.today(time_zone(uow, patient.site)), clock.now()
    if consented > today:
        text = f"`consented_on` must not lie after today, {today}; got {consented}."
        raise MessageRefused((Problem("/consented_on", "future-date", text),))
    made = channel_from(uow, draft, patient.site, now, randomness)
    made = replace(made, patient=patient.id, consented=consented)
    add(uow, made, uow.channels.open_of_patient(patient.id))
    return made, _changed(uow, patient, "open channel", made, sender.author, now)


def revoke_for_patient(
    uow: UnitOfWork,
    patient_id: str,
    channel: str,
    sender: Sender,
    clock: Clock,
    *,
    expected: int | None = None,
) -> tuple[Channel, Patient]:
    """Shut a channel whose consent the patient took back, and give up whatever waits on it.

    One that is shut stays as it is. Raises `NotFound` for a patient or channel that is not there, and
    `RevisionStale`.
    """
    patient = patient_of(uow, patient_id, sender, hold=True)
    found = held_channel(uow, channel)
    if found.patient != patient.id:
        raise NotFound("channel", channel)
    if not found.open:
        return found, patient
    as_seen(patient, expected)
    now = clock.now()
    gone = shut(uow, channel, "revoked", now)
    return gone, _changed(uow, patient, "revoke channel", gone, sender.author, now)


def _changed(
    uow: UnitOfWork, patient: Patient, act: str, channel: Channel, by: Author, now: datetime
) -> Patient:
    """Note what was done about a patient's channel, without its address; return the patient afterwards."""
    revision = uow.patients.advance(patient.id, patient.revision)
    body = {"channel": channel.id, "kind": channel.kind, "consented": channel.consented, "revision": revision}
    uow.audit.append(patient.id, AuditEntry(now, by, act, body))
    return replace(patient, revision=revision)

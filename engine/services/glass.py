"""Breaking the glass: a person lets herself in to a patient of another site, for a reason and an hour.

Nobody is asked, because it may be an emergency; everybody who is in charge hears of it.
"""

from datetime import datetime, timedelta

from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.kept import AuditEntry, Message
from engine.core.people import GlassBroken
from engine.errors import GlassNotNeeded, NotFound, PersonNeeded
from engine.ports import Randomness, UnitOfWork
from engine.services.patients import Sender
from engine.services.posting import tell

OPEN_FOR = timedelta(hours=1)


def break_glass(
    uow: UnitOfWork, patient_id: str, reason: str, sender: Sender, *, now: datetime, randomness: Randomness
) -> GlassBroken:
    """Let a person see a patient of another site, and have it reported.

    Args:
        uow: the transaction.
        patient_id: the patient, whose id the person must know.
        reason: why, in words; shown to those in charge of the patient's site.
        sender: who asks.
        now: the present instant.
        randomness: draws the id.

    Raises:
        PersonNeeded: the caller is no person.
        NotFound: there is no such patient at any site.
        GlassNotNeeded: the patient belongs to the person's own site.
    """
    if sender.person is None:
        raise PersonNeeded
    patient = uow.patients.hold(patient_id)  # for the message's number
    if patient is None:
        raise NotFound("patient", patient_id)
    if patient.site == sender.site:
        raise GlassNotNeeded
    identity = uuid7(now, randomness.draw(RANDOM_BYTES))
    broken = GlassBroken(identity, patient.id, sender.person, reason, now, now + OPEN_FOR)
    uow.glass.add(broken)
    body = {"glass": broken.id, "from_site": sender.site, "until": broken.until.isoformat()}
    uow.audit.append(patient.id, AuditEntry(now, sender.author, "break glass", body))
    told = {"patient": patient.id, "glass": broken.id, "site": patient.site}
    tell(uow, patient.site, [Message(f"glass/{broken.id}", "glass.broken", told, now, patient.id)], now)
    return broken

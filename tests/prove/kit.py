"""What the long proofs share: patients, the events they are sent, and what must be true afterwards."""

from collections import Counter

from api.application import Application
from engine.core.sealing import broken_at
from engine.ports import Store
from engine.services.access import MAIN
from engine.services.patients import Sender
from engine.services.verifying import verified
from tests.api.running import Json

CLINICIAN = Sender("clinician", MAIN)
PATIENTS = 8
ENROLLED: Json = {
    "id": "enrolled", "effective": "2024-01-08", "type": "enrol", "iim_dx": "PM", "ild_confirmed": True,
    "sex": "male", "birth_date": "1975-03-02",
}  # fmt: skip


def blown(name: str, number: int) -> Json:
    return {
        "id": name,
        "effective": f"2024-02-{1 + number % 28:02}",
        "type": "obs",
        "source": "lab",
        "obs": [{"item": "fvc_l", "value": 2 + number % 3, "unit": "L"}],
    }


def stored(store: Store, patients: list[str]) -> Counter[str]:
    """How often each event is there, of patients whose audit is whole."""
    with store.reading() as uow:
        for patient in patients:
            assert broken_at(uow.audit.chain(patient)) is None
        return Counter(r.event.id for patient in patients for r in uow.records.receipts(patient))


def agrees(application: Application) -> bool:
    return not any(one.differences for one in verified(application.store, application.shelf))

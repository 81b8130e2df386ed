"""Breaking the glass: an hour, a reason, only looking, and everybody in charge hears of it."""

from datetime import timedelta

import pytest

from engine.services.glass import OPEN_FOR
from tests.http.conftest import Web, problem

STRANGER = "clinician elsewhere"
REASON = {"reason": "Seen in our emergency department tonight."}


@pytest.fixture(autouse=True)
def people(web: Web) -> None:
    web.people("south", " elsewhere")


def break_glass(web: Web, patient: str, role: str = STRANGER) -> str:
    answer = web.post(f"/v1/patients/{patient}/break-glass", role=role, json=REASON)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_person_sees_a_patient_of_another_site_for_an_hour(web: Web) -> None:
    patient = web.patient()
    place = f"/v1/patients/{patient}"
    problem(web.get(place, role=STRANGER), 404, "not-found")

    break_glass(web, patient)

    assert web.get(place, role=STRANGER).status_code == 200
    assert web.get(f"{place}/events", role=STRANGER).status_code == 200
    problem(web.get(place, role="clinical_lead elsewhere"), 404, "not-found")
    web.clock.instant += OPEN_FOR - timedelta(seconds=1)
    assert web.get(place, role=STRANGER).status_code == 200
    web.clock.instant += timedelta(seconds=1)
    problem(web.get(place, role=STRANGER), 404, "not-found")


def test_only_that_patient_is_opened_and_only_for_looking(web: Web) -> None:
    patient, other = web.patient(), web.patient()
    break_glass(web, patient)

    problem(web.get(f"/v1/patients/{other}", role=STRANGER), 404, "not-found")
    message = {"id": "v", "type": "vax", "effective": "2024-01-15", "vaccine": "flu"}
    problem(web.send(patient, message, role=STRANGER), 404, "not-found")
    assert web.stored(patient) == []


def test_those_in_charge_hear_who_and_why(web: Web) -> None:
    patient = web.patient()
    glass = break_glass(web, patient)

    (told,) = web.get("/v1/break-glass", role="clinical_lead").json()["items"]
    assert (told["id"], told["patient"], told["person"]) == (glass, patient, "p-clinician elsewhere")
    assert told["reason"] == REASON["reason"]
    assert web.get("/v1/break-glass", role="clinical_lead elsewhere").json()["items"] == []
    with web.application.store.reading() as uow:
        looked = uow.audit.chain("site:main")[-1].entry
        assert (looked.act, looked.body["patients"]) == ("read", (patient,))
        message = uow.outbox.get(f"glass/{glass}")
        acts = [link.entry.act for link in uow.audit.chain(patient)]
    assert message is not None
    assert REASON["reason"] not in str(message.body)
    assert "break glass" in acts


def test_it_is_refused_where_it_makes_no_sense(web: Web) -> None:
    service = web.secrets["clinician"]
    web.people()
    patient = web.patient()
    place = f"/v1/patients/{patient}/break-glass"

    problem(web.post(place, role="clinician", json=REASON), 409, "glass-not-needed")
    problem(web.post(place, role=service, json=REASON), 403, "person-needed")
    problem(web.post("/v1/patients/nobody/break-glass", json=REASON), 404, "not-found")
    for bad in ({}, {"reason": "because"}, {"reason": 7}):
        problem(web.post(place, role=STRANGER, json=bad), 422, "message-refused")
    problem(web.get(f"/v1/patients/{patient}", role=STRANGER), 404, "not-found")

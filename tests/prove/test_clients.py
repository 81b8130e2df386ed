"""Many clients on few patients: no update is lost, nobody hears of a failure, every event is there once."""

import threading
import time
from collections import Counter

import httpx2
import pytest

from api.application import Application
from tests.api.running import Json
from tests.prove.kit import PATIENTS, agrees, blown, stored
from tests.serving import Served, serving

CLIENTS = 32
SHORT, FULL = 3, 60
"""Seconds."""


class Client(threading.Thread):
    """Posts until the time is over; every third event rests on the ETag the client saw last."""

    def __init__(self, served: Served, secret: str, patients: list[str], name: str, until: float) -> None:
        super().__init__()
        self.served, self.secret, self.patients, self.called, self.until = (
            served,
            secret,
            patients,
            name,
            until,
        )
        self.acknowledged: set[str] = set()
        self.etags: list[tuple[str, str]] = []
        """Patient and ETag of every acknowledged event."""
        self.statuses: Counter[int] = Counter()

    def run(self) -> None:
        with self.served.client(self.secret) as client:
            number = 0
            while time.monotonic() < self.until:
                patient = self.patients[number % len(self.patients)]
                self.post(client, patient, blown(f"{self.called}-{number}", number), careful=number % 3 == 0)
                number += 1

    def post(self, client: httpx2.Client, patient: str, event: Json, *, careful: bool) -> None:
        """Post an event; one that came too late for its ETag is posted again without."""
        path = f"/v1/patients/{patient}"
        headers = {"If-Match": client.get(path).headers["etag"]} if careful else {}
        answer = client.post(f"{path}/events", json=event, headers=headers)
        self.statuses[answer.status_code] += 1
        if answer.status_code == httpx2.codes.PRECONDITION_FAILED:
            answer = client.post(f"{path}/events", json=event)
            self.statuses[answer.status_code] += 1
        if answer.is_success:
            self.acknowledged.add(str(event["id"]))
            self.etags.append((patient, answer.headers["etag"]))


@pytest.mark.prove
def test_every_acknowledged_event_is_there_once(
    url: str, application: Application, patients: list[str], secret: str, proving: bool
) -> None:
    with serving(url) as served:
        until = time.monotonic() + (FULL if proving else SHORT)
        clients = [Client(served, secret, patients, str(n), until) for n in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    store = application.store
    statuses = sum((client.statuses for client in clients), Counter[int]())
    acknowledged = {name for client in clients for name in client.acknowledged}
    etags = [etag for client in clients for etag in client.etags]
    there = stored(store, patients)
    print(f"{sum(statuses.values())} answers: {dict(statuses)}")  # noqa: T201 - shown by pytest -s

    assert statuses.keys() <= {201, 412}
    assert len(set(etags)) == len(etags)
    assert there == Counter({"enrolled": PATIENTS}) + Counter(acknowledged)
    with store.reading() as uow:
        for patient in patients:
            found = uow.patients.get(patient)
            sequences = [r.event.stamp.sequence for r in uow.records.receipts(patient)]
            assert found is not None
            assert sequences == list(range(1, found.last_sequence + 1))
            assert found.revision >= found.last_sequence  # what fell due meanwhile moves it as well
    assert agrees(application)

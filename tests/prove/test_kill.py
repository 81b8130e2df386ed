"""A server that is killed loses nothing it had acknowledged, stores nothing twice, and keeps what agrees."""

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import httpx2
import pytest

from api.application import Application
from tests.api.running import Json
from tests.prove.kit import PATIENTS, agrees, blown, stored
from tests.serving import Served, serving

CLIENTS = 4
SHORT, FULL = 2, 20


@dataclass
class Sent:
    """What the clients sent to which patient, and which of it was acknowledged."""

    events: dict[str, tuple[str, Json]] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    enough: threading.Event = field(default_factory=threading.Event)
    """Set once a few were acknowledged."""


def post(client: httpx2.Client, patient: str, event: Json) -> None:
    """Post an event until it is acknowledged; where others were faster too often, it is sent again."""
    address = f"/v1/patients/{patient}/events"
    while (answer := client.post(address, json=event)).status_code == httpx2.codes.CONFLICT:
        assert answer.json()["type"] == "/problems/concurrency-conflict"
    assert answer.is_success, answer.text


def send(served: Served, secret: str, sent: Sent, patients: list[str], name: str) -> None:
    """Post one event after the other, to one patient after the other, until the server is gone."""
    with served.client(secret) as client, suppress(httpx2.TransportError):
        for number in range(100_000):
            patient, event = patients[number % len(patients)], blown(f"{name}-{number}", number)
            sent.events[str(event["id"])] = (patient, event)
            post(client, patient, event)
            sent.acknowledged.add(str(event["id"]))
            if len(sent.acknowledged) > CLIENTS:
                sent.enough.set()


def interrupted(url: str, secret: str, patients: list[str], name: str) -> Sent:
    """Start a server, let clients send events, and kill it at a random moment."""
    sent = Sent()
    with serving(url) as served:
        threads = [
            threading.Thread(target=send, args=(served, secret, sent, patients, f"{name}-{client}"))
            for client in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        assert sent.enough.wait(60)
        time.sleep(random.uniform(0, 0.5))
        os.kill(served.process.pid, signal.SIGKILL)
        for thread in threads:
            thread.join()
    return sent


@pytest.mark.prove
def test_what_was_acknowledged_survives_a_kill(
    url: str, application: Application, patients: list[str], secret: str, proving: bool
) -> None:
    sent = Sent()
    before, attempted = Counter({"enrolled": PATIENTS}), dict[str, tuple[str, Json]]()
    for kill in range(FULL if proving else SHORT):
        sent = interrupted(url, secret, patients, str(kill))
        attempted |= sent.events

        now = stored(application.store, patients)
        assert before <= now, "an event of an earlier start is gone"
        assert sent.acknowledged <= now.keys(), "an acknowledged event is gone"
        assert now.keys() - {"enrolled"} <= attempted.keys()
        assert max((now - Counter({"enrolled": PATIENTS})).values()) == 1, "an event is there twice"
        assert agrees(application)
        before = now

    with serving(url) as served, served.client(secret) as client:  # what nobody answered is sent again
        repeated = sent.events.keys() - sent.acknowledged | set(sorted(sent.acknowledged)[:5])
        for patient, event in (sent.events[name] for name in sorted(repeated)):
            post(client, patient, event)
    assert stored(application.store, patients) == before | Counter(sent.events.keys())
    assert agrees(application)

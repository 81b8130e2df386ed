"""Other systems hear of each kind of message there is, of no other, and what they get is documented."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from engine.core.kept import MESSAGE_KINDS, Message, Site
from engine.core.people import Membership, Person, Role
from engine.ports import Store
from engine.services.delivering import body_of
from engine.services.glass import break_glass
from engine.services.patients import Sender
from engine.store.mapping import message_value
from engine.store.tables import OutboxRow, table
from engine.store.unit_of_work import SqlStore
from tests.services.rounds import DAY, rounds
from tests.services.test_delivering import DUE
from tests.stores.kit import NOW, writing

LARGEST = 20_000
"""Bytes a webhook may be sent at once (Standard Webhooks 1.0)."""

Bodies = dict[str, list[dict[str, Any]]]


def journey(store: Store) -> None:
    """Do everything of which something is told: a reminder, a step, its withdrawal, a broken glass."""
    with rounds(store) as clinic:
        clinic.at(DUE)
        clinic.look()
        about = {"effective": str(DAY), "pathway": "pm-ild", "reason": "treated elsewhere for a year"}
        clinic.send(clinic.one, {**about, "id": "o1", "type": "override", "to": "monitor"})
        clinic.send(clinic.one, {"id": "r1", "type": "retract", "effective": str(DAY), "target": "o1"})
    with writing(store) as uow:
        uow.sites.add(Site("south", "South", "UTC"))
        uow.people.add(Person("p-south", "p-south", "South", NOW))
        uow.people.grant(Membership("p-south", "south", Role.CLINICIAN.value))
    with writing(store) as uow:
        sender = Sender("clinician", "south", person="p-south")
        break_glass(uow, clinic.one, "unconscious", sender, now=NOW, randomness=clinic.chance)


def outbox(store: Store) -> tuple[Message, ...]:
    assert isinstance(store, SqlStore)
    with store.reading() as uow:
        return tuple(map(message_value, uow.connection.execute(table(OutboxRow).select())))


def named(bodies: list[dict[str, Any]]) -> set[str]:
    """Return the names of what messages of a kind hold; a review stands where an action may."""
    return {"review" if name == "action" and "step" in body else name for body in bodies for name in body}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_every_kind_is_told_documented_and_small(store: Store, root: Path) -> None:
    journey(store)
    messages = outbox(store)
    emitted, sizes = Bodies(), list[int]()
    for message in messages:
        sent = body_of(message)
        sizes.append(len(sent.encode()))
        emitted.setdefault(message.kind, []).append(json.loads(sent)["data"])
    assert emitted.keys() == set(MESSAGE_KINDS)
    assert max(sizes) < LARGEST

    page = (root / "docs" / "reference" / "http.md").read_text(encoding="utf-8")
    examples = defaultdict[str, list[dict[str, Any]]](list)
    for line in re.findall(r'^\{"type":.*\}$', page, re.MULTILINE):
        example = json.loads(line)
        assert set(example) == {"type", "timestamp", "data"}
        examples[example["type"]].append(example["data"])
    assert {kind: named(bodies) for kind, bodies in examples.items()} == {
        kind: named(bodies) for kind, bodies in emitted.items()
    }


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_messages_hold_ids_codes_dates_and_counts_alone(store: Store) -> None:
    journey(store)
    code = re.compile(r"[A-Za-z0-9_.:-]{1,80}")
    for message in outbox(store):
        for name, value in json.loads(body_of(message))["data"].items():
            assert isinstance(value, int) or (isinstance(value, str) and code.fullmatch(value)), (name, value)

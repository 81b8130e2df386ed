"""What a change leaves for others: one message in the outbox for each step and action, and an audit entry."""

import pytest

from engine.core.sealing import broken_at
from engine.ports import Store
from engine.store.tables import OutboxRow, table
from engine.store.unit_of_work import SqlStore
from tests.laws.world import told
from tests.services.clinic import Clinic, Served
from tests.services.test_orders import accepted


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return Clinic(store, Served({"pm-ild": told()["V06"].pathway}))


def outbox(store: Store) -> list[str]:
    assert isinstance(store, SqlStore)
    with store.reading() as uow:
        return [row.kind for row in uow.connection.execute(table(OutboxRow).select())]


def test_every_step_and_every_opened_action_is_told_once(clinic: Clinic) -> None:
    patient = clinic.patient()
    for message in accepted(told()["V06"]).values():
        clinic.told(patient, message)
        clinic.told(patient, message)  # sent again, it tells nothing new

    _, kept = clinic.kept(patient)
    kinds = outbox(clinic.store)
    assert kinds.count("step.added") == len(kept.steps)
    assert kinds.count("step.superseded") == len(kept.steps) - len(kept.holding)
    with clinic.store.reading() as uow:
        actions = uow.actions.of(patient, "pm-ild", closed=True)
    assert kinds.count("action.opened") == len({action.key for action in actions})


def test_every_write_stands_on_the_patients_audit_chain(clinic: Clinic) -> None:
    patient = clinic.patient()
    messages = accepted(told()["V06"])
    for message in messages.values():
        clinic.told(patient, message)

    with clinic.store.reading() as uow:
        chain = uow.audit.chain(patient)
    assert [link.entry.act for link in chain] == ["register patient", *["record"] * len(messages)]
    assert [link.entry.body["events"] for link in chain[1:]] == [(name,) for name in messages]
    assert broken_at(chain) is None

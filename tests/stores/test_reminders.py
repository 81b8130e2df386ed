"""Deliveries in the database: what one says stays, and there is none twice."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import DBAPIError

from engine.core.reminders import Delivery
from engine.store.database import Database
from engine.store.unit_of_work import SqlStore
from tests.stores.kit import NOW, PATHWAY, PATIENT, TODAY, enrol, writing

ONE = Delivery(PATIENT.id, PATHWAY, "review", "pft", TODAY, "due", "p1", NOW, "n1")
OTHER = replace(ONE, recipient="nobody", notice="n2")


@pytest.fixture
def store(database: Database) -> SqlStore:
    opened = SqlStore(database)
    enrol(opened)
    with writing(opened) as uow:
        uow.reminders.add((ONE, OTHER))
    return opened


def test_a_delivery_is_kept_once(store: SqlStore) -> None:
    with writing(store) as uow:
        uow.reminders.add((replace(ONE, notice="n3"),))
    with store.reading() as uow:
        assert set(uow.reminders.of(PATIENT.id)) == {ONE, OTHER}
        assert uow.reminders.told(ONE.topic) == {"due"}
        assert uow.reminders.told(replace(ONE, subject="clinical").topic) == frozenset()


def test_it_cannot_be_changed_or_removed(store: SqlStore) -> None:
    away = {
        "sqlite": "INSERT OR REPLACE INTO delivery SELECT * FROM delivery",
        "postgresql": "TRUNCATE delivery",
    }
    for statement in ("UPDATE delivery SET step = step", "DELETE FROM delivery", away[store.database.name]):
        with pytest.raises(DBAPIError, match="append-only"), store.database.writer.begin() as connection:
            connection.exec_driver_sql(statement)
    with store.reading() as uow:
        assert set(uow.reminders.of(PATIENT.id)) == {ONE, OTHER}

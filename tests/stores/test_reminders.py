"""Deliveries in the database: what one says stays, how far it got changes, and there is none twice."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import DBAPIError

from engine.core.reminders import Delivery
from engine.store.database import Database
from engine.store.tables import SAYING_ONLY
from engine.store.unit_of_work import SqlStore
from tests.stores.kit import NOW, PATHWAY, PATIENT, TODAY, enrol, writing

ONE = Delivery(PATIENT.id, PATHWAY, "review", "pft", TODAY, "due", "p1", NOW)
OTHER = replace(ONE, recipient="nobody", gave_up=NOW)


@pytest.fixture
def store(database: Database) -> SqlStore:
    opened = SqlStore(database)
    enrol(opened)
    with writing(opened) as uow:
        uow.reminders.add((ONE, OTHER))
    return opened


def test_a_delivery_is_kept_once(store: SqlStore) -> None:
    with writing(store) as uow:
        uow.reminders.add((replace(ONE, attempts=3),))
    with store.reading() as uow:
        assert set(uow.reminders.of(PATIENT.id)) == {ONE, OTHER}
        assert uow.reminders.told(ONE.topic) == {"due"}
        assert uow.reminders.told(replace(ONE, subject="clinical").topic) == frozenset()


@pytest.mark.parametrize("column", SAYING_ONLY["delivery"])
def test_what_it_says_cannot_be_changed(store: SqlStore, column: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), store.database.writer.begin() as connection:
        connection.exec_driver_sql(f"UPDATE delivery SET {column} = {column}")


def test_it_can_be_sent_but_not_removed(store: SqlStore) -> None:
    with store.database.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE delivery SET attempts = 1")
    away = {
        "sqlite": "INSERT OR REPLACE INTO delivery SELECT * FROM delivery",
        "postgresql": "TRUNCATE delivery",
    }
    for statement in ("DELETE FROM delivery", away[store.database.name]):
        with pytest.raises(DBAPIError, match="append-only"), store.database.writer.begin() as connection:
            connection.exec_driver_sql(statement)
    with store.reading() as uow:
        assert {delivery.attempts for delivery in uow.reminders.of(PATIENT.id)} == {1}

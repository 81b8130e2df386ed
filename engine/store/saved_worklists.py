"""Filters of worklists that somebody saved, in the database."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from engine.core.canonical import dump, load
from engine.core.worklists import Filters, SavedWorklist
from engine.errors import NotFound
from engine.store.mapping import Columns
from engine.store.tables import table
from engine.store.worklist_tables import SavedWorklistRow

SAVED = table(SavedWorklistRow)


def _row(value: SavedWorklist) -> Columns:
    return {
        "id": value.id,
        "site": value.site,
        "person_id": value.person,
        "credential_id": value.credential,
        "name": value.name,
        "list": value.list,
        "filters": dump(asdict(value.filters)),
        "shared_with": dump(list(value.shared_with)),
        "created": value.created,
    }


def _value(row: Row[Any]) -> SavedWorklist:
    return SavedWorklist(
        row.id,
        row.site,
        row.name,
        row.list,
        Filters(**load(row.filters)),
        tuple(load(row.shared_with)),
        row.created,
        row.person_id,
        row.credential_id,
    )


class SqlSavedWorklists:
    """Filters of worklists that somebody saved."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, saved: SavedWorklist) -> None:
        self.connection.execute(insert(SAVED), _row(saved))

    def get(self, saved: str) -> SavedWorklist | None:
        row = self.connection.execute(select(SAVED).where(SAVED.c.id == saved)).one_or_none()
        return None if row is None else _value(row)

    def save(self, saved: SavedWorklist) -> None:
        changed = update(SAVED).where(SAVED.c.id == saved.id).values(_row(saved))
        if self.connection.execute(changed).rowcount == 0:
            raise NotFound("worklist", saved.id)

    def remove(self, saved: str) -> None:
        self.connection.execute(delete(SAVED).where(SAVED.c.id == saved))

    def at(self, site: str) -> tuple[SavedWorklist, ...]:
        mine = select(SAVED).where(SAVED.c.site == site).order_by(SAVED.c.created, SAVED.c.id)
        return tuple(map(_value, self.connection.execute(mine)))

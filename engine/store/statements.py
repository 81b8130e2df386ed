"""Statements both databases understand, and what their errors mean to us."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Table, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from engine.errors import CarewayError, ConcurrencyConflict, StoreFault, StoreUnavailable
from engine.store.mapping import Columns

LOST_RACE = ("40001", "40P01")
"""States in which PostgreSQL ends a transaction that another one crossed: serialisation, deadlock."""

TROUBLE = ("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_LOCKED", "SQLITE_NOMEM")
"""What SQLite calls trouble with the file, the disk or other writers, rather than with the statement."""


SITE_OF = "whose"
"""Key of a row that names the patient whose site is to stand in it."""


@cache
def _insert(table: Table, dialect: str, *, replace: bool, sited: bool = False) -> Any:
    statement: Any = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    if sited:
        statement = statement.values(site=_site_of(table))
    statement = statement.execution_options(preserve_rowcount=True)
    if not replace:
        return statement.on_conflict_do_nothing()
    keys = [column.name for column in table.primary_key]
    changed = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def save(connection: Connection, table: Table, rows: Sequence[Columns]) -> None:
    """Insert rows; one whose primary key is there replaces the old one."""
    if rows:
        sited = SITE_OF in rows[0]
        connection.execute(_insert(table, connection.dialect.name, replace=True, sited=sited), rows)


def add_at_site(connection: Connection, table: Table, patient: str, rows: Sequence[Columns]) -> None:
    """Insert rows of one patient, each with the patient's site; none may be there."""
    connection.execute(_at_site(table), [row | {SITE_OF: patient} for row in rows])


@cache
def _at_site(table: Table) -> Any:
    return insert(table).values(site=_site_of(table))


def _site_of(table: Table) -> Any:
    """Return the site of the patient whom `SITE_OF` names."""
    patients = table.metadata.tables["patient"]
    return select(patients.c.site).where(patients.c.id == bindparam(SITE_OF)).scalar_subquery()


def add_new(connection: Connection, table: Table, row: Columns) -> bool:
    """Insert a row unless it is there by any of its unique keys; say whether it was new."""
    result = connection.execute(_insert(table, connection.dialect.name, replace=False), row)
    return result.rowcount == 1


def intact(connection: Connection) -> bool:
    """Say whether the transaction begun on a connection can still be committed."""
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        return bool(driver.in_transaction)
    return driver.info.transaction_status is not TransactionStatus.INERROR


def translated(error: DBAPIError) -> CarewayError:
    """Return the error of ours that says the same; it holds no value of any row."""
    state = getattr(error.orig, "sqlstate", None)
    if state in LOST_RACE:
        return ConcurrencyConflict("The data", 0)
    trouble: str = getattr(error.orig, "sqlite_errorname", "")
    faulty = trouble != "" and not trouble.startswith(TROUBLE)
    if isinstance(error, OperationalError | InterfaceError) and not faulty:
        return StoreUnavailable()
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    detail = constraint or state or trouble or "no code"
    return StoreFault(f"{type(error).__name__}, {detail}")

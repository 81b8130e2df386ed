"""The database behind a command: opened, looked at, migrated, closed.

The store's libraries take as long to import as everything else together, so they are imported here, when a
command needs them, and by no other module of the command line.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.settings import Settings
from engine.errors import DatabaseUnusable
from engine.ports import Writer

if TYPE_CHECKING:
    from engine.store.database import Database
    from engine.store.unit_of_work import SqlStore


@dataclass(frozen=True, slots=True)
class Schema:
    """What a database has, and what it should have."""

    place: str
    """Where it is, without a password."""
    has: str | None
    """None for an empty database."""
    needs: str
    defect: str | None
    """Why it cannot be used as it is; None when it can."""


@contextmanager
def database_of(settings: Settings) -> Iterator["Database"]:
    """Open the database, closing it at the end.

    Raises:
        DatabaseUnusable: its URL or its place does not fit, or it cannot be reached.
    """
    from engine.store.database import open_database

    with closing(open_database(settings.database)) as database:
        database.reach()
        yield database


def file_of(settings: Settings) -> Path | None:
    """Return the file of a SQLite database, which may not be there yet; None for a server.

    Raises:
        DatabaseUnusable: the URL cannot be read.
    """
    from engine.store.database import open_database

    with closing(open_database(settings.database)) as database:
        return database.file


@contextmanager
def store_of(settings: Settings) -> Iterator["SqlStore"]:
    """Open the store on a database, closing it at the end.

    Raises:
        DatabaseUnusable: it cannot be reached, or it does not have the schema we need.
    """
    from engine.store import migrate
    from engine.store.unit_of_work import SqlStore

    with database_of(settings) as database:
        migrate.check(database)
        yield SqlStore(database)


def writer_on(store: "SqlStore") -> Writer:
    """Return the writer that fits a store; the caller closes it."""
    from engine.store.writers import writer_for

    return writer_for(store)


def schema_of(settings: Settings) -> Schema:
    """Return what the database has; raises `DatabaseUnusable` when it cannot be reached."""
    from engine.store import migrate

    with database_of(settings) as database:
        has, needs, defect = migrate.current(database), migrate.head(), None
        try:
            migrate.check(database)
        except DatabaseUnusable as error:
            defect = str(error)
        return Schema(database.place, has, needs, defect)


def upgrade(settings: Settings) -> Schema:
    """Bring the database to the schema we need, and return what it had before.

    Raises:
        DatabaseUnusable: it cannot be reached, or its schema is newer than ours.
        StoreUnavailable: others are writing.
    """
    from engine.store import migrate

    with database_of(settings) as database:
        has = migrate.current(database)
        migrate.upgrade(database)
        migrate.check(database)
        return Schema(database.place, has, migrate.head(), None)

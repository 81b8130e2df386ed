"""Opening a database: SQLite in one file, or PostgreSQL for several machines.

SQLite starts a transaction only at the first write unless told otherwise, and then loses updates
without a word; here every writer begins with BEGIN IMMEDIATE. Readers use connections of their own that
refuse to write and see one consistent state.
"""

from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from engine.errors import DatabaseUnusable

BUSY_MILLISECONDS = 10_000
"""How long a writer on SQLite waits for another one before it gives up."""

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # a commit that was answered survives a loss of power
    f"PRAGMA busy_timeout={BUSY_MILLISECONDS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",  # or INSERT OR REPLACE would slip past the triggers of append-only tables
    "PRAGMA cache_size=-65536",
)

QUIET: dict[str, Any] = {"hide_parameters": True}
"""No value of a patient gets into the text of a database error, and from there into a log."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database with its two kinds of connections. Nothing is opened before it is needed."""

    writer: Engine
    reader: Engine

    @property
    def name(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.writer.dialect.name

    @property
    def place(self) -> str:
        """Where it is, for people: a URL without its password and options."""
        url = self.writer.url
        return URL.create(self.name, url.username, None, url.host, url.port, url.database).render_as_string()

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database, which may not be there yet; None for a server."""
        name = self.writer.url.database
        return Path(name) if self.name == "sqlite" and name else None

    def reach(self) -> None:
        """Make sure that it can be used, as far as it is there: a missing file is made by the first writer.

        Raises:
            DatabaseUnusable: no directory for the file, no server, no access; the message says which.
        """
        if self.file is not None and not self.file.parent.is_dir():
            raise DatabaseUnusable(
                f"There is no directory {self.file.parent} to keep {self.place} in. Make it, or name another."
            )
        if self.file is not None and not self.file.exists():
            return
        try:
            self.reader.connect().close()
        except DBAPIError as error:
            reason = " ".join(str(error.orig).split())
            raise DatabaseUnusable(f"The database {self.place} cannot be used: {reason}") from None

    def close(self) -> None:
        """Close every connection."""
        self.writer.dispose()
        self.reader.dispose()


def open_database(url: str) -> Database:
    """Return the database at a URL: `sqlite:///FILE` or `postgresql://USER@HOST/NAME`.

    A relative SQLite file is taken from the current directory. The file is made if it is not there; its
    directory must be. The schema is the business of `migrate`.

    Raises:
        DatabaseUnusable: the URL cannot be read, or names a database that is not supported.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the second for a port that is no number
        raise DatabaseUnusable(
            "The database URL cannot be read. Use sqlite:///FILE or postgresql://USER@HOST/NAME."
        ) from None
    if "@" in (parsed.host or ""):  # the rest of a password, which would be shown as part of the address
        raise DatabaseUnusable("The database URL cannot be read: in a user or password, write %40 for an @.")
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed)
        case "postgresql":
            return _postgresql(parsed)
        case other:
            raise DatabaseUnusable(
                f"A {other} database is not supported. Use sqlite:///FILE or postgresql://USER@HOST/NAME."
            )


def _sqlite(url: URL) -> Database:
    if url.database in (None, "", ":memory:"):
        raise DatabaseUnusable("A database in memory would lose every patient. Use sqlite:///FILE.")
    writer, reader = create_engine(url, **QUIET), create_engine(url, **QUIET)
    _configure(writer, "BEGIN IMMEDIATE", PRAGMAS)
    _configure(reader, "BEGIN", (*PRAGMAS, "PRAGMA query_only=ON"))
    return Database(writer, reader)


def _configure(database: Engine, begin: str, pragmas: tuple[str, ...]) -> None:
    """Take transactions out of the driver's hands and set up each new connection."""

    @event.listens_for(database, "connect")
    def connected(connection: SQLiteConnection, _: object) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma).close()

    @event.listens_for(database, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _postgresql(url: URL) -> Database:
    url = url.set(drivername="postgresql+psycopg")
    zone = {"options": "-c timezone=UTC"}  # instants come back in UTC whatever the server's own zone is
    writer = create_engine(url, connect_args=zone, pool_pre_ping=True, **QUIET)
    reader = create_engine(
        url,
        connect_args={"options": f"{zone['options']} -c default_transaction_read_only=on"},
        isolation_level="REPEATABLE READ",
        pool_pre_ping=True,
        **QUIET,
    )
    return Database(writer, reader)

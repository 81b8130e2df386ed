"""The schema of a database: which version it has, which we need, and bringing it there.

The migrations lie in `alembic/` in a checkout and beside this module in an installation.
"""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from engine.errors import DatabaseUnusable, StoreUnavailable
from engine.store.database import Database
from engine.store.schema import METADATA
from engine.store.statements import translated

INSTALLED = Path(__file__).with_name("_migrations")
MIGRATING = 0x63617265776179
"""The advisory lock a migration holds on PostgreSQL: `careway` in ASCII."""
CHECKOUT = Path(__file__).parents[2] / "alembic"


def migrations() -> Path:
    """Return the directory of the migrations."""
    return INSTALLED if INSTALLED.is_dir() else CHECKOUT


def head() -> str:
    """Return the newest revision there is a migration for."""
    newest = ScriptDirectory(str(migrations())).get_current_head()
    assert newest is not None
    return newest


def current(database: Database) -> str | None:
    """Return the revision a database has; None for an empty one, or one whose file is not there."""
    if database.file is not None and not database.file.exists():
        return None
    with database.reader.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring a database to a revision, in one transaction: all of it happens, or nothing.

    Raises:
        DatabaseUnusable: its schema is newer than any we know.
        StoreUnavailable: it cannot be reached, or others are writing.
    """
    _make_sure_known(current(database))
    _run(database, command.upgrade, revision)


def downgrade(database: Database, revision: str) -> None:
    """Take a database back to an older revision (`base` for empty), in one transaction."""
    _run(database, command.downgrade, revision)


def check(database: Database) -> None:
    """Make sure that a database has the schema we need.

    Raises:
        DatabaseUnusable: it is empty, older, newer, or was changed by somebody else.
    """
    has, needed = current(database), head()
    if has is None:
        missing = database.file is not None and not database.file.exists()
        how = "is not there yet" if missing else "is empty"
        raise DatabaseUnusable(f"The database {database.place} {how}. Run `careway db upgrade`.")
    _make_sure_known(has)
    if has != needed:
        raise DatabaseUnusable(f"The database has schema {has}, not {needed}. Run `careway db upgrade`.")
    with database.reader.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    if differences:
        raise DatabaseUnusable(
            f"The database says it has schema {has}, but {len(differences)} things differ from it. "
            "Restore a backup, or undo what was changed by hand."
        )


def _make_sure_known(revision: str | None) -> None:
    known = {script.revision for script in ScriptDirectory(str(migrations())).walk_revisions()}
    if revision is not None and revision not in known:
        raise DatabaseUnusable(
            f"The database has schema {revision}, which this Careway does not know yet. Use a newer Careway."
        )


def _run(database: Database, do: object, revision: str) -> None:
    assert callable(do)
    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    try:
        with database.writer.begin() as connection:
            if database.name == "postgresql":  # two that start at once take turns, as they do on SQLite
                connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
            config.attributes["connection"] = connection
            do(config, revision)
    except DBAPIError as error:
        if isinstance(told := translated(error), StoreUnavailable):
            raise told from None
        raise  # a migration that does not work is a defect of ours, shown as such

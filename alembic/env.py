"""Runs migrations: on the connection handed over by `engine.store.migrate`, or on CAREWAY_DATABASE."""

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection
from sqlmodel.sql.sqltypes import AutoString

from engine.store.database import open_database
from engine.store.schema import METADATA


def rendered(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Write our column types with SQLAlchemy's own words, so that a migration needs no other import."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.Text()"
    if kind == "type" and type(item).__name__ == "UTCDateTime":
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    """Migrate on a connection, inside its transaction."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,
        render_item=rendered,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


handed_over: Connection | None = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    database = open_database(os.environ["CAREWAY_DATABASE"])
    with database.writer.begin() as opened:
        run(opened)
    database.close()

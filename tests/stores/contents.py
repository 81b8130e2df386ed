"""What a database holds, so that a test can tell whether anything at all was written."""

from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import inspect, text

from engine.store.database import Database

WRITTEN, LOCKED = "xmin::text, ctid::text, ", "xmax::text, "
"""On PostgreSQL a row that was written or locked shows it here, though its values be the same."""


class Content(NamedTuple):
    """What one table holds."""

    rows: int
    digest: str


def contents(database: Database, *, locks: bool = True) -> Mapping[str, Content]:
    """Return how many rows each table has, and a hash of all of them, by its name.

    Args:
        database: what to look at.
        locks: whether a row that was locked counts as touched, where that can be seen.
    """
    hidden = WRITTEN + (LOCKED if locks else "") if database.name == "postgresql" else ""
    with database.reader.connect() as connection:
        found = {}
        for table in inspect(connection).get_table_names():
            rows = sorted(
                repr(tuple(row)) for row in connection.execute(text(f'SELECT {hidden}* FROM "{table}"'))
            )
            found[table] = Content(len(rows), sha256("\n".join(rows).encode()).hexdigest())
    assert {"event", "audit", "patient", "alembic_version"} <= found.keys()
    return found

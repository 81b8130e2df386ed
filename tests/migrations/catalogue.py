"""What a database says about its own schema, as values that can be compared.

`alembic check` looks past CHECK constraints, triggers and more; the catalogue does not.
"""

from typing import Any

from sqlalchemy import Connection, inspect, text

from engine.store.database import Database

OURS = "name NOT LIKE 'sqlite_%' AND tbl_name <> 'alembic_version'"
SQLITE = f"SELECT type, name, tbl_name, sql FROM sqlite_master WHERE {OURS}"
POSTGRESQL = {
    "column": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
               pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relkind = 'r' AND a.attnum > 0 AND c.relnamespace = 'public'::regnamespace""",
    "constraint": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid <> 0""",
    "index": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


def catalogue(database: Database) -> set[tuple[Any, ...]]:
    """Every table, column, constraint and index; triggers and Alembic's own table left out."""
    with database.reader.connect() as connection:
        return _sqlite(connection) if database.name == "sqlite" else _postgresql(connection)


def triggers(database: Database) -> set[str]:
    """The names of all triggers."""
    asked = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if database.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with database.reader.connect() as connection:
        return set(connection.scalars(text(asked)))


def tables(database: Database) -> set[str]:
    """The names of all tables but Alembic's own."""
    with database.reader.connect() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def _sqlite(connection: Connection) -> set[tuple[Any, ...]]:
    """Statements as SQLite keeps them, each as the set of its parts: their order and layout mean nothing."""
    found: set[tuple[Any, ...]] = set()
    for kind, name, table, sql in connection.execute(text(SQLITE)):
        if kind != "trigger":
            found.add((kind, name, table, frozenset(_parts(sql or ""))))
    return found


def _parts(sql: str) -> list[str]:
    """Split a statement at the commas and the parentheses around its outermost list."""
    parts, depth = [""], 0
    for letter in sql:
        depth -= letter == ")"
        if (letter == "," and depth == 1) or (letter in "()" and depth == 0):
            parts.append("")
        else:
            parts[-1] += letter
        depth += letter == "("
    return [" ".join(part.split()) for part in parts if part.strip()]


def _postgresql(connection: Connection) -> set[tuple[Any, ...]]:
    return {
        (kind, *row)
        for kind, asked in POSTGRESQL.items()
        for row in connection.execute(text(asked))
        if "alembic_version" not in row[0]
    }

"""Migrations: one line of them, equal to the tables in code, up and down with data, all or nothing."""

import contextlib
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from engine.core.events import Record
from engine.errors import DatabaseUnusable, StoreUnavailable
from engine.store import migrate
from engine.store.database import Database, open_database
from engine.store.tables import APPEND_ONLY, METADATA
from engine.store.unit_of_work import SqlStore
from tests.migrations.catalogue import catalogue, tables, triggers
from tests.stores.kit import PATIENT, enrol, events, received, writing
from tests.stores.test_database import hurry

SCRIPTS = ScriptDirectory(str(migrate.migrations()))


BEFORE_WORKLISTS = (
    "INSERT INTO site VALUES ('north', 'North', 'UTC')",
    "INSERT INTO patient VALUES ('p', 'north', 1, 1, '2026-01-12 09:00:00')",
    "INSERT INTO enrolment (patient_id, pathway, version, digest, context, evaluated_on, evaluated_through) "
    "VALUES ('p', 'pm-ild', '1', 'd', '{}', '2026-01-12', 1)",
    "INSERT INTO event (patient_id, sequence, event_id, type, effective, source, recorded, received_on, "
    "role, body) VALUES ('p', 2, 'e', 'retract', '2026-01-12', 'ehr', '2026-01-13 09:00:00', '2026-01-13', "
    "'clinician', '{}')",
    "INSERT INTO transition (patient_id, pathway, number, effective, transition, source, target, version, "
    "digest, recorded, recorded_after, superseded_by) "
    "VALUES ('p', 'pm-ild', 1, '2026-01-12', 'T', 'a', 'b', '1', 'd', '2026-01-12 09:00:00', 1, 2)",
    *(
        "INSERT INTO action (patient_id, pathway, action, opened_on, disposition, priority, caution, due) "
        f"VALUES ('p', 'pm-ild', '{action}', '2026-01-12', 'offer', 1, false, {due})"
        for action, due in (("a.due", "'2026-01-20'"), ("b.never", "NULL"))
    ),
    "INSERT INTO review (patient_id, pathway, review, due, base, status) "
    "VALUES ('p', 'pm-ild', 'r', '2026-02-01', '2026-01-01', 'ok')",
)
"""Rows of a database that was made before there were worklists."""


def test_there_is_one_line_of_migrations() -> None:
    assert SCRIPTS.get_heads() == [migrate.head()]
    assert len(SCRIPTS.get_bases()) == 1
    assert all(not isinstance(s.down_revision, tuple) for s in SCRIPTS.walk_revisions())


def test_migrations_are_named_by_date_and_depend_on_no_core() -> None:
    for script in SCRIPTS.walk_revisions():
        path = Path(script.path)
        assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d{4}_[a-z0-9_]+\.py", path.name)
        assert "engine" not in path.read_text(encoding="utf-8")


def test_the_upgraded_schema_is_the_one_the_tables_describe(
    database: Database, empty_database: Database
) -> None:
    with empty_database.writer.begin() as connection:
        METADATA.create_all(connection)

    assert catalogue(database) == catalogue(empty_database)
    assert tables(database) == set(METADATA.tables)
    migrate.check(database)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE setting ADD COLUMN extra TEXT",
        "CREATE INDEX ix_setting_value ON setting (value)",
        "DROP INDEX ix_patient_site_id",
    ],
)
def test_the_catalogue_sees_a_difference(database: Database, empty_database: Database, change: str) -> None:
    with empty_database.writer.begin() as connection:
        METADATA.create_all(connection)
    with database.writer.begin() as connection:
        connection.exec_driver_sql(change)

    assert catalogue(database) != catalogue(empty_database)
    with pytest.raises(DatabaseUnusable, match="differ"):
        migrate.check(database)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_the_catalogue_sees_a_changed_check(database: Database, backend: str) -> None:
    before = catalogue(database)
    with database.writer.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE action DROP CONSTRAINT ck_action_priority")
        connection.exec_driver_sql(
            "ALTER TABLE action ADD CONSTRAINT ck_action_priority CHECK (priority >= 1)"
        )

    assert len(catalogue(database) ^ before) == 2


def test_append_only_tables_are_guarded(database: Database) -> None:
    found = triggers(database)

    assert all(any(name.startswith(f"{table}_") for name in found) for table in APPEND_ONLY)
    assert len(found) == 2 * len(APPEND_ONLY)


def test_up_down_and_up_again_with_data(empty_database: Database) -> None:
    store = SqlStore(empty_database)
    for _ in range(2):
        migrate.upgrade(empty_database)
        assert migrate.current(empty_database) == migrate.head()
        enrol(store)
        with writing(store) as uow:
            uow.records.append(PATIENT.id, received(events()), expected=0)
        with store.reading() as uow:
            assert uow.records.load(PATIENT.id) == Record(events())

        migrate.downgrade(empty_database, "base")
        assert migrate.current(empty_database) is None
        assert tables(empty_database) == set()
        assert triggers(empty_database) == set()


def test_what_is_there_is_put_on_worklists(empty_database: Database) -> None:
    migrate.upgrade(empty_database, "3a9c5e7d1b60")
    with empty_database.writer.begin() as connection:
        for statement in BEFORE_WORKLISTS:
            connection.execute(text(statement))
    migrate.upgrade(empty_database)
    with empty_database.reader.connect() as connection:
        actions = connection.execute(text("SELECT action, site, by_day, missing FROM action ORDER BY action"))
        assert [tuple(map(str, row)) for row in actions] == [
            ("a.due", "north", "2026-01-20", "[]"),
            ("b.never", "north", "9999-12-31", "[]"),
        ]
        assert connection.execute(text("SELECT site FROM review")).scalar_one() == "north"
        site, superseded = connection.execute(text("SELECT site, superseded FROM transition")).one()
        assert (site, str(superseded)[:10]) == ("north", "2026-01-13")
        assert str(connection.execute(text("SELECT revisit_on FROM enrolment")).scalar_one()) == "2026-01-12"


def test_upgrading_again_changes_nothing(database: Database) -> None:
    store = enrol(SqlStore(database))
    before = catalogue(database)

    migrate.upgrade(database)

    assert catalogue(database) == before
    with store.reading() as uow:
        assert uow.patients.get(PATIENT.id) == PATIENT


def test_two_that_migrate_at_once_take_turns(empty_database: Database) -> None:
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(migrate.upgrade, empty_database) for _ in range(2)]:
            done.result(60)

    migrate.check(empty_database)


def test_a_migration_that_fails_leaves_nothing_behind(empty_database: Database) -> None:
    with empty_database.writer.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE transition (in_the_way INTEGER)"
        )  # made last by the migration

    with pytest.raises(Exception, match="already exists"):
        migrate.upgrade(empty_database)

    assert tables(empty_database) == {"transition"}
    assert migrate.current(empty_database) is None


def test_a_database_that_does_not_fit_is_refused_with_the_way_out(empty_database: Database) -> None:
    with pytest.raises(DatabaseUnusable, match="careway db upgrade"):
        migrate.check(empty_database)

    migrate.upgrade(empty_database)
    migrate.check(empty_database)
    with empty_database.writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'fedcba987654'"))

    with pytest.raises(DatabaseUnusable, match="does not know yet"):
        migrate.check(empty_database)
    with pytest.raises(DatabaseUnusable, match="newer Careway"):
        migrate.upgrade(empty_database)


def test_a_database_that_is_not_there_is_looked_at_without_making_it(tmp_path: Path) -> None:
    with contextlib.closing(open_database(f"sqlite:///{tmp_path / 'careway.db'}")) as database:
        assert migrate.current(database) is None
        with pytest.raises(DatabaseUnusable, match=r"not there yet. Run `careway db upgrade`"):
            migrate.check(database)

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_database_others_write_to_is_not_migrated(database: Database, url: str, backend: str) -> None:
    with contextlib.closing(open_database(url)) as second:
        hurry(second)
        with SqlStore(database).writing(), pytest.raises(StoreUnavailable):
            migrate.upgrade(second)

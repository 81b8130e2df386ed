"""Opening a database: what is accepted, and how a connection is set up."""

import contextlib
from pathlib import Path

import pytest

from engine.errors import DatabaseUnusable, StoreUnavailable
from engine.ports import UnitOfWork
from engine.store.database import Database, open_database
from engine.store.unit_of_work import SqlStore
from tests.databases import unavailable
from tests.stores.kit import PATIENT, furnish, writing


@pytest.mark.parametrize("url", ["", "careway.db", "mysql://host/name", "sqlite://", "sqlite:///:memory:"])
def test_what_cannot_hold_patients_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUnusable, match="sqlite:///FILE"):
        open_database(url)


def test_a_refusal_does_not_repeat_the_password() -> None:
    with pytest.raises(DatabaseUnusable) as refused:
        open_database("mysql://me:hunter2@host/name")

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/at/all/careway.db", "postgresql://me:hunter2@127.0.0.1:1/careway"]
)
def test_a_database_that_cannot_be_reached_says_so(url: str) -> None:
    with (
        contextlib.closing(open_database(url)) as database,
        pytest.raises(StoreUnavailable) as refused,
        SqlStore(database).writing(),
    ):
        pass

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("side", ["writer", "reader"])
def test_every_connection_to_sqlite_is_set_up_for_clinical_records(tmp_path: Path, side: str) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    url = f"sqlite:///{tmp_path / 'careway.db'}"
    with contextlib.closing(open_database(url)) as database, getattr(database, side).connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}

    assert found == wanted


def test_a_path_with_odd_characters_is_a_path(tmp_path: Path) -> None:
    file = tmp_path / "päth with % and spaces.db"
    with (
        contextlib.closing(open_database(f"sqlite:///{file}")) as database,
        database.writer.begin() as connection,
    ):
        connection.exec_driver_sql("CREATE TABLE t (x)")

    assert file.exists()


def test_a_second_writer_on_sqlite_waits_and_then_gives_up(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'careway.db'}"
    with contextlib.closing(open_database(url)) as first, contextlib.closing(open_database(url)) as second:
        hurry(second)
        with SqlStore(first).writing(), pytest.raises(StoreUnavailable), SqlStore(second).writing():
            pass


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_a_server_tests_are_skipped_but_fail_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)

    with pytest.raises(outcome, match="no server here"):
        unavailable("no server here")


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_connection_that_breaks_takes_everything_back_and_the_next_one_works(
    database: Database, backend: str
) -> None:
    store = furnish(SqlStore(database))
    end_all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"

    with pytest.raises(StoreUnavailable), store.writing() as uow:
        break_others(database, uow, end_all)

    with store.reading() as uow:
        assert uow.patients.get(PATIENT.id) == PATIENT
    with writing(store) as uow:
        assert uow.patients.advance(PATIENT.id, 0) == 1


def break_others(database: Database, uow: UnitOfWork, statement: str) -> None:
    """Write, lose the connection to the server, and try to commit."""
    uow.patients.advance(PATIENT.id, 0)
    with database.reader.connect() as connection:
        connection.exec_driver_sql(f"{statement} AND datname = current_database()")
    uow.commit()


def hurry(database: Database) -> None:
    """Let the pooled connection wait for a tenth of a second only."""
    with database.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=100")

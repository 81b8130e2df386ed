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
    "url", ["postgresql://me:hunter2@host:port/name", "postgresql://me:a@hunter2@host/n"]
)
def test_an_address_that_cannot_be_read_is_not_repeated(url: str) -> None:
    with pytest.raises(DatabaseUnusable, match="cannot be read") as refused:
        open_database(url)

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("sqlite:///some/careway.db", "sqlite:///some/careway.db"),
        ("postgresql://me:hunter2@host:5433/name?sslpassword=hunter3", "postgresql://me@host:5433/name"),
        ("postgresql:///name?host=/run/postgresql&password=hunter2", "postgresql:///name"),
    ],
)
def test_a_place_is_told_without_its_password(url: str, place: str) -> None:
    with contextlib.closing(open_database(url)) as database:
        assert database.place == place


def test_what_can_be_used_is_reached_and_nothing_is_made(database: Database, tmp_path: Path) -> None:
    database.reach()
    with contextlib.closing(open_database(f"sqlite:///{tmp_path / 'new.db'}")) as new:
        new.reach()

    assert not (tmp_path / "new.db").exists()


def test_what_cannot_be_reached_is_told_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear colleague, this is a letter and not a database. " * 20)
    for url, says in (
        (f"sqlite:///{tmp_path}/nowhere/careway.db", "There is no directory .*nowhere to keep"),
        (f"sqlite:///{tmp_path}/letter.db", "letter.db cannot be used: file is not a database"),
        (f"sqlite:///{tmp_path}", "cannot be used: unable to open"),
        ("postgresql://me:hunter2@127.0.0.1:1/careway", "me@127.0.0.1:1/careway cannot be used: .*refused"),
    ):
        with contextlib.closing(open_database(url)) as database:
            with pytest.raises(DatabaseUnusable, match=says) as refused:
                database.reach()
            assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_wrong_password_is_told_and_not_shown(url: str, backend: str) -> None:
    before, _, after = url.partition("@")
    wrong = f"{before.rpartition(':')[0]}:hunter2@{after}"
    with contextlib.closing(open_database(wrong)) as database:
        with pytest.raises(DatabaseUnusable, match="password authentication failed") as refused:
            database.reach()
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

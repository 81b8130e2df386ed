"""Databases for tests: SQLite in a file, and a PostgreSQL server of our own on a loopback port.

Each test gets a migrated database of its own, copied from a template. Where no server can be had a test is
skipped with the reason; in CI it fails instead.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal, NoReturn

import psycopg
import pytest

from engine.ports import Store
from engine.store.database import Database, open_database
from engine.store.migrate import upgrade
from engine.store.unit_of_work import SqlStore

Backend = Literal["sqlite", "postgresql"]
BACKENDS: tuple[Backend, ...] = ("sqlite", "postgresql")
SUPERUSER = "careway"
TEMPLATE = "template_careway"
BY_FILES = 15_00_00
"""From this version on a server has to be told so; before, it knew no other way."""
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",  # the machine will not lose power during a test, and a killed server is thrown away
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "log_min_messages": "fatal",
}


def unavailable(reason: str) -> NoReturn:
    """Skip the test, or fail it where nothing may be skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"PostgreSQL is needed here: {reason}", pytrace=False)
    pytest.skip(f"needs PostgreSQL: {reason}")


def binaries() -> Path | None:
    """Where the server's programs are: on the path, or where Debian keeps them, newest first."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    places += sorted(debian, key=lambda place: int(place.parent.name.partition(".")[0]), reverse=True)
    return next((place for place in places if (place / "postgres").exists()), None)


def unprivileged() -> pwd.struct_passwd | None:
    """Whom to run the server as when we are root, which the server refuses; None to run it as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    unavailable("it will not run as root, and there is neither a user postgres nor nobody")


@dataclass
class Server:
    """A running server."""

    port: int
    password: str

    def url(self, name: str) -> str:
        return f"postgresql://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{name}"

    def do(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def copy(self, template: str, name: str) -> None:
        """Make a database like another one; copying its files takes a fifth of the time of the log."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            by_files = "STRATEGY FILE_COPY" if connection.info.server_version >= BY_FILES else ""
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} {by_files}".encode())


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def answers(server: Server, process: "subprocess.Popen[bytes]") -> bool:
    """Wait until the server answers; False when it ended, because somebody else took its port."""
    patience = time.monotonic() + 60
    while process.poll() is None:
        try:
            psycopg.connect(server.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            assert time.monotonic() < patience, "PostgreSQL does not answer"
            time.sleep(0.05)
        else:
            return True
    return False


@contextlib.contextmanager
def own_server() -> Iterator[Server]:
    """Run a server without privileges in a directory of its own, for as long as it is needed."""
    programs = binaries()
    if programs is None:
        unavailable(
            "no initdb on the path or in /usr/lib/postgresql; install it, e.g. apt-get install postgresql"
        )
    user = unprivileged()
    with tempfile.TemporaryDirectory(prefix="careway-postgresql-", ignore_cleanup_errors=True) as folder:
        home, password = Path(folder), secrets.token_urlsafe(16)
        (home / "password").write_text(password)
        if user:
            for path in (home, home / "password"):
                os.chown(path, user.pw_uid, user.pw_gid)
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        made = [programs / "initdb", "--pgdata", home / "data", "--username", SUPERUSER, "--no-sync"]
        made += ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--pwfile", home / "password"]
        subprocess.run(made, check=True, cwd=home, capture_output=True, **who)  # type: ignore[call-overload]
        for _ in range(5):
            server = Server(free_port(), password)
            run = [programs / "postgres", "-D", home / "data", "-p", str(server.port)]
            run += [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
            process: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
                run, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **who
            )
            if answers(server, process):
                break
        else:
            pytest.fail("PostgreSQL does not start")
        try:
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # a fast shutdown: open connections are closed
            process.wait(30)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A server that lives as long as the session."""
    with own_server() as server:
        yield server


NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: Server) -> str:
    """A migrated database to copy."""
    postgresql_server.do(f"CREATE DATABASE {TEMPLATE}")
    with contextlib.closing(open_database(postgresql_server.url(TEMPLATE))) as database:
        upgrade(database)
    return TEMPLATE


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    file = tmp_path_factory.mktemp("template") / "careway.db"
    with contextlib.closing(open_database(f"sqlite:///{file}")) as database:
        upgrade(database)
    return file


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each database in turn."""
    chosen: Backend = request.param
    return chosen


@pytest.fixture
def make_url(
    request: pytest.FixtureRequest, backend: Backend, tmp_path: Path
) -> Iterator[Callable[[bool], str]]:
    """Make a database of the backend, migrated or empty, and return its URL."""
    made: list[str] = []

    def make(migrated: bool) -> str:
        name = f"test_{next(NUMBERS)}"
        if backend == "sqlite":
            file = tmp_path / f"{name}.db"
            if migrated:
                shutil.copy(request.getfixturevalue("sqlite_template"), file)
            return f"sqlite:///{file}"
        server: Server = request.getfixturevalue("postgresql_server")
        template = request.getfixturevalue("postgresql_template") if migrated else "template0"
        server.copy(template, name)
        made.append(name)
        return server.url(name)

    yield make
    for name in made:
        request.getfixturevalue("postgresql_server").do(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def url(make_url: Callable[[bool], str]) -> str:
    """The URL of a migrated database."""
    return make_url(True)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A migrated database."""
    with contextlib.closing(open_database(url)) as opened:
        yield opened


@pytest.fixture
def empty_database(make_url: Callable[[bool], str]) -> Iterator[Database]:
    """A database with nothing in it."""
    with contextlib.closing(open_database(make_url(False))) as opened:
        yield opened


@pytest.fixture
def store(database: Database) -> Store:
    """A store on a migrated database."""
    return SqlStore(database)

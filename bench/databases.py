"""Databases to measure on, which are gone at the end: SQLite and, where one can be started, PostgreSQL."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from tests.databases import binaries, own_server

Place = Callable[[str], str]
"""Returns the URL of a database of that name, with nothing in it."""


@contextmanager
def databases() -> Iterator[Mapping[str, Place]]:
    """Yield where databases can be made, by the name of their kind; say so when there is no server."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        places: dict[str, Place] = {"sqlite": lambda name: f"sqlite:///{folder}/{name}.db"}
        if binaries() is None:
            print("postgresql  not measured: there is no initdb on the path or in /usr/lib/postgresql")
        else:
            server = stack.enter_context(own_server())

            def created(name: str) -> str:
                server.do(f"CREATE DATABASE {name}")
                return server.url(name)

            places["postgresql"] = created
        yield places

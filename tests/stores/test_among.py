"""Several values as one parameter: any number of them, with whatever stands in them."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, bindparam, insert, select, update

from engine.store.among import among
from engine.store.database import Database

THINGS = Table("thing", MetaData(), Column("name", Text), Column("number", Integer), prefixes=["TEMPORARY"])
NAMES = ("plain", "it's", 'a "quote"', "comma, {brace}", "ünï\nline", "[1]", "")


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.writer.connect() as opened, opened.begin():
        THINGS.create(opened)
        opened.execute(insert(THINGS), [{"name": n, "number": i} for i, n in enumerate(NAMES)])
        yield opened
        THINGS.drop(opened)


BY_NAME = select(THINGS.c.name).where(among(THINGS.c.name, "names")).order_by(THINGS.c.number)


def found(connection: Connection, *names: str) -> list[str]:
    return list(connection.execute(BY_NAME, {"names": names}).scalars())


def test_each_value_is_found_as_it_is_and_nothing_else(connection: Connection) -> None:
    for name in NAMES:
        assert found(connection, name) == [name]
    assert found(connection, "a", "quote", "1", "comma") == []


def test_any_number_of_values_may_be_given(connection: Connection) -> None:
    assert found(connection) == []
    many = [f"n{number}" for number in range(100_000)]
    assert found(connection, *many, "plain", "it's") == ["plain", "it's"]


def test_numbers_and_changes(connection: Connection) -> None:
    changed = update(THINGS).where(among(THINGS.c.number, "numbers")).values(name=bindparam("to"))
    connection.execute(changed, {"numbers": [0, 2, 99], "to": "new"})
    names = connection.execute(select(THINGS.c.name).order_by(THINGS.c.number)).scalars().all()
    assert list(names[:4]) == ["new", "it's", "new", "comma, {brace}"]

"""Several values as one parameter, so that a statement is the same however many there are.

A parameter for each would make a new statement of each number of values, which the driver has to read again
and the database to plan; and there can only be so many of them.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeDecorator, TypeEngine

from engine.core.canonical import dump


class _Values(TypeDecorator[Collection[Any]]):
    """Values of a column: an array on PostgreSQL, a list in JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = postgresql.ARRAY(self.of) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        return values if dialect.name == "postgresql" else dump(values)


class _Among(ColumnElement[bool]):
    """Whether a column has one of the values."""

    inherit_cache = True
    _traverse_internals = [
        ("column", InternalTraversal.dp_clauseelement),
        ("values", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[Any], values: ColumnElement[Any]) -> None:
        self.column, self.values = column, values


@compiles(_Among)
def _in_json(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both are parts of a statement


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    return f"{column} = ANY({values})"


def among(column: Column[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that a column of texts or whole numbers has one of the values bound by a name.

    Bound is a collection; none of its values is true for an empty one.
    """
    return _Among(column, bindparam(name, type_=_Values(column.type)))

"""Facts: named values derived from the record as of a date, with their sources and what is missing.

A fact that one expression can say is a criterion of the pathway. A fact that needs a calculation is
a small pure function, registered here with everything a reader, the linter and an explanation need.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from engine.core.asof import Elapsed

if TYPE_CHECKING:
    from engine.core.moment import Moment

FactValue = bool | Decimal | str | date | Elapsed
FactKind = Literal["boolean", "number", "days", "date", "code"]


class Fact(NamedTuple):
    """A fact's value (None when it cannot be told), the events it rests on, and the data it lacked."""

    value: FactValue | None
    sources: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    note: object = ""
    """The numbers behind the value, put into words (`str`) only when an explanation is asked for."""


FactFunction = Callable[["Moment"], Fact]


@dataclass(frozen=True, slots=True)
class FactDefinition:
    """A registered fact function."""

    name: str
    kind: FactKind
    title: str
    """What it says, in the words of the specification's definition."""
    items: tuple[str, ...]
    """Items it may read."""
    parameters: tuple[str, ...]
    """Parameters it may read."""
    drugs: tuple[str, ...]
    """Drugs or groups it may read."""
    conditions: tuple[str, ...]
    """Conditions it may read."""
    facts: tuple[str, ...]
    """Facts and criteria it may ask."""
    cite: tuple[str, ...]
    compute: FactFunction


@dataclass(frozen=True, slots=True)
class FactCatalogue:
    """All fact functions a pathway may name, and the revision of their meaning."""

    definitions: dict[str, FactDefinition]
    revision: str
    """Changes whenever any fact gives another result; part of a pathway's digest."""

    def __contains__(self, name: object) -> bool:
        return name in self.definitions

    def __getitem__(self, name: str) -> FactDefinition:
        return self.definitions[name]


REGISTRATION = "__careway_fact__"


def fact(
    name: str,
    kind: FactKind,
    title: str,
    *,
    items: Iterable[str] = (),
    parameters: Iterable[str] = (),
    drugs: Iterable[str] = (),
    conditions: Iterable[str] = (),
    facts: Iterable[str] = (),
    cite: Iterable[str] = (),
) -> Callable[[FactFunction], FactFunction]:
    """Return a decorator that registers a function as the fact `name`.

    What a fact reads must be declared whole: evaluation skips dates that touch nothing a guard
    reads. A test runs every fact over every story and fails when it reads anything else.
    """

    def register(function: FactFunction) -> FactFunction:
        definition = FactDefinition(
            name=name,
            kind=kind,
            title=title,
            items=tuple(items),
            parameters=tuple(parameters),
            drugs=tuple(drugs),
            conditions=tuple(conditions),
            facts=tuple(facts),
            cite=tuple(cite),
            compute=function,
        )
        setattr(function, REGISTRATION, definition)
        return function

    return register


def catalogue(modules: Iterable[object], revision: str) -> FactCatalogue:
    """Return the catalogue of every registered function in the modules, in order of definition."""
    found: dict[str, FactDefinition] = {}
    for module in modules:
        for member in vars(module).values():
            definition = getattr(member, REGISTRATION, None)
            if isinstance(definition, FactDefinition):
                found[definition.name] = definition
    return FactCatalogue(found, revision)

"""What may be recorded about a patient, shared by all pathways because ingest precedes enrolment.

The vocabulary is data (`pathways/vocabulary.yaml`); this module gives it types and the two
questions ingest asks of it: can this value be converted, and is it plausible?
"""

from decimal import Decimal
from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from engine.core.values import Frozen, Number, plain


class Coding(Frozen):
    """A terminology code. `system` is a URI; the code is always text."""

    system: str
    code: str
    display: str = ""


class Conversion(Frozen):
    """How an accepted unit becomes the canonical one: multiply by `times`, or divide by `over`."""

    times: Number = Decimal(1)
    over: Number = Decimal(1)

    def apply(self, value: Decimal) -> Decimal:
        """Return the value in the canonical unit."""
        return value * self.times / self.over


class Range(Frozen):
    """A closed interval: both bounds are allowed values."""

    low: Number
    high: Number

    def __contains__(self, value: object) -> bool:
        return isinstance(value, Decimal) and self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{plain(self.low)} to {plain(self.high)}"


class Attribute(Frozen):
    """A qualifier of an observation, for example the reference equation of a predicted value."""

    title: str
    codes: tuple[str, ...] = ()
    """Allowed values; empty for a number."""
    unit: str | None = None
    minimum: Number | None = None


class Jump(Frozen):
    """A value differing by more than a parameter (percent) from the previous one is quarantined."""

    parameter: str
    within: int
    """The previous value counts if it is at most this many days older."""


class Item(Frozen):
    """One thing that can be observed, with its unit, plausible ranges and rules of precedence."""

    title: str
    supplied_by: str
    kind: Literal["number", "code", "boolean"]
    unit: str | None = None
    """Canonical UCUM unit; None for codes and booleans."""
    accepts: dict[str, Conversion] = {}
    """Other accepted units and their factors."""
    reject: Range | None = None
    """A number outside is refused."""
    warn: Range | None = None
    """A number inside `reject` but outside this is quarantined."""
    step: Number = Decimal(1)
    """The smallest difference between two numbers as they are reported; decides nothing."""
    stale: int | None = None
    """Age in days up to which a value is fresh; None means a value never goes stale."""
    codes: tuple[str, ...] = ()
    adverse: Literal["lower", "higher"] | tuple[str, ...] = "higher"
    """Which of two conflicting values is the worse one: by size, or the codes listed, worst first."""
    tolerance: Number | None = None
    """Two values of one day no further apart than this are not worth a conflict task."""
    attributes: tuple[str, ...] = ()
    unusable_grades: tuple[str, ...] = ()
    takes_along: tuple[str, ...] = ()
    """Items of the same message that become unusable with this one."""
    jump: Jump | None = None
    lowest_first: str | None = None
    """Values at different levels of this attribute are no conflict: the lowest level is kept."""
    coding: Coding | None = None
    also_coded: tuple[Coding, ...] = ()
    """Other codes under which the same quantity may arrive."""

    @model_validator(mode="after")
    def _consistent(self) -> "Item":
        if self.kind == "number" and (self.unit is None or self.reject is None or self.warn is None):
            raise ValueError("a number needs a unit and its reject and warn ranges")
        if self.kind == "code" and not self.codes:
            raise ValueError("a coded item needs its list of codes")
        return self

    @cached_property
    def units(self) -> tuple[str, ...]:
        """All accepted units, the canonical one first."""
        return () if self.unit is None else (self.unit, *self.accepts)

    def convert(self, value: Decimal, unit: str) -> Decimal:
        """Return the value in the canonical unit; raises KeyError when the unit is not accepted."""
        return value if unit == self.unit else self.accepts[unit].apply(value)


class Drug(Frozen):
    """A drug that can be started, stopped or given."""

    title: str
    lasts: int | None = None
    """Days a start or dose keeps the drug active (pulses); None means until its stop."""
    dose_unit: str | None = None
    """Unit of the recorded dose; None when no dose is recorded for this drug."""
    coding: tuple[Coding, ...] = ()


class Term(Frozen):
    """A plain coded entry: a condition or a vaccine."""

    title: str
    coding: tuple[Coding, ...] = ()


class Vocabulary(Frozen):
    """Everything that may be recorded."""

    version: str
    items: dict[str, Item]
    attributes: dict[str, Attribute]
    drugs: dict[str, Drug]
    conditions: dict[str, Term]
    vaccines: dict[str, Term]
    sources: tuple[str, ...] = Field(min_length=1)
    """Where a message can come from, most trusted first."""
    grades: tuple[str, ...]
    """Quality grades, best first."""
    absent_grade: str
    """The grade assumed when none was sent."""
    close_reasons: tuple[str, ...]
    """Coded reasons for closing an enrolment."""
    absent_days: int
    """Days for which "could not be done" stands in for a value."""
    conflict_days: int
    """Days for which a conflict of values asks to be resolved."""

    @cached_property
    def leaders(self) -> dict[str, tuple[str, ...]]:
        """Items that can be made unusable by another item of the same message, with those others."""
        followers = {other for item in self.items.values() for other in item.takes_along}
        return {
            name: tuple(leader for leader, item in self.items.items() if name in item.takes_along)
            for name in followers
        }

    @model_validator(mode="after")
    def _refers(self) -> "Vocabulary":
        for name, item in self.items.items():
            for attribute in item.attributes:
                if attribute not in self.attributes:
                    raise ValueError(f"item {name} uses the unknown attribute {attribute}")
            for other in item.takes_along:
                if other not in self.items:
                    raise ValueError(f"item {name} takes along the unknown item {other}")
        return self

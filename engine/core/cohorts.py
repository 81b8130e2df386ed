"""A cohort in figures: how the patients of a pathway stand, counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

STEPS_DAYS = 365
"""For how long steps into a state are counted, in days."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the store counts of a pathway at a site. Patients are those whose enrolment is not closed."""

    days: Mapping[str, Mapping[int, int]]
    """How many patients are in each state for how many days."""
    paused: int
    """Of them, those who are paused."""
    overdue: int
    """Of them, those with a review that is overdue and not held."""
    escalated: Mapping[str, int]
    """Those reviews, by the reminder step that was reached."""
    entered: Mapping[str, int]
    """Steps of theirs into each state that hold."""
    lacking: int
    """Of them, those with an open action that lacks something."""
    lacks: Mapping[str, int]
    """Of them, those who lack each item."""
    overrides: Mapping[str, int]
    """Of them, those who stand where an override put them, by its reason."""


def quantile(counts: Mapping[int, int], quarter: int) -> Decimal | None:
    """Return a quartile of whole numbers that are counted, between two of them where it falls there.

    Args:
        counts: how often each number occurs.
        quarter: 1 to 3; 2 is the median.
    """
    total = sum(counts.values())
    if total == 0:
        return None
    place, rest = divmod((total - 1) * quarter, 4)
    low, high = _nth(counts, place), _nth(counts, min(place + 1, total - 1))
    return low + (high - low) * Decimal(rest) / 4


def _nth(counts: Mapping[int, int], place: int) -> Decimal:
    passed = 0
    for number in sorted(counts):
        passed += counts[number]
        if place < passed:
            return Decimal(number)
    raise AssertionError("there are fewer numbers than that")  # pragma: no cover - the place is one of them

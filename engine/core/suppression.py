"""Suppression: counts that are handed on, without those so small that they might tell of somebody.

When a part of a total is hidden, so is the total, or the part could be worked out. Hiding a second part
instead is not enough: whoever knows the rule by which it was chosen can often work out both.
"""

from collections.abc import Mapping

LEAST = 5
"""The smallest count that is told; none at all is told too."""


def told(count: int) -> int | None:
    """Return a count; None when it is too few."""
    return None if 0 < count < LEAST else count


def share_told(count: int, of: int) -> int | None:
    """Return how many of all have something; None when these or the others are too few."""
    return None if told(of - count) is None else told(count)


def parts_told(parts: Mapping[str, int]) -> tuple[int | None, dict[str, int | None]]:
    """Return a total with its parts; None for what is hidden."""
    shown = {name: told(count) for name, count in parts.items()}
    return None if None in shown.values() else told(sum(parts.values())), shown


def overlaps_told(parts: Mapping[str, int], rest: int, of: int) -> tuple[int | None, dict[str, int | None]]:
    """Return how many are in none of some parts that overlap, with the parts; None for what is hidden.

    All that is in a part is at least the largest of them and at most their sum, so a part bounds the rest and
    the rest bounds a part. Therefore the rest is told beside parts of which none is hidden alone, and no part
    is told where the rest is too small itself.

    Args:
        parts: how many are in each part that anybody is in.
        rest: how many are in none.
        of: how many there are.
    """
    without = share_told(rest, of)
    if without is None:
        return None, dict.fromkeys(parts)
    shown = {name: share_told(count, of) for name, count in parts.items()}
    return None if None in shown.values() else without, shown

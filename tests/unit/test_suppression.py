"""Suppression: what is hidden cannot be worked out from what is told, by whoever knows the rules."""

from collections import defaultdict
from itertools import product

import pytest

from engine.core.suppression import LEAST, overlaps_told, parts_told, share_told, told


def test_none_and_enough_are_told() -> None:
    assert [told(count) for count in range(7)] == [0, None, None, None, None, 5, 6]


def test_a_hidden_part_could_be_any_small_number() -> None:
    """Every table of three parts up to eight: of all that look alike, a hidden part has every small value."""
    alike = defaultdict(list)
    for parts in product(range(9), repeat=3):
        total, shown = parts_told(dict(zip("abc", parts, strict=True)))
        alike[total, *shown.values()].append(parts)
    for told_of, tables in alike.items():
        for place, part in enumerate(told_of[1:]):
            if part is None:
                assert {table[place] for table in tables} == set(range(1, LEAST))
                assert told_of[0] is None


def test_of_a_share_neither_part_may_be_small() -> None:
    for of in range(30):
        for count in range(of + 1):
            small = 0 < count < LEAST or 0 < of - count < LEAST
            assert (share_told(count, of) is None) == small


@pytest.mark.parametrize("of", range(LEAST, 15))
def test_parts_that_overlap_and_the_rest_do_not_tell_of_each_other(of: int) -> None:
    """All of a few in one part, the other, both or none: of what is hidden no small number can be told."""
    alike = defaultdict(list)
    for one, other in product(range(of + 1), repeat=2):
        for either in range(max(one, other), min(of, one + other) + 1):
            parts = {name: count for name, count in (("a", one), ("b", other)) if count}
            rest, shown = overlaps_told(parts, of - either, of)
            alike[rest, tuple(shown.items())].append((of - either, *parts.values()))
    for (rest, named), cells in alike.items():
        for place, cell in enumerate((rest, *dict(named).values())):
            possible = {told_of[place] for told_of in cells}
            if cell is None:
                few = {count for count in possible if share_told(count, of) is None}
                assert not few or len(possible) > 1, (cells, place)
            else:
                assert possible == {cell}

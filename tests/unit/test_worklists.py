"""What of worklists and cohorts is worked out from values alone."""

from decimal import Decimal

import pytest

from engine.core.cohorts import quantile
from engine.core.worklists import LISTS, NO_PRIORITY, Spot, spot_in


@pytest.mark.parametrize(
    ("numbers", "quartiles"),
    [
        ({}, (None, None, None)),
        ({7: 1}, (7, 7, 7)),
        ({1: 1, 2: 1}, ("1.25", "1.5", "1.75")),
        ({1: 1, 2: 1, 3: 1, 4: 1}, ("1.75", "2.5", "3.25")),
        ({0: 99, 400: 1}, (0, 0, 0)),
    ],
)
def test_quartiles_lie_between_the_numbers_around_them(
    numbers: dict[int, int], quartiles: tuple[str | int | None, ...]
) -> None:
    wanted = tuple(None if each is None else Decimal(each) for each in quartiles)
    assert tuple(quantile(numbers, quarter) for quarter in (1, 2, 3)) == wanted


def test_a_place_comes_back_as_it_was_given_out() -> None:
    day, instant = "2024-01-20", "2024-01-20T12:00:00.000000+00:00"
    for name in LISTS:
        at = instant if name in ("moved", "undeliverable") else day
        spot = Spot(at, NO_PRIORITY, "p", "pm-ild", "3", day)
        assert spot_in(name, list(spot)) == spot


@pytest.mark.parametrize("part", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("wrong", [None, True, 2**40, -1, "\0", "\ud800", "x" * 1001, [], {}])
def test_a_place_that_was_never_given_out_is_refused(part: int, wrong: object) -> None:
    parts: list[object] = ["2024-01-20", 0, "p", "pm-ild", "a", "2024-01-20"]
    parts[part] = wrong
    for name in LISTS:
        with pytest.raises(ValueError, match=r"\w"):
            spot_in(name, parts)

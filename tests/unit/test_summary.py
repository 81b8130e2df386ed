"""The summary that is handed on: from all of it together nobody works out a count of one to four."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product

import pytest

from api.exports.summary import summary
from engine.core.cohorts import Figures
from engine.core.suppression import LEAST
from engine.services.cohorts import Cohort, StateFigures
from tests.unit.builders import pathway

Cells = tuple[int | None, ...]
RULES = pathway()


def cohort(states: tuple[int, ...], overdue: int, lacking: int, lacks: Mapping[str, int]) -> Cohort:
    figures = Figures({}, 0, overdue, {}, {}, lacking, lacks, {})
    found = tuple(
        StateFigures(name, name, count, (None, None, None), 0)
        for name, count in zip("ab", states, strict=True)
    )
    return Cohort(RULES, date(2026, 1, 1), sum(states), found, figures)


def cells_of(found: Cohort) -> Cells:
    """Every count a summary may hold, as it is."""
    figures = found.figures
    lacks = (count for _, count in sorted(figures.lacks.items()))
    states = (state.patients for state in found.states)
    return (found.patients, *states, figures.overdue, found.patients - figures.lacking, *lacks)


def told_of(found: Cohort) -> tuple[Cells, tuple[str, ...]]:
    """The same as it is told, and the names of what is lacked."""
    view = summary(found)
    lacks = tuple(row.patients for row in view.lacking)
    told = (view.patients, *(row.patients for row in view.states), view.overdue, view.complete, *lacks)
    return told, tuple(row.name for row in view.lacking)


def lackings(patients: int) -> Iterator[tuple[int, dict[str, int]]]:
    """How many lack something, and how many of them each of two things, whoever lacks both."""
    for one, other in product(range(patients + 1), repeat=2):
        lacks = {item: count for item, count in (("x", one), ("y", other)) if count}
        for either in range(max(one, other), min(patients, one + other) + 1):
            yield either, lacks


def small_cohorts() -> Iterator[Cohort]:
    """All of few patients, and of some more those that differ in overdue reviews or in what lacks."""
    for states in product(range(10), range(6)):
        patients = sum(states)
        every = range(patients + 1)
        for overdue in every:
            yield cohort(states, overdue, 0, {})
        for either, lacks in lackings(patients):
            for overdue in every if patients < 2 * LEAST - 3 else (0,):
                yield cohort(states, overdue, either, lacks)


def test_of_all_cohorts_that_look_alike_a_hidden_count_has_several_values() -> None:
    alike = defaultdict[tuple[Cells, tuple[str, ...]], set[Cells]](set)
    for found in small_cohorts():
        alike[told_of(found)].add(cells_of(found))
    for (told, _), cohorts in alike.items():
        patients = {cells[0] for cells in cohorts}
        for place, cell in enumerate(told):
            possible = {cells[place] for cells in cohorts}
            if cell is not None:
                assert possible == {cell}
            elif len(possible) == 1 and len(patients) == 1:
                (count,), (of,) = possible, patients
                assert count is not None
                assert of is not None
                assert {count, of - count} & set(range(1, LEAST)) == set(), (told, cohorts)
            elif len(possible) == 1:
                assert not possible & set(range(1, LEAST)), (told, cohorts)


@pytest.mark.parametrize("lacked", [4, 96])
def test_what_all_but_a_few_lack_is_hidden_as_well(lacked: int) -> None:
    view = summary(cohort((100, 0), 0, lacked, {"x": lacked}))
    assert (view.patients, view.complete, view.lacking[0].patients) == (100, None, None)


def test_a_hidden_total_is_told_by_no_share() -> None:
    view = summary(cohort((5, 1), 0, 0, {}))
    assert (view.patients, view.overdue, view.complete) == (None, None, None)

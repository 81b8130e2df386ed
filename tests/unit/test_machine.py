"""The permitted moves of a pathway, as the state machine library keeps them."""

import pytest

from engine.core.machine import Cursor, Move, PathwayMachine
from tests.unit.builders import pathway

MACHINE = PathwayMachine(
    ("rest", "walk", "run"),
    "rest",
    (
        Move("M2", "rest", "walk"),
        Move("M1", "rest", "run"),
        Move("M3", "walk", "rest"),
        Move("M4", "run", "run"),
    ),
)


def test_moves_are_tried_in_the_order_given() -> None:
    assert [m.id for m in MACHINE.moves("rest")] == ["M2", "M1"]
    assert MACHINE.moves("swim") == ()


def test_the_chosen_move_is_made_and_no_other() -> None:
    assert MACHINE.advance("rest", "M1") == "run"
    assert MACHINE.advance("rest", "M2") == "walk"
    assert MACHINE.advance("run", "M4") == "run"


def test_a_move_from_another_state_is_not_permitted() -> None:
    with pytest.raises(ValueError, match="M3 is not permitted from rest"):
        MACHINE.advance("rest", "M3")
    with pytest.raises(ValueError, match="M9 is not permitted from rest"):
        MACHINE.advance("rest", "M9")


def test_a_person_may_move_from_any_state_to_any_state() -> None:
    assert MACHINE.override("run", "rest") == "rest"
    assert MACHINE.override("rest", "rest") == "rest"


def test_two_cursors_that_look_alike_are_not_the_same() -> None:
    assert Cursor("rest", "M1") != Cursor("rest", "M1")


def test_the_machine_keeps_no_patient() -> None:
    MACHINE.advance("rest", "M1")
    assert MACHINE._machine.models == []


def moves(state: str) -> list[tuple[str, str]]:
    return [(m.id, m.target) for m in pathway().machine.moves(state)]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("assess", [("T01", "first_line.progressive_severe"), ("T02", "first_line.non_progressive")]),
        ("first_line.non_progressive", [("T03", "first_line.progressive_severe"), ("T04", "monitor")]),
        ("first_line.progressive_severe", [("T04", "monitor")]),
        (
            "monitor",
            [
                ("T05", "escalate.rapid"),
                ("T06", "recurrent.late"),
                ("T07", "recurrent.early"),
                ("T08", "escalate.standard"),
            ],
        ),
        ("escalate.standard", [("T09", "escalate.rapid"), ("T11", "monitor")]),
        ("escalate.rapid", [("T11", "monitor")]),
        ("recurrent.early", [("T10", "escalate.rapid"), ("T12", "monitor")]),
        ("recurrent.late", [("T10", "escalate.rapid"), ("T12", "monitor")]),
    ],
)
def test_the_moves_of_the_specification_in_order_of_priority(
    state: str, expected: list[tuple[str, str]]
) -> None:
    assert moves(state) == expected

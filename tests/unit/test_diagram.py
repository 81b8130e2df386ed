import re
from collections.abc import Iterator
from functools import cache

import mermaidx  # type: ignore[import-untyped] # it ships no types
import pytest

from engine.core.definition import PathwayDefinition, StateDefinition, TransitionDefinition
from engine.core.diagram import diagram
from tests.unit.builders import LIBRARY

V1 = LIBRARY.definition("pm-ild")
PATH = (("T02", "assess"), ("T04", "first_line.non_progressive"), ("T08", "monitor"))


@cache  # drawing takes seconds
def words(drawn: str) -> list[str]:
    """The words of a rendered picture, in order; a diagram that is not valid cannot be rendered."""
    svg: str = mermaidx.render(drawn).svg()
    return [text for text in re.split(r"<[^>]+>|\s+", svg[svg.index("</style>") :]) if text]


def small(states: dict[str, str], *moves: tuple[str, str, str | None]) -> PathwayDefinition:
    """A definition with these states (name: title) and moves (id, from, to); nothing else of it is drawn."""
    return V1.model_copy(
        update={
            "title": "It's “small”: 50 % <b>",
            "initial": next(iter(states)),
            "states": {n: StateDefinition(title=t, enter="e", leave="l") for n, t in states.items()},
            "transitions": tuple(transitions(moves)),
        }
    )


def transitions(moves: tuple[tuple[str, str, str | None], ...]) -> Iterator[TransitionDefinition]:
    for name, source, to in moves:
        yield TransitionDefinition.model_validate(
            {
                "id": name,
                "from": (source,),
                "to": to,
                "trigger": 'news; "quoted": <b>#1 & more',
                "when": None,
                "prio": 1,
                "strength": "low",
            }
        )


def test_every_state_and_every_transition_is_drawn() -> None:
    drawn = diagram(V1, "escalate.standard", PATH)
    shown = " ".join(words(drawn))

    for state in V1.states.values():
        assert all(word in shown for word in state.title.split())
    for row in V1.transitions:
        assert row.id in shown
        assert drawn.count(f"{row.id} {row.trigger}") == len(row.source)


def test_states_of_one_family_share_a_box() -> None:
    lines = diagram(V1).splitlines()
    start = lines.index('    state "escalate" as family_escalate {')

    assert lines[start + 1 : start + 4] == [
        '        state "Escalation after progression" as escalate__standard',
        '        state "Escalation for rapidly progressive ILD" as escalate__rapid',
        "    }",
    ]
    assert '    state "Monitoring on treatment" as monitor' in lines


def test_a_family_leaves_from_its_box_and_an_override_is_noted() -> None:
    drawn = diagram(V1)

    assert "    family_escalate --> monitor : T11 med start" in drawn
    assert "    [*] --> assess" in drawn
    assert "        T13 override event, from any state to any state" in drawn


def test_nothing_is_marked_unless_asked() -> None:
    assert "class " not in diagram(V1)


def test_the_current_state_and_the_path_are_marked() -> None:
    drawn = diagram(V1, "escalate.standard", PATH)

    assert "    class escalate__standard current" in drawn
    assert "    class assess,first_line__non_progressive,monitor visited" in drawn
    assert [row.id for row in V1.transitions if f": ✓ {row.id} " in drawn] == ["T02", "T04", "T08"]
    assert "✓" in words(drawn)


def test_a_state_come_back_to_is_marked_as_current_only() -> None:
    drawn = diagram(V1, "monitor", [("T08", "monitor"), ("T11", "escalate.standard")])

    assert "    class escalate__standard visited" in drawn
    assert "    class monitor current" in drawn


def test_an_override_on_the_path_is_marked_too() -> None:
    assert "✓ T13 override event" in diagram(V1, "monitor", [("T13", "assess")])


def test_a_state_that_is_not_there_cannot_be_marked() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        diagram(V1, "nowhere")


def test_characters_with_a_meaning_in_mermaid_are_only_text() -> None:
    drawn = diagram(small({"a": 'One "1"; 2: <3> & #4', "b": "end"}, ("T1", "a", "b"), ("T2", "*", None)))
    shown = " ".join(words(drawn))

    assert "title: 'It''s “small”: 50 % <b>, version 1'" in drawn
    for text in ("&lt;3&gt;", "&amp;", "#4", "quoted", "T1"):
        assert text in shown or text.replace("&lt;", "<").replace("&gt;", ">") in shown


def test_a_family_and_a_state_of_one_name_are_told_apart() -> None:
    drawn = diagram(small({"x": "X", "x.a": "Xa", "y": "Y"}, ("T1", "x", "y"), ("T2", "x.*", "y")))

    assert "    x --> y : T1" in drawn
    assert "    family_x --> y : T2" in drawn
    assert '        state "X" as x' in drawn


def test_a_move_from_everywhere_leaves_every_other_state() -> None:
    drawn = diagram(small({"a": "A", "b": "B", "c": "C"}, ("T1", "*", "c")))

    assert ("    a --> c" in drawn, "    b --> c" in drawn, "    c --> c" in drawn) == (True, True, False)


def test_the_newer_version_is_drawn_under_its_own_name() -> None:
    assert "version 2'" in diagram(LIBRARY.definition("pm-ild", "2"))

"""The state machine of a pathway: the only module that uses `transitions`.

Narrow profile (ADR 0008): one shared flat `Machine` per pathway version with dotted state names,
cursors that are never registered, one condition per transition that returns a real bool, and no
callbacks with effects. Guards are ours; the library keeps the states and the permitted moves.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from transitions import EventData, Machine

ADVANCE = "advance"
OVERRIDE = "override to "


@dataclass(slots=True, eq=False)
class Cursor:
    """One patient's place in the machine while a date is evaluated.

    Compared by identity on purpose: equal-looking cursors of different patients must never be
    taken for one another.
    """

    state: str
    allow: Callable[[str], bool]
    """Whether the transition with this id may be taken now."""
    taken: str | None = None
    tried: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Move:
    """A permitted move: transition id, source state, target state."""

    id: str
    source: str
    target: str


class PathwayMachine:
    """The permitted moves of one pathway version, in the order in which they are tried."""

    def __init__(self, states: tuple[str, ...], initial: str, moves: tuple[Move, ...]) -> None:
        """Build the machine; `moves` come in order of priority, ties by id."""
        self._machine = Machine(
            model=None,
            states=list(states),
            initial=initial,
            auto_transitions=False,
            send_event=True,
            queued=False,
            ignore_invalid_triggers=True,
        )
        for move in moves:
            self._machine.add_transition(ADVANCE, move.source, move.target, conditions=_Condition(move.id))
        for state in states:
            self._machine.add_transition(OVERRIDE + state, "*", state)

    def advance(self, cursor: Cursor) -> bool:
        """Take the first allowed move from the cursor's state; return whether one was taken."""
        cursor.taken = None
        return bool(self._machine.events[ADVANCE].trigger(cursor))

    def override(self, cursor: Cursor, state: str) -> None:
        """Move the cursor to a state because a person says so."""
        self._machine.events[OVERRIDE + state].trigger(cursor)


@dataclass(frozen=True, slots=True)
class _Condition:
    """The single condition of a transition; remembers on the cursor what was tried and taken."""

    move: str
    __name__ = "allowed"

    def __call__(self, event: EventData) -> bool:
        cursor = event.model
        assert isinstance(cursor, Cursor)
        cursor.tried.append(self.move)
        allowed = cursor.allow(self.move)
        if allowed:
            cursor.taken = self.move
        return allowed

"""The state machine of a pathway: the only module that uses `transitions`.

Narrow profile (ADR 0008): one shared flat `Machine` per pathway version with dotted state names,
cursors that are never registered, one condition per transition that returns a real bool, and no
callbacks with effects. Guards are judged before, all by our own trees, so that each can be
explained; the library keeps the states, permits or refuses the chosen move, and makes it.
"""

from dataclasses import dataclass

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
    chosen: str
    """Id of the transition whose guard holds; the machine refuses any other."""


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
        self._moves: dict[str, tuple[Move, ...]] = {}
        for move in moves:
            self._moves[move.source] = (*self._moves.get(move.source, ()), move)
            self._machine.add_transition(ADVANCE, move.source, move.target, conditions=_Condition(move.id))
        for state in states:
            self._machine.add_transition(OVERRIDE + state, "*", state)

    def moves(self, state: str) -> tuple[Move, ...]:
        """Return the permitted moves from a state, in the order in which they are tried."""
        return self._moves.get(state, ())

    def advance(self, state: str, chosen: str) -> str:
        """Take a transition whose guard holds and return the state it leads to.

        Raises:
            ValueError: the transition is not permitted from that state.
        """
        cursor = Cursor(state, chosen)
        if not self._machine.events[ADVANCE].trigger(cursor):
            raise ValueError(f"{chosen} is not permitted from {state}")
        return cursor.state

    def override(self, state: str, to: str) -> str:
        """Move to a state because a person says so, and return it."""
        cursor = Cursor(state, "")
        self._machine.events[OVERRIDE + to].trigger(cursor)
        return cursor.state


@dataclass(frozen=True, slots=True)
class _Condition:
    """The single condition of a transition: it was chosen."""

    move: str

    def __call__(self, event: EventData) -> bool:
        cursor = event.model
        return isinstance(cursor, Cursor) and cursor.chosen == self.move

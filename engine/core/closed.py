"""Why an action is not open: its condition does not hold, or a decision keeps it off the list."""

from engine.core.actions import silenced
from engine.core.events import Decision
from engine.core.moment import Moment
from engine.core.narrate import Line
from engine.core.pathway import Action
from engine.core.teller import Teller


def why_closed(action: Action, at: Moment | None, teller: Teller) -> tuple[Line, ...]:
    """Return why an action that is not open is not.

    Args:
        action: the action.
        at: the moment of the evaluation; None before enrolment.
        teller: of the same evaluation.
    """
    if at is None:
        return (Line(says="There is no enrolment"),)
    if at.position.status == "closed":
        return (Line(says="The enrolment is closed"),)
    if action.when.value(at) is True and silenced(action, at):
        return (_decided(action.definition.id, at),)
    return teller.told(action.when, at).lines


def _decided(name: str, at: Moment) -> Line:
    newest = max((d for d in at.chart.decisions[name] if d.day <= at.day), key=lambda d: (d.day, d.stamp))
    assert isinstance(newest.body, Decision)
    word = "Accepted" if newest.body.decision == "accept" else "Declined"
    return Line(says=f"{word} on {newest.day}", events=(newest.event_id,))

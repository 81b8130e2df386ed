"""What is said first: where a patient stands, since when and why, with the deciding numbers."""

from collections.abc import Iterable, Iterator

from engine.core.definition import DeclaredConflict, PathwayDefinition
from engine.core.evaluate import Evaluation
from engine.core.explain import Why, step_moment
from engine.core.fold import Step
from engine.core.guards import Call, FactRef, ItemRef, Trace
from engine.core.moment import Moment, belongs
from engine.core.names import Names, lower
from engine.core.narrate import Line
from engine.core.readings import Reading

GROUNDS = 3
"""More grounds than this below one line are summed up by the line itself."""
READ = frozenset({"fresh", "known", "date", "latest", "attr"})
"""Functions that look at the last value of an item."""


def deciding_step(evaluation: Evaluation) -> Step | None:
    """Return the step that brought the current state; None while the patient is where the pathway begins."""
    moves = (s for s in reversed(evaluation.history) if s.transition in evaluation.pathway.transitions)
    return next(moves, None)


def leading_sentence(evaluation: Evaluation, step: Step | None, why: Why | None, names: Names) -> str:
    """Return where the patient stands, since when, and what decided; empty before enrolment."""
    position = evaluation.position
    if position is None:
        return ""
    stands = f"{names.state(position.state)} since {position.since}"
    if step is None or why is None:
        return f"{stands}, the day of enrolment: nothing has moved the patient yet."
    grounds = tuple(dict.fromkeys(_grounds(why.lines))) or tuple(line.says for line in why.lines)
    told = "; ".join(map(lower, grounds))
    kept = "" if position.status == "active" else f" The enrolment is {position.status}."
    return f"{stands}, coming from “{names.state(step.source)}”: {told}.{kept}"


def _grounds(lines: Iterable[Line]) -> Iterator[str]:
    """The innermost lines that rest on events, in order: what was found, without what was not."""
    for line in lines:
        below = list(_grounds(line.below))
        if 0 < len(below) <= GROUNDS:
            yield from below
        elif line.events or below:
            yield line.says


def numbers(evaluation: Evaluation, step: Step | None) -> tuple[Reading, ...]:
    """Return the values that decided a step, each once, oldest first."""
    rule = None if step is None else evaluation.pathway.transitions[step.transition]
    if step is None or rule is None or rule.when is None:
        return ()
    at = step_moment(evaluation, step)
    found = dict.fromkeys(_key(r) for r in _values(rule.when.trace(at), at))
    known = {_key(r): r for r in _values(rule.when.trace(at), at)}
    return tuple(known[key] for key in sorted(found, key=lambda key: (key[1], key[0])))


def _key(reading: Reading) -> tuple[str, str, str]:
    return (reading.item, str(reading.day), reading.event_id)


def _values(trace: Trace, at: Moment) -> Iterator[Reading]:
    node = trace.node
    if isinstance(node, FactRef) and node.name in at.pathway.catalogue:
        for item in at.pathway.catalogue[node.name].items:
            for slot in at.slots(item):
                yield from (r for r in slot.readings if r.event_id in trace.sources)
    items: tuple[str, ...] = (node.item,) if isinstance(node, ItemRef) else ()
    if isinstance(node, Call) and node.function.name in READ:
        items = tuple(name for name in node.names if name in at.pathway.vocabulary.items)
    for item in items:
        reading = at.last(item)
        if reading is not None:
            yield reading
    for part in trace.deciding:
        yield from _values(part, at)


def conflicts_touched(
    definition: PathwayDefinition, state: str, shown: Iterable[str]
) -> tuple[DeclaredConflict, ...]:
    """Return where the sources disagree on the state a patient is in, or on a rule that is shown."""
    rules = frozenset(shown)
    return tuple(
        conflict
        for conflict in definition.conflicts
        if any(name in rules or belongs(state, name) for name in conflict.where)
    )

"""Earlier lines of treatment: what the pathway remembered before, with which drugs, and how it ended.

A line lasts while what the pathway remembers stays the same. The engine knows no more of it than that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from engine.core.evaluate import Evaluation
from engine.core.facts import FactValue
from engine.core.fold import Step
from engine.core.guards import Call, CriterionRef, FactRef, Node, walk
from engine.core.pathway import Pathway

ONE_DAY = timedelta(days=1)
Context = Mapping[str, FactValue | None]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A time during which the pathway remembered the same, up to the day it remembered something else."""

    context: Context
    since: date
    until: date
    drugs: tuple[str, ...]
    """What ran on the last day, of the drugs that can begin the next line."""
    moves: tuple[Step, ...]
    """The steps within it, oldest first: how it went."""


def earlier(evaluation: Evaluation) -> tuple[Earlier, ...]:
    """Return the lines before the present one, oldest first; not the time before anything was remembered."""
    pathway, found = evaluation.pathway, []
    begun: Step | None = None
    moves: list[Step] = []
    steps = [s for s in evaluation.history if s.transition in pathway.transitions]
    ends = [*(dict(step.before.context) for step in steps), dict(evaluation.context)][1:]
    for step, after in zip(steps, ends, strict=True):
        before = dict(step.before.context)
        if after == before:
            moves.append(step)
            continue
        if begun is not None:
            last = step.day - ONE_DAY
            drugs = tuple(dict.fromkeys(d for d in beginning(pathway) if _ran(evaluation, d, last)))
            found.append(Earlier(before, begun.day, step.day, drugs, tuple(moves)))
        begun, moves = step, []
    return tuple(found)


def _ran(evaluation: Evaluation, drug: str, day: date) -> bool:
    return evaluation.moment is not None and evaluation.moment.was_active(drug, day)


def beginning(pathway: Pathway) -> tuple[str, ...]:
    """Return the drugs that the transitions look at which change what the pathway remembers."""
    found: dict[str, None] = {}
    for rule in pathway.transitions.values():
        if rule.assign and rule.when is not None:
            found.update(dict.fromkeys(_drugs(rule.when, pathway)))
    return tuple(dict.fromkeys(d for name in found for d in (pathway.groups.get(name) or (name,))))


def _drugs(node: Node, pathway: Pathway) -> Iterator[str]:
    for each in walk(node):
        match each:
            case FactRef() if each.name in pathway.catalogue:
                yield from pathway.catalogue[each.name].drugs
            case CriterionRef():
                yield from _drugs(pathway.criteria[each.name], pathway)
            case Call() if each.function.arguments[:1] == ("drug",):
                yield from each.names

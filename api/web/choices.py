"""What can be chosen in a form."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from api.web import words
from engine.core import guards
from engine.core.ownership import Roster
from engine.core.pathway import Pathway
from engine.ports import Pathways


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    value: str
    title: str
    chosen: bool


def choices(rows: Iterable[tuple[str, str]], chosen: str | None) -> tuple[Choice, ...]:
    """Return values with their titles, one of which may be chosen."""
    return tuple(Choice(value, title, value == chosen) for value, title in rows)


def served(pathways: Pathways) -> tuple[Pathway, ...]:
    """Return the newest version of each pathway that is served."""
    return tuple(pathways.pathway(name) for name, _ in pathways.available())


def state_choices(pathways: Pathways, chosen: str | None) -> tuple[Choice, ...]:
    """Return the states of all pathways, after none."""
    states = {
        name: state.title for rules in served(pathways) for name, state in rules.definition.states.items()
    }
    return choices((("", "any state"), *states.items()), chosen or "")


def tier_choices(pathways: Pathways, chosen: str | None) -> tuple[Choice, ...]:
    """Return the tiers of risk of all pathways, after none."""
    tiers = dict.fromkeys(tier for rules in served(pathways) for tier in _tiers(rules))
    return choices(
        (("", "any risk"), *((tier, f"{words.plainly(tier)} risk") for tier in tiers)), chosen or ""
    )


def _tiers(rules: Pathway) -> Iterator[str]:
    """Yield the values the criterion of the tier can have."""
    for node in guards.walk(rules.criteria[rules.definition.tier]):
        if isinstance(node, guards.Choice):
            for branch in (node.then, node.otherwise):
                if isinstance(branch, guards.Constant) and isinstance(branch.literal, str):
                    yield branch.literal


def people_choices(working: Roster, chosen: str | None) -> tuple[Choice, ...]:
    """Return who works at a site, by name."""
    return choices(sorted(working.names.items(), key=lambda row: (row[1], row[0])), chosen)

"""Rules that ask about themselves: found when a pathway is loaded, because the answer would never come.

Criteria that refer to each other are found where they are parsed; here are the roads that lead through
actions (`blocked`, `none_left`), composites (`fresh`) and facts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.core.expressions import Flaw
from engine.core.facts import FactCatalogue
from engine.core.guards import Call, CriterionRef, FactRef, Node, walk

BLOCK_ONLY = frozenset({"blocked", "blocked_without"})
"""Functions that ask an action for its `block_if` alone; others ask for its `when` too."""

Place = tuple[str | int, ...]
"""The path of an expression inside the definition."""


@dataclass(slots=True)
class Circles:
    """Follows what expressions ask about, and reports each circle once."""

    trees: Mapping[Place, Node]
    """Every criterion, composite, and `when` and `block_if` of an action, by its path."""
    actions: tuple[str, ...]
    """Action ids in table order, which is what paths count by."""
    catalogue: FactCatalogue
    _done: set[Place] = field(default_factory=set)
    _open: list[Place] = field(default_factory=list)

    def flaws(self) -> Iterator[Flaw]:
        """Yield a flaw for every circle that is not one of criteria alone."""
        for place in self.trees:
            yield from self._follow(place)

    def _follow(self, place: Place) -> Iterator[Flaw]:
        if place in self._open:
            circle = [*self._open[self._open.index(place) :], place]
            if any(each[0] != "criteria" for each in circle):
                asked = " → ".join(map(self._name, circle))
                yield Flaw(place, f"this asks about itself: {asked}")
            return
        if place in self._done or place not in self.trees:
            return
        self._open.append(place)
        for other in dict.fromkeys(self._asks(self.trees[place])):
            yield from self._follow(other)
        self._open.pop()
        self._done.add(place)

    def _asks(self, tree: Node) -> Iterator[Place]:
        for node in walk(tree):
            match node:
                case CriterionRef():
                    yield ("criteria", node.name, "when")
                case FactRef():
                    yield from self._fact(node.name)
                case Call():
                    for name in node.names:
                        yield ("composites", name)
                        if name in self.actions:
                            at = ("actions", self.actions.index(name))
                            yield (*at, "block_if")
                            if node.function.name not in BLOCK_ONLY:
                                yield (*at, "when")

    def _fact(self, name: str) -> Iterator[Place]:
        """What a fact asks about, through the facts it rests on; they stand in no circle themselves."""
        for other in self.catalogue[name].facts if name in self.catalogue else ():
            if other in self.catalogue:
                yield from self._fact(other)
            else:
                yield ("criteria", other, "when")

    def _name(self, place: Place) -> str:
        section, key, *rest = place
        if section == "actions" and isinstance(key, int):
            return f"{rest[0]} of {self.actions[key]}"
        return str(key)

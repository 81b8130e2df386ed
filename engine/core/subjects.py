"""What a guard reads: the items, drugs, conditions and vaccines whose data can change its answer.

Found from the trees and from what facts declare, transitively. Evaluation uses it to pass over
dates that touch nothing a guard reads; a law says the result is that of looking at every date.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.core.definition import PathwayDefinition
from engine.core.facts import FactCatalogue
from engine.core.guards import Call, CriterionRef, FactRef, ItemRef, Node, walk

Subject = tuple[str, str]
"""Kind and name, for example ("drug", name)."""


EVERY = "*"
EVERY_ITEM: Subject = ("item", EVERY)
"""Stands for the data of all items together."""


@dataclass(slots=True)
class Readership:
    """Finds what the expressions of one pathway read."""

    definition: PathwayDefinition
    catalogue: FactCatalogue
    trees: dict[str, Node]
    """Criteria and composites by name."""
    guards: dict[str, tuple[Node, ...]]
    """Expressions of each action that another expression may ask about."""
    _known: dict[str, frozenset[Subject]] = field(default_factory=dict)

    def of(self, nodes: Iterable[Node | None]) -> frozenset[Subject]:
        """Return everything some expressions read."""
        found: set[Subject] = set()
        for node in nodes:
            if node is not None:
                for part in walk(node):
                    found |= self._part(part)
        return frozenset(found)

    def _part(self, node: Node) -> frozenset[Subject]:
        if isinstance(node, ItemRef):
            return frozenset({("item", node.item)})
        if isinstance(node, CriterionRef | FactRef):
            return self.named(node.name)
        if isinstance(node, Call):
            found: set[Subject] = set()
            for index, name in enumerate(node.names):
                kind = node.function.arguments[min(index, len(node.function.arguments) - 1)]
                found |= self.argument(kind, name)
            return frozenset(found)
        return frozenset()

    def argument(self, kind: str, name: str) -> frozenset[Subject]:
        """Return what is read by naming something to a function: a composite stands for its items."""
        if kind == "action":
            key = f"action {name}"
            if key not in self._known:
                self._known[key] = frozenset()
                self._known[key] = self.of(self.guards[name])
            return self._known[key]
        if kind == "item" and name in self.definition.composites:
            return self.named(name)
        if kind == "drug":
            return self.drugs(name)
        return frozenset({(kind, name)}) if kind in ("item", "condition", "vaccine") else frozenset()

    def drugs(self, name: str) -> frozenset[Subject]:
        """Return the drugs of a group, or the drug."""
        return frozenset(("drug", d) for d in self.definition.groups.get(name, (name,)))

    def named(self, name: str) -> frozenset[Subject]:
        """Return everything a criterion, composite or fact reads."""
        if name in self._known:
            return self._known[name]
        self._known[name] = frozenset()
        found: set[Subject] = set()
        if name in self.trees:
            found |= self.of((self.trees[name],))
        elif name in self.catalogue:
            fact = self.catalogue[name]
            found |= {("item", i) for i in fact.items} | {("condition", c) for c in fact.conditions}
            for drug in fact.drugs:
                found |= self.drugs(drug)
            for other in fact.facts:
                found |= self.named(other)
        elif name in ("quarantined_n", "conflict_n"):
            found.add(EVERY_ITEM)
        self._known[name] = frozenset(found)
        return self._known[name]

"""Limits: the numbers with which rules compare an item directly."""

from collections.abc import Iterable
from decimal import Decimal

from engine.core.guards import Compare, Constant, ItemRef, Node, ParameterRef, walk


def limits(trees: Iterable[Node | None]) -> dict[str, frozenset[Decimal]]:
    """Return the numbers with which some expressions compare items directly, by item."""
    found = dict[str, set[Decimal]]()
    for node in (node for tree in trees if tree is not None for node in walk(tree)):
        if isinstance(node, Compare):
            for one, other in ((node.left, node.right), (node.right, node.left)):
                number = _number(other)
                if isinstance(one, ItemRef) and number is not None:
                    found.setdefault(one.item, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


def _number(node: Node) -> Decimal | None:
    value = node.literal if isinstance(node, Constant) else None
    if isinstance(node, ParameterRef):
        value = node.setting
    return value if isinstance(value, Decimal) else None

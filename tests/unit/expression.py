"""What the tests of explanations share: expressions of the pathway's own language, parsed."""

from engine.core.expressions import Flaw, Scope
from engine.core.guards import Node
from tests.unit.builders import Patient, pathway


def parsed(text: str, patient: Patient | None = None) -> Node:
    """Return the tree of an expression on a patient's pathway, or on version 1."""
    used = patient.pathway if patient else pathway()
    flaws: list[Flaw] = []
    scope = Scope(
        used.definition, used.vocabulary, used.catalogue, lambda name: used.criteria[name].kind, flaws
    )
    node = scope.parse(text, ("test",), "any")
    assert not flaws, flaws
    return node

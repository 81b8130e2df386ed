"""Registering fact functions, and the catalogue a pathway is compiled with."""

from types import SimpleNamespace

from engine.core.facts import Fact, catalogue, fact
from engine.core.moment import Moment
from pathways import facts


@fact("answer", "number", "the answer", items=["fvc_l"], parameters=["LOW_VC"], cite=["eng"])
def answer(at: Moment) -> Fact:
    """Return the answer."""
    return Fact(None, missing=("the question",))


def helper(at: Moment) -> Fact:
    """Not a fact of its own."""
    return answer(at)


def test_a_catalogue_holds_the_registered_functions_of_its_modules() -> None:
    found = catalogue([SimpleNamespace(answer=answer, helper=helper, number=5)], "7")
    assert list(found.definitions) == ["answer"]
    assert found.revision == "7"
    assert "answer" in found
    assert "helper" not in found
    definition = found["answer"]
    assert (definition.kind, definition.title, definition.items) == ("number", "the answer", ("fvc_l",))
    assert (definition.parameters, definition.cite) == (("LOW_VC",), ("eng",))


def test_registering_leaves_the_function_as_it_is() -> None:
    assert answer.__doc__ == "Return the answer."


def test_every_fact_of_the_pathway_says_what_it_is() -> None:
    assert len(facts.CATALOGUE.definitions) >= 20
    for definition in facts.CATALOGUE.definitions.values():
        assert definition.title
        assert definition.compute.__doc__ or definition.name == "anchor", definition.name

"""The definition of a pathway: parameters replaced, and the digest that names its content."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from engine.core.definition import PathwayDefinition
from engine.core.pathway import compile_pathway
from pathways.facts import CATALOGUE
from tests.unit.builders import LIBRARY, pathway, vocabulary


@pytest.fixture
def definition() -> PathwayDefinition:
    return LIBRARY.definition("pm-ild")


def test_parameters_are_replaced_and_nothing_else(definition: PathwayDefinition) -> None:
    changed = definition.with_parameters({"LOW_VC": Decimal(55), "BONE_TREAT_ALL": True})
    assert (changed.parameters["LOW_VC"].value, changed.parameters["BONE_TREAT_ALL"].value) == (55, True)
    assert changed.parameters["LOW_VC"].meaning == definition.parameters["LOW_VC"].meaning
    assert changed.model_copy(update={"parameters": definition.parameters}) == definition
    assert definition.parameters["LOW_VC"].value == 60


def test_an_unknown_parameter_cannot_be_replaced(definition: PathwayDefinition) -> None:
    with pytest.raises(KeyError):
        definition.with_parameters({"LOW_FVC": Decimal(55)})


@pytest.mark.parametrize("value", [0.5, "many", None])
def test_a_parameter_is_an_exact_number_or_a_truth(definition: PathwayDefinition, value: object) -> None:
    with pytest.raises(ValidationError):
        definition.with_parameters({"LOW_VC": value})


def test_the_digest_names_the_content(definition: PathwayDefinition) -> None:
    same = LIBRARY.definition("pm-ild").model_copy()
    assert definition.digest("a", "b") == same.digest("a", "b")
    assert definition.digest("a", "b") != definition.digest("a", "c")
    for change in ({"title": "Another"}, {"parameters": pathway(LOW_VC=59).definition.parameters}):
        assert definition.model_copy(update=change).digest("a", "b") != definition.digest("a", "b")


def test_the_digest_does_not_depend_on_how_a_number_is_written(definition: PathwayDefinition) -> None:
    written = definition.with_parameters({"BONE_GC_MG": Decimal("2.50")})
    assert written.digest() == definition.digest()


def test_the_digest_of_a_pathway_covers_vocabulary_and_facts() -> None:
    known = pathway()
    other = compile_pathway(known.definition, CATALOGUE, vocabulary().model_copy(update={"version": "2"}))
    assert known.digest != other.digest
    assert len(known.digest) == 64


def test_a_pathway_knows_its_reviews_by_id() -> None:
    assert list(pathway().reviews)[:3] == ["pft", "clinical", "exertion"]


def test_version_2_is_version_1_with_other_parameters() -> None:
    one, two = LIBRARY.definition("pm-ild", "1"), LIBRARY.definition("pm-ild", "2")
    changed = {n: p.value for n, p in two.parameters.items() if p.value != one.parameters[n].value}
    assert changed == {
        "FIRST_LINE_CNI": True,
        "JAKI_REQUIRES_REFRACTORY": False,
        "FIRST_LINE_JAKI": True,
        "RP_COMBINATION": True,
        "FIRST_LINE_AZA": True,
        "OFFER_NINTEDANIB": True,
        "PFT_INT_STD": 365,
        "BONE_TREAT_ALL": True,
    }
    same = two.model_copy(update={"parameters": one.parameters, "version": one.version, "label": one.label})
    assert same == one

"""Every statement of the source article is carried by a rule that some story actually reaches."""

from collections.abc import Iterator

import pytest

from engine.core.evaluate import Evaluation
from engine.core.pathway import compile_pathway
from engine.core.stories import Stories, tell
from pathways.facts import CATALOGUE
from pathways.library import Library
from pathways.reader import read_yaml, validated

LIBRARY = Library()
DEFINITION = LIBRARY.definition("pm-ild")


def evaluations() -> Iterator[Evaluation]:
    """Every evaluation of the shipped stories."""
    for name, text in LIBRARY.vignettes("pm-ild"):
        for story in validated(read_yaml(text, name), Stories, name).vignettes:
            definition = DEFINITION.with_parameters(dict(story.params))
            pathway = compile_pathway(definition, CATALOGUE, LIBRARY.vocabulary())
            for outcome in tell(story, pathway):
                yield outcome.evaluation


@pytest.fixture(scope="module")
def reached() -> set[str]:
    """Ids of every transition fired, action opened, review wanted, and fact or criterion that held."""
    found: set[str] = set()
    for evaluation in evaluations():
        found |= {s.transition for s in evaluation.history}
        found |= {a.id for a in evaluation.actions}
        found |= {r.id for r in evaluation.reviews}
        if evaluation.moment is not None:
            found |= {name for name in DEFINITION.criteria if evaluation.moment.criterion(name) is True}
    return found


@pytest.mark.parametrize("number", range(1, 45))
def test_every_statement_of_the_article_is_reached_in_a_story(number: int, reached: set[str]) -> None:
    statement = f"S{number:02}"
    where = DEFINITION.coverage[statement].where
    assert reached & set(where), f"{statement} is carried by {where}, and no story reaches any of them"


@pytest.mark.parametrize("kind", ["transitions", "actions", "reviews"])
def test_every_rule_is_reached_in_a_story(kind: str, reached: set[str]) -> None:
    assert {row.id for row in getattr(DEFINITION, kind)} <= reached

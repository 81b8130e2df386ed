"""Every move a patient ever made can say why: a guard that held, the events behind it, and its source."""

import pytest
from hypothesis import given

from engine.core.chains import standing
from engine.core.evaluate import Evaluation
from engine.core.explain import step_moment, why_step
from tests.laws.strategies import cases
from tests.laws.world import Case, library, told

pytestmark = pytest.mark.prove


def check(evaluation: Evaluation, case: Case) -> None:
    stands = {s.id: s.effective for s in standing(case.record)}
    definition = case.pathway.definition
    sources = {*library().sources("pm-ild"), "eng", "seed"}
    changes = {change.id: change for change in definition.status_changes}
    days = [step.day for step in evaluation.history]
    assert days == sorted(days)
    for before, step in zip((None, *evaluation.history), evaluation.history, strict=False):
        assert (
            before is None
            or step.transition in changes
            or before.transition in changes
            or (before.target == step.source)
        )
        why = why_step(evaluation, step)
        if step.transition in changes or step.transition == "T13":
            rule = changes.get(step.transition) or case.pathway.entry_rule.definition
            assert why.evidence == (step.event_id,)
        else:
            guard = case.pathway.transitions[step.transition].when
            rule = case.pathway.transitions[step.transition].definition
            assert guard is not None
            assert guard.trace(step_moment(evaluation, step)).value is True
        assert why.evidence, step.key
        assert why.lines, step.key
        assert all(event in stands and stands[event] <= step.day for event in why.evidence), step.key
        assert rule.cite or rule.seed
        assert {*rule.cite} <= sources
        assert {*rule.seed} <= definition.coverage.keys()


@given(cases())
def test_every_step_was_met_with_evidence_and_a_source(case: Case) -> None:
    check(case.evaluate(case.days[1]), case)


def test_every_step_of_the_shipped_stories_was_met_with_evidence_and_a_source(
    subtests: pytest.Subtests,
) -> None:
    for name, case in told().items():
        with subtests.test(name):
            check(case.evaluate(case.days[1]), case)

"""Patients made up for the laws reach every place and kind of output, or the laws would prove little."""

from collections import Counter

from hypothesis import given, settings

from engine.core.events import Observations
from tests.laws.strategies import cases
from tests.laws.world import Case, pathway


def test_made_up_patients_reach_every_state_transition_disposition_and_kind_of_event() -> None:
    seen: dict[str, Counter[str]] = {
        name: Counter() for name in ("state", "transition", "disposition", "event", "reading")
    }

    @settings(max_examples=300, derandomize=True, database=None)
    @given(cases())
    def look(case: Case) -> None:
        evaluation = case.evaluate(case.days[1])
        seen["event"].update(e.type for e in case.record)
        seen["event"].update("late" for e in case.record if e.stamp.day > e.effective)
        seen["event"].update("early" for e in case.record if e.stamp.day < e.effective)
        for event in case.record:
            if isinstance(event.body, Observations):
                seen["reading"].update("absent" for one in event.body.obs if one.absent)
                seen["reading"].update(
                    "no equation" for one in event.body.obs if one.item == "fvc_pp" and not one.attributes
                )
        chart = evaluation.fold.chart
        seen["reading"].update(
            r.state for s in chart.slots.values() for slot in s.entries for r in slot.readings
        )
        seen["reading"].update("conflict" for _ in chart.conflicts)
        seen["reading"].update("changed history" for _ in evaluation.changes)
        seen["state"].update({step.target for step in evaluation.history} or {"no history"})
        seen["transition"].update({step.transition for step in evaluation.history})
        seen["disposition"].update(a.disposition for a in evaluation.actions)
        seen["disposition"].update("caution" for a in evaluation.actions if a.caution)

    look()

    definition = pathway().definition
    assert seen["state"].keys() >= definition.states.keys() - {definition.initial}
    changes = {r.id for r in definition.status_changes}
    assert seen["transition"].keys() == changes | {r.id for r in definition.transitions}
    assert seen["disposition"].keys() == {"offer", "needs_data", "deferred", "blocked", "caution"}
    kinds = "enrol obs med cond vax decision override admin retract correct verify late early"
    assert seen["event"].keys() == set(kinds.split())
    readings = {"usable", "quarantined", "unusable", "conflict", "absent", "no equation", "changed history"}
    assert seen["reading"].keys() == readings

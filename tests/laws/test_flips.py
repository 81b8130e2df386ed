"""Flips: what is named brings it about when it is really recorded, one step less does not, none is nearer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.actions import offered
from engine.core.evaluate import Evaluation, evaluate
from engine.core.events import Body, Observations, Observed, Stamp
from engine.core.flips import Comes, Flip, flips
from engine.core.guards import Compare, ItemRef, walk
from engine.core.ingest import Door
from engine.core.pathway import Action
from engine.core.trial import Trial, Tried
from tests.laws.strategies import cases
from tests.laws.world import Case, Message, expressions, pathway, told

pytestmark = pytest.mark.prove

NUMBER = "number"
FEW = [(name, told()[name]) for name in ("V03", "V09")]
MOST = 60
"""Steps from the newest number, either way, within which every number is tried."""
Really = Callable[[Evaluation], bool]
"""Whether what is asked for has come about."""


@dataclass(frozen=True)
class Patient:
    """A case as of a day on which nothing was recorded yet that is not known."""

    case: Case
    day: date

    @cached_property
    def evaluation(self) -> Evaluation:
        return evaluate(self.case.pathway, self.case.record, self.day)

    @cached_property
    def trial(self) -> Trial:
        assert self.evaluation.moment is not None
        return Trial(self.evaluation, self.evaluation.moment)

    def recorded(self, message: Message) -> Evaluation:
        """Record a message through the door, and evaluate everything from the start."""
        definition = self.case.pathway.definition
        door, record = Door(self.case.pathway.vocabulary, {definition.id: definition}), self.case.record
        stamp = Stamp(datetime.max.replace(tzinfo=UTC), len(record) + 1, self.day)
        admission = door.admit(record, message, stamp, "clinician")
        return evaluate(self.case.pathway, admission.record, self.day)

    def check(self, flip: Flip, came: Really) -> None:
        """Whatever is named does, and of a number one step less does not."""
        message = self.message(flip.body)
        assert came(self.recorded(message)), message
        if flip.sign in ("at most", "at least"):
            (one,) = message["obs"]
            item = self.case.pathway.vocabulary.items[one["item"]]
            less = one["value"] + (item.step if flip.sign == "at most" else -item.step)
            if item.warn is not None and less in item.warn:
                assert not came(self.recorded({**message, "obs": [{**one, "value": less}]})), message

    def message(self, body: Body) -> Message:
        """What is tried, as somebody would send it."""
        event = self.trial.event(body)
        told = {"id": event.id, "type": event.type, "effective": str(event.effective)}
        return {**told, "source": event.source, **body.model_dump(exclude_defaults=True)}


@st.composite
def patients(draw: st.DrawFn) -> Patient:
    case = draw(cases())
    return Patient(case, case.days[1] + timedelta(days=draw(st.integers(0, 400))))


fewer = settings(max_examples=max(10, settings().max_examples // 10))
"""Each example tries hundreds of data."""


def takes(transition: str, tried: Tried) -> bool:
    return transition in tried.steps


def offers(action: Action, tried: Tried) -> bool:
    return offered(action, tried.moment)


@fewer
@given(patients())
def test_a_flip_takes_the_transition_and_one_step_less_does_not(patient: Patient) -> None:
    check_transitions(patient)


def check_transitions(patient: Patient) -> None:
    found = patient.evaluation
    if found.moment is None or found.moment.position.status == "closed":
        return
    had = {step.key for step in found.history}
    for move in patient.case.pathway.machine.moves(found.moment.position.state):
        rule = patient.case.pathway.transitions[move.id]

        def came(after: Evaluation, name: str = move.id) -> bool:
            return any(s.transition == name and s.key not in had for s in after.history)

        subjects = patient.case.pathway.readership.of((rule.when,))
        for flip in flips(patient.trial, subjects, partial(takes, move.id)):
            patient.check(flip, came)


def test_shipped_stories_and_their_transitions(subtests: pytest.Subtests) -> None:
    for name, case in told().items():
        for days in (0, 40, 200):
            with subtests.test(name, days=days):
                check_transitions(Patient(case, case.days[1] + timedelta(days=days)))


@fewer
@given(patients())
def test_a_flip_has_the_action_offered_and_one_step_less_does_not(patient: Patient) -> None:
    at, readership = patient.evaluation.moment, patient.case.pathway.readership
    if at is None or at.position.status == "closed":
        return
    for name, action in patient.case.pathway.actions.items():
        if action.definition.kind == "treatment" and not offered(action, at):
            needed = (readership.argument("item", item) for item in action.definition.needs)
            subjects = readership.of((action.when, action.block_if, action.defer_if)).union(*needed)

            def came(after: Evaluation, name: str = name) -> bool:
                return any(a.id == name and a.disposition == "offer" for a in after.actions)

            for flip in flips(patient.trial, subjects, partial(offers, action)):
                patient.check(flip, came)


def numeric_leaves() -> list[Compare]:
    """Every comparison of numbers in any expression of the pathway, each once."""
    found = {
        node.text: node
        for _, _, tree in expressions(pathway())
        for node in walk(tree)
        if isinstance(node, Compare) and node.left.kind == NUMBER and node.right.kind == NUMBER
    }
    return list(found.values())


def test_there_are_numeric_leaves() -> None:
    assert len(numeric_leaves()) > 40


@fewer
@given(patients(), st.sampled_from(numeric_leaves()))
def test_a_flip_of_a_numeric_leaf_does_it_and_none_is_nearer(patient: Patient, leaf: Compare) -> None:
    check_leaf(patient, leaf)


def test_every_numeric_leaf_over_the_shipped_stories(subtests: pytest.Subtests, proving: bool) -> None:
    flipped = set()
    for name, case in list(told().items()) if proving else FEW:
        for leaf in numeric_leaves():
            with subtests.test(name, leaf=leaf.text):
                if check_leaf(Patient(case, case.days[1] + timedelta(days=30)), leaf):
                    flipped.add(leaf.text)
    never = {leaf.text for leaf in numeric_leaves() if reads_items(leaf)} - flipped if proving else None
    assert not never, "a leaf on items that no single datum makes true in any story"


def reads_items(leaf: Compare) -> bool:
    return any(isinstance(node, ItemRef) for node in walk(leaf))


def check_leaf(patient: Patient, leaf: Compare) -> bool:
    """Check a leaf that does not hold; return whether a datum makes it hold."""
    at = patient.evaluation.moment
    if at is None or leaf.value(at) is True:
        return False

    def comes(tried: Tried) -> bool:
        return leaf.value(tried.moment) is True

    def came(after: Evaluation) -> bool:
        return after.moment is not None and leaf.value(after.moment) is True

    found = flips(patient.trial, patient.case.pathway.readership.of((leaf,)), comes)
    for flip in found:
        patient.check(flip, came)
    for node in walk(leaf):
        if isinstance(node, ItemRef):
            none_is_nearer(patient, node.item, comes, found)
    return bool(found)


def none_is_nearer(patient: Patient, name: str, comes: Comes, found: tuple[Flip, ...]) -> None:
    """Of all numbers that could be recorded of an item, none does that is nearer to the newest one."""
    item, trial = patient.case.pathway.vocabulary.items[name], patient.trial
    last = trial.at.last(name)
    if last is None or item.warn is None:
        return
    told = [f.body.obs[0] for f in found if isinstance(f.body, Observations)]
    mine = [one.value for one in told if one.item == name and isinstance(one.value, Decimal)]
    assert isinstance(last.value, Decimal)
    reach = min((abs(value - last.value) for value in mine), default=MOST * item.step)
    tried = [k * item.step for k in range(MOST)]
    around = [last.value - last.value % item.step + sign * far for far in tried for sign in (1, -1)]
    for value in around:
        if value in item.warn and abs(value - last.value) < reach:
            one = {"item": name, "value": value, "unit": item.unit, **last.attributes}
            body = Observations(obs=(Observed.model_validate(one),))
            assert not comes(trial.of(body, (name, value))), (name, value, last.value)

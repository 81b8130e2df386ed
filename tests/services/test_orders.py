"""What is kept of a story is what `evaluate` says of it, in whatever order its events arrive."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.core.evaluate import Evaluation, evaluate
from engine.core.kept import Enrolment, LiveReview, NextAction
from engine.core.reconcile import Kept, actions_wanted, enrolled, reviews_wanted
from engine.ports import Store
from tests.laws.test_order import as_may_arrive
from tests.laws.world import HISTORY_CHANGED, Case, Message, arriving, told
from tests.services.clinic import Clinic, Served

pytestmark = pytest.mark.prove

SHUFFLES = 50
SEED = 20261122


def evaluated_of(reviews: Iterable[LiveReview]) -> list[tuple[str, LiveReview]]:
    """The reviews without how far their steps were sent, which depends on what was known when."""
    return sorted((r.review, replace(r, next_step=None, next_step_on=None)) for r in reviews)


def open_of(actions: Iterable[NextAction]) -> list[tuple[tuple[str, date], NextAction]]:
    """The actions without how far their steps were sent."""
    return sorted((a.key, replace(a, began=None, next_step=None, next_step_at=None)) for a in actions)


def kept_as(enrolment: Enrolment, kept: Kept, *, without: str = "") -> Mapping[str, Any]:
    return {
        "position": (enrolment.status, enrolment.state, enrolment.since, enrolment.tier, enrolment.context),
        "steps": sorted((s.effective, s.transition, s.target) for s in kept.holding),
        "actions": open_of(a for a in kept.actions if a.action != without),
        "reviews": evaluated_of(kept.reviews),
    }


def wanted_of(evaluation: Evaluation, enrolment: Enrolment, *, without: str = "") -> Mapping[str, Any]:
    position = enrolled(enrolment, evaluation, enrolment.evaluated_through)
    return {
        "position": (position.status, position.state, position.since, position.tier, position.context),
        "steps": sorted((s.day, s.transition, s.target) for s in evaluation.history),
        "actions": open_of(a for a in actions_wanted(evaluation) if a.action != without),
        "reviews": evaluated_of(reviews_wanted(evaluation)),
    }


def accepted(case: Case) -> dict[str, Message]:
    """The messages of a story that the door let in, by id."""
    ids = {event.id for event in case.record}
    found: dict[str, Message] = {}
    for message in case.messages:
        if message.get("id") in ids:
            found.setdefault(message["id"], message)
    return found


@pytest.fixture(params=sorted(told()))
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = told()[request.param]
    return found


@pytest.fixture
def clinic(store: Store, case: Case) -> Clinic:
    return Clinic(store, Served({"pm-ild": case.pathway}))


def test_in_the_order_of_the_story_all_is_kept_as_it_is_evaluated(case: Case, clinic: Clinic) -> None:
    patient, last = clinic.patient(), case.days[1]
    for message in accepted(case).values():
        clinic.told(patient, message)
        assert clinic.differences(patient) == ()
    clinic.clock.to(last)
    clinic.refresh(patient)

    enrolment, kept = clinic.kept(patient)
    assert kept_as(enrolment, kept) == wanted_of(case.evaluate(last), enrolment)
    assert enrolment.revisit_on == case.evaluate(last).revisit_on


def test_in_shuffled_orders_the_same_is_kept(case: Case, clinic: Clinic, *, proving: bool) -> None:
    messages, last, chance = accepted(case), case.days[1], random.Random(SEED)
    evaluation = evaluate(case.pathway, case.record, last)
    for _ in range(SHUFFLES if proving else 2):
        events = list(case.record)
        chance.shuffle(events)
        order = as_may_arrive(events, case.record)
        patient = clinic.patient()
        for event in order:
            clinic.told(patient, messages[event.id])
        clinic.clock.to(last)
        clinic.refresh(patient)

        enrolment, kept = clinic.kept(patient)
        got = kept_as(enrolment, kept, without=HISTORY_CHANGED)
        assert got == wanted_of(evaluation, enrolment, without=HISTORY_CHANGED), [e.id for e in order]
        assert clinic.differences(patient) == ()
        with clinic.store.reading() as uow:
            stored = uow.records.load(patient)
        assert [e.id for e in stored] == [e.id for e in arriving(order)]

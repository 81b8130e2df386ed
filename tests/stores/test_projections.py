"""What the record comes to, kept beside it: enrolments, steps, actions, reviews."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.core.kept import Enrolment, LiveReview, NextAction, ParameterSet, RecordedStep
from engine.errors import StoreFault
from engine.ports import Store
from tests.stores.kit import ENROLMENT, NOW, OTHER, PATHWAY, PATIENT, TODAY, enrol, writing

STEP = RecordedStep(1, TODAY, "t1", "assess", "first_line.early", None, "1", "0" * 64, NOW, 4)
ACTION = NextAction("a.first", TODAY, "needs_data", 1, True, date(2026, 1, 19))
REVIEW = LiveReview("r.first", date(2026, 4, 12), TODAY, "ok", None, "t-28", date(2026, 3, 15))


@pytest.fixture(autouse=True)
def enrolled(store: Store) -> None:
    enrol(store)


def test_an_enrolment_comes_back_as_it_was_saved_last(store: Store) -> None:
    later = Enrolment(
        PATIENT.id,
        PATHWAY,
        "2",
        "f" * 64,
        "north-1",
        "active",
        "first_line.early",
        TODAY,
        "urgent",
        {"line": Decimal("1"), "line_start": TODAY, "relapsed": False, "why": None, "group": "80"},
        date(2026, 2, 1),
        TODAY,
        7,
    )
    parameters = ParameterSet(
        "north-1", PATHWAY, "a" * 64, {"FALL": Decimal("5.0"), "USE": True}, "a", "b", NOW
    )
    with writing(store) as uow:
        assert uow.enrolments.get(PATIENT.id, PATHWAY) == ENROLMENT
        uow.parameter_sets.add(parameters)
        uow.enrolments.save(later)

    with store.reading() as uow:
        assert uow.enrolments.get(PATIENT.id, PATHWAY) == later
        assert uow.enrolments.get(PATIENT.id, "other") is None
        assert uow.parameter_sets.get("north-1") == parameters
        assert uow.parameter_sets.get("south-1") is None


def test_a_patient_may_stand_on_two_pathways(store: Store) -> None:
    second = replace(ENROLMENT, pathway="another")
    third = replace(ENROLMENT, patient=OTHER.id)
    with writing(store) as uow:
        uow.enrolments.save(second)
        uow.enrolments.save(third)

    with store.reading() as uow:
        assert uow.enrolments.of(PATIENT.id) == (second, ENROLMENT)
        assert uow.enrolments.page() == (second, ENROLMENT, third)
        assert uow.enrolments.page(limit=2) == (second, ENROLMENT)
        assert uow.enrolments.page(after=(PATIENT.id, "another"), limit=1) == (ENROLMENT,)
        assert uow.enrolments.page(after=(PATIENT.id, PATHWAY)) == (third,)


def test_a_position_is_whole_or_not_there(store: Store) -> None:
    with pytest.raises(StoreFault), store.writing() as uow:
        uow.enrolments.save(replace(ENROLMENT, state="assess"))


def test_a_step_that_no_longer_holds_is_superseded_and_stays(store: Store) -> None:
    steps = [STEP, replace(STEP, number=2, transition="t2"), replace(STEP, number=3, event_id="override")]
    with writing(store) as uow:
        uow.histories.add(PATIENT.id, PATHWAY, steps)
        uow.histories.supersede(PATIENT.id, PATHWAY, [1, 3], 5, NOW)
        uow.histories.supersede(PATIENT.id, PATHWAY, [3], 6, NOW)  # it fell with event 5 already
        uow.histories.supersede(PATIENT.id, PATHWAY, [], 6, NOW)

    with store.reading() as uow:
        assert uow.histories.of(PATIENT.id, PATHWAY) == (steps[1],)
        assert uow.histories.of(PATIENT.id, PATHWAY, superseded=True) == (
            replace(steps[0], superseded_by=5),
            steps[1],
            replace(steps[2], superseded_by=5),
        )
        assert uow.histories.of(OTHER.id, PATHWAY, superseded=True) == ()


def test_a_number_is_given_to_one_step_only(store: Store) -> None:
    with pytest.raises(StoreFault), store.writing() as uow:
        uow.histories.add(PATIENT.id, PATHWAY, [STEP, STEP])


def test_an_action_is_changed_closed_and_opened_again(store: Store) -> None:
    closed = replace(ACTION, closed_on=date(2026, 1, 14))
    again = replace(ACTION, opened_on=date(2026, 1, 20), disposition="offer", caution=False, due=None)
    with writing(store) as uow:
        uow.actions.save(PATIENT.id, PATHWAY, [ACTION, replace(ACTION, action="b.other")])
        uow.actions.save(PATIENT.id, PATHWAY, [closed, again])
        uow.actions.save(PATIENT.id, PATHWAY, [])

    with store.reading() as uow:
        other = replace(ACTION, action="b.other")
        assert uow.actions.of(PATIENT.id, PATHWAY) == (again, other)
        assert uow.actions.of(PATIENT.id, PATHWAY, closed=True) == (closed, again, other)

    with writing(store) as uow:
        uow.actions.save(PATIENT.id, PATHWAY, [ACTION])
    with store.reading() as uow:
        assert uow.actions.of(PATIENT.id, PATHWAY) == (ACTION, again, other)


def test_a_review_has_one_row_until_it_is_not_wanted(store: Store) -> None:
    moved = replace(
        REVIEW, due=date(2026, 5, 1), status="upcoming", step="t-28", next_step=None, next_step_on=None
    )
    other = replace(REVIEW, review="r.second")
    with writing(store) as uow:
        uow.reviews.save(PATIENT.id, PATHWAY, [REVIEW, other])
        uow.reviews.save(PATIENT.id, PATHWAY, [moved])

    with writing(store) as uow:
        assert uow.reviews.of(PATIENT.id, PATHWAY) == (moved, other)
        uow.reviews.remove(PATIENT.id, PATHWAY, ["r.first", "r.unknown"])

    with store.reading() as uow:
        assert uow.reviews.of(PATIENT.id, PATHWAY) == (other,)


def test_nothing_is_kept_of_an_enrolment_that_is_not_there(store: Store) -> None:
    with pytest.raises(StoreFault), store.writing() as uow:
        uow.actions.save(OTHER.id, PATHWAY, [ACTION])

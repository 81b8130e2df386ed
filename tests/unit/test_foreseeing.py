"""Looking ahead: what is foreseen is what is found by looking every hour, and reviews come round again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from engine.core.asof import AsOf
from engine.core.changes import replay
from engine.core.evaluate import evaluated
from engine.core.foreseeing import Ahead, falls_due, foreseen
from engine.core.kept import Enrolment
from engine.core.notes import ACKNOWLEDGE, SNOOZE
from engine.core.people import WorkNote
from engine.core.reaching import Reached, come
from engine.core.reconcile import Kept, reconcile
from engine.core.reviews import due_again
from engine.core.site_ladders import Dated, LadderChange, changed, in_force
from engine.core.urgent import morning
from tests.unit.builders import Patient, a_value, enrolled, pathway, when

ZONE = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
Found = list[tuple[datetime, tuple[Reached, ...]]]


def note(kind: str, subject: str, opened: int, sort: str, until: int | None = None) -> WorkNote:
    """What somebody did about something on the third day."""
    made = datetime.combine(when(2), time(11), UTC)
    day = None if until is None else when(until)
    return WorkNote("p1", "pm-ild", kind, subject, when(opened), 1, sort, None, None, made, None, day)


OWN = tuple(
    (when(day), changed(pathway().definition.ladder, LadderChange.model_validate(change)))
    for day, change in (
        (3, {"reviews": {"upcoming": {"offset": -40, "short": -9}}, "actions": {"repeated": {"hours": 9}}}),
        (60, {}),
    )
)
"""Ladders of a site: one of its own, then the published one again."""


def ahead_of(patient: Patient, notes: Sequence[WorkNote], day: int, ladders: Dated = ()) -> Ahead:
    """What is kept of a patient on a day, with nothing told yet."""
    whole = replay(patient.pathway, patient.record)
    on = partial(evaluated, whole, ladders=ladders)
    evaluation = on(when(day))
    begun = Enrolment("p1", "pm-ild", "1", "")
    change = reconcile(
        begun, Kept(), evaluation, through=9, recorded=datetime.combine(when(day), time(9), UTC)
    )
    return Ahead(patient.pathway, change.enrolment, change.kept, notes, ZONE, ladders, on)


def looked_at(ahead: Ahead, now: datetime, hours: int) -> Found:
    """Look now and every hour, as a scheduler would."""
    found, enrolment, kept = Found(), ahead.enrolment, ahead.kept
    for hour in range(hours):
        at = now + hour * HOUR
        day = at.astimezone(ZONE).date()
        if enrolment.revisit_on is not None and enrolment.revisit_on <= day:
            change = reconcile(
                enrolment,
                kept,
                ahead.on(day),
                through=9,
                recorded=at,
                began=lambda opened: morning(opened, ZONE),
            )
            enrolment, kept = change.enrolment, change.kept
        ladder = in_force(ahead.rules.definition.ladder, ahead.ladders, AsOf(day)).ladder
        here = come(ahead.rules, ladder, enrolment, kept.actions, kept.reviews, ahead.notes, at, day)
        told = {a.key: a for a in here.actions}
        climbing = {r.review: r for r in here.reviews}
        kept = replace(
            kept,
            actions=tuple(told.get(a.key, a) for a in kept.actions),
            reviews=tuple(climbing.get(r.review, r) for r in kept.reviews),
        )
        if here.steps:
            found.append((at, here.steps))
    return found


@pytest.mark.parametrize(
    ("notes", "own"),
    [
        ((), False),
        ((), True),
        ((note("review", "pft", 14, SNOOZE, 16),), False),
        ((note("action", "rf.spo2", 2, SNOOZE, 3), note("action", "rf.spo2", 2, ACKNOWLEDGE)), False),
        ((note("action", "rf.spo2", 2, SNOOZE, 4),), False),
    ],
    ids=[
        "nothing noted",
        "a ladder of its own",
        "a review put off",
        "put off and seen",
        "put off for longer",
    ],
)
@pytest.mark.parametrize("treated", [False, True])
def test_what_is_foreseen_is_what_is_found_by_looking_every_hour(
    notes: tuple[WorkNote, ...], treated: bool, own: bool
) -> None:
    patient = enrolled(0).treated(on=1) if treated else enrolled(0)
    patient = patient.obs(2, a_value("spo2_rest", 84, o2_flow=0))
    patient = patient.started("tac", on=2) if treated else patient
    ahead, days = ahead_of(patient, notes, 2, OWN if own else ()), 70
    now = datetime.combine(when(2), time(12), UTC)

    found = list(foreseen(ahead, now, when(days)))

    hours = int((datetime.combine(when(days + 1), time(), ZONE).astimezone(UTC) - now) / HOUR)
    assert found == looked_at(ahead, now, hours)
    assert len(found) > 5


def test_nothing_is_foreseen_after_the_last_day() -> None:
    ahead = ahead_of(enrolled(0), (), 0)
    now = datetime.combine(when(0), time(9), UTC)

    assert {at.astimezone(ZONE).date() for at, _ in foreseen(ahead, now, when(14))} <= {
        when(n) for n in range(15)
    }
    assert list(foreseen(ahead, now, when(-1))) == []


def test_reviews_fall_due_again_as_they_would_if_each_were_done_on_its_day() -> None:
    evaluation = enrolled(0).at(0).evaluation
    of_pft = [day for review, day in falls_due(evaluation, when(300)) if review == "pft"]

    assert of_pft[0] == when(14)
    assert len(of_pft) > 1
    assert len({b - a for a, b in pairwise(of_pft)}) == 1


def test_what_is_overdue_counts_today_and_a_pause_ends_it() -> None:
    late = enrolled(0).at(60).evaluation
    assert ("pft", when(60)) in set(falls_due(late, when(60)))
    assert list(falls_due(enrolled(0).admin("pause", on=1).at(60).evaluation, when(300))) == []


def test_each_schedule_comes_round_in_its_own_way() -> None:
    patient = enrolled(0).treated(on=1).started("cyc", on=2).given("cyc", on=2)
    at = patient.at(3).evaluation.moment
    assert at is not None
    schedules = {review.id: review for review in at.pathway.definition.reviews}
    found = {name: due_again(review, when(30), at) for name, review in schedules.items()}

    assert found["tox.mmf"] is not None
    assert found["tox.mmf"] > when(30)
    assert found["tox.cyc_nadir"] is None, "only another dose brings it back"
    assert found["tox.nintedanib"] is None, "it is not given"
    assert found["gc.bone"] == when(30) + timedelta(days=schedules["gc.bone"].every)  # type: ignore[union-attr]

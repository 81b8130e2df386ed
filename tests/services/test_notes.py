"""Work notes about actions and reviews: added to, never an input, and heeded by reminders."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.core.notes import ACKNOWLEDGE, NOT_DONE, SNOOZE
from engine.core.sealing import broken_at
from engine.errors import MessageRefused, NotFound, RevisionStale
from engine.ports import Store
from engine.services.noting import Act
from engine.services.patients import Sender
from engine.services.refreshing import refresh_due
from tests.services.clinic import CLINICIAN
from tests.services.rounds import DAY, Rounds, rounds

PFT_DUE = DAY + timedelta(days=14)
PFT = ("review", "pft", PFT_DUE)


@pytest.fixture
def clinic(store: Store) -> Iterator[Rounds]:
    with rounds(store) as opened:
        yield opened


def booked(until: date) -> Act:
    return Act(SNOOZE, "booked", until)


def of_pft(clinic: Rounds) -> set[str]:
    return {step for name, _, step, _ in clinic.told_all() if name == "pft"}


def test_a_review_put_off_is_told_again_on_the_day_by_its_newest_step(clinic: Rounds) -> None:
    clinic.days(DAY, PFT_DUE - timedelta(days=2))
    clinic.note(booked(PFT_DUE + timedelta(days=2)), *PFT)
    clinic.days(PFT_DUE - timedelta(days=1), PFT_DUE + timedelta(days=1))
    assert of_pft(clinic) == {"upcoming"}

    clinic.days(PFT_DUE + timedelta(days=2), PFT_DUE + timedelta(days=3))
    assert of_pft(clinic) == {"upcoming", "overdue", "escalated"}


def test_a_shorter_time_holds_when_it_was_said_last(clinic: Rounds) -> None:
    clinic.at(PFT_DUE - timedelta(days=1))
    clinic.note(booked(PFT_DUE + timedelta(days=5)), *PFT)
    clinic.note(booked(PFT_DUE), *PFT)
    clinic.days(PFT_DUE, PFT_DUE)
    assert of_pft(clinic) == {"reminder", "due"}


def test_no_note_changes_what_is_evaluated(clinic: Rounds) -> None:
    before = clinic.kept(clinic.one)
    clinic.note(Act(ACKNOWLEDGE), *PFT)
    clinic.note(Act(NOT_DONE, "patient_not_reached"), *PFT)
    clinic.note(Act(NOT_DONE, "other"), "action", "ord.pft", DAY)

    assert clinic.kept(clinic.one) == before
    assert clinic.differences(clinic.one) == ()
    with clinic.store.reading() as uow:
        notes, chain = uow.notes.of(clinic.one), uow.audit.chain(clinic.one)
    assert [(n.number, n.note, n.subject, n.reason) for n in notes] == [
        (1, "acknowledge", "pft", None),
        (2, "not-done", "pft", "patient_not_reached"),
        (3, "not-done", "ord.pft", "other"),
    ]
    assert broken_at(chain) is None
    assert chain[-1].entry.act == "not-done action"
    assert "patient_not_reached" not in repr(chain)


def test_the_same_again_changes_nothing_and_an_old_revision_is_refused(clinic: Rounds) -> None:
    noted = clinic.note(Act(ACKNOWLEDGE), *PFT)
    assert clinic.note(Act(ACKNOWLEDGE), *PFT, expected=noted.revision - 1) == noted
    with pytest.raises(RevisionStale):
        clinic.note(Act(NOT_DONE, "other"), *PFT, expected=noted.revision - 1)
    with pytest.raises(RevisionStale):
        clinic.note(Act(NOT_DONE, "other"), *PFT, expected=noted.revision + 1)


def test_nobody_is_refused_because_of_a_reminder(clinic: Rounds) -> None:
    clinic.at(PFT_DUE - timedelta(days=1))
    refresh_due(clinic.store, clinic.writer, clinic.recorder)
    seen = clinic.revision
    assert clinic.remind() > 0
    assert clinic.revision > seen

    noted = clinic.note(Act(ACKNOWLEDGE), *PFT, expected=seen)
    assert noted.revision == clinic.revision
    with pytest.raises(RevisionStale):
        clinic.note(Act(NOT_DONE, "other"), *PFT, expected=noted.revision - 1)


@pytest.mark.parametrize("days", [-1, 0, 15])
def test_nothing_is_put_off_for_ever_or_to_the_past(clinic: Rounds, days: int) -> None:
    with pytest.raises(MessageRefused) as error:
        clinic.note(booked(DAY + timedelta(days=days)), *PFT)
    assert [(p.pointer, p.code) for p in error.value.problems] == [("/until", "snooze-limit")]
    assert clinic.note(booked(DAY + timedelta(days=14)), *PFT).note.until == DAY + timedelta(days=14)


def test_only_what_is_there_at_the_own_site_can_be_noted(clinic: Rounds) -> None:
    away = Sender("clinician", "south")
    for subject, due in (("pft", DAY), ("none", PFT_DUE)):
        with pytest.raises(NotFound, match="no live review"):
            clinic.note(Act(ACKNOWLEDGE), "review", subject, due)
    with pytest.raises(NotFound, match="no open action"):
        clinic.note(Act(ACKNOWLEDGE), "action", "ord.pft", DAY - timedelta(days=1))
    for sender in (away, replace(away, opened=frozenset({clinic.one}))):
        with pytest.raises(NotFound, match="no patient"):
            clinic.note(Act(ACKNOWLEDGE), *PFT, by=sender)
    assert clinic.note(Act(ACKNOWLEDGE), *PFT, by=CLINICIAN).note.number == 1

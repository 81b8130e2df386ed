"""Rows of worklists in the database: in order, page after page, of one site; the same on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.core.kept import Doubt, Enrolment, Lack, LiveReview, NextAction, Overridden, RecordedStep, Site
from engine.core.ladder import HELD
from engine.core.worklists import Filters, Row, SavedWorklist, Spot
from engine.errors import NotFound
from engine.ports import Store, UnitOfWork
from tests.stores.kit import ENROLMENT, NOW, OTHER, PATHWAY, PATIENT, SITE, TODAY, enrol, writing

FAR = replace(OTHER, id="far", site="south")
LACK = Lack("egfr", TODAY - timedelta(days=100), 90)
LATE = NextAction(
    "a.late", TODAY - timedelta(days=9), "offer", 1, False, TODAY - timedelta(days=2), began=NOW
)
WAITS = NextAction("b.waits", TODAY, "needs_data", 2, False, TODAY + timedelta(days=5), missing=(LACK,))
BLOCKED = NextAction("c.blocked", TODAY, "blocked", 0, False, TODAY - timedelta(days=3))
NEVER = NextAction("d.never", TODAY, "offer", 0, False, None)
CLOSED = NextAction("e.closed", TODAY, "offer", 0, False, TODAY - timedelta(days=5), TODAY, NOW)
REVIEW = LiveReview(
    "r.late", TODAY - timedelta(days=2), TODAY - timedelta(days=92), "overdue", "due", None, None
)
STEP = RecordedStep(1, TODAY, "T01", "assess", "monitor", None, "1", "0" * 64, NOW, 4)

Read = Callable[[UnitOfWork, Spot | None, int], tuple[Row, ...]]
READS: dict[str, Read] = {
    "urgent": lambda uow, after, limit: uow.worklists.urgent(SITE.id, after, limit),
    "open": lambda uow, after, limit: uow.worklists.open(SITE.id, after, limit),
    "overdue": lambda uow, after, limit: uow.worklists.overdue(SITE.id, TODAY, after, limit),
    "needs_data": lambda uow, after, limit: uow.worklists.needs_data(SITE.id, after, limit),
    "moved": lambda uow, after, limit: uow.worklists.moved(SITE.id, NOW, after, limit),
    "doubted": lambda uow, after, limit: uow.worklists.doubted(SITE.id, TODAY, after, limit),
    "overridden": lambda uow, after, limit: uow.worklists.overridden(SITE.id, after, limit),
}


@pytest.fixture(autouse=True)
def filled(store: Store) -> None:
    enrol(store)
    with writing(store) as uow:
        uow.sites.add(Site("south", "South", "UTC"))
        uow.patients.add(FAR)
        for patient in (OTHER.id, FAR.id):
            uow.enrolments.save(Enrolment(patient, PATHWAY, "1", "0" * 64))
        for patient in (PATIENT.id, OTHER.id, FAR.id):
            uow.actions.save(patient, PATHWAY, (LATE, WAITS, BLOCKED, NEVER, CLOSED))
            uow.reviews.save(patient, PATHWAY, (REVIEW, replace(REVIEW, review="r.held", step=HELD)))
            later = replace(STEP, number=2, recorded=NOW + timedelta(hours=1))
            old = replace(STEP, number=3, recorded=NOW - timedelta(days=1))
            uow.histories.add(patient, PATHWAY, (STEP, later, old))
            uow.histories.supersede(patient, PATHWAY, (1,), 5, NOW + timedelta(hours=1))
            uow.doubts.add(patient, PATHWAY, (Doubt("e1", "fvc_l", TODAY), Doubt("e1", "dlco_pp", TODAY)))
            uow.overrides.put(patient, PATHWAY, Overridden("o1", TODAY, "moved here"))


def told(rows: tuple[Row, ...]) -> list[tuple[str, str]]:
    return [(row.subject, row.named.get("happened", row.kind)) for row in rows if row.patient == PATIENT.id]


def test_each_list_has_its_rows_in_order(store: Store) -> None:
    with store.reading() as uow:
        found = {name: told(read(uow, None, 100)) for name, read in READS.items()}
    assert found == {
        "urgent": [("a.late", "action")],
        "open": [(name, "action") for name in ("c.blocked", "a.late", "b.waits", "d.never")],
        "overdue": [("a.late", "action"), ("r.late", "review")],
        "needs_data": [("b.waits", "action")],
        "moved": [("T01", "superseded"), ("T01", "recorded"), ("T01", "recorded")],
        "doubted": [("dlco_pp", "reading"), ("fvc_l", "reading")],
        "overridden": [("o1", "override")],
    }


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_are_the_whole(store: Store, name: str, limit: int) -> None:
    with store.reading() as uow:
        whole, pages = READS[name](uow, None, 100), list[Row]()
        while page := READS[name](uow, pages[-1].spot if pages else None, limit):
            assert len(page) <= limit
            pages += page
    assert tuple(pages) == whole
    assert {row.patient for row in whole} == {PATIENT.id, OTHER.id}


def test_a_row_says_where_its_patient_stands_and_what_it_lacks(store: Store) -> None:
    standing = replace(ENROLMENT, status="active", state="monitor", since=TODAY, tier="elevated")
    with writing(store) as uow:
        uow.enrolments.save(standing)
    with store.reading() as uow:
        row = next(row for row in uow.worklists.needs_data(SITE.id, None, 9) if row.patient == PATIENT.id)
        (kept,) = (action for action in uow.actions.of(PATIENT.id, PATHWAY) if action.action == "b.waits")
    assert row.standing is not None
    assert (row.standing.state, row.standing.since, row.standing.tier) == ("monitor", TODAY, "elevated")
    assert row.missing == kept.missing == (LACK,)


def test_what_was_settled_or_lifted_is_gone(store: Store) -> None:
    with writing(store) as uow:
        uow.doubts.remove(PATIENT.id, PATHWAY, (Doubt("e1", "fvc_l", TODAY),))
        uow.overrides.put(PATIENT.id, PATHWAY, None)
    with store.reading() as uow:
        assert uow.doubts.of(PATIENT.id, PATHWAY) == (Doubt("e1", "dlco_pp", TODAY),)
        assert uow.overrides.get(PATIENT.id, PATHWAY) is None
        assert uow.overrides.get(OTHER.id, PATHWAY) == Overridden("o1", TODAY, "moved here")


def test_a_saved_worklist_comes_back_as_it_was_saved_last(store: Store) -> None:
    saved = SavedWorklist("s1", SITE.id, "Mine", "overdue", Filters(owner="me"), ("coordinator",), NOW)
    changed = replace(saved, name="Ours", filters=Filters(state="monitor", tier="elevated"), shared_with=())
    with writing(store) as uow:
        uow.saved_worklists.add(saved)
        assert uow.saved_worklists.get("s1") == saved
        uow.saved_worklists.save(changed)
        with pytest.raises(NotFound):
            uow.saved_worklists.save(replace(saved, id="s2"))
    with writing(store) as uow:
        assert uow.saved_worklists.at(SITE.id) == (changed,)
        assert uow.saved_worklists.at("south") == ()
        uow.saved_worklists.remove("s1")
        assert uow.saved_worklists.get("s1") is None


def test_a_cohort_is_counted(store: Store) -> None:
    for patient, state in ((PATIENT.id, "monitor"), (OTHER.id, "monitor")):
        with writing(store) as uow:
            uow.enrolments.save(
                Enrolment(patient, PATHWAY, "1", "0" * 64, None, "active", state, TODAY - timedelta(days=3))
            )
    with store.reading() as uow:
        found = uow.worklists.figures(SITE.id, PATHWAY, TODAY, date(2025, 1, 12))
    assert found.days == {"monitor": {3: 2}}
    assert (found.paused, found.overdue, found.lacking) == (0, 2, 2)
    assert found.entered == {"monitor": 4}
    assert found.lacks == {"egfr": 2}
    assert found.overrides == {"moved here": 2}

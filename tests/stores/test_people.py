"""People, their roles and absences; care teams and work notes, which are only added to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from engine.core.kept import Enrolment, NextAction, Patient, Site
from engine.core.ownership import ActionKey
from engine.core.people import Absence, Membership, Person, TeamPost, WorkNote
from engine.errors import NotFound, StoreFault
from engine.ports import Store
from engine.store.unit_of_work import SqlStore
from tests.stores.kit import NOW, OTHER, PATHWAY, PATIENT, TODAY, enrol, writing

ANNA = Person("p1", "anna", "Anna Alder", NOW)
BEN = Person(
    "p2", "ben", "Ben “B” Birch", NOW, "$argon2id$x", "https://idp", "77", NOW, 3, NOW + timedelta(days=1)
)
FARAWAY = Patient("elsewhere", "south", NOW)
ABSENCE = Absence("a1", "p1", date(2026, 1, 10), TODAY, "p2", NOW)
NOTE = WorkNote(PATIENT.id, PATHWAY, "action", "a.first", TODAY, 1, "owner", "p1", "on leave", NOW, "p2")


@pytest.fixture(autouse=True)
def staffed(store: Store) -> None:
    enrol(store)
    with writing(store) as uow:
        uow.sites.add(Site("south", "South", "Asia/Tokyo"))
        uow.patients.add(FARAWAY)
        uow.enrolments.save(Enrolment(FARAWAY.id, PATHWAY, "1", "0" * 64))
        assert uow.people.add(ANNA)
        assert uow.people.add(BEN)


def test_a_person_comes_back_whole_by_id_login_and_subject(store: Store) -> None:
    with store.reading() as uow:
        assert uow.people.get("p2") == uow.people.by_login("ben") == BEN
        assert uow.people.by_subject("https://idp", "77") == BEN
        assert uow.people.by_subject("https://idp", "78") is None
        assert uow.people.get("p3") is None
        assert uow.people.by_login("Ben") is None
        assert uow.people.all() == (ANNA, BEN)


def test_a_login_and_a_subject_belong_to_one_person(store: Store) -> None:
    with writing(store) as uow:
        assert not uow.people.add(replace(ANNA, id="p3"))
        assert not uow.people.add(replace(BEN, id="p4", login="bert"))

    with store.reading() as uow:
        assert uow.people.all() == (ANNA, BEN)


def test_a_person_is_saved_as_a_whole_or_not_there(store: Store) -> None:
    changed = replace(ANNA, name="Anna Ash", disabled=NOW, failures=1, failed=NOW)
    with writing(store) as uow:
        uow.people.save(changed)
        with pytest.raises(NotFound, match="no person 'p9'"):
            uow.people.save(replace(ANNA, id="p9", login="nobody"))

    with store.reading() as uow:
        assert uow.people.all() == (changed, BEN)


def test_roles_are_granted_and_withdrawn_once(store: Store) -> None:
    coordinator, clinician = Membership("p1", "north", "coordinator"), Membership("p1", "north", "clinician")
    elsewhere = Membership("p1", "south", "viewer")
    with writing(store) as uow:
        assert uow.people.grant(coordinator)
        assert not uow.people.grant(coordinator)
        assert uow.people.grant(elsewhere)
        assert uow.people.grant(clinician)
        assert uow.people.grant(replace(coordinator, person="p2"))
        assert uow.people.withdraw(coordinator)
        assert not uow.people.withdraw(coordinator)

    with store.reading() as uow:
        assert uow.people.memberships("p1") == (clinician, elsewhere)
        assert uow.people.memberships() == ()
        assert len(uow.people.memberships("p1", "p2", "p3")) == 3
        assert uow.people.memberships_at("north") == (clinician, replace(coordinator, person="p2"))


def test_the_people_of_a_site_are_listed_in_pages(store: Store) -> None:
    with writing(store) as uow:
        for role in ("viewer", "admin"):
            uow.people.grant(Membership("p1", "north", role))
            uow.people.grant(Membership("p2", "north", role))
        uow.people.grant(Membership("p2", "south", "viewer"))

    with store.reading() as uow:
        assert uow.people.at("north") == (ANNA, BEN)
        assert uow.people.at("north", limit=1) == (ANNA,)
        assert uow.people.at("north", after="p1", limit=1) == (BEN,)
        assert uow.people.at("south") == (BEN,)
        assert uow.people.at("west") == ()


def test_an_absence_holds_from_its_first_to_its_last_day_unless_cancelled(store: Store) -> None:
    later = replace(ABSENCE, id="a0", first=TODAY + timedelta(days=1), last=TODAY + timedelta(days=9))
    with writing(store) as uow:
        uow.people.grant(Membership("p1", "north", "clinician"))
        uow.absences.add(later)
        uow.absences.add(ABSENCE)

    with store.reading() as uow:
        assert uow.absences.of("p1") == (ABSENCE, later)
        assert uow.absences.of("p2") == ()
        for day, expected in [
            (ABSENCE.first - timedelta(days=1), ()),
            (ABSENCE.first, (ABSENCE,)),
            (ABSENCE.last, (ABSENCE,)),
            (later.first, (later,)),
        ]:
            assert uow.absences.on("north", day) == expected
        assert uow.absences.on("south", TODAY) == ()

    with writing(store) as uow:
        uow.absences.cancel("a1", NOW)
        uow.absences.cancel("a1", NOW + timedelta(days=1))
        with pytest.raises(NotFound, match="no absence 'a9'"):
            uow.absences.cancel("a9", NOW)
    with store.reading() as uow:
        assert uow.absences.of("p1") == (replace(ABSENCE, cancelled=NOW), later)
        assert uow.absences.on("north", TODAY) == ()


@pytest.mark.parametrize("odd", [{"last": date(2026, 1, 9)}, {"cover": "p1"}, {"cover": "p9"}])
def test_an_absence_that_cannot_be_is_refused(store: Store, odd: dict[str, str | date]) -> None:
    with pytest.raises(StoreFault), store.writing() as uow:
        uow.absences.add(replace(ABSENCE, **odd))  # type: ignore[arg-type]


def test_a_care_team_keeps_everything_and_a_site_sees_the_newest_of_each_post(store: Store) -> None:
    first = TeamPost(PATIENT.id, "coordinator", 1, "p1", NOW)
    clinician = TeamPost(PATIENT.id, "responsible_clinician", 2, "p2", NOW)
    given_up, other = replace(first, number=3, person=None), replace(first, patient=OTHER.id)
    elsewhere = replace(first, patient=FARAWAY.id)
    with writing(store) as uow:
        uow.teams.add([first, clinician])
        uow.teams.add([given_up])
        uow.teams.add([other, elsewhere])
        uow.teams.add([])

    with store.reading() as uow:
        assert uow.teams.of(PATIENT.id) == (first, clinician, given_up)
        assert uow.teams.of("nobody") == ()
        assert uow.teams.at("north") == (clinician, given_up, other)
        assert uow.teams.at("south") == (elsewhere,)


def test_notes_are_kept_and_a_site_sees_the_newest_about_each_action(store: Store) -> None:
    back = replace(NOTE, number=2, person=None, reason=None, author=None)
    reopened = replace(NOTE, number=3, opened_on=TODAY + timedelta(days=1))
    seen, elsewhere = replace(NOTE, number=4, note="seen"), replace(NOTE, patient=FARAWAY.id)
    with writing(store) as uow:
        for note in (NOTE, back, reopened, seen, elsewhere):
            uow.notes.add(note)

    with store.reading() as uow:
        assert uow.notes.of(PATIENT.id) == (NOTE, back, reopened, seen)
        assert uow.notes.at("north", "owner") == (back, reopened)
        assert uow.notes.at("north", "seen") == (seen,)
        assert uow.notes.at("south", "owner") == (elsewhere,)


@pytest.mark.parametrize("statement", ["UPDATE {} SET number = 9", "DELETE FROM {}"])
@pytest.mark.parametrize("name", ["team_post", "work_note"])
def test_what_was_done_is_never_changed(store: Store, name: str, statement: str) -> None:
    assert isinstance(store, SqlStore)
    with writing(store) as uow:
        uow.teams.add([TeamPost(PATIENT.id, "coordinator", 1, "p1", NOW)])
        uow.notes.add(NOTE)

    with pytest.raises(StoreFault), store.writing() as uow:
        uow.connection.execute(text(statement.format(name)))


def test_the_open_actions_of_a_site_are_found_at_once(store: Store) -> None:
    action = NextAction("a.first", TODAY, "offer", 1, False, None)
    again = replace(action, opened_on=TODAY + timedelta(days=1))
    with writing(store) as uow:
        uow.actions.save(
            PATIENT.id, PATHWAY, [again, action, replace(action, action="a.done", closed_on=TODAY)]
        )
        uow.actions.save(FARAWAY.id, PATHWAY, [action])

    with store.reading() as uow:
        assert uow.actions.open_at("north") == tuple(
            ActionKey(PATIENT.id, PATHWAY, "a.first", each.opened_on) for each in (action, again)
        )
        assert [key.patient for key in uow.actions.open_at("south")] == [FARAWAY.id]
        assert uow.sites.all()[1] == Site("south", "South", "Asia/Tokyo")


def test_instants_come_back_in_utc(store: Store) -> None:
    with store.reading() as uow:
        found = uow.people.get("p2")
    assert found is not None
    assert found.failed == datetime(2026, 1, 13, 9, 30, 15, 123456, tzinfo=UTC)

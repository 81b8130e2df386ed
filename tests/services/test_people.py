"""People and sites: one login each, roles per site, and every change on the audit chain."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.core.kept import Site
from engine.core.people import Person, Role
from engine.core.sealing import broken_at
from engine.errors import AlreadyThere, MessageRefused, NotFound, PersonElsewhere, UnknownTimeZone
from engine.ports import Store
from engine.services.absences import add_absence, cancel_absence
from engine.services.access import OPERATOR
from engine.services.people import (
    CHAIN,
    add_person,
    change_person,
    grant,
    person_at,
    person_called,
    roles_at,
    withdraw,
)
from engine.services.sites import CHAIN as SITES
from engine.services.sites import add_site
from tests.services.clinic import Counted, Moved
from tests.services.staff import hired
from tests.stores.kit import NOW, SITE, furnish, writing

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def chance() -> Counted:
    return Counted()


@pytest.fixture
def staff(store: Store, chance: Counted) -> dict[str, Person]:
    furnish(store)
    with writing(store) as uow:
        uow.sites.add(Site("south", "South", "Asia/Tokyo"))
        return hired(uow, chance, "north")


def refused(error: MessageRefused) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.code) for problem in error.problems]


def test_a_person_has_one_login_in_small_letters(
    store: Store, staff: dict[str, Person], chance: Counted
) -> None:
    with writing(store) as uow:
        made = add_person(
            uow, "Ada.Elm@x", "  Ada Elm ", [Role.ADMIN], "south", by=OPERATOR, now=NOW, randomness=chance
        )
        assert (made.login, made.name, made.password_hash) == ("ada.elm@x", "Ada Elm", None)
        with pytest.raises(AlreadyThere, match="'cora' already"):
            add_person(uow, "CORA", "Cora", [Role.ADMIN], "south", by=OPERATOR, now=NOW, randomness=chance)

    with store.reading() as uow:
        assert person_called(uow, "ADA.elm@x") == person_at(uow, made.id, "south") == made
        with pytest.raises(NotFound):
            person_at(uow, made.id, "north")
        with pytest.raises(NotFound):
            person_called(uow, "nobody")


@pytest.mark.parametrize("login", ["", "a b", "_a", "ä", "x" * 101, "a\n"])
@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\nb"])
def test_everything_wrong_with_a_new_person_is_told_at_once(store: Store, login: str, name: str) -> None:
    furnish(store)
    with pytest.raises(MessageRefused) as error, store.writing() as uow:
        add_person(uow, login, name, [], "north", by=OPERATOR, now=NOW, randomness=Counted())

    assert refused(error.value) == [
        ("/name", "bad-name"),
        ("/login", "bad-login"),
        ("/roles", "bad-field"),
    ]


def test_a_role_belongs_to_a_site_and_is_given_and_taken_once(store: Store, staff: dict[str, Person]) -> None:
    cora = staff["cora"]
    with writing(store) as uow:
        assert grant(uow, cora, "south", Role.ADMIN, by=OPERATOR, now=LATER)
        assert not grant(uow, cora, "south", Role.ADMIN, by=OPERATOR, now=LATER)
        assert roles_at(uow, cora.id, "north") == {Role.COORDINATOR}
        assert roles_at(uow, cora.id, "south") == {Role.ADMIN}
        assert withdraw(uow, cora, "north", Role.COORDINATOR, by=OPERATOR, now=LATER)
        assert not withdraw(uow, cora, "north", Role.COORDINATOR, by=OPERATOR, now=LATER)
        with pytest.raises(NotFound, match="no site 'west'"):
            grant(uow, cora, "west", Role.ADMIN, by=OPERATOR, now=LATER)
        with pytest.raises(NotFound, match="no person"):
            person_at(uow, cora.id, "north")

    with store.reading() as uow:
        chain = uow.audit.chain(CHAIN)
    assert broken_at(chain) is None
    assert [link.entry.act for link in chain[-2:]] == ["grant role", "withdraw role"]
    assert chain[-1].entry.body == {"person": cora.id, "site": "north", "role": "coordinator"}
    assert "Cora" not in repr(chain)
    assert "cora" not in repr(chain)


def test_a_person_is_renamed_shut_out_and_let_in_again(store: Store, staff: dict[str, Person]) -> None:
    with writing(store) as uow:
        gone = change_person(uow, staff["cora"], name="Cora Fir", disabled=True, by=OPERATOR, now=LATER)
        assert gone == replace(staff["cora"], name="Cora Fir", disabled=LATER)
        assert change_person(uow, gone, name="Cora Fir", disabled=True, by=OPERATOR, now=NOW) == gone
        assert uow.people.get(gone.id) == gone
        assert change_person(uow, gone, disabled=False, by=OPERATOR, now=NOW).disabled is None
        with pytest.raises(MessageRefused, match="1 to 200 printable"):
            change_person(uow, gone, name="", by=OPERATOR, now=NOW)

    with store.reading() as uow:
        acts = [link.entry.act for link in uow.audit.chain(CHAIN)]
    assert acts[-3:] == ["rename person", "disable person", "enable person"]


def test_a_site_cannot_shut_out_who_works_elsewhere_too(store: Store, staff: dict[str, Person]) -> None:
    with writing(store) as uow:
        change_person(uow, staff["cora"], disabled=True, within="north", by=OPERATOR, now=LATER)
        grant(uow, staff["dora"], "south", Role.VIEWER, by=OPERATOR, now=LATER)
        with pytest.raises(PersonElsewhere):
            change_person(uow, staff["dora"], disabled=True, within="north", by=OPERATOR, now=LATER)
        assert change_person(uow, staff["dora"], disabled=True, by=OPERATOR, now=LATER).disabled == LATER


@pytest.mark.parametrize("cover", ["dean", "lea"])
def test_a_stand_in_is_somebody_who_may_do_the_same(
    store: Store, staff: dict[str, Person], chance: Counted, cover: str
) -> None:
    day, who = date(2026, 2, 1), staff[cover].id
    with writing(store) as uow:
        add_absence(uow, staff["dora"], day, day, who, "north", by=OPERATOR, now=NOW, randomness=chance)


@pytest.mark.parametrize(
    ("cover", "code"),
    [
        ("dora", "role-unfit"),
        ("cory", "role-unfit"),
        ("vic", "role-unfit"),
        ("nobody", "unknown-person"),
    ],
)
def test_others_cannot_stand_in(
    store: Store, staff: dict[str, Person], chance: Counted, cover: str, code: str
) -> None:
    day, who = date(2026, 2, 1), staff[cover].id if cover in staff else cover
    with pytest.raises(MessageRefused) as error, store.writing() as uow:
        add_absence(uow, staff["dora"], day, day, who, "north", by=OPERATOR, now=NOW, randomness=chance)

    assert refused(error.value) == [("/cover", code)]


def test_absences_of_one_person_do_not_overlap_until_one_is_cancelled(
    store: Store, staff: dict[str, Person], chance: Counted
) -> None:
    dora, dean = staff["dora"], staff["dean"]

    def away(first: int, last: int) -> str:
        with writing(store) as uow:
            return add_absence(
                uow, dora, date(2026, 2, first), date(2026, 2, last), dean.id, "north",
                by=OPERATOR, now=NOW, randomness=chance,
            ).id  # fmt: skip

    held = away(5, 9)
    away(4, 4)
    away(10, 10)
    for first, last in [(9, 9), (5, 5), (6, 7), (1, 28), (3, 4)]:
        with pytest.raises(MessageRefused, match="is entered already"):
            away(first, last)
    with pytest.raises(MessageRefused, match="must not lie before the first"):
        away(20, 19)
    for now in (NOW, LATER):
        with writing(store) as uow:
            assert cancel_absence(uow, dora, held, by=OPERATOR, now=now).cancelled == NOW
            with pytest.raises(NotFound):
                cancel_absence(uow, dean, held, by=OPERATOR, now=now)
    away(6, 7)

    with store.reading() as uow:
        acts = [link.entry.act for link in uow.audit.chain(CHAIN)]
    assert acts[-5:] == ["add absence"] * 3 + ["cancel absence", "add absence"]


def test_a_stand_in_may_be_chosen_for_who_only_looks_on(
    store: Store, staff: dict[str, Person], chance: Counted
) -> None:
    with writing(store) as uow:
        grant(uow, staff["cory"], "north", Role.VIEWER, by=OPERATOR, now=NOW)
        day = date(2026, 2, 1)
        add_absence(
            uow, staff["vic"], day, day, staff["cory"].id, "north", by=OPERATOR, now=NOW, randomness=chance
        )


def test_sites_are_added_with_a_time_zone_there_is(store: Store) -> None:
    furnish(store)
    clock = Moved()
    with writing(store) as uow:
        add_site(uow, Site("east-2", "East", "America/New_York"), by=OPERATOR, clock=clock)
        with pytest.raises(AlreadyThere, match="site 'north'"):
            add_site(uow, SITE, by=OPERATOR, clock=clock)
        for zone in ("Mars/Olympus_Mons", "/etc/passwd", "Europe", ""):
            with pytest.raises(UnknownTimeZone):
                add_site(uow, Site("west", "West", zone), by=OPERATOR, clock=clock)
        with pytest.raises(MessageRefused) as error:
            add_site(uow, Site("West 1", " ", "UTC"), by=OPERATOR, clock=clock)
        assert refused(error.value) == [("/id", "bad-id"), ("/name", "bad-name")]

    with store.reading() as uow:
        assert [site.id for site in uow.sites.all()] == ["east-2", "north"]
        assert [link.entry.body for link in uow.audit.chain(SITES)] == [{"site": "east-2"}]

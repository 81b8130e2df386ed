"""Owners of open actions: the care team, hand-overs, absences, and what is nobody's."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from engine.core.kept import Site
from engine.core.ownership import ActionKey, Owner
from engine.core.people import Person, Post
from engine.core.sealing import broken_at
from engine.errors import MessageRefused, NotFound, RevisionStale
from engine.ports import Store
from engine.services.absences import add_absence, cancel_absence
from engine.services.access import OPERATOR
from engine.services.ownership import Workload, hand_over, owners, workloads
from engine.services.patients import Sender
from engine.services.people import change_person
from engine.services.teams import fill_posts
from engine.store.unit_of_work import SqlStore
from tests.laws.world import pathway
from tests.services.clinic import CLINICIAN, Clinic, Served
from tests.services.staff import hired
from tests.stores.kit import NOW, writing

ENROL = {
    "id": "e1",
    "type": "enrol",
    "effective": "2024-01-08",
    "pathway": "pm-ild",
    "iim_dx": "PM",
    "ild_confirmed": True,
    "sex": "female",
    "birth_date": "1970-05-04",
}
DAY = date(2024, 1, 8)
ORDER = "ord.pft"
ELSEWHERE = Sender("clinician", "south")


class Ward(Clinic):
    """A clinic with staff and one enrolled patient who has a care team."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.clock.to(DAY)
        with writing(self.store) as uow:
            uow.sites.add(Site("south", "South", "UTC"))
            self.staff = hired(uow, self.chance)
        self.one = self.patient()
        self.send(self.one, ENROL)
        self.team(coordinator="cora", responsible_clinician="dora")

    def id(self, login: str | None) -> str | None:
        return None if login is None else self.staff[login].id if login in self.staff else login

    def team(self, expected: int | None = None, sender: Sender = CLINICIAN, **posts: str | None) -> int:
        wanted = {Post(post): self.id(login) for post, login in posts.items()}
        with writing(self.store) as uow:
            return fill_posts(uow, self.one, wanted, sender, self.clock, expected=expected).revision

    def owner(self, action: str = ORDER, on: date | None = None) -> tuple[str, str] | None:
        with self.store.reading() as uow:
            asked = self.asker.state(uow, self.one, "pm-ild", CLINICIAN, as_of=on)
            found = {key.action: owner for key, owner in owners(uow, asked).of.items()}[action]
        login = {person.id: login for login, person in self.staff.items()}
        return None if found is None else (login[found.person], found.because)

    def hand(
        self,
        login: str | None,
        reason: str = "on leave",
        *,
        action: str = ORDER,
        opened: date = DAY,
        sender: Sender = CLINICIAN,
        expected: int | None = None,
    ) -> int:
        key = ActionKey(self.one, "pm-ild", action, opened)
        with writing(self.store) as uow:
            return hand_over(
                uow, self.asker, key, self.id(login), reason, sender, expected=expected
            ).revision  # fmt: skip

    def away(self, login: str, cover: str, first: int, last: int) -> str:
        span = DAY + timedelta(days=first), DAY + timedelta(days=last)
        with writing(self.store) as uow:
            return add_absence(
                uow, self.staff[login], *span, self.staff[cover].id, "main",
                by=OPERATOR, now=NOW, randomness=self.chance,
            ).id  # fmt: skip

    def disable(self, *logins: str) -> None:
        with writing(self.store) as uow:
            for login in logins:
                change_person(uow, self.staff[login], disabled=True, by=OPERATOR, now=NOW)

    def load(self, on: date = DAY) -> tuple[Workload, ...]:
        with self.store.reading() as uow:
            return workloads(uow, "main", on)

    @property
    def revision(self) -> int:
        with self.store.reading() as uow:
            found = uow.patients.get(self.one)
        assert found is not None
        return found.revision


@pytest.fixture
def ward(store: Store) -> Ward:
    return Ward(store, Served({"pm-ild": pathway()}))


def decided(ward: Ward) -> str:
    """An open action that falls to the responsible clinician."""
    with ward.store.reading() as uow:
        asked = ward.asker.state(uow, ward.one, "pm-ild", CLINICIAN)
    return next(a.id for a in asked.evaluation.actions if a.action.definition.kind in ("review", "treatment"))


def test_an_action_falls_to_the_post_its_kind_asks_for(ward: Ward) -> None:
    assert ward.owner() == ("cora", "care-team")
    assert ward.owner(decided(ward)) == ("dora", "care-team")
    ward.team(coordinator=None)
    assert ward.owner() == ("dora", "care-team")


def test_cover_owns_from_the_first_to_the_last_day_and_the_owner_comes_back(ward: Ward) -> None:
    before = ward.revision
    absence = ward.away("cora", "cory", 1, 3)
    for days, owner in [(0, "cora"), (1, "cory"), (3, "cory"), (4, "cora")]:
        because = "cover" if owner == "cory" else "care-team"
        assert ward.owner(on=DAY + timedelta(days=days)) == (owner, because)
    assert ward.revision == before

    with writing(ward.store) as uow:
        cancel_absence(uow, ward.staff["cora"], absence, by=OPERATOR, now=NOW)
    assert ward.owner(on=DAY + timedelta(days=2)) == ("cora", "care-team")


def test_a_new_action_goes_to_the_stand_in_too(ward: Ward) -> None:
    ward.away("dora", "dean", 0, 9)
    assert ward.owner(decided(ward)) == ("dean", "cover")
    ward.away("dean", "lea", 2, 4)
    assert ward.owner(decided(ward), on=DAY + timedelta(days=2)) == ("lea", "cover")
    ward.away("lea", "dora", 3, 3)
    assert ward.owner(decided(ward), on=DAY + timedelta(days=3)) == ("cora", "care-team")


def test_an_action_is_handed_over_and_back(ward: Ward) -> None:
    revision = ward.revision
    assert ward.hand("cory", expected=revision) == revision + 1
    assert ward.owner() == ("cory", "handed-over")
    assert ward.hand("cory", expected=revision) == revision + 1, "the same again is answered again"
    with pytest.raises(RevisionStale):
        ward.hand("dora", expected=revision)
    assert ward.hand(None, "back", expected=revision + 1) == revision + 2
    assert ward.owner() == ("cora", "care-team")
    assert ward.hand(None, "back") == revision + 2

    with ward.store.reading() as uow:
        notes, chain = uow.notes.of(ward.one), uow.audit.chain(ward.one)
    assert [(n.number, n.note, n.person, n.reason) for n in notes] == [
        (1, "owner", ward.staff["cory"].id, "on leave"),
        (2, "owner", None, "back"),
    ]
    assert broken_at(chain) is None
    assert [link.entry.act for link in chain[-2:]] == ["hand over action"] * 2
    assert chain[-2].entry.body == {
        "pathway": "pm-ild",
        "action": ORDER,
        "opened_on": DAY,
        "person": ward.staff["cory"].id,
        "revision": revision + 1,
    }
    assert "on leave" not in repr(chain)


def test_what_was_never_handed_over_need_not_go_back(ward: Ward) -> None:
    revision = ward.revision
    assert ward.hand(None) == revision
    with ward.store.reading() as uow:
        assert uow.notes.of(ward.one) == ()


@pytest.mark.parametrize(
    ("login", "code"), [("vic", "role-unfit"), ("nobody", "unknown-person"), ("dean", "unknown-person")]
)
def test_an_action_is_handed_only_to_who_can_own_it(ward: Ward, login: str, code: str) -> None:
    ward.disable("dean")
    before = ward.revision
    with pytest.raises(MessageRefused) as error:
        ward.hand(login)
    assert [(p.pointer, p.code) for p in error.value.problems] == [("/person", code)]
    assert ward.revision == before


def test_only_what_is_open_at_the_own_site_can_be_handed_over(ward: Ward) -> None:
    with pytest.raises(NotFound, match="no open action"):
        ward.hand("cory", opened=DAY - timedelta(days=1))
    with pytest.raises(NotFound, match="no open action"):
        ward.hand("cory", action="ord.nothing")
    for sender in (ELSEWHERE, replace(ELSEWHERE, opened=frozenset({ward.one}))):
        with pytest.raises(NotFound, match="no patient"):
            ward.hand("cory", sender=sender)
        with pytest.raises(NotFound, match="no patient"):
            ward.team(sender=sender, coordinator="cory")


def test_a_care_team_changes_as_a_whole_or_not_at_all(ward: Ward) -> None:
    revision = ward.revision
    with pytest.raises(MessageRefused) as error:
        ward.team(coordinator="cory", responsible_clinician="cora", clinical_lead="dora")
    assert [(p.pointer, p.code) for p in error.value.problems] == [
        ("/responsible_clinician", "role-unfit"),
        ("/clinical_lead", "role-unfit"),
    ]
    assert ward.revision == revision
    with pytest.raises(RevisionStale):
        ward.team(expected=revision - 1, coordinator="cory")
    assert ward.team(expected=revision - 1, coordinator="cora") == revision, "as it was: nothing to do"
    assert ward.team(expected=revision, coordinator="cory", clinical_lead="lea") == revision + 1

    with ward.store.reading() as uow:
        posts, chain = uow.teams.of(ward.one), uow.audit.chain(ward.one)
    assert [(post.number, post.post) for post in posts] == [
        (1, "coordinator"),
        (2, "responsible_clinician"),
        (3, "coordinator"),
        (4, "clinical_lead"),
    ]
    assert chain[-1].entry.body["posts"] == {
        "coordinator": ward.staff["cory"].id,
        "clinical_lead": ward.staff["lea"].id,
    }


def test_what_nobody_active_owns_is_counted(ward: Ward) -> None:
    (load,) = ward.load()
    assert (load.site, load.pathway, load.unowned) == ("main", "pm-ild", 0)
    assert load.open == len(ward.kept(ward.one)[1].actions) > 3

    ward.hand("cory")
    ward.disable("cora", "dora")
    assert [load.unowned for load in ward.load()] == [load.open - 1]
    assert ward.owner() == ("cory", "handed-over")
    assert ward.owner(decided(ward)) is None
    ward.disable("cory")
    assert [load.unowned for load in ward.load()] == [load.open]
    ward.team(clinical_lead="lea")
    assert [load.unowned for load in ward.load()] == [0]
    with ward.store.reading() as uow:
        assert workloads(uow, "south", DAY) == ()


def test_the_count_takes_the_same_queries_for_any_number_of_patients(ward: Ward) -> None:
    def queries() -> int:
        seen = list[str]()

        def note(*arguments: object) -> None:
            seen.append(str(arguments[2]))

        assert isinstance(ward.store, SqlStore)
        engine = ward.store.database.reader
        event.listen(engine, "before_cursor_execute", note)
        ward.load()
        event.remove(engine, "before_cursor_execute", note)
        return len([text for text in seen if text.startswith("SELECT")])

    first = queries()
    for _ in range(3):
        ward.one = ward.patient()
        ward.send(ward.one, ENROL)
        ward.team(coordinator="cora")
        ward.hand("cory")
    assert queries() == first == 6


def test_an_owner_says_who_and_why(ward: Ward) -> None:
    with ward.store.reading() as uow:
        found = owners(uow, ward.asker.state(uow, ward.one, "pm-ild", CLINICIAN))
    key = ActionKey(ward.one, "pm-ild", ORDER, DAY)
    cora: Person = ward.staff["cora"]
    assert found.of[key] == Owner(cora.id, "care-team")
    assert found.working.names[cora.id] == "Cora"

"""Whose an action is: handed over, else by the care team, and who is absent has a stand-in."""

from datetime import UTC, date, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.definition import Kind
from engine.core.ownership import (
    ARRANGING,
    DECIDING,
    FALLS_TO,
    FITTING,
    STANDING_IN,
    WORKING,
    ActionKey,
    Owner,
    Roster,
    handed_over,
    holders,
    owner_of,
    roster,
)
from engine.core.people import Absence, Membership, Person, Post, Role, TeamPost, WorkNote

NOW = datetime(2024, 1, 8, tzinfo=UTC)
DAY = date(2024, 1, 8)
STAFF = {
    "cora": Role.COORDINATOR,
    "cory": Role.COORDINATOR,
    "dora": Role.CLINICIAN,
    "dean": Role.CLINICIAN,
    "lea": Role.CLINICAL_LEAD,
    "vic": Role.VIEWER,
}
TEAM = {
    Post.COORDINATOR: "cora",
    Post.RESPONSIBLE_CLINICIAN: "dora",
    Post.BACKUP_CLINICIAN: "dean",
    Post.CLINICAL_LEAD: "lea",
}


def working(*without: str, **covers: str) -> Roster:
    """The staff on a day: without those who left, and who stands in for whom."""
    roles = {name: frozenset({role}) for name, role in STAFF.items() if name not in without}
    return Roster({name: name.title() for name in roles}, roles, covers)


def team(**changed: str | None) -> dict[Post, TeamPost]:
    named = {**TEAM, **{Post(post): person for post, person in changed.items()}}
    return holders(
        TeamPost("p", post, number, person, NOW) for number, (post, person) in enumerate(named.items(), 1)
    )


def handed(person: str | None, number: int = 1, subject: str = "a", **other: str) -> WorkNote:
    kind, what = other.get("kind", "action"), other.get("note", "owner")
    return WorkNote("p", "w", kind, subject, DAY, number, what, person, "leave", NOW, None)


def test_every_kind_falls_to_every_post_in_an_order_of_its_own() -> None:
    assert set(FALLS_TO) == set(get_args(Kind))
    assert all(sorted(order) == sorted(Post) for order in FALLS_TO.values())
    assert {kind for kind, order in FALLS_TO.items() if order[0] is Post.COORDINATOR} == {
        "data",
        "education",
        "order",
        "vaccination",
    }
    assert all(fitting <= STANDING_IN[post] for post, fitting in FITTING.items())


@pytest.mark.parametrize(
    ("order", "left", "owner"),
    [
        (ARRANGING, [], "cora"),
        (ARRANGING, ["cora"], "dora"),
        (ARRANGING, ["cora", "dora", "dean"], "lea"),
        (DECIDING, [], "dora"),
        (DECIDING, ["dora"], "dean"),
        (DECIDING, ["dora", "dean"], "cora"),
        (DECIDING, ["dora", "dean", "cora"], "lea"),
    ],
)
def test_an_action_falls_to_the_next_post_when_who_holds_one_has_left(
    order: tuple[Post, ...], left: list[str], owner: str
) -> None:
    assert owner_of(None, team(), order, working(*left)) == Owner(owner, "care-team")


def test_an_action_of_which_everybody_left_is_nobodys() -> None:
    assert owner_of(handed("dora"), team(), DECIDING, working("cora", "dora", "dean", "lea")) is None
    assert owner_of(None, {}, DECIDING, working()) is None


def test_an_action_that_was_handed_over_is_theirs_until_they_leave() -> None:
    assert owner_of(handed("cory"), team(), DECIDING, working()) == Owner("cory", "handed-over")
    assert owner_of(handed("cory"), team(), DECIDING, working(cory="cora")) == Owner("cora", "cover")
    assert owner_of(handed("cory"), team(), DECIDING, working("cory")) == Owner("dora", "care-team")
    assert owner_of(handed("vic"), team(), DECIDING, working()) == Owner("dora", "care-team")


def test_a_stand_in_acts_and_the_stand_in_of_a_stand_in_too() -> None:
    assert owner_of(None, team(), DECIDING, working(dora="dean")) == Owner("dean", "cover")
    assert owner_of(None, team(), DECIDING, working(dora="dean", dean="lea")) == Owner("lea", "cover")
    assert owner_of(None, team(), DECIDING, working(dora="lea", lea="dora")) == Owner("dean", "care-team")
    assert owner_of(None, team(), DECIDING, working("lea", dora="lea")) == Owner("dean", "care-team")
    assert owner_of(None, team(), ARRANGING, working(cora="dean")) == Owner("dora", "care-team")


def test_those_who_only_stand_in_for_each_other_are_passed_over() -> None:
    now = working(dora="dean", dean="dora", cora="cory")
    assert owner_of(None, team(), DECIDING, now) == Owner("cory", "cover")
    assert now.acting("dora", frozenset(Role)) is None


def test_a_clinician_can_stand_in_for_the_lead_but_not_hold_the_post() -> None:
    alone = team(coordinator=None, responsible_clinician=None, backup_clinician=None)
    assert owner_of(None, alone, DECIDING, working(lea="dora")) == Owner("dora", "cover")
    assert owner_of(None, alone | team(clinical_lead="dora"), (Post.CLINICAL_LEAD,), working()) is None


def test_the_newest_of_each_post_holds_it_unless_it_was_given_up() -> None:
    posts = [
        TeamPost("p", "coordinator", 3, "cory", NOW),
        TeamPost("p", "coordinator", 1, "cora", NOW),
        TeamPost("p", "clinical_lead", 2, "lea", NOW),
        TeamPost("p", "clinical_lead", 4, None, NOW),
    ]
    assert holders(posts) == {Post.COORDINATOR: posts[0]}


def test_the_newest_hand_over_counts_and_going_back_to_the_team_ends_it() -> None:
    notes = [handed("dean", 2), handed("dora", 1), handed("cora", 3, "b"), handed(None, 4, "b")]
    others = [handed("cora", 5, kind="review"), handed("cora", 6, note="seen")]
    found = handed_over([*notes, *others])
    assert found == {ActionKey("p", "w", "a", DAY): notes[0], ActionKey("p", "w", "b", DAY): notes[3]}
    assert owner_of(notes[3], team(), ARRANGING, working()) == Owner("cora", "care-team")


NAMES = st.sampled_from(sorted(STAFF))
ROLES = st.frozensets(st.sampled_from(Role), max_size=3)


@given(
    roles=st.dictionaries(NAMES, ROLES.filter(bool)),
    covers=st.dictionaries(NAMES, NAMES),
    posts=st.dictionaries(st.sampled_from(Post), st.none() | NAMES),
    person=st.none() | NAMES,
)
def test_whoever_owns_is_there_may_work_and_depends_on_no_order_of_kinds(
    roles: dict[str, frozenset[Role]],
    covers: dict[str, str],
    posts: dict[Post, str | None],
    person: str | None,
) -> None:
    """Whoever covers whom, in circles or not."""
    now = Roster({name: name for name in roles}, roles, covers)
    held = holders(
        TeamPost("p", post, number, name, NOW) for number, (post, name) in enumerate(posts.items(), 1)
    )
    found = {order: owner_of(handed(person), held, order, now) for order in (ARRANGING, DECIDING)}
    for owner in filter(None, found.values()):
        assert owner.person not in covers
        assert now.fits(owner.person, WORKING)
    assert (found[ARRANGING] is None) == (found[DECIDING] is None)


def test_who_is_disabled_is_not_on_the_roster() -> None:
    people = [Person("cora", "cora", "Cora", NOW), Person("dora", "dora", "Dora", NOW, disabled=NOW)]
    roles = [Membership(name, "s", role) for name in ("cora", "dora") for role in ("viewer", "clinician")]
    found = roster(people, roles, [Absence("a", "cora", DAY, DAY, "dora", NOW)])
    assert found == Roster(
        {"cora": "Cora"}, {"cora": frozenset({Role.VIEWER, Role.CLINICIAN})}, {"cora": "dora"}
    )

"""Who owns an open action on a day: worked out from hand-overs, care team and absences, and never stored.

So the first owner comes back by itself on the day after an absence, and nothing has to be put right when
somebody leaves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from engine.core.definition import Kind
from engine.core.people import Absence, Membership, Person, Post, Role, TeamPost, WorkNote

Because = Literal["handed-over", "care-team", "cover", "channel"]
"""Why somebody owns something: it was handed over, the care team's post fell to them, or they stand in.

A message that could not be delivered is theirs whose channel it was sent on."""

OWNER = "owner"
"""The work note by which an action is handed over."""

_CLINICAL = frozenset({Role.CLINICIAN, Role.CLINICAL_LEAD})

COVERING = (frozenset({Role.COORDINATOR}), _CLINICAL)
"""Roles that can stand in for each other: whoever has one of a group needs a stand-in with one of it."""

WORKING = frozenset[Role]().union(*COVERING)
"""Roles of those who can own an action; the others look on, or keep the place running."""

FITTING: Mapping[Post, frozenset[Role]] = {
    Post.COORDINATOR: frozenset({Role.COORDINATOR}),
    Post.RESPONSIBLE_CLINICIAN: _CLINICAL,
    Post.BACKUP_CLINICIAN: _CLINICAL,
    Post.CLINICAL_LEAD: frozenset({Role.CLINICAL_LEAD}),
}
"""Roles of which a person needs one to hold a post."""

STANDING_IN: Mapping[Post, frozenset[Role]] = {**FITTING, Post.CLINICAL_LEAD: _CLINICAL}
"""Roles of which a person needs one to stand in for who holds a post; a site may have one lead only."""

ARRANGING = (Post.COORDINATOR, Post.RESPONSIBLE_CLINICIAN, Post.BACKUP_CLINICIAN, Post.CLINICAL_LEAD)
DECIDING = (Post.RESPONSIBLE_CLINICIAN, Post.BACKUP_CLINICIAN, Post.COORDINATOR, Post.CLINICAL_LEAD)
"""Posts in the order in which an action falls to them: what is to be arranged, and what is to be decided."""

FALLS_TO: Mapping[Kind, tuple[Post, ...]] = {
    "data": ARRANGING,
    "education": ARRANGING,
    "order": ARRANGING,
    "vaccination": ARRANGING,
    "prophylaxis": DECIDING,
    "referral": DECIDING,
    "review": DECIDING,
    "support": DECIDING,
    "treatment": DECIDING,
    "urgent": DECIDING,
}
"""To whom each kind of action falls. Every order names every post, so who comes last is never left out."""


@dataclass(frozen=True, slots=True, order=True)
class ActionKey:
    """One action of one patient on one pathway, by the day it opened."""

    patient: str
    pathway: str
    action: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose an action is."""

    person: str
    because: Because


@dataclass(frozen=True, slots=True)
class Roster:
    """Who works at a site, and who stands in for whom on a day."""

    names: Mapping[str, str]
    """By the id of each person who has a role there and may sign in."""
    roles: Mapping[str, frozenset[Role]]
    """The same people's roles there."""
    covers: Mapping[str, str]
    """Who stands in, by who is absent on that day."""

    def fits(self, person: str, roles: frozenset[Role]) -> bool:
        """Whether a person is active and has one of the roles."""
        return not roles.isdisjoint(self.roles.get(person, frozenset()))

    def acting(
        self, person: str, roles: frozenset[Role], standing_in: frozenset[Role] | None = None
    ) -> str | None:
        """Return who acts for a person on that day: the person, or whoever stands in, link by link.

        None when that is nobody: the person or the last of the chain is not active in a fitting role, or
        those who are absent stand in for each other.

        Args:
            person: whose place it is.
            roles: of which the person needs one.
            standing_in: of which somebody else needs one; the same if None.
        """
        if not self.fits(person, roles):
            return None
        met = set[str]()
        now = person
        while now in self.covers:
            if now in met:
                return None
            met.add(now)
            now = self.covers[now]
        return now if now == person or self.fits(now, standing_in or roles) else None


def roster(
    people: Iterable[Person], memberships: Iterable[Membership], absences: Iterable[Absence]
) -> Roster:
    """Return who works at a site on a day.

    Args:
        people: those with a role there.
        memberships: their roles there.
        absences: those that hold on that day.
    """
    names = {person.id: person.name for person in people if person.disabled is None}
    roles = dict[str, set[Role]]()
    for membership in memberships:
        if membership.person in names:
            roles.setdefault(membership.person, set()).add(Role(membership.role))
    return Roster(
        names,
        {person: frozenset(held) for person, held in roles.items()},
        {absence.person: absence.cover for absence in absences},
    )


def holders(posts: Iterable[TeamPost]) -> dict[Post, TeamPost]:
    """Return who holds which post of one care team: the newest of each, unless it was given up."""
    newest = {Post(post.post): post for post in sorted(posts, key=lambda post: post.number)}
    return {name: post for name, post in newest.items() if post.person is not None}


def handed_over(notes: Iterable[WorkNote]) -> dict[ActionKey, WorkNote]:
    """Return the newest hand-over of each action; one that names nobody gave the action back to the team."""
    return {
        ActionKey(note.patient, note.pathway, note.subject, note.opened_on): note
        for note in sorted(notes, key=lambda note: note.number)
        if (note.kind, note.note) == ("action", OWNER)
    }


def owner_of(
    handed: WorkNote | None, team: Mapping[Post, TeamPost], order: Sequence[Post], working: Roster
) -> Owner | None:
    """Return whose an action is; None if it is nobody's.

    Args:
        handed: its newest hand-over, if there is one; who is no longer active is passed over.
        team: the patient's care team.
        order: the posts it falls to, one after the other.
        working: who works at the patient's site on the day asked about.
    """
    if handed is not None and handed.person is not None:
        now = working.acting(handed.person, WORKING)
        if now is not None:
            return Owner(now, "handed-over" if now == handed.person else "cover")
    for post in order:
        person = team[post].person if post in team else None
        if person is not None:
            now = working.acting(person, FITTING[post], STANDING_IN[post])
            if now is not None:
                return Owner(now, "care-team" if now == person else "cover")
    return None

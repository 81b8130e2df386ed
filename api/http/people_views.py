"""What HTTP answers about people: who there is, who is absent, who looks after a patient."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from engine.core.ownership import FITTING, STANDING_IN, Because, Owner, Roster
from engine.core.people import Absence, Membership, Person, Post, Role, TeamPost
from engine.core.result import View


class PersonView(View):
    """Somebody who works at the caller's site."""

    id: str
    login: str
    name: str
    roles: tuple[Role, ...]
    """At the caller's site."""
    created: datetime
    disabled: datetime | None
    """None while the person may sign in and own actions."""


class PersonRef(View):
    """Somebody, by id and name."""

    id: str
    name: str


class AbsenceView(View):
    """Days on which somebody stands in for a person."""

    id: str
    person: str
    first: date
    last: date
    """Inclusive."""
    cover: str
    """Id of who stands in."""
    created: datetime
    cancelled: datetime | None


class PostView(View):
    """Who holds a post of a care team."""

    id: str
    name: str
    since: datetime
    acting: PersonRef | None
    """Who acts today: the holder or a stand-in; None when that is nobody who is active."""


class TeamView(View):
    """A patient's care team; None for a post nobody holds."""

    patient: str
    coordinator: PostView | None
    responsible_clinician: PostView | None
    backup_clinician: PostView | None
    clinical_lead: PostView | None


class OwnerView(View):
    """Whose an open action is, and why."""

    id: str
    name: str
    because: Because


class HandedOverView(View):
    """Whose an action is after a hand-over."""

    action_id: str
    patient: str
    revision: int
    owner: OwnerView | None


class SiteView(View):
    """A site."""

    id: str
    name: str
    time_zone: str


class MeView(View):
    """Who is asking."""

    person: PersonRef | None
    """None for another system."""
    credential: str | None
    """Id of the credential, if that is what was shown."""
    role: Role
    """The role in which this call was made, the one that may do most."""
    roles: tuple[Role, ...]
    site: SiteView


def person_view(person: Person, memberships: Iterable[Membership], site: str) -> PersonView:
    """Return a person as a site sees them; of the memberships only those of both count."""
    held = {Role(m.role) for m in memberships if (m.person, m.site) == (person.id, site)}
    return PersonView(
        id=person.id,
        login=person.login,
        name=person.name,
        roles=tuple(role for role in Role if role in held),
        created=person.created,
        disabled=person.disabled,
    )


def absence_view(absence: Absence) -> AbsenceView:
    """Return an absence as shown."""
    return AbsenceView(
        id=absence.id,
        person=absence.person,
        first=absence.first,
        last=absence.last,
        cover=absence.cover,
        created=absence.created,
        cancelled=absence.cancelled,
    )


def team_view(
    patient: str, team: Mapping[Post, TeamPost], names: Mapping[str, str], working: Roster
) -> TeamView:
    """Return a care team as shown.

    Args:
        patient: id of the patient.
        team: who holds which post.
        names: of the holders, by id.
        working: who works at the patient's site today.
    """

    def shown(post: Post) -> PostView | None:
        given = team.get(post)
        if given is None or given.person is None:
            return None
        now = working.acting(given.person, FITTING[post], STANDING_IN[post])
        return PostView(
            id=given.person,
            name=names[given.person],
            since=given.since,
            acting=None if now is None else PersonRef(id=now, name=working.names[now]),
        )

    return TeamView(patient=patient, **{post.value: shown(post) for post in Post})


def owner_view(owner: Owner | None, working: Roster) -> OwnerView | None:
    """Return an owner as shown."""
    if owner is None:
        return None
    return OwnerView(id=owner.person, name=working.names[owner.person], because=owner.because)

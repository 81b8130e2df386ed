"""Who works at a site on a day, and whether somebody fits a place."""

from datetime import date

from engine.core.ownership import Roster, roster
from engine.core.people import Role
from engine.errors import Problem
from engine.ports import UnitOfWork


def roster_on(uow: UnitOfWork, site: str, day: date) -> Roster:
    """Return who works at a site on a day of its own time zone; three queries, however many they are."""
    return roster(uow.people.at(site), uow.people.memberships_at(site), uow.absences.on(site, day))


def misfit(working: Roster, person: str, roles: frozenset[Role], pointer: str) -> Problem | None:
    """Return why a person cannot take a place that needs one of the roles; None for one who can.

    Args:
        working: who works at the site.
        person: id of the person.
        roles: of which one is needed.
        pointer: where the person was named.
    """
    if person not in working.names:
        text = f"There is no active person {person!r} at this site."
        return Problem(pointer, "unknown-person", text)
    if not working.fits(person, roles):
        needed = ", ".join(role for role in Role if role in roles)
        text = f"The person {person!r} lacks the role this needs at this site, one of: {needed}."
        return Problem(pointer, "role-unfit", text)
    return None

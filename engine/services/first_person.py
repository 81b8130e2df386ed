"""The first person: whoever starts a new installation chooses the first password, and lets in the others."""

from datetime import datetime

from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.people import Membership, Person, Role
from engine.ports import Randomness, UnitOfWork
from engine.services.access import MAIN, OPERATOR, main_site
from engine.services.signing_in import invite

LOGIN = "admin"
ROLES = (Role.ADMIN, Role.CLINICAL_LEAD)
"""What the first person may do: give roles to others, and everything about patients."""


def invite_first(uow: UnitOfWork, *, time_zone: str, now: datetime, randomness: Randomness) -> str | None:
    """Return the secret of an invitation for the first person; None when somebody can sign in already.

    There is no password to begin with. The person is made if need be, at the site main.
    """
    if uow.people.can_sign_in():
        return None
    main_site(uow, time_zone)
    person = uow.people.by_login(LOGIN)
    if person is None:
        person = Person(uuid7(now, randomness.draw(RANDOM_BYTES)), LOGIN, "Administrator", now)
        uow.people.add(person)
        for role in ROLES:
            uow.people.grant(Membership(person.id, MAIN, role))
    return invite(uow, person.id, by=OPERATOR, now=now, randomness=randomness)

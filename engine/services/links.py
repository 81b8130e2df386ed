"""By which name an OpenID provider knows a person of ours; it then vouches for that person."""

from dataclasses import replace
from datetime import datetime

from engine.core.kept import Author
from engine.core.people import Person
from engine.errors import AlreadyThere
from engine.ports import UnitOfWork
from engine.services.people import held, note


def link(uow: UnitOfWork, person: Person, issuer: str, subject: str, *, by: Author, now: datetime) -> Person:
    """Return a person whom a provider vouches for from now on, and no other provider.

    Raises:
        AlreadyThere: the provider means somebody else by this name.
    """
    known = uow.people.by_subject(issuer, subject)
    if known is not None and known.id != person.id:
        raise AlreadyThere("person known to this provider as", subject)
    return _kept(uow, person, issuer, subject, "link person", by, now)


def unlink(uow: UnitOfWork, person: Person, *, by: Author, now: datetime) -> Person:
    """Return a person for whom no provider vouches any more; every session of theirs ends."""
    uow.sessions.end(now, person=person.id)
    return _kept(uow, person, None, None, "unlink person", by, now)


def _kept(
    uow: UnitOfWork,
    person: Person,
    issuer: str | None,
    subject: str | None,
    act: str,
    by: Author,
    now: datetime,
) -> Person:
    person = held(uow, person.id)
    changed = replace(person, issuer=issuer, subject=subject)
    if changed != person:
        uow.people.save(changed)
        note(uow, act, person, by, now)
    return changed

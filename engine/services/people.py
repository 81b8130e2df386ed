"""People: who there is, by which login, and in which role at which site."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.kept import AuditEntry, Author
from engine.core.people import Membership, Person, Role
from engine.errors import AlreadyThere, MessageRefused, NotFound, PersonElsewhere, Problem
from engine.ports import Randomness, UnitOfWork

CHAIN = "people"
"""The audit chain on which everything about people stands; it names them by their ids."""

LONGEST_NAME = 200

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")


def person_at(uow: UnitOfWork, person: str, site: str) -> Person:
    """Return a person with a role at a site.

    Raises:
        NotFound: there is none; also when the person belongs to other sites only.
    """
    found = uow.people.get(person)
    if found is None or not roles_at(uow, person, site):
        raise NotFound("person", person)
    return found


def person_called(uow: UnitOfWork, login: str) -> Person:
    """Return a person by login, however it is capitalised; raises `NotFound`."""
    found = uow.people.by_login(login.lower())
    if found is None:
        raise NotFound("person with the login", login)
    return found


def held(uow: UnitOfWork, person: str) -> Person:
    """Return a person as kept now, to be changed by nobody else meanwhile; raises `NotFound`."""
    found = uow.people.hold(person)
    if found is None:
        raise NotFound("person", person)
    return found


def roles_at(uow: UnitOfWork, person: str, site: str) -> frozenset[Role]:
    """Return a person's roles at a site; none for somebody who has nothing to do there."""
    return frozenset(Role(m.role) for m in uow.people.memberships(person) if m.site == site)


def add_person(
    uow: UnitOfWork,
    login: str,
    name: str,
    roles: Collection[Role],
    site: str,
    *,
    by: Author,
    now: datetime,
    randomness: Randomness,
) -> Person:
    """Return a new person, who cannot sign in before getting a password or the like.

    Args:
        uow: the transaction.
        login: what the person types to sign in; kept in lower case.
        name: what others see.
        roles: at the site; at least one, for without any the person would belong nowhere.
        site: id of the site.
        by: who adds the person.
        now: the present instant.
        randomness: draws the id.

    Raises:
        AlreadyThere: the login is taken.
        MessageRefused: login, name or roles cannot be used.
        NotFound: there is no such site.
    """
    if uow.sites.get(site) is None:
        raise NotFound("site", site)
    problems = list(_name_problems(name))
    if not _LOGIN.fullmatch(login.lower()):
        text = "A login is 1 to 100 letters a to z, digits and . _ @ + -, beginning with a letter or digit"
        problems.append(Problem("/login", "bad-login", f"{text}; got {login!r}."))
    if not roles:
        problems.append(Problem("/roles", "bad-field", "`roles` must name at least one role."))
    if problems:
        raise MessageRefused(tuple(problems))
    person = Person(uuid7(now, randomness.draw(RANDOM_BYTES)), login.lower(), name.strip(), now)
    if not uow.people.add(person):
        raise AlreadyThere("person with the login", person.login)
    note(uow, "add person", person, by, now)
    for role in sorted(set(roles)):
        grant(uow, person, site, role, by=by, now=now)
    return person


def change_person(
    uow: UnitOfWork,
    person: Person,
    *,
    name: str | None = None,
    disabled: bool | None = None,
    within: str | None = None,
    by: Author,
    now: datetime,
) -> Person:
    """Return a person with another name, shut out, or let in again.

    Args:
        uow: the transaction.
        person: whom.
        name: the new name; None to leave it.
        disabled: whether the person may no longer sign in or own anything; None to leave it.
        within: id of the site that decides; None for whoever runs Careway.
        by: who changes it.
        now: the present instant.

    Raises:
        MessageRefused: the name cannot be used.
        NotFound: there is no such person.
        PersonElsewhere: the person has roles at other sites too.
    """
    person = held(uow, person.id)
    changed, acts = person, list[str]()
    if name is not None and name.strip() != person.name:
        if problems := _name_problems(name):
            raise MessageRefused(problems)
        changed = replace(changed, name=name.strip())
        acts.append("rename person")
    if disabled is not None and disabled is not (person.disabled is not None):
        changed = replace(changed, disabled=now if disabled else None)
        acts.append("disable person" if disabled else "enable person")
    if acts:
        if within is not None:
            own_person(uow, person, within)
        uow.people.save(changed)
        for act in acts:
            note(uow, act, person, by, now)
    return changed


def own_person(uow: UnitOfWork, person: Person, site: str) -> Person:
    """Return a person whom a site may deal with alone.

    Raises:
        PersonElsewhere: the person has roles at other sites too.
    """
    if any(m.site != site for m in uow.people.memberships(person.id)):
        raise PersonElsewhere(person.id)
    return person


def grant(uow: UnitOfWork, person: Person, site: str, role: Role, *, by: Author, now: datetime) -> bool:
    """Give a person a role at a site; say whether it is new. Raises `NotFound` for an unknown site."""
    if uow.sites.get(site) is None:
        raise NotFound("site", site)
    new = uow.people.grant(Membership(person.id, site, role.value))
    if new:
        note(uow, "grant role", person, by, now, site=site, role=role.value)
    return new


def withdraw(uow: UnitOfWork, person: Person, site: str, role: Role, *, by: Author, now: datetime) -> bool:
    """Take a role back from a person; say whether it was there. Who has none left has left the site."""
    gone = uow.people.withdraw(Membership(person.id, site, role.value))
    if gone:
        note(uow, "withdraw role", person, by, now, site=site, role=role.value)
    return gone


def note(uow: UnitOfWork, act: str, person: Person, by: Author, now: datetime, **more: str) -> None:
    """Put an act about a person on the audit chain, with ids and codes only."""
    uow.audit.append(CHAIN, AuditEntry(now, by, act, {"person": person.id, **more}))


def _name_problems(name: str) -> tuple[Problem, ...]:
    if 0 < len(name.strip()) <= LONGEST_NAME and name.isprintable():
        return ()
    return (Problem("/name", "bad-name", f"A name is 1 to {LONGEST_NAME} printable characters."),)

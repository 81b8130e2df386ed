"""Credentials: issued, shown once, kept as a hash of their secret, exchanged and revoked."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.kept import AuditEntry, Author, Site
from engine.core.people import Credential, Role
from engine.errors import NotFound
from engine.ports import Randomness, UnitOfWork
from engine.services.secrets import drawn, hashed

CHAIN = "credentials"
"""The audit chain on which issuing and revoking stand."""

MAIN = "main"
"""Id of the site there is unless somebody asks for another."""

PREFIX = "cw_"
"""What every secret begins with, so that one in the wrong place is recognised."""


OPERATOR = Author("operator")
"""Whoever can run commands on the database itself."""


def main_site(uow: UnitOfWork, time_zone: str) -> Site:
    """Return the site `main`, made with this time zone (IANA name) if there is none yet."""
    site = uow.sites.get(MAIN)
    if site is None:
        site = Site(MAIN, "Main site", time_zone)
        uow.sites.add(site)
    return site


def issue(
    uow: UnitOfWork,
    role: Role,
    site: str,
    label: str,
    *,
    by: Author,
    now: datetime,
    randomness: Randomness,
    person: str | None = None,
    scopes: Collection[str] | None = None,
    expires: datetime | None = None,
    replaces: str | None = None,
) -> tuple[str, Credential]:
    """Make a credential; return its secret, which is kept nowhere, and what is kept of it.

    Args:
        uow: where to keep it.
        role: what its holder may do.
        site: id of the site its holder belongs to.
        label: what it is for, in the words of whoever asked; not part of the audit.
        by: who issues it.
        now: the present instant.
        randomness: draws the secret and the id.
        person: whose token it is, so that it can do no more than this person; None for a service.
        scopes: what it is limited to; None for everything its role may do.
        expires: until when it may be used (exclusive); None for no end.
        replaces: id of the credential it takes the place of.

    Raises:
        NotFound: there is no such site.
    """
    if uow.sites.get(site) is None:
        raise NotFound("site", site)
    secret = PREFIX + drawn(randomness)
    identity = uuid7(now, randomness.draw(RANDOM_BYTES))
    credential = Credential(
        identity,
        hashed(secret),
        role.value,
        site,
        label,
        now,
        person=person,
        scopes=None if scopes is None else " ".join(sorted(scopes)),
        expires=expires,
        replaces=replaces,
    )
    uow.credentials.add(credential)
    _note(uow, "issue credential", credential, by, now)
    return secret, credential


def revoke(uow: UnitOfWork, credential: str, *, by: Author, now: datetime) -> Credential:
    """End a credential's use and return it; one that was revoked before stays as it was.

    Raises:
        NotFound: there is no credential with this id.
    """
    known = credential_of(uow, credential)
    if known.revoked is not None:
        return known
    uow.credentials.revoke(credential, now)
    _note(uow, "revoke credential", known, by, now)
    return replace(known, revoked=now)


def rotate(
    uow: UnitOfWork,
    credential: str,
    *,
    by: Author,
    now: datetime,
    randomness: Randomness,
    grace: timedelta = timedelta(0),
) -> tuple[str, Credential]:
    """Return a new secret and credential that take the place of a credential, which ends.

    Args:
        uow: where they are kept.
        credential: id of the one that ends.
        by: who does it.
        now: the present instant.
        randomness: draws the new secret.
        grace: how long the old one still works, so that nothing stands still while it is exchanged.

    Raises:
        NotFound: there is no credential with this id, or it has ended.
    """
    old = credential_of(uow, credential)
    if not old.lives(now):
        raise NotFound("credential in use", credential)
    scopes = None if old.scopes is None else old.scopes.split()
    lasts = None if old.expires is None else now + (old.expires - old.created)
    made = issue(
        uow,
        Role(old.role),
        old.site,
        old.label,
        by=by,
        now=now,
        randomness=randomness,
        person=old.person,
        scopes=scopes,
        expires=lasts,
        replaces=old.id,
    )
    if grace:
        uow.credentials.expire(old.id, min(now + grace, old.expires or now + grace))
    else:
        uow.credentials.revoke(old.id, now)
    _note(uow, "rotate credential", old, by, now)
    return made


def credential_of(uow: UnitOfWork, credential: str) -> Credential:
    """Return a credential, in use or not; raises `NotFound`."""
    known = uow.credentials.get(credential)
    if known is None:
        raise NotFound("credential", credential)
    return known


def _note(uow: UnitOfWork, act: str, credential: Credential, by: Author, now: datetime) -> None:
    body = {"credential": credential.id, "role": credential.role, "site": credential.site}
    uow.audit.append(CHAIN, AuditEntry(now, by, act, body))

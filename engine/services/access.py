"""Who may call: credentials are issued, shown once, recognised by a hash of their secret, and revoked."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.kept import AuditEntry, Author, Site
from engine.core.people import Credential, Role
from engine.errors import NotFound, SiteUnclear
from engine.ports import Randomness, UnitOfWork
from engine.services.secrets import drawn, hashed
from engine.services.sessions import found

CHAIN = "credentials"
"""The audit chain on which issuing and revoking stand."""

MAIN = "main"
"""Id of the site there is unless somebody asks for another."""

PREFIX = "cw_"
"""What every secret begins with, so that one in the wrong place is recognised."""


OPERATOR = Author("operator")
"""Whoever can run commands on the database itself."""


PRECEDENCE = (
    Role.CLINICAL_LEAD,
    Role.CLINICIAN,
    Role.COORDINATOR,
    Role.INTEGRATOR,
    Role.AUTHOR,
    Role.ADMIN,
    Role.VIEWER,
)
"""Roles, the one that may do most about patients first."""


@dataclass(frozen=True, slots=True)
class Token:
    """A secret sent with the call itself."""

    secret: str


@dataclass(frozen=True, slots=True)
class Cookie:
    """A secret the browser sends by itself, so that whoever reads it must see where the call began."""

    secret: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What an issuer we trust said about a caller, its signature checked before."""

    issuer: str
    subject: str
    site: str | None = None
    """Where the caller means to act; needed by one with roles at several sites."""
    scopes: frozenset[str] | None = None
    """How far the issuer lets the caller reach; None for no limit."""


Proof = Token | Cookie | Claims
"""What a caller shows to be let in."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Whom a proof belongs to, and what it lets them do."""

    roles: frozenset[Role]
    site: str
    scopes: frozenset[str] | None
    """None for no limit but the roles."""
    used: datetime
    """When the proof was used last, to the minute."""
    credential: str | None = None
    person: str | None = None
    opened: frozenset[str] = frozenset()
    """Ids of patients of other sites this person may see for now."""


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


def admitted(uow: UnitOfWork, proof: Proof, now: datetime) -> Admission | None:
    """Return whom a proof lets in; None when it is unknown, revoked, ended or expired, all the same.

    Raises:
        SiteUnclear: an issuer vouches for somebody without saying at which of several sites.
    """
    match proof:
        case Token(secret):
            return _by_token(uow, secret, now)
        case Cookie(secret):
            session = found(uow, secret, now)
            return None if session is None else _person(uow, session.person, session.site, session.seen, now)
        case Claims():
            return _by_claims(uow, proof, now)


def _by_token(uow: UnitOfWork, secret: str, now: datetime) -> Admission | None:
    credential = uow.credentials.by_secret(hashed(secret))
    if credential is None or credential.revoked is not None:
        return None
    if credential.expires is not None and credential.expires <= now:
        return None
    limits = Admission(
        frozenset({Role(credential.role)}),
        credential.site,
        None if credential.scopes is None else frozenset(credential.scopes.split()),
        credential.used or credential.created,
        credential.id,
    )
    if credential.person is None:
        return limits
    person = _person(uow, credential.person, credential.site, limits.used, now)
    if person is None:
        return None
    return replace(limits, roles=limits.roles & person.roles, person=person.person, opened=person.opened)


def _by_claims(uow: UnitOfWork, claims: Claims, now: datetime) -> Admission | None:
    person = uow.people.by_subject(claims.issuer, claims.subject)
    if person is None or person.disabled is not None:
        return None
    sites = sorted({m.site for m in uow.people.memberships(person.id)})
    if not sites:
        return None
    site = sites[0] if claims.site is None and len(sites) == 1 else claims.site
    if site not in sites:
        raise SiteUnclear(site, tuple(sites))
    admission = _person(uow, person.id, site, now, now)
    return None if admission is None else replace(admission, scopes=claims.scopes)


def note_use(uow: UnitOfWork, proof: Proof, now: datetime) -> None:
    """Note that a proof was used."""
    match proof:
        case Token(secret):
            uow.credentials.use(hashed(secret), now)
        case Cookie(secret):
            uow.sessions.saw(hashed(secret), now)
        case Claims():
            pass  # its issuer keeps account of it


def _person(uow: UnitOfWork, person_id: str, site: str, used: datetime, now: datetime) -> Admission | None:
    """Return what a person may do at a site; None when disabled, or without a role there."""
    person = uow.people.get(person_id)
    roles = frozenset(Role(m.role) for m in uow.people.memberships(person_id) if m.site == site)
    if person is None or person.disabled is not None or not roles:
        return None
    return Admission(roles, site, None, used, None, person_id, uow.glass.opened(person_id, now))


def acting(roles: Collection[Role]) -> Role | None:
    """Return the role in which somebody with these roles acts, the one that may do most; None for no role."""
    return next((role for role in PRECEDENCE if role in roles), None)


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
    if old.revoked is not None or (old.expires is not None and old.expires <= now):
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

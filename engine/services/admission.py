"""Whom a proof lets in, and what it lets them do: a token, a session, or what a trusted issuer said."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from engine.core.people import Role
from engine.errors import SiteUnclear
from engine.ports import UnitOfWork
from engine.services.secrets import hashed
from engine.services.sessions import found

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
    if credential is None or not credential.lives(now):
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

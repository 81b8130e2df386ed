"""Who may call: credentials are issued, shown once, recognised by a hash of their secret, and revoked."""

from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.kept import AuditEntry, Author, Site
from engine.core.people import Credential, Role
from engine.errors import NotFound
from engine.ports import Randomness, UnitOfWork

CHAIN = "credentials"
"""The audit chain on which issuing and revoking stand."""

MAIN = "main"
"""Id of the site there is unless somebody asks for another."""

PREFIX = "cw_"
"""What every secret begins with, so that one in the wrong place is recognised."""

SECRET_BYTES = 32


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
class Admission:
    """Whom a proof belongs to, and what it lets them do."""

    roles: frozenset[Role]
    site: str
    scopes: frozenset[str] | None
    """None for no limit but the roles."""
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

    Raises:
        NotFound: there is no such site.
    """
    if uow.sites.get(site) is None:
        raise NotFound("site", site)
    secret = PREFIX + urlsafe_b64encode(randomness.draw(SECRET_BYTES)).decode().rstrip("=")
    identity = uuid7(now, randomness.draw(RANDOM_BYTES))
    credential = Credential(identity, hashed(secret), role.value, site, label, now)
    uow.credentials.add(credential)
    _note(uow, "issue credential", credential, by, now)
    return secret, credential


def admitted(uow: UnitOfWork, secret: str, now: datetime) -> Admission | None:
    """Return whom a secret lets in; None when it is unknown, revoked or expired, all the same."""
    credential = uow.credentials.by_secret(hashed(secret))
    if credential is None or credential.revoked is not None:
        return None
    if credential.expires is not None and credential.expires <= now:
        return None
    scopes = None if credential.scopes is None else frozenset(credential.scopes.split())
    return Admission(
        frozenset({Role(credential.role)}), credential.site, scopes, credential.id, credential.person
    )


def acting(roles: Collection[Role]) -> Role | None:
    """Return the role in which somebody with these roles acts, the one that may do most; None for no role."""
    return next((role for role in PRECEDENCE if role in roles), None)


def revoke(uow: UnitOfWork, credential: str, *, by: Author, now: datetime) -> Credential:
    """End a credential's use and return it; one that was revoked before stays as it was.

    Raises:
        NotFound: there is no credential with this id.
    """
    known = next((each for each in uow.credentials.all() if each.id == credential), None)
    if known is None:
        raise NotFound("credential", credential)
    if known.revoked is not None:
        return known
    uow.credentials.revoke(credential, now)
    _note(uow, "revoke credential", known, by, now)
    return replace(known, revoked=now)


def hashed(secret: str) -> str:
    """Return what is kept of a secret: its SHA-256, in hexadecimal.

    A secret of 32 random bytes cannot be guessed from it, so it needs no salt and no slow hash.
    """
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _note(uow: UnitOfWork, act: str, credential: Credential, by: Author, now: datetime) -> None:
    body = {"credential": credential.id, "role": credential.role, "site": credential.site}
    uow.audit.append(CHAIN, AuditEntry(now, by, act, body))

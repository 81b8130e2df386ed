"""Sessions: a browser that signed in is known by a secret in its cookie, until it is left alone."""

from datetime import datetime, timedelta

from engine.core.people import Session
from engine.errors import NotFound
from engine.ports import Randomness, UnitOfWork
from engine.services.secrets import drawn, hashed

IDLE = timedelta(minutes=30)
"""A session that was not used for as long has ended: wards share computers."""

LONGEST = timedelta(hours=12)
"""However busy, a session ends after a shift."""


def begin(uow: UnitOfWork, person: str, site: str, *, now: datetime, randomness: Randomness) -> str:
    """Begin a session of a person at a site; return its secret, which is new and kept nowhere."""
    secret = drawn(randomness)
    uow.sessions.add(Session(hashed(secret), person, site, now, now))
    return secret


def move(uow: UnitOfWork, secret: str, site: str, now: datetime) -> None:
    """Have a session go on at another site; raises `NotFound` when the person has no role there."""
    session = found(uow, secret, now)
    if session is None or all(m.site != site for m in uow.people.memberships(session.person)):
        raise NotFound("site of yours", site)
    uow.sessions.move(session.secret_hash, site)


def found(uow: UnitOfWork, secret: str, now: datetime) -> Session | None:
    """Return the session a secret belongs to; None when there is none, or it has ended."""
    session = uow.sessions.by_secret(hashed(secret))
    if session is None or session.ended is not None:
        return None
    if now >= session.seen + IDLE or now >= session.created + LONGEST:
        return None
    return session

"""Signing in with a password, and the invitations by which passwords are chosen.

Checking a password is slow on purpose, so it happens between two transactions: the first counts the attempt,
so that many at once are counted too, and the second takes the count back and begins the session.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.core.kept import AuditEntry, Author
from engine.core.people import Invitation, Person
from engine.errors import InvitationUnusable, NotFound, PasswordWeak, SignInRefused, SignInTooOften
from engine.ports import Passwords, Randomness, UnitOfWork
from engine.services.people import held
from engine.services.secrets import drawn, hashed
from engine.services.sessions import begin

CHAIN = "people"
"""The audit chain on which signing in stands."""

FREE_FAILURES = 5
"""Wrong passwords after which one has to wait."""
LONGEST_WAIT = timedelta(minutes=15)
SHORTEST, LONGEST = 12, 1024
"""Letters a password may have; NIST SP 800-63B asks for length and for nothing else."""
INVITED_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A password that is to be checked, already counted as wrong."""

    login: str
    person: Person | None
    """None when nobody has the login; the check takes as long all the same."""

    @property
    def kept(self) -> str | None:
        """What is kept of the right password; None when there is none, or the person may not sign in."""
        usable = self.person is not None and self.person.disabled is None
        return self.person.password_hash if usable and self.person is not None else None


def attempt(uow: UnitOfWork, login: str, now: datetime) -> Attempt:
    """Count an attempt to sign in, before it is known whether the password is right.

    Raises:
        SignInTooOften: too many were wrong; each further one doubles the wait, up to a quarter of an hour.
    """
    known = uow.people.by_login(login.strip().lower())
    if known is None:
        return Attempt(login, None)
    person = held(uow, known.id)
    if person.failures >= FREE_FAILURES and person.failed is not None:
        doubled = timedelta(seconds=2 ** min(person.failures - FREE_FAILURES + 1, 10))
        ready = person.failed + min(doubled, LONGEST_WAIT)
        if now < ready:
            raise SignInTooOften(ready - now)
    uow.people.save(replace(person, failures=person.failures + 1, failed=now))
    return Attempt(login, person)


def sign_in(uow: UnitOfWork, person_id: str, *, now: datetime, randomness: Randomness) -> str:
    """Begin a session of a person whose proof was right; return the secret for the cookie.

    Raises:
        SignInRefused: the person was disabled, or has no role at any site.
    """
    person = uow.people.hold(person_id)
    memberships = uow.people.memberships(person_id)
    if person is None or person.disabled is not None or not memberships:
        raise SignInRefused
    uow.people.save(replace(person, failures=0, failed=None))
    _note(uow, "sign in", person_id, now)
    return begin(uow, person_id, memberships[0].site, now=now, randomness=randomness)


def sign_out(uow: UnitOfWork, secret: str, now: datetime) -> None:
    """End the session of a secret; harmless when there is none."""
    session = uow.sessions.by_secret(hashed(secret))
    if session is not None and session.ended is None:
        uow.sessions.end(now, secret_hash=session.secret_hash)
        _note(uow, "sign out", session.person, now)


def invite(uow: UnitOfWork, person: str, *, by: Author, now: datetime, randomness: Randomness) -> str:
    """Return the secret of a link by which a person may choose a password, once, within two days.

    Raises:
        NotFound: there is no such person.
    """
    if uow.people.get(person) is None:
        raise NotFound("person", person)
    secret = drawn(randomness)
    uow.invitations.add(Invitation(hashed(secret), person, now, now + INVITED_FOR))
    uow.audit.append(CHAIN, AuditEntry(now, by, "invite", {"person": person}))
    return secret


def invited(uow: UnitOfWork, secret: str, now: datetime) -> Person:
    """Return the person an invitation is for; raises `InvitationUnusable`."""
    invitation = uow.invitations.by_secret(hashed(secret))
    if invitation is None or invitation.used is not None or now >= invitation.expires:
        raise InvitationUnusable
    person = uow.people.get(invitation.person)
    if person is None or person.disabled is not None:
        raise InvitationUnusable
    return person


def acceptable(password: str, login: str) -> str:
    """Return a password that may be used; raises `PasswordWeak`."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordWeak(f"A password needs {SHORTEST} letters or more, for example four words.")
    if login in password.lower() or len(set(password)) < SHORTEST // 3:
        raise PasswordWeak("A password must not hold the login, or the same few letters again and again.")
    return password


def accept(uow: UnitOfWork, secret: str, kept: str, now: datetime) -> Person:
    """Give an invited person a password, of which `kept` is kept; return the person.

    Every session and every other invitation of the person ends.

    Raises:
        InvitationUnusable: it was used meanwhile.
    """
    held(uow, invited(uow, secret, now).id)
    person = invited(uow, secret, now)  # again: somebody may have used it while we waited
    uow.people.save(replace(person, password_hash=kept, failures=0, failed=None))
    uow.invitations.use(person.id, now)
    uow.sessions.end(now, person=person.id)
    _note(uow, "choose password", person.id, now)
    return person


def fits(passwords: Passwords, tried: Attempt, password: str) -> Person:
    """Return the person whose password it is; takes as long whoever was meant.

    Raises:
        SignInRefused: it is not.
    """
    right = passwords.fits(password[: LONGEST + 1], tried.kept)
    if not right or tried.person is None:
        raise SignInRefused
    return tried.person


def _note(uow: UnitOfWork, act: str, person: str, now: datetime) -> None:
    uow.audit.append(CHAIN, AuditEntry(now, Author("person", None, person), act, {"person": person}))

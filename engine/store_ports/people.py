"""What services need of the store for people: who they are, how they come in, what they look after."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from engine.core.answered import Answered
from engine.core.people import (
    Absence,
    Client,
    Credential,
    GlassBroken,
    Invitation,
    Membership,
    Person,
    Session,
    TeamPost,
    WorkNote,
)


class CredentialStore(Protocol):
    """Credentials."""

    def add(self, credential: Credential) -> None:
        """Keep a new credential."""

    def by_secret(self, secret_hash: str) -> Credential | None:
        """Return the credential with this hash, revoked or not, or None."""

    def all(self) -> tuple[Credential, ...]:
        """Return every credential, oldest first."""

    def get(self, credential: str) -> Credential | None:
        """Return a credential by its id, in use or not, or None."""

    def expire(self, credential: str, instant: datetime) -> None:
        """Have a credential end at an instant."""

    def use(self, secret_hash: str, instant: datetime) -> None:
        """Note that a credential was used."""

    def revoke(self, credential: str, instant: datetime) -> None:
        """End a credential's use; a second time changes nothing. Raises `NotFound`."""


class PeopleStore(Protocol):
    """People and their roles."""

    def add(self, person: Person) -> bool:
        """Keep a new person; say whether it could be, for id, login and subject are each unique."""

    def get(self, person: str) -> Person | None:
        """Return a person by id, or None."""

    def hold(self, person: str) -> Person | None:
        """Return a person by id whom nobody else changes before this transaction ends, or None."""

    def by_login(self, login: str) -> Person | None:
        """Return a person by login, as it is written there, or None."""

    def by_subject(self, issuer: str, subject: str) -> Person | None:
        """Return the person whom an OpenID provider knows by this name, or None."""

    def save(self, person: Person) -> None:
        """Replace what is kept of a person, who is held; raises `NotFound`."""

    def all(self) -> tuple[Person, ...]:
        """Return everybody, oldest first."""

    def at(self, site: str, *, after: str = "", limit: int | None = None) -> tuple[Person, ...]:
        """Return at most `limit` people with a role at a site and ids greater than `after`, by id."""

    def memberships(self, *people: str) -> tuple[Membership, ...]:
        """Return the roles of people at all sites, by person, site and role."""

    def memberships_at(self, site: str) -> tuple[Membership, ...]:
        """Return everybody's roles at a site, by person and role."""

    def grant(self, membership: Membership) -> bool:
        """Give a role; say whether it is new."""

    def withdraw(self, membership: Membership) -> bool:
        """Take a role back; say whether it was there."""

    def can_sign_in(self) -> bool:
        """Whether there is anybody who can sign in."""


class SessionStore(Protocol):
    """Sessions of browsers."""

    def add(self, session: Session) -> None:
        """Keep a new session."""

    def by_secret(self, secret_hash: str) -> Session | None:
        """Return the session with this hash, ended or not, or None."""

    def saw(self, secret_hash: str, instant: datetime) -> None:
        """Note that a session was used."""

    def move(self, secret_hash: str, site: str) -> None:
        """Have a session go on at another site."""

    def end(self, instant: datetime, *, secret_hash: str | None = None, person: str | None = None) -> None:
        """End one session, or all of a person; those that have ended stay as they are."""


class InvitationStore(Protocol):
    """Links by which people choose a password."""

    def add(self, invitation: Invitation) -> None:
        """Keep a new invitation."""

    def by_secret(self, secret_hash: str) -> Invitation | None:
        """Return the invitation with this hash, used or not, or None."""

    def use(self, person: str, instant: datetime) -> None:
        """Mark all invitations of a person as used."""


class GlassStore(Protocol):
    """Patients of other sites that people let themselves in to."""

    def add(self, broken: GlassBroken) -> None:
        """Keep that a person let herself in."""

    def opened(self, person: str, now: datetime) -> frozenset[str]:
        """Return the ids of the patients that are open to a person at an instant."""

    def of_site(self, site: str, limit: int) -> tuple[GlassBroken, ...]:
        """Return who was let in to patients of a site, newest first, at most `limit`."""


class ClientStore(Protocol):
    """Systems that prove themselves by their own keys."""

    def add(self, client: Client) -> None:
        """Keep a new client."""

    def get(self, client: str) -> Client | None:
        """Return a client by its id, revoked or not, or None."""

    def all(self) -> tuple[Client, ...]:
        """Return every client, oldest first."""

    def revoke(self, client: str, instant: datetime) -> None:
        """End a client's use; a second time changes nothing. Raises `NotFound`."""


class AssertionStore(Protocol):
    """Assertions of clients that were used, until they expire."""

    def use(self, client: str, jti_hash: str, expires: datetime) -> bool:
        """Keep that an assertion was used; return whether it was the first time."""

    def purge(self, now: datetime) -> None:
        """Forget those that have expired."""


class AnswerStore(Protocol):
    """Answers to calls, by the key their caller chose."""

    def find(self, caller: str, key: str) -> Answered | None:
        """Return what a caller was answered under a key, or None."""

    def keep(self, answer: Answered) -> bool:
        """Keep an answer; return whether it is the first under its key, for otherwise nothing is kept."""

    def forget(self, until: datetime) -> None:
        """Forget the answers up to an instant, inclusive."""


class AbsenceStore(Protocol):
    """Absences. None is ever removed; a cancelled one says when it was."""

    def add(self, absence: Absence) -> None:
        """Keep a new absence."""

    def of(self, person: str) -> tuple[Absence, ...]:
        """Return a person's absences, cancelled ones included, by first day."""

    def on(self, site: str, day: date) -> tuple[Absence, ...]:
        """Return the absences that hold on a day, of people with a role at a site."""

    def cancel(self, absence: str, instant: datetime) -> None:
        """Cancel an absence; a second time changes nothing. Raises `NotFound`."""


class TeamStore(Protocol):
    """Care teams. There is no way to change or remove who was given a post."""

    def add(self, posts: Sequence[TeamPost]) -> None:
        """Keep who was given posts, or gave them up."""

    def of(self, patient: str) -> tuple[TeamPost, ...]:
        """Return everything about a patient's care team, by number."""

    def held_by(self, site: str, people: Sequence[str]) -> tuple[TeamPost, ...]:
        """Return the posts that people hold in care teams of a site, each the newest of its kind."""

    def at(self, site: str) -> tuple[TeamPost, ...]:
        """Return the newest of each post of each patient of a site, by patient and number."""

    def of_each(self, patients: Sequence[str]) -> tuple[TeamPost, ...]:
        """Return everything about the care teams of some patients, by patient and number."""


class NoteStore(Protocol):
    """Work notes. There is no way to change or remove one."""

    def add(self, note: WorkNote) -> None:
        """Keep a note."""

    def of(self, patient: str) -> tuple[WorkNote, ...]:
        """Return all notes of a patient, by number."""

    def at(self, site: str, note: str) -> tuple[WorkNote, ...]:
        """Return the newest note of one sort about each action and review of a site's patients."""

    def of_each(self, patients: Sequence[str], note: str) -> tuple[WorkNote, ...]:
        """Return the notes of one sort of some patients, by patient and number."""

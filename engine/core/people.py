"""People, and the means by which they and other systems are let in. No secret is kept, only hashes."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do at a site."""

    VIEWER = "viewer"
    COORDINATOR = "coordinator"
    CLINICIAN = "clinician"
    CLINICAL_LEAD = "clinical_lead"
    AUTHOR = "author"
    INTEGRATOR = "integrator"
    ADMIN = "admin"


class Scope(StrEnum):
    """How far a token reaches; one without scopes reaches as far as its role."""

    READ = "patients.read"
    """See patients."""
    WRITE = "patients.write"
    """Record about patients; that a decision needs a clinician, the engine itself sees to."""
    EXPORT = "patients.export"
    """Take everything kept of all patients of the site."""
    AUDIT = "audit.read"
    """See who saw and did what."""
    TOKENS = "tokens.manage"
    """Make, exchange and end tokens."""
    CONTENT = "content.read"
    """See the rules, which hold no patient."""
    PEOPLE = "people.manage"
    """Say who works at the site, in which roles, and who is absent."""
    COLLEAGUES = "people.read"
    """See who works at the site, and who one is."""
    CHANNELS = "channels.manage"
    """Say how people and other systems are reached, and see how that went."""
    WORKLISTS = "worklists.manage"
    """Save filters of worklists, which hold no patient."""
    METRICS = "metrics.read"
    """See counts of the site."""


class Post(StrEnum):
    """A place in a patient's care team; reminders and actions go to whoever holds it."""

    COORDINATOR = "coordinator"
    RESPONSIBLE_CLINICIAN = "responsible_clinician"
    BACKUP_CLINICIAN = "backup_clinician"
    CLINICAL_LEAD = "clinical_lead"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in; never a patient."""

    id: str
    login: str
    """Lower case, unique."""
    name: str
    created: datetime
    password_hash: str | None = None
    """Argon2id, in its own text form; None for one who cannot sign in with a password."""
    issuer: str | None = None
    """The OpenID provider who vouches for this person, and by which name: both or neither."""
    subject: str | None = None
    disabled: datetime | None = None
    """None while the person may sign in."""
    failures: int = 0
    """Wrong passwords since the last right one."""
    failed: datetime | None = None
    """When the newest wrong password came."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A role of a person at a site; one may have several."""

    person: str
    site: str
    role: str


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which somebody else stands in for a person."""

    id: str
    person: str
    first: date
    last: date
    """Inclusive, in the time zone of the site asked about."""
    cover: str
    """Id of the person who stands in."""
    created: datetime
    cancelled: datetime | None = None


@dataclass(frozen=True, slots=True)
class TeamPost:
    """Who was given a post in a patient's care team; the newest one of a post holds it."""

    patient: str
    post: str
    number: int
    """1 for the first of the patient's care team, growing by one."""
    person: str | None
    """None when the post was given up."""
    since: datetime


@dataclass(frozen=True, slots=True)
class WorkNote:
    """What somebody did about an action or a review; never an input to an evaluation, and never changed."""

    patient: str
    pathway: str
    kind: str
    """`action` or `review`."""
    subject: str
    """Id of the action or review in the pathway."""
    opened_on: date
    number: int
    """1 for the first note of the patient, growing by one."""
    note: str
    """What was done, such as `owner`."""
    person: str | None
    """For `owner`, the id of the new owner; None when it goes back to the care team."""
    reason: str | None
    instant: datetime
    author: str | None
    """Id of the person who did it; None for a system."""
    until: date | None = None
    """For `snooze`, the first day on which it is told about again; None for all others."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A token: who may call, in which role, for which site, how far and until when."""

    id: str
    secret_hash: str
    """SHA-256 of the secret, in hexadecimal."""
    role: str
    site: str
    label: str
    created: datetime
    revoked: datetime | None = None
    """None while it may be used."""
    person: str | None = None
    """Whose token it is; it can do no more than this person. None for a service."""
    scopes: str | None = None
    """What it is limited to, separated by blanks; None for everything its role may do."""
    expires: datetime | None = None
    """Until when it may be used (exclusive); None for no end."""
    used: datetime | None = None
    """When it was used last, to the minute; None if never."""
    replaces: str | None = None
    """Id of the credential it took the place of."""

    def lives(self, now: datetime) -> bool:
        """Return whether it may be used at an instant."""
        return self.revoked is None and (self.expires is None or now < self.expires)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that signed in, known by the hash of a secret in its cookie."""

    secret_hash: str
    person: str
    site: str
    created: datetime
    seen: datetime
    """To the minute; a session that was not seen for a while has ended."""
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that lets a person choose a password, once."""

    secret_hash: str
    person: str
    created: datetime
    expires: datetime
    used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """Another system that proves itself with its own key (SMART Backend Services)."""

    id: str
    site: str
    role: str
    label: str
    scopes: str
    """What it may ask for at most, separated by blanks."""
    keys: str | None
    """Its public keys as a JSON Web Key Set; None when they are fetched."""
    keys_url: str | None
    """Where its keys are fetched; None when they are kept."""
    created: datetime
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class GlassBroken:
    """A person let in to a patient of another site, for a reason and a time; reported to those in charge."""

    id: str
    patient: str
    person: str
    reason: str
    since: datetime
    until: datetime
    """Exclusive."""

"""Tables of people, of what lets them and other systems in, and of what they do about their patients."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from engine.store.tables import CLUSTERED, TableBase


class PersonRow(TableBase, table=True):
    """Somebody who can sign in."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("login"),
        UniqueConstraint("issuer", "subject"),
        CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="subject"),
        CheckConstraint("failures >= 0", name="failures"),
    )
    id: str = Field(primary_key=True, sa_type=Text)
    login: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    created: datetime
    password_hash: str | None = Field(sa_type=Text)
    issuer: str | None = Field(sa_type=Text)
    subject: str | None = Field(sa_type=Text)
    disabled: datetime | None
    failures: int
    failed: datetime | None


class MembershipRow(TableBase, table=True):
    """A role of a person at a site."""

    __tablename__ = "membership"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        ForeignKeyConstraint(["site"], ["site.id"]),
        Index(None, "site"),
    )
    person_id: str = Field(primary_key=True, sa_type=Text)
    site: str = Field(primary_key=True, sa_type=Text)
    role: str = Field(primary_key=True, sa_type=Text)


class AbsenceRow(TableBase, table=True):
    """Days on which somebody stands in for a person."""

    __tablename__ = "absence"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        ForeignKeyConstraint(["cover_id"], ["person.id"]),
        CheckConstraint("first <= last", name="days"),
        CheckConstraint("person_id <> cover_id", name="cover"),
        Index(None, "person_id", "last"),
    )
    id: str = Field(primary_key=True, sa_type=Text)
    person_id: str = Field(sa_type=Text)
    first: date
    last: date
    cover_id: str = Field(sa_type=Text)
    created: datetime
    cancelled: datetime | None


class TeamPostRow(TableBase, table=True):
    """Who was given a post in a patient's care team. Append-only; the newest of a post holds it."""

    __tablename__ = "team_post"
    __table_args__ = (
        ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        CheckConstraint("number >= 1", name="number"),
        Index(None, "person_id"),
        CLUSTERED,
    )
    patient_id: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    post: str = Field(sa_type=Text)
    person_id: str | None = Field(sa_type=Text)
    since: datetime


class WorkNoteRow(TableBase, table=True):
    """What somebody did about an action or a review. Append-only."""

    __tablename__ = "work_note"
    __table_args__ = (
        ForeignKeyConstraint(["patient_id", "pathway"], ["enrolment.patient_id", "enrolment.pathway"]),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        ForeignKeyConstraint(["author_id"], ["person.id"]),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("kind IN ('action', 'review')", name="kind"),
        CLUSTERED,
    )
    patient_id: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    pathway: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    opened_on: date
    note: str = Field(sa_type=Text)
    person_id: str | None = Field(sa_type=Text)
    reason: str | None = Field(sa_type=Text)
    instant: datetime
    author_id: str | None = Field(sa_type=Text)
    until: date | None


class CredentialRow(TableBase, table=True):
    """A credential; only the hash of its secret is kept."""

    __tablename__ = "credential"
    __table_args__ = (
        ForeignKeyConstraint(["site"], ["site.id"]),
        UniqueConstraint("secret_hash"),
        CheckConstraint("length(secret_hash) = 64", name="secret_hash"),
    )
    id: str = Field(primary_key=True, sa_type=Text)
    secret_hash: str = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    site: str = Field(sa_type=Text)
    label: str = Field(sa_type=Text)
    created: datetime
    revoked: datetime | None
    person_id: str | None = Field(sa_type=Text)
    scopes: str | None = Field(sa_type=Text)
    expires: datetime | None
    used: datetime | None
    replaces: str | None = Field(sa_type=Text)


class SessionRow(TableBase, table=True):
    """A browser that signed in; only the hash of the secret in its cookie is kept."""

    __tablename__ = "session"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        ForeignKeyConstraint(["site"], ["site.id"]),
        Index(None, "person_id"),
    )
    secret_hash: str = Field(primary_key=True, sa_type=Text)
    person_id: str = Field(sa_type=Text)
    site: str = Field(sa_type=Text)
    created: datetime
    seen: datetime
    ended: datetime | None


class InvitationRow(TableBase, table=True):
    """A link that lets a person choose a password, once; only the hash of its secret is kept."""

    __tablename__ = "invitation"
    __table_args__ = (ForeignKeyConstraint(["person_id"], ["person.id"]),)
    secret_hash: str = Field(primary_key=True, sa_type=Text)
    person_id: str = Field(sa_type=Text)
    created: datetime
    expires: datetime
    used: datetime | None


class ClientRow(TableBase, table=True):
    """Another system that proves itself with its own key."""

    __tablename__ = "client"
    __table_args__ = (
        ForeignKeyConstraint(["site"], ["site.id"]),
        CheckConstraint("(keys IS NULL) <> (keys_url IS NULL)", name="keys"),
    )
    id: str = Field(primary_key=True, sa_type=Text)
    site: str = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    label: str = Field(sa_type=Text)
    scopes: str = Field(sa_type=Text)
    keys: str | None = Field(sa_type=Text)
    keys_url: str | None = Field(sa_type=Text)
    created: datetime
    revoked: datetime | None


class AssertionRow(TableBase, table=True):
    """An assertion of a client that was used; it cannot be used again before it expires."""

    __tablename__ = "assertion"
    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["client.id"]),
        Index(None, "expires"),
    )
    client_id: str = Field(primary_key=True, sa_type=Text)
    jti_hash: str = Field(primary_key=True, sa_type=Text)
    expires: datetime


class AnswerRow(TableBase, table=True):
    """What a call was answered, by the key its caller chose; kept for a day."""

    __tablename__ = "answer"
    __table_args__ = (Index(None, "created"),)
    caller: str = Field(primary_key=True, sa_type=Text)
    key: str = Field(primary_key=True, sa_type=Text)
    fingerprint: str = Field(sa_type=Text)
    status: int
    headers: str = Field(sa_type=Text)
    body: str | None = Field(sa_type=Text)
    secret: bool
    created: datetime


class GlassBrokenRow(TableBase, table=True):
    """A person let in to a patient of another site, for a reason and a time."""

    __tablename__ = "glass_broken"
    __table_args__ = (
        ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        CheckConstraint("since < until", name="time"),
        Index(None, "person_id", "until"),
    )
    id: str = Field(primary_key=True, sa_type=Text)
    patient_id: str = Field(sa_type=Text)
    person_id: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    since: datetime
    until: datetime

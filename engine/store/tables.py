"""Tables of the store. Rows are dumb: they check nothing and are built only from core values, in `mapping`.

Dates are site dates, instants are in UTC. Whatever is queried is a column; the rest is canonical JSON
text. Reading order is the key's order: everything of one patient lies together.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

METADATA = MetaData(
    naming_convention={
        PrimaryKeyConstraint: "pk_%(table_name)s",
        ForeignKeyConstraint: "fk_%(table_name)s_%(column_0_N_name)s",
        UniqueConstraint: "uq_%(table_name)s_%(column_0_N_name)s",
        Index: "ix_%(table_name)s_%(column_0_N_name)s",
        CheckConstraint: "ck_%(table_name)s_%(constraint_name)s",
    }
)

CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}
"""On SQLite the rows lie in the order of the primary key; a patient's rows then share pages."""


def listed(name: str, where: str | None, *columns: str) -> Index:
    """Return an index in the order of a worklist of a site, over the rows it can have alone."""
    if where is None:
        return Index(name, "site", *columns)
    return Index(name, "site", *columns, sqlite_where=text(where), postgresql_where=text(where))


BY_DAY = ("by_day", "priority", "patient_id", "pathway", "action", "opened_on")
"""The order of worklists of actions."""
OPEN = "closed_on IS NULL"
URGENT = f"{OPEN} AND began IS NOT NULL"
NEEDS_DATA = f"{OPEN} AND disposition = 'needs_data'"
SUPERSEDED = "superseded IS NOT NULL"
"""What rows of a worklist have in common, in the words of both databases: of an index, and of its queries."""


class TableBase(SQLModel):
    """Base of all tables; it carries the naming convention of constraints."""

    metadata = METADATA


class SiteRow(TableBase, table=True):
    """A hospital or practice; its time zone turns instants into dates."""

    __tablename__ = "site"
    id: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    time_zone: str = Field(sa_type=Text)


class PatientRow(TableBase, table=True):
    """A patient; `revision` grows with every write, `last_sequence` with every event.

    `basis` is the revision of the newest write that was no reminder.
    """

    __tablename__ = "patient"
    __table_args__ = (
        ForeignKeyConstraint(["site"], ["site.id"]),
        CheckConstraint("revision >= 0", name="revision"),
        CheckConstraint("last_sequence >= 0", name="last_sequence"),
        Index(None, "site", "id"),
        CLUSTERED,
    )
    id: str = Field(primary_key=True, sa_type=Text)
    site: str = Field(sa_type=Text)
    revision: int
    last_sequence: int
    created: datetime
    basis: int | None


class PatientIdentifierRow(TableBase, table=True):
    """A number or name by which a system outside knows a patient."""

    __tablename__ = "patient_identifier"
    __table_args__ = (
        ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        ForeignKeyConstraint(["site"], ["site.id"]),
        Index(None, "patient_id"),
        CLUSTERED,
    )
    site: str = Field(primary_key=True, sa_type=Text)
    system: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(primary_key=True, sa_type=Text)
    patient_id: str = Field(sa_type=Text)


class EventRow(TableBase, table=True):
    """An event of a patient's record. Append-only, kept so by triggers."""

    __tablename__ = "event"
    __table_args__ = (
        ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        ForeignKeyConstraint(["credential_id"], ["credential.id"]),
        UniqueConstraint("patient_id", "event_id"),
        CheckConstraint("sequence >= 1", name="sequence"),
        CLUSTERED,
    )
    patient_id: str = Field(primary_key=True, sa_type=Text)
    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    event_id: str = Field(sa_type=Text)
    type: str = Field(sa_type=Text)
    pathway: str | None = Field(sa_type=Text)
    effective: date
    source: str = Field(sa_type=Text)
    recorded: datetime
    received_on: date
    role: str = Field(sa_type=Text)
    credential_id: str | None = Field(sa_type=Text)
    person_id: str | None = Field(sa_type=Text)
    body: str = Field(sa_type=Text)


class ParameterSetRow(TableBase, table=True):
    """One site's values of a pathway's parameters; never changed, only replaced by another set."""

    __tablename__ = "parameter_set"
    __table_args__ = (UniqueConstraint("pathway", "digest"),)
    id: str = Field(primary_key=True, sa_type=Text)
    pathway: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    parameters: str = Field(sa_type=Text)
    author: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    created: datetime


class SiteLadderRow(TableBase, table=True):
    """What a site changed of a pathway's ladder. Append-only, kept so by triggers."""

    __tablename__ = "site_ladder"
    __table_args__ = (
        ForeignKeyConstraint(["site"], ["site.id"]),
        ForeignKeyConstraint(["author_id"], ["person.id"]),
        CheckConstraint("number >= 1", name="number"),
        CLUSTERED,
    )
    site: str = Field(primary_key=True, sa_type=Text)
    pathway: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    since: date
    change: str = Field(sa_type=Text)
    author_id: str | None = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    created: datetime


LIVING = ("active", "paused")
"""Statuses of an enrolment that is not closed."""


class EnrolmentRow(TableBase, table=True):
    """Where a patient stands on a pathway; a projection that can be rebuilt from the record."""

    __tablename__ = "enrolment"
    __table_args__ = (
        ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        ForeignKeyConstraint(["parameter_set"], ["parameter_set.id"]),
        CheckConstraint("status IN ('active', 'paused', 'closed')", name="status"),
        CheckConstraint(
            "(status IS NULL) = (state IS NULL) AND (state IS NULL) = (since IS NULL)", name="position"
        ),
        Index(None, "revisit_on"),
        CLUSTERED,
    )
    patient_id: str = Field(primary_key=True, sa_type=Text)
    pathway: str = Field(primary_key=True, sa_type=Text)
    version: str = Field(sa_type=Text)
    parameter_set: str | None = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    status: str | None = Field(sa_type=Text)
    state: str | None = Field(sa_type=Text)
    since: date | None
    tier: str | None = Field(sa_type=Text)
    context: str = Field(sa_type=Text)
    revisit_on: date | None
    evaluated_on: date | None
    evaluated_through: int


class TransitionRow(TableBase, table=True):
    """A step of a patient's history; one that no longer holds is superseded, never deleted."""

    __tablename__ = "transition"
    __table_args__ = (
        ForeignKeyConstraint(["patient_id", "pathway"], ["enrolment.patient_id", "enrolment.pathway"]),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("superseded_by >= recorded_after", name="superseded_by"),
        listed("ix_transition_recorded", None, "recorded", "patient_id", "pathway", "number"),
        listed("ix_transition_superseded", SUPERSEDED, "superseded", "patient_id", "pathway", "number"),
        CLUSTERED,
    )
    patient_id: str = Field(primary_key=True, sa_type=Text)
    pathway: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    effective: date
    transition: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    target: str = Field(sa_type=Text)
    event_id: str | None = Field(sa_type=Text)
    version: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    recorded: datetime
    recorded_after: int
    superseded_by: int | None
    site: str | None = Field(sa_type=Text)
    superseded: datetime | None
    """When it was; `superseded_by` says after which event."""


class ActionRow(TableBase, table=True):
    """A next action, open while `closed_on` is empty."""

    __tablename__ = "action"
    __table_args__ = (
        ForeignKeyConstraint(["patient_id", "pathway"], ["enrolment.patient_id", "enrolment.pathway"]),
        CheckConstraint("disposition IN ('offer', 'needs_data', 'deferred', 'blocked')", name="disposition"),
        CheckConstraint("priority >= 0", name="priority"),
        Index(None, "next_step_at"),
        listed("ix_action_open", OPEN, *BY_DAY),
        listed("ix_action_urgent", URGENT, *BY_DAY),
        listed("ix_action_needs_data", NEEDS_DATA, *BY_DAY),
        CLUSTERED,
    )
    patient_id: str = Field(primary_key=True, sa_type=Text)
    pathway: str = Field(primary_key=True, sa_type=Text)
    action: str = Field(primary_key=True, sa_type=Text)
    opened_on: date = Field(primary_key=True)
    disposition: str = Field(sa_type=Text)
    priority: int
    caution: bool
    due: date | None
    closed_on: date | None
    began: datetime | None
    next_step: str | None = Field(sa_type=Text)
    next_step_at: datetime | None
    site: str | None = Field(sa_type=Text)
    by_day: date | None
    """The day it is due, or the last there is where it is never due."""
    missing: str | None = Field(sa_type=Text)


class ReviewRow(TableBase, table=True):
    """A live review and its next reminder step; the row goes when the review is not wanted any more."""

    __tablename__ = "review"
    __table_args__ = (
        ForeignKeyConstraint(["patient_id", "pathway"], ["enrolment.patient_id", "enrolment.pathway"]),
        CheckConstraint("status IN ('ok', 'upcoming', 'due', 'overdue')", name="status"),
        CheckConstraint("(next_step IS NULL) = (next_step_on IS NULL)", name="next_step"),
        Index(None, "next_step_on"),
        listed("ix_review_due", None, "due", "patient_id", "pathway", "review"),
        CLUSTERED,
    )
    patient_id: str = Field(primary_key=True, sa_type=Text)
    pathway: str = Field(primary_key=True, sa_type=Text)
    review: str = Field(primary_key=True, sa_type=Text)
    due: date
    base: date
    status: str = Field(sa_type=Text)
    step: str | None = Field(sa_type=Text)
    next_step: str | None = Field(sa_type=Text)
    next_step_on: date | None
    site: str | None = Field(sa_type=Text)


class DeliveryRow(TableBase, table=True):
    """A reminder step told to one recipient, once. Append-only, kept so by triggers."""

    __tablename__ = "delivery"
    __table_args__ = (
        ForeignKeyConstraint(["patient_id", "pathway"], ["enrolment.patient_id", "enrolment.pathway"]),
        CheckConstraint("kind IN ('action', 'review', 'channel')", name="kind"),
        Index(None, "notice"),
        Index(None, "recipient", "created"),
        CLUSTERED,
    )
    patient_id: str = Field(primary_key=True, sa_type=Text)
    pathway: str = Field(primary_key=True, sa_type=Text)
    kind: str = Field(primary_key=True, sa_type=Text)
    subject: str = Field(primary_key=True, sa_type=Text)
    due: date = Field(primary_key=True)
    step: str = Field(primary_key=True, sa_type=Text)
    recipient: str = Field(primary_key=True, sa_type=Text)
    created: datetime
    notice: str = Field(sa_type=Text)


class OutboxRow(TableBase, table=True):
    """A message waiting to be sent; the key makes a second one of the same impossible."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("dedup_key"),
        Index(None, "patient_id", "sequence", unique=True),
        ForeignKeyConstraint(["patient_id"], ["patient.id"]),
    )
    number: int | None = Field(default=None, primary_key=True, sa_column_args=[Identity()])
    dedup_key: str = Field(sa_type=Text)
    patient_id: str | None = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    created: datetime
    sequence: int | None
    """Of the message among those about the patient; None for one about no patient."""


class AuditRow(TableBase, table=True):
    """Who did what and when, hash-chained. Append-only, kept so by triggers."""

    __tablename__ = "audit"
    __table_args__ = (
        ForeignKeyConstraint(["credential_id"], ["credential.id"]),
        CheckConstraint("number >= 1", name="number"),
        CLUSTERED,
    )
    chain: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    instant: datetime
    credential_id: str | None = Field(sa_type=Text)
    person_id: str | None = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    act: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    previous_hash: str = Field(sa_type=Text)
    hash: str = Field(sa_type=Text)


class SettingRow(TableBase, table=True):
    """A setting kept with the data, such as the day on which the demonstration was loaded."""

    __tablename__ = "setting"
    key: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(sa_type=Text)


class SealRow(TableBase, table=True):
    """The heads of all audit chains that grew since the seal before, sealed together. Append-only."""

    __tablename__ = "seal"
    __table_args__ = (CheckConstraint("number >= 1", name="number"),)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    instant: datetime
    heads: str = Field(sa_type=Text)
    previous_hash: str = Field(sa_type=Text)
    hash: str = Field(sa_type=Text)
    signature: str = Field(sa_type=Text)


class UnsealedRow(TableBase, table=True):
    """An audit chain that grew since the newest seal; the row goes when its head is sealed."""

    __tablename__ = "unsealed"
    __table_args__ = (CheckConstraint("number >= 1", name="number"), CLUSTERED)
    chain: str = Field(primary_key=True, sa_type=Text)
    number: int


APPEND_ONLY = ("event", "audit", "seal", "team_post", "work_note", "delivery", "attempt", "site_ladder")
"""Tables whose rows the database itself refuses to change or remove."""


def table(row: type[TableBase]) -> Table:
    """Return the table of a row class."""
    return METADATA.tables[str(row.__tablename__)]

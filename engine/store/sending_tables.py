"""Tables of what is sent to people and other systems, and of how that went."""

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from engine.store.tables import CLUSTERED, TableBase


class ChannelRow(TableBase, table=True):
    """A way to reach a person, a patient who agreed to it, or another system."""

    __tablename__ = "channel"
    __table_args__ = (
        ForeignKeyConstraint(["site"], ["site.id"]),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        ForeignKeyConstraint(["patient_id"], ["patient.id"]),
        CheckConstraint("person_id IS NULL OR patient_id IS NULL", name="whose"),
        CheckConstraint("(kind = 'webhook') = (person_id IS NULL AND patient_id IS NULL)", name="webhook"),
        CheckConstraint("(patient_id IS NULL) = (consented IS NULL)", name="consent"),
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet"),
        CheckConstraint("(disabled IS NULL) = (why IS NULL)", name="why"),
        Index(None, "person_id"),
        Index(None, "patient_id"),
        Index(None, "site", "kind"),
    )
    id: str = Field(primary_key=True, sa_type=Text)
    site: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    address: str = Field(sa_type=Text)
    label: str = Field(sa_type=Text)
    created: datetime
    person_id: str | None = Field(sa_type=Text)
    patient_id: str | None = Field(sa_type=Text)
    consented: date | None
    time_zone: str = Field(sa_type=Text)
    quiet_from: time | None
    quiet_until: time | None
    digest_at: time | None
    events: str = Field(sa_type=Text)
    secret: int
    rotated: datetime | None
    disabled: datetime | None
    why: str | None = Field(sa_type=Text)


class DispatchRow(TableBase, table=True):
    """A message on its way on one channel; `next_at` is empty once it was sent or given up."""

    __tablename__ = "dispatch"
    __table_args__ = (
        ForeignKeyConstraint(["channel_id"], ["channel.id"]),
        ForeignKeyConstraint(["outbox"], ["outbox.dedup_key"]),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("sent IS NULL OR gave_up IS NULL", name="outcome"),
        CheckConstraint("(next_at IS NULL) = (sent IS NOT NULL OR gave_up IS NOT NULL)", name="next_at"),
        Index(None, "next_at"),
        Index(None, "channel_id", "created"),
        Index(None, "gave_up"),
    )
    id: str = Field(primary_key=True, sa_type=Text)
    channel_id: str = Field(sa_type=Text)
    about: str = Field(sa_type=Text)
    created: datetime
    urgent: bool
    outbox: str | None = Field(sa_type=Text)
    next_at: datetime | None
    attempts: int
    sent: datetime | None
    gave_up: datetime | None
    outcome: str | None = Field(sa_type=Text)


class DispatchNoticeRow(TableBase, table=True):
    """A notice that a dispatch tells of."""

    __tablename__ = "dispatch_notice"
    __table_args__ = (
        ForeignKeyConstraint(["dispatch_id"], ["dispatch.id"]),
        Index(None, "notice"),
        CLUSTERED,
    )
    dispatch_id: str = Field(primary_key=True, sa_type=Text)
    notice: str = Field(primary_key=True, sa_type=Text)


class AttemptRow(TableBase, table=True):
    """What came of one attempt. Append-only, kept so by triggers."""

    __tablename__ = "attempt"
    __table_args__ = (
        ForeignKeyConstraint(["dispatch_id"], ["dispatch.id"]),
        CheckConstraint("number >= 1", name="number"),
        CLUSTERED,
    )
    dispatch_id: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    instant: datetime
    outcome: str = Field(sa_type=Text)


class CalendarRow(TableBase, table=True):
    """A calendar feed of a person; only the hash of its secret is kept."""

    __tablename__ = "calendar"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        ForeignKeyConstraint(["site"], ["site.id"]),
        UniqueConstraint("secret_hash"),
        CheckConstraint("length(secret_hash) = 64", name="secret_hash"),
        Index(None, "person_id"),
    )
    id: str = Field(primary_key=True, sa_type=Text)
    person_id: str = Field(sa_type=Text)
    site: str = Field(sa_type=Text)
    secret_hash: str = Field(sa_type=Text)
    created: datetime
    revoked: datetime | None

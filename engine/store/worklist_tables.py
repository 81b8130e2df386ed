"""Tables of what worklists show and no other table holds, and of the filters somebody saved."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlmodel import Field

from engine.store.tables import CLUSTERED, TableBase, listed


class DoubtRow(TableBase, table=True):
    """A reading that waits for a verify event; a projection that can be rebuilt from the record."""

    __tablename__ = "doubt"
    __table_args__ = (
        ForeignKeyConstraint(["patient_id", "pathway"], ["enrolment.patient_id", "enrolment.pathway"]),
        listed("ix_doubt_effective", None, "effective", "patient_id", "pathway", "event_id", "item"),
        CLUSTERED,
    )
    patient_id: str = Field(primary_key=True, sa_type=Text)
    pathway: str = Field(primary_key=True, sa_type=Text)
    event_id: str = Field(primary_key=True, sa_type=Text)
    item: str = Field(primary_key=True, sa_type=Text)
    effective: date
    site: str = Field(sa_type=Text)


class OverriddenRow(TableBase, table=True):
    """The override that put a patient where they stand; a projection that can be rebuilt from the record."""

    __tablename__ = "overridden"
    __table_args__ = (
        ForeignKeyConstraint(["patient_id", "pathway"], ["enrolment.patient_id", "enrolment.pathway"]),
        listed("ix_overridden_effective", None, "effective", "patient_id", "pathway"),
        CLUSTERED,
    )
    patient_id: str = Field(primary_key=True, sa_type=Text)
    pathway: str = Field(primary_key=True, sa_type=Text)
    event_id: str = Field(sa_type=Text)
    effective: date
    reason: str = Field(sa_type=Text)
    site: str = Field(sa_type=Text)


class SavedWorklistRow(TableBase, table=True):
    """A filter of a worklist under a name, of a person or of another system."""

    __tablename__ = "saved_worklist"
    __table_args__ = (
        ForeignKeyConstraint(["site"], ["site.id"]),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        ForeignKeyConstraint(["credential_id"], ["credential.id"]),
        CheckConstraint("person_id IS NULL OR credential_id IS NULL", name="whose"),
        Index(None, "site", "created", "id"),
    )
    id: str = Field(primary_key=True, sa_type=Text)
    site: str = Field(sa_type=Text)
    person_id: str | None = Field(sa_type=Text)
    credential_id: str | None = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    list: str = Field(sa_type=Text)
    filters: str = Field(sa_type=Text)
    shared_with: str = Field(sa_type=Text)
    created: datetime

"""Tables of files that were sent to be imported."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, Text
from sqlmodel import Field

from engine.store.tables import CLUSTERED, TableBase


class UploadRow(TableBase, table=True):
    """A file to import, and how far that is; `next_at` is empty unless it waits or runs."""

    __tablename__ = "upload"
    __table_args__ = (
        ForeignKeyConstraint(["site"], ["site.id"]),
        CheckConstraint("(status IN ('waiting', 'running')) = (next_at IS NOT NULL)", name="next_at"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index(None, "next_at"),
        Index(None, "site", "created"),
    )
    id: str = Field(primary_key=True, sa_type=Text)
    site: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    origin: str = Field(sa_type=Text)
    mark: str | None = Field(sa_type=Text)
    trial: bool
    role: str = Field(sa_type=Text)
    credential: str | None = Field(sa_type=Text)
    person_id: str | None = Field(sa_type=Text)
    created: datetime
    status: str = Field(sa_type=Text)
    next_at: datetime | None
    attempts: int
    rows: int | None
    patients: int
    accepted: int
    duplicate: int
    quarantined: int
    refused: int
    finished: datetime | None
    why: str | None = Field(sa_type=Text)


class UploadPartRow(TableBase, table=True):
    """A part of the file, as it was sent; it goes when the import ends."""

    __tablename__ = "upload_part"
    __table_args__ = (
        ForeignKeyConstraint(["upload_id"], ["upload.id"]),
        CheckConstraint("number >= 0", name="number"),
    )
    upload_id: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    content: bytes = Field(sa_type=LargeBinary)


class UploadProblemRow(TableBase, table=True):
    """One thing wrong with a row of the file."""

    __tablename__ = "upload_problem"
    __table_args__ = (ForeignKeyConstraint(["upload_id"], ["upload.id"]), CLUSTERED)
    upload_id: str = Field(primary_key=True, sa_type=Text)
    row: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    place: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    pointer: str = Field(sa_type=Text)
    code: str = Field(sa_type=Text)
    says: str = Field(sa_type=Text)

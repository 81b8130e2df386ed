"""Files that are sent to be imported, and what became of their rows.

Revision: 6e1d4b8a2f97, after 6e1d4b8a2c57
"""

import sqlalchemy as sa
from alembic import op

revision: str = "6e1d4b8a2f97"
down_revision: str | None = "6e1d4b8a2c57"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=True),
        sa.Column("trial", sa.Boolean(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("patients", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status IN ('waiting', 'running')) = (next_at IS NOT NULL)", name=op.f("ck_upload_next_at")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_upload_attempts")),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_upload_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index(op.f("ix_upload_next_at"), "upload", ["next_at"])
    op.create_index(op.f("ix_upload_site_created"), "upload", ["site", "created"])
    op.create_table(
        "upload_part",
        sa.Column("upload_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_upload_part_number")),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_upload_part_upload_id")),
        sa.PrimaryKeyConstraint("upload_id", "number", name=op.f("pk_upload_part")),
    )
    op.create_table(
        "upload_problem",
        sa.Column("upload_id", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pointer", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_upload_problem_upload_id")),
        sa.PrimaryKeyConstraint("upload_id", "row", "place", name=op.f("pk_upload_problem")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("upload_problem")
    op.drop_table("upload_part")
    op.drop_index(op.f("ix_upload_site_created"), table_name="upload")
    op.drop_index(op.f("ix_upload_next_at"), table_name="upload")
    op.drop_table("upload")

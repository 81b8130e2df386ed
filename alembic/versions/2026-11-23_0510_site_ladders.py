"""What sites change of the ladders of pathways.

Revision: 8d2f6b1c94ea, after 5c8e1f0a7d34
"""

import sqlalchemy as sa
from alembic import op

revision: str = "8d2f6b1c94ea"
down_revision: str | None = "5c8e1f0a7d34"
branch_labels: None = None
depends_on: None = None

POSTGRESQL = tuple(
    f"CREATE TRIGGER site_ladder_{name} BEFORE {change} ON site_ladder "
    f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
    for name, change, each in (
        ("append_only", "UPDATE OR DELETE", "ROW"),
        ("not_emptied", "TRUNCATE", "STATEMENT"),
    )
)

SQLITE = tuple(
    f"CREATE TRIGGER site_ladder_no_{change.lower()} BEFORE {change} ON site_ladder "
    "BEGIN SELECT RAISE(ABORT, 'site_ladder is append-only'); END"
    for change in ("UPDATE", "DELETE")
)


def upgrade() -> None:
    op.create_table(
        "site_ladder",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_site_ladder_number")),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_site_ladder_site")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_site_ladder_author_id")),
        sa.PrimaryKeyConstraint("site", "pathway", "number", name=op.f("pk_site_ladder")),
        sqlite_with_rowid=False,
    )
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("site_ladder")

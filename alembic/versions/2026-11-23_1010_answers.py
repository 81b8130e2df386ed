"""What calls were answered, so that one made again does nothing twice.

Revision: 3a9c5e7d1b60, after 8d2f6b1c94ea
"""

import sqlalchemy as sa
from alembic import op

revision: str = "3a9c5e7d1b60"
down_revision: str | None = "8d2f6b1c94ea"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_created"), "answer", ["created"])


def downgrade() -> None:
    op.drop_index(op.f("ix_answer_created"), table_name="answer")
    op.drop_table("answer")

"""The revision from which on nothing but reminders was written about a patient.

Revision: 8c2a6f4e1d03, after 6e1d4b8a2f97
"""

import sqlalchemy as sa
from alembic import op

revision: str = "8c2a6f4e1d03"
down_revision: str | None = "6e1d4b8a2f97"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("patient", sa.Column("basis", sa.Integer(), nullable=True))
    op.execute("UPDATE patient SET basis = revision")


def downgrade() -> None:
    op.drop_column("patient", "basis")

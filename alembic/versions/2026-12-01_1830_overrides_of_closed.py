"""Who is no longer on a pathway stands nowhere on it, and so by no override.

Revision: 2d7f0b9c5a41, after 8c2a6f4e1d03
"""

from alembic import op

revision: str = "2d7f0b9c5a41"
down_revision: str | None = "8c2a6f4e1d03"
branch_labels: None = None
depends_on: None = None

CLOSED = """
DELETE FROM overridden WHERE EXISTS (
    SELECT 1 FROM enrolment
    WHERE enrolment.patient_id = overridden.patient_id
      AND enrolment.pathway = overridden.pathway
      AND enrolment.status = 'closed'
)
"""


def upgrade() -> None:
    op.execute(CLOSED)


def downgrade() -> None:
    """What was taken away is worked out again when the patient is looked at."""

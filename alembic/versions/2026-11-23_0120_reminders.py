"""Reminders: deliveries, the next step of urgent actions, until when something is put off, and what is due.

Revision: 5c8e1f0a7d34, after fddfb653ead2
"""

import sqlalchemy as sa
from alembic import op

revision: str = "5c8e1f0a7d34"
down_revision: str | None = "fddfb653ead2"
branch_labels: None = None
depends_on: None = None

SAYS = "patient_id, pathway, kind, subject, due, step, recipient, created"

POSTGRESQL = (
    f"CREATE TRIGGER delivery_append_only BEFORE DELETE OR UPDATE OF {SAYS} ON delivery "
    "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER delivery_not_emptied BEFORE TRUNCATE ON delivery "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)

SQLITE = tuple(
    f"CREATE TRIGGER delivery_no_{name} BEFORE {change} ON delivery "
    "BEGIN SELECT RAISE(ABORT, 'delivery is append-only'); END"
    for name, change in (("update", f"UPDATE OF {SAYS}"), ("delete", "DELETE"))
)


def upgrade() -> None:
    op.create_table(
        "delivery",
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gave_up", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_delivery_attempts")),
        sa.CheckConstraint("kind IN ('action', 'review')", name=op.f("ck_delivery_kind")),
        sa.CheckConstraint("sent IS NULL OR gave_up IS NULL", name=op.f("ck_delivery_outcome")),
        sa.ForeignKeyConstraint(
            ["patient_id", "pathway"],
            ["enrolment.patient_id", "enrolment.pathway"],
            name=op.f("fk_delivery_patient_id_pathway"),
        ),
        sa.PrimaryKeyConstraint(
            "patient_id",
            "pathway",
            "kind",
            "subject",
            "due",
            "step",
            "recipient",
            name=op.f("pk_delivery"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_enrolment_revisit_on"), "enrolment", ["revisit_on"])
    op.create_index(op.f("ix_review_next_step_on"), "review", ["next_step_on"])
    op.add_column("action", sa.Column("began", sa.DateTime(timezone=True), nullable=True))
    op.add_column("action", sa.Column("next_step", sa.Text(), nullable=True))
    op.add_column("action", sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_action_next_step_at"), "action", ["next_step_at"])
    op.add_column("work_note", sa.Column("until", sa.Date(), nullable=True))
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("work_note", "until")
    op.drop_index(op.f("ix_action_next_step_at"), "action")
    op.drop_column("action", "next_step_at")
    op.drop_column("action", "next_step")
    op.drop_column("action", "began")
    op.drop_index(op.f("ix_review_next_step_on"), "review")
    op.drop_index(op.f("ix_enrolment_revisit_on"), "enrolment")
    op.drop_table("delivery")

"""What worklists are read from, in their order.

Revision: 6e1d4b8a2c57, after 3a9c5e7d1b60
"""

import sqlalchemy as sa
from alembic import op

revision: str = "6e1d4b8a2c57"
down_revision: str | None = "3a9c5e7d1b60"
branch_labels: None = None
depends_on: None = None

SITED = ("action", "review", "transition")
BY_DAY = ["site", "by_day", "priority", "patient_id", "pathway", "action", "opened_on"]
INDEXES = (
    ("ix_action_open", "action", BY_DAY, "closed_on IS NULL"),
    ("ix_action_urgent", "action", BY_DAY, "closed_on IS NULL AND began IS NOT NULL"),
    ("ix_action_needs_data", "action", BY_DAY, "closed_on IS NULL AND disposition = 'needs_data'"),
    ("ix_review_due", "review", ["site", "due", "patient_id", "pathway", "review"], None),
    ("ix_transition_recorded", "transition", ["site", "recorded", "patient_id", "pathway", "number"], None),
    (
        "ix_transition_superseded",
        "transition",
        ["site", "superseded", "patient_id", "pathway", "number"],
        "superseded IS NOT NULL",
    ),
)
SITES = "UPDATE {0} SET site = (SELECT patient.site FROM patient WHERE patient.id = {0}.patient_id)"
SUPERSEDED = """UPDATE transition SET superseded = (
    SELECT event.recorded FROM event
    WHERE event.patient_id = transition.patient_id AND event.sequence = transition.superseded_by
) WHERE superseded_by IS NOT NULL"""
LOOK_AGAIN = """UPDATE enrolment SET revisit_on = evaluated_on WHERE evaluated_on IS NOT NULL"""
"""What is missing, in doubt and overridden is worked out by evaluating, which the next sweep does."""


def upgrade() -> None:
    for table in SITED:
        op.add_column(table, sa.Column("site", sa.Text(), nullable=True))
        op.execute(SITES.format(table))
    op.add_column("action", sa.Column("by_day", sa.Date(), nullable=True))
    op.add_column("action", sa.Column("missing", sa.Text(), nullable=True))
    op.execute("UPDATE action SET by_day = coalesce(due, '9999-12-31'), missing = '[]'")
    op.add_column("transition", sa.Column("superseded", sa.DateTime(timezone=True), nullable=True))
    op.execute(SUPERSEDED)
    for name, table, columns, where in INDEXES:
        only = {} if where is None else {f"{base}_where": sa.text(where) for base in ("sqlite", "postgresql")}
        op.create_index(op.f(name), table, columns, **only)
    _tables()
    op.execute(LOOK_AGAIN)


def _tables() -> None:
    op.create_table(
        "doubt",
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id", "pathway"],
            ["enrolment.patient_id", "enrolment.pathway"],
            name=op.f("fk_doubt_patient_id_pathway"),
        ),
        sa.PrimaryKeyConstraint("patient_id", "pathway", "event_id", "item", name=op.f("pk_doubt")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_doubt_effective"),
        "doubt",
        ["site", "effective", "patient_id", "pathway", "event_id", "item"],
    )
    op.create_table(
        "overridden",
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id", "pathway"],
            ["enrolment.patient_id", "enrolment.pathway"],
            name=op.f("fk_overridden_patient_id_pathway"),
        ),
        sa.PrimaryKeyConstraint("patient_id", "pathway", name=op.f("pk_overridden")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_overridden_effective"), "overridden", ["site", "effective", "patient_id", "pathway"]
    )
    op.create_table(
        "saved_worklist",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("credential_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("shared_with", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "person_id IS NULL OR credential_id IS NULL", name=op.f("ck_saved_worklist_whose")
        ),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_saved_worklist_site")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_worklist_person_id")),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credential.id"], name=op.f("fk_saved_worklist_credential_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_worklist")),
    )
    op.create_index(op.f("ix_saved_worklist_site_created_id"), "saved_worklist", ["site", "created", "id"])


def downgrade() -> None:
    op.drop_table("saved_worklist")
    op.drop_table("overridden")
    op.drop_table("doubt")
    for name, table, _, _ in INDEXES:
        op.drop_index(op.f(name), table_name=table)
    op.drop_column("transition", "superseded")
    op.drop_column("action", "missing")
    op.drop_column("action", "by_day")
    for table in SITED:
        op.drop_column(table, "site")

"""Reminders: what is due and was told, urgent steps, what is put off; channels and what is sent on them.

Revision: 5c8e1f0a7d34, after fddfb653ead2
"""

import sqlalchemy as sa
from alembic import op

revision: str = "5c8e1f0a7d34"
down_revision: str | None = "fddfb653ead2"
branch_labels: None = None
depends_on: None = None

GUARDED = ("delivery", "attempt")

POSTGRESQL = tuple(
    f"CREATE TRIGGER {table}_{name} BEFORE {change} ON {table} "
    f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
    for table in GUARDED
    for name, change, each in (
        ("append_only", "UPDATE OR DELETE", "ROW"),
        ("not_emptied", "TRUNCATE", "STATEMENT"),
    )
)

SQLITE = tuple(
    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    for table in GUARDED
    for change in ("UPDATE", "DELETE")
)

NUMBERED = """
UPDATE outbox SET sequence = (
    SELECT count(*) FROM outbox AS earlier
    WHERE earlier.patient_id = outbox.patient_id AND earlier.number <= outbox.number
) WHERE patient_id IS NOT NULL
"""


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
        sa.Column("notice", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('action', 'review', 'channel')", name=op.f("ck_delivery_kind")),
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
    op.create_index(op.f("ix_delivery_notice"), "delivery", ["notice"])
    op.create_index(op.f("ix_delivery_recipient_created"), "delivery", ["recipient", "created"])
    op.create_index(op.f("ix_enrolment_revisit_on"), "enrolment", ["revisit_on"])
    op.create_index(op.f("ix_review_next_step_on"), "review", ["next_step_on"])
    op.add_column("action", sa.Column("began", sa.DateTime(timezone=True), nullable=True))
    op.add_column("action", sa.Column("next_step", sa.Text(), nullable=True))
    op.add_column("action", sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_action_next_step_at"), "action", ["next_step_at"])
    op.add_column("work_note", sa.Column("until", sa.Date(), nullable=True))
    _sending()
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def _sending() -> None:
    op.create_table(
        "channel",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("patient_id", sa.Text(), nullable=True),
        sa.Column("consented", sa.Date(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("digest_at", sa.Time(), nullable=True),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("secret", sa.Integer(), nullable=False),
        sa.Column("rotated", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint("person_id IS NULL OR patient_id IS NULL", name=op.f("ck_channel_whose")),
        sa.CheckConstraint(
            "(kind = 'webhook') = (person_id IS NULL AND patient_id IS NULL)", name=op.f("ck_channel_webhook")
        ),
        sa.CheckConstraint("(patient_id IS NULL) = (consented IS NULL)", name=op.f("ck_channel_consent")),
        sa.CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name=op.f("ck_channel_quiet")),
        sa.CheckConstraint("(disabled IS NULL) = (why IS NULL)", name=op.f("ck_channel_why")),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_channel_site")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_channel_person_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_channel_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
    )
    op.create_index(op.f("ix_channel_person_id"), "channel", ["person_id"])
    op.create_index(op.f("ix_channel_patient_id"), "channel", ["patient_id"])
    op.create_index(op.f("ix_channel_site_kind"), "channel", ["site", "kind"])
    op.add_column("outbox", sa.Column("sequence", sa.Integer(), nullable=True))
    op.execute(NUMBERED)
    op.create_index(op.f("ix_outbox_patient_id_sequence"), "outbox", ["patient_id", "sequence"], unique=True)
    op.create_table(
        "dispatch",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("outbox", sa.Text(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gave_up", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_dispatch_attempts")),
        sa.CheckConstraint("sent IS NULL OR gave_up IS NULL", name=op.f("ck_dispatch_outcome")),
        sa.CheckConstraint(
            "(next_at IS NULL) = (sent IS NOT NULL OR gave_up IS NOT NULL)", name=op.f("ck_dispatch_next_at")
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_dispatch_channel_id")),
        sa.ForeignKeyConstraint(["outbox"], ["outbox.dedup_key"], name=op.f("fk_dispatch_outbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch")),
    )
    op.create_index(op.f("ix_dispatch_next_at"), "dispatch", ["next_at"])
    op.create_index(op.f("ix_dispatch_channel_id_created"), "dispatch", ["channel_id", "created"])
    op.create_index(op.f("ix_dispatch_gave_up"), "dispatch", ["gave_up"])
    op.create_table(
        "dispatch_notice",
        sa.Column("dispatch_id", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["dispatch.id"], name=op.f("fk_dispatch_notice_dispatch_id")
        ),
        sa.PrimaryKeyConstraint("dispatch_id", "notice", name=op.f("pk_dispatch_notice")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_dispatch_notice_notice"), "dispatch_notice", ["notice"])
    op.create_table(
        "attempt",
        sa.Column("dispatch_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("instant", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_attempt_number")),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatch.id"], name=op.f("fk_attempt_dispatch_id")),
        sa.PrimaryKeyConstraint("dispatch_id", "number", name=op.f("pk_attempt")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "calendar",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(secret_hash) = 64", name=op.f("ck_calendar_secret_hash")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_person_id")),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_calendar_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_calendar_secret_hash")),
    )
    op.create_index(op.f("ix_calendar_person_id"), "calendar", ["person_id"])


def downgrade() -> None:
    for name in ("calendar", "attempt", "dispatch_notice", "dispatch", "channel"):
        op.drop_table(name)
    op.drop_index(op.f("ix_outbox_patient_id_sequence"), "outbox")
    op.drop_column("outbox", "sequence")
    op.drop_column("work_note", "until")
    op.drop_index(op.f("ix_action_next_step_at"), "action")
    op.drop_column("action", "next_step_at")
    op.drop_column("action", "next_step")
    op.drop_column("action", "began")
    op.drop_index(op.f("ix_review_next_step_on"), "review")
    op.drop_index(op.f("ix_enrolment_revisit_on"), "enrolment")
    op.drop_table("delivery")

"""First tables: patients, records, what records come to, outbox, audit, credentials.

Revision: a351afb49c58, after nothing
"""

import sqlalchemy as sa
from alembic import op

revision: str = "a351afb49c58"
down_revision: str | None = None
branch_labels: None = None
depends_on: None = None

APPEND_ONLY = ("event", "audit")

POSTGRESQL = (
    """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$""",
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        for table in APPEND_ONLY
    ),
    *(
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for table in APPEND_ONLY
    ),
)

SQLITE = tuple(
    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    for table in APPEND_ONLY
    for change in ("UPDATE", "DELETE")
)


def upgrade() -> None:
    op.create_table(
        "parameter_set",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameter_set")),
        sa.UniqueConstraint("pathway", "digest", name=op.f("uq_parameter_set_pathway_digest")),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_table(
        "credential",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(secret_hash) = 64", name=op.f("ck_credential_secret_hash")),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_credential_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_credential_secret_hash")),
    )
    op.create_table(
        "patient",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_sequence >= 0", name=op.f("ck_patient_last_sequence")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_patient_revision")),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_patient_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_patient_site_id"), "patient", ["site", "id"])
    op.create_table(
        "audit",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instant", sa.DateTime(timezone=True), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_audit_number")),
        sa.ForeignKeyConstraint(["credential_id"], ["credential.id"], name=op.f("fk_audit_credential_id")),
        sa.PrimaryKeyConstraint("chain", "number", name=op.f("pk_audit")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "enrolment",
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("parameter_set", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("revisit_on", sa.Date(), nullable=True),
        sa.Column("evaluated_on", sa.Date(), nullable=True),
        sa.Column("evaluated_through", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'paused', 'closed')", name=op.f("ck_enrolment_status")),
        sa.CheckConstraint(
            "(status IS NULL) = (state IS NULL) AND (state IS NULL) = (since IS NULL)",
            name=op.f("ck_enrolment_position"),
        ),
        sa.ForeignKeyConstraint(
            ["parameter_set"], ["parameter_set.id"], name=op.f("fk_enrolment_parameter_set")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_enrolment_patient_id")),
        sa.PrimaryKeyConstraint("patient_id", "pathway", name=op.f("pk_enrolment")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event",
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=True),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_event_sequence")),
        sa.ForeignKeyConstraint(["credential_id"], ["credential.id"], name=op.f("fk_event_credential_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_event_patient_id")),
        sa.PrimaryKeyConstraint("patient_id", "sequence", name=op.f("pk_event")),
        sa.UniqueConstraint("patient_id", "event_id", name=op.f("uq_event_patient_id_event_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        sa.Column("number", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_outbox_patient_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_outbox_dedup_key")),
    )
    op.create_table(
        "patient_identifier",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_patient_identifier_patient_id")
        ),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_patient_identifier_site")),
        sa.PrimaryKeyConstraint("site", "system", "value", name=op.f("pk_patient_identifier")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_patient_identifier_patient_id"), "patient_identifier", ["patient_id"])
    op.create_table(
        "action",
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("caution", sa.Boolean(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "disposition IN ('offer', 'needs_data', 'deferred', 'blocked')",
            name=op.f("ck_action_disposition"),
        ),
        sa.CheckConstraint("priority >= 0", name=op.f("ck_action_priority")),
        sa.ForeignKeyConstraint(
            ["patient_id", "pathway"],
            ["enrolment.patient_id", "enrolment.pathway"],
            name=op.f("fk_action_patient_id_pathway"),
        ),
        sa.PrimaryKeyConstraint("patient_id", "pathway", "action", "opened_on", name=op.f("pk_action")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review",
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=False),
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("base", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("next_step_on", sa.Date(), nullable=True),
        sa.CheckConstraint("status IN ('ok', 'upcoming', 'due', 'overdue')", name=op.f("ck_review_status")),
        sa.CheckConstraint("(next_step IS NULL) = (next_step_on IS NULL)", name=op.f("ck_review_next_step")),
        sa.ForeignKeyConstraint(
            ["patient_id", "pathway"],
            ["enrolment.patient_id", "enrolment.pathway"],
            name=op.f("fk_review_patient_id_pathway"),
        ),
        sa.PrimaryKeyConstraint("patient_id", "pathway", "review", name=op.f("pk_review")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "transition",
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("pathway", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("transition", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_after", sa.Integer(), nullable=False),
        sa.Column("superseded_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_transition_number")),
        sa.CheckConstraint("superseded_by >= recorded_after", name=op.f("ck_transition_superseded_by")),
        sa.ForeignKeyConstraint(
            ["patient_id", "pathway"],
            ["enrolment.patient_id", "enrolment.pathway"],
            name=op.f("fk_transition_patient_id_pathway"),
        ),
        sa.PrimaryKeyConstraint("patient_id", "pathway", "number", name=op.f("pk_transition")),
        sqlite_with_rowid=False,
    )
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("transition")
    op.drop_table("review")
    op.drop_table("action")
    op.drop_table("patient_identifier")
    op.drop_table("outbox")
    op.drop_table("event")
    op.drop_table("enrolment")
    op.drop_table("audit")
    op.drop_table("patient")
    op.drop_table("credential")
    op.drop_table("site")
    op.drop_table("setting")
    op.drop_table("parameter_set")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")

"""People, what lets them and other systems in, care teams, work notes, and seals of the audit.

Revision: fddfb653ead2, after a351afb49c58
"""

import sqlalchemy as sa
from alembic import op

revision: str = "fddfb653ead2"
down_revision: str | None = "a351afb49c58"
branch_labels: None = None
depends_on: None = None

APPEND_ONLY = ("seal", "team_post", "work_note")

POSTGRESQL = tuple(
    f"CREATE TRIGGER {table}_{name} BEFORE {change} ON {table} "
    f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
    for table in APPEND_ONLY
    for name, change, each in (
        ("append_only", "UPDATE OR DELETE", "ROW"),
        ("not_emptied", "TRUNCATE", "STATEMENT"),
    )
)

SQLITE = tuple(
    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    for table in APPEND_ONLY
    for change in ("UPDATE", "DELETE")
)


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("disabled", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name=op.f("ck_person_subject")),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_person_failures")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_person_issuer_subject")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    op.create_table(
        "seal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instant", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heads", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_seal_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
    )
    op.create_table(
        "unsealed",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_unsealed_number")),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_unsealed")),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO unsealed (chain, number) SELECT chain, max(number) FROM audit GROUP BY chain")
    op.create_table(
        "absence",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("cover_id", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first <= last", name=op.f("ck_absence_days")),
        sa.CheckConstraint("person_id <> cover_id", name=op.f("ck_absence_cover")),
        sa.ForeignKeyConstraint(["cover_id"], ["person.id"], name=op.f("fk_absence_cover_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_person_id_last"), "absence", ["person_id", "last"])
    op.create_table(
        "client",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=True),
        sa.Column("keys_url", sa.Text(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(keys IS NULL) <> (keys_url IS NULL)", name=op.f("ck_client_keys")),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_client_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
    )
    op.create_table(
        "invitation",
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id")),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_invitation")),
    )
    op.create_table(
        "membership",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_membership_site")),
        sa.PrimaryKeyConstraint("person_id", "site", "role", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_site"), "membership", ["site"])
    op.create_table(
        "session",
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_person_id")),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name=op.f("fk_session_site")),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_person_id"), "session", ["person_id"])
    op.create_table(
        "assertion",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("jti_hash", sa.Text(), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_assertion_client_id")),
        sa.PrimaryKeyConstraint("client_id", "jti_hash", name=op.f("pk_assertion")),
    )
    op.create_index(op.f("ix_assertion_expires"), "assertion", ["expires"])
    op.create_table(
        "glass_broken",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("since < until", name=op.f("ck_glass_broken_time")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_glass_broken_patient_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_glass_broken_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glass_broken")),
    )
    op.create_index(op.f("ix_glass_broken_person_id_until"), "glass_broken", ["person_id", "until"])
    op.create_table(
        "team_post",
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_team_post_number")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_team_post_patient_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_team_post_person_id")),
        sa.PrimaryKeyConstraint("patient_id", "number", name=op.f("pk_team_post")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_team_post_person_id"), "team_post", ["person_id"])
    op.create_table(
        "work_note",
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pathway", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("instant", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('action', 'review')", name=op.f("ck_work_note_kind")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_work_note_number")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_work_note_author_id")),
        sa.ForeignKeyConstraint(
            ["patient_id", "pathway"],
            ["enrolment.patient_id", "enrolment.pathway"],
            name=op.f("fk_work_note_patient_id_pathway"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_work_note_person_id")),
        sa.PrimaryKeyConstraint("patient_id", "number", name=op.f("pk_work_note")),
        sqlite_with_rowid=False,
    )
    op.add_column("audit", sa.Column("person_id", sa.Text(), nullable=True))
    op.add_column("credential", sa.Column("person_id", sa.Text(), nullable=True))
    op.add_column("credential", sa.Column("scopes", sa.Text(), nullable=True))
    op.add_column("credential", sa.Column("expires", sa.DateTime(timezone=True), nullable=True))
    op.add_column("credential", sa.Column("used", sa.DateTime(timezone=True), nullable=True))
    op.add_column("credential", sa.Column("replaces", sa.Text(), nullable=True))
    op.add_column("event", sa.Column("person_id", sa.Text(), nullable=True))
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("event", "person_id")
    op.drop_column("credential", "replaces")
    op.drop_column("credential", "used")
    op.drop_column("credential", "expires")
    op.drop_column("credential", "scopes")
    op.drop_column("credential", "person_id")
    op.drop_column("audit", "person_id")
    op.drop_table("work_note")
    op.drop_table("team_post")
    op.drop_table("glass_broken")
    op.drop_table("assertion")
    op.drop_table("session")
    op.drop_table("membership")
    op.drop_table("invitation")
    op.drop_table("client")
    op.drop_table("absence")
    op.drop_table("unsealed")
    op.drop_table("seal")
    op.drop_table("person")

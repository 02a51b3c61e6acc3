"""The first tables of the store, as they were: what came later is in later migrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from review.store.kinds import ExactDecimal, JsonText, Number, PlainText, UtcTime

revision = "0001"
down_revision = None

PARTS = 16


def upgrade() -> None:
    """Make all tables; the readings in PostgreSQL in parts, by hash of the record."""
    op.create_table(
        "documents",
        sa.Column("document_id", Number, nullable=False),
        sa.Column("document_key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.Column("record_id", Number, nullable=True),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_documents")),
        sa.UniqueConstraint("document_key", name=op.f("uq_documents_document_key")),
    )
    op.create_table(
        "fields",
        sa.Column("field_no", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("field_no", name=op.f("pk_fields")),
        sa.UniqueConstraint("form", "field", name=op.f("uq_fields_form_field")),
    )
    op.create_table(
        "places",
        sa.Column("person", PlainText(), nullable=False),
        sa.Column("document_id", Number, nullable=True),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("served", sa.Integer(), server_default="0", nullable=False),
        sa.Column("audits", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_places")),
    )
    op.create_index(op.f("ix_places_document_id"), "places", ["document_id"], unique=False)
    op.create_table(
        "readings",
        sa.Column("record_id", Number, autoincrement=False, nullable=False),
        sa.Column("field_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("value", ExactDecimal(), nullable=True),
        sa.Column("raw", PlainText(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("review", sa.Boolean(), nullable=False),
        sa.Column("reasons", JsonText(), nullable=True),
        sa.Column("evidence", JsonText(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.CheckConstraint("(state = 'number') = (value IS NOT NULL)", name=op.f("ck_readings_value")),
        sa.CheckConstraint(
            "state IN ('number', 'blank', 'mark', 'unreadable', 'missing')", name=op.f("ck_readings_state")
        ),
        sa.CheckConstraint("confidence >= 0 AND confidence <= 1", name=op.f("ck_readings_confidence")),
        sa.PrimaryKeyConstraint("record_id", "field_no", name=op.f("pk_readings")),
        postgresql_partition_by="HASH (record_id)",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "users",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_users")),
    )
    op.create_table(
        "records",
        sa.Column("record_id", Number, nullable=False),
        sa.Column("document_id", Number, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.Column("source", PlainText(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("media_type", PlainText(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("title", PlainText(), nullable=True),
        sa.Column("organization", PlainText(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("models", JsonText(), nullable=True),
        sa.Column("policy", JsonText(), nullable=True),
        sa.Column("error_code", PlainText(), nullable=True),
        sa.Column("error_message", PlainText(), nullable=True),
        sa.Column("cells", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("body", JsonText(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name=op.f("fk_records_document_id")),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_records")),
        sa.UniqueConstraint("document_id", "digest", name=op.f("uq_records_document_id_digest")),
        sa.UniqueConstraint("document_id", "version", name=op.f("uq_records_document_id_version")),
    )
    op.create_index(op.f("ix_records_error_code"), "records", ["error_code"], unique=False)
    op.create_index(op.f("ix_records_organization_year"), "records", ["organization", "year"], unique=False)
    op.create_index(op.f("ix_records_year"), "records", ["year"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_name"], ["users.name"], name=op.f("fk_sessions_user_name")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_user_name"), "sessions", ["user_name"], unique=False)
    op.create_table(
        "sources",
        sa.Column("document_id", Number, nullable=False),
        sa.Column("source", PlainText(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name=op.f("fk_sources_document_id")),
        sa.PrimaryKeyConstraint("document_id", "source", name=op.f("pk_sources")),
    )
    op.create_index(op.f("ix_sources_source"), "sources", ["source"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("token_id", Number, nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("label", PlainText(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_name"], ["users.name"], name=op.f("fk_tokens_user_name")),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_tokens_token_hash")),
    )
    op.create_table(
        "uploads",
        sa.Column("upload_id", Number, nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", Number, nullable=False),
        sa.Column("person", PlainText(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.Column("document_id", Number, nullable=True),
        sa.Column("error_code", PlainText(), nullable=True),
        sa.Column("error_message", PlainText(), nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'done', 'failed')", name=op.f("ck_uploads_status")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name=op.f("fk_uploads_document_id")),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_uploads")),
    )
    op.create_index(op.f("ix_uploads_sha256"), "uploads", ["sha256"], unique=False)
    op.create_index(
        "ix_uploads_waiting",
        "uploads",
        ["upload_id"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
        sqlite_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "findings",
        sa.Column("record_id", Number, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identity", PlainText(), nullable=False),
        sa.Column("kind", PlainText(), nullable=False),
        sa.Column("relation", PlainText(), nullable=True),
        sa.Column("left_value", ExactDecimal(), nullable=True),
        sa.Column("right_value", ExactDecimal(), nullable=True),
        sa.Column("cells", JsonText(), nullable=False),
        sa.Column("note", PlainText(), nullable=True),
        sa.Column("extra", JsonText(), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["records.record_id"], name=op.f("fk_findings_record_id")),
        sa.PrimaryKeyConstraint("record_id", "position", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_identity"), "findings", ["identity"], unique=False)
    op.create_table(
        "items",
        sa.Column("item_id", Number, nullable=False),
        sa.Column("document_id", Number, nullable=False),
        sa.Column("field_no", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("record_id", Number, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("group_rank", sa.Float(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shown", PlainText(), nullable=False),
        sa.Column("wanted", sa.SmallInteger(), nullable=False),
        sa.Column("turn", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("voter", PlainText(), server_default="", nullable=False),
        sa.Column("skips", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("lease_holder", PlainText(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("stratum", sa.Text(), nullable=True),
        sa.Column("chance", sa.Float(), nullable=True),
        sa.CheckConstraint("purpose IN ('review', 'audit')", name=op.f("ck_items_purpose")),
        sa.CheckConstraint(
            "status IN ('open', 'settled', 'disputed', 'unsure', 'withdrawn')", name=op.f("ck_items_status")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name=op.f("fk_items_document_id")),
        sa.ForeignKeyConstraint(["field_no"], ["fields.field_no"], name=op.f("fk_items_field_no")),
        sa.ForeignKeyConstraint(["record_id"], ["records.record_id"], name=op.f("fk_items_record_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_items")),
        sa.UniqueConstraint("document_id", "field_no", "purpose", name=op.f("uq_items_document_id_field_no_purpose")),
    )
    op.create_index(
        "ix_items_document",
        "items",
        ["document_id", "purpose", "turn"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_items_holder",
        "items",
        ["lease_holder"],
        unique=False,
        postgresql_where=sa.text("lease IS NOT NULL"),
        sqlite_where=sa.text("lease IS NOT NULL"),
    )
    op.create_index("ix_items_lease", "items", ["lease"], unique=True)
    op.create_index(
        "ix_items_next",
        "items",
        ["purpose", "turn", "group_rank", "document_id", "position"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_items_second",
        "items",
        ["purpose", "turn", "voter", "group_rank", "document_id", "position"],
        unique=False,
        postgresql_where=sa.text("status = 'open' AND turn + 0 > 0"),
        sqlite_where=sa.text("status = 'open' AND turn + 0 > 0"),
    )
    op.create_index(
        "ix_items_shown",
        "items",
        ["shown", "field_no"],
        unique=False,
        postgresql_where=sa.text("status = 'open' AND purpose = 'review'"),
        sqlite_where=sa.text("status = 'open' AND purpose = 'review'"),
    )
    op.create_table(
        "record_forms",
        sa.Column("record_id", Number, nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.record_id"], name=op.f("fk_record_forms_record_id")),
        sa.PrimaryKeyConstraint("record_id", "form", name=op.f("pk_record_forms")),
    )
    op.create_index(op.f("ix_record_forms_form"), "record_forms", ["form"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("correction_id", Number, nullable=False),
        sa.Column("document_id", Number, nullable=False),
        sa.Column("record_id", Number, nullable=False),
        sa.Column("field_no", sa.Integer(), nullable=False),
        sa.Column("item_id", Number, nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("person", PlainText(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("before_state", sa.Text(), nullable=True),
        sa.Column("before_value", ExactDecimal(), nullable=True),
        sa.Column("before_raw", PlainText(), nullable=True),
        sa.Column("after_state", sa.Text(), nullable=True),
        sa.Column("after_value", ExactDecimal(), nullable=True),
        sa.Column("after_raw", PlainText(), nullable=True),
        sa.Column("note", PlainText(), nullable=True),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("retracts", Number, nullable=True),
        sa.CheckConstraint("(action = 'undo') = (retracts IS NOT NULL)", name=op.f("ck_corrections_retracts")),
        sa.CheckConstraint("action IN ('confirm', 'change', 'unsure', 'undo')", name=op.f("ck_corrections_action")),
        sa.CheckConstraint("purpose IN ('review', 'audit', 'edit')", name=op.f("ck_corrections_purpose")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name=op.f("fk_corrections_document_id")),
        sa.ForeignKeyConstraint(["field_no"], ["fields.field_no"], name=op.f("fk_corrections_field_no")),
        sa.ForeignKeyConstraint(["item_id"], ["items.item_id"], name=op.f("fk_corrections_item_id")),
        sa.ForeignKeyConstraint(["record_id"], ["records.record_id"], name=op.f("fk_corrections_record_id")),
        sa.ForeignKeyConstraint(["retracts"], ["corrections.correction_id"], name=op.f("fk_corrections_retracts")),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_corrections")),
        sa.UniqueConstraint("lease", name=op.f("uq_corrections_lease")),
        sa.UniqueConstraint("retracts", name=op.f("uq_corrections_retracts")),
    )
    op.create_index(op.f("ix_corrections_at"), "corrections", ["at"], unique=False)
    op.create_index(
        op.f("ix_corrections_document_id_field_no"), "corrections", ["document_id", "field_no"], unique=False
    )
    op.create_index(op.f("ix_corrections_item_id"), "corrections", ["item_id"], unique=False)
    op.create_index(
        op.f("ix_corrections_person_correction_id"), "corrections", ["person", "correction_id"], unique=False
    )
    op.create_table(
        "skips",
        sa.Column("item_id", Number, nullable=False),
        sa.Column("person", PlainText(), nullable=False),
        sa.Column("skipped_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.item_id"], name=op.f("fk_skips_item_id")),
        sa.PrimaryKeyConstraint("item_id", "person", name=op.f("pk_skips")),
    )
    op.create_index(op.f("ix_skips_person"), "skips", ["person"], unique=False)
    op.create_table(
        "settled",
        sa.Column("document_id", Number, autoincrement=False, nullable=False),
        sa.Column("field_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("correction_id", Number, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("source IN ('person', 'audit')", name=op.f("ck_settled_source")),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["corrections.correction_id"], name=op.f("fk_settled_correction_id")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name=op.f("fk_settled_document_id")),
        sa.ForeignKeyConstraint(["field_no"], ["fields.field_no"], name=op.f("fk_settled_field_no")),
        sa.PrimaryKeyConstraint("document_id", "field_no", name=op.f("pk_settled")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for part in range(PARTS):
            op.execute(
                f"CREATE TABLE readings_{part} PARTITION OF readings"
                f" FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part})"
            )

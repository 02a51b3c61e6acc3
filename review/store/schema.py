"""The tables of the store. What is known is added, never changed; `items`, `settled` and pointers only index it."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from review.store.kinds import ExactDecimal, JsonText, Number, PlainText, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", JsonText, nullable=False),
)

# One row a field of a form, so that a reading holds a small number in place of two names.
fields = Table(
    "fields",
    metadata,
    Column("field_no", Integer, primary_key=True),
    Column("form", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("kind", Text, nullable=False),
    UniqueConstraint("form", "field"),
)

# `document_key` is the hash of the bytes, or `source:` and the hash of the name where no bytes could be read.
documents = Table(
    "documents",
    metadata,
    Column("document_id", Number, primary_key=True),
    Column("document_key", Text, nullable=False, unique=True),
    Column("sha256", Text),
    Column("added_at", UtcTime, nullable=False),
    Column("record_id", Number),  # the newest record
)

sources = Table(
    "sources",
    metadata,
    Column("document_id", ForeignKey("documents.document_id"), primary_key=True),
    Column("source", PlainText, primary_key=True),
    Column("added_at", UtcTime, nullable=False),
    Index(None, "source"),
)

records = Table(
    "records",
    metadata,
    Column("record_id", Number, primary_key=True),
    Column("document_id", ForeignKey("documents.document_id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("source", PlainText, nullable=False),
    Column("source_kind", Text, nullable=False),
    Column("media_type", PlainText),
    Column("pages", Integer),
    Column("title", PlainText),
    Column("organization", PlainText),
    Column("year", Integer),
    Column("models", JsonText),
    Column("policy", JsonText),
    Column("error_code", PlainText),
    Column("error_message", PlainText),
    Column("cells", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("body", JsonText, nullable=False),  # the record without cells and findings, which have tables
    UniqueConstraint("document_id", "version"),
    UniqueConstraint("document_id", "digest"),
    Index(None, "organization", "year"),
    Index(None, "year"),
    Index(None, "error_code"),
)

record_forms = Table(
    "record_forms",
    metadata,
    Column("record_id", ForeignKey("records.record_id"), primary_key=True),
    Column("form", Text, primary_key=True),
    Index(None, "form"),
)

# Without foreign keys: two look-ups a reading would take as long as the rest, and a record is written as one.
readings = Table(
    "readings",
    metadata,
    Column("record_id", Number, primary_key=True, autoincrement=False),
    Column("field_no", Integer, primary_key=True, autoincrement=False),
    Column("position", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("value", ExactDecimal),
    Column("raw", PlainText),
    Column("confidence", Float, nullable=False),
    Column("review", Boolean(create_constraint=False), nullable=False),
    Column("reasons", JsonText),
    Column("evidence", JsonText),
    Column("extra", JsonText),  # what else the record says of the cell, such as candidates
    CheckConstraint("state IN ('number', 'blank', 'mark', 'unreadable', 'missing')", name="state"),
    CheckConstraint("(state = 'number') = (value IS NOT NULL)", name="value"),
    CheckConstraint("confidence >= 0 AND confidence <= 1", name="confidence"),
    postgresql_partition_by="HASH (record_id)",
    sqlite_with_rowid=False,
)

findings = Table(
    "findings",
    metadata,
    Column("record_id", ForeignKey("records.record_id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("identity", PlainText, nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("relation", PlainText),
    Column("left_value", ExactDecimal),
    Column("right_value", ExactDecimal),
    Column("cells", JsonText, nullable=False),
    Column("note", PlainText),
    Column("extra", JsonText),
    Index(None, "identity"),
)

# A question to people: one a cell and purpose. `group_rank` is that of its document, the smallest first.
items = Table(
    "items",
    metadata,
    Column("item_id", Number, primary_key=True),
    Column("document_id", ForeignKey("documents.document_id"), nullable=False),
    Column("field_no", ForeignKey("fields.field_no"), nullable=False),
    Column("purpose", Text, nullable=False),  # review or audit
    Column("record_id", ForeignKey("records.record_id"), nullable=False),
    Column("status", Text, nullable=False),  # open, settled, disputed, unsure, withdrawn
    Column("group_rank", Float, nullable=False),
    Column("position", Integer, nullable=False),
    Column("shown", PlainText, nullable=False),  # state and value as read, for groups of equal cells
    Column("wanted", SmallInteger, nullable=False),  # answers wanted
    Column("turn", SmallInteger, nullable=False, server_default="0"),  # answers given
    Column("voter", PlainText, nullable=False, server_default=""),  # who gave the first of them
    Column("skips", SmallInteger, nullable=False, server_default="0"),
    Column("lease", Text),
    Column("lease_holder", PlainText),
    Column("lease_until", UtcTime),
    Column("stratum", Text),  # of an audit item
    Column("chance", Float),  # that such a cell is drawn for the audit
    UniqueConstraint("document_id", "field_no", "purpose"),
    CheckConstraint("purpose IN ('review', 'audit')", name="purpose"),
    CheckConstraint("status IN ('open', 'settled', 'disputed', 'unsure', 'withdrawn')", name="status"),
    Index(
        "ix_items_next",
        "purpose",
        "turn",
        "group_rank",
        "document_id",
        "position",
        postgresql_where=text("status = 'open'"),
        sqlite_where=text("status = 'open'"),
    ),
    Index(
        "ix_items_document",
        "document_id",
        "purpose",
        "turn",
        postgresql_where=text("status = 'open'"),
        sqlite_where=text("status = 'open'"),
    ),
    Index(
        "ix_items_second",
        "purpose",
        "turn",
        "voter",
        "group_rank",
        "document_id",
        "position",
        postgresql_where=text("status = 'open' AND turn + 0 > 0"),
        sqlite_where=text("status = 'open' AND turn + 0 > 0"),
    ),
    Index(
        "ix_items_shown",
        "shown",
        "field_no",
        postgresql_where=text("status = 'open' AND purpose = 'review'"),
        sqlite_where=text("status = 'open' AND purpose = 'review'"),
    ),
    Index("ix_items_lease", "lease", unique=True),
    Index(
        "ix_items_holder",
        "lease_holder",
        postgresql_where=text("lease IS NOT NULL"),
        sqlite_where=text("lease IS NOT NULL"),
    ),
)

skips = Table(
    "skips",
    metadata,
    Column("item_id", ForeignKey("items.item_id"), primary_key=True),
    Column("person", PlainText, primary_key=True),
    Column("skipped_at", UtcTime, nullable=False),
    Index(None, "person"),
)

# Where each person is in the queue, so that they stay on a document and others keep off it for a while.
places = Table(
    "places",
    metadata,
    Column("person", PlainText, primary_key=True),
    Column("document_id", Number),
    Column("until", UtcTime, nullable=False),
    Column("served", Integer, nullable=False, server_default="0"),  # questions for review
    Column("audits", Integer, nullable=False, server_default="0"),
    Index(None, "document_id"),
)

corrections = Table(
    "corrections",
    metadata,
    Column("correction_id", Number, primary_key=True),
    Column("document_id", ForeignKey("documents.document_id"), nullable=False),
    Column("record_id", ForeignKey("records.record_id"), nullable=False),
    Column("field_no", ForeignKey("fields.field_no"), nullable=False),
    Column("item_id", ForeignKey("items.item_id")),
    Column("purpose", Text, nullable=False),  # review, audit or edit
    Column("action", Text, nullable=False),  # confirm, change, unsure or undo
    Column("person", PlainText, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("seconds", Float),
    Column("before_state", Text),
    Column("before_value", ExactDecimal),
    Column("before_raw", PlainText),
    Column("after_state", Text),
    Column("after_value", ExactDecimal),
    Column("after_raw", PlainText),
    Column("note", PlainText),
    Column("lease", Text, unique=True),  # an answer sent twice is one
    Column("retracts", ForeignKey("corrections.correction_id"), unique=True),
    CheckConstraint("purpose IN ('review', 'audit', 'edit')", name="purpose"),
    CheckConstraint("action IN ('confirm', 'change', 'unsure', 'undo')", name="action"),
    CheckConstraint("(action = 'undo') = (retracts IS NOT NULL)", name="retracts"),
    Index(None, "document_id", "field_no"),
    Index(None, "item_id"),
    Index(None, "person", "correction_id"),
    Index(None, "at"),
)

# Which correction decides on a cell now; it follows from the corrections.
settled = Table(
    "settled",
    metadata,
    Column("document_id", ForeignKey("documents.document_id"), primary_key=True, autoincrement=False),
    Column("field_no", ForeignKey("fields.field_no"), primary_key=True, autoincrement=False),
    Column("correction_id", ForeignKey("corrections.correction_id"), nullable=False),
    Column("source", Text, nullable=False),  # person or audit
    CheckConstraint("source IN ('person', 'audit')", name="source"),
)

uploads = Table(
    "uploads",
    metadata,
    Column("upload_id", Number, primary_key=True),
    Column("name", PlainText, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", Number, nullable=False),
    Column("person", PlainText, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("status", Text, nullable=False),  # waiting, done or failed
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("lease", Text),
    Column("lease_until", UtcTime),
    Column("finished_at", UtcTime),
    Column("document_id", ForeignKey("documents.document_id")),
    Column("error_code", PlainText),
    Column("error_message", PlainText),
    CheckConstraint("status IN ('waiting', 'done', 'failed')", name="status"),
    Index(
        "ix_uploads_waiting",
        "upload_id",
        postgresql_where=text("status = 'waiting'"),
        sqlite_where=text("status = 'waiting'"),
    ),
    Index(None, "sha256"),
)

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("active", Boolean(create_constraint=False), nullable=False),
    Column("added_at", UtcTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("user_name", ForeignKey("users.name"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Index(None, "user_name"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("token_id", Number, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("user_name", ForeignKey("users.name"), nullable=False),
    Column("label", PlainText, nullable=False),
    Column("role", Text, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("ended_at", UtcTime),
)

# Each document that was read, with its newest record.
read_documents = documents.join(records, records.c.record_id == documents.c.record_id)

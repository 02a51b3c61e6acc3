"""Tables of bulk runs, agencies, copies and findings over years."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from review.store.kinds import ExactDecimal, JsonText, Number, PlainText, UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables; those before stay as they are."""
    op.create_table(
        "agencies",
        sa.Column("agency_id", Number, nullable=False),
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("province", PlainText(), nullable=True),
        sa.Column("prefecture", PlainText(), nullable=True),
        sa.Column("county", PlainText(), nullable=True),
        sa.Column("organ", PlainText(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", name=op.f("pk_agencies")),
        sa.UniqueConstraint("name", name=op.f("uq_agencies_name")),
    )
    op.create_index(
        op.f("ix_agencies_province_prefecture_county"), "agencies", ["province", "prefecture", "county"], unique=False
    )
    op.create_table(
        "runs",
        sa.Column("run_id", Number, nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("sources", JsonText(), nullable=False),
        sa.Column("options", JsonText(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("figures", JsonText(), nullable=True),
        sa.Column("tracked", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('listing', 'reading', 'done', 'stopped')", name=op.f("ck_runs_status")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
        sa.UniqueConstraint("run_key", name=op.f("uq_runs_run_key")),
    )
    op.create_table(
        "agency_names",
        sa.Column("name", PlainText(), nullable=False),
        sa.Column("agency_id", Number, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("review", sa.SmallInteger(), nullable=False),
        sa.Column("person", PlainText(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.agency_id"], name=op.f("fk_agency_names_agency_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_agency_names")),
    )
    op.create_index(op.f("ix_agency_names_agency_id"), "agency_names", ["agency_id"], unique=False)
    op.create_index(op.f("ix_agency_names_review"), "agency_names", ["review"], unique=False)
    op.create_table(
        "copies",
        sa.Column("first_id", Number, autoincrement=False, nullable=False),
        sa.Column("second_id", Number, autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("evidence", JsonText(), nullable=False),
        sa.Column("person", PlainText(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.CheckConstraint("status IN ('linked', 'proposed', 'refused')", name=op.f("ck_copies_status")),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_copies_order")),
        sa.ForeignKeyConstraint(["first_id"], ["documents.document_id"], name=op.f("fk_copies_first_id")),
        sa.ForeignKeyConstraint(["second_id"], ["documents.document_id"], name=op.f("fk_copies_second_id")),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_copies")),
    )
    op.create_index(op.f("ix_copies_second_id"), "copies", ["second_id"], unique=False)
    op.create_index(op.f("ix_copies_status"), "copies", ["status"], unique=False)
    op.create_table(
        "inputs",
        sa.Column("input_id", Number, nullable=False),
        sa.Column("run_id", Number, nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("place_key", sa.Text(), nullable=False),
        sa.Column("place", PlainText(), nullable=False),
        sa.Column("reference", JsonText(), nullable=False),
        sa.Column("stamp", PlainText(), nullable=True),
        sa.Column("size", Number, nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("code", PlainText(), nullable=True),
        sa.Column("message", PlainText(), nullable=True),
        sa.Column("document_id", Number, nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'done', 'failed')", name=op.f("ck_inputs_status")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_inputs_run_id")),
        sa.PrimaryKeyConstraint("input_id", name=op.f("pk_inputs")),
        sa.UniqueConstraint("reader", "place_key", name=op.f("uq_inputs_reader_place_key")),
    )
    op.create_index(op.f("ix_inputs_run_id_status_code"), "inputs", ["run_id", "status", "code"], unique=False)
    op.create_index(
        "ix_inputs_waiting",
        "inputs",
        ["run_id", "input_id"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
        sqlite_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "year_findings",
        sa.Column("finding_id", Number, nullable=False),
        sa.Column("agency_id", Number, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("earlier_id", Number, nullable=False),
        sa.Column("later_id", Number, nullable=False),
        sa.Column("identity", PlainText(), nullable=False),
        sa.Column("kind", PlainText(), nullable=False),
        sa.Column("left_value", ExactDecimal(), nullable=False),
        sa.Column("right_value", ExactDecimal(), nullable=False),
        sa.Column("cells", JsonText(), nullable=False),
        sa.Column("repairs", JsonText(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.agency_id"], name=op.f("fk_year_findings_agency_id")),
        sa.ForeignKeyConstraint(["earlier_id"], ["documents.document_id"], name=op.f("fk_year_findings_earlier_id")),
        sa.ForeignKeyConstraint(["later_id"], ["documents.document_id"], name=op.f("fk_year_findings_later_id")),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_year_findings")),
    )
    op.create_index(op.f("ix_year_findings_agency_id_year"), "year_findings", ["agency_id", "year"], unique=False)
    op.create_table(
        "reads",
        sa.Column("document_id", Number, autoincrement=False, nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("record_id", Number, nullable=False),
        sa.Column("run_id", Number, nullable=False),
        sa.Column("code", PlainText(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("read_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name=op.f("fk_reads_document_id")),
        sa.ForeignKeyConstraint(["record_id"], ["records.record_id"], name=op.f("fk_reads_record_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_reads_run_id")),
        sa.PrimaryKeyConstraint("document_id", "reader", name=op.f("pk_reads")),
    )
    op.create_index(op.f("ix_reads_run_id"), "reads", ["run_id"], unique=False)
    op.create_table(
        "sketches",
        sa.Column("document_id", Number, autoincrement=False, nullable=False),
        sa.Column("record_id", Number, nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("shingles", JsonText(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.document_id"], name=op.f("fk_sketches_document_id")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_sketches")),
    )
    op.create_index(op.f("ix_sketches_fingerprint_year"), "sketches", ["fingerprint", "year"], unique=False)

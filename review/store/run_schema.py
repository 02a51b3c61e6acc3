"""The tables of bulk runs and of what is found over many reports: inputs, reads, agencies, copies, years."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Index, Integer, SmallInteger, Table, Text, text
from sqlalchemy import UniqueConstraint as Unique

from review.store.kinds import ExactDecimal, JsonText, Number, PlainText, UtcTime
from review.store.schema import metadata

# `run_key` is drawn when a run begins: a worker that does not find it has opened another store than the run's.
runs = Table(
    "runs",
    metadata,
    Column("run_id", Number, primary_key=True),
    Column("run_key", Text, nullable=False, unique=True),
    Column("reader", Text, nullable=False),  # hash of models and options that reading depends on
    Column("sources", JsonText, nullable=False),
    Column("options", JsonText, nullable=False),
    Column("status", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("figures", JsonText),
    Column("tracked", Text),  # the run of the tracking store
    CheckConstraint("status IN ('listing', 'reading', 'done', 'stopped')", name="status"),
)

# One row a place that a document was listed at, for each reader; `run_id` is the newest run that listed it.
inputs = Table(
    "inputs",
    metadata,
    Column("input_id", Number, primary_key=True),
    Column("run_id", ForeignKey("runs.run_id"), nullable=False),
    Column("reader", Text, nullable=False),
    Column("place_key", Text, nullable=False),  # the first half of the SHA-256 of the place: a place may be long
    Column("place", PlainText, nullable=False),
    Column("reference", JsonText, nullable=False),
    Column("stamp", PlainText),  # tells that what is at the place has changed
    Column("size", Number),
    Column("status", Text, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("code", PlainText),
    Column("message", PlainText),
    Column("document_id", Number),
    Unique("reader", "place_key"),
    CheckConstraint("status IN ('waiting', 'done', 'failed')", name="status"),
    Index(None, "run_id", "status", "code"),
    Index(
        "ix_inputs_waiting",
        "run_id",
        "input_id",
        postgresql_where=text("status = 'waiting'"),
        sqlite_where=text("status = 'waiting'"),
    ),
)

# What became of a document with a reader: it is there once, however often and wherever the document was read.
reads = Table(
    "reads",
    metadata,
    Column("document_id", ForeignKey("documents.document_id"), primary_key=True, autoincrement=False),
    Column("reader", Text, primary_key=True),
    Column("record_id", ForeignKey("records.record_id"), nullable=False),
    Column("run_id", ForeignKey("runs.run_id"), nullable=False),
    Column("code", PlainText),  # of the error; NULL where it was read
    Column("seconds", Float, nullable=False),
    Column("read_at", UtcTime, nullable=False),
    Index(None, "run_id"),
)

agencies = Table(
    "agencies",
    metadata,
    Column("agency_id", Number, primary_key=True),
    Column("name", PlainText, nullable=False, unique=True),
    Column("province", PlainText),
    Column("prefecture", PlainText),
    Column("county", PlainText),
    Column("organ", PlainText, nullable=False),  # the name without its places
    Index(None, "province", "prefecture", "county"),
)

# Which agency a printed name is. What a person said (`person`) is never changed by the machine.
agency_names = Table(
    "agency_names",
    metadata,
    Column("name", PlainText, primary_key=True),
    Column("agency_id", ForeignKey("agencies.agency_id"), nullable=False),
    Column("rule", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("review", SmallInteger, nullable=False),  # 1 where a person should look
    Column("person", PlainText),
    Column("at", UtcTime, nullable=False),
    Index(None, "agency_id"),
    Index(None, "review"),
)

# What documents are compared by; a row says that the record was looked at.
sketches = Table(
    "sketches",
    metadata,
    Column("document_id", ForeignKey("documents.document_id"), primary_key=True, autoincrement=False),
    Column("record_id", Number, nullable=False),
    Column("year", Integer),
    Column("fingerprint", Text),  # of its largest numbers; NULL where there are too few
    Column("shingles", JsonText, nullable=False),
    Index(None, "fingerprint", "year"),
)

# Two documents that are one report, the smaller number first.
copies = Table(
    "copies",
    metadata,
    Column("first_id", ForeignKey("documents.document_id"), primary_key=True, autoincrement=False),
    Column("second_id", ForeignKey("documents.document_id"), primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("evidence", JsonText, nullable=False),
    Column("person", PlainText),
    Column("at", UtcTime, nullable=False),
    CheckConstraint("first_id < second_id", name="order"),
    CheckConstraint("status IN ('linked', 'proposed', 'refused')", name="status"),
    Index(None, "second_id"),
    Index(None, "status"),
)

# What reports of one agency say of one another; made anew whenever one of them was read anew.
year_findings = Table(
    "year_findings",
    metadata,
    Column("finding_id", Number, primary_key=True),
    Column("agency_id", ForeignKey("agencies.agency_id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("earlier_id", ForeignKey("documents.document_id"), nullable=False),
    Column("later_id", ForeignKey("documents.document_id"), nullable=False),
    Column("identity", PlainText, nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("left_value", ExactDecimal, nullable=False),
    Column("right_value", ExactDecimal, nullable=False),
    Column("cells", JsonText, nullable=False),
    Column("repairs", JsonText),
    Index(None, "agency_id", "year"),
)

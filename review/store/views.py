"""Views of the store: what each cell is now, whether and by whom it was accepted, the audit, and a line a report."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from sqlalchemy import Boolean, Connection, Float, Integer, MetaData, Table, Text, inspect, text
from sqlalchemy import Column as Col

from models.form import load_forms
from review.store.kinds import ExactDecimal, JsonText, Number, UtcTime

_metadata = MetaData()

# Every cell of the newest record of every document. `accepted_by` is NULL while nobody has accepted it: then state,
# value and raw are the machine's, which nobody should use.
cells = Table(
    "cells",
    _metadata,
    Col("document_id", Number),
    Col("sha256", Text),
    Col("record_id", Number),
    Col("version", Integer),
    Col("source", Text),
    Col("source_kind", Text),
    Col("organization", Text),
    Col("year", Integer),
    Col("title", Text),
    Col("field_no", Integer),
    Col("form", Text),
    Col("field", Text),
    Col("position", Integer),
    Col("label", Text),
    Col("unit", Text),
    Col("kind", Text),
    Col("state", Text),
    Col("value", ExactDecimal),
    Col("raw", Text),
    Col("accepted_by", Text),
    Col("person", Text),
    Col("answered_at", UtcTime),
    Col("confidence", Float),
    Col("review", Boolean),
    Col("reasons", JsonText),
    Col("machine_state", Text),
    Col("machine_value", ExactDecimal),
    Col("machine_raw", Text),
    Col("evidence", JsonText),
    Col("extra", JsonText),
)
_CELLS = """
CREATE VIEW cells AS
SELECT d.document_id, d.sha256, r.record_id, r.version, r.source, r.source_kind, r.organization, r.year, r.title,
       g.field_no, f.form, f.field, f.position, f.label, f.unit, f.kind,
       CASE WHEN c.correction_id IS NULL THEN g.state ELSE c.after_state END AS state,
       CASE WHEN c.correction_id IS NULL THEN g.value ELSE c.after_value END AS value,
       CASE WHEN c.correction_id IS NULL THEN g.raw ELSE c.after_raw END AS raw,
       CASE WHEN c.correction_id IS NOT NULL THEN s.source WHEN NOT g.review THEN 'machine' END AS accepted_by,
       c.person, c.at AS answered_at, g.confidence, g.review, g.reasons,
       g.state AS machine_state, g.value AS machine_value, g.raw AS machine_raw, g.evidence, g.extra
FROM documents d
JOIN records r ON r.record_id = d.record_id
JOIN readings g ON g.record_id = r.record_id
JOIN fields f ON f.field_no = g.field_no
LEFT JOIN settled s ON s.document_id = d.document_id AND s.field_no = g.field_no
LEFT JOIN corrections c ON c.correction_id = s.correction_id
"""
_ACCEPTED = "CREATE VIEW accepted_cells AS SELECT * FROM cells WHERE accepted_by IS NOT NULL"

# Every audit question that people have settled: was the accepted reading right? `chance` is that of being drawn.
audit_answers = Table(
    "audit_answers",
    _metadata,
    Col("item_id", Number),
    Col("correction_id", Number),
    Col("document_id", Number),
    Col("record_id", Number),
    Col("form", Text),
    Col("field", Text),
    Col("source_kind", Text),
    Col("stratum", Text),
    Col("chance", Float),
    Col("state", Text),
    Col("value", ExactDecimal),
    Col("audited_state", Text),
    Col("audited_value", ExactDecimal),
    Col("correct", Integer),
    Col("at", UtcTime),
    Col("models", JsonText),
)
_AUDIT = """
CREATE VIEW audit_answers AS
SELECT i.item_id, c.correction_id, i.document_id, c.record_id, f.form, f.field, r.source_kind, i.stratum, i.chance,
       c.before_state AS state, c.before_value AS value, c.after_state AS audited_state, c.after_value AS audited_value,
       CASE WHEN c.action = 'confirm' THEN 1 ELSE 0 END AS correct, c.at, r.models
FROM items i
JOIN corrections c ON c.item_id = i.item_id AND c.action IN ('confirm', 'change')
JOIN records r ON r.record_id = c.record_id
JOIN fields f ON f.field_no = i.field_no
WHERE i.purpose = 'audit' AND i.status = 'settled'
  AND NOT EXISTS (SELECT 1 FROM corrections u WHERE u.retracts = c.correction_id)
  AND NOT EXISTS (SELECT 1 FROM corrections l WHERE l.item_id = i.item_id AND l.action IN ('confirm', 'change')
                  AND l.correction_id > c.correction_id
                  AND NOT EXISTS (SELECT 1 FROM corrections v WHERE v.retracts = l.correction_id))
"""


def drop_views(connection: Connection) -> None:
    """Take all views away, so that the tables under them can change."""
    names = inspect(connection).get_view_names()
    for name in sorted(names, key=lambda name: name == "cells"):  # the one that others are made of is last
        connection.execute(text(f'DROP VIEW "{name}"'))


def make_views(connection: Connection, numbers: Mapping[tuple[str, str], int]) -> None:
    """Make all views; `numbers` are those of the fields."""
    for query in _write_views(numbers):
        connection.execute(text(query))


def hash_views(numbers: Mapping[tuple[str, str], int]) -> str:
    """Tells one set of views from another."""
    return hashlib.sha256("\n".join(_write_views(numbers)).encode()).hexdigest()[:16]


def _write_views(numbers: Mapping[tuple[str, str], int]) -> Iterator[str]:
    yield from (_CELLS, _ACCEPTED, _AUDIT)
    for form in load_forms().values():
        columns = [
            f"MAX(CASE WHEN field_no = {numbers[form.form_id, field.field_id]} THEN value END)"
            f' AS "{name_column(field.field_id)}"'
            for field in form.fields
        ]
        yield (
            f'CREATE VIEW "{name_view(form.form_id)}" AS SELECT document_id, sha256, source, organization, year,'
            f" SUM(CASE WHEN accepted_by IS NULL THEN 1 ELSE 0 END) AS open_cells,\n{', '.join(columns)}\n"
            "FROM (SELECT document_id, sha256, source, organization, year, field_no, accepted_by,"
            " CASE WHEN accepted_by IS NULL THEN NULL ELSE value END AS value"
            f" FROM cells WHERE form = '{form.form_id}') AS accepted"
            " GROUP BY document_id, sha256, source, organization, year"
        )


def name_view(form_id: str) -> str:
    """The view with a line a report for a form.

    >>> name_view("requests@2021")
    'wide_requests_2021'
    """
    return "wide_" + re.sub(r"\W", "_", form_id)


def name_column(field_id: str) -> str:
    """A field as a column of SQL, without its family.

    >>> name_column("requests.new.total")
    'new_total'
    """
    return re.sub(r"\W", "_", field_id.split(".", 1)[-1])

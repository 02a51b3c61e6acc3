"""Findings of the newest records: which identities do not hold, by agency and year."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_

from review.store import schema
from review.store.database import Store, run_read

findings, records, documents = schema.findings.c, schema.records.c, schema.documents.c


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings: those that fit all that is given."""

    organization: str | None = None
    year: int | None = None
    kind: str | None = None
    identity: str | None = None


@dataclass(frozen=True, slots=True)
class FindingRow:
    """An identity that does not hold, with its document; `position` is its place in the record."""

    record_id: int
    position: int
    document_id: int
    source: str
    organization: str | None
    year: int | None
    identity: str
    kind: str
    relation: str | None
    left: Decimal | None
    right: Decimal | None
    cells: tuple[str, ...]
    note: str | None


def list_findings(
    store: Store, wanted: FindingFilter, *, limit: int = 100, after: FindingRow | None = None
) -> list[FindingRow]:
    """Findings, those of the newest records first; on from the one `after`."""
    names = (
        findings.record_id, findings.position, documents.document_id, records.source, records.organization,
        records.year, findings.identity, findings.kind, findings.relation, findings.left_value.label("left"),
        findings.right_value.label("right"), findings.cells, findings.note,
    )  # fmt: skip
    query = select(*names).select_from(_join_records()).where(*_make_conditions(wanted))
    if after is not None:
        query = query.where(tuple_(-findings.record_id, findings.position) > (-after.record_id, after.position))
    query = query.order_by(findings.record_id.desc(), findings.position).limit(limit)
    rows = run_read(store, lambda connection: connection.execute(query).all())
    return [FindingRow(**dict(row._mapping) | {"cells": tuple(row.cells)}) for row in rows]


def count_findings(
    store: Store, wanted: FindingFilter | None = None, *, limit: int = 1000
) -> list[tuple[str | None, int | None, str, int]]:
    """How many findings of which kind each agency has in which year, the most first."""
    count = func.count().label("count")
    query = select(records.organization, records.year, findings.kind, count).select_from(_join_records())
    query = query.where(*_make_conditions(wanted or FindingFilter()))
    query = query.group_by(records.organization, records.year, findings.kind)
    query = query.order_by(count.desc(), records.organization, records.year).limit(limit)
    return [tuple(row) for row in run_read(store, lambda connection: connection.execute(query).all())]


def _join_records() -> Any:
    joined = schema.findings.join(schema.records, records.record_id == findings.record_id)
    return joined.join(schema.documents, documents.record_id == records.record_id)


def _make_conditions(wanted: FindingFilter) -> list[ColumnElement[bool]]:
    columns = {
        "organization": records.organization,
        "year": records.year,
        "kind": findings.kind,
        "identity": findings.identity,
    }
    return [column == getattr(wanted, name) for name, column in columns.items() if getattr(wanted, name) is not None]

"""Looking things up: documents, their records and cells with their history, findings, agencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from models.numbers import State, plain_number
from review.store import schema
from review.store.database import Store, run_read
from review.store.kinds import AnyRow
from review.store.views import cells

documents, records, readings = schema.documents.c, schema.records.c, schema.readings.c
findings, fields, corrections = schema.findings.c, schema.fields.c, schema.corrections.c


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents: those that fit all that is given. `organization` is exact, `text` any part of a name.

    `finding`: an identity that does not hold in them, or a kind of finding. `errors`: only those that could not be
    read, or only those that could; `open`: only those with open questions; `sha256`: the one with these bytes.
    """

    organization: str | None = None
    year: int | None = None
    form: str | None = None
    finding: str | None = None
    source_kind: str | None = None
    text: str | None = None
    errors: bool | None = None
    open: bool | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document with its newest record. `cells` and `accepted` count the machine's."""

    document_id: int
    sha256: str | None
    record_id: int
    version: int
    source: str
    source_kind: str
    media_type: str | None
    pages: int | None
    title: str | None
    organization: str | None
    year: int | None
    cells: int
    accepted: int
    error_code: str | None
    error_message: str | None
    added_at: datetime
    open_items: int


@dataclass(frozen=True, slots=True)
class CellRow:
    """A cell of the newest record: what the machine read, and what it is now (`now_…`).

    `accepted_by` is `machine`, `person` or `audit`; `None` while nobody has accepted it: then `now_…` is the machine's.
    """

    form: str
    field: str
    label: str
    unit: str
    kind: str
    state: State
    value: Decimal | None
    raw: str | None
    confidence: float
    review: bool
    reasons: tuple[str, ...]
    evidence: Mapping[str, Any] | None
    candidates: tuple[Mapping[str, Any], ...]
    accepted_by: str | None
    now_state: State
    now_value: Decimal | None
    now_raw: str | None
    person: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """One answer about a cell; `action` `undo` takes back the one with the number `retracts`."""

    correction_id: int
    action: str
    purpose: str
    person: str
    at: datetime
    seconds: float | None
    before_state: str | None
    before_value: Decimal | None
    before_raw: str | None
    after_state: str | None
    after_value: Decimal | None
    after_raw: str | None
    note: str | None
    retracts: int | None
    retracted: bool


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of the record of a document, with the models that read it."""

    version: int
    record_id: int
    added_at: datetime
    models: Mapping[str, str] | None
    policy: Any
    error_code: str | None


def find_documents(
    store: Store, wanted: DocumentFilter, *, limit: int = 50, after: int | None = None
) -> list[DocumentRow]:
    """Documents, the newest first; on from the one with the number `after`."""
    query = _select_documents().where(*_make_conditions(wanted)).order_by(documents.document_id.desc()).limit(limit)
    query = query if after is None else query.where(documents.document_id < after)
    return [DocumentRow(*row) for row in run_read(store, lambda connection: connection.execute(query).all())]


def find_document(store: Store, document_id: int) -> DocumentRow | None:
    """One document by its number."""
    return _find_one(store, documents.document_id == document_id)


def find_beside(store: Store, row: DocumentRow) -> tuple[DocumentRow | None, DocumentRow | None]:
    """The newest reports of the same agency on the year before and the year after."""
    if not row.organization or row.year is None:
        return None, None
    query = _select_documents().where(
        records.organization == row.organization,
        records.year.in_((row.year - 1, row.year + 1)),
        records.error_code.is_(None),
    )
    query = query.order_by(documents.document_id)
    found = run_read(store, lambda connection: connection.execute(query).all())
    by_year = {other.year: DocumentRow(*other) for other in found}
    return by_year.get(row.year - 1), by_year.get(row.year + 1)


def find_years_before(store: Store, numbers: Sequence[int]) -> dict[int, int]:
    """For documents by their numbers the newest report of the same agency on the year before, where there is one."""
    later, of_later = schema.documents.alias("later"), schema.records.alias("of_later")
    year_before = and_(records.organization == of_later.c.organization, records.year == of_later.c.year - 1)
    query = (
        select(later.c.document_id, func.max(documents.document_id))
        .select_from(later)
        .join(of_later, of_later.c.record_id == later.c.record_id)
        .join(schema.records, year_before)
        .join(schema.documents, documents.record_id == records.record_id)
        .where(later.c.document_id.in_(list(numbers)))
        .group_by(later.c.document_id)
    )
    return dict(map(tuple, run_read(store, lambda connection: connection.execute(query).all())))


def list_agencies(
    store: Store, *, text: str | None = None, limit: int = 200, after: str | None = None
) -> list[tuple[str, int, tuple[int, ...]]]:
    """Agencies by name with the number of their documents and the years of them; on from the one named `after`."""
    query = select(records.organization, records.year, func.count()).select_from(schema.read_documents)
    query = query.where(records.organization.is_not(None)).group_by(records.organization, records.year)
    if text:
        query = query.where(records.organization.contains(text, autoescape=True))
    if after is not None:
        query = query.where(records.organization > after)
    agencies: dict[str, tuple[int, tuple[int, ...]]] = {}
    for name, year, count in run_read(
        store, lambda connection: connection.execute(query.order_by(records.organization)).all()
    ):
        known, years = agencies.get(name, (0, ()))
        agencies[name] = (known + count, tuple(sorted({*years, *([year] if year is not None else [])})))
    return [(name, count, years) for name, (count, years) in list(agencies.items())[:limit]]


def read_record(store: Store, document_id: int, version: int | None = None) -> dict[str, Any] | None:
    """A record as it was added, the newest that was read or the version wanted; `None` where there is none."""
    return run_read(store, lambda connection: _read_record(connection, document_id, version))


def read_cells(store: Store, document_id: int) -> list[CellRow]:
    """The cells of the newest record of a document, in the order of the record."""
    query = select(cells, readings.position.label("place")).join(
        schema.readings, and_(readings.record_id == cells.c.record_id, readings.field_no == cells.c.field_no)
    )
    query = query.where(cells.c.document_id == document_id).order_by("place")
    return [_make_cell(row) for row in run_read(store, lambda connection: connection.execute(query).all())]


def read_numbers(store: Store, document_id: int, form: str, names: Iterable[str]) -> dict[str, Decimal | None]:
    """What some cells of one form of a document are now, by field; `None` where there is no number.

    A cell that the newest record does not have is left out.
    """
    settled = schema.settled.c
    by_number = {store.field_numbers[form, name]: name for name in names if (form, name) in store.field_numbers}
    query = (
        select(readings.field_no, readings.value, corrections.correction_id, corrections.after_value)
        .select_from(schema.documents)
        .join(schema.readings, readings.record_id == documents.record_id)
        .outerjoin(
            schema.settled,
            and_(settled.document_id == documents.document_id, settled.field_no == readings.field_no),
        )
        .outerjoin(schema.corrections, corrections.correction_id == settled.correction_id)
        .where(documents.document_id == document_id, readings.field_no.in_(sorted(by_number)))
    )
    rows = run_read(store, lambda connection: connection.execute(query).all())
    return {by_number[row.field_no]: row.value if row.correction_id is None else row.after_value for row in rows}


def read_history(store: Store, document_id: int, form: str, field: str) -> list[CorrectionRow]:
    """All that people said of a cell, the oldest first."""
    undone = schema.corrections.alias().c
    names = [name for name in CorrectionRow.__slots__ if name != "retracted"]
    query = select(
        *(corrections[name] for name in names),
        exists().where(undone.retracts == corrections.correction_id).label("retracted"),
    ).where(corrections.document_id == document_id, corrections.field_no == store.field_numbers.get((form, field), -1))
    query = query.order_by(corrections.correction_id)
    rows = run_read(store, lambda connection: connection.execute(query).all())
    return [CorrectionRow(**dict(row._mapping) | {"retracted": bool(row.retracted)}) for row in rows]


def list_versions(store: Store, document_id: int) -> list[VersionRow]:
    """The versions of the record of a document, the oldest first."""
    query = select(*(records[name] for name in VersionRow.__slots__))
    query = query.where(records.document_id == document_id).order_by(records.version)
    return [VersionRow(*row) for row in run_read(store, lambda connection: connection.execute(query).all())]


def _select_documents() -> Select[Any]:
    items = schema.items.c
    asked = select(func.count()).where(
        items.document_id == documents.document_id, items.purpose == "review", items.status == "open"
    )
    names = DocumentRow.__slots__[2:-1]
    return select(
        documents.document_id,
        documents.sha256,
        *(records[name] for name in names),
        asked.scalar_subquery().label("open_items"),
    ).select_from(schema.read_documents)


def _make_conditions(wanted: DocumentFilter) -> list[ColumnElement[bool]]:
    items, forms = schema.items.c, schema.record_forms.c
    conditions: list[ColumnElement[bool]] = []
    for name in ("organization", "year", "source_kind"):
        value = getattr(wanted, name)
        if value is not None:
            conditions.append(records[name] == value)
    if wanted.sha256 is not None:
        conditions.append(documents.document_key == wanted.sha256)
    if wanted.form is not None:
        conditions.append(exists().where(forms.record_id == records.record_id, forms.form == wanted.form))
    if wanted.finding is not None:
        named = or_(findings.identity == wanted.finding, findings.kind == wanted.finding)
        conditions.append(exists().where(findings.record_id == records.record_id, named))
    if wanted.text:
        parts = (records.title, records.source, records.organization)
        conditions.append(or_(*(part.contains(wanted.text, autoescape=True) for part in parts)))
    if wanted.errors is not None:
        conditions.append(records.error_code.is_not(None) if wanted.errors else records.error_code.is_(None))
    if wanted.open is not None:
        asked = exists().where(
            items.document_id == documents.document_id, items.purpose == "review", items.status == "open"
        )
        conditions.append(asked if wanted.open else ~asked)
    return conditions


def _find_one(store: Store, condition: ColumnElement[bool]) -> DocumentRow | None:
    query = _select_documents().where(condition)
    row = run_read(store, lambda connection: connection.execute(query).first())
    return None if row is None else DocumentRow(*row)


def _read_record(connection: Connection, document_id: int, version: int | None) -> dict[str, Any] | None:
    query = select(records.record_id, records.body).where(records.document_id == document_id)
    query = (
        query.join(schema.documents, documents.record_id == records.record_id)
        if version is None
        else query.where(records.version == version)
    )
    found = connection.execute(query).first()
    if found is None:
        return None
    cell_rows = connection.execute(
        select(schema.readings, fields.form, fields.field)
        .join(schema.fields, fields.field_no == readings.field_no)
        .where(readings.record_id == found.record_id)
        .order_by(readings.position)
    ).all()
    finding_rows = connection.execute(
        select(schema.findings).where(findings.record_id == found.record_id).order_by(findings.position)
    ).all()
    body: dict[str, Any] = found.body
    if "error" in body:
        return body
    parts = {
        "cells": [_restore_cell(row) for row in cell_rows],
        "findings": [restore_finding(row) for row in finding_rows],
    }
    return body | parts


def _restore_cell(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.field,
        "form": row.form,
        "state": row.state,
        "value": plain_number(row.value),
        "raw": row.raw,
        "confidence": row.confidence,
        "review": row.review,
        "reasons": row.reasons or [],
        "evidence": row.evidence,
    } | (row.extra or {})


def restore_finding(row: AnyRow) -> dict[str, Any]:
    """A finding as its record has it."""
    entry = {
        "identity": row.identity,
        "cells": row.cells,
        "left": plain_number(row.left_value),
        "right": plain_number(row.right_value),
        "kind": row.kind,
    }
    further = {name: value for name, value in (("relation", row.relation), ("note", row.note)) if value is not None}
    return entry | further | (row.extra or {})


def _make_cell(row: AnyRow) -> CellRow:
    extra: Mapping[str, Any] = row.extra or {}
    candidates: Sequence[Mapping[str, Any]] = extra.get("candidates") or ()
    return CellRow(
        form=row.form,
        field=row.field,
        label=row.label,
        unit=row.unit,
        kind=row.kind,
        state=State(row.machine_state),
        value=row.machine_value,
        raw=row.machine_raw,
        confidence=row.confidence,
        review=row.review,
        reasons=tuple(row.reasons or ()),
        evidence=row.evidence,
        candidates=tuple(candidates),
        accepted_by=row.accepted_by,
        now_state=State(row.state),
        now_value=row.value,
        now_raw=row.raw,
        person=row.person,
        at=row.answered_at,
    )

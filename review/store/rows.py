"""Rows for exports, read as they are needed: a store may hold more cells than a machine holds in memory."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, select

from models.form import load_forms
from models.numbers import plain_number
from review.store import schema
from review.store.database import Store
from review.store.kinds import AnyRow
from review.store.views import audit_answers, cells

AT_ONCE = 2000  # rows that are fetched together
RECORDS_KEPT = 256  # whose labels are kept while corrections are read: many are about one record


def iter_cells(store: Store, *, accepted_only: bool, form: str | None = None) -> Iterator[AnyRow]:
    """Rows of the view `cells`, a document after the other, each in the order of the forms."""
    query = select(cells).order_by(cells.c.document_id, cells.c.field_no)
    if accepted_only:
        query = query.where(cells.c.accepted_by.is_not(None))
    if form is not None:
        numbers = [number for (name, _), number in store.field_numbers.items() if name == form]
        query = query.where(cells.c.field_no.in_(numbers))
    yield from _stream(store, query)


def list_forms(store: Store) -> list[str]:
    """The forms that documents of the store have, in the order of the fields."""
    forms = schema.record_forms.c
    query = select(forms.form).distinct()
    with _read(store) as connection:
        found = set(connection.execute(query).scalars())
    return [form for form in dict.fromkeys(form for form, _ in store.field_numbers) if form in found]


def iter_corrections(store: Store, *, everything: bool = False) -> Iterator[dict[str, Any]]:
    """Answers of people, the oldest first, as docs/review.md describes them; with `everything` those taken back too."""
    corrections, records, fields = schema.corrections.c, schema.records.c, schema.fields.c
    readings, documents, items, settled = (
        schema.readings.c, schema.documents.c, schema.items.c, schema.settled.c,
    )  # fmt: skip
    undone = schema.corrections.alias().c
    retracted = exists().where(undone.retracts == corrections.correction_id)
    decides = exists().where(settled.correction_id == corrections.correction_id)
    query = (
        select(
            schema.corrections, fields.form, fields.field, documents.sha256, records.source, records.source_kind,
            records.media_type, records.organization, records.year, records.version, records.models, records.policy,
            readings.confidence, readings.review, readings.reasons, readings.evidence, readings.extra, items.stratum,
            items.chance, retracted.label("retracted"), decides.label("decides"),
        )
        .select_from(schema.corrections)
        .join(schema.fields, fields.field_no == corrections.field_no)
        .join(schema.documents, documents.document_id == corrections.document_id)
        .join(schema.records, records.record_id == corrections.record_id)
        .join(
            schema.readings,
            and_(readings.record_id == corrections.record_id, readings.field_no == corrections.field_no),
        )
        .outerjoin(schema.items, items.item_id == corrections.item_id)
        .order_by(corrections.correction_id)
    )  # fmt: skip
    if not everything:
        query = query.where(corrections.action != "undo", ~retracted)

    @functools.lru_cache(maxsize=RECORDS_KEPT)
    def read_tables(record_id: int) -> list[Mapping[str, Any]]:
        with _read(store) as connection:
            body = connection.execute(select(records.body).where(records.record_id == record_id)).scalar_one()
        return list(body.get("tables") or ())

    for row in _stream(store, query):
        printed = (row.extra or {}).get("printed") or find_printed(read_tables(row.record_id), row.form, row.field)
        yield _make_correction(row) | {"printed": printed}


def find_printed(tables: Iterable[Mapping[str, Any]], form_id: str, field_id: str) -> dict[str, list[str]] | None:
    """How the row and the column of a cell are worded in a document, out of the `tables` of its record.

    `None` where the record does not say it, or names other rows and columns than the form has.
    """
    place = _index_labels(form_id).get(field_id)
    labels = next((table.get("labels") for table in tables if table.get("form") == form_id), None)
    if place is None or not isinstance(labels, Mapping):
        return None
    rows, columns = labels.get("rows") or [], labels.get("columns") or []
    if (len(rows), len(columns)) != place[2:]:
        return None
    return {"row": list(rows[place[0]]), "column": list(columns[place[1]])}


@functools.cache
def _index_labels(form_id: str) -> Mapping[str, tuple[int, int, int, int]]:
    """By field the number of its row and column among those of all blocks, and how many there are."""
    form = load_forms().get(form_id)
    if form is None:
        return {}
    rows = list(itertools.accumulate((len(block.rows) for block in form.blocks), initial=0))
    columns = list(itertools.accumulate((len(block.columns) for block in form.blocks), initial=0))
    return {
        field.field_id: (rows[field.block] + field.row, columns[field.block] + field.column, rows[-1], columns[-1])
        for field in form.fields
    }


def iter_audit(store: Store) -> Iterator[dict[str, Any]]:
    """Audit questions, answered or not, as `gouji audit estimate` reads them.

    Within a stratum (month, kind of source with what is printed, models) every accepted cell had the same chance of
    being drawn; what was drawn over that chance is how many there are (`population`).
    """
    items, records, fields, documents = schema.items.c, schema.records.c, schema.fields.c, schema.documents.c
    readings, answers = schema.readings, audit_answers.c
    query = (
        select(
            items.stratum, items.chance, items.record_id, records.source, documents.sha256, records.added_at,
            records.models, fields.form, fields.field, readings.c.state, readings.c.value,
            answers.state.label("before"), answers.value.label("before_value"), answers.audited_state,
            answers.audited_value,
        )
        .select_from(schema.items)
        .join(schema.records, records.record_id == items.record_id)
        .join(schema.documents, documents.document_id == items.document_id)
        .join(schema.fields, fields.field_no == items.field_no)
        .join(readings, and_(readings.c.record_id == items.record_id, readings.c.field_no == items.field_no))
        .outerjoin(audit_answers, answers.item_id == items.item_id)
        .where(items.purpose == "audit", items.status != "withdrawn")
        .order_by(items.item_id)
    )  # fmt: skip
    drawn = Counter(_name_stratum(row) for row in _stream(store, query))
    for row in _stream(store, query):
        stratum = _name_stratum(row)
        before = (row.state, row.value) if row.before is None else (row.before, row.before_value)
        yield {
            "source": row.source,
            "sha256": row.sha256,
            "form": row.form,
            "field": row.field,
            "purpose": "audit",
            **dict(zip(("month", "source_kind", "model"), stratum[:3], strict=True)),
            "population": round(drawn[stratum] / row.chance),
            "drawn": drawn[stratum],
            "before": {"state": before[0], "value": plain_number(before[1])},
            "after": _make_side(row.audited_state, row.audited_value, None),
        }


def _name_stratum(row: AnyRow) -> tuple[str, str, str, float]:
    """Month of reading, kind of source with what is printed, model of the cells; the chance, which may have changed."""
    models = row.models or {}
    return row.added_at.strftime("%Y-%m"), row.stratum, str(models.get("cells", "unknown")), row.chance


def _make_correction(row: AnyRow) -> dict[str, Any]:
    extra = row.extra or {}
    entry = {
        "correction": row.correction_id,
        "document": row.document_id,
        "sha256": row.sha256,
        "source": row.source,
        "source_kind": row.source_kind,
        "media_type": row.media_type,
        "organization": row.organization,
        "year": row.year,
        "form": row.form,
        "field": row.field,
        "evidence": row.evidence,
        "before": _make_side(row.before_state, row.before_value, row.before_raw),
        "after": _make_side(row.after_state, row.after_value, row.after_raw),
        "action": row.action,
        "purpose": row.purpose,
        "decides": bool(row.decides),
        "who": row.person,
        "when": row.at.isoformat(),
        "seconds": row.seconds,
        "note": row.note,
        "confidence": row.confidence,
        "review": row.review,
        "reasons": row.reasons or [],
        "candidates": extra.get("candidates"),
        "version": row.version,
        "models": row.models,
        "policy": row.policy,
    }
    if row.purpose == "audit":
        entry |= {"stratum": row.stratum, "chance": row.chance}
    if row.retracted or row.retracts is not None:
        entry |= {"retracted": bool(row.retracted), "retracts": row.retracts}
    return entry


def _make_side(state: str | None, value: Any, raw: str | None) -> dict[str, Any] | None:
    return None if state is None else {"state": state, "value": plain_number(value), "raw": raw}


@contextmanager
def _read(store: Store) -> Iterator[Connection]:
    with store.engine.connect() as connection, connection.begin():
        yield connection


def _stream(store: Store, query: Select[Any]) -> Iterator[AnyRow]:
    with _read(store) as connection:
        yield from connection.execution_options(yield_per=AT_ONCE).execute(query)

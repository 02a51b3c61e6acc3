"""Putting the questions about new records into the queue, beside those that their documents have there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from review.priority import Question, draw_audit, find_lot, find_questions
from review.record_cells import RecordCell
from review.store import schema
from review.store.database import Store, insert_new


@dataclass(frozen=True, slots=True)
class Asked:
    """A new record of a document, which people are asked about; `key` is the document's."""

    document_id: int
    record_id: int
    key: str
    source_kind: str
    cells: Sequence[RecordCell]
    findings: Sequence[Mapping[str, Any]]


def ask_questions(connection: Connection, store: Store, records: Sequence[Asked]) -> None:
    """Queue the questions about records that are the newest of their documents.

    What people have settled is not asked again. A question that was open goes on about the new record; one that the new
    record does not raise is withdrawn, though an answer on its way is still taken.
    """
    documents = [record.document_id for record in records]
    table, settled = schema.items.c, schema.settled.c
    there = {
        (document, field, purpose): (item, status)
        for item, document, field, purpose, status in connection.execute(
            select(table.item_id, table.document_id, table.field_no, table.purpose, table.status).where(
                table.document_id.in_(documents)
            )
        )
    }
    answered = {
        (document, field)
        for document, field in connection.execute(
            select(settled.document_id, settled.field_no).where(settled.document_id.in_(documents))
        )
    }
    new: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    for record in records:
        wanted = 2 if find_lot(store.settings.seed, "double", record.key) < store.settings.double_share else 1
        for question in _find_questions(store, record):
            row = _make_row(store, record, question, wanted)
            known = there.pop((record.document_id, row["field_no"], row["purpose"]), None)
            if known is None:
                if question.purpose == "audit" or (record.document_id, row["field_no"]) not in answered:
                    new.append(row)
            elif known[1] in ("open", "withdrawn"):
                moved.append({"item": known[0], **{name: row[name] for name in _MOVED}})
    insert_new(connection, schema.items, new)
    if moved:
        change = update(schema.items).where(table.item_id == bindparam("item")).values(status="open")
        connection.execute(change.values({name: bindparam(name) for name in _MOVED}), moved)
    gone = [item for item, status in there.values() if status == "open"]
    if gone:
        connection.execute(update(schema.items).where(table.item_id.in_(gone)).values(status="withdrawn"))


_MOVED = ("record_id", "group_rank", "position", "shown", "stratum", "chance")


def _find_questions(store: Store, record: Asked) -> list[Question]:
    audited = draw_audit(
        record.cells,
        document=record.key,
        source_kind=record.source_kind,
        rates=store.settings.audit_rates,
        seed=store.settings.seed,
    )
    return find_questions(record.cells, record.findings) + audited


def _make_row(store: Store, record: Asked, question: Question, wanted: int) -> dict[str, Any]:
    return {
        "document_id": record.document_id,
        "field_no": store.field_numbers[question.form, question.field],
        "purpose": question.purpose,
        "record_id": record.record_id,
        "status": "open",
        "group_rank": question.rank,
        "position": question.position,
        "shown": question.shown,
        "wanted": wanted if question.purpose == "review" else 1,
        "stratum": question.stratum,
        "chance": question.chance,
    }

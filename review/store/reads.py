"""Keeping what was read: one record a document and reader, however often and by however many it was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from models.source_kinds import find_source_kind
from review.store import run_schema, schema
from review.store.adding import Draft, add_documents, add_versions, draft_record
from review.store.database import Store, insert_new, run_read, run_write, upsert

table = run_schema.reads.c


@dataclass(frozen=True, slots=True)
class FreshRead:
    """A record just made; `seconds` is what reading took."""

    record: Mapping[str, Any]
    seconds: float


@dataclass(frozen=True, slots=True)
class KeptRead:
    """What the store has of a document for a reader; `code` of its error; `new` where it was not there before."""

    document_id: int
    code: str | None
    kind: str
    cells: int
    accepted: int
    new: bool


def find_reads(store: Store, hashes: Sequence[str], reader: str) -> dict[str, KeptRead]:
    """What a reader made of documents before, by SHA-256."""
    if not hashes:
        return {}
    documents, records = schema.documents.c, schema.records.c
    query = (
        select(
            documents.document_key, table.document_id, table.code, records.source_kind, records.cells, records.accepted
        )
        .select_from(schema.documents)
        .join(run_schema.reads, (table.document_id == documents.document_id) & (table.reader == reader))
        .join(schema.records, records.record_id == table.record_id)
        .where(documents.document_key.in_(list(hashes)))
    )
    rows = run_read(store, lambda connection: connection.execute(query).all())
    return {row[0]: KeptRead(row[1], row[2], row[3], row[4], row[5], new=False) for row in rows}


def add_places(store: Store, places: Sequence[tuple[int, str]]) -> None:
    """Note that documents, by number, stand at further places."""
    now = store.clock()
    rows = [{"document_id": number, "source": place, "added_at": now} for number, place in sorted(set(places))]
    if rows:
        run_write(store, lambda connection: insert_new(connection, schema.sources, rows))


def keep_reads(store: Store, reads: Sequence[FreshRead], *, reader: str, run_id: int) -> list[KeptRead]:
    """Add records in one transaction, each only where its document has none of the reader yet.

    Of two that read a document at once the first is kept. A record takes the place of an error, never the other way.
    Raises `ValueError` as `add_records` does, with nothing added.
    """
    drafts = [draft_record(store, read.record) for read in reads]

    def write(connection: Connection) -> list[KeptRead]:
        documents = add_documents(connection, store, drafts)
        known = dict(
            map(
                tuple,
                connection.execute(
                    select(table.document_id, table.code).where(
                        table.document_id.in_(list(documents.values())), table.reader == reader
                    )
                ),
            )
        )
        fresh: dict[int, int] = {}  # place among the reads by document
        for index, draft in enumerate(drafts):
            document, failed = documents[draft.key], "error" in draft.record
            if document not in fresh and (document not in known or (known[document] is not None and not failed)):
                fresh[document] = index
        chosen = [drafts[index] for index in fresh.values()]
        added = add_versions(connection, store, chosen, documents)
        now = store.clock()
        rows = [
            {
                "document_id": result.document_id,
                "reader": reader,
                "record_id": result.record_id,
                "run_id": run_id,
                "code": (reads[index].record.get("error") or {}).get("code"),
                "seconds": round(reads[index].seconds, 4),
                "read_at": now,
            }
            for result, index in zip(added, fresh.values(), strict=True)
        ]
        if rows:
            upsert(connection, run_schema.reads, rows, by=("document_id", "reader"))
        new = set(fresh.values())
        return [_describe(draft, documents[draft.key], new=index in new) for index, draft in enumerate(drafts)]

    return run_write(store, write)


def _describe(draft: Draft, document: int, *, new: bool) -> KeptRead:
    code = (draft.record.get("error") or {}).get("code")
    accepted = sum(not cell.review for cell in draft.cells)
    return KeptRead(document, code, find_source_kind(draft.record), len(draft.cells), accepted, new=new)

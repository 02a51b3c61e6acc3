"""Adding records: each a version that stays, with its readings, findings and questions, once however often it comes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from models.source_kinds import find_source_kind
from review.record_cells import RecordCell, parse_cells, parse_number
from review.store import schema
from review.store.asking import Asked, ask_questions
from review.store.bulk_rows import insert_readings
from review.store.database import Store, insert_new, run_write
from review.store.kinds import dump_json, plain_text

_HASH = re.compile(r"[0-9a-f]{64}")
_FINDING = frozenset({"identity", "cells", "left", "right", "kind", "relation", "note"})
_APART = frozenset({"cells", "findings"})


@dataclass(frozen=True, slots=True)
class Added:
    """Where a record is in the store; `new` is false where it was there already."""

    document_id: int
    record_id: int
    version: int
    new: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A record, checked and ready to be written."""

    record: Mapping[str, Any]
    cells: Sequence[RecordCell]
    findings: Sequence[Mapping[str, Any]]
    key: str
    digest: str


def add_record(store: Store, record: Mapping[str, Any]) -> Added:
    """Add one record as the newest version of its document; raises `ValueError` as `add_records` does."""
    return add_records(store, [record])[0]


def add_records(store: Store, records: Iterable[Mapping[str, Any]]) -> list[Added]:
    """Add records in one transaction, in their order; one that a document has already is not added again.

    A record is the same where all but its `source` is. An error record never stands before one that was read. Raises
    `ValueError`, with nothing added, where one is no record or has a cell of a form that does not ship.
    """
    drafts = [draft_record(store, record) for record in records]
    return run_write(store, lambda connection: _add(connection, store, drafts))


def draft_record(store: Store, record: Mapping[str, Any]) -> Draft:
    """Check a record and number its cells; raises `ValueError` as `add_records` does."""
    source, sha256 = record.get("source"), record.get("sha256")
    if not isinstance(source, str):
        raise ValueError("no record: it names no source")
    if sha256 is not None and not (isinstance(sha256, str) and _HASH.fullmatch(sha256)):
        raise ValueError(f"{source!r}: not a SHA-256: {sha256!r}")
    cells = parse_cells(record)
    for cell in cells:
        if (cell.form, cell.field) not in store.field_numbers:
            raise ValueError(f"{source!r}: no form has the cell {cell.field} of {cell.form}")
    key = sha256 or "source:" + hashlib.sha256(plain_text(source).encode()).hexdigest()
    content = {name: record[name] for name in sorted(record) if name != "source"}
    digest = hashlib.sha256(dump_json(content).encode()).hexdigest()
    return Draft(record, cells, record.get("findings") or [], key, digest)


def _add(connection: Connection, store: Store, drafts: Sequence[Draft]) -> list[Added]:
    """Documents of a batch are locked in one order, so that two batches cannot wait for each other."""
    documents = add_documents(connection, store, drafts)
    added: list[Added] = []
    rest = list(drafts)
    while rest:  # a document that comes twice in a batch gets its versions one after the other
        seen: set[str] = set()
        batch = []
        for draft in rest:
            if draft.key in seen:
                break
            seen.add(draft.key)
            batch.append(draft)
        added += add_versions(connection, store, batch, documents)
        rest = rest[len(batch) :]
    return added


def add_documents(connection: Connection, store: Store, drafts: Sequence[Draft]) -> dict[str, int]:
    """Add the documents and names of records, and lock them; the numbers of the documents by key."""
    table, now = schema.documents, store.clock()
    hashes = {draft.key: draft.record.get("sha256") for draft in drafts}
    rows = [{"document_key": key, "sha256": hashes[key], "added_at": now} for key in sorted(hashes)]
    insert_new(connection, table, rows)
    query = select(table.c.document_key, table.c.document_id).where(table.c.document_key.in_(list(hashes)))
    query = query.order_by(table.c.document_key).with_for_update(key_share=True)
    documents = dict(map(tuple, connection.execute(query)))
    sources = {(documents[draft.key], draft.record["source"]) for draft in drafts}
    insert_new(
        connection,
        schema.sources,
        [{"document_id": document, "source": source, "added_at": now} for document, source in sorted(sources)],
    )
    return documents


def add_versions(
    connection: Connection, store: Store, drafts: Sequence[Draft], documents: Mapping[str, int]
) -> list[Added]:
    """Add records of documents that are locked, at most one of each."""
    table = schema.records.c
    known = select(table.document_id, table.digest, table.record_id, table.version, table.error_code).where(
        table.document_id.in_([documents[draft.key] for draft in drafts])
    )
    there: dict[tuple[int, str], Added] = {}
    newest: dict[int, int] = {}
    read: set[int] = set()
    for document, digest, record, version, error in connection.execute(known):
        there[document, digest] = Added(document, record, version, new=False)
        newest[document] = max(version, newest.get(document, 0))
        read |= {document} if error is None else set()
    fresh = [draft for draft in drafts if (documents[draft.key], draft.digest) not in there]
    if fresh:
        rows = [
            _make_row(store, draft, documents[draft.key], newest.get(documents[draft.key], 0) + 1) for draft in fresh
        ]
        query = insert(schema.records).returning(table.record_id, sort_by_parameter_order=True)
        numbers = list(connection.execute(query, rows).scalars())
        for draft, row, number in zip(fresh, rows, numbers, strict=True):
            there[row["document_id"], draft.digest] = Added(row["document_id"], number, row["version"], new=True)
        _add_parts(connection, store, fresh, numbers)
        shown = [
            Asked(row["document_id"], number, draft.key, row["source_kind"], draft.cells, draft.findings)
            for draft, row, number in zip(fresh, rows, numbers, strict=True)
            if row["error_code"] is None or row["document_id"] not in read
        ]
        _point_to(connection, shown)
        ask_questions(connection, store, shown)
    return [there[documents[draft.key], draft.digest] for draft in drafts]


def _make_row(store: Store, draft: Draft, document: int, version: int) -> dict[str, Any]:
    record = draft.record
    error = record.get("error") or {}
    year = record.get("year")
    return {
        "document_id": document,
        "version": version,
        "digest": draft.digest,
        "added_at": store.clock(),
        "source": record["source"],
        "source_kind": find_source_kind(record),
        "media_type": record.get("media_type"),
        "pages": record.get("pages"),
        "title": record.get("title"),
        "organization": record.get("organization"),
        "year": year if isinstance(year, int) else None,
        "models": record.get("models"),
        "policy": record.get("policy"),
        "error_code": error.get("code"),
        "error_message": error.get("message"),
        "cells": len(draft.cells),
        "accepted": sum(not cell.review for cell in draft.cells),
        "body": {name: value for name, value in record.items() if name not in _APART},
    }


def _add_parts(connection: Connection, store: Store, drafts: Sequence[Draft], numbers: Sequence[int]) -> None:
    pairs = list(zip(numbers, drafts, strict=True))
    forms = [
        {"record_id": number, "form": form}
        for number, draft in pairs
        for form in dict.fromkeys(cell.form for cell in draft.cells)
    ]
    if forms:
        connection.execute(insert(schema.record_forms), forms)
    rows = (
        (number, store.field_numbers[cell.form, cell.field], cell) for number, draft in pairs for cell in draft.cells
    )
    insert_readings(connection, rows)
    findings = [
        _make_finding(number, position, finding)
        for number, draft in pairs
        for position, finding in enumerate(draft.findings)
    ]
    if findings:
        connection.execute(insert(schema.findings), findings)


def _make_finding(record: int, position: int, finding: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "record_id": record,
        "position": position,
        "identity": finding["identity"],
        "kind": finding["kind"],
        "relation": finding.get("relation"),
        "left_value": parse_number(finding.get("left")),
        "right_value": parse_number(finding.get("right")),
        "cells": list(finding.get("cells") or ()),
        "note": finding.get("note"),
        "extra": {name: value for name, value in finding.items() if name not in _FINDING} or None,
    }


def _point_to(connection: Connection, shown: Sequence[Asked]) -> None:
    table = schema.documents
    for asked in shown:
        point = update(table).where(table.c.document_id == asked.document_id).values(record_id=asked.record_id)
        connection.execute(point)

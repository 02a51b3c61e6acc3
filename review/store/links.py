"""What is known over many documents: agencies under their names, copies of reports, findings over years, coverage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy import or_ as any_of

from review.store import run_schema, schema
from review.store.database import Store, insert_new, run_read, run_write, upsert
from review.store.kinds import plain_text

documents, records = schema.documents.c, schema.records.c
agencies, names = run_schema.agencies.c, run_schema.agency_names.c
copies, sketches = run_schema.copies.c, run_schema.sketches.c
PERSON_RULE = "person"


@dataclass(frozen=True, slots=True)
class AgencyEntry:
    """Which agency a printed name is. `name` of the agency; `review`: a person should look."""

    printed: str
    name: str
    places: tuple[str | None, str | None, str | None]
    organ: str
    rule: str
    confidence: float
    review: bool


@dataclass(frozen=True, slots=True)
class SketchEntry:
    """What a document is compared by, as the store keeps it."""

    document_id: int
    record_id: int
    year: int | None
    fingerprint: str | None
    shingles: Sequence[int]


@dataclass(frozen=True, slots=True)
class CopyEntry:
    """Two documents that are one report; `status`: `linked`, `proposed` or `refused`."""

    first_id: int
    second_id: int
    status: str
    score: float
    evidence: Mapping[str, Any]
    person: str | None = None


@dataclass(frozen=True, slots=True)
class YearEntry:
    """What two reports of an agency say of one another; documents by number."""

    year: int
    earlier_id: int
    later_id: int
    identity: str
    kind: str
    left: Decimal
    right: Decimal
    cells: Sequence[Any]
    repairs: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The years that an agency has reports of, and those between its first and the newest that it has none of."""

    agency_id: int
    agency: str
    province: str | None
    prefecture: str | None
    county: str | None
    years: tuple[int, ...]
    missing: tuple[int, ...]


def list_printed_names(store: Store) -> list[str]:
    """The names of agencies as the newest records have them, sorted."""
    query = (
        select(records.organization)
        .distinct()
        .select_from(schema.read_documents)
        .where(records.organization.is_not(None))
    )
    return sorted(run_read(store, lambda connection: list(connection.execute(query).scalars())))


def save_agencies(store: Store, entries: Sequence[AgencyEntry]) -> int:
    """Keep which names are which agency, but where a person has said so; how many names changed."""
    now = store.clock()

    def write(connection: Connection) -> int:
        rows = {
            entry.name: {
                "name": entry.name,
                **dict(zip(("province", "prefecture", "county"), entry.places, strict=True)),
                "organ": entry.organ,
            }
            for entry in entries
        }
        insert_new(connection, run_schema.agencies, list(rows.values()))
        numbers = dict(map(tuple, connection.execute(select(agencies.name, agencies.agency_id))))
        known = {row.name: row for row in connection.execute(select(run_schema.agency_names))}
        changed = []
        for entry in entries:
            before = known.get(plain_text(entry.printed))
            number = numbers[plain_text(entry.name)]
            if before is not None and (before.person is not None or before.agency_id == number):
                continue
            changed.append(
                {
                    "name": entry.printed,
                    "agency_id": number,
                    "rule": entry.rule,
                    "confidence": entry.confidence,
                    "review": int(entry.review),
                    "person": None,
                    "at": now,
                }
            )
        if changed:
            upsert(connection, run_schema.agency_names, changed, by=("name",))
        return len(changed)

    return run_write(store, write)


def set_agency(store: Store, printed: str, agency: str, *, person: str) -> None:
    """A person says which agency a printed name is; raises `ValueError` where either is not known."""

    def write(connection: Connection) -> None:
        number = connection.execute(select(agencies.agency_id).where(agencies.name == agency)).scalar()
        if number is None:
            raise ValueError(f"the store has no agency {agency}")
        change = update(run_schema.agency_names).where(names.name == printed)
        values = {"agency_id": number, "rule": PERSON_RULE, "confidence": 1.0, "review": 0}
        if connection.execute(change.values(**values, person=person, at=store.clock())).rowcount != 1:
            raise ValueError(f"no report of the store prints the name {printed}")

    run_write(store, write)


def list_names_for_review(store: Store, *, limit: int = 100) -> list[tuple[str, str, str, float]]:
    """(printed name, agency, rule, confidence) of names that a person should look at, the least sure first."""
    query = (
        select(names.name, agencies.name, names.rule, names.confidence)
        .join(run_schema.agencies, agencies.agency_id == names.agency_id)
        .where(names.review == 1)
        .order_by(names.confidence, names.name)
        .limit(limit)
    )
    return [
        (printed, agency, rule, confidence)
        for printed, agency, rule, confidence in run_read(store, lambda c: c.execute(query).all())
    ]


def list_unlinked(store: Store, *, after: int = 0, limit: int) -> list[tuple[int, int]]:
    """(document, record) of newest records with cells that were not linked yet, on from a document."""
    query = (
        select(documents.document_id, documents.record_id)
        .select_from(schema.read_documents)
        .outerjoin(run_schema.sketches, sketches.document_id == documents.document_id)
        .where(records.error_code.is_(None), records.cells > 0, documents.document_id > after)
        .where(any_of(sketches.record_id.is_(None), sketches.record_id != documents.record_id))
        .order_by(documents.document_id)
        .limit(limit)
    )
    return [(document, record) for document, record in run_read(store, lambda c: c.execute(query).all())]


def save_sketches(store: Store, entries: Sequence[SketchEntry]) -> None:
    """Keep what documents are compared by."""
    rows = [
        {name: getattr(entry, name) for name in ("document_id", "record_id", "year", "fingerprint", "shingles")}
        for entry in entries
    ]
    if rows:
        run_write(store, lambda connection: upsert(connection, run_schema.sketches, rows, by=("document_id",)))


def mark_linked(store: Store, pairs: Sequence[tuple[int, int]]) -> None:
    """Note that records of documents were linked: (document, record) each."""
    change = update(run_schema.sketches).where(sketches.document_id == bindparam("number"))
    change = change.values(record_id=bindparam("record"))
    rows = [{"number": document, "record": record} for document, record in pairs]
    if rows:
        run_write(store, lambda connection: connection.execute(change, rows) and None)


def find_alike(store: Store, fingerprint: str, year: int | None) -> list[int]:
    """Documents with a fingerprint, of a year."""
    query = select(sketches.document_id).where(sketches.fingerprint == fingerprint, sketches.year == year).limit(50)
    return list(run_read(store, lambda connection: connection.execute(query).scalars().all()))


def find_agency_of(store: Store, document_ids: Sequence[int]) -> dict[int, tuple[int, float]]:
    """The agency of documents, by number, with the confidence of the name; without those that print none."""
    query = (
        select(documents.document_id, names.agency_id, names.confidence)
        .select_from(schema.read_documents)
        .join(run_schema.agency_names, names.name == records.organization)
        .where(documents.document_id.in_(list(document_ids)))
    )
    return {d: (agency, confidence) for d, agency, confidence in run_read(store, lambda c: c.execute(query).all())}


def list_agency_documents(store: Store, agency_id: int, *, least: float) -> list[tuple[int, int]]:
    """(year, document) of an agency's reports with cells, under names of at least a confidence, in their order."""
    query = (
        select(records.year, documents.document_id)
        .select_from(schema.read_documents)
        .join(run_schema.agency_names, names.name == records.organization)
        .where(names.agency_id == agency_id, names.confidence >= least)
        # Found from the names on: the document by its number too, and not by the error, where SQLite would begin.
        .where(documents.document_id == records.document_id, records.cells > 0, records.year.is_not(None))
        .order_by(records.year, documents.document_id)
    )
    return [(year, document) for year, document in run_read(store, lambda c: c.execute(query).all())]


def save_copies(store: Store, entries: Sequence[CopyEntry]) -> int:
    """Keep pairs of documents, but where a person has said what they are; how many are new."""
    rows = [
        {
            "first_id": entry.first_id,
            "second_id": entry.second_id,
            "status": entry.status,
            "score": entry.score,
            "evidence": dict(entry.evidence),
            "at": store.clock(),
        }
        for entry in entries
    ]

    def write(connection: Connection) -> int:
        before = connection.execute(select(func.count()).select_from(run_schema.copies)).scalar_one()
        insert_new(connection, run_schema.copies, rows)
        return int(connection.execute(select(func.count()).select_from(run_schema.copies)).scalar_one()) - int(before)

    return run_write(store, write) if rows else 0


def decide_copy(store: Store, first_id: int, second_id: int, *, linked: bool, person: str) -> None:
    """A person says whether two documents are one report; raises `ValueError` where they were never compared."""
    pair = sorted((first_id, second_id))
    change = update(run_schema.copies).where(copies.first_id == pair[0], copies.second_id == pair[1])
    change = change.values(status="linked" if linked else "refused", person=person, at=store.clock())
    if run_write(store, lambda connection: connection.execute(change).rowcount) != 1:
        raise ValueError(f"documents {pair[0]} and {pair[1]} were never compared")


def list_copies(store: Store, status: str | None = None, *, limit: int = 100) -> list[CopyEntry]:
    """Pairs of documents, those that are the least alike first."""
    table = run_schema.copies.c
    query = select(table.first_id, table.second_id, table.status, table.score, table.evidence, table.person)
    query = query if status is None else query.where(copies.status == status)
    rows = run_read(store, lambda c: c.execute(query.order_by(copies.score, copies.first_id).limit(limit)).all())
    return [CopyEntry(*row) for row in rows]


def save_year_findings(store: Store, agency_id: int, entries: Sequence[YearEntry]) -> None:
    """Keep the findings of an agency in place of those before."""
    table = run_schema.year_findings
    rows = [
        {
            "agency_id": agency_id,
            "year": entry.year,
            "earlier_id": entry.earlier_id,
            "later_id": entry.later_id,
            "identity": entry.identity,
            "kind": entry.kind,
            "left_value": entry.left,
            "right_value": entry.right,
            "cells": list(entry.cells),
            "repairs": list(entry.repairs),
        }
        for entry in entries
    ]

    def write(connection: Connection) -> None:
        connection.execute(delete(table).where(table.c.agency_id == agency_id))
        if rows:
            connection.execute(insert(table), rows)

    run_write(store, write)


def iter_coverage(store: Store, *, first: int | None = None, last: int | None = None) -> Iterator[Coverage]:
    """The years that each agency has reports of, agencies by place and name.

    Missing are years from `first` (else the agency's first) to `last` (else the newest of the store).
    """
    query = (
        select(agencies.agency_id, agencies.name, agencies.province, agencies.prefecture, agencies.county, records.year)
        .select_from(schema.read_documents)
        .join(run_schema.agency_names, names.name == records.organization)
        .join(run_schema.agencies, agencies.agency_id == names.agency_id)
        .where(records.error_code.is_(None), records.year.is_not(None))
        .distinct()
    )
    found: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for row in run_read(store, lambda connection: connection.execute(query).all()):
        found[tuple(row[:-1])].add(row.year)
    newest = last or max((year for years in found.values() for year in years), default=0)
    for agency in sorted(found, key=lambda key: tuple(part or "" for part in (*key[2:], key[1]))):
        number, name, province, prefecture, county = agency
        years = found[agency]
        missing = sorted(set(range(first or min(years), newest + 1)) - years)
        yield Coverage(number, name, province, prefecture, county, tuple(sorted(years)), tuple(missing))

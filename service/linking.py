"""After a run: names of agencies put together, copies of reports linked, figures compared over the years."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from extraction.agency_names import ACCEPTED, match_agencies
from extraction.near_copies import Likeness, Sketch, compare_sketches, judge_likeness, make_sketch
from extraction.years import check_years, make_year_entry
from models.decoding import load_priors
from review.store.database import Store
from review.store.links import (
    AgencyEntry,
    CopyEntry,
    SketchEntry,
    YearEntry,
    find_agency_of,
    find_alike,
    list_agency_documents,
    list_printed_names,
    list_unlinked,
    mark_linked,
    save_agencies,
    save_copies,
    save_sketches,
    save_year_findings,
)
from review.store.reports import read_record

AT_ONCE = 200  # documents
UNLINKED = 0  # in place of a record, while a document is looked at
LEAST_SURE = ACCEPTED - 0.02  # of the name of an agency, for its reports to be compared


@dataclass(frozen=True, slots=True)
class Linked:
    """What was found: `names` of agencies that are new or changed, pairs of documents that are new, findings."""

    names: int
    documents: int
    linked: int
    proposed: int
    findings: int


def link_reports(store: Store, tell: Callable[[str], None] | None = None) -> Linked:
    """Link what was read since the last time; what people have decided stays."""
    say = tell or (lambda text: None)
    names = _name_agencies(store)
    touched: set[int] = set()
    pairs: list[CopyEntry] = []
    looked: list[tuple[int, int]] = []
    while batch := list_unlinked(store, after=looked[-1][0] if looked else 0, limit=AT_ONCE):
        touched |= {agency for agency, _ in find_agency_of(store, [document for document, _ in batch]).values()}
        pairs += _link_by_numbers(store, batch)
        looked += batch
        say(f"{len(looked):,} documents looked at")
    findings = 0
    for count, agency in enumerate(sorted(touched), start=1):
        agency_pairs, found = _compare_agency(store, agency)
        pairs += agency_pairs
        findings += found
        if count % AT_ONCE == 0:
            say(f"{count:,} of {len(touched):,} agencies compared")
    new = {(pair.first_id, pair.second_id): pair for pair in reversed(pairs)}
    save_copies(store, list(new.values()))
    mark_linked(store, looked)  # not before: what is killed on the way is done again
    linked = sum(pair.status == "linked" for pair in new.values())
    return Linked(names, len(looked), linked, len(new) - linked, findings)


def _name_agencies(store: Store) -> int:
    entries = [
        AgencyEntry(
            named.printed,
            named.agency.full,
            (named.agency.province, named.agency.prefecture, named.agency.county),
            named.agency.organ,
            named.rule,
            named.confidence,
            named.review,
        )
        for named in match_agencies(list_printed_names(store))
    ]
    return save_agencies(store, entries)


def _link_by_numbers(store: Store, batch: Sequence[tuple[int, int]]) -> list[CopyEntry]:
    """Sketch new documents, and compare them with those of any agency that have the same largest numbers."""
    entries, pairs = [], []
    sketches = {}
    for document, _ in batch:
        sketch = sketches[document] = make_sketch(read_record(store, document) or {})
        entries.append(SketchEntry(document, UNLINKED, sketch.year, sketch.fingerprint, sketch.shingles))
    save_sketches(store, entries)
    agencies = find_agency_of(store, list(sketches))
    for document, sketch in sketches.items():
        if sketch.fingerprint is None:
            continue
        for other in find_alike(store, sketch.fingerprint, sketch.year):
            if other != document and find_agency_of(store, [other]).get(other) != agencies.get(document):
                second = sketches.get(other) or make_sketch(read_record(store, other) or {})
                pairs += _judge((document, sketch), (other, second), same_agency=False)
    return pairs


def _compare_agency(store: Store, agency: int) -> tuple[list[CopyEntry], int]:
    """Copies among the reports of an agency, and how many findings over its years."""
    found = list_agency_documents(store, agency, least=LEAST_SURE)
    if len(found) < 2:
        save_year_findings(store, agency, [])
        return [], 0
    records = []
    for _, document in found:
        record = read_record(store, document)
        if record is not None and "error" not in record:
            records.append(record | {"organization": str(agency), "source": str(document)})
    sketches = {int(record["source"]): make_sketch(record) for record in records}
    pairs: list[CopyEntry] = []
    for index, (year, document) in enumerate(found):
        for other_year, other in found[index + 1 :]:
            if other_year == year and document in sketches and other in sketches:
                pairs += _judge((document, sketches[document]), (other, sketches[other]), same_agency=True)
    findings = [_make_entry(make_year_entry(finding), finding) for finding in _check(records)]
    save_year_findings(store, agency, findings)
    return pairs, len(findings)


def _check(records: Iterable[dict[str, Any]]) -> list[Any]:
    return list(check_years(records, priors=load_priors()))


def _make_entry(entry: dict[str, Any], finding: Any) -> YearEntry:
    return YearEntry(
        finding.years[1],
        int(finding.sources[0]),
        int(finding.sources[1]),
        finding.identity,
        finding.kind,
        finding.left,
        finding.right,
        entry["cells"],
        entry["repairs"],
    )


def _judge(first: tuple[int, Sketch], other: tuple[int, Sketch], *, same_agency: bool) -> list[CopyEntry]:
    likeness = compare_sketches(first[1], other[1])
    status = judge_likeness(likeness, same_agency=same_agency)
    if status is None:
        return []
    smaller, larger = sorted((first[0], other[0]))
    return [CopyEntry(smaller, larger, status, round(likeness.score, 4), _describe(likeness, same_agency=same_agency))]


def _describe(likeness: Likeness, *, same_agency: bool) -> dict[str, Any]:
    return {
        "cells": likeness.compared,
        "equal": likeness.equal,
        "text": round(likeness.text, 3),
        "same_agency": same_agency,
    }

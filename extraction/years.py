"""What reports of one agency say of one another: years that must join, copies that must agree.

`carried_out` of a year is `carried_in` of the next, column by column; documents in force go on. Nothing is changed in
any record: the findings say what is at odds, and the repairs which figure is more probably wrong.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from extraction.decoding import decode
from extraction.decoding_records import Record, list_candidates, list_facts, list_forms, list_numbers
from extraction.decoding_ties import tie_last_year
from models.decoding import Priors
from models.form import Form
from models.identity import Status, check_identities
from models.numbers import plain_number
from models.repair import Repair, make_repair_entry

COPIES = "copies"


@dataclass(frozen=True, slots=True)
class YearFinding:
    """What does not agree between two reports of one agency.

    `cells` are (year, field); `left` and `right` the sums, of the later report and of the earlier one (with what the
    later says besides). `kind`: `source` where all of these cells were accepted, else `reading`.
    """

    organization: str
    years: tuple[int, int]
    sources: tuple[str, str]
    identity: str
    cells: tuple[tuple[int, str], ...]
    left: Decimal
    right: Decimal
    kind: str
    repairs: tuple[Repair, ...] = ()


def check_years(records: Iterable[Record], *, priors: Priors) -> Iterator[YearFinding]:
    """Compare the reports of each agency with those of the year before, and copies of one report with each other."""
    for (organization, year), reports in sorted((grouped := _group_records(records)).items()):
        for first, other in itertools.pairwise(reports):
            yield from _compare_copies(organization, year, first, other)
        for before in grouped.get((organization, year - 1), ())[:1]:
            yield from _compare_years(organization, year, (before, reports[0]), priors)


def _group_records(records: Iterable[Record]) -> Mapping[tuple[str, int], list[Record]]:
    grouped: dict[tuple[str, int], list[Record]] = defaultdict(list)
    for record in records:
        if record.get("organization") and record.get("year") is not None and "error" not in record:
            grouped[record["organization"], record["year"]].append(record)
    return grouped


def _compare_years(
    organization: str, year: int, reports: tuple[Record, Record], priors: Priors
) -> Iterator[YearFinding]:
    before, now = reports
    last, numbers = list_numbers(before), list_numbers(now)
    reviewed = [{cell["id"] for cell in record["cells"] if cell["review"]} for record in reports]
    for form in list_forms(now):
        checks = check_identities(_numbers(numbers), form.across_years, last=_numbers(last))
        failing = [check for check in checks if check.status is Status.FAILS]
        repairs = propose_repairs(before, now, form, priors=priors) if failing else ()
        for check in failing:
            identity = check.identity
            cells = [(year, f) for f in identity.fields] + [(year - 1, f) for f in identity.last_right]
            doubtful = any(f in reviewed[y == year] for y, f in cells)
            yield YearFinding(
                organization,
                (year - 1, year),
                (str(before["source"]), str(now["source"])),
                identity.identity_id,
                tuple(cells),
                check.left or Decimal(0),
                check.right or Decimal(0),
                "reading" if doubtful else "source",
                tuple(r for r in repairs if {c.field_id for c in r.changes} & set(identity.fields)),
            )


def propose_repairs(before: Record, now: Record, form: Form, *, priors: Priors) -> tuple[Repair, ...]:
    """What this year's table would have to be to join the last; none where last year's is the likelier fault."""
    ties = tie_last_year(form, list_numbers(before))
    decoded = decode(list_candidates(now, form), form.identities, priors=priors, facts=list_facts(now), neighbours=ties)
    return decoded.repairs


def _numbers(numbers: Mapping[str, tuple[Decimal, float]]) -> dict[str, Decimal]:
    return {field: number for field, (number, _) in numbers.items()}


def _compare_copies(organization: str, year: int, first: Record, other: Record) -> Iterator[YearFinding]:
    """Cells that two copies of one report print with different numbers."""
    ours, theirs = list_numbers(first), list_numbers(other)
    reviewed = {cell["id"] for record in (first, other) for cell in record["cells"] if cell["review"]}
    for field in ours:
        if field in theirs and ours[field][0] != theirs[field][0]:
            yield YearFinding(
                organization,
                (year, year),
                (str(first["source"]), str(other["source"])),
                COPIES,
                ((year, field), (year, field)),
                ours[field][0],
                theirs[field][0],
                "reading" if field in reviewed else "source",
            )


def make_year_entry(finding: YearFinding) -> dict[str, Any]:
    """A finding across years as one JSON object."""
    cells: Sequence[tuple[int, str]] = finding.cells
    return {
        "organization": finding.organization,
        "years": list(finding.years),
        "sources": list(finding.sources),
        "identity": finding.identity,
        "cells": [{"year": year, "id": field} for year, field in cells],
        "left": plain_number(finding.left),
        "right": plain_number(finding.right),
        "kind": finding.kind,
        "repairs": [make_repair_entry(repair) for repair in finding.repairs],
    }

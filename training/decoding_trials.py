"""Trials of decoding on tables with planted misreadings and misprints: `python -m training.decoding_trials [PART…]`.

Tables of the test split, read by the model of `training/misreading.py` at each level, or (`--candidates FILE`) what a
reader of pictures saw, as `python -m training.seen_tables` writes it. What the figures of the model do not show: a
reader that errs in ways that it does not know, whole rows or pages taken wrongly above all.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from extraction.decoding import decode
from models.decoding import CellCandidates, Decoded, DecodedCell, Priors, load_priors
from models.form import Form
from models.identity import Status, check_identities
from models.numbers import parse_value
from models.picture import Candidate
from training.decoding_review import measure_review
from training.misreading import LEVELS, SCANS, TrialTable, make_tables, misread
from training.seen_tables import SeenTable, is_right, misprint_table, read_seen

CLEAR = 0.9995
TRUST = 0.99
REPORT = ("requests@2021", "disputes@2019")
SEEN_TRIALS = 20  # of a table that a reader of pictures saw, every other one with two misprints


def measure_mending(count: int, seed: int, priors: Priors) -> dict[str, Any]:
    """Cells wrong by the first candidate that decoding sets right, and right ones that it makes wrong, by level."""
    measures = {}
    for level in SCANS:
        tally: Counter[str] = Counter()
        for table in make_tables(count, seed=seed, level=level):
            decoded = decode(table.cells, table.form.identities, priors=priors)
            for cell in decoded.cells:
                truth = table.printed[cell.field_id]
                _count_cell(tally, cell, [c.text == truth for c in cell.candidates])
        measures[level] = _share_mended(tally)
    return measures


def _count_cell(tally: Counter[str], cell: DecodedCell, right: Sequence[bool]) -> None:
    tag = "tied" if cell.tied else "untied"
    before = bool(right) and right[0]
    after = cell.chosen >= 0 and right[cell.chosen]
    tally[f"{tag}_cells"] += 1
    tally[f"{tag}_wrong"] += not before
    tally[f"{tag}_listed"] += not before and any(right)
    tally[f"{tag}_mended"] += not before and after
    tally[f"{tag}_spoilt"] += before and not after
    tally[f"{tag}_silent_before"] += not before and bool(right) and cell.candidates[0].probability >= TRUST
    tally[f"{tag}_silent"] += not after and cell.confidence >= TRUST


def _share_mended(tally: Mapping[str, int]) -> dict[str, Any]:
    share = tally["tied_mended"] / tally["tied_wrong"] if tally["tied_wrong"] else None
    of_listed = tally["tied_mended"] / tally["tied_listed"] if tally["tied_listed"] else None
    return {**tally, "mended_share": share, "mended_share_of_listed": of_listed}


def measure_detection(count: int, seed: int, priors: Priors) -> dict[str, Any]:
    """One, two or three clear misreadings in a table that is otherwise clear: located, detected."""
    measures: dict[str, Any] = {}
    for form, wrong in (
        ("requests@2021", 1), ("requests@2021", 2), ("requests@2021", 3), ("requests@2019", 1), ("requests@2019", 2),
        ("requests@2019", 3), ("disputes@2019", 1), ("statistics@2014", 1),
    ):  # fmt: skip
        tally: Counter[str] = Counter()
        for index, table in enumerate(make_tables(count, seed=seed, level="digital", forms=(form,))):
            rng = random.Random(f"{seed}/{form}/{wrong}/{index}")
            planted, cells = plant_misreadings(rng, table, wrong)
            tally["tables"] += bool(planted)
            if planted:
                decoded = decode(cells, table.form.identities, priors=priors)
                tally["detected"] += bool(decoded.findings)
                tally["located"] += _is_located(decoded, planted, table)
        measures[f"{form} {wrong} misread"] = dict(tally)
    return measures


def plant_misreadings(
    rng: random.Random, table: TrialTable, count: int
) -> tuple[dict[str, str], tuple[CellCandidates, ...]]:
    """So many cells in sums misread as other numbers with a clear score, the truth being no candidate."""
    sums = [identity for identity in table.form.identities if identity.relation == "="]
    tied = {field for identity in sums for field in identity.fields}
    numbers = [f for f in sorted(tied) if table.printed[f].isdigit() and _prints_all(table, f)]
    planted: dict[str, str] = {}
    for name in rng.sample(numbers, min(count, len(numbers))):
        others = (misread(rng, table.printed[name]) for _ in range(50))
        planted[name] = next(t for t in others if t.isdigit() and int(t) != int(table.printed[name]))
    cells = tuple(
        CellCandidates(field, (Candidate(planted.get(field.field_id, table.printed[field.field_id]), CLEAR),))
        for field in table.form.fields
    )
    return planted, cells


def _prints_all(table: TrialTable, field: str) -> bool:
    """Whether a sum of a field has all its numbers printed, so that it can be checked."""
    return any(
        all(table.printed[f] for f in identity.fields)
        for identity in table.form.identities
        if field in identity.fields and identity.relation == "="
    )


def _is_located(decoded: Decoded, planted: Mapping[str, str], table: TrialTable) -> bool:
    """Whether the first proposal is to set right just what was planted."""
    if not decoded.repairs:
        return False
    said = {change.field_id: change.implied for change in decoded.repairs[0].changes}
    return said == {field: table.meant[field] for field in planted}


def measure_sources(count: int, seed: int, priors: Priors) -> dict[str, Any]:
    """Sums that the print breaks reported as `source`, those broken by misreading alone not so reported, by level."""
    measures = {}
    for level in ("digital", *SCANS):
        tally: Counter[str] = Counter()
        for errors in (1, 2):
            for table in make_tables(count, seed=seed, level=level, errors=errors):
                if table.misprinted:
                    _count_findings(tally, table, decode(table.cells, table.form.identities, priors=priors))
        measures[level] = _share_sources(tally)
    return measures


def _share_sources(tally: Mapping[str, int]) -> dict[str, Any]:
    source = tally["source_reported"] / max(tally["source_broken"], 1)
    reading = tally["reading_as_source"] / max(tally["reading_broken"], 1)
    return {**tally, "sources_as_source": source, "readings_as_source": reading}


def _count_findings(tally: Counter[str], table: TrialTable, decoded: Decoded) -> None:
    forms = {field.field_id: field for field in table.form.fields}
    printed = {}
    for name, text in table.printed.items():
        value = parse_value(text, unit=forms[name].unit, kind=forms[name].kind)
        if value.number is not None:
            printed[name] = value.number
    _count_broken(tally, table.form, printed, decoded)
    named = {change.field_id for repair in decoded.repairs[:1] for change in repair.changes}
    tally["tables"] += 1
    tally["cell_named"] += table.misprinted <= named


def _count_broken(tally: Counter[str], form: Form, printed: Mapping[str, Decimal], decoded: Decoded) -> None:
    """Count the sums that the print breaks, and those that only its reading breaks, with what is said of them."""
    checks = check_identities(printed, form.identities)
    broken = {check.identity.fields for check in checks if check.status is Status.FAILS}
    holding = {check.identity.fields for check in checks if check.status is Status.HOLDS}
    found = {finding.fields: finding.kind for finding in decoded.findings}
    tally["source_broken"] += len(broken)
    tally["source_found"] += len(broken & found.keys())
    tally["source_reported"] += sum(found.get(fields) == "source" for fields in broken)
    tally["reading_broken"] += len(holding & found.keys())
    tally["reading_as_source"] += sum(found.get(fields) == "source" for fields in holding)


def measure_time(count: int, seed: int, priors: Priors) -> dict[str, Any]:
    """Milliseconds of processor time for one table, and for the tables with sums of one report together."""
    measures = {}
    for level in ("digital", *SCANS):
        times = []
        for table in make_tables(count, seed=seed, level=level, forms=REPORT):
            start = time.process_time()
            decode(table.cells, table.form.identities, priors=priors)
            times.append(1000 * (time.process_time() - start))
        reports = sorted(sum(times[i::count]) for i in range(count))
        measures[level] = {
            "report_median_ms": reports[len(reports) // 2],
            "report_p95_ms": reports[int(len(reports) * 0.95)],
            "report_most_ms": reports[-1],
            "table_most_ms": max(times),
        }
    return measures


def measure_seen(tables: Iterable[SeenTable], priors: Priors) -> dict[str, Any]:
    """What `measure_mending` measures, for tables that a reader of pictures saw."""
    tallies: dict[str, Counter[str]] = {}
    for table in tables:
        decoded = decode(table.cells, table.form.identities, priors=priors)
        tally = tallies.setdefault(table.level, Counter())
        for reading, cell in zip(table.cells, decoded.cells, strict=True):
            if cell.field_id in table.truth:
                right = [is_right(c.text, reading, table.truth[cell.field_id]) for c in cell.candidates]
                _count_cell(tally, cell, right)
    return {level: _share_mended(tally) for level, tally in tallies.items()}


def measure_seen_sources(tables: Iterable[SeenTable], seed: int, priors: Priors) -> dict[str, Any]:
    """What `measure_sources` measures, of tables that a reader of pictures saw, misprinted `SEEN_TRIALS` times each."""
    tallies: dict[str, Counter[str]] = {}
    for index, table in enumerate(tables):
        for trial in range(SEEN_TRIALS):
            rng = random.Random(f"{seed}/{index}/{trial}")
            misprinted, spoilt = misprint_table(rng, table, 1 + trial % 2)
            if spoilt:
                printed = {
                    name: Decimal(str(value)) for name, (_, value) in misprinted.truth.items() if value is not None
                }
                decoded = decode(misprinted.cells, table.form.identities, priors=priors)
                tally = tallies.setdefault(table.level, Counter())
                _count_broken(tally, table.form, printed, decoded)
    return {level: _share_sources(tally) for level, tally in tallies.items()}


PARTS: Mapping[str, Callable[[int, int, Priors], dict[str, Any]]] = {
    "mending": measure_mending,
    "detection": measure_detection,
    "sources": measure_sources,
    "time": measure_time,
    "review": measure_review,
}


def main() -> None:
    """Print the measures of the parts asked for as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help="all of them without any")
    parser.add_argument("--count", type=int, default=100, help="tables of each form")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--candidates", type=Path, help="tables that a reader of pictures saw")
    options = parser.parse_args()
    if unknown := set(options.parts) - PARTS.keys():
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    priors = load_priors()
    assert set(SCANS) <= LEVELS.keys()
    if options.candidates is not None:
        tables = list(read_seen(options.candidates))
        measures: dict[str, Any] = {
            "seen": measure_seen(tables, priors),
            "sources": measure_seen_sources(tables, options.seed, priors),
        }
    else:
        measures = {part: PARTS[part](options.count, options.seed, priors) for part in options.parts or PARTS}
    json.dump(measures, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

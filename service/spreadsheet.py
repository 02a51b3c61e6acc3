"""Records as spreadsheets, harmless to open: no text of a document becomes a formula."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from models.form import load_forms
from models.sheet_text import make_harmless

CELL_COLUMNS = (
    "source", "organization", "year", "form", "id", "label", "unit", "state", "value", "raw", "confidence", "review",
    "reasons",
)  # fmt: skip
_LABELS = {field.field_id: (" / ".join(field.label), field.unit) for f in load_forms().values() for field in f.fields}


def write_csv(records: Path, target: Path) -> None:
    """One line a cell, with a byte order mark so that spreadsheet programs read it as UTF-8.

    Raises `ValueError` where a line is no record.
    """
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(CELL_COLUMNS)
        for record in _read_records(records):
            writer.writerows(_make_lines(record))


def write_xlsx(records: Path, target: Path) -> None:
    """A sheet of cells, a sheet a form (a line a report), one of findings, one of errors.

    Raises `ValueError` where a line is no record.
    """
    from openpyxl import Workbook

    for _ in _read_records(records):
        pass  # what is no record is found before a workbook is begun
    book = Workbook(write_only=True)
    cells = book.create_sheet("cells")
    cells.append(CELL_COLUMNS)
    findings = book.create_sheet("findings")
    findings.append(("source", "organization", "year", "identity", "left", "right", "kind", "cells", "note"))
    errors = book.create_sheet("errors")
    errors.append(("source", "code", "message"))
    sheets: dict[str, Any] = {}
    for record in _read_records(records):
        if "error" in record:
            errors.append(
                [
                    make_harmless(str(record["source"])),
                    record["error"]["code"],
                    make_harmless(record["error"]["message"]),
                ]
            )
            continue
        for line in _make_lines(record):
            cells.append(line)
        for finding in record["findings"]:
            findings.append(_make_finding_line(record, finding))
        for form_id in dict.fromkeys(cell["form"] for cell in record["cells"]):
            if form_id not in sheets:
                sheets[form_id] = book.create_sheet(form_id)
                ids = [field.field_id for field in load_forms()[form_id].fields]
                sheets[form_id].append(["source", "organization", "year", "review", *ids])
            sheets[form_id].append(_make_form_line(record, form_id))
    book.save(target)


def _read_records(records: Path) -> Iterator[dict[str, Any]]:
    with records.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            record = json.loads(line)
            if not isinstance(record, dict) or "source" not in record:
                raise ValueError(f"line {number} is no record")
            yield record


def _make_head(record: dict[str, Any]) -> list[Any]:
    return [make_harmless(str(record["source"])), make_harmless(record["organization"] or ""), record["year"]]


def _make_lines(record: dict[str, Any]) -> Iterator[list[Any]]:
    for cell in record.get("cells", ()):
        if cell["id"] not in _LABELS:
            raise ValueError(f"no form in use has {cell['id']} of {cell['form']}: --forms names the folder of your own")
        label, unit = _LABELS[cell["id"]]
        yield [
            *_make_head(record),
            cell["form"],
            cell["id"],
            label,
            unit,
            cell["state"],
            cell["value"],
            make_harmless(cell["raw"] or ""),
            cell["confidence"],
            cell["review"],
            " ".join(cell["reasons"]),
        ]


def _make_form_line(record: dict[str, Any], form_id: str) -> list[Any]:
    """Numbers of one form in its order; what has no number stays empty, never 0."""
    cells = [cell for cell in record["cells"] if cell["form"] == form_id]
    return [*_make_head(record), sum(cell["review"] for cell in cells), *(cell["value"] for cell in cells)]


def _make_finding_line(record: dict[str, Any], finding: dict[str, Any]) -> list[Any]:
    return [
        *_make_head(record),
        finding["identity"],
        finding["left"],
        finding["right"],
        finding["kind"],
        " ".join(finding["cells"]),
        make_harmless(finding.get("note", "")),
    ]


WRITERS: dict[str, Callable[[Path, Path], None]] = {".xlsx": write_xlsx, ".csv": write_csv}

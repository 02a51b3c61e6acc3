"""Answers of people as a file: what training learns from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.form import load_forms
from review.store.database import Store
from review.store.kinds import dump_json
from review.store.rows import iter_audit, iter_corrections

_LABELS = {
    (form.form_id, field.field_id): {
        "row": list(form.blocks[field.block].rows[field.row].path),
        "column": list(form.blocks[field.block].columns[field.column].path),
    }
    for form in load_forms().values()
    for field in form.fields
}


def write_corrections(store: Store, target: Path, *, everything: bool = False) -> int:
    """Write answers as JSONL, the oldest first; how many. With `everything`, those that were taken back too."""
    count = 0
    with target.open("w", encoding="utf-8") as file:
        for entry in iter_corrections(store, everything=everything):
            file.write(dump_json(add_labels(entry)) + "\n")
            count += 1
    return count


def write_audit(store: Store, target: Path) -> int:
    """Write the audit questions with their answers as JSONL, for `gouji audit estimate`; how many."""
    count = 0
    with target.open("w", encoding="utf-8") as file:
        for entry in iter_audit(store):
            file.write(dump_json(entry) + "\n")
            count += 1
    return count


def add_labels(entry: dict[str, Any]) -> dict[str, Any]:
    """A correction with the wording of its row and column on the form, and as printed where the record tells."""
    printed = entry.get("printed") or {}
    return entry | {
        "labels": _LABELS.get((entry["form"], entry["field"])),
        "row_labels": printed.get("row") or [],
        "column_labels": printed.get("column") or [],
    }

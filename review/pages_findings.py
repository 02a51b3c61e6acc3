"""A finding in words: which sum does not hold, by how much, and where to look."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from models.form import load_forms
from review.pages_forms import find_field, name_terms
from review.store.findings import FindingRow

SHOWN_TERMS = 4


def show_finding(row: Any) -> dict[str, Any]:
    """What the list of findings shows of one; `row` is a `FindingRow`."""
    off = None if row.left is None or row.right is None else row.left - row.right
    form = find_form(row.cells)
    field = row.cells[-1] if row.cells else ""
    query = f"?{urlencode({'form': form, 'field': field})}" if form else ""
    return {
        "document_id": row.document_id,
        "organization": row.organization,
        "source": row.source,
        "year": row.year,
        "identity": row.identity,
        "words": say_identity(form, row.cells),
        "left": _write(row.left),
        "right": _write(row.right),
        "off": "" if off is None else f"{'+' if off > 0 else ''}{off:f}",
        "relation": "≰" if row.relation == "<=" else "≠",
        "kind": row.kind,
        "note": row.note or "",
        "link": f"/documents/{row.document_id}{query}",
    }


def read_finding(text: str) -> FindingRow | None:
    """Where a list goes on, out of an address: after this place in this record; None for anything else."""
    record, _, position = text.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 16 for part in (record, position)):
        return None
    return FindingRow(int(record), int(position), 0, "", None, None, "", "", None, None, None, (), None)


def find_form(cells: Any) -> str | None:
    """A form that has all these fields; generations of a form that share them are alike in their words."""
    if not cells:
        return None
    return next((form for form in reversed(list(load_forms())) if all(find_field(form, cell) for cell in cells)), None)


def say_identity(form: str | None, cells: Any) -> str:
    """An identity by the headings of its fields, the last of them its total."""
    if form is None:
        return ""
    names: Mapping[str, str] = name_terms(form, tuple(cells))
    terms = [names[cell] for cell in cells]
    parts = terms[:-1]
    if len(parts) > SHOWN_TERMS:
        parts = [parts[0], "…", parts[-1]]
    return f"{' + '.join(parts)} = {terms[-1]}"


def _write(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")

"""What the page of a document shows: its pages or source with the evidence marked, beside its forms as tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from review.pages_cells import dump_sum, write_number
from review.pages_forms import FormBlock, lay_out_form, list_sums
from review.pages_sources import load_source, mark_source
from review.pages_years import YearBeside, dump_year_sums, make_year

WORDS = {"blank": "", "unreadable": "?", "missing": "×"}  # in a box of the table


def make_document_view(
    document: Any,
    cells: Iterable[Any],
    views: Mapping[str, bytes | None],
    *,
    beside: Sequence[YearBeside | None] = (None, None),
    form: str = "",
    field: str = "",
) -> dict[str, Any]:
    """What the template of a document needs; `form` and `field` name the cell to begin with.

    `beside` are the reports of its agency on the year before and the year after.
    """
    cells = list(cells)
    by_form: dict[str, dict[str, dict[str, Any]]] = {}
    for cell in cells:
        by_form.setdefault(cell.form, {})[cell.field] = show_cell(cell)
    shown = [entry for form_cells in by_form.values() for entry in form_cells.values()]
    pages = json.loads(views.get("pages.json") or b"[]")
    for page in pages:
        page["href"] = f"/documents/{document.document_id}/views/{page['name']}"
        page["places"] = _find_places(page["page"], shown)
    blocks = load_source(views.get("source.json"))
    across = dump_year_sums(make_year(document, cells), *beside)
    forms: dict[str, tuple[FormBlock, ...]] = {form_id: lay_out_form(form_id) for form_id in by_form}
    return {
        "document": document,
        "forms": forms,
        "cells": by_form,
        "pages": pages,
        "blocks": mark_source(blocks, shown) if not pages else [],
        "sums": {form_id: [*map(dump_sum, list_sums(form_id)), *across.get(form_id, ())] for form_id in by_form},
        "joins": [year.year for year in beside if year is not None],
        "open_cells": sum(entry["origin"] == "open" for entry in shown),
        "first_form": form if form in by_form else next(iter(by_form), ""),
        "first_field": field,
        "asked": form in by_form,
    }


def show_cell(cell: Any) -> dict[str, Any]:
    """A cell as it stands now, with where it stands and who vouches for it."""
    state = str(cell.now_state)
    value = write_number(cell.now_value)
    return {
        "id": cell.field,
        "form": cell.form,
        "label": " / ".join(cell.label) if isinstance(cell.label, tuple | list) else cell.label,
        "unit": cell.unit,
        "state": state,
        "value": value,
        "raw": cell.now_raw,
        "text": show_text(state, value, cell.now_raw),
        "confidence": cell.confidence,
        "reasons": cell.reasons or (),
        "origin": cell.accepted_by or "open",
        "evidence": cell.evidence or {},
        "machine": {"state": str(cell.state), "value": write_number(cell.value), "raw": cell.raw},
        "person": cell.person,
        "at": cell.at,
    }


def show_text(state: str, value: str | None, raw: str | None) -> str:
    """What stands in the box of a cell: its number or mark, or a sign for what is neither.

    >>> show_text("mark", None, None)
    '/'
    """
    if state == "number":
        return value or ""
    return (raw or "/") if state == "mark" else WORDS.get(state, "")


def _find_places(number: int, cells: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The boxes on a page; cells with one box share it."""
    places: dict[tuple[float, ...], dict[str, Any]] = {}
    for cell in cells:
        evidence = cell["evidence"]
        if evidence.get("page") != number or "bbox" not in evidence:
            continue
        left, top, right, bottom = evidence["bbox"]
        key = (left, top, right, bottom)
        place = places.setdefault(
            key,
            {
                "form": cell["form"],
                "fields": [],
                "kind": "",
                "box": (left - 1.5, top - 1.5, right - left + 3, bottom - top + 3),
            },
        )
        place["fields"].append(cell["id"])
        if cell["origin"] == "open":
            place["kind"] = "review"
        elif cell["origin"] == "person" and not place["kind"]:
            place["kind"] = "person"
    return list(places.values())

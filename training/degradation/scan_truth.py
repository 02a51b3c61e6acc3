"""The truth of a document as it is after scanning: boxes moved, pages left out, cells that nobody can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models.form import load_forms
from models.page import Box

UNREADABLE = {"state": "unreadable", "value": None}
PAGE_KEYS = ("title", "organization", "organization_accept", "year", "sections", "section_texts", "unplaced")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands: page from 1, box in points of it; `part` numbers the boxes of a field that has several.

    After scanning `pixels` is the box in the picture, `score` how well its strokes are seen (`None` for empty cells).
    """

    field_id: str
    page: int
    box: Box
    part: int = 0
    pixels: Box | None = None
    score: float | None = None


def find_places(truth: Mapping[str, Any]) -> list[Place]:
    """The places of all cells that have one."""
    places = []
    for field_id, cell in truth.get("cells", {}).items():
        boxes = cell.get("evidence_parts") or ([cell["evidence"]] if "evidence" in cell else [])
        for part, evidence in enumerate(boxes):
            left, top, right, bottom = evidence["bbox"]
            places.append(Place(field_id, evidence["page"], (left, top, right, bottom), part))
    return places


def move_truth(truth: Mapping[str, Any], places: Iterable[Place], legible: float) -> dict[str, Any]:
    """The truth with cells at these places; those seen less than `legible` may be read as unreadable."""
    if "cells" not in truth:
        return dict(truth)
    found: dict[str, list[Place]] = {}
    for place in places:
        found.setdefault(place.field_id, []).append(place)
    cells = {
        field_id: _move_cell(cell, sorted(found.get(field_id, ()), key=lambda place: place.part), legible)
        for field_id, cell in truth["cells"].items()
    }
    return dict(truth) | {"cells": cells}


def _move_cell(cell: Mapping[str, Any], places: list[Place], legible: float) -> dict[str, Any]:
    moved = {key: value for key, value in cell.items() if key not in ("evidence", "evidence_parts", "page")}
    if not places:
        return moved
    parts = [_describe(place) for place in places]
    moved |= {"evidence": parts[0]} | ({"evidence_parts": parts} if len(parts) > 1 else {})
    scores = [place.score for place in places if place.score is not None]
    if scores:
        moved["legibility"] = round(min(scores), 3)
        if min(scores) < legible:
            moved["accept"] = [*cell.get("accept", ()), UNREADABLE]
    return moved


def _describe(place: Place) -> dict[str, Any]:
    evidence: dict[str, Any] = {"page": place.page, "bbox": [round(side, 2) for side in place.box]}
    if place.pixels is not None:
        evidence["pixels"] = [round(side, 1) for side in place.pixels]
    return evidence


def cut_truth(truth: Mapping[str, Any], page: int) -> dict[str, Any]:
    """What a person can say who has this page alone: the forms that are on it, other cells of them missing.

    `elsewhere` are those that stand on another page.
    """
    cells = truth.get("cells", {})
    places = find_places(truth)
    here = {place.field_id for place in places if place.page == page}
    parted = here & {place.field_id for place in places if place.page != page}
    forms = {form.form_id: {field.field_id for field in form.fields} for form in load_forms().values()}
    kept = [form for form in truth.get("forms", ()) if forms.get(form, set()) & here]
    wanted = set().union(*(forms[form] for form in kept)) if kept else set()
    gone = {"state": "missing", "value": None, "raw": None}
    left = {
        field_id: (_accept_lost(cell) if field_id in parted else dict(cell))
        if field_id in here
        else {k: v for k, v in cell.items() if k == "form"} | gone | _tell_elsewhere(cell)
        for field_id, cell in cells.items()
        if field_id in wanted
    }
    errors = [e for e in truth.get("source_errors", ()) if _inside(e, here)]
    rest = {key: value for key, value in truth.items() if key not in PAGE_KEYS}
    return rest | {"forms": kept, "cells": left, "facts": [], "source_errors": errors, "page_of": page}


def _tell_elsewhere(cell: Mapping[str, Any]) -> dict[str, bool]:
    return {"elsewhere": True} if cell["state"] != "missing" else {}


def _accept_lost(cell: Mapping[str, Any]) -> dict[str, Any]:
    """A cell, of which the part without the number may be the one that is on the page."""
    lost = [{"state": state, "value": None} for state in ("blank", "missing")]
    return dict(cell) | {"accept": [*cell.get("accept", ()), *lost]}


def _inside(error: Mapping[str, Any], fields: set[str]) -> bool:
    return all(set(identity["cells"]) <= fields for identity in error.get("identities", ()))

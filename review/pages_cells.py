"""What the page of one cell shows: its picture or lines, its headings, its candidates and the sums around it."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from models.form import Field, load_forms
from models.numbers import parse_value
from review.pages_forms import Sum, find_field, find_sums, list_tied, split_label
from review.pages_sources import cut_source, load_source

CROP_RATIO = 3.7  # of the place where a crop is shown, at its widest
MOST_WIDE = 1.5  # widths of a print for its height that are seen whole where the place is at its narrowest
CROP_LINES = 2.4  # heights of the print of a cell
MIN_CROP = 26.0  # points
STRIP_HEIGHT = 62.0  # points of the page around the row
MARGIN = 2.0  # points between print and its box
MAX_CANDIDATES = 9


def make_cell_view(
    item: Any, numbers: Mapping[str, Decimal | None], views: Mapping[str, bytes | None]
) -> dict[str, Any]:
    """What the template of a cell needs.

    `item` is a `ReviewItem`, `numbers` what the cells in its sums are now by field, `views` the stored `pages.json` and
    `source.json` of the document.
    """
    form = load_forms().get(item.form)
    field = find_field(item.form, item.field)
    row, column = split_label(field, form) if field and form else ((item.field,), ())
    sums = find_sums(item.form, item.field)
    evidence = item.evidence or {}
    picture = find_picture(item.document_id, evidence, views.get("pages.json"))
    entry = {"id": item.field, "evidence": evidence}
    return {
        "lease": item.lease,
        "document": item.document_id,
        "agency": item.organization,
        "year": item.year,
        "title": None,
        "source": item.source,
        "form": item.form,
        "field": item.field,
        "unit": item.unit,
        "row": row,
        "column": column,
        "page": evidence.get("page"),
        "state": str(item.state),
        "value": write_number(item.value),
        "raw": item.raw,
        "candidates": list_candidates(item.candidates, str(item.state), item.value, item.raw, field=field),
        "sums": [dump_sum(tie) for tie in sums],
        "numbers": {name: write_number(numbers.get(name)) for name in list_tied(item.form, item.field)},
        "picture": picture,
        "excerpt": [] if picture else cut_source(load_source(views.get("source.json")), entry),
    }


def write_number(value: Decimal | None) -> str | None:
    """A number with the digits it has."""
    return None if value is None else format(value, "f")


def dump_sum(tie: Sum) -> dict[str, Any]:
    """A sum for the script of the page."""
    sides = {"left": [list(term) for term in tie.left], "right": [list(term) for term in tie.right]}
    return {"id": tie.identity_id, "relation": tie.relation, "at": tie.shown_at} | sides


def list_candidates(
    candidates: Sequence[Mapping[str, Any]],
    state: str,
    value: Decimal | None,
    raw: str | None,
    *,
    field: Field | None = None,
) -> list[dict[str, Any]]:
    """What may be printed, the reading itself first; none where nothing else is thought of.

    A candidate has a `state` and a `value`, or only the `text` that is printed: `field` says in which unit.
    """
    first = {"state": state, "value": write_number(value), "raw": raw, "share": None}
    entries = [first]
    for candidate in candidates:
        kind, number, print_ = _read_candidate(candidate, field)
        entry = {
            "state": kind,
            "value": write_number(number),
            "raw": print_,
            "share": candidate.get("probability", candidate.get("confidence")),
        }
        same = next((known for known in entries if (known["state"], known["value"]) == (kind, entry["value"])), None)
        if same is None:
            entries.append(entry)
        else:
            same["share"] = entry["share"]
    for entry in entries:
        entry["text"] = entry["value"] or entry["raw"] or {"blank": "□", "mark": "/"}.get(str(entry["state"]), "?")
    return entries[:MAX_CANDIDATES] if len(entries) > 1 else []


def _read_candidate(candidate: Mapping[str, Any], field: Field | None) -> tuple[str, Decimal | None, str | None]:
    """State, number and print of a candidate."""
    if "text" in candidate:
        print_ = str(candidate["text"])
        read = parse_value(print_, unit=field.unit, kind=field.kind) if field else parse_value(print_)
        return read.state.value, read.number, print_ or None
    number = candidate.get("value")
    value = None if number is None else Decimal(str(number))
    return str(candidate.get("state", "number")), value, candidate.get("raw")


def find_picture(document_id: int, evidence: Mapping[str, Any], pages: bytes | None) -> dict[str, Any] | None:
    """Where a cell is on the picture of its page, in points: what to show large, and the row around it."""
    page = find_page(evidence.get("page"), pages)
    if page is None or "bbox" not in evidence:
        return None
    width, height = page["width"], page["height"]
    left, top, right, bottom = evidence["bbox"]
    box = (left - MARGIN, top - MARGIN, right - left + 2 * MARGIN, bottom - top + 2 * MARGIN)
    tall = max(CROP_LINES * (bottom - top), MIN_CROP, (right - left) / MOST_WIDE)
    wide = CROP_RATIO * tall
    middle, centre = (left + right) / 2, (top + bottom) / 2
    outside = [
        (0, 0, width, max(box[1], 0)),
        (0, box[1] + box[3], width, max(height - box[1] - box[3], 0)),
        (0, box[1], max(box[0], 0), box[3]),
        (box[0] + box[2], box[1], max(width - box[0] - box[2], 0), box[3]),
    ]
    return {
        "href": f"/documents/{document_id}/views/{page['name']}",
        "width": width,
        "height": height,
        "box": box,
        "veils": outside,
        "crop": f"{middle - wide / 2:.2f} {centre - tall / 2:.2f} {wide:.2f} {tall:.2f}",
        "strip": f"0 {centre - STRIP_HEIGHT / 2:.2f} {width:.2f} {STRIP_HEIGHT:.2f}",
    }


def find_page(number: Any, pages: bytes | None) -> dict[str, Any] | None:
    """The entry of a page in the stored `pages.json`."""
    return next((entry for entry in _load_pages(pages) if entry["page"] == number), None) if pages else None


@functools.lru_cache(maxsize=64)
def _load_pages(pages: bytes) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(pages))

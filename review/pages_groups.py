"""Cells of many documents that were read alike, as tiles: the one that is not alike leaps to the eye."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from models.form import Field, load_forms
from models.numbers import State
from review.pages_cells import find_page, write_number
from review.pages_forms import find_field, split_label
from review.pages_sources import SourceLine, cut_source, load_source

SIGNS = {State.BLANK: "□", State.MARK: "/", State.UNREADABLE: "?", State.MISSING: "×"}
CONTEXT = 9  # characters of a line on both sides of a value


def parse_value(state: State, text: str) -> Decimal | None:
    """The value of a group out of an address; None for what is no number.

    >>> parse_value(State.NUMBER, "12")
    Decimal('12')
    """
    if state is not State.NUMBER:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def show_group(group: Any, chosen: tuple[State, Decimal | None] | None) -> dict[str, Any]:
    """An entry of the list of groups."""
    return {
        "state": str(group.state),
        "value": write_number(group.value) or "",
        "text": write_number(group.value) or SIGNS.get(group.state, "?"),
        "count": group.count,
        "current": chosen == (group.state, group.value),
    }


def show_tile(item: Any, views: Mapping[str, bytes | None]) -> dict[str, Any]:
    """A cell as a tile: its crop, or the stretch of text it stands in."""
    field = find_field(item.form, item.field)
    label = field.label if field else (item.field,)
    evidence = item.evidence or {}
    paged = find_page(evidence.get("page"), views.get("pages.json")) is not None and "bbox" in evidence
    entry = {"id": item.field, "evidence": evidence}
    before, mark, after = ("", "", "") if paged else _find_words(views.get("source.json"), entry, item)
    return {
        "lease": item.lease,
        "crop": f"/documents/{item.document_id}/crops/{item.form}/{item.field}" if paged else None,
        "before": before,
        "mark": mark,
        "after": after,
        "label": " / ".join(label),
        "short": _name_short(field, item.form) if field else label,
        "agency": f"{item.organization or item.source} {item.year or ''}".strip(),
    }


def _name_short(field: Field, form_id: str) -> tuple[str, ...]:
    """The last heading of the row and that of the column, or the last two of the one there is."""
    row, column = split_label(field, load_forms()[form_id])
    return (row[-1], column[-1]) if row and column else (row or column)[-2:]


def _find_words(source: bytes | None, entry: Mapping[str, Any], item: Any) -> tuple[str, str, str]:
    shown = item.raw if item.raw is not None else SIGNS.get(item.state, "?")
    for block in cut_source(load_source(source), entry):
        if isinstance(block, SourceLine):
            for index, part in enumerate(block.parts):
                if part.fields:
                    before = "".join(p.text for p in block.parts[:index])[-CONTEXT:]
                    after = "".join(p.text for p in block.parts[index + 1 :])[:CONTEXT]
                    return before, part.text or shown, after
    return "", shown, ""

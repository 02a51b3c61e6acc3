"""Grids of text to the cells of the forms by equality of labels: the same mapping for every peer.

It is what a careful user of a table reader writes in an afternoon. Labels are compared without blanks and punctuation,
in every wording that the data of the forms knows. Rows are taken in the order of the form; columns by their headings
where the grid has them, else the last ones in order, as on a page that a table goes on to. No learned similarity.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.form import Block, Form, Label, load_forms
from models.numbers import State, parse_value, plain_number

Grid = Sequence[Sequence[str]]
LEAST_ROWS = 0.3  # of a form's rows, found in a document that has it
LEAST_COLUMNS = 0.5  # of a block's columns, found in headings that are its headings


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a grid: its texts, the same without blanks and punctuation, its grid and its place in it."""

    texts: Sequence[str]
    folded: Sequence[str]
    grid: int
    place: int


def fold(text: str) -> str:
    """A label as it is compared.

    >>> fold("（一） 予以公 开")
    '一予以公开'
    """
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


def map_grids(grids: Iterable[Grid]) -> dict[str, dict[str, Any]]:
    """The cells of the forms that stand in the grids, by id as in a record; of a family only its best form."""
    rows = [
        Row(texts, [fold(text) for text in texts], number, place)
        for number, grid in enumerate(grids)
        for place, texts in enumerate(grid)
    ]
    best: dict[str, tuple[int, dict[str, dict[str, Any]]]] = {}
    for form in load_forms().values():
        fit, cells = _map_form(form, rows)
        if fit > best.get(form.family, (0, {}))[0]:
            best[form.family] = (fit, cells)
    return {field_id: cell for _, cells in best.values() for field_id, cell in cells.items()}


def _map_form(form: Form, rows: Sequence[Row]) -> tuple[int, dict[str, dict[str, Any]]]:
    """How many rows of a form were found and how many of its columns have their headings, and its cells.

    A field of a form that is there, but without a cell of its own, is `missing`, and to be looked at: nobody said it.
    """
    cells = {field.field_id: _make_missing(form.form_id, field.field_id) for field in form.fields}
    found, headed, start = 0, 0, 0
    for block in form.blocks:
        matched = _match_rows(block, rows, start)
        if not matched:
            continue
        head = rows[start : next(iter(matched.values()))[0]]
        columns = _find_columns(block, head, rows[next(iter(matched.values()))[0]].grid)
        found += len(matched)
        headed += sum(place is not None for place in columns)
        for number, (index, place) in matched.items():
            for field, raw in zip(block.fields[number], _take_values(block, rows[index], place, columns), strict=True):
                if raw is not None:
                    value = parse_value(raw, unit=field.unit, kind=field.kind)
                    cells[field.field_id] = _make_cell(form.form_id, field.field_id, raw, value.state, value.number)
        start = max(index for index, _ in matched.values()) + 1
    if found < LEAST_ROWS * len(form.rows):
        return 0, {}
    return found + headed, cells


def _make_cell(form_id: str, field_id: str, raw: str, state: State, number: Any) -> dict[str, Any]:
    value = plain_number(number)
    cell = {"id": field_id, "form": form_id, "state": state.value, "value": value, "raw": raw}
    return cell | {"confidence": 1.0, "review": False}


def _make_missing(form_id: str, field_id: str) -> dict[str, Any]:
    cell = {"id": field_id, "form": form_id, "state": State.MISSING.value, "value": None, "raw": None}
    return cell | {"confidence": 0.0, "review": True}


def _match_rows(block: Block, rows: Sequence[Row], start: int) -> dict[int, tuple[int, int]]:
    """By row of the block: the row that has its label, and the place of the label in it (-1 for a row without one)."""
    if not block.rows[0].path:
        index = _find_values_row(block, rows, start)
        return {} if index is None else {0: (index, -1)}
    matched: dict[int, tuple[int, int]] = {}
    for number, label in enumerate(block.rows):
        wordings = _list_wordings(label)
        for index in range(start, len(rows)):
            places = [place for place, text in enumerate(rows[index].folded) if text in wordings]
            if places and len(rows[index].texts) - 1 - places[-1] >= min(len(block.columns), 1):
                matched[number] = (index, places[-1])
                start = index + 1
                break
    return matched


def _find_values_row(block: Block, rows: Sequence[Row], start: int) -> int | None:
    """The first row with numbers below headings of the block."""
    for index in range(start, len(rows)):
        head = [row for row in rows[start:index] if row.grid == rows[index].grid]
        columns = _find_columns(block, head, rows[index].grid)
        texts = rows[index].texts
        values = [parse_value(texts[place]).state for place in columns if place is not None and place < len(texts)]
        readable = [state for state in values if state is not State.UNREADABLE]
        if State.NUMBER in values and len(readable) >= LEAST_COLUMNS * len(block.columns):
            return index
    return None


def _find_columns(block: Block, head: Sequence[Row], grid: int) -> list[int | None]:
    """The place of each column by the headings above, in the order of the form; empty where there are none."""
    above = [row for row in head if row.grid == grid]
    width = max((len(row.texts) for row in above), default=0)
    texts = [{row.folded[place] for row in above if place < len(row.folded)} for place in range(width)]
    columns: list[int | None] = []
    last = -1
    for label in block.columns:
        wordings = _list_wordings(label)
        place = next((place for place in range(last + 1, width) if texts[place] & wordings), None)
        columns.append(place)
        last = last if place is None else place
    return columns if sum(place is not None for place in columns) >= LEAST_COLUMNS * len(columns) else []


def _take_values(block: Block, row: Row, place: int, columns: Sequence[int | None]) -> list[str | None]:
    """The print of each field of a row; `None` where the row has no such cell."""
    count = len(block.columns)
    if columns and all(column is None or column > place for column in columns):
        return [row.texts[c] if c is not None and c < len(row.texts) else None for c in columns]
    values = list(row.texts[place + 1 :])
    return [*values[-count:]] if len(values) >= count else [None] * count


def _list_wordings(label: Label) -> frozenset[str]:
    return frozenset(filter(None, (fold(wording) for wording in (label.leaf, *label.aliases))))


def make_peer_record(source: str, media_type: str, grids: Iterable[Grid]) -> Mapping[str, Any]:
    """What a peer gives, as a record: every cell that it gives counts as accepted, for it has no way to doubt.

    Cells that it does not give are to be looked at, so that none of them is a silent error.
    """
    cells = list(map_grids(grids).values())
    forms = dict.fromkeys(cell["form"] for cell in cells)
    return {"source": source, "media_type": media_type, "cells": cells, "tables": [{"form": form} for form in forms]}

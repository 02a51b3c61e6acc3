"""What a layout loses: the cells of a table whose reading can no longer be known, and the truth that says so."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models.form import load_forms
from training.synthesis.grid import value_rows
from training.synthesis.printed import PrintedTable
from training.synthesis.styles import TableStyle

CELL_LINE_LAYOUTS = frozenset(
    {
        "cell-lines-pipe",
        "cell-lines-row-pipe",
        "cell-lines-pipe-below",
        "cell-lines-spaced",
        "cell-lines",
        "distinct-lines",
        "one-line",
        "html-lines",
    }
)
ANY_EMPTY = ("missing", "unreadable", "blank")


@dataclass(frozen=True, slots=True)
class Loss:
    """`gone` are fields whose print has vanished, `doubtful` those that stand but whose place is not certain."""

    gone: frozenset[str] = frozenset()
    doubtful: frozenset[str] = frozenset()

    def __or__(self, other: Loss) -> Loss:
        return Loss(self.gone | other.gone, self.doubtful | other.doubtful)


def find_loss(table: PrintedTable, style: TableStyle) -> Loss:
    """The fields of rows that are incomplete once the layout has dropped their empty cells."""
    doubtful: set[str] = set()
    for row in value_rows(table):
        empty = [not cell.text.strip() for cell in row]
        if any(empty) and (_drops_blanks(style) or (empty[0] and _moves_labels(style))):
            doubtful |= {cell.field_id for cell in row if cell.field_id}
    return Loss(doubtful=frozenset(doubtful)) | (find_merged(table) if style.spans == "none" else Loss())


def find_merged(table: PrintedTable) -> Loss:
    """The fields under a value merged over several of them, for layouts that do not show how far a cell reaches."""
    form = load_forms().get(table.form_id or "")
    printed = {cell.field_id for cell in table.cells if cell.field_id}
    merged = {cell.field_id for cell in table.cells if cell.field_id and cell.column_end - cell.column > 1}
    if form is None or not merged:
        return Loss()
    rows = [[field.field_id for field in row] for block in form.blocks for row in block.fields]
    hidden = [row for row in rows if merged & set(row) and set(row) - printed]
    return Loss(doubtful=frozenset(field_id for row in hidden for field_id in row))


def find_repeated(table: PrintedTable, seen: set[str]) -> Loss:
    """The fields lost where every distinct line stands only once; `seen` grows by the lines of this table."""
    gone: set[str] = set()
    doubtful: set[str] = set()
    cells = sorted(table.cells, key=lambda cell: (cell.row, cell.column))
    vanished = {id(cell) for cell in cells if _is_repeated(cell.text, seen)}
    for row in value_rows(table):
        lost = {cell.field_id for cell in row if cell.field_id and cell.text.strip() and id(cell) in vanished}
        if lost or any(not cell.text.strip() for cell in row):
            gone |= lost
            doubtful |= {cell.field_id for cell in row if cell.field_id} - lost
    merged = find_merged(table)
    return Loss(frozenset(gone), (frozenset(doubtful) | merged.doubtful) - gone)


def adjust_truth(truth: Mapping[str, Any], loss: Loss) -> dict[str, Any]:
    """The truth of what can still be read: gone cells are missing, doubtful ones may be read as unknown."""
    adjusted = copy.deepcopy(dict(truth))
    cells = adjusted.get("cells", {})
    for field_id in sorted(loss.gone & cells.keys()):
        cells[field_id] = {"state": "missing", "value": None, "raw": None, "accept": accept_states(ANY_EMPTY)}
    for field_id in sorted(loss.doubtful & cells.keys()):
        cell = cells[field_id]
        known = list(cell.get("accept", ()))
        further = accept_states(state for state in ANY_EMPTY if state != cell["state"])
        cell["accept"] = known + [reading for reading in further if reading not in known]
    return adjusted


def accept_states(states: Iterable[str]) -> list[dict[str, Any]]:
    """Further readings that count as right, in the contract's form."""
    return [{"state": state, "value": None} for state in states]


def _drops_blanks(style: TableStyle) -> bool:
    if style.layout in CELL_LINE_LAYOUTS:
        return style.blank_trace == "none"
    return style.layout == "blanks" and not style.gap.startswith("aligned")


def _moves_labels(style: TableStyle) -> bool:
    """Whether the empty fields before the first value are too irregular to be counted."""
    return style.layout == "tabs" and (style.shifts or style.spans == "one" or style.tail == "strip")


def _is_repeated(text: str, seen: set[str]) -> bool:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    repeated = bool(lines) and all(line in seen for line in lines)
    seen.update(lines)
    return repeated

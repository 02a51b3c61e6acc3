"""A printed table as rows of places: what stands in each place of the grid, and what a merged cell leaves behind."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from training.synthesis.chances import ROW_SHIFT
from training.synthesis.printed import PrintedCell, PrintedTable
from training.synthesis.styles import TableStyle

BREAK_MARKS: Mapping[str, str] = {"kept": "\n", "blank": " ", "joined": "", "br": "<br>"}


@dataclass(frozen=True, slots=True)
class Place:
    """One field of a printed row: a cell, or the trace of a merged one (covered, span, pad)."""

    text: str
    kind: str = "cell"
    field_id: str | None = None


Row = tuple[Place, ...]


def count_columns(table: PrintedTable) -> int:
    """The width of the grid."""
    return max((cell.column_end for cell in table.cells), default=0)


def count_rows(table: PrintedTable) -> int:
    """The height of the grid."""
    return max((cell.row_end for cell in table.cells), default=0)


def occupy(table: PrintedTable) -> Mapping[tuple[int, int], PrintedCell]:
    """The cell that covers each place of the grid; the first one where two overlap."""
    places: dict[tuple[int, int], PrintedCell] = {}
    for cell in table.cells:
        for row in range(cell.row, cell.row_end):
            for column in range(cell.column, cell.column_end):
                places.setdefault((row, column), cell)
    return places


def value_rows(table: PrintedTable) -> Iterator[tuple[PrintedCell, ...]]:
    """The value cells of each printed row, from left to right."""
    rows: dict[int, list[PrintedCell]] = {}
    for cell in table.cells:
        if cell.field_id is not None:
            rows.setdefault(cell.row, []).append(cell)
    for row in sorted(rows):
        yield tuple(sorted(rows[row], key=lambda cell: cell.column))


def arrange_rows(table: PrintedTable, rng: random.Random, style: TableStyle) -> list[Row]:
    """The fields of every row as the style prints them, merged cells and short rows included."""
    places, width = occupy(table), count_columns(table)
    rows = []
    for number in range(count_rows(table)):
        row = _arrange_row(places, number, width, style)
        if style.shifts and rng.random() < ROW_SHIFT:
            row = _shift_row(row)
        rows.append(_finish_row(row, width, style))
    return rows


def break_text(text: str, style: TableStyle) -> str:
    """A label with its line breaks as the style prints them."""
    return text.replace("\n", BREAK_MARKS[style.breaks])


def _arrange_row(places: Mapping[tuple[int, int], PrintedCell], number: int, width: int, style: TableStyle) -> Row:
    row: list[Place] = []
    for column in range(width):
        cell = places.get((number, column))
        if cell is None:
            if style.spans != "none":
                row.append(Place("", "pad"))
        elif (cell.row, cell.column) == (number, column):
            text = break_text(cell.text, style) if cell.text.strip() else ""
            row.append(Place(text, "cell", cell.field_id))
        else:
            row += _trace_cell(cell, number, column, style)
    return tuple(row)


def _trace_cell(cell: PrintedCell, number: int, column: int, style: TableStyle) -> Row:
    """What a merged cell leaves at a further place of it: nothing, an empty field, or its text again."""
    under, beside = number > cell.row, column > cell.column
    if style.spans == "repeat":
        again = cell.field_id is None or not under
        return (Place(break_text(cell.text, style) if again else "", "span"),)
    if under and style.covered == "drop":
        return ()
    if beside and (style.spans == "none" or (style.spans == "one" and column > cell.column + 1)):
        return ()
    return (Place("", "covered" if under else "span"),)


def _shift_row(row: Row) -> Row:
    """The first label pushed to the left edge, an empty field behind it and the rest at the end."""
    empty = next((i for i, place in enumerate(row) if place.text), 0)
    if not empty or row[empty].field_id is not None:
        return row
    pads = (Place("", "pad"),) * (empty - 1)
    return (row[empty], Place("", "pad"), *row[empty + 1 :], *pads)


def _finish_row(row: Row, width: int, style: TableStyle) -> Row:
    if style.tail == "strip":
        end = len(row)
        while end > 1 and not row[end - 1].text:
            end -= 1
        row = row[:end]
    elif style.tail == "pad" and len(row) < width:
        row += (Place("", "pad"),) * (width - len(row))
    return row

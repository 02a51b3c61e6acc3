"""Cells with spans to places in a grid: the layout rules of HTML tables, with wrong and huge spans clamped."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from extraction.readers.html_style import MAX_COLUMNS
from extraction.readers.html_text import read_cell_text
from extraction.readers.html_tree import Element
from extraction.readers.limits import MAX_TABLE_ROWS
from models.document import Cell, DocumentError, Evidence, Table

NO_SPANS = ("", "")
_SPAN = re.compile(r"\s*\+?(\d{1,9})")


@dataclass(slots=True)
class Box:
    """A table cell at its place; spans are half-open, from 0."""

    element: Element
    row: int
    column: int
    row_end: int
    column_end: int


def place_cells(rows: Sequence[Sequence[Element]]) -> list[Box]:
    """Give every cell its place; a cell starts in the first column that no cell from above reaches into.

    Raises `DocumentError` with code `table_too_large`.
    """
    if len(rows) > MAX_TABLE_ROWS:
        raise DocumentError("table_too_large", f"a table has {len(rows)} rows, more than {MAX_TABLE_ROWS}")
    boxes = []
    reach: list[int] = []  # for every column the row at which the cell from above ends
    for r, row in enumerate(rows):
        column = 0
        for element in row:
            while column < len(reach) and reach[column] > r:
                column += 1
            if column >= MAX_COLUMNS:
                break
            row_end, end = r + 1, column + 1
            if element.spans != NO_SPANS:
                rows_covered, columns_covered = read_spans(element, len(rows) - r)
                row_end, end = r + rows_covered, _find_free_end(reach, r, column, columns_covered)
            reach += [0] * (end - len(reach))
            reach[column:end] = [row_end] * (end - column)
            boxes.append(Box(element, r, column, row_end, end))
            column = end
    return boxes


def read_spans(element: Element, rows_left: int) -> tuple[int, int]:
    """Rows and columns that a cell covers: at least 1; rows up to the end of the table, which 0 means as well."""
    rows, columns = (int(match[1]) if (match := _SPAN.match(text)) else 1 for text in element.spans)
    return min(rows or rows_left, rows_left), min(columns or 1, MAX_COLUMNS)


def _find_free_end(reach: list[int], row: int, column: int, span: int) -> int:
    """Where a cell must end: after its span, or before a cell that comes from above, or at the last column."""
    end = min(column + span, MAX_COLUMNS)
    for taken in range(column + 1, min(end, len(reach))):
        if reach[taken] > row:
            return taken
    return end


def make_table(boxes: Sequence[Box], *, layout: str, number: int, position: int) -> Table:
    """A table of the boxes; rows and columns in which no cell starts are closed up.

    `number` is the table's ordinal in the document, from 1, `position` its place in `Document.blocks`.
    """
    rows = _close_up((box.row for box in boxes), max(box.row_end for box in boxes))
    columns = _close_up((box.column for box in boxes), max(box.column_end for box in boxes))
    return Table(
        tuple(
            Cell(
                read_cell_text(box.element),
                row := rows[box.row],
                column := columns[box.column],
                rows[box.row_end],
                columns[box.column_end],
                Evidence(table=number, row=row + 1, column=column + 1),
                position,
            )
            for box in boxes
        ),
        layout,
    )


def _close_up(starts: Iterable[int], end: int) -> list[int]:
    """For every grid line up to the end the number of lines before it at which a cell starts."""
    used = bytearray(end)
    for start in starts:
        used[start] = 1
    return [0, *accumulate(used)]


def cut_rows(boxes: Sequence[Box], start: int, end: int) -> list[Box]:
    """The boxes, sorted by row, that begin in some rows, ended at the last of them."""
    first, last = (bisect_left(boxes, row, key=lambda box: box.row) for row in (start, end))
    return [box if box.row_end <= end else replace(box, row_end=end) for box in boxes[first:last]]

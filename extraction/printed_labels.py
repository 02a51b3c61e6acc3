"""The wording of the row and of the column of a cell as they are printed, outermost first."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.mapping import REGULAR, MappedCell
from extraction.row_labels import find_headings
from extraction.rows import PrintedRow
from models.document import Cell
from models.report import PrintedLabels

MAX_LENGTH = 120  # characters of a label: a longer print is none
NOTHING = PrintedLabels()


def find_printed_labels(cell: MappedCell, rows: Sequence[PrintedRow]) -> PrintedLabels:
    """The labels left of a cell, and the headings over it where its table has columns; none where it is not printed."""
    if cell.match is None:
        return NOTHING
    row = rows[cell.match.printed]
    column = _find_headings_over(cell, rows) if cell.layout in REGULAR else ()
    return PrintedLabels(_list_texts(row.labels), _list_texts(column))


def _find_headings_over(cell: MappedCell, rows: Sequence[PrintedRow]) -> list[Cell]:
    """The headings over a cell: those of the last row at or above it that has any over its columns."""
    if cell.match is None or cell.columns is None:
        return []
    start, end = cell.columns
    last = cell.match.printed
    table = rows[last].table
    for index in range(last, -1, -1):
        if rows[index].table != table:
            break
        over = [one for one in find_headings(rows[index]) if one.column < end and start < one.column_end]
        if over:
            return sorted(over, key=lambda one: (one.row, one.column))
    return []


def _list_texts(cells: Sequence[Cell]) -> tuple[str, ...]:
    texts = ("".join(cell.text.split()) for cell in cells)
    return tuple(dict.fromkeys(text for text in texts if 0 < len(text) <= MAX_LENGTH))

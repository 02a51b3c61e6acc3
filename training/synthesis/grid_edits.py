"""Cutting and growing printed grids: rows and columns put in, tables torn between two rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from training.synthesis.grid import count_columns, count_rows
from training.synthesis.printed import PrintedCell, PrintedTable


def size_of(table: PrintedTable) -> tuple[int, int]:
    """Rows and columns of a table."""
    return count_rows(table), count_columns(table)


def with_cells(table: PrintedTable, cells: Sequence[PrintedCell]) -> PrintedTable:
    """The table with other cells, in reading order."""
    return replace(table, cells=tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))))


def change_texts(table: PrintedTable, change: Callable[[PrintedCell], str]) -> PrintedTable:
    """The table with every label (a cell of no field) as `change` prints it."""
    cells = [cell if cell.field_id else replace(cell, text=change(cell)) for cell in table.cells]
    return replace(table, cells=tuple(cells))


def insert_row(table: PrintedTable, at: int, line: Sequence[tuple[str, int]]) -> PrintedTable:
    """Put a row before row `at`: texts with their widths, over the columns that no cell from above goes on through."""
    cells = [
        replace(cell, row=cell.row + (cell.row >= at), row_end=cell.row_end + (cell.row_end > at))
        for cell in table.cells
    ]
    covered = {c for cell in cells if cell.row < at < cell.row_end for c in range(cell.column, cell.column_end)}
    column = max(covered, default=-1) + 1
    cells += [PrintedCell("", at, c, at + 1, c + 1) for c in range(column) if c not in covered]
    for text, width in line:
        cells.append(PrintedCell(text, at, column, at + 1, column + width))
        column += width
    return with_cells(table, cells)


def insert_column(table: PrintedTable, at: int, texts: Sequence[str]) -> PrintedTable:
    """Put a column before column `at`, one text a row; cells that span the place grow instead."""
    cells = []
    grown: set[int] = set()
    for cell in table.cells:
        spans = cell.column < at < cell.column_end
        grown |= set(range(cell.row, cell.row_end)) if spans else set()
        shift = int(cell.column >= at)
        cells.append(replace(cell, column=cell.column + shift, column_end=cell.column_end + shift + spans))
    for row, text in enumerate(texts):
        if row not in grown:
            cells.append(PrintedCell(text, row, at, row + 1, at + 1))
    return with_cells(table, cells)


def cut_rows(table: PrintedTable, start: int, end: int) -> PrintedTable:
    """Rows `start` to `end` as a table of their own; what began above goes on as an empty cell."""
    cells = [
        replace(
            cell,
            text=cell.text if cell.row >= start else "",
            row=max(cell.row, start) - start,
            row_end=min(cell.row_end, end) - start,
        )
        for cell in table.cells
        if cell.row < end and cell.row_end > start
    ]
    return with_cells(table, cells)


def stack(top: PrintedTable, bottom: PrintedTable) -> PrintedTable:
    """One table under the other."""
    height, _ = size_of(top)
    lower = [replace(cell, row=cell.row + height, row_end=cell.row_end + height) for cell in bottom.cells]
    return with_cells(top, [*top.cells, *lower])


def find_value_rows(table: PrintedTable) -> list[int]:
    """The rows that hold a field."""
    return sorted({cell.row for cell in table.cells if cell.field_id})


def heading_cells(table: PrintedTable) -> list[PrintedCell]:
    """The labels in the columns of values, right of the row labels; none where no cell holds a field."""
    left = min((cell.column for cell in table.cells if cell.field_id), default=None)
    if left is None:
        return []
    return [cell for cell in table.cells if not cell.field_id and cell.column >= left and cell.text]

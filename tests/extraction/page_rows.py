"""The tables of pages as rows of texts, for the tests."""

from __future__ import annotations

from extraction.tables.page_table import PageTable


def read_rows(table: PageTable) -> list[list[str]]:
    """The texts of a table, row by row from the left."""
    rows: dict[int, list[str]] = {}
    for cell in sorted(table.cells, key=lambda cell: (cell.span.row, cell.span.column)):
        rows.setdefault(cell.span.row, []).append(cell.text)
    return [rows[number] for number in sorted(rows)]

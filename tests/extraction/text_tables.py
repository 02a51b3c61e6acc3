"""Text read into its tables, for tests."""

from __future__ import annotations

from extraction.tables import find_tables
from models.document import Document, Table, TextLine


def read(text: str) -> tuple[Table, ...]:
    lines = tuple(TextLine(line, number) for number, line in enumerate(text.split("\n"), 1))
    return find_tables(Document("report.txt", "", "text/plain", lines))


def grid(table: Table) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(table.n_rows)]
    for cell in table.cells:
        rows[cell.row].append(cell.text)
    return rows

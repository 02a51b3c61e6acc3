"""Print without ruling, and the tables of pages as rows of texts, for the tests."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.tables.page_table import PageTable
from models.page import Character

SIZE = 10.0  # points


def write(text: str, x: float = 0, y: float = 20, *, size: float = SIZE, step: float | None = None) -> list[Character]:
    """A text from a place on, `y` is its baseline: digits half as wide as the others, or each a `step` from the last.

    All in points.
    """
    characters = []
    for letter in text:
        width = size / 2 if letter.isascii() else size
        characters.append(Character(letter, (x + 0.5, y - 0.8 * size, x + width - 0.5, y), (x, y), size))
        x += step or width
    return characters


def print_line(places: Sequence[tuple[str, float]], y: float) -> list[Character]:
    """Texts on one line, each with the place where it begins."""
    return [character for text, x in places for character in write(text, x, y)]


def read_rows(table: PageTable) -> list[list[str]]:
    """The texts of a table, row by row from the left."""
    rows: dict[int, list[str]] = {}
    for cell in sorted(table.cells, key=lambda cell: (cell.span.row, cell.span.column)):
        rows.setdefault(cell.span.row, []).append(cell.text)
    return [rows[number] for number in sorted(rows)]

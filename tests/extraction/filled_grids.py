"""Grids of scans made by hand for the tests: a label and four values a row, each with its print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extraction.tables.page_fill import Filling, fill_grid
from extraction.tables.page_table import Grid, Span
from models.page import Character

WIDTH, HEIGHT, SIZE = 60.0, 20.0, 10.0  # of places and of print, points
COLUMNS = 5  # a label and four values
WHOLE = {n: n + 1 for n in range(COLUMNS)}
VALUES = ("1", "0", "22", "3")


def put(text: str, column: int, y: float) -> list[Character]:
    """Print at the left of a column, its top at y."""
    left = column * WIDTH + 6
    step = SIZE / 2 if text.isdigit() else SIZE
    boxes = [(left + step * n, y, left + step * n + 0.9 * step, y + 8) for n in range(len(text))]
    return [Character(c, box, (box[0], box[3]), SIZE) for c, box in zip(text, boxes, strict=True)]


def put_row(cells: Sequence[str], row: int) -> list[Character]:
    return [c for column, text in enumerate(cells) for c in put(text, column, row * HEIGHT + 5)]


def make_filling(rows: Sequence[Mapping[int, int]], characters: Sequence[Character]) -> Filling:
    """A grid by the cells of each row, from column to column, filled."""
    spans = tuple(Span(r, start, r + 1, end) for r, cells in enumerate(rows) for start, end in cells.items())
    columns = tuple(WIDTH * n for n in range(COLUMNS + 1))
    heights = tuple(HEIGHT * n for n in range(len(rows) + 1))
    return fill_grid(Grid(columns, heights, spans), characters)


def list_texts(filling: Filling) -> list[list[str]]:
    rows: dict[int, list[str]] = {}
    for span, held in zip(filling.grid.spans, filling.cells, strict=True):
        rows.setdefault(span.row, []).append("".join(c.text for c in held))
    return [rows[row] for row in sorted(rows)]

"""Grids of a scan whose outer wall was not seen, with the labels that stand beyond it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from extraction.tables.page_fill import Filling
from extraction.tables.page_table import Span, find_centre
from extraction.tables.page_text import is_blank
from models.page import Character

MIN_ROWS = 4
BESIDE = 0.6  # of the rows of a grid, that have print beyond it
LABELLED = 0.3  # of the rows of a grid, that have labels in it
WORDS = 3  # Chinese characters, at least, of a label
FITTING = 0.9  # of the print beyond a grid, that stands in its rows and not over their edges
SLACK = 0.25  # of its height, by which print may stand over the edge of a row
ROOM = 2.0  # points of paper beyond print


def add_label_column(filling: Filling, characters: Sequence[Character]) -> Filling:
    """The grid with a first column more, where it has no labels and its rows have some left of it.

    The outermost wall is lost at the edge of a sheet, in its shadow, or where it is thinner than the others.
    """
    grid = filling.grid
    if len(grid.rows) - 1 < MIN_ROWS or _count_labelled(filling) > LABELLED * (len(grid.rows) - 1):
        return filling
    beyond = [c for c in characters if not is_blank(c) and find_centre(c.box)[0] < grid.columns[0]]
    held = _sort_rows(filling, beyond)
    if sum(_is_label(row) for row in held) < BESIDE * len(held) or not _fits_rows(filling, held):
        return filling
    left = min(c.box[0] for row in held for c in row) - ROOM
    spans = [replace(span, column=span.column + 1, column_end=span.column_end + 1) for span in grid.spans]
    parts = [*zip(spans, filling.cells, strict=True)]
    parts += [(Span(row, 0, row + 1, 1), tuple(cell)) for row, cell in enumerate(held)]
    return filling.replace_parts(parts, columns=(left, *grid.columns))


def _count_labelled(filling: Filling) -> int:
    """How many rows have a cell with words."""
    return len({row for span, cell in filling.parts if _is_label(cell) for row in range(span.row, span.row_end)})


def _is_label(cell: Sequence[Character]) -> bool:
    return sum(character.text >= "\u3400" for character in cell) >= WORDS


def _sort_rows(filling: Filling, beyond: Sequence[Character]) -> list[list[Character]]:
    """The print beyond a grid by the rows that it stands beside."""
    edges = filling.grid.rows
    held: list[list[Character]] = [[] for _ in edges[1:]]
    for character in beyond:
        row = bisect_right(edges, find_centre(character.box)[1]) - 1
        if 0 <= row < len(held):
            held[row].append(character)
    return held


def _fits_rows(filling: Filling, held: Sequence[Sequence[Character]]) -> bool:
    """Whether hardly any print stands over the edge of a row."""
    edges = filling.grid.rows
    inside = total = 0
    for row, cell in enumerate(held):
        for character in cell:
            slack = SLACK * (character.box[3] - character.box[1])
            inside += character.box[1] >= edges[row] - slack and character.box[3] <= edges[row + 1] + slack
            total += 1
    return inside >= FITTING * total

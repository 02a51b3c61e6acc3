"""Rows of a scan whose walls were not seen, parted where the walls of the other rows are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from extraction.tables.page_fill import Filling, Part
from extraction.tables.page_grid import find_walled_edges
from extraction.tables.page_table import Grid, Span, find_centre
from extraction.tables.page_text import NUMBER_SIGNS, find_text_lines, has_print, is_blank
from models.page import Character

USUAL = 0.3  # of the rows of a table, that have a wall at an edge which others lack
MIN_ROWS = 3
MIN_NUMBERS = 3  # apart from one another in a cell, that make it a row
FILLED = 0.6  # of the places behind the first number
SLACK = 1.5  # points by which print may stand out over a wall


def part_rows(filling: Filling) -> Filling:
    """The grid with every cell parted that holds a label and numbers which stand in columns of the other rows.

    The walls of a row are lost where it is shaded or its print is faint. Nothing is parted that print crosses.
    """
    grid = filling.grid
    edges = find_walled_edges(grid, least=max(MIN_ROWS, USUAL * (len(grid.rows) - 1)))
    if len(edges) < MIN_NUMBERS - 1:
        return filling
    numeric = Counter(span.row for span, held in filling.parts if span.row_end == span.row + 1 and _are_numbers([held]))
    parts: list[Part] = []
    for span, held in filling.parts:
        beside = numeric[span.row] if span.row_end == span.row + 1 else 0
        parts += _part_span(grid, span, held, edges, beside=beside)
    return filling.replace_parts(parts)


def _part_span(
    grid: Grid, span: Span, characters: tuple[Character, ...], usual: Sequence[int], *, beside: int
) -> list[Part]:
    """A cell as it is, or its label and the places of its numbers; `beside` it the row has so many cells of numbers."""
    whole = [(span, characters)]
    inner = [edge for edge in usual if span.column < edge < span.column_end]
    least = MIN_NUMBERS if beside < MIN_NUMBERS else 1
    if len(inner) < min(least, MIN_NUMBERS - 1):
        return whole
    slots = list(pairwise([span.column, *inner, span.column_end]))
    held: list[list[Character]] = [[] for _ in slots]
    for character in characters:
        x = find_centre(character.box)[0]
        place = next((i for i, (_, end) in enumerate(slots) if x < grid.columns[end]), len(slots) - 1)
        held[place].append(character)
    first = next((i for i in range(len(slots)) if _are_numbers(held[i:])), len(slots))
    numbers = [cell for cell in held[first:] if has_print(cell)]
    if len(numbers) < least or len(numbers) < FILLED * (len(slots) - first):
        return whole
    if not _are_level(numbers) or any(_stands_out(grid, slot, cell) for slot, cell in zip(slots, held, strict=True)):
        return whole
    label = [character for cell in held[:first] for character in cell]
    parts = [(Span(span.row, span.column, span.row_end, slots[first][0]), tuple(label))] if first else []
    return parts + [
        (Span(span.row, start, span.row_end, end), tuple(cell))
        for (start, end), cell in zip(slots[first:], held[first:], strict=True)
    ]


def _are_numbers(cells: Sequence[Sequence[Character]]) -> bool:
    """Whether there is print, and each cell is empty or a single line of digits; the first is not empty."""
    return has_print(cells[0]) and all(
        len(find_text_lines(cell)) == 1 and all(c.text in NUMBER_SIGNS or is_blank(c) for c in cell)
        for cell in cells
        if has_print(cell)
    )


def _are_level(cells: Sequence[Sequence[Character]]) -> bool:
    bases = [cell[0].origin[1] for cell in cells]
    return max(bases) - min(bases) <= 0.8 * max(cell[0].size for cell in cells)


def _stands_out(grid: Grid, slot: tuple[int, int], cell: Sequence[Character]) -> bool:
    """Whether print of a place crosses a wall beside it; a label may reach over the edges of its own places."""
    if not all(c.text in NUMBER_SIGNS or is_blank(c) for c in cell):
        return any(c.box[2] > grid.columns[slot[1]] + SLACK for c in cell if c.text in NUMBER_SIGNS)
    left, right = grid.columns[slot[0]], grid.columns[slot[1]]
    return any(c.box[0] < left - SLACK or c.box[2] > right + SLACK for c in cell)

"""Columns of a scan between which the wall was not seen, parted where most rows print two numbers side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from extraction.tables.page_fill import Filling, Part
from extraction.tables.page_table import Extent
from extraction.tables.page_text import SIGNS, is_blank
from models.page import Character

MIN_DOUBLE = 4  # rows with two numbers side by side in one cell
DOUBLE = 0.6  # of the rows with print in a column
APART = 1.0  # of the font size, between two numbers


def part_double_columns(filling: Filling) -> Filling:
    """The grid with every column parted in two, of which most cells have two numbers with paper between, one above
    another.
    """
    column = 0
    while column < len(filling.grid.columns) - 1:
        cut = _find_cut(filling, column)
        if cut is not None:
            filling = _part_column(filling, column, cut)
        column += 1
    return filling


def _find_cut(filling: Filling, column: int) -> float | None:
    """The middle of the paper between the numbers of a column; `None` where too few cells have two, or not alike."""
    cells = [
        [character for character in held if not is_blank(character)]
        for span, held in filling.parts
        if (span.column, span.column_end) == (column, column + 1)
    ]
    numbers = [held for held in cells if held and all(character.text in SIGNS for character in held)]
    gaps = [gap for held in numbers if (gap := _find_gap(held)) is not None]
    if len(gaps) < max(MIN_DOUBLE, DOUBLE * len(numbers)):
        return None
    start, end = max(gap[0] for gap in gaps), min(gap[1] for gap in gaps)
    return (start + end) / 2 if start < end else None


def _find_gap(held: Sequence[Character]) -> Extent | None:
    """From where to where there is paper between two numbers; `None` where there are not just two."""
    ordered = sorted(held, key=lambda character: character.box[0])
    gaps = [
        (before.box[2], after.box[0])
        for before, after in pairwise(ordered)
        if after.box[0] - before.box[2] > APART * before.size
    ]
    return gaps[0] if len(gaps) == 1 else None


def _part_column(filling: Filling, column: int, cut: float) -> Filling:
    """With a new edge, at which the cells of a column are parted; others go over it."""
    grid = filling.grid
    parts: list[Part] = []
    for span, held in filling.parts:
        moved = replace(
            span, column=span.column + (span.column > column), column_end=span.column_end + (span.column_end > column)
        )
        if (span.column, span.column_end) != (column, column + 1) or any(_crosses(c, cut) for c in held):
            parts.append((moved, held))
            continue
        parts.append((replace(moved, column_end=column + 1), tuple(c for c in held if c.box[2] <= cut)))
        parts.append((replace(moved, column=column + 1), tuple(c for c in held if c.box[2] > cut)))
    return filling.replace_parts(parts, columns=(*grid.columns[: column + 1], cut, *grid.columns[column + 1 :]))


def _crosses(character: Character, cut: float) -> bool:
    return character.box[0] < cut < character.box[2]

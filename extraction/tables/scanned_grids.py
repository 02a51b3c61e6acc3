"""Grids of a scan whose rules were seen in part: the alignment of the print instead, and cells without print parted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from extraction.tables.page_fill import Filling, Part
from extraction.tables.page_grid import count_walls, find_walled_edges
from extraction.tables.page_table import Grid, Span, find_centre
from extraction.tables.page_text import (
    NUMBER_SIGNS,
    STROKES,
    has_print,
    is_blank,
    is_latin,
    join_characters,
    join_printed,
)
from models.numbers import prints_number
from models.page import Character

MORE = 1.2  # times the numbers in cells of their own, that make the aligned grid the better one
MIN_MORE = 3  # numbers
USUAL = 0.5  # of the rows of a table, that have a wall at an edge where others lack it
MIN_ROWS = 4
MIN_WALLED, WALLED = 4, 0.6  # cells of a row with walls, and of the rows of a grid, that have them
MIN_VALUES = 8  # cells with print but no Chinese of the only row that has as many
NEAR_WALL = 0.5  # of the font size, from the wall that was read as a stroke
DOUBLE = 0.1  # of the cells with print, that may hold more than one number
MANY_ROWS = 10  # of a table, of which an edge that `MAX_ODD` rows have alone is none
MAX_ODD = 2
SHORT = 2  # characters, of a unit


def choose_aligned(ruled: Sequence[Filling], aligned: Sequence[Filling]) -> list[Filling]:
    """Of the grids by the alignment of print those in which more numbers stand alone in a cell than by the rules.

    Where rules are faint a few rows have walls, and the print of the others is in no cell or in one with more. A grid
    with walls in most of its rows stays: numbers that were misread at them are read anew, each in its cell.
    """
    chosen = []
    whole = [filling for filling in ruled if _is_whole(filling)]
    for filling in aligned:
        if overlaps(filling, whole):
            continue
        own = _list_numbers(filling)
        inside = {box for other in ruled if _share(other.grid, filling.grid) for box in _list_numbers(other)}
        if len(own) >= max(MORE * len(inside), len(inside) + MIN_MORE):
            chosen.append(filling)
    return chosen


def choose_whole(parted: Sequence[Filling], aligned: Sequence[Filling]) -> list[Filling]:
    """Of grids whose rows rules across part those that hold several of the aligned ones, and all of their numbers."""
    whole = []
    for filling in parted:
        inside = [other for other in aligned if _share(filling.grid, other.grid)]
        numbers = sum(len(_list_numbers(other)) for other in inside)
        if len(inside) > 1 and len(_list_numbers(filling)) >= numbers:
            whole.append(filling)
    return whole


def _is_whole(filling: Filling) -> bool:
    """Whether most rows of a grid have walls, or its only one with numbers, and few cells two numbers side by side.

    A number that was read with a piece of its wall is one.
    """
    rows = Counter(span.row for span in filling.grid.spans if span.row_end == span.row + 1)
    walled = sum(count >= MIN_WALLED for count in rows.values())
    if walled < max(MIN_ROWS, WALLED * (len(filling.grid.rows) - 1)):
        spans = [span for span, held in filling.parts if has_print(held) and is_latin(join_printed(held))]
        valued = [row for row, count in Counter(span.row for span in spans).items() if count >= MIN_VALUES]
        if len(valued) != 1:
            return False
    columns = filling.grid.columns
    printed = [
        _drop_walls(held, (columns[span.column], columns[span.column_end]))
        for span, held in filling.parts
        if has_print(held)
    ]
    return sum(_is_double(held) for held in printed) <= DOUBLE * len(printed)


def _drop_walls(held: Sequence[Character], walls: Sequence[float]) -> list[Character]:
    """Print without strokes in the walls beside it: pieces of those were read as ones."""
    return [
        c
        for c in held
        if c.text not in STROKES or min(abs(find_centre(c.box)[0] - wall) for wall in walls) > NEAR_WALL * c.size
    ]


def _is_double(held: Sequence[Character]) -> bool:
    inked = [character for character in held if not is_blank(character)]
    return all(character.text in NUMBER_SIGNS for character in inked) and not _is_one(inked)


def overlaps(filling: Filling, others: Sequence[Filling]) -> bool:
    """Whether a grid shares ground with one of others."""
    return any(_share(filling.grid, other.grid) for other in others)


def _share(grid: Grid, other: Grid) -> bool:
    left, top, right, bottom = grid.box
    return left < other.box[2] and right > other.box[0] and top < other.box[3] and bottom > other.box[1]


def _list_numbers(filling: Filling) -> list[tuple[int, int]]:
    """The cells with one number, by row and column."""
    numbers = []
    for span, held in filling.parts:
        text, _ = join_characters(held, width=0.0) if held else ("", False)
        if text and prints_number(text) and _is_one(held):
            numbers.append((span.row, span.column))
    return numbers


def _is_one(held: Sequence[Character]) -> bool:
    """Whether characters follow one another as those of one number do."""
    inked = sorted((c for c in held if not is_blank(c)), key=lambda c: c.box[0])
    return all(after.box[0] - before.box[2] < before.size for before, after in pairwise(inked))


def part_blanks(filling: Filling) -> Filling:
    """The grid with every cell of a row parted at the edges that most rows have, where all of its print is on one side.

    Where nothing is printed a lost wall leaves no other trace. Labels may have room beside them, units have none.
    """
    grid = filling.grid
    if len(grid.rows) - 1 < MIN_ROWS:
        return filling
    edges = find_walled_edges(grid, least=USUAL * (len(grid.rows) - 1))
    parts: list[Part] = []
    for span, held in filling.parts:
        cuts = [edge for edge in edges if span.column < edge < span.column_end] if span.row_end == span.row + 1 else []
        inked = [character for character in held if not is_blank(character)]
        if cuts and len(inked) <= SHORT and _stand_before(inked, grid.columns[cuts[0]]):
            ends = [span.column, *cuts, span.column_end]
            first = Span(span.row, ends[0], span.row_end, ends[1])
            parts.append((first, held))
            parts += [(Span(span.row, a, span.row_end, b), ()) for a, b in pairwise(ends[1:])]
        else:
            parts.append((span, held))
    return filling.replace_parts(parts)


def join_slivers(filling: Filling) -> Filling:
    """The grid without edges of columns that a row or two of many have alone, where one side of the wall is empty.

    The rim of a stamp draws such walls, and a crease.
    """
    grid = filling.grid
    if len(grid.rows) - 1 < MANY_ROWS:
        return filling
    counts = count_walls(grid)
    odd = {edge for edge in range(1, len(grid.columns) - 1) if 0 < counts[edge] <= MAX_ODD}
    parts = dict(filling.parts)
    for right in sorted(parts, key=lambda span: (span.row, span.column)):
        left = next((s for s in parts if _follows(s, right)), None) if right.column in odd and right in parts else None
        if left is None or (has_print(parts[left]) and has_print(parts[right])):
            continue
        held = parts.pop(left) + parts.pop(right)
        parts[Span(left.row, left.column, left.row_end, right.column_end)] = held
    return filling.replace_parts(parts.items())


def _follows(left: Span, right: Span) -> bool:
    return (left.row, left.row_end, left.column_end) == (right.row, right.row_end, right.column)


def _stand_before(inked: Sequence[Character], edge: float) -> bool:
    return all(character.box[2] <= edge for character in inked)

"""Rows of a scan between which the rule was not seen, parted where numbers stand one above another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from extraction.tables.page_fill import Filling, Part
from extraction.tables.page_table import Span
from extraction.tables.page_text import MIDDLE, NUMBER, find_text_lines, has_print, is_ordinal, join_printed
from models.page import Character

MIN_STACKED = 2  # cells with two numbers one above the other, on the same two lines
SAME_LINE = 0.8  # of the font size, between numbers of one line
NEAR = 12.0  # points from where rows are parted to an edge that other cells have there
MIN_LABEL = 4  # characters, with its ordinal
MAX_ROWS = 6  # that one row is parted into
# What the cell of a number or of its unit holds.
_DIGITS = re.compile(rf"{NUMBER.pattern}|件次|人次|万元|[件条次篇个人项元份]")


def part_stacked_rows(filling: Filling) -> Filling:
    """The grid with every row parted whose cells hold numbers one above another, at most `MAX_ROWS` times a row.

    Between two rows the cut is above the line of a label that begins with an ordinal, else halfway between numbers.
    """
    row, tries = 0, 0
    while row < len(filling.grid.rows) - 1:
        ends = sorted({span.row_end for span in filling.grid.spans if span.row == row})
        found = ((end, cut) for end in ends if (cut := _find_cut(filling, row, end)) is not None)
        end, cut = next(found, (row, None))
        if cut is None or tries >= MAX_ROWS:
            row, tries = row + 1, 0
            continue
        edges = [edge for edge in range(row + 1, end) if abs(filling.grid.rows[edge] - cut) <= NEAR]
        filling = _cut_spans(filling, (row, end), edges[0]) if edges else _part_row(filling, (row, end), cut)
        tries += 1
    return filling


def part_stacked_labels(filling: Filling) -> Filling:
    """The grid with every label over several rows parted where another label begins with an ordinal in a lower row.

    Rules are lost beside labels more often than beside numbers, for labels leave them no room.
    """
    edges = {edge for span in filling.grid.spans for edge in (span.row, span.row_end)}
    for edge in sorted(edges):
        over = {(s.row, s.row_end) for s in filling.grid.spans if s.row < edge < s.row_end}
        for extent in sorted(over):
            filling = _cut_labels(filling, extent, edge)
    return filling


def _cut_labels(filling: Filling, extent: tuple[int, int], edge: int) -> Filling:
    """The labels of an extent of rows parted at an edge, where one begins below it and another stands above."""
    cut = filling.grid.rows[edge]
    parts: list[Part] = []
    for span, held in filling.parts:
        if (span.row, span.row_end) != extent or not _are_two_labels(find_text_lines(held), cut):
            parts.append((span, held))
            continue
        upper = tuple(c for c in held if c.origin[1] - MIDDLE * c.size < cut)
        lower = tuple(c for c in held if c.origin[1] - MIDDLE * c.size >= cut)
        parts.append((Span(span.row, span.column, edge, span.column_end), upper))
        parts.append((Span(edge, span.column, span.row_end, span.column_end), lower))
    return filling.replace_parts(parts)


def _are_two_labels(lines: Sequence[Sequence[Character]], cut: float) -> bool:
    """Whether the first line below a cut begins a label with an ordinal, and the lines above are one as long."""
    above = [line for line in lines if line[0].origin[1] - MIDDLE * line[0].size < cut]
    below = lines[len(above) :]
    if not above or not below:
        return False
    first, begun = join_printed(above[0]), join_printed(below[0])
    return min(len(first), len(begun)) >= MIN_LABEL and all(map(is_ordinal, (first, begun)))


def _find_cut(filling: Filling, row: int, end: int) -> float | None:
    """Where the first row ends in cells from `row` to `end` whose numbers stand one above another, else `None`."""
    cells = [
        find_text_lines(held)
        for span, held in filling.parts
        if (span.row, span.row_end) == (row, end) and has_print(held)
    ]
    numbers = [lines for lines in cells if all(_DIGITS.fullmatch(join_printed(line)) for line in lines)]
    stacked = [lines for lines in numbers if len(lines) > 1]
    # Where a cell goes over an edge that others have, one with numbers on both sides of it is enough.
    least = MIN_STACKED if end == row + 1 else 1
    if len(stacked) < least or 2 * len(stacked) < len(numbers):
        return None
    size = stacked[0][0][0].size
    firsts = [lines[0][0].origin[1] for lines in stacked]
    nexts = [lines[1][0].origin[1] for lines in stacked]
    if max(max(firsts) - min(firsts), max(nexts) - min(nexts)) > SAME_LINE * size or min(nexts) - max(firsts) < size:
        return None
    labels = [line for lines in cells if lines not in numbers for line in lines]
    begins = sorted(
        min(c.box[1] for c in line)
        for line in labels
        if max(firsts) + 0.6 * size < line[0].origin[1] <= max(nexts) + 0.5 * size and is_ordinal(join_printed(line))
    )
    cut = begins[0] - 0.1 * size if begins else (max(firsts) + min(nexts) - 0.7 * size) / 2
    # Both rows must have their numbers.
    return cut if max(firsts) - 0.3 * size < cut < min(nexts) - 0.3 * size else None


def _part_row(filling: Filling, extent: tuple[int, int], cut: float) -> Filling:
    """With a new edge, at which the cells of an extent of rows are parted; others go over it."""
    grid = filling.grid
    at = next(edge for edge, y in enumerate(grid.rows) if y > cut)
    spans = [Span(s.row + (s.row >= at), s.column, s.row_end + (s.row_end >= at), s.column_end) for s in grid.spans]
    moved = replace(grid, rows=(*grid.rows[:at], cut, *grid.rows[at:]), spans=tuple(spans))
    return _cut_spans(replace(filling, grid=moved), (extent[0], extent[1] + 1), at)


def _cut_spans(filling: Filling, extent: tuple[int, int], edge: int) -> Filling:
    """The cells of an extent of rows parted at an edge, their print by where it stands."""
    cut = filling.grid.rows[edge]
    parts: list[Part] = []
    for span, held in filling.parts:
        if (span.row, span.row_end) != extent:
            parts.append((span, held))
            continue
        upper = tuple(c for c in held if (c.box[1] + c.box[3]) / 2 < cut)
        lower = tuple(c for c in held if (c.box[1] + c.box[3]) / 2 >= cut)
        parts.append((Span(span.row, span.column, edge, span.column_end), upper))
        parts.append((Span(edge, span.column, span.row_end, span.column_end), lower))
    return filling.replace_parts(parts)

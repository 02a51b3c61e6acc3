"""Strips between the horizontal rules of a table without vertical ones: what stands in each is one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extraction.tables.aligned_columns import has_values, stand_over
from extraction.tables.aligned_labels import find_base
from extraction.tables.aligned_lines import NUMERALS, Segment, SegmentLine, find_middle
from extraction.tables.aligned_rows import join_segments
from extraction.tables.page_text import numbers_row
from extraction.tables.ruled import Line
from models.page import join_boxes

SAME_END = 4.0  # points between the ends of rules of one table
SAME_HEIGHT = 2.0
MIN_HEIGHTS = 3
NEXT_LINE = 1.5  # of the font size, between lines of a number that was too long for its cell
USUAL = 3  # times as many rows on a line as rows with numbers over several


@dataclass(frozen=True, slots=True)
class Strip:
    """Print between two rules: `lines` as printed, `row` with the lines of each cell joined; `None` without print."""

    lines: tuple[SegmentLine, ...]
    row: SegmentLine | None

    @property
    def has_values(self) -> bool:
        return self.row is not None and (has_values(self.row) or any(map(has_values, self.lines)))


@dataclass(frozen=True, slots=True)
class Tall:
    """Print of a cell over several strips, half-open and counted from 0."""

    start: int
    end: int
    segment: Segment


def cut_strips(block: Sequence[SegmentLine], rules: Sequence[Line]) -> tuple[list[Strip], list[Tall]] | None:
    """The strips of a table from the top, and what stands over several of them.

    `None` where rules do not part all rows: several lines of values between two of them are one row only where they
    are digits close below one another, as numbers stand in a narrow column.
    """
    heights = _find_heights(rules)
    if len(heights) < MIN_HEIGHTS or any(not heights[0] <= find_middle(line) < heights[-1] for line in block):
        return None
    held: list[list[SegmentLine]] = [[] for _ in heights[1:]]
    tall: list[Tall] = []
    for line in block:
        own: dict[int, list[Segment]] = {}
        for segment in line.segments:
            start, end = _find_extent(segment, heights, rules)
            if end - start == 1:
                own.setdefault(start, []).append(segment)
            else:
                tall.append(Tall(start, end, segment))
        for number, segments in own.items():
            held[number].append(replace(line, segments=tuple(segments)))
    strips = [Strip(tuple(lines), _join_lines(lines) if lines else None) for lines in held]
    return (strips, tall) if _are_rows(strips) else None


def _find_heights(rules: Sequence[Line]) -> list[float]:
    """Where rules run to the right end of the table, from the top."""
    right = max((rule.end for rule in rules), default=0.0)
    heights: list[float] = []
    for at in sorted(rule.at for rule in rules if right - rule.end <= SAME_END):
        if not heights or at - heights[-1] > SAME_HEIGHT:
            heights.append(at)
    return heights


def _find_extent(segment: Segment, heights: Sequence[float], rules: Sequence[Line]) -> tuple[int, int]:
    """The strips of the cell that print stands in: up and down to the next rule over and under its middle."""
    x, y = (segment.box[0] + segment.box[2]) / 2, find_middle(segment)
    number = max((index for index, at in enumerate(heights[:-1]) if at <= y), default=0)
    places = [rule.at for rule in rules if rule.start <= x <= rule.end]

    def is_open(at: float) -> bool:
        return not any(abs(place - at) <= SAME_HEIGHT for place in places)

    start, end = number, number + 1
    while start > 0 and is_open(heights[start]):
        start -= 1
    while end < len(heights) - 1 and is_open(heights[end]):
        end += 1
    return start, end


def _join_lines(lines: Sequence[SegmentLine]) -> SegmentLine:
    """The lines of a strip as one, the pieces of each cell joined."""
    cells = [join_segments(pieces) for pieces in _part_cells(lines)]
    cells.sort(key=lambda cell: cell.box[0])
    box = join_boxes([cell.box for cell in cells])
    return SegmentLine(tuple(cells), box, lines[0].base, max(line.size for line in lines))


def _part_cells(lines: Sequence[SegmentLine]) -> list[list[Segment]]:
    """Pieces of one cell, from the top: those over one another, and what stands between these in the file."""
    order = {id(segment): number for number, segment in enumerate(s for line in lines for s in line.segments)}
    cells: list[list[Segment]] = []
    for segment in (s for line in lines for s in line.segments):
        over = [cell for cell in cells if any(stand_over(segment, piece) for piece in cell)]
        joined = [segment, *(piece for cell in over for piece in cell)]
        cells = [*(cell for cell in cells if cell not in over), joined]
    return [sorted(cell, key=lambda piece: order[id(piece)]) for cell in _join_between(cells)]


def _join_between(cells: list[list[Segment]]) -> list[list[Segment]]:
    """Labels with what stands between their lines in the file; not where that goes line by line, over all cells."""
    for first, last in [(min(p.first for p in cell), max(p.last for p in cell)) for cell in cells if len(cell) > 1]:
        within = [cell for cell in cells if all(first <= p.first and p.last <= last for p in cell)]
        values = any(piece.value and piece.text not in NUMERALS for cell in within for piece in cell)
        if len(within) > 1 and not values:
            cells = [*(cell for cell in cells if cell not in within), [piece for cell in within for piece in cell]]
    return cells


def _are_rows(strips: Sequence[Strip]) -> bool:
    """Whether every strip with values is a row of its own, nearly all of them on a line."""
    rows = [strip for strip in strips if strip.has_values]
    if not rows or not all(_is_row(strip) for strip in rows):
        return False
    wrapped = [strip for strip in rows if _count_lines(strip) > 1]
    bare = all(segment.value for strip in wrapped for line in strip.lines for segment in line.segments)
    return not wrapped or bare or USUAL * len(wrapped) <= len(rows)


def _count_lines(strip: Strip) -> int:
    """How many lines the longest number of a strip stands on."""
    return max(sum(piece.value for piece in cell) for cell in _part_cells(strip.lines))


def _is_row(strip: Strip) -> bool:
    """Whether a strip holds one row: numbers over several lines are of digits alone, and one label begins at most."""
    begun = 0
    for cell in _part_cells(strip.lines):
        values = [piece for piece in cell if piece.value]
        if len(values) < len(cell):
            if any(piece.text not in NUMERALS for piece in values):
                return False
            values = []
        if len(values) > 1:
            size = max(character.size for character in values[0].characters)
            close = all(find_base(b) - find_base(a) <= NEXT_LINE * size for a, b in pairwise(values))
            if not close or not all(piece.text.isdigit() for piece in values):
                return False
        begun = max(begun, sum(numbers_row(piece.text) for piece in cell if not piece.value))
    return begun <= 1

"""Wide tables without rules whose only row is empty, or nearly so: columns by their headings alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extraction.tables.aligned_bands import Band, Piece, fill_bands
from extraction.tables.aligned_columns import touch
from extraction.tables.aligned_heads import find_leaf_headings, make_head_bands, place_headings
from extraction.tables.aligned_lines import SegmentLine, make_segment
from extraction.tables.page_fill import Filling
from extraction.tables.page_table import Extent
from extraction.tables.ruled import Line
from models.page import Character, join_boxes

MIN_COLUMNS = 10  # fewer headings over one another are a menu or a list as likely
MIN_LINES = 2
LONGEST = 12  # characters of a heading of one column
FAR = 4.0  # of the font size, between lines of one head
SAME_SIZE = 1.08
ROW = 1.5  # of the font size, the height of a row
NEXT_LINE = 1.35  # between lines of one heading, at most
WIDE = 0.8  # of the width of the table, for a mark that fills a row


def find_empty_tables(lines: Sequence[SegmentLine], taken: set[int]) -> list[Filling]:
    """Tables out of lines that are nothing but headings, with an empty row or one filled by a single mark.

    `lines` are those of a page from the top; `taken` are identities of those that belong to other tables. Headings at
    the foot of a page make no table: their row may stand on the next page.
    """
    found = []
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and _goes_on(lines, start, end, taken):
            end += 1
        if end < len(lines) and id(lines[end]) not in taken:
            table = read_headings(lines[start:end], (), mark=lines[end])
            if table is not None:
                found.append(table)
        start = max(end, start + 1)
    return found


def _goes_on(lines: Sequence[SegmentLine], start: int, index: int, taken: set[int]) -> bool:
    """Whether a line may be of the headings that begin with line `start`."""
    line = lines[index]
    if id(line) in taken or line.is_prose or line.values or line.is_heading or line.is_numbered:
        return False
    if index == start:
        return True
    above = lines[index - 1]
    alike = max(line.size, above.size) <= SAME_SIZE * min(line.size, above.size)
    return alike and line.base - above.base <= FAR * line.size


@dataclass(frozen=True, slots=True)
class _Head:
    """The lines of the headings of a table, as rows of its columns."""

    lines: Sequence[SegmentLine]
    columns: Sequence[Extent]
    bands: Sequence[Band]


def read_headings(
    lines: Sequence[SegmentLine], rules: Sequence[Line], *, mark: SegmentLine | None = None
) -> Filling | None:
    """The headings of many columns with an empty row below; `None` where they are none.

    `mark` is the line below, which is the row where it is one mark over all columns, or values under some headings.
    """
    head = _read_head(lines)
    if head is None:
        return None
    row = _read_row(mark, head) if mark is not None else None
    if row is None:
        last = lines[-1]
        row = Band(rules[-1].at if rules and rules[-1].at > last.base else _find_end(lines), ())
    return _fill(head, row, rules)


def read_headed_row(block: Sequence[SegmentLine], rules: Sequence[Line]) -> Filling | None:
    """Headings of many columns above one row without a label, with values under some of them; `None` for others."""
    *lines, row = block
    if row.values != len(row.segments) or any(line.values for line in lines):
        return None
    head = _read_head(lines)
    pieces = _place_values(row, head.columns) if head is not None else None
    if head is None or pieces is None or len(pieces) == len(head.columns):
        return None
    return _fill(head, Band(row.base, tuple(pieces)), rules)


def _read_head(lines: Sequence[SegmentLine]) -> _Head | None:
    if len(lines) < MIN_LINES:
        return None
    numbered = list(enumerate(lines))
    leaves = find_leaf_headings(numbered)
    if len(leaves) < MIN_COLUMNS or any(len(text) > LONGEST for _, text in leaves):
        return None
    headings, columns = place_headings(numbered, [extent for extent, _ in leaves], float("-inf"))
    if all(heading.end - heading.start == 1 for heading in headings):
        return None
    return _Head(lines, columns, make_head_bands(numbered, headings, 0))


def _fill(head: _Head, row: Band, rules: Sequence[Line]) -> Filling:
    boxes = [line.box for line in head.lines] + [s.box for piece in row.pieces for s in piece.segments]
    box = join_boxes(boxes)
    middles = [(before[1] + after[0]) / 2 for before, after in pairwise(head.columns)]
    edges = [box[0] - 2, *middles, box[2] + 2]
    return fill_bands(sorted([*head.bands, row], key=lambda band: band.base), edges, rules, head.columns)


def _read_row(line: SegmentLine, head: _Head) -> Band | None:
    """The line below headings as their row; `None` where it is something else."""
    if line.values == len(line.segments) == 1 and _is_wide(line, head.columns):
        return Band(line.base, tuple(_part_mark(line, head.columns)))
    pieces = _place_values(line, head.columns) if _is_row(line, head.lines[-1]) else None
    return None if pieces is None else Band(line.base, tuple(pieces))


def _is_row(line: SegmentLine, above: SegmentLine) -> bool:
    """Whether a line below headings is nothing but values, as near and as large as they are."""
    alike = max(line.size, above.size) <= SAME_SIZE * min(line.size, above.size)
    return alike and line.values == len(line.segments) and line.base - above.base <= FAR * line.size


def _place_values(row: SegmentLine, columns: Sequence[Extent]) -> list[Piece] | None:
    """Each value under its heading."""
    homes = [[i for i, column in enumerate(columns) if touch(column, (s.box[0], s.box[2]))] for s in row.segments]
    taken = [home[0] for home in homes if len(home) == 1]
    if len(set(taken)) < len(row.segments):
        return None
    return [Piece(index, index + 1, (segment,)) for index, segment in zip(taken, row.segments, strict=True)]


def _find_end(lines: Sequence[SegmentLine]) -> float:
    """Where an empty row below headings ends, if it is as high as the rows of the headings."""
    last = lines[-1]
    pitches = [below.base - above.base for above, below in pairwise(lines)]
    height = min((pitch for pitch in pitches if pitch > NEXT_LINE * last.size), default=ROW * last.size)
    return last.base + 1.5 * height - last.size / 2


def _part_mark(line: SegmentLine, columns: Sequence[Extent]) -> list[Piece]:
    """Marks that stand in all columns without a gap between them, each in its own."""
    cuts = [(before[1] + after[0]) / 2 for before, after in pairwise(columns)]
    parts: list[list[Character]] = [[] for _ in columns]
    for character in line.segments[0].characters:
        parts[bisect_right(cuts, (character.box[0] + character.box[2]) / 2)].append(character)
    return [Piece(index, index + 1, (make_segment(part),)) for index, part in enumerate(parts) if part]


def _is_wide(line: SegmentLine, columns: Sequence[Extent]) -> bool:
    return line.box[2] - line.box[0] >= WIDE * (columns[-1][1] - columns[0][0])

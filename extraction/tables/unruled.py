"""Grids of tables with horizontal rules only, or none: columns by the alignment of the words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from extraction.tables.aligned_cells import NEXT_LINE, find_aligned_spans
from extraction.tables.aligned_lines import SegmentLine, cut_lines
from extraction.tables.aligned_rows import find_bands, find_values, is_below_values, is_near
from extraction.tables.page_table import Grid
from extraction.tables.ruled import Line, find_lines
from models.page import Box, Character, Rule

Extent = tuple[float, float]  # from and to, in points

MIN_ROWS = 3
MIN_VALUES = 5  # in a table of a row or two
MAX_HEAD_LINES = 8
MAX_HEADS = 300  # pieces of headings of one table
FAR = 4.0  # of the font size, between baselines of one table
HEADING_SIZE = 1.08  # of the print of the table
WIDE = 0.6  # of the width of a table, for a rule that parts its rows
SLACK = 2.0
QUALITY_RULED, QUALITY_BARE = 0.8, 0.6  # at most, whatever else speaks for it


def find_aligned_grids(
    characters: Sequence[Character], rules: Sequence[Rule], *, taken: Sequence[Box] = ()
) -> list[Grid]:
    """Grids in characters that stand in no ruled table, from the top; `drawn` is their quality.

    `rules` of the page part rows where they go across; those within the boxes `taken` are of other tables.
    """
    lines = cut_lines(characters)
    across, _ = find_lines(rules)
    grids = []
    for block in _find_blocks(lines, taken):
        box = _find_box(block)
        grid = _make_grid(block, [line for line in across if _parts_rows(line, box)])
        if grid is not None:
            grids.append(grid)
    return grids


def _find_blocks(lines: list[SegmentLine], taken: Sequence[Box]) -> list[list[SegmentLine]]:
    """Lines that stand together with enough rows among them, with the headings above."""
    blocks: list[list[SegmentLine]] = []
    block: list[SegmentLine] = []
    for line in lines:
        if block and (not _goes_on(block[-1], line) or _is_between(block[-1], line, taken)):
            blocks.append(block)
            block = []
        if block and _begins_section(block, line):
            blocks.append(block)
            block = []
        if not line.is_prose:
            block.append(line)
        elif block:
            blocks.append(block)
            block = []
    blocks.append(block)
    trimmed = [_trim_block(block) for block in blocks]
    return [block for block in trimmed if _is_table(block)]


def _begins_section(block: list[SegmentLine], line: SegmentLine) -> bool:
    """Whether a line like a heading of a section is one, by its words or its size."""
    return line.ends_like_heading or (
        line.is_heading and line.size > HEADING_SIZE * median(member.size for member in block)
    )


def _goes_on(above: SegmentLine, line: SegmentLine) -> bool:
    return line.base - above.base <= FAR * max(above.size, line.size)


def _is_between(above: SegmentLine, line: SegmentLine, taken: Sequence[Box]) -> bool:
    return any(above.base <= box[1] + SLACK and box[3] - SLACK <= line.base for box in taken)


def _trim_block(block: list[SegmentLine]) -> list[SegmentLine]:
    """From the headings of the columns to the last row; a heading of a section above is none of a column."""
    rows = [index for index, line in enumerate(block) if line.is_row or _is_beside_label(block, index)]
    if not rows:
        return []
    first = rows[0]
    while first > 0 and rows[0] - first < MAX_HEAD_LINES and not block[first - 1].is_heading:
        first -= 1
    while first < rows[0] and len(block[first].segments) == 1:
        first += 1  # what stands over all columns is a title as likely as a heading
    if first == rows[0] > 0 and is_near(block[first - 1], block[first]):
        above = block[first - 1]
        first -= above.box[2] <= find_values(block[first]) and not above.is_heading
    last = rows[-1]
    row = block[last]
    while last + 1 < len(block) and is_near(block[last], block[last + 1]) and _goes_on_in_row(row, block[last + 1]):
        last += 1
    return block[first : last + 1]


def _is_beside_label(block: list[SegmentLine], index: int) -> bool:
    """Whether a line of values only stands at the middle of a label of two lines."""
    line = block[index]
    beside = [*block[max(index - 1, 0) : index], *block[index + 1 : index + 2]]
    return line.values == len(line.segments) and any(
        not other.values and abs(other.base - line.base) < line.size for other in beside
    )


def _goes_on_in_row(row: SegmentLine, line: SegmentLine) -> bool:
    """Whether a line goes on with the label of a row, or with numbers that were too long for their line."""
    if all(segment.value for segment in line.segments):
        return is_below_values(row, line)
    return not line.is_numbered and line.box[2] <= find_values(row)


def _is_table(block: list[SegmentLine]) -> bool:
    rows = [line for line in block if line.is_row]
    if not rows:
        return False
    most = max(line.values for line in rows)
    enough = len(rows) >= MIN_ROWS or most >= MIN_VALUES
    dense = most >= MIN_ROWS or 2 * len(rows) >= len(block) - MAX_HEAD_LINES
    return enough and dense and len(_find_columns(block)) > 1


def _find_box(block: list[SegmentLine]) -> Box:
    return (
        min(line.box[0] for line in block),
        min(line.box[1] for line in block),
        max(line.box[2] for line in block),
        max(line.box[3] for line in block),
    )


def _parts_rows(line: Line, box: Box) -> bool:
    inside = min(line.end, box[2]) - max(line.start, box[0])
    return inside >= WIDE * (box[2] - box[0]) and box[1] - box[3] / 50 - 12 <= line.at <= box[3] + 12


def _find_columns(block: list[SegmentLine]) -> list[Extent]:
    """Extents of columns: what overlaps in the rows is one; a heading with nothing under it is a column too."""
    rows = [segment.box for line in block if line.is_row for segment in line.segments]
    columns = _join_extents([(box[0], box[2]) for box in rows])
    start = next(index for index, line in enumerate(block) if line.is_row)
    below = [(s.box[0], s.box[2]) for line in block[start:] if not line.is_row for s in line.segments]
    columns = _join_extents(columns + [own for own in below if sum(_touch(own, column) for column in columns) == 1])
    heads = [
        (line, (box[0], box[2]))
        for line in block
        if not line.is_row
        for segment in line.segments
        for box in segment.atoms
    ]
    heads = heads[:MAX_HEADS]
    apart = [head for line, head in heads if _is_new_column(line, head, heads, columns)]
    return _join_extents(columns + apart)


def _is_new_column(
    line: SegmentLine, head: Extent, heads: Sequence[tuple[SegmentLine, Extent]], columns: Sequence[Extent]
) -> bool:
    """Whether a heading stands over none of the columns, and is no part of one that stands over one of them."""
    if any(_touch(head, column) for column in columns):
        return False
    beside = [
        other
        for member, other in heads
        if _touch(head, other) and 0 < abs(member.base - line.base) < NEXT_LINE * line.size
    ]
    return not any(sum(_touch(other, column) for column in columns) == 1 for other in beside)


def _join_extents(extents: list[Extent]) -> list[Extent]:
    joined: list[Extent] = []
    for start, end in sorted(extents):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _touch(extent: Extent, other: Extent) -> bool:
    return extent[0] < other[1] and other[0] < extent[1]


def _make_grid(block: list[SegmentLine], rules: Sequence[Line]) -> Grid | None:
    columns = _find_columns(block)
    if len(columns) < 2:
        return None
    edges_x = [
        columns[0][0] - SLACK,
        *((before[1] + after[0]) / 2 for before, after in pairwise(columns)),
        columns[-1][1] + SLACK,
    ]
    edges_x[0] = min(edges_x[0], min(line.box[0] for line in block) - SLACK)
    edges_x[-1] = max(edges_x[-1], max(line.box[2] for line in block) + SLACK)
    bands = find_bands(block, rules)
    ruled = len(rules) > len(bands) / 2
    edges_y = _find_row_edges(bands, rules)
    quality = QUALITY_RULED if ruled else QUALITY_BARE
    return Grid(tuple(edges_x), tuple(edges_y), find_aligned_spans(bands, edges_x), quality)


def _find_row_edges(bands: list[list[SegmentLine]], rules: Sequence[Line]) -> list[float]:
    """Between the print of two rows, at the rule there if there is one."""
    tops = [min(line.box[1] for line in band) for band in bands]
    bottoms = [max(line.box[3] for line in band) for band in bands]
    edges = [tops[0] - SLACK]
    for bottom, top in zip(bottoms, tops[1:], strict=False):
        between = [rule.at for rule in rules if bottom - SLACK <= rule.at <= top + SLACK]
        edges.append(max(edges[-1], between[0] if between else (bottom + top) / 2))
    return [*edges, max(edges[-1], bottoms[-1] + SLACK)]

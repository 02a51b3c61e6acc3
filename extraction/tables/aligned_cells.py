"""Cells of a table without rules between its columns: what each piece of print stands over."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from extraction.tables.aligned_lines import SegmentLine
from extraction.tables.page_table import Span
from models.page import Box

Extent = tuple[int, int]
NEXT_LINE = 1.6  # of the font size, between the lines of a heading


def find_aligned_spans(bands: Sequence[Sequence[SegmentLine]], edges: Sequence[float]) -> tuple[Span, ...]:
    """The cells of rows of lines (`bands`) between edges of columns, in points; every place is in one.

    A heading takes the columns it stands over, and the lines below it while they go on over the same columns.
    """
    covered = [_join_extents([extent for line in band for extent in _cover_columns(line, edges)]) for band in bands]
    spans: list[Span] = []
    for row, extents in enumerate(covered):
        head = not any(line.is_row for band in bands[: row + 1] for line in band)
        for extent in extents:
            above = _find_above(spans, extent, covered, row) if head else None
            if (
                above is not None
                and bands[row][0].base - bands[above.row_end - 1][-1].base < NEXT_LINE * bands[row][0].size
            ):
                spans.remove(above)
                spans.append(Span(above.row, extent[0], row + 1, extent[1]))
            else:
                spans.append(Span(row, extent[0], row + 1, extent[1]))
    taken = {
        (row, column) for s in spans for row in range(s.row, s.row_end) for column in range(s.column, s.column_end)
    }
    empty = [
        Span(row, column, row + 1, column + 1)
        for row in range(len(bands))
        for column in range(len(edges) - 1)
        if (row, column) not in taken
    ]
    return tuple(sorted(spans + empty, key=lambda span: (span.row, span.column)))


def _is_next_line(above: SegmentLine, line: SegmentLine) -> bool:
    return line.base - above.base < NEXT_LINE * line.size


def _find_above(spans: list[Span], extent: Extent, covered: list[list[Extent]], row: int) -> Span | None:
    """The cell over the same columns with nothing else in between."""
    for span in reversed(spans):
        if (span.column, span.column_end) == extent and span.row_end <= row:
            between = [other for extents in covered[span.row_end : row] for other in extents]
            free = not any(start < extent[1] and extent[0] < end for start, end in between)
            return span if free else None
    return None


def _cover_columns(line: SegmentLine, edges: Sequence[float]) -> list[Extent]:
    """The columns that the print of a line stands in; headings close together are parted at the edges."""
    extents: list[Extent] = []
    for segment in line.segments:
        boxes = (segment.box,) if line.is_row else segment.atoms
        extents += [extent for box in boxes if (extent := _find_extent(box, edges)) is not None]
    return extents


def _find_extent(box: Box, edges: Sequence[float]) -> Extent | None:
    inside = [index for index, (start, end) in enumerate(pairwise(edges)) if box[0] < end - 1 and box[2] > start + 1]
    return (inside[0], inside[-1] + 1) if inside else None


def _join_extents(extents: list[Extent]) -> list[Extent]:
    joined: list[Extent] = []
    for start, end in sorted(extents):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined

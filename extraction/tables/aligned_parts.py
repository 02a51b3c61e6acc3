"""Blocks of lines before they are tables: those that are two tables, and labels that run into a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from extraction.tables.aligned_columns import find_value_columns, has_values, read_row, touch
from extraction.tables.aligned_lines import Segment, SegmentLine, make_segment
from extraction.tables.page_table import Extent
from models.numbers import prints_value

_AFTER_NUMBER = "、.．"
MIN_VALUES = 5  # of a row that may be of another table than the rows above its headings
FEW = 3  # columns, of another table than one of `MIN_VALUES`
NEAR = 0.3  # of the font size, that a number may begin left of its column


def part_block(block: Sequence[SegmentLine]) -> list[list[SegmentLine]]:
    """A block cut where headings follow that have other columns below them than stand above.

    行政复议 may stand over 行政诉讼, each with headings and one row; their values are not under one another.
    """
    rows = [index for index, line in enumerate(block) if has_values(line)]
    parts: list[list[SegmentLine]] = []
    start = 0
    for above, below in pairwise(rows):
        values = min(segment.box[0] for segment in block[below].segments if segment.value)
        heads = any(len(line.segments) > 2 and line.box[2] > values for line in block[above + 1 : below])
        known = [line for line in block[start : above + 1] if has_values(line)]
        if heads and block[below].values >= MIN_VALUES and _are_apart(known, block[below]):
            parts.append(list(block[start : above + 1]))
            start = above + 1
    return [*parts, list(block[start:])]


def _are_apart(rows: Sequence[SegmentLine], row: SegmentLine) -> bool:
    """Whether most values of a row stand in no column of the rows above, which have fewer values."""
    above = find_value_columns([read_row(line) for line in rows])
    values = [(segment.box[0], segment.box[2]) for segment in read_row(row).values]
    apart = [value for value in values if not any(touch(value, column) for column in above)]
    return len(values) > len(above) and (2 * len(apart) > len(values) or len(above) <= FEW)


def part_values(block: Sequence[SegmentLine]) -> list[SegmentLine]:
    """Lines with those labels cut that end in the value of a column: where a cell is full, no gap is left."""
    columns = find_value_columns([read_row(line) for line in block if has_values(line)])
    return [_part_line(line, columns) if columns else line for line in block]


def join_spread(block: Sequence[SegmentLine], values: float) -> list[SegmentLine]:
    """Lines with the pieces of a label joined that were set over the whole width of its cell.

    They follow one another in the file left of the `values`: single characters, or a number and what stands after it.
    """
    return [_join_line(line, values) for line in block]


def _join_line(line: SegmentLine, values: float) -> SegmentLine:
    joined: list[Segment] = []
    spread = False  # whether the last piece is of single characters
    for segment in line.segments:
        last = joined[-1] if joined else None
        single = len(segment.text) == 1 and not segment.text.isdigit()
        goes_on = False
        if last is not None and segment.follows(last) and segment.box[2] <= values:
            numbered = last.text.isdigit() and segment.text[0] in _AFTER_NUMBER
            goes_on = numbered or (single and (spread or (len(last.text) == 1 and not last.text.isdigit())))
        if last is not None and goes_on:
            whole = make_segment([*last.characters, *segment.characters])
            joined[-1] = replace(whole, value=False, first=last.first, last=segment.last)
        else:
            joined.append(segment)
        spread = goes_on and single
    return line if len(joined) == len(line.segments) else replace(line, segments=tuple(joined))


def _part_line(line: SegmentLine, columns: Sequence[Extent]) -> SegmentLine:
    parts = [part for segment in line.segments for part in _part_segment(segment, columns, line.size)]
    return line if len(parts) == len(line.segments) else replace(line, segments=tuple(parts))


def _part_segment(segment: Segment, columns: Sequence[Extent], size: float) -> list[Segment]:
    """A label and the number it ends in, where that stands in a column and nothing else of the label does."""
    characters = segment.characters
    start = len(characters)
    while start and characters[start - 1].text.isdigit():
        start -= 1
    if segment.value or not 0 < start < len(characters):
        return [segment]
    head, tail = characters[:start], characters[start:]
    box = (tail[0].box[0], tail[-1].box[2])
    home = next((column for column in columns if touch(box, column)), None)
    if home is None or head[-1].box[2] > home[0] + NEAR * size or box[0] < home[0] - NEAR * size:
        return [segment]
    label, value = make_segment(head), make_segment(tail)
    if not prints_value(value.text):
        return [segment]
    middle = segment.first + start
    return [
        replace(label, first=segment.first, last=middle - 1),
        replace(value, first=middle, last=segment.last),
    ]

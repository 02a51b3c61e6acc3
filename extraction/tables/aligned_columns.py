"""Columns of a table without rules between them: where values stand under one another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from extraction.tables.aligned_lines import NUMERALS, Segment, SegmentLine
from extraction.tables.page_table import Extent

UNIT = 3  # characters of a unit of measure, at most
USUAL = 0.5  # of the rows have a unit, if there is a column of units
TEXT_GAP = 1.3  # of the font size, within running text
MIN_SPREAD = 3.0  # points by which the edges of values have to differ, to say how they are aligned
MIN_WIDE = 5  # values in a row of a wide table
MANY = 1.5  # times as many columns as the fullest row has values: more than rows left half empty leave unseen
MIN_MERGED = 3  # columns, and rows with several values, that tell where a cell over all columns has its middle
SHARES = (0.0, 0.5, 1.0)  # of the width of a value: its left, middle and right
IN_LINE, IN_MIDDLE = 1.5, 3.0  # points
MAX_JOINED = 3  # columns that may be one
BROKEN = re.compile(r"[(（]\d{0,3}|\d{0,3}[)）]|[(（][)）]")  # a number with what is left of a 0 beside it
MIN_PART = 0.5  # points in common, for print to stand over or under other print


@dataclass(frozen=True, slots=True)
class Row:
    """A line with values: its labels from the left, and what stands in the columns behind them."""

    line: SegmentLine
    labels: tuple[Segment, ...]
    values: tuple[Segment, ...]

    @property
    def base(self) -> float:
        """The baseline of its values."""
        return median(segment.characters[0].origin[1] for segment in self.values)


def read_row(line: SegmentLine) -> Row:
    """Part a line into labels and values; a short number before the first label is of the labels."""
    segments = line.segments
    start = 0
    while start < len(segments) and _is_of_label(segments, start):
        start += 1
    return Row(line, segments[:start], segments[start:])


def has_values(line: SegmentLine) -> bool:
    """Whether a line has places side by side, one of them a value behind its labels."""
    if len(line.segments) < 2 or not line.values or line.is_prose or _runs_on(line):
        return False
    return any(segment.value for segment in read_row(line).values)


def _runs_on(line: SegmentLine) -> bool:
    """Whether a line is running text with numbers in it: after a number it goes on without a gap to speak of."""
    goes_on = any(
        segment.value and not after.value and len(after.text) > UNIT for segment, after in pairwise(line.segments)
    )
    gaps = [after.box[0] - segment.box[2] for segment, after in pairwise(line.segments)]
    return goes_on and max(gaps) < TEXT_GAP * line.size


def _is_of_label(segments: Sequence[Segment], index: int) -> bool:
    """Whether a piece is a label, numbers it, or is a numeral of a label that is written downwards."""
    segment = segments[index]
    if index and _ends_in_numbers(segments[index:]):
        return False
    downwards = segment.text in NUMERALS and index + 1 < len(segments)
    return not segment.value or downwards or _is_number_of_row(segments, index)


def _ends_in_numbers(segments: Sequence[Segment]) -> bool:
    """Whether numbers are all that follows, some of them read badly: the first is no label, but a value."""
    broken = [bool(BROKEN.fullmatch(segment.text)) for segment in segments]
    return any(broken) and all(segment.value or bad for segment, bad in zip(segments, broken, strict=True))


def _is_number_of_row(segments: Sequence[Segment], index: int) -> bool:
    """Whether a number counts rows, or is a character of a label that is written downwards."""
    labels = [segment for segment in segments[index + 1 : index + 3] if not segment.value]
    return len(segments[index].text) < UNIT and bool(labels)


def find_value_columns(rows: Sequence[Row]) -> list[Extent]:
    """Extents of the columns behind the labels, from the left: what overlaps in different rows is one.

    What reaches over two columns that hold print in one row is two values without a gap, and joins none.
    """
    held: list[tuple[Extent, set[int]]] = []
    pieces = [(segment.box, number) for number, row in enumerate(rows) for segment in row.values]
    for box, number in sorted(pieces, key=lambda piece: piece[0][2] - piece[0][0]):
        touched = [column for column in held if touch((box[0], box[2]), column[0])]
        if any(one[1] & other[1] for one, other in pairwise(touched)):
            continue
        held = [column for column in held if column not in touched]
        ends = [(box[0], box[2]), *(extent for extent, _ in touched)]
        rows_of = {number}.union(*(members for _, members in touched))
        held.append(((min(start for start, _ in ends), max(end for _, end in ends)), rows_of))
    return sorted(extent for extent, _ in held)


def find_columns(rows: Sequence[Row]) -> list[Extent]:
    """Extents of the columns behind the labels, those joined that are one."""
    return join_units(rows, join_columns(rows, find_value_columns(rows)))


def join_columns(rows: Sequence[Row], columns: Sequence[Extent]) -> list[Extent]:
    """Columns of a wide table, those joined that rows aligned in another way part in two.

    As many are left as the fullest row has values; what is joined lies side by side, nowhere with print in one row,
    and with the least blank between.
    """
    most = max((len(row.values) for row in rows), default=0)
    if most < MIN_WIDE or len(columns) < MANY * most:
        return list(columns)
    held = [
        {number for number, row in enumerate(rows) if any(touch((s.box[0], s.box[2]), column) for s in row.values)}
        for column in columns
    ]
    best: list[dict[int, tuple[float, tuple[Extent, ...]]]] = [{0: (0.0, ())}]
    for end in range(1, len(columns) + 1):
        found: dict[int, tuple[float, tuple[Extent, ...]]] = {}
        for start in range(end - 1, max(end - MAX_JOINED, 0) - 1, -1):
            if any(held[start] & later for later in held[start + 1 : end]):
                break
            blank = sum(after[0] - before[1] for before, after in pairwise(columns[start:end]))
            for count, (cost, groups) in best[start].items():
                if count + 1 not in found or cost + blank < found[count + 1][0]:
                    found[count + 1] = (cost + blank, (*groups, (columns[start][0], columns[end - 1][1])))
        best.append(found)
    return list(best[-1][most][1]) if most in best[-1] else list(columns)


def join_units(rows: Sequence[Row], columns: Sequence[Extent]) -> list[Extent]:
    """Columns, that of units of measure joined with the marks beside it which stand in other rows.

    Rows over others have a mark for their unit, and marks may be aligned in another way than units.
    """
    held = [
        [(number, s) for number, row in enumerate(rows) for s in row.values if touch((s.box[0], s.box[2]), column)]
        for column in columns
    ]
    joined: list[Extent] = []
    for index, column in enumerate(columns):
        before = held[index - 1] if index else []
        units = [{segment.value for _, segment in cell} for cell in (before, held[index])]
        bare = not any(character.isdigit() for _, s in (*before, *held[index]) for character in s.text)
        apart = not {number for number, _ in before} & {number for number, _ in held[index]}
        if bare and apart and units in ([{True}, {False}], [{False}, {True}]):
            joined[-1] = (joined[-1][0], column[1])
        else:
            joined.append(column)
    return joined


def find_merged(rows: Sequence[Row]) -> list[Row]:
    """Rows whose only value is of a cell over all columns: it stands in the middle of these, and in line with none."""
    full = [row for row in rows if len(row.values) > 1]
    columns = find_value_columns(full)
    if len(columns) < MIN_MERGED or len(full) < MIN_MERGED:
        return []
    boxes = [[s.box for row in full for s in row.values if touch((s.box[0], s.box[2]), column)] for column in columns]
    if not all(boxes):
        return []
    # Where the values of each column have their left, middle and right as a rule.
    places = [tuple(median(box[0] + share * (box[2] - box[0]) for box in held) for share in SHARES) for held in boxes]
    middles = [place[1] for place in places]
    middle = (middles[0] + middles[-1]) / 2 - (middles[1] - middles[0]) / 4 + (middles[-1] - middles[-2]) / 4

    def is_merged(row: Row) -> bool:
        box = row.values[0].box
        own = [box[0] + share * (box[2] - box[0]) for share in SHARES]
        aligned = any(abs(a - b) <= IN_LINE for place in places for a, b in zip(own, place, strict=True))
        return len(row.values) == 1 and row.values[0].value and not aligned and abs(own[1] - middle) <= IN_MIDDLE

    return [row for row in rows if row.values and is_merged(row)]


def find_alignment(rows: Sequence[Row], columns: Sequence[Extent]) -> float | None:
    """Where in their columns values stand: 0 at the left, 0.5 in the middle, 1 at the right, `None` if unknown."""
    spreads = {0.0: 0.0, 0.5: 0.0, 1.0: 0.0}
    for column in columns:
        boxes = [s.box for row in rows for s in row.values if s.value and touch((s.box[0], s.box[2]), column)]
        if len(boxes) > 1:
            for share in spreads:
                places = [box[0] + share * (box[2] - box[0]) for box in boxes]
                spreads[share] += max(places) - min(places)
    first, second = sorted(spreads.values())[:2]
    return min(spreads, key=lambda share: spreads[share]) if second - first > MIN_SPREAD else None


def drop_labels(rows: Sequence[Row]) -> list[Row]:
    """Rows without values that are labels: more labels than values stand in their column, or right of it.

    Numbers left of labels count rows; those of a label on two lines stand in a line without it.
    """
    columns = find_value_columns(rows)
    labels = [(segment.box[0], segment.box[2]) for row in rows for segment in row.labels]
    values = [(segment.box[0], segment.box[2]) for row in rows for segment in row.values]
    crowded = [
        column
        for column in columns
        if sum(touch(column, label) or column[1] <= label[0] for label in labels)
        > sum(touch(column, value) for value in values)
    ]
    kept = []
    for row in rows:
        start = 0
        while start < len(row.values) and stands_in(row.values[start], crowded):
            start += 1
        if any(segment.value for segment in row.values[start:]):
            kept.append(Row(row.line, (*row.labels, *row.values[:start]), row.values[start:]))
    return kept


def stands_in(segment: Segment, columns: Sequence[Extent]) -> bool:
    """Whether print stands in one of several columns."""
    return any(touch((segment.box[0], segment.box[2]), column) for column in columns)


def find_units(rows: Sequence[Row]) -> list[Row]:
    """Rows with their units of measure among the values, where there is a column of them."""
    units = [row.labels[-1] for row in rows if len(row.labels) > 1 and row.values]
    units = [unit for unit in units if len(unit.text) <= UNIT and not unit.value]
    if len(units) < max(2, USUAL * len(rows)):
        return list(rows)
    extents = find_value_columns([Row(rows[0].line, (), (unit,)) for unit in units])
    return [
        Row(row.line, row.labels[:-1], (row.labels[-1], *row.values))
        if row.labels and is_unit(row.labels[-1], extents)
        else row
        for row in rows
    ]


def is_unit(segment: Segment, extents: Sequence[Extent]) -> bool:
    """Whether print is as short as a unit of measure, and stands where units do."""
    return len(segment.text) <= UNIT and not segment.value and stands_in(segment, extents)


def find_unit(row: Row) -> Segment | None:
    """The unit of measure among the values of a row."""
    first = row.values[0] if row.values else None
    return first if first is not None and not first.value and len(first.text) <= UNIT else None


def touch(extent: Extent, other: Extent) -> bool:
    """Whether two extents have more than a hair in common."""
    return min(extent[1], other[1]) - max(extent[0], other[0]) > MIN_PART


def stand_over(segment: Segment, other: Segment) -> bool:
    """Whether two pieces of print stand over one another."""
    return touch((segment.box[0], segment.box[2]), (other.box[0], other.box[2]))

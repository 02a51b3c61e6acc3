"""Rows of a table without rules between its columns: which lines are rows, and what goes on in the next line."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.tables.aligned_columns import (
    Row,
    drop_labels,
    find_unit,
    find_units,
    find_value_columns,
    has_values,
    is_unit,
    read_row,
    stand_over,
    stands_in,
)
from extraction.tables.aligned_lines import Segment, SegmentLine
from extraction.tables.page_table import Extent
from models.numbers import prints_value
from models.page import join_boxes

MIN_UNITS = 3  # rows with a unit and no value, where no other row tells that it is one
NEXT_LINE = 1.35  # of the font size, between lines of one cell
WIDER = 1.5  # digits more than a number has, that stand in its column elsewhere: it did not go on for want of room
LABEL_ROOM = 1.5  # of the font size, where the next word of a label would have stood
SAME_ROW = 0.8  # of the font size, between baselines of marks and numbers in one row


def read_rows(block: Sequence[SegmentLine], *, parted: bool = False) -> list[Row]:
    """The rows with values; numbers alone in a line are values where other rows have theirs.

    Rows with nothing but their unit of measure are rows too. Where rules have `parted` the rows, each line is one.
    """
    rows = drop_labels(find_units([read_row(line) for line in block if has_values(line)]))
    columns = find_value_columns(rows)
    known = {id(row.line) for row in rows}
    rest = [line for line in block if id(line) not in known]
    rows += [
        Row(line, (), line.segments)
        for line in rest
        if line.values == len(line.segments)
        and (all(stands_in(segment, columns) for segment in line.segments) or _is_beside(line, rows))
    ]
    units = find_value_columns([Row(row.line, (), (unit,)) for row in rows if (unit := find_unit(row)) is not None])
    bare = [line for line in rest if _ends_in_unit(line, columns)]
    if len(bare) < MIN_UNITS:
        bare = [line for line in bare if is_unit(line.segments[-1], units)]
    rows += [Row(line, line.segments[:-1], line.segments[-1:]) for line in bare]
    rows.sort(key=lambda row: row.base)
    return rows if parted else _join_wrapped(_join_rows(rows), block, columns)


def _join_wrapped(rows: Sequence[Row], block: Sequence[SegmentLine], columns: Sequence[Extent]) -> list[Row]:
    """Rows with the ends of numbers that were too long for their cell, and go on in the next line."""
    widths = [_measure_width(block, column, columns) for column in columns]
    end = max((row.labels[-1].box[2] for row in rows if row.labels), default=0.0)

    def is_apart(above: Row, row: Row) -> bool:
        return _has_room(above, row, columns, widths) or _ends_short(above, end)

    joined: list[Row] = []
    for row in rows:
        above = joined[-1] if joined else None
        if above is not None and _is_wrapped(above, row) and not (row.labels and is_apart(above, row)):
            values = tuple(_append(value, row.values) for value in above.values)
            joined[-1] = Row(above.line, (*above.labels, *row.labels), values)
        else:
            joined.append(row)
    return joined


def _ends_short(row: Row, end: float) -> bool:
    """Whether the label of a row leaves room before the `end` of labels, so that the line below is none of it."""
    return bool(row.labels) and row.labels[-1].box[2] < end - LABEL_ROOM * row.line.size


def _is_wrapped(above: Row, row: Row) -> bool:
    """Whether a line of digits follows close below, each under a number of several digits.

    Or under the one that it follows in the file, where other numbers of the row end in it.
    """
    if row.base - above.base > NEXT_LINE * row.line.size or not all(value.text.isdigit() for value in row.values):
        return False
    numbers = [value for value in above.values if value.text.isdigit()]
    narrow = not row.labels and len(row.values) < len(above.values)

    def goes_on(value: Segment, number: Segment) -> bool:
        return stand_over(value, number) and (len(number.text) > 1 or (narrow and value.follows(number)))

    return all(any(goes_on(value, number) for number in numbers) for value in row.values)


def _measure_width(block: Sequence[SegmentLine], column: Extent, columns: Sequence[Extent]) -> float:
    """How wide the widest print in a column is that stands in no other, headings included."""
    own = [
        segment.box[2] - segment.box[0]
        for line in block
        for segment in line.segments
        if stands_in(segment, [column]) and sum(stands_in(segment, [other]) for other in columns) == 1
    ]
    return max(own, default=0.0)


def _has_room(above: Row, row: Row, columns: Sequence[Extent], widths: Sequence[float]) -> bool:
    """Whether a column shows print so wide that one more digit would have stood beside the number above."""
    for value in above.values:
        below = any(stand_over(value, other) for other in row.values)
        needed = (value.box[2] - value.box[0]) * (1 + WIDER / len(value.text))
        homes = [width for column, width in zip(columns, widths, strict=True) if stands_in(value, [column])]
        if below and len(homes) == 1 and homes[0] > needed:
            return True
    return False


def _append(value: Segment, below: Sequence[Segment]) -> Segment:
    rest = [segment for segment in below if stand_over(segment, value)]
    return join_segments([value, *rest]) if rest else value


def _is_beside(line: SegmentLine, rows: Sequence[Row]) -> bool:
    """Whether a line is a little higher or lower than a row, and behind its labels, or between its values."""
    near = [row for row in rows if abs(row.base - line.base) < SAME_ROW * line.size]
    return any(
        row.labels[-1].box[2] < line.box[0]
        if row.labels
        else not any(stand_over(segment, value) for segment in line.segments for value in row.values)
        for row in near
    )


def _ends_in_unit(line: SegmentLine, columns: Sequence[Extent]) -> bool:
    """Whether a line has labels, and behind them nothing but what may be a unit of measure."""
    behind = [segment for segment in line.segments if stands_in(segment, columns)]
    return len(line.segments) > 1 and behind == [line.segments[-1]] and is_unit(behind[0], columns)


def _join_rows(rows: Sequence[Row]) -> list[Row]:
    """Rows with those joined that are one: what stands a little higher or lower stands in other columns."""
    joined: list[Row] = []
    for row in rows:
        above = joined[-1] if joined else None
        if above is not None and row.base - above.base < SAME_ROW * row.line.size and _stand_apart(above, row):
            labels = sorted((*above.labels, *row.labels), key=lambda segment: segment.box[0])
            values = sorted((*above.values, *row.values), key=lambda segment: segment.box[0])
            line = row.line if len(row.values) > len(above.values) else above.line
            joined[-1] = Row(line, tuple(labels), tuple(values))
        else:
            joined.append(row)
    return joined


def _stand_apart(above: Row, row: Row) -> bool:
    return not any(stand_over(value, other) for value in above.values for other in row.values)


def join_segments(pieces: Sequence[Segment]) -> Segment:
    """Pieces of print in reading order as one, over whatever lines they stand on."""
    box = join_boxes([piece.box for piece in pieces])
    text = "".join(piece.text for piece in pieces)
    characters = tuple(character for piece in pieces for character in piece.characters)
    return Segment(text, box, prints_value(text), (box,), characters, pieces[0].first, pieces[-1].last)

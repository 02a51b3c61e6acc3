"""Which printed lines make a row of a table without rules between its columns."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.tables.aligned_lines import SegmentLine, is_ordinal
from extraction.tables.ruled import Line
from models.page import Box

FAR_LABEL = 1.6  # of the font size, from the values to a line of their label
NEARER = 0.7  # than to the values of the next row
LABEL_PITCH = 1.85  # of the font size, between lines of one label
ROOM = 1.5  # of the font size, that a line leaves at its end where the next word did not fit


def find_bands(block: list[SegmentLine], rules: Sequence[Line]) -> list[list[SegmentLine]]:
    """Lines of each row: those between two rules where no two of them have values, else a line each.

    Without rules, values that stand between the lines of their label are of one row with them.
    """
    strips: dict[int, list[SegmentLine]] = {}
    for line in block:
        middle = (line.box[1] + line.box[3]) / 2
        strips.setdefault(sum(rule.at < middle for rule in rules), []).append(line)
    bands: list[list[SegmentLine]] = []
    below_heads = False
    for strip in strips.values():
        below_heads = below_heads or any(line.is_row for line in strip)
        if not below_heads:
            bands += [[line] for line in strip]
        elif rules and sum(line.is_row for line in strip) <= 1:
            bands.append(strip)
        else:
            bands += _join_close(strip)
    return bands


def is_near(above: SegmentLine, line: SegmentLine) -> bool:
    """Whether a line is close enough under another to go on with its label."""
    return line.base - above.base < FAR_LABEL * line.size


def find_values(row: SegmentLine) -> float:
    """Where the values of a row begin, in points from the left."""
    return min((segment.box[0] for segment in row.segments if segment.value), default=row.box[0])


def is_below_values(row: SegmentLine, line: SegmentLine) -> bool:
    """Whether a line holds nothing but values that stand under values of a row: they were too long for their line."""
    values = [segment.box for segment in row.segments if segment.value]
    return all(segment.value and any(_overlap(segment.box, box) for box in values) for segment in line.segments)


def _overlap(box: Box, other: Box) -> bool:
    return box[0] < other[2] and other[0] < box[2]


def _join_close(lines: list[SegmentLine]) -> list[list[SegmentLine]]:
    """A band for each line, but lines of a label beside the values they belong to.

    Those are nearer to the values of their row than to any other, for values stand at the middle or top of a label.
    """
    rows = [index for index, line in enumerate(lines) if line.is_row or line.values]
    home = list(range(len(lines)))
    for index, line in enumerate(lines):
        if index in rows:
            above = [row for row in rows if row < index][-1:]
            if above and is_near(lines[above[0]], line) and is_below_values(lines[above[0]], line):
                home[index] = home[above[0]]
        elif len(line.segments) <= 2:
            home[index] = _find_home(lines, index, rows)
    _follow_labels(lines, home)
    bands: dict[int, list[SegmentLine]] = {}
    for index, line in enumerate(lines):
        bands.setdefault(home[index], []).append(line)
    return [bands[number] for number in sorted(bands)]


def _find_home(lines: list[SegmentLine], index: int, rows: list[int]) -> int:
    """The row that a line of a label belongs to, itself if none."""
    line = lines[index]
    near = sorted(rows, key=lambda row: abs(lines[row].base - line.base))[:2]
    away = [abs(lines[row].base - line.base) / line.size for row in near]
    if not away or away[0] >= FAR_LABEL or (len(away) > 1 and away[0] >= NEARER * away[1]):
        return index
    row = lines[near[0]]
    goes_on = not line.is_numbered or (row.base > line.base and not _begins_label(row, line.box))
    return near[0] if goes_on and line.box[2] <= find_values(row) else index


def _begins_label(row: SegmentLine, box: Box) -> bool:
    """Whether a line has the beginning of a label under a box."""
    return any(is_ordinal(segment.text) and _overlap(box, segment.box) for segment in row.segments if not segment.value)


def _follow_labels(lines: list[SegmentLine], home: list[int]) -> None:
    """Send the outer lines of long labels to the row that the rest of their label went to."""
    for index in range(len(lines) - 1, -1, -1):
        below = next((i for i in range(index + 1, len(lines)) if _overlap_labels(lines[index], lines[i])), None)
        if below is not None and _goes_on(lines, (index, below), home, index):
            home[index] = home[below]
    for index in range(len(lines)):
        above = next((i for i in range(index - 1, -1, -1) if _overlap_labels(lines[index], lines[i])), None)
        if above is not None and _goes_on(lines, (above, index), home, index):
            home[index] = home[above]


def _overlap_labels(line: SegmentLine, other: SegmentLine) -> bool:
    return any(_overlap(line.box, segment.box) for segment in other.segments if not segment.value)


def _goes_on(lines: list[SegmentLine], pair: tuple[int, int], home: list[int], index: int) -> bool:
    """Whether two lines are of one label, of which the other one than `index` has a row."""
    above, below = lines[pair[0]], lines[pair[1]]
    row = lines[home[pair[0] if index == pair[1] else pair[1]]]
    line = lines[index]
    if home[index] != index or line.values or len(line.segments) > 1 or not row.values:
        return False
    close = below.base - above.base < LABEL_PITCH * below.size
    return (
        close and not _begins_label(below, above.box) and _is_wrapped(above, lines) and line.box[2] <= find_values(row)
    )


def _is_wrapped(line: SegmentLine, lines: list[SegmentLine]) -> bool:
    """Whether the label of a line goes to the end of its column."""
    label = [segment.box for segment in line.segments if not segment.value][-1:]
    beside = [
        segment.box[2]
        for other in lines
        for segment in other.segments
        if not segment.value and label and abs(segment.box[0] - label[0][0]) < 2 * line.size
    ]
    return bool(label) and label[0][2] > max(beside) - ROOM * line.size

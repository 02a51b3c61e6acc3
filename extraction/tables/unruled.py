"""Tables with horizontal rules only, or none: columns by the alignment of the words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from extraction.tables.aligned_blank import find_blank_tables, part_blank, read_blank_table
from extraction.tables.aligned_columns import find_value_columns, has_values, is_unit, read_row, touch
from extraction.tables.aligned_empty import find_empty_tables, read_headed_row, read_headings
from extraction.tables.aligned_frames import close_torn, find_frames, list_inside, read_empty_table
from extraction.tables.aligned_lines import NUMERALS, SegmentLine, cut_lines
from extraction.tables.aligned_parts import part_block
from extraction.tables.aligned_ruled import read_ruled_table
from extraction.tables.aligned_table import read_aligned_table
from extraction.tables.page_fill import Filling
from extraction.tables.page_table import PageTable
from extraction.tables.ruled import Line, find_lines
from models.page import Box, Character, Rule, join_boxes

MIN_ROWS = 3
MIN_VALUES = 5  # in a table of a row or two
MIN_HEADINGS = 4  # side by side, above a table with fewer values
FEW_PARTED = 4  # times as many lines as have more than two pieces are of text in columns
SAME_LEFT = 2.0  # points between labels of one column
LONGEST_LABEL = 20  # characters of a label without values
MAX_HEAD_LINES = 16
FAR = 4.0  # of the font size, between baselines of one table
FAR_HEAD = 6.0  # the same, between headings and more of them below
FAR_ROW = 10.0  # the same, where the next row has its values under those above
SAME_PITCH = 1.2
LABEL_LINE = 1.9  # between lines of a label
OFF_MIDDLE = 0.15  # of the width of the columns of values
FEW_RULES = 4  # do not part the rows of a table
BESIDE = 0.9  # of the font size: lines of one cell are further apart
HEADING_SIZE = 1.08  # of the print of the table
SMALLER = 1.25  # times as large as the print of a table may be the text above it
WIDE = 0.6  # of the width of a table, for a rule that parts its rows
SLACK = 2.0


def find_aligned_tables(
    characters: Sequence[Character],
    rules: Sequence[Rule],
    *,
    taken: Sequence[Box] = (),
    shades: Sequence[Box] = (),
    before: PageTable | None = None,
) -> list[Filling]:
    """Tables in characters that stand in no ruled one, from the top; `drawn` of their grid is their quality.

    `rules` of the page part rows where they go across; those within the boxes `taken` are of other tables. `shades`
    tell the cells of tables without values, and `before` is the last table of the page before, of which a row may be
    the first thing on this page.
    """
    lines = cut_lines(characters, [*shades, *(rule.box for rule in rules if not rule.horizontal)])
    across, _ = find_lines(rules)
    found: list[Filling] = []
    framed: set[int] = set()
    for rules_of_table in find_frames(across, lines, taken):
        frame = close_torn(rules_of_table, across, lines)
        block = list_inside(lines, frame[0].at, frame[-1].at)
        walls = [line for line in [*across, frame[0], frame[-1]] if frame[0].at <= line.at <= frame[-1].at]
        tables = _read_framed(block, frame, walls, shades, rest_of=() if found or before is None else before.columns)
        if tables:
            found += tables
            framed.update(id(line) for line in block)
    rest = [line for line in lines if id(line) not in framed]
    blocks = _find_blocks(rest, [*taken, *(table.grid.box for table in found)])
    if before is not None and before.prints and rest:
        blocks = _take_rest(blocks, rest, _find_rest(rest, before))
    for block in blocks:
        box = join_boxes([line.box for line in block])
        parting = [line for line in across if _parts_rows(line, box)]
        found += _read_parts(block, parting, parting)
    known = framed | {id(line) for block in blocks for line in block}
    known |= {id(line) for line in lines if any(_is_inside(line, box) for box in taken)}
    found += [*find_empty_tables(lines, known), *find_blank_tables(lines, known)]
    return sorted(found, key=lambda table: table.grid.rows[0])


def _is_inside(line: SegmentLine, box: Box) -> bool:
    return box[1] <= (line.box[1] + line.box[3]) / 2 <= box[3]


def _take_rest(
    blocks: list[list[SegmentLine]], lines: Sequence[SegmentLine], rest: Sequence[SegmentLine]
) -> list[list[SegmentLine]]:
    """Blocks with the rest of a table, which are the first of the lines; one that it reaches into goes on with it."""
    known = {id(line) for line in rest}
    touched = [block for block in blocks if any(id(line) in known for line in block)]
    last = max((line.base for block in [list(rest), *touched] for line in block), default=float("-inf"))
    joined = [line for line in lines if line.base <= last]
    return ([joined] if joined else []) + [block for block in blocks if block not in touched]


def _find_rest(lines: Sequence[SegmentLine], before: PageTable) -> list[SegmentLine]:
    """The lines at the head of a page that are of the table before: their values stand under its values."""
    block: list[SegmentLine] = []
    for line in lines:
        values = [(segment.box[0], segment.box[2]) for segment in read_row(line).values]
        under = has_values(line) and all(any(touch(value, extent) for extent in before.prints) for value in values)
        label = len(line.segments) == 1 and line.box[2] <= before.prints[0][0]
        close = not block or line.base - block[-1].base <= FAR * line.size
        if not close or not (under or label) or line.ends_like_heading:
            break
        block.append(line)
    while block and not has_values(block[-1]):
        block.pop()
    return block


def _read_framed(
    block: list[SegmentLine],
    frame: list[Line],
    walls: Sequence[Line],
    shades: Sequence[Box],
    *,
    rest_of: Sequence[float],
) -> list[Filling]:
    """The tables between the rules of a frame; `rest_of` are the edges of a table that it may be the rest of."""
    if any(has_values(line) for line in block):
        return _read_parts(block, frame, walls)
    parts = part_blank(block) if len(frame) <= FEW_RULES else None
    if parts is not None:
        return [read_blank_table(parts, frame)]
    table = read_headings(block, frame) or read_empty_table(block, frame, shades, rest_of)
    return [table] if table is not None else []


def _read_parts(block: Sequence[SegmentLine], rules: Sequence[Line], walls: Sequence[Line]) -> list[Filling]:
    """The tables of a block, which are more than one where other headings follow.

    `rules` go across the table, `walls` are all that part its cells.
    """
    tables = []
    for part in part_block(block):
        top, bottom = part[0].box[1] - FAR * part[0].size, part[-1].box[3] + FAR * part[-1].size
        near = [wall for wall in walls if top <= wall.at <= bottom]
        across = [rule for rule in rules if top <= rule.at <= bottom]
        table = read_ruled_table(part, near) or read_headed_row(part, across) or read_aligned_table(part, across)
        if table is not None:
            tables.append(table)
    return tables


def _find_blocks(lines: Sequence[SegmentLine], taken: Sequence[Box]) -> list[list[SegmentLine]]:
    """Lines that stand together with enough rows among them, with the headings above."""
    blocks: list[list[SegmentLine]] = [[]]
    for index, line in enumerate(lines):
        block = blocks[-1]
        if block and (_ends_block(block, line) or _is_between(block[-1], line, taken)):
            blocks.append([])
            block = blocks[-1]
        if not line.is_prose or _is_label(lines, index, block) or _is_head(lines, index):
            block.append(line)
        elif block:
            blocks.append([])
    trimmed = [_trim_block(block) for block in blocks]
    return [block for block in trimmed if _is_table(block)]


def _ends_block(block: list[SegmentLine], line: SegmentLine) -> bool:
    """Whether a line is of nothing that stands above: too far away, or the heading of a section."""
    away = line.base - block[-1].base
    size = max(block[-1].size, line.size)
    near = away <= FAR * size
    if not near and (away > FAR_ROW * size or not (_is_under(block, line) or _goes_on_beside(block, line))):
        return True
    if line.ends_like_heading or line.is_caption:
        return True
    usual = median(member.size for member in block)
    parted = sum(len(member.segments) >= MIN_ROWS for member in block)
    if SMALLER * line.size < usual and FEW_PARTED * parted < len(block):
        return True  # text in columns above a table
    large = line.size > HEADING_SIZE * usual
    return large and len(line.segments) == 1 and not line.values


def _goes_on_beside(block: Sequence[SegmentLine], line: SegmentLine) -> bool:
    """Whether a line comes as far below the last as lines before it did, or has its print under that of the last.

    As many pieces as in the line above are headings and their values, more are the headings below others.
    """
    if len(line.segments) < 2:
        return False
    pitches = [below.base - above.base for above, below in pairwise(block[-4:])]
    if pitches and line.base - block[-1].base <= SAME_PITCH * max(pitches):
        return True
    if len(block[-1].segments) == len(line.segments) > 2:
        return True
    if 1 < len(block[-1].segments) < len(line.segments) and line.base - block[-1].base <= FAR_HEAD * line.size:
        return True
    above = [(segment.box[0], segment.box[2]) for segment in block[-1].segments]
    under = [any(touch((s.box[0], s.box[2]), extent) for extent in above) for s in line.segments]
    return len(above) > 1 and all(under)


def _is_under(block: Sequence[SegmentLine], line: SegmentLine) -> bool:
    """Whether the values of a line stand under values of the rows above."""
    columns = find_value_columns([read_row(member) for member in block if has_values(member)])
    values = [segment.box for segment in line.segments if segment.value]
    return len(values) > 1 and all(any(touch((box[0], box[2]), column) for column in columns) for box in values)


def _is_label(lines: Sequence[SegmentLine], index: int, block: Sequence[SegmentLine]) -> bool:
    """Whether a long line is of a label: a row is near, and all its values stand further right.

    A label with a number may have rows without values between, and be longer to both sides than those near.
    """
    line = lines[index]
    if len(line.segments) > 1 or any(mark in line.segments[0].text for mark in "。；！？"):
        return False
    near = [*block[-3:], *lines[index + 1 : index + 4]]
    far = FAR_ROW if line.is_numbered else FAR
    rows = [row for row in near if has_values(row) and abs(row.base - line.base) <= far * line.size]
    beside = [*block, *near] if line.is_numbered else near
    left = min((other.box[0] for other in beside), default=line.box[0]) - SLACK
    return any(left <= line.box[0] and line.box[2] <= find_values(row) for row in rows)


def _is_head(lines: Sequence[SegmentLine], index: int) -> bool:
    """Whether a long line is of headings without gaps: a row of many values is near, and as wide."""
    line = lines[index]
    if any(mark in segment.text for segment in line.segments for mark in "，。；！？"):
        return False
    rows = [row for row in lines[index + 1 : index + 4] if row.values >= MIN_VALUES]
    return any(
        row.base - line.base <= FAR * line.size
        and row.box[0] - 2 * line.size <= line.box[0]
        and line.box[2] <= row.box[2] + 2 * line.size
        for row in rows
    )


def find_values(row: SegmentLine) -> float:
    """Where the values of a row begin, in points from the left."""
    return min((segment.box[0] for segment in row.segments if segment.value), default=row.box[0])


def _is_between(above: SegmentLine, line: SegmentLine, taken: Sequence[Box]) -> bool:
    return any(above.base <= box[1] + SLACK and box[3] - SLACK <= line.base for box in taken)


def _trim_block(block: list[SegmentLine]) -> list[SegmentLine]:
    """From the headings of the columns to the last row; a heading of a section above is none of a column."""
    rows = _list_rows(block) if any(has_values(line) for line in block) else []
    if not rows:
        return []
    start = first = _find_label_start(block, rows[0])
    while first > 0 and rows[0] - first < MAX_HEAD_LINES and not _heads_section(block, first - 1, rows[0]):
        first -= 1
    while first < start and len(block[first].segments) == 1 and not _is_beside_next(block, first):
        first += 1  # what stands over all columns is a title as likely as a heading
    if first > 0 and _heads_values(block, rows, first - 1):
        first -= 1
    last = rows[-1]
    while last + 1 < len(block) and _goes_on_in_row(block[rows[-1]], block[: last + 1], block[last + 1]):
        last += 1
    while last + 1 < len(block) and _is_empty_row(block, rows, last + 1):
        last += 1
    return block[first : last + 1]


def _heads_section(block: Sequence[SegmentLine], index: int, row: int) -> bool:
    """Whether a line is the heading of a section, and not the label of the first row, which has headings above."""
    line = block[index]
    own = line.size <= HEADING_SIZE * block[row].size and not line.ends_like_heading and not line.names_topic
    headed = any(len(above.segments) >= MIN_HEADINGS and not above.values for above in block[:index])
    return line.is_heading and not (own and headed)


def _heads_values(block: Sequence[SegmentLine], rows: Sequence[int], index: int) -> bool:
    """Whether a line stands in the middle over all values, right of all labels."""
    line = block[index]
    labels = [segment.box[2] for row in rows for segment in read_row(block[row]).labels]
    if not labels or len(line.segments) > 1 or line.is_heading or line.is_caption:
        return False
    left, right = max(labels), max(block[row].box[2] for row in rows)
    away = abs(line.box[0] + line.box[2] - left - right) / 2
    near = block[index + 1].base - line.base <= FAR * line.size
    return near and line.box[0] > left and away <= OFF_MIDDLE * (right - left)


def _is_beside_next(block: Sequence[SegmentLine], index: int) -> bool:
    """Whether less than a line lies between two lines: they stand in cells side by side."""
    return block[index + 1].base - block[index].base < BESIDE * block[index].size


def _find_label_start(block: Sequence[SegmentLine], row: int) -> int:
    """The line that the label of the first row begins in."""
    first = row
    while first > 0 and block[first].base - block[first - 1].base <= LABEL_LINE * block[first].size:
        above = block[first - 1]
        if above.box[2] > find_values(block[row]) or len(above.segments) > 1 or block[first].is_numbered:
            break
        first -= 1
    return first


def _is_empty_row(block: Sequence[SegmentLine], rows: Sequence[int], index: int) -> bool:
    """Whether a line below the last values is the label of a row without any, as far below as rows are.

    A unit may stand behind the label, under the units of the rows.
    """
    line, row = block[index], block[rows[-1]]
    alone = len(line.segments) == 1 or _ends_in_unit(line, [block[above] for above in rows])
    if not alone or line.ends_like_heading or line.names_topic:
        return False
    if not (line.is_numbered or _is_like_label(line, [block[index] for index in rows])):
        return False
    pitches = [block[below].base - block[above].base for above, below in pairwise(rows[-4:])]
    pitches = pitches or [below.base - above.base for above, below in pairwise(block[max(index - 4, 0) : index])]
    near = bool(pitches) and line.base - block[index - 1].base <= SAME_PITCH * max(pitches)
    return near and line.size <= HEADING_SIZE * row.size and line.box[2] <= find_values(row)


def _ends_in_unit(line: SegmentLine, rows: Sequence[SegmentLine]) -> bool:
    units = [labels[-1].box for labels in (read_row(row).labels for row in rows) if len(labels) > 1]
    return len(line.segments) == 2 and is_unit(line.segments[1], [(box[0], box[2]) for box in units])


def _is_like_label(line: SegmentLine, rows: Sequence[SegmentLine]) -> bool:
    """Whether a line begins where the labels of rows do, and is no sentence or note."""
    text = line.segments[0].text
    if len(text) > LONGEST_LABEL or any(mark in text for mark in "，。；：:,;"):
        return False
    lefts = [row.box[0] for row in rows if read_row(row).labels]
    return bool(lefts) and all(abs(left - line.box[0]) <= SAME_LEFT for left in lefts)


def _goes_on_in_row(row: SegmentLine, above: Sequence[SegmentLine], line: SegmentLine) -> bool:
    """Whether a line goes on with the label of the last row, or with numbers that were too long for their line."""
    if line.base - above[-1].base > LABEL_LINE * line.size:
        return False
    if line.values == len(line.segments) and not all(segment.text in NUMERALS for segment in line.segments):
        near = [other for other in above if line.base - other.base <= LABEL_LINE * line.size]
        columns = [(s.box[0], s.box[2]) for other in (row, *near) for s in other.segments if s.value]
        return all(any(touch((s.box[0], s.box[2]), column) for column in columns) for s in line.segments)
    own = not line.is_numbered or line.base - row.base < line.size
    return own and line.box[2] <= find_values(row)


def _is_table(block: list[SegmentLine]) -> bool:
    rows = [line for line in block if has_values(line)]
    if not rows:
        return False
    most = max(line.values for line in rows)
    widest = max(len(line.segments) for line in block)
    headed = widest >= MIN_VALUES and (most > 1 or len(rows) > 1)
    headed = headed or (len(rows) > 1 and widest > most > 2)
    parted = sum(len(line.segments) > 1 for line in block)
    wide = any(len(line.segments) >= MIN_HEADINGS and not line.values for line in block[: block.index(rows[0])])
    enough = len(rows) >= MIN_ROWS or most >= MIN_VALUES or headed or wide
    many = 3 * len(_list_rows(block)) >= len(block) - MAX_HEAD_LINES
    return enough and (most >= MIN_ROWS or many or wide or 2 * parted >= len(block))


def _list_rows(block: Sequence[SegmentLine]) -> list[int]:
    """Which lines are rows: those with values beside a label, and values alone under theirs.

    The label of these stands on the lines above and below.
    """
    rows = [line for line in block if has_values(line)]
    columns = find_value_columns([read_row(row) for row in rows])
    return [
        index
        for index, line in enumerate(block)
        if has_values(line)
        or (
            line.values == len(line.segments)
            and rows[0].base < line.base
            and all(any(touch((s.box[0], s.box[2]), column) for column in columns) for s in line.segments)
            and _stands_between(block, index)
        )
    ]


def _stands_between(block: Sequence[SegmentLine], index: int) -> bool:
    """Whether the lines above and below are one label, left of the values between them."""
    if not 0 < index < len(block) - 1:
        return False
    above, below = block[index - 1], block[index + 1]
    beside = all(not line.values and line.box[2] < block[index].box[0] for line in (above, below))
    return beside and below.base - above.base <= LABEL_LINE * below.size


def _parts_rows(line: Line, box: Box) -> bool:
    inside = min(line.end, box[2]) - max(line.start, box[0])
    return inside >= WIDE * (box[2] - box[0]) and box[1] - box[3] / 50 - 12 <= line.at <= box[3] + 12

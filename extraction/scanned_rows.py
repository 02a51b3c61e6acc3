"""Rows of forms on scans whose places were not found right: parted where the columns of the complete rows stand.

A lost wall makes one cell of two, and a digit that the reader of pages misses leaves no cell where nothing is ruled.
The form says how many places a row has, and its complete rows say where they are.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from extraction.forms import Match
from extraction.rows import PrintedRow, find_page
from extraction.tables.page_table import UNRULED, Extent, find_centre
from extraction.tables.page_text import STROKES
from models.document import Cell, Evidence, Table
from models.numbers import State, parse_value, prints_number
from models.page import Box, join_boxes
from models.picture import ScannedPage, SeenCharacter

MIN_COMPLETE = 2  # rows that say where the columns are
NEAREST = 6  # of the complete rows of a table: where a page is curved or leans, columns stand elsewhere further down
CLOSE = 3.0  # points between cells that share a wall
SAME_WIDTH = 1.08  # of one table on two pages
NEAR, AT = 0.8, 0.15  # of the height of a character, from its middle to a wall beside it and right at it
ON = 0.2  # of its width, to a wall through it
UNEVEN = 0.25  # of a column, that those of a table without other rows differ by
MIN_ALIKE = 3  # rows with a value for each of their columns at the same places
DIRT = frozenset({"", "·", ".", "'"})  # nothing, and what specks are read as
MAX_JOINED = 1  # columns into which two numbers of a row fall: a wall that was none cuts one number, as a rule
BESIDE = 2.0  # points by which a place may reach out of its column

Place = tuple[int, int]  # table and row, counted from 0


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the columns of a block stand on a page, and how high its rows are at least, in points."""

    extents: tuple[Extent, ...]
    height: float


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows of a block that print as many columns, by page."""

    width: int
    by_page: dict[int, list[PrintedRow]]


def mend_rows(
    tables: Sequence[Table], rows: Sequence[PrintedRow], matches: Sequence[Match], scans: Mapping[int, ScannedPage]
) -> tuple[Table, ...]:
    """The tables with every row of a form whose places are not those of the complete rows of its page parted like them.

    `scans` are the pages read by their pixels, by number. Rows that reach over others, or have print outside of the
    columns, stay as they are.
    """
    mended: dict[Place, list[Cell]] = {}
    parted: dict[int, Table] = {}
    for match in matches:
        for group in _group_rows(match, rows, scans):
            mended |= _mend_group(group, tables, scans)
        for row, width in _list_unlabelled(match, rows, scans):
            if len(row.fields) >= width:
                continue
            if cells := _claim_cells(tables[row.table], row, width):
                mended[row.table, row.row] = cells
            elif table := _part_evenly(tables[row.table], row, width, scans):
                parted[row.table] = table
    return tuple(parted.get(number) or _replace_rows(number, table, mended) for number, table in enumerate(tables))


def _mend_group(printed: _Group, tables: Sequence[Table], scans: Mapping[int, ScannedPage]) -> dict[Place, list[Cell]]:
    """The cells of those rows of a group that have other places than they should."""
    mended: dict[Place, list[Cell]] = {}
    group = _drop_others(printed)
    for page, members in group.by_page.items():
        for row, before in zip(members, printed.by_page[page], strict=True):
            known = _find_row_columns(group, page, row, tables)
            if known and not _stands_in(row, known[0]) and (cells := _part_row(row, *known, scans)):
                mended[row.table, row.row] = cells
            elif row is not before:
                mended[row.table, row.row] = list(row.fields)
    return mended


def _group_rows(match: Match, rows: Sequence[PrintedRow], pages: Collection[int]) -> list[_Group]:
    """The rows of a form that print the same columns, by page."""
    groups: dict[tuple[int, tuple[int, ...]], _Group] = {}
    for one in match.rows:
        row = rows[one.printed]
        if (page := find_page(row)) in pages:
            group = groups.setdefault((one.block, one.columns), _Group(len(one.columns), {}))
            group.by_page.setdefault(page, []).append(row)
    return list(groups.values())


def _drop_others(group: _Group) -> _Group:
    """The rows of a group without the empty places that are none of its columns.

    Where a table was torn, and its parts have columns of their own, the grid of all has places of the others in each.
    Rows with a value for every column, in the same places, say which are theirs.
    """
    patterns = Counter(_find_places(row, group.width) for row in itertools.chain(*group.by_page.values()))
    by_page = {
        page: [
            _keep_places(row, group.width) if patterns[_find_places(row, group.width)] >= MIN_ALIKE else row
            for row in members
        ]
        for page, members in group.by_page.items()
    }
    return replace(group, by_page=by_page)


def _find_places(row: PrintedRow, width: int) -> tuple[int, ...]:
    """Table and columns of the values of a row that has one for every column and empty places besides; or none."""
    valued = _list_valued(row)
    whole = len(row.fields) > width == len(valued) and all(cell.row == row.row for cell in row.fields)
    single = all(cell.row_end == row.row + 1 for cell in row.fields)
    return (row.table, *(cell.column for cell in valued)) if whole and single else ()


def _list_valued(row: PrintedRow) -> list[Cell]:
    return [cell for cell in row.fields if cell.text.strip() not in DIRT]


def _keep_places(row: PrintedRow, width: int) -> PrintedRow:
    if not _find_places(row, width):
        return row
    valued = _list_valued(row)
    starts = [row.fields[0].column, *(cell.column for cell in valued[1:])]
    ends = [*starts[1:], row.fields[-1].column_end]
    fields = [replace(c, column=s, column_end=e) for c, s, e in zip(valued, starts, ends, strict=True)]
    return replace(row, fields=tuple(fields), filled=tuple(fields))


def _list_unlabelled(match: Match, rows: Sequence[PrintedRow], pages: Collection[int]) -> list[tuple[PrintedRow, int]]:
    """The rows of a form that have no label of their own, with the number of their columns."""
    return [
        (rows[one.printed], len(one.columns))
        for one in match.rows
        if not match.form.blocks[one.block].rows[one.row].path and find_page(rows[one.printed]) in pages
    ]


def _claim_cells(table: Table, row: PrintedRow, width: int) -> list[Cell] | None:
    """The cells of a row that are as many as its columns, all of them places of numbers; `None` where they are not.

    What lies over some, as a stamp does, was read as words; most are numbers, or empty. A first cell may name the row.
    """
    cells = sorted((cell for cell in table.cells if cell.row == row.row), key=lambda cell: cell.column)
    claimed = cells[-width:]
    whole = all(cell.row_end == cell.row + 1 and cell.box is not None for cell in claimed)
    if len(cells) not in (width, width + 1) or not whole or 2 * len(row.fields) < width:
        return None
    if len(cells) > width and cells[0] not in row.labels:
        return None
    return [replace(cell, mended=True, seen=None) if cell in row.labels else cell for cell in claimed]


def _part_evenly(table: Table, row: PrintedRow, width: int, scans: Mapping[int, ScannedPage]) -> Table | None:
    """A table with the wide cells of its row without label parted, where they are as wide as the columns that it lacks.

    `None` where its cells are not of one width or several of it, or print stands where a wall would be: it is merged.
    """
    own = sorted((cell for cell in table.cells if cell.row == row.row), key=lambda cell: cell.column)
    boxes = [cell.box for cell in own if cell.box is not None and cell.row_end == row.row + 1]
    if table.layout == UNRULED or not boxes or len(boxes) < len(own) or any(cell in row.labels for cell in own):
        return None
    usual = median(box[2] - box[0] for box in boxes)
    counts = [max(round((box[2] - box[0]) / usual), 1) for box in boxes]
    even = all(abs((box[2] - box[0]) / usual - n) <= UNEVEN * n for box, n in zip(boxes, counts, strict=True))
    if not even or sum(counts) != width or 2 * counts.count(1) < width:
        return None
    scan = scans[find_page(row)]
    more = [(cell.column_end, max(n - cell.column_end + cell.column, 0)) for cell, n in zip(own, counts, strict=True)]
    cells = [_move_cell(cell, more) for cell in table.cells if cell.row != row.row]
    for cell, box, count in zip((_move_cell(cell, more) for cell in own), boxes, counts, strict=True):
        walls = [box[0] + (box[2] - box[0]) * n / count for n in range(count + 1)]
        if any(_crosses(scan, box, wall) for wall in walls[1:-1]):
            return None
        edges = [*range(cell.column, cell.column + count), cell.column_end]
        for span, (left, right) in zip(pairwise(edges), pairwise(walls), strict=True):
            cells.append(_make_cell(row.row, span, (left, box[1], right, box[3]), scan, cell.position))
    return replace(table, cells=tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))))


def _move_cell(cell: Cell, more: Sequence[tuple[int, int]]) -> Cell:
    """The cell where columns are counted with `more` of them before some edges."""
    start, end = (edge + sum(n for at, n in more if at <= edge) for edge in (cell.column, cell.column_end))
    return replace(cell, column=start, column_end=end)


def _crosses(scan: ScannedPage, box: Box, wall: float) -> bool:
    """Whether print in a box stands on a wall that would part it, or close to it on both sides.

    One stroke right at the wall may be what was read of it.
    """
    placed = [(find_centre(c.box)[0] - wall, c) for c in scan.characters if _holds(box, c)]
    near = [(away, c) for away, c in placed if abs(away) <= NEAR * (c.box[3] - c.box[1])]
    strokes = [c for away, c in near if c.text in STROKES and abs(away) <= AT * (c.box[3] - c.box[1])]
    inked = [(away, c) for away, c in near if c not in strokes] if len(strokes) == 1 else near
    sides = {away < 0 for away, _ in inked}
    return len(sides) > 1 or any(abs(away) <= ON * (c.box[2] - c.box[0]) for away, c in inked)


def _find_row_columns(
    group: _Group, page: int, row: PrintedRow, tables: Sequence[Table]
) -> tuple[_Columns, PrintedRow] | None:
    """Where the columns stand at a row, with a row that has them, by the nearest complete rows of its table.

    By those of its page where its table has too few, else of the nearest other page: the table there is as wide in
    print, whatever its place and scale in the picture.
    """
    own = [other for other in group.by_page[page] if other.table == row.table]
    for members in (own, group.by_page[page]):
        complete = _list_complete(members, group.width)
        nearest = sorted(complete, key=lambda other: abs(_find_level(other) - _find_level(row)))[:NEAREST]
        if columns := _find_columns([other.fields for other in nearest], free=_is_free(nearest, tables)):
            return columns, nearest[0]
    here = _find_frame(group.by_page[page])
    for other in sorted(group.by_page.keys() - {page}, key=lambda number: abs(number - page)):
        complete = _list_complete(group.by_page[other], group.width)
        columns = _find_columns([member.fields for member in complete], free=_is_free(complete, tables))
        if columns is None:
            continue
        there = _find_frame(group.by_page[other])
        if here is None or there is None or not 1 / SAME_WIDTH < _measure(here) / _measure(there) < SAME_WIDTH:
            return None
        scale = _measure(here) / _measure(there)
        moved = (tuple(here[0] + scale * (x - there[0]) for x in extent) for extent in columns.extents)
        return _Columns(tuple((start, end) for start, end in moved), columns.height), complete[0]
    return None


def _find_level(row: PrintedRow) -> float:
    """How far down its page a row stands."""
    cells = [cell for cell in (*row.fields, *row.labels[-1:]) if cell.row == row.row] or row.fields
    return median([find_centre(cell.box)[1] for cell in cells if cell.box is not None] or [0.0])


def _is_free(rows: Sequence[PrintedRow], tables: Sequence[Table]) -> bool:
    """Whether the cells of rows are bounded by no rules, but drawn around their print."""
    return any(tables[row.table].layout == UNRULED for row in rows)


def _find_frame(rows: Sequence[PrintedRow]) -> Extent | None:
    """From where to where rows reach on their page, labels too."""
    boxes = [cell.box for row in rows for cell in (*row.labels, *row.fields) if cell.box is not None]
    return (min(box[0] for box in boxes), max(box[2] for box in boxes)) if boxes else None


def _measure(extent: Extent) -> float:
    return extent[1] - extent[0]


def _list_complete(rows: Sequence[PrintedRow], width: int) -> list[PrintedRow]:
    """The rows with a value in every column where there are some, else those with as many places."""
    placed = [row for row in rows if len(row.fields) == width]
    filled = [row for row in placed if len(row.filled) == width]
    return filled if len(filled) >= MIN_COMPLETE else placed


def _stands_in(row: PrintedRow, columns: _Columns) -> bool:
    """Whether a row has one place in each of the columns."""
    boxes = [cell.box for cell in row.fields if cell.box is not None]
    return len(boxes) == len(row.fields) == len(columns.extents) and all(
        left <= (box[0] + box[2]) / 2 < right for box, (left, right) in zip(boxes, columns.extents, strict=True)
    )


def _find_columns(complete: Sequence[Sequence[Cell]], *, free: bool) -> _Columns | None:
    """Where the columns stand by the cells of complete rows; `None` where too few or they disagree.

    A lone column of cells drawn around their print is as wide as the widest, and has half a line of room beside it.
    """
    boxes = [[cell.box for cell in cells if cell.box is not None] for cells in complete]
    boxes = [row for row, cells in zip(boxes, complete, strict=True) if len(row) == len(cells)]
    if len(boxes) < MIN_COMPLETE:
        return None
    lefts = [median(row[i][0] for row in boxes) for i in range(len(boxes[0]))]
    rights = [median(row[i][2] for row in boxes) for i in range(len(boxes[0]))]
    middles = [median((row[i][0] + row[i][2]) / 2 for row in boxes) for i in range(len(boxes[0]))]
    if any(before >= after for before, after in pairwise(middles)):
        return None
    walls = [(right + left) / 2 for right, left in zip(rights[:-1], lefts[1:], strict=True)]
    ruled = all(abs(left - right) <= CLOSE for right, left in zip(rights[:-1], lefts[1:], strict=True))
    start, end = lefts[0], rights[-1]
    if walls and not ruled:  # boxes are drawn around print: half of the way to the next is theirs
        start, end = min(start, 2 * middles[0] - walls[0]), max(end, 2 * middles[-1] - walls[-1])
    extents = tuple(pairwise([start, *walls, end]))
    if any(right - left < CLOSE for left, right in extents):
        return None
    height = median(box[3] - box[1] for row in boxes for box in row)
    if free and not walls:
        start = min(row[0][0] for row in boxes) - height / 2
        end = max(row[0][2] for row in boxes) + height / 2
        return _Columns(((start, end),), height)
    return _Columns(extents, min(box[3] - box[1] for row in boxes for box in row) if ruled else height)


def _part_row(
    row: PrintedRow, columns: _Columns, pattern: PrintedRow, scans: Mapping[int, ScannedPage]
) -> list[Cell] | None:
    """The cells of a row at the places of the columns; `None` where it cannot be one of these rows."""
    own = [cell for cell in row.fields if cell.row == row.row and cell.row_end == row.row + 1]
    if _is_merged(own, columns):
        return None
    reach = _find_height(own, row.labels[-1:], least=columns.height)
    if reach is None or len(own) < len(row.fields):
        return None
    first, last = columns.extents[0][0], columns.extents[-1][1]
    if _join_values(own, columns) > MAX_JOINED:
        return None  # its own columns stand elsewhere
    left = max((cell.box[2] for cell in row.labels if cell.box is not None), default=first)
    left = left if left < columns.extents[0][1] else first  # a label that goes on has taken in the first places
    if any(_lies_outside(cell, (first, last)) for cell in own if cell.text.strip()):
        return None
    scan = scans[find_page(row)]
    spans = [(cell.column, cell.column_end) for cell in pattern.fields]
    if pattern.table != row.table:
        start = max((cell.column_end for cell in row.labels), default=0)
        spans = [(start + i, start + i + 1) for i in range(len(spans))]
    extents = [(max(left, first), columns.extents[0][1]), *columns.extents[1:]]
    boxes = [(extent[0], reach[0], extent[1], reach[1]) for extent in extents]
    position = (own or row.labels or pattern.fields)[0].position
    return [_make_cell(row.row, span, box, scan, position) for span, box in zip(spans, boxes, strict=True)]


def _is_merged(own: Sequence[Cell], columns: _Columns) -> bool:
    """Whether a row has one cell over several columns, with one number or mark in it: it is printed so."""
    if len(own) != 1 or own[0].box is None or parse_value(own[0].text).state not in (State.NUMBER, State.MARK):
        return False
    left, _, right, _ = own[0].box
    return sum(left <= (start + end) / 2 < right for start, end in columns.extents) > 1


def _join_values(own: Sequence[Cell], columns: _Columns) -> int:
    """How many columns have more than one number of a row in them."""
    middles = [find_centre(cell.box)[0] for cell in own if cell.box is not None and prints_number(cell.text)]
    return sum(sum(start <= middle < end for middle in middles) > 1 for start, end in columns.extents)


def _lies_outside(cell: Cell, extent: Extent) -> bool:
    return cell.box is None or not extent[0] - BESIDE <= (cell.box[0] + cell.box[2]) / 2 <= extent[1] + BESIDE


def _find_height(own: Sequence[Cell], labels: Sequence[Cell], *, least: float) -> Extent | None:
    """From where to where a row reaches: as its places do, or its label."""
    boxes = [cell.box for cell in (own or labels) if cell.box is not None]
    if not boxes:
        return None
    top, bottom = median(box[1] for box in boxes), median(box[3] for box in boxes)
    more = max(least - (bottom - top), 0.0) / 2
    return top - more, bottom + more


def _make_cell(row: int, span: tuple[int, int], box: Box, scan: ScannedPage, position: int) -> Cell:
    inked = [character for character in scan.characters if _holds(box, character)]
    left, top, right, bottom = scan.placement.place_box(join_boxes([c.box for c in inked]) if inked else box)
    evidence = Evidence(page=scan.number, bbox=(round(left, 2), round(top, 2), round(right, 2), round(bottom, 2)))
    text = "".join(character.text for character in inked)
    return Cell(text, row, span[0], row + 1, span[1], evidence, position, box, mended=True)


def _holds(box: Box, character: SeenCharacter) -> bool:
    left, top, right, bottom = character.box
    return box[0] <= (left + right) / 2 < box[2] and box[1] <= (top + bottom) / 2 < box[3]


def _replace_rows(number: int, table: Table, mended: Mapping[Place, list[Cell]]) -> Table:
    """A table with the values of mended rows replaced."""
    rows = {row: cells for (of, row), cells in mended.items() if of == number}
    if not rows:
        return table
    starts = {row: cells[0].column for row, cells in rows.items()}
    kept = [
        cell
        for cell in table.cells
        if cell.row not in rows or cell.row_end > cell.row + 1 or cell.column < starts[cell.row]
    ]
    cells = [*kept, *(cell for row in rows.values() for cell in row)]
    return replace(table, cells=tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))))

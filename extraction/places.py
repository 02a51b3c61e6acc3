"""Where the values of a row with empty cells belong: by the grid, by rows laid out alike, by sums, by the line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from extraction.printed_blocks import ALIKE_SHARE, EMPTY, PrintedBlock, count_sums
from extraction.rows import PrintedRow
from models.document import Cell

LEAKY_ROWS = 4
MIN_AGREEING = 2


Shape = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the values of complete rows stand: by grid column, and by distance from the last label.

    `shapes` says by table and row how a row is laid out. `by_level` is the distance for labels of one level where rows
    agree, `offsets` for rows laid out alike. `counts` says how many rows show each distance; `inferred` are distances
    that no complete row shows, only the extent of incomplete ones. `leaky`: empty cells leave no trace after all.
    """

    grid: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    shapes: dict[tuple[int, int], Shape]
    by_level: dict[int, int]
    offsets: dict[Shape, int]
    counts: dict[Shape, Counter[int]]
    inferred: dict[Shape, int]
    leaky: bool

    def find_shape(self, row: PrintedRow) -> Shape:
        """Rows whose last label stands at one place, of one level in the form and equally long, are laid out alike."""
        return self.shapes[row.table, row.row]


def learn_places(block: PrintedBlock) -> Places:
    """Learn from the rows whose values are complete, or whose places are just enough, where the columns are."""
    width = len(block.order.columns)
    shapes = {
        (row.table, row.row): (find_anchor(row), len(row.fields), level)
        for row, level in zip(block.rows, block.levels or [0] * len(block.rows), strict=True)
    }
    grids: Counter[tuple[int, ...]] = Counter()
    offsets: dict[Shape, Counter[int]] = {}
    levels: dict[int, Counter[int]] = {}
    for row in block.rows:
        shape = shapes[row.table, row.row]
        start = _find_start(row, block, width)
        if len(row.filled) == width:
            grids[tuple(cell.column for cell in row.filled)] += 1
        if start is not None:
            offsets.setdefault(shape, Counter())[start - shape[0]] += 1
            levels.setdefault(shape[2], Counter())[start - shape[0]] += 1
    total = sum(offsets.values(), Counter())
    inferred: dict[Shape, int] = {}
    for shape, rows in _group_shapes(block.rows, shapes).items():
        if shape not in offsets and (offset := _find_only_offset(rows, width, block.order.start, total)) is not None:
            inferred[shape] = offset
    return Places(
        grid=grids.most_common(1)[0][0] if grids else block.order.grid if block.regular else (),
        spans=_find_spans(block, width),
        shapes=shapes,
        by_level=_agree_on_levels(levels, block.levels),
        offsets={shape: counts.most_common(1)[0][0] for shape, counts in offsets.items()},
        counts=offsets,
        inferred=inferred,
        leaky=_is_leaky(block),
    )


def _agree_on_levels(levels: dict[int, Counter[int]], printed: Sequence[int]) -> dict[int, int]:
    """The distance for every level: where rows agree, and from there for the others.

    Labels are merged up to the values: each level less leaves one place more, or none leaves any.
    """
    agreed = {level: next(iter(c)) for level, c in levels.items() if len(c) == 1 and c.total() >= MIN_AGREEING}
    deepest = max(printed, default=0)
    outer = {level: offset for level, offset in agreed.items() if level < deepest}
    for offset_of in (lambda level: deepest - level, lambda level: 0):
        if outer and all(offset == offset_of(level) for level, offset in outer.items()):
            return {level: offset_of(level) for level in printed} | agreed
    return agreed if printed else {}


def _find_spans(block: PrintedBlock, width: int) -> tuple[tuple[int, int], ...]:
    """From where to where each column goes on the line: over all complete rows, else under its heading."""
    complete = [row.filled for row in block.rows if len(row.filled) == width]
    if not complete:
        return block.order.spans
    return tuple(
        (min(cell.column for cell in cells), max(cell.column_end for cell in cells))
        for cells in zip(*complete, strict=True)
    )


def _find_start(row: PrintedRow, block: PrintedBlock, width: int) -> int | None:
    """The column of the first place of a row that leaves no choice."""
    if len(row.filled) == width:
        return row.filled[0].column
    if not row.filled or len(row.filled) > width:
        return None
    if len(row.fields) == width:
        return row.fields[0].column
    window = _find_window(row, block)
    if window is None:
        starts = find_starts(row, width)
        window = starts[0] if len(starts) == 1 and len(row.fields) > width else None
    return None if window is None else row.fields[window].column


def find_starts(row: PrintedRow, width: int) -> range:
    """At which of its places the values of a row could begin."""
    filled = [i for i, cell in enumerate(row.fields) if cell.text.strip()]
    return range(max(0, filled[-1] - width + 1), min(filled[0], max(len(row.fields) - width, 0)) + 1)


def _group_shapes(rows: Sequence[PrintedRow], shapes: Mapping[tuple[int, int], Shape]) -> dict[Shape, list[PrintedRow]]:
    groups: dict[Shape, list[PrintedRow]] = {}
    for row in rows:
        if row.filled:
            groups.setdefault(shapes[row.table, row.row], []).append(row)
    return groups


def _find_only_offset(rows: Sequence[PrintedRow], width: int, heading: int, usual: Counter[int]) -> int | None:
    """The offset at which the values of rows laid out alike have a place, but for a stray row.

    Of several the one under the first column's heading, else the one most usual in the block; `None` for a tie.
    """
    anchor = find_anchor(rows[0])
    counts: Counter[int] = Counter()
    for row in rows:
        first, last = row.filled[0].column, row.filled[-1].column
        counts.update(range(max(row.fields[0].column, last - width + 1), first + 1))
    starts = [start for start, count in counts.items() if count >= ALIKE_SHARE * len(rows)]
    if len(starts) == 1:
        return starts[0] - anchor
    if heading in starts:
        return heading - anchor
    common = [offset for offset, _ in usual.most_common() if offset + anchor in starts]
    return common[0] if common else None


def find_anchor(row: PrintedRow) -> int:
    """Where the last label of a row ends, and its values may begin."""
    return row.labels[-1].column_end if row.labels else 0


def find_end(row: PrintedRow) -> int:
    """Where the last place of a row ends."""
    return max((cell.column_end for cell in row.fields), default=0)


def fill_by_grid(row: PrintedRow, block: PrintedBlock, places: Places, *, strict: bool = True) -> list[Cell] | None:
    """By grid column, where the page has a true grid; `None` where a value stands outside the known columns."""
    if not block.regular or len(places.grid) != len(block.order.columns):
        return None
    at = {column: cell for cell in row.fields for column in range(cell.column, cell.column_end)}
    if strict and any(cell.column not in places.grid for cell in row.filled):
        return None
    if any(column not in at for column in places.grid):
        return None  # a cell that the markup does not have is not an empty one
    return [at[column] for column in places.grid]


def _fill_by_siblings(row: PrintedRow, block: PrintedBlock, places: Places) -> list[Cell] | None:
    """By the distance from the label to the first value in rows with labels of its level, or laid out alike."""
    shape = places.find_shape(row)
    offset = places.by_level.get(shape[2], places.offsets.get(shape))
    if offset is None:
        anchors = {value for (anchor, _, level), value in places.offsets.items() if (anchor, level) == shape[::2]}
        offset = anchors.pop() if len(anchors) == 1 else None
    return None if offset is None else fill_from(row, block, offset)


def _fill_by_extent(row: PrintedRow, block: PrintedBlock, places: Places) -> list[Cell] | None:
    """By the only distance, or the most usual, at which the values of rows laid out alike all have a place."""
    offset = places.inferred.get(places.find_shape(row))
    return None if offset is None else fill_from(row, block, offset)


def fill_from(row: PrintedRow, block: PrintedBlock, offset: int) -> list[Cell] | None:
    """The places from so many columns behind the label on; `None` where a value stands outside of them."""
    start = find_anchor(row) + offset
    at = {cell.column: cell for cell in row.fields}
    columns = range(start, start + len(block.order.columns))
    if any(cell.column not in columns for cell in row.filled):
        return None
    if block.regular and any(column not in at for column in columns):
        return None
    return [at.get(column, EMPTY) for column in columns]


def _fill_by_alignment(row: PrintedRow, block: PrintedBlock, places: Places) -> list[Cell] | None:
    """By the places on the line: each value in the only column that it stands under."""
    filled: dict[int, Cell] = {}
    for cell in row.filled:
        under = [i for i, (start, end) in enumerate(places.spans) if cell.column < end and start < cell.column_end]
        if len(under) != 1 or under[0] in filled:
            return None
        filled[under[0]] = cell
    return [filled.get(i, EMPTY) for i in range(len(places.spans))] if places.spans else None


def list_fills(block: PrintedBlock, places: Places) -> tuple[Fill, ...]:
    """The ways to place an incomplete row, the surest first; where empty cells leave no trace, by those that do."""
    if block.aligned:
        return (_fill_by_alignment,)
    if not block.blanks_kept:
        return (_fill_by_sum,)  # only a row that stands whole on one line has any
    if places.leaky:
        return (_fill_by_sum,)
    return FILLS_REGULAR if block.regular else FILLS


def _is_leaky(block: PrintedBlock) -> bool:
    """Whether empty cells leave no trace after all: rows are too short, and none has one before its last value.

    Only labels of the deepest level are looked at: before the values of others stand the places they are merged over.
    """
    deepest = max(block.levels, default=0)
    width = len(block.order.columns)
    levels = block.levels or [0] * len(block.rows)
    partial = [
        row for row, level in zip(block.rows, levels, strict=True) if level == deepest and 0 < len(row.filled) < width
    ]
    traced = any(not cell.text.strip() for row in partial for cell in row.fields[: row.fields.index(row.filled[-1])])
    short = any(len(row.fields) < width for row in partial)
    return not block.regular and len(partial) >= LEAKY_ROWS and short and not traced


def _fill_by_width(row: PrintedRow, block: PrintedBlock, places: Places) -> list[Cell] | None:
    """As many places behind the label as there are columns."""
    return list(row.fields) if len(row.fields) == len(block.order.columns) else None


def _fill_by_sum(row: PrintedRow, block: PrintedBlock, places: Places) -> list[Cell] | None:
    start = _find_window(row, block)
    return None if start is None else list(row.fields[start : start + len(block.order.columns)])


def _find_window(row: PrintedRow, block: PrintedBlock) -> int | None:
    """The stretch of the fields that holds all values and in which most sums hold, blanks counted as nothing."""
    width = len(block.order.columns)
    filled = [i for i, cell in enumerate(row.fields) if cell.text.strip()]
    if not block.sums or not filled or not block.order.usual:
        return None
    starts = range(max(0, filled[-1] - width + 1), min(filled[0], len(row.fields) - width) + 1)
    counts = {start: count_sums(row.fields[start : start + width], block.sums) for start in starts}
    best = [start for start, count in counts.items() if count == max(counts.values()) > 0]
    return best[0] if len(best) == 1 else None


Fill = Callable[[PrintedRow, PrintedBlock, Places], "list[Cell] | None"]
HOW: dict[Fill, str] = {
    fill_by_grid: "grid",
    _fill_by_siblings: "sibling",
    _fill_by_width: "width",
    _fill_by_sum: "window",
    _fill_by_extent: "inferred",
    _fill_by_alignment: "aligned",
}
# A row of as many cells as columns needs no more where cells are real; an export may have lost its last fields.
FILLS_REGULAR: tuple[Fill, ...] = (_fill_by_width, fill_by_grid, _fill_by_siblings, _fill_by_sum, _fill_by_extent)
FILLS: tuple[Fill, ...] = (_fill_by_siblings, _fill_by_width, _fill_by_sum, _fill_by_extent)

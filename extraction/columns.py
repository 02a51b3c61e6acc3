"""Which cell of a printed row fills which column, without ever shifting one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extraction.headings import ColumnOrder, make_usual
from extraction.rows import PrintedRow
from models.document import Cell, Evidence
from models.numbers import parse_value

# Columns of a row that add up to another: (parts, whole), for every such identity of the form.
Sums = tuple[tuple[tuple[int, ...], int], ...]
EMPTY = Cell("", -1, -1, -1, -1, Evidence())


@dataclass(frozen=True, slots=True)
class RowFill:
    """The cells of a row by column of the form; `None` where no cell can be named.

    `how` says by what: `complete` (as many values as columns), `extra` (one value more), `repeated`, `grid`, `width`
    (as many places), `sibling` (the places of complete rows), `window` (the only place where the sum holds),
    `inferred` (from the extent of incomplete rows), `aligned` (by the places on the line), `empty`, `merged`, `lost`
    (which column a value belongs to cannot be known) or `gone` (no values, and an empty cell would have left no trace).
    """

    cells: tuple[Cell | None, ...]
    how: str
    surplus: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedBlock:
    """The printed rows of one block of a form, with the order of its columns.

    `aligned`: columns are told by the places that values take on the line.
    """

    rows: tuple[PrintedRow, ...]
    order: ColumnOrder
    regular: bool
    blanks_kept: bool
    sums: Sums
    aligned: bool = False

    @property
    def width(self) -> int:
        """Columns of the form that are printed, extra ones not counted."""
        return sum(column is not None for column in self.order.columns)


def choose_order(rows: Sequence[PrintedRow], orders: Sequence[ColumnOrder], sums: Sums) -> ColumnOrder:
    """The first reading of the headings that the rows do not speak against, else the form's own order."""
    fitting = next((order for order in orders if _fits(order, rows, sums)), None)
    if fitting is not None:
        return fitting
    score = max(order.score for order in orders)
    start = max(order.start for order in orders)
    return replace(make_usual(orders[0].width, score, doubtful=True), start=start)


def _fits(order: ColumnOrder, rows: Sequence[PrintedRow], sums: Sums) -> bool:
    lengths = Counter(len(row.filled) for row in rows)
    if len(order.columns) < order.width:
        # Headings that are not found may be misprinted; that a column is left out takes rows that agree, with no
        # empty cell that could be its.
        agreeing = sum(len(row.filled) == len(row.fields) == len(order.columns) for row in rows)
        return agreeing > len(rows) / 2 and not lengths[order.width]
    if order.grid and not _stands_over(order, rows):
        return False  # spans are wrong: the headings do not stand over the values
    if order.usual or None in order.columns:
        return True
    complete = [row.filled for row in rows if len(row.filled) == order.width]

    def count(candidate: ColumnOrder) -> int:
        return sum(_count_sums([c or EMPTY for c in _by_order(cells, candidate)], sums) for cells in complete)

    return count(order) >= count(make_usual(order.width))


def _stands_over(order: ColumnOrder, rows: Sequence[PrintedRow]) -> bool:
    """Whether most complete rows have their values in the grid columns of the headings."""
    own = tuple(g for g, column in zip(order.grid, order.columns, strict=True) if column is not None)
    grids = Counter(
        tuple(cell.column for cell in row.filled) for row in rows if len(row.filled) in (len(own), len(order.grid))
    )
    return grids.most_common(1)[0][0] in (own, order.grid) if grids else not order.strict


def fill_rows(block: PrintedBlock) -> list[RowFill]:
    """Place the values of every row of a block."""
    places = _learn_places(block)
    return [_fill_row(row, block, places) for row in block.rows]


def _fill_row(row: PrintedRow, block: PrintedBlock, places: _Places) -> RowFill:
    values = row.filled
    width, printed = block.width, len(block.order.columns)
    if not values:
        return _fill_empty(row, block, places)
    if len(values) in (printed, width):
        order = block.order if len(values) == printed else _without_extra(block.order)
        return RowFill(_by_order(values, order), "complete")
    if len(values) > width:
        return _fill_surplus(row, block, places)
    if block.regular and len(row.fields) == 1 < width <= values[0].column_end - values[0].column:
        return RowFill(_by_order([values[0]] * printed, block.order), "merged")
    for fill in _list_fills(block):
        if (cells := fill(row, block, places)) is not None:
            return RowFill(_by_order(cells, block.order), HOW[fill])
    return RowFill((None,) * block.order.width, "lost", values)


def _fill_empty(row: PrintedRow, block: PrintedBlock, places: _Places) -> RowFill:
    if not block.aligned and (not block.blanks_kept or not row.fields):
        return RowFill((None,) * block.order.width, "gone")
    for fill in _list_fills(block):
        if (cells := fill(row, block, places)) is not None:
            return RowFill(_by_order(cells, block.order), "empty")
    return RowFill(_by_order([EMPTY] * len(block.order.columns), block.order), "empty")


def _fill_surplus(row: PrintedRow, block: PrintedBlock, places: _Places) -> RowFill:
    """More values than columns: those with a place by the grid stay, else those whose sum holds, else the first."""
    values, width = row.filled, block.width
    by_grid = _fill_by_grid(row, block, places, strict=False)
    if by_grid is not None and all(cell.text.strip() for cell in by_grid):
        cells = _by_order(by_grid, block.order)
    elif width == 1 and len({cell.text for cell in values}) == 1:
        return RowFill(_by_order(values[:1], _without_extra(block.order)), "repeated")
    elif len(values) == width + 1:
        starts = [start for start in (0, 1) if _sum_holds(values[start : start + width], block.sums)]
        start = starts[0] if starts else 0
        cells = _by_order(values[start : start + width], _without_extra(block.order))
    else:
        return RowFill((None,) * block.order.width, "lost", values)
    kept = {id(cell) for cell in cells}
    return RowFill(cells, "extra", tuple(cell for cell in values if id(cell) not in kept))


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the values of complete rows stand: by grid column, and by distance from the last label.

    `inferred` are distances that no complete row shows, only the extent of incomplete ones.
    """

    grid: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    offsets: dict[tuple[int, int], int]
    inferred: dict[tuple[int, int], int]


def _learn_places(block: PrintedBlock) -> _Places:
    """Learn from the rows whose values are complete, or whose places are just enough, where the columns are."""
    width = len(block.order.columns)
    grids: Counter[tuple[int, ...]] = Counter()
    offsets: dict[tuple[int, int], Counter[int]] = {}
    for row in block.rows:
        start = _find_start(row, block, width)
        if len(row.filled) == width:
            grids[tuple(cell.column for cell in row.filled)] += 1
        if start is not None:
            offsets.setdefault(_shape(row), Counter())[start - _anchor(row)] += 1
    grid = grids.most_common(1)[0][0] if grids else block.order.grid if block.regular else ()
    best = {shape: counts.most_common(1)[0][0] for shape, counts in offsets.items()}
    total = sum(offsets.values(), Counter())
    inferred: dict[tuple[int, int], int] = {}
    for shape, rows in _group_shapes(block.rows).items():
        if shape not in best and (offset := _find_only_offset(rows, width, block.order.start, total)) is not None:
            inferred[shape] = offset
    return _Places(grid, _find_spans(block, width), best, inferred)


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
    return None if window is None else row.fields[window].column


def _group_shapes(rows: Sequence[PrintedRow]) -> dict[tuple[int, int], list[PrintedRow]]:
    groups: dict[tuple[int, int], list[PrintedRow]] = {}
    for row in rows:
        if row.filled:
            groups.setdefault(_shape(row), []).append(row)
    return groups


def _find_only_offset(rows: Sequence[PrintedRow], width: int, heading: int, usual: Counter[int]) -> int | None:
    """The offset at which all values of rows laid out alike have a place.

    Of several the one under the first column's heading, else the one most usual in the block; `None` for a tie.
    """
    columns = [cell.column for row in rows for cell in row.filled]
    first = min(row.fields[0].column for row in rows)
    anchor = _anchor(rows[0])
    starts = range(max(first, max(columns) - width + 1), min(columns) + 1)
    if len(starts) == 1:
        return starts[0] - anchor
    if heading in starts:
        return heading - anchor
    common = [offset for offset, _ in usual.most_common() if offset + anchor in starts]
    return common[0] if common else None


def _anchor(row: PrintedRow) -> int:
    return row.labels[-1].column_end if row.labels else 0


def _shape(row: PrintedRow) -> tuple[int, int]:
    """Rows whose last label stands at one place and that are equally long are laid out alike."""
    return _anchor(row), len(row.fields)


def _fill_by_grid(row: PrintedRow, block: PrintedBlock, places: _Places, *, strict: bool = True) -> list[Cell] | None:
    """By grid column, where the page has a true grid; `None` where a value stands outside the known columns."""
    if not block.regular or len(places.grid) != len(block.order.columns):
        return None
    at = {column: cell for cell in row.fields for column in range(cell.column, cell.column_end)}
    if strict and any(cell.column not in places.grid for cell in row.filled):
        return None
    if any(column not in at for column in places.grid):
        return None  # a cell that the markup does not have is not an empty one
    return [at[column] for column in places.grid]


def _fill_by_siblings(row: PrintedRow, block: PrintedBlock, places: _Places) -> list[Cell] | None:
    """By the distance from the label to the first value in complete rows laid out alike."""
    offset = places.offsets.get(_shape(row))
    if offset is None:
        anchors = {value for (anchor, _), value in places.offsets.items() if anchor == _anchor(row)}
        offset = anchors.pop() if len(anchors) == 1 else None
    return None if offset is None else _fill_from(row, block, offset)


def _fill_by_extent(row: PrintedRow, block: PrintedBlock, places: _Places) -> list[Cell] | None:
    """By the only distance, or the most usual, at which the values of rows laid out alike all have a place."""
    offset = places.inferred.get(_shape(row))
    return None if offset is None else _fill_from(row, block, offset)


def _fill_from(row: PrintedRow, block: PrintedBlock, offset: int) -> list[Cell] | None:
    start = _anchor(row) + offset
    at = {cell.column: cell for cell in row.fields}
    columns = range(start, start + len(block.order.columns))
    if any(cell.column not in columns for cell in row.filled):
        return None
    if block.regular and any(column not in at for column in columns):
        return None
    return [at.get(column, EMPTY) for column in columns]


def _fill_by_alignment(row: PrintedRow, block: PrintedBlock, places: _Places) -> list[Cell] | None:
    """By the places on the line: each value in the only column that it stands under."""
    filled: dict[int, Cell] = {}
    for cell in row.filled:
        under = [i for i, (start, end) in enumerate(places.spans) if cell.column < end and start < cell.column_end]
        if len(under) != 1 or under[0] in filled:
            return None
        filled[under[0]] = cell
    return [filled.get(i, EMPTY) for i in range(len(places.spans))] if places.spans else None


def _list_fills(block: PrintedBlock) -> tuple[Fill, ...]:
    """The ways to place an incomplete row, the surest first; none where empty cells leave no trace."""
    if block.aligned:
        return (_fill_by_alignment,)
    if not block.blanks_kept:
        return ()
    return FILLS_REGULAR if block.regular else FILLS


def _fill_by_width(row: PrintedRow, block: PrintedBlock, places: _Places) -> list[Cell] | None:
    """As many places behind the label as there are columns."""
    return list(row.fields) if len(row.fields) == len(block.order.columns) else None


def _fill_by_sum(row: PrintedRow, block: PrintedBlock, places: _Places) -> list[Cell] | None:
    start = _find_window(row, block)
    return None if start is None else list(row.fields[start : start + len(block.order.columns)])


def _find_window(row: PrintedRow, block: PrintedBlock) -> int | None:
    """The stretch of the fields that holds all values and in which most sums hold, blanks counted as nothing."""
    width = len(block.order.columns)
    filled = [i for i, cell in enumerate(row.fields) if cell.text.strip()]
    if not block.sums or not filled or not block.order.usual:
        return None
    starts = range(max(0, filled[-1] - width + 1), min(filled[0], len(row.fields) - width) + 1)
    counts = {start: _count_sums(row.fields[start : start + width], block.sums) for start in starts}
    best = [start for start, count in counts.items() if count == max(counts.values()) > 0]
    return best[0] if len(best) == 1 else None


def _sum_holds(cells: Sequence[Cell], sums: Sums) -> bool:
    """Whether every sum of a row holds, and says something."""
    return bool(sums) and _count_sums(cells, sums) == len(sums)


def _count_sums(cells: Sequence[Cell], sums: Sums) -> int:
    """How many sums of a row hold, those of nothing but zeros not counted."""
    numbers = [parse_value(cell.text).number or Decimal(0) for cell in cells]
    return sum(0 < numbers[whole] == sum(numbers[part] for part in parts) for parts, whole in sums)


def _by_order(cells: Sequence[Cell], order: ColumnOrder) -> tuple[Cell | None, ...]:
    """From the order of the print to that of the form; extra columns dropped, `None` for one left out."""
    at = {column: cell for column, cell in zip(order.columns, cells, strict=True) if column is not None}
    return tuple(at.get(column) for column in range(order.width))


def _without_extra(order: ColumnOrder) -> ColumnOrder:
    columns = tuple(column for column in order.columns if column is not None)
    return ColumnOrder(columns, order.score, order.printed, width=order.width)


Fill = Callable[[PrintedRow, PrintedBlock, _Places], "list[Cell] | None"]
HOW: dict[Fill, str] = {
    _fill_by_grid: "grid",
    _fill_by_siblings: "sibling",
    _fill_by_width: "width",
    _fill_by_sum: "window",
    _fill_by_extent: "inferred",
    _fill_by_alignment: "aligned",
}
# A row of as many cells as columns needs no more where cells are real; an export may have lost its last fields.
FILLS_REGULAR: tuple[Fill, ...] = (_fill_by_width, _fill_by_grid, _fill_by_siblings, _fill_by_sum, _fill_by_extent)
FILLS: tuple[Fill, ...] = (_fill_by_siblings, _fill_by_width, _fill_by_sum, _fill_by_extent)

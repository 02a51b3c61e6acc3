"""Which cell of a printed row fills which column, without ever shifting one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extraction.places import HOW, Places, fill_by_grid, fill_from, find_anchor, find_end, learn_places, list_fills
from extraction.printed_blocks import ALIKE_SHARE, EMPTY, PrintedBlock, Sums, by_order, count_sums, without_extra
from extraction.rows import PrintedRow
from models.document import Cell
from models.numbers import parse_value
from models.quick import quicken

MIN_TOTALS = 4  # rows of more than one value, whose last is the sum of the others
MOST_TOTALS = 0.9
WALL_PRINT = frozenset("1|!Il:;.,·'")  # what strokes and dots of a wall read as
MIN_OTHERS = 2  # rows with a value in a column


@dataclass(frozen=True, slots=True)
class Support:
    """What speaks for the places of a row's values.

    `starts`: at how many places of the row all its values could stand. `agree`, `differ`: further ways to place them
    that say the same, or another thing. `alike`, `unlike`: rows of the block laid out as this one whose places are
    certain, and those of them that have other places. Of the block: `complete`, the share of rows without an empty
    cell; `holds` and `fails`, how many rows with empty cells add up (to more than zero) as placed, or do not.
    """

    starts: int = 1
    agree: int = 0
    differ: int = 0
    alike: int = 0
    unlike: int = 0
    complete: float = 1.0
    holds: int = 0
    fails: int = 0


CERTAIN = Support()


@quicken
@dataclass(frozen=True, slots=True)
class RowFill:
    """The cells of a row by column of the form; `None` where no cell can be named.

    `how` says by what: `complete` (as many values as columns), `extra` (one value more), `repeated`, `grid`, `width`
    (as many places), `sibling` (the places of complete rows), `window` (the only place where the sum holds),
    `inferred` (from the extent of incomplete rows, or where sums, headings or labels are at odds with the rest),
    `aligned` (by the places on the line), `total` (nothing but a total of 0, where the last value of every other
    row is the sum of the rest), `empty`, `merged`, `lost` (which column a value belongs to cannot be known) or `gone`
    (no values, and an empty cell would have left no trace).
    """

    cells: tuple[Cell | None, ...]
    how: str
    surplus: tuple[Cell, ...] = ()
    support: Support = CERTAIN


def fill_rows(block: PrintedBlock) -> list[RowFill]:
    """Place the values of every row of a block."""
    whole = (len(block.order.columns), block.width)
    if all(len(row.filled) in whole for row in block.rows):
        return [_fill_complete(row, block) for row in block.rows]
    places = learn_places(block)
    fills = [_fill_row(row, block, places) for row in block.rows]
    if block.aligned and not _are_aligned(fills):
        fills = [replace(fill, how="inferred") if fill.how == "aligned" else fill for fill in fills]
    partial = [fill for fill in fills if fill.how not in ("complete", "extra", "repeated", "merged", "lost", "gone")]
    if not partial:
        return fills
    states = [_check_sums(fill.cells, block.sums) for fill in partial]
    complete = sum(fill.how == "complete" for fill in fills) / len(fills)
    holds, fails = states.count(True), states.count(False)
    return [replace(fill, support=replace(fill.support, complete=complete, holds=holds, fails=fails)) for fill in fills]


def _are_aligned(fills: Sequence[RowFill]) -> bool:
    """Whether the line tells the places of nearly all incomplete rows: by chance, some stand under no column."""
    told = [fill.how == "aligned" for fill in fills if fill.how in ("aligned", "lost")]
    return sum(told) >= ALIKE_SHARE * len(told)


def _check_sums(cells: Sequence[Cell | None], sums: Sums) -> bool | None:
    """Whether the sums of a placed row hold; `None` where they say nothing."""
    numbers = [parse_value(cell.text).number or Decimal(0) if cell else Decimal(0) for cell in cells]
    told = [numbers[whole] == sum(numbers[i] for i in parts) for parts, whole in sums if any(numbers)]
    return all(told) if told else None


def _fill_row(row: PrintedRow, block: PrintedBlock, places: Places) -> RowFill:
    values = row.filled
    width, printed = block.width, len(block.order.columns)
    if not values:
        return _fill_empty(row, block, places)
    if len(values) in (printed, width):
        return _fill_complete(row, block)
    if len(values) > width:
        return _fill_surplus(row, block, places)
    if block.regular and len(row.fields) == 1 < width <= values[0].column_end - values[0].column:
        return RowFill(by_order([values[0]] * printed, block.order), "merged")
    return _fill_partly(row, block, places)


def _fill_partly(row: PrintedRow, block: PrintedBlock, places: Places) -> RowFill:
    """A row with values for some of the columns."""
    found = [
        (HOW[fill], cells) for fill in list_fills(block, places) if (cells := fill(row, block, places)) is not None
    ]
    if not found:
        beside = _fill_beside_stranger(row, block) if len(row.fields) == block.width + 1 else None
        beside = beside or _fill_total(row, block) or _fill_beside_number(row, block)
        return beside or RowFill((None,) * block.order.width, "lost", row.filled)
    how, cells = found[0]
    how = "inferred" if places.leaky else how  # what sums tell of places, a cell without a trace belies
    others = [_same_places(cells, other) for _, other in found[1:]]
    support = _find_support(row, block, places, others)
    for doubt in (_doubt_by_sums, _doubt_by_headings, _doubt_by_label, _doubt_alone):
        if (other := doubt(row, block, places, dict(found))) is not None:
            return replace(other, support=support)
    return RowFill(by_order(cells, block.order), how, support=support)


def _fill_beside_number(row: PrintedRow, block: PrintedBlock) -> RowFill | None:
    """What stands under the headings of a true grid, where the first value, left of all of them, counts rows."""
    grid, at = block.order.grid, {cell.column: cell for cell in row.fields}
    if not _counts_rows(row, block) or not at.keys() >= set(grid):
        return None
    if any(cell.column not in grid for cell in row.filled[1:]):
        return None
    return RowFill(by_order([at[column] for column in grid], block.order), "inferred", row.filled[:1])


def _counts_rows(row: PrintedRow, block: PrintedBlock) -> bool:
    """Whether the first value of a row stands left of all headings."""
    return _knows_headings(block) and row.filled[0].column_end <= min(block.order.grid)


def _knows_headings(block: PrintedBlock) -> bool:
    """Whether the headings of all columns are printed, in a true grid, and leave no doubt."""
    order = block.order
    return block.regular and order.printed and order.score >= 1 and len(order.grid) == len(order.columns) > 1


def _doubt_by_sums(
    row: PrintedRow, block: PrintedBlock, places: Places, found: Mapping[str, list[Cell]]
) -> RowFill | None:
    """One place more than columns, and sums that fail as placed but hold without one of the values."""
    cells = by_order(next(iter(found.values())), block.order)
    if len(row.fields) != block.width + 1 or _check_sums(cells, block.sums) is not False:
        return None
    beside = _fill_beside_stranger(row, block)
    return None if beside is None else replace(beside, how="inferred")


def _doubt_by_headings(
    row: PrintedRow, block: PrintedBlock, places: Places, found: Mapping[str, list[Cell]]
) -> RowFill | None:
    """Headings that stand over other places of a row.

    Where the row has no labels, and none is complete to tell who is right, its values are those under the headings;
    one that stands under none of them is one more than there are columns. Of other rows, none is sure.
    """
    leaves, cells = block.order.leaves or block.order.grid, next(iter(found.values()))
    at = {cell.column: cell for cell in row.fields}
    told = any(len(other.filled) == len(leaves) for other in block.rows)
    # Where every cell has a line of its own, the last heading stands where a label would.
    labelled = row.labels and (block.regular or not block.levels or any(block.levels))
    if told or labelled:
        sure = not _knows_headings(block) or tuple(cell.column for cell in cells) == block.order.grid
        return None if sure else RowFill(by_order(cells, block.order), "inferred")
    if not (leaves and block.regular) and len(row.fields) > len(cells) and block.order.width > 1:
        # The first places or the last are too many, and no heading says which.
        return RowFill(by_order(cells, block.order), "inferred")
    if not block.regular or len(leaves) != len(cells) or not at.keys() >= set(leaves):
        return None
    under = [at[column] for column in leaves]
    if _same_places(cells, under):
        return None
    if _check_sums(by_order(cells, block.order), block.sums) and not _check_sums(
        by_order(under, block.order), block.sums
    ):
        return RowFill(by_order(cells, block.order), "inferred")  # a heading left empty moved those behind it
    surplus = tuple(cell for cell in row.filled if cell.column not in leaves)
    return RowFill(by_order(under, block.order), "inferred", surplus)


def _doubt_by_label(
    row: PrintedRow, block: PrintedBlock, places: Places, found: Mapping[str, list[Cell]]
) -> RowFill | None:
    """A grid told by complete rows that end elsewhere, with as many places behind their labels as this one has.

    There the markup leaves out merged cells, and places follow the label, where they hold all values.
    """
    if next(iter(found)) != "grid":
        return None
    told = [other for other in block.rows if tuple(cell.column for cell in other.filled) == places.grid]
    alike = [other for other in told if _measure(other) == _measure(row)]
    if not alike or find_end(row) in {find_end(other) for other in told}:
        return None
    beside = fill_from(row, block, places.grid[0] - find_anchor(alike[0]))
    return RowFill(by_order(beside or found["grid"], block.order), "inferred")


def _doubt_alone(
    row: PrintedRow, block: PrintedBlock, places: Places, found: Mapping[str, list[Cell]]
) -> RowFill | None:
    """A value alone in its row, where no walls show whether its cell is merged over all columns.

    It stands in the middle of them then, or at one end; there it is in doubt where no other row has a value, or all
    others have one in each column.
    """
    cells = next(iter(found.values()))
    filled = [index for index, cell in enumerate(cells) if cell.text.strip()]
    if block.walled or len(filled) != 1 or len(cells) == 1:
        return None
    own, others = cells[filled[0]].column, [other.filled for other in block.rows if other is not row and other.filled]
    shared = any(own in {cell.column for cell in other} for other in others)
    sparse = any(len(other) < block.width for other in others)
    at_end = filled[0] in (0, len(cells) - 1) and not (shared and sparse)
    return RowFill(by_order(cells, block.order), "inferred") if at_end or 2 * filled[0] == len(cells) - 1 else None


def _measure(row: PrintedRow) -> int:
    """Places from the last label to the end of a row."""
    return find_end(row) - find_anchor(row)


def _fill_total(row: PrintedRow, block: PrintedBlock) -> RowFill | None:
    """A row that keeps its last value alone, where that of every row is the total: a total of 0 has no parts."""
    width = block.order.width
    if not block.order.usual or block.regular or not any(whole == width - 1 for _, whole in block.sums):
        return None
    numbers = [[parse_value(cell.text).number or Decimal(0) for cell in r.filled] for r in block.rows]
    told = [values[-1] == sum(values[:-1]) for values in numbers if len(values) > 1 and any(values)]
    valued = sum(bool(r.filled) for r in block.rows)
    if min(told.count(True) / max(len(told), MIN_TOTALS), valued / len(block.rows)) < MOST_TOTALS:
        return None  # where some rows have no value at all, a total may have gone as well
    total = row.filled[-1]
    others = [parse_value(cell.text).number for cell in row.filled[:-1]]
    if others or parse_value(total.text).number != 0:
        return RowFill((*(None,) * (width - 1), total), "lost", row.filled[:-1]) if others else None
    return RowFill((*(EMPTY,) * (width - 1), total), "total")


def _fill_complete(row: PrintedRow, block: PrintedBlock) -> RowFill:
    order = block.order if len(row.filled) == len(block.order.columns) else without_extra(block.order)
    cells = by_order(row.filled, order)
    if len(row.fields) == block.width + 1 == len(row.filled) + 1 and _check_sums(cells, block.sums) is False:
        beside = _fill_beside_stranger(row, block)
        if beside is not None:
            return replace(beside, how="inferred")  # or all values in order, in a document that does not add up
    if block.regular and _leaves_column(row, block):
        return RowFill(cells, "inferred")
    return RowFill(cells, "complete")


def _leaves_column(row: PrintedRow, block: PrintedBlock) -> bool:
    """Whether a row has a value where no other has one, and none in a place of its own where several have theirs."""
    empty = [cell.column for cell in row.fields if not cell.text.strip()]
    if not empty:
        return False
    held = Counter(cell.column for other in block.rows if other is not row for cell in other.filled)
    return any(held[column] >= MIN_OTHERS for column in empty) and not all(held[cell.column] for cell in row.filled)


def _fill_beside_stranger(row: PrintedRow, block: PrintedBlock) -> RowFill | None:
    """As many values as columns, but an empty place among them and sums that hold only without one of the values."""
    order = without_extra(block.order)
    ways = [(cell, by_order([other for other in row.fields if other is not cell], order)) for cell in row.filled]
    fitting = [(cell, cells) for cell, cells in ways if _check_sums(cells, block.sums)]
    return RowFill(fitting[0][1], "extra", (fitting[0][0],)) if len(fitting) == 1 else None


def _same_places(cells: Sequence[Cell], others: Sequence[Cell]) -> bool:
    return all(a is b or not (a.text or b.text) for a, b in zip(cells, others, strict=True))


def _find_support(row: PrintedRow, block: PrintedBlock, places: Places, others: Sequence[bool]) -> Support:
    width = len(block.order.columns)
    filled = [i for i, cell in enumerate(row.fields) if cell.text.strip()]
    last_start = min(filled[0], max(len(row.fields) - width, 0))
    counts = places.counts.get(places.find_shape(row), Counter())
    most = max(counts.values(), default=0)
    return Support(
        starts=max(1, last_start - max(0, filled[-1] - width + 1) + 1),
        agree=others.count(True),
        differ=others.count(False),
        alike=most,
        unlike=sum(counts.values()) - most,
    )


def _drop_stranger(values: Sequence[Cell], block: PrintedBlock) -> tuple[Cell | None, ...] | None:
    """All values but the one without which most sums hold and fewest fail; `None` where it may be one or another.

    All but the last where it does as well so.
    """
    order = without_extra(block.order)
    kept = [by_order([*values[:i], *values[i + 1 :]], order) for i in range(len(values))]
    holding = [count_sums([cell or EMPTY for cell in cells], block.sums) for cells in kept]
    failing = [count_sums([cell or EMPTY for cell in cells], block.sums, hold=False) for cells in kept]
    told = [(holds, -fails) for holds, fails in zip(holding, failing, strict=True)]
    best = max(told)
    if told[-1] == best:
        return kept[-1]
    fitting = [cells for cells, state in zip(kept, told, strict=True) if state == best]
    alike = len({tuple(cell and cell.text for cell in cells) for cells in fitting}) == 1
    return fitting[-1] if alike else None


def _fill_empty(row: PrintedRow, block: PrintedBlock, places: Places) -> RowFill:
    if not block.aligned and (not block.blanks_kept or not row.fields):
        return RowFill((None,) * block.order.width, "gone")
    for fill in list_fills(block, places):
        if (cells := fill(row, block, places)) is not None:
            return RowFill(by_order(cells, block.order), "empty")
    # So many places that the row may be one of another form: only the label speaks for this one.
    how = "inferred" if len(row.fields) > 2 * block.width > 2 else "empty"
    return RowFill(by_order([EMPTY] * len(block.order.columns), block.order), how)


def _is_wall_print(row: PrintedRow, kept: Sequence[Cell], block: PrintedBlock, places: Places) -> bool:
    """Whether what a scanned row has too much stands where no complete row has a value, and most rows are complete.

    What is left of a dotted wall reads as a 1 here and there; beside a value it may be a digit of it.
    """
    told = sum(tuple(cell.column for cell in other.filled) == places.grid for other in block.rows)
    stray = [cell for cell in row.filled if all(cell is not own for own in kept)]
    apart = all(_find_gap(cell, own) > cell.box[3] - cell.box[1] for cell in stray if cell.box for own in kept)
    upright = all(set(cell.text) <= WALL_PRINT for cell in stray)
    return 2 * told > len(block.rows) and upright and apart and all(cell.seen is not None for cell in row.filled)


def _find_gap(cell: Cell, other: Cell) -> float:
    """How far two cells of a page stand apart, in points; infinite where one has no place."""
    if cell.box is None or other.box is None:
        return math.inf
    return max(other.box[0] - cell.box[2], cell.box[0] - other.box[2])


def _fill_surplus(row: PrintedRow, block: PrintedBlock, places: Places) -> RowFill:
    """More values than columns: those with a place by the grid stay, else those whose sum holds, else the first."""
    values, width, how = row.filled, block.width, "extra"
    if len(values) == width + 1 and _counts_rows(row, block):
        return RowFill(by_order(values[1:], without_extra(block.order)), "inferred", values[:1])
    own = [cell for cell in values if cell.row == row.row]
    if len(own) == width:
        # The row has a value for each column; what reaches into it from above has a wrong span.
        return RowFill(by_order(own, without_extra(block.order)), "inferred")
    by_grid = fill_by_grid(row, block, places, strict=False)
    if by_grid is not None and all(cell.text.strip() for cell in by_grid):
        cells = by_order(by_grid, block.order)
        how = "grid" if _is_wall_print(row, by_grid, block, places) else how
    elif width == 1 and len({cell.text for cell in values}) == 1:
        return RowFill(by_order(values[:1], without_extra(block.order)), "repeated")
    elif len(values) == width + 1 and (found := _drop_stranger(values, block)):
        cells = found
        single = sum(len(other.filled) == width for other in block.rows) > len(block.rows) / 2
        if any(cell is values[-1] for cell in cells) or (single and not block.sums):
            how = "inferred"  # the last may be the stranger, in a document that does not add up; or nothing tells which
    else:
        return RowFill((None,) * block.order.width, "lost", values)
    kept = {id(cell) for cell in cells}
    return RowFill(cells, how, tuple(cell for cell in values if id(cell) not in kept))

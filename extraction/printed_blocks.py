"""The printed rows of one block of a form, and the order in which its columns are printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extraction.headings import ColumnOrder, make_usual
from extraction.rows import PrintedRow
from models.document import Cell, Evidence
from models.numbers import parse_value

# Columns of a row that add up to another: (parts, whole), for every such identity of the form.
Sums = tuple[tuple[tuple[int, ...], int], ...]
# Rows that all have as many values as there are headings: an empty cell would not stand in each of them.
MIN_ALIKE = 5
ALIKE_SHARE = 0.9
EMPTY = Cell("", -1, -1, -1, -1, Evidence())


@dataclass(frozen=True, slots=True)
class PrintedBlock:
    """The printed rows of one block of a form, with the order of its columns.

    `aligned`: columns are told by the places that values take on the line. `walled`: the extent of a cell is that of
    the print, not of what stands in it. `levels` says for each row how deep in the
    form its label is: labels of one level are merged over as many columns.
    """

    rows: tuple[PrintedRow, ...]
    order: ColumnOrder
    regular: bool
    blanks_kept: bool
    sums: Sums
    aligned: bool = False
    walled: bool = True
    levels: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """Columns of the form that are printed, extra ones not counted."""
        return sum(column is not None for column in self.order.columns)


def choose_order(
    rows: Sequence[PrintedRow],
    orders: Sequence[ColumnOrder],
    sums: Sums,
    *,
    regular: bool,
    peers: Sequence[PrintedRow] = (),
) -> ColumnOrder:
    """The first reading of the headings that the rows do not speak against, else the form's own order.

    `peers` are the rows of the block in all its printed tables, where these are not all of them.
    """
    fitting = next((order for order in orders if _fits(order, rows, sums, peers=peers or rows, regular=regular)), None)
    if fitting is not None and not fitting.usual:
        return fitting
    likely = max(orders, key=lambda order: order.likely)
    score, start = max(order.score for order in orders), max(order.start for order in orders)
    usual = fitting or replace(make_usual(orders[0].width, score, doubtful=not likely.likely), start=start)
    # A column without a heading may be left out: that it is there, only a row with a value in every column tells.
    whole = any(len(row.filled) >= usual.width for row in rows)
    doubtful = usual.doubtful or (bool(likely.unheaded) and not whole and not usual.printed)
    return replace(usual, doubtful=doubtful, unheaded=likely.unheaded)


def _fits(
    order: ColumnOrder, rows: Sequence[PrintedRow], sums: Sums, *, peers: Sequence[PrintedRow], regular: bool
) -> bool:
    if len(order.columns) < order.width:
        return _is_left_out(order, peers, regular=regular)
    if order.grid and not _stands_over(order, rows):
        return False  # spans are wrong: the headings do not stand over the values
    if order.usual or None in order.columns:
        return True
    complete = [row.filled for row in rows if len(row.filled) == order.width]
    # Where empty cells leave no row complete, their places tell.
    complete = complete or [row.fields[: order.width] for row in rows if row.filled and len(row.fields) >= order.width]

    def count(candidate: ColumnOrder) -> int:
        return sum(count_sums([c or EMPTY for c in by_order(cells, candidate)], sums) for cells in complete)

    return count(order) >= count(make_usual(order.width))


def _is_left_out(order: ColumnOrder, rows: Sequence[PrintedRow], *, regular: bool) -> bool:
    """Whether the rows agree that they have no more columns than headings were found; a heading may be misprinted.

    They agree where they have no empty cell that could be the column's (where cells are real: as many cells as
    headings), or all as many values or places, as no rows with empty cells by chance have.
    """
    lengths = Counter(len(row.filled) for row in rows)
    width = len(order.columns)
    agreeing = sum(len(row.fields) == width and (regular or len(row.filled) == width) for row in rows)
    valued = len(rows) - lengths[0]
    places = sum(len(row.fields) == width for row in rows)
    alike = (valued >= MIN_ALIKE and lengths[width] >= ALIKE_SHARE * valued) or (
        len(rows) >= MIN_ALIKE and places >= ALIKE_SHARE * len(rows)
    )
    return not lengths[order.width] and (agreeing > len(rows) / 2 or alike)


def _stands_over(order: ColumnOrder, rows: Sequence[PrintedRow]) -> bool:
    """Whether most complete rows have their values in the grid columns of the headings."""
    own = tuple(g for g, column in zip(order.grid, order.columns, strict=True) if column is not None)
    grids = Counter(
        tuple(cell.column for cell in row.filled) for row in rows if len(row.filled) in (len(own), len(order.grid))
    )
    return grids.most_common(1)[0][0] in (own, order.grid) if grids else not order.strict


def count_sums(cells: Sequence[Cell], sums: Sums, *, hold: bool = True) -> int:
    """How many sums of a row hold, those of nothing but zeros not counted; or how many do not."""
    numbers = [parse_value(cell.text).number or Decimal(0) for cell in cells]
    pairs = [(numbers[whole], sum(numbers[part] for part in parts)) for parts, whole in sums]
    return sum(0 < whole == total for whole, total in pairs) if hold else sum(w != total for w, total in pairs)


def by_order(cells: Sequence[Cell], order: ColumnOrder) -> tuple[Cell | None, ...]:
    """From the order of the print to that of the form; extra columns dropped, `None` for one left out."""
    at = {column: cell for column, cell in zip(order.columns, cells, strict=True) if column is not None}
    return tuple(at.get(column) for column in range(order.width))


def without_extra(order: ColumnOrder) -> ColumnOrder:
    """The order of a row that has no value in the columns which the form does not know."""
    columns = tuple(column for column in order.columns if column is not None)
    return ColumnOrder(columns, order.score, order.printed, width=order.width)

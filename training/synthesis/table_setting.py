"""Where rules, tints and widths of a table go, whatever kind of document it is written in."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from training.synthesis.grid import count_columns, count_rows
from training.synthesis.printed import PrintedBlock, PrintedCell, PrintedTable

TALL_ROWS = 5  # a label over so many rows stands upright
DIGIT, BLANK_CELL, LONGEST = 0.55, 1.5, 13.0  # widths in ems
LEVELS = tuple(range(0x58, 0xF8, 0x17))  # of red, green and blue of the colours that mark cells


@dataclass(frozen=True, slots=True)
class Line:
    """A rule: solid, double, dotted, dashed or none; width in points; a hex RGB."""

    kind: str = "solid"
    width: float = 0.5
    color: str = "000000"


NO_LINE = Line("none", 0.0)


@dataclass(frozen=True, slots=True)
class Ruling:
    """The rules of a table: its four sides, those between rows (`across`) and columns (`down`), and under the heads."""

    top: Line
    left: Line
    bottom: Line
    right: Line
    across: Line
    down: Line
    under_heads: Line | None = None


def _frame(outer: Line, inner: Line) -> Ruling:
    return Ruling(outer, outer, outer, outer, inner, inner)


THIN, BOLD = Line(), Line(width=1.0)
GREY = Line(color="BFBFBF")
RULINGS: Mapping[str, Ruling] = {
    "single": _frame(THIN, THIN),
    "bold": _frame(BOLD, BOLD),
    "thick-outer": _frame(Line(width=1.5), THIN),
    "double-outer": _frame(Line("double", 0.5), THIN),
    "double": _frame(Line("double", 0.5), Line("double", 0.5)),
    "dotted": _frame(Line("dotted", 0.5), Line("dotted", 0.5)),
    "dashed": _frame(Line("dashed", 0.5), Line("dashed", 0.5)),
    "grey": _frame(GREY, GREY),
    "horizontal": Ruling(THIN, NO_LINE, THIN, NO_LINE, THIN, NO_LINE),
    "three-line": Ruling(Line(width=1.5), NO_LINE, Line(width=1.5), NO_LINE, NO_LINE, NO_LINE, Line(width=0.75)),
    "open-sides": Ruling(BOLD, NO_LINE, BOLD, NO_LINE, THIN, THIN),
    "none": _frame(NO_LINE, NO_LINE),
}


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What a writer needs of a table beside its cells: heading rows and where the values begin."""

    rows: int
    columns: int
    heads: int
    value_rows: frozenset[int]
    first_value: int


def plan_table(table: PrintedTable) -> TablePlan:
    """Measure a table; one that holds no field has one heading row and values everywhere but in its first column."""
    rows = frozenset(cell.row for cell in table.cells if cell.field_id is not None)
    first = min((cell.column for cell in table.cells if cell.field_id is not None), default=1)
    return TablePlan(count_rows(table), count_columns(table), min(rows, default=1), rows, first)


def is_tall(cell: PrintedCell) -> bool:
    """Whether a label runs down the side of many rows."""
    tall = cell.row_end - cell.row >= TALL_ROWS and cell.column_end - cell.column == 1
    return tall and cell.field_id is None and len(cell.text.strip()) >= 4


def is_row_label(cell: PrintedCell, plan: TablePlan) -> bool:
    """Whether a label stands left of values."""
    return (
        cell.field_id is None
        and cell.column < plan.first_value
        and bool(plan.value_rows & set(range(cell.row, cell.row_end)))
    )


def is_tinted(cell: PrintedCell, plan: TablePlan, shading: str) -> bool:
    """Whether a kind of shading tints the cell."""
    if shading == "heads":
        return cell.row < plan.heads and cell.field_id is None
    if shading == "groups":
        return cell.field_id is None and cell.column_end - cell.column == plan.columns
    if shading == "zebra":
        return cell.row >= plan.heads and cell.row % 2 == 1 and cell.row_end == cell.row + 1
    return shading == "all-labels" and cell.field_id is None


def share_columns(table: PrintedTable, rng: random.Random, *, width: float, equal: bool = False) -> tuple[float, ...]:
    """The widths of the columns in ems, together `width` ems: what the labels and values of each column ask for.

    Values get the room they need as long as there is any; labels give way and wrap.
    """
    plan = plan_table(table)
    if equal or not plan.columns:
        return (width / max(plan.columns, 1),) * plan.columns
    least = [BLANK_CELL] * plan.columns
    wished = [BLANK_CELL] * plan.columns
    for cell in table.cells:
        if cell.column_end - cell.column > 1:
            continue
        low, high = _ask(cell, plan)
        least[cell.column] = max(least[cell.column], low)
        wished[cell.column] = max(wished[cell.column], high)
    wished = [wish * rng.uniform(0.9, 1.15) for wish in wished]
    wished = [max(wish, low) for wish, low in zip(wished, least, strict=True)]
    room, slack = width - sum(least), sum(wished) - sum(least)
    if room <= 0 or slack <= 0:
        return tuple(low * width / sum(least) for low in least)
    if slack >= room:
        return tuple(low + (wish - low) * room / slack for low, wish in zip(least, wished, strict=True))
    return tuple(wish * width / sum(wished) for wish in wished)


def _ask(cell: PrintedCell, plan: TablePlan) -> tuple[float, float]:
    """The least width of a cell and the width it would like, in ems."""
    length = max((_measure(line) for line in cell.text.split("\n")), default=0.0)
    if cell.field_id is not None:
        return length + 0.8, length + 1.4
    if is_tall(cell):
        return 1.3, 1.8
    if is_row_label(cell, plan):
        return min(length, 3.0) + 0.4, min(length, LONGEST) + 0.6
    return min(length, 2.0) + 0.4, min(length, 4.5) + 0.4


def _measure(text: str) -> float:
    return sum(DIGIT if char.isascii() else 1.0 for char in text)


def mark_colors(blocks: Iterable[PrintedBlock]) -> dict[str, str]:
    """A colour of its own, a hex RGB, for every field that is printed: by these a converted page shows its cells."""
    fields: list[str] = []
    for block in blocks:
        if isinstance(block, PrintedTable):
            fields += [cell.field_id for cell in block.cells if cell.field_id is not None]
    colors = [f"{red:02X}{green:02X}{blue:02X}" for red in LEVELS for green in LEVELS for blue in LEVELS]
    distinct = list(dict.fromkeys(fields))
    if len(distinct) > len(colors):
        raise ValueError(f"{len(distinct)} fields, but only {len(colors)} colours to mark them with")
    return dict(zip(distinct, _spread(colors, len(distinct)), strict=True))


def _spread(colors: Sequence[str], count: int) -> list[str]:
    """Colours far apart in the list, so that neighbours on the page differ to the eye too."""
    return [colors[place * 101 % len(colors)] for place in range(count)]

"""Values of a form on scans that stand in a line of their own: in the middle of a label of two lines, without rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from extraction.forms import Match
from extraction.rows import PrintedRow, find_page
from extraction.tables.page_table import UNRULED, find_centre
from models.document import Cell, Table
from models.numbers import prints_value

MIN_VALUES = 2  # beside one another, that are those of a row
NEAR = 0.95  # of the height of a label, from its middle to that of its values


def join_values(
    tables: Sequence[Table], rows: Sequence[PrintedRow], matches: Sequence[Match], pages: Collection[int]
) -> tuple[Table, ...]:
    """The tables with the values of lines that no row of a form claims in the row without values right beside them.

    They are as many as the row has columns; where those above and those below may be a row's, neither is.
    """
    claimed = {row.printed for match in matches for row in match.rows}
    moved: dict[int, list[tuple[PrintedRow, PrintedRow]]] = {}
    for match in matches:
        for one in match.rows:
            own = rows[one.printed]
            ruled = tables[own.table].layout != UNRULED
            if ruled or _list_values(own) or find_page(own) not in pages:
                continue
            beside = [
                number
                for number in (one.printed - 1, one.printed + 1)
                if 0 <= number < len(rows) and number not in claimed and rows[number].table == own.table
                if len(_list_values(rows[number])) == len(one.columns) >= MIN_VALUES and _is_near(own, rows[number])
            ]
            if len(beside) == 1:
                claimed.update(beside)
                moved.setdefault(own.table, []).append((own, rows[beside[0]]))
    return tuple(_move_values(table, moved.get(number, ())) for number, table in enumerate(tables))


def _list_values(row: PrintedRow) -> list[Cell]:
    return [cell for cell in row.fields if prints_value(cell.text)]


def _is_near(row: PrintedRow, values: PrintedRow) -> bool:
    """Whether values stand nearer to the line of a label than lines do to one another."""
    labels = [cell.box for cell in row.labels[-1:] if cell.box is not None and cell.row == row.row]
    boxes = [cell.box for cell in _list_values(values) if cell.box is not None]
    if not labels or not boxes:
        return False
    _, top, _, bottom = labels[0]
    return all(abs(find_centre(box)[1] - (top + bottom) / 2) < NEAR * (bottom - top) for box in boxes)


def _move_values(table: Table, moved: Sequence[tuple[PrintedRow, PrintedRow]]) -> Table:
    """A table with the values of some rows in others, in the place of what these have there."""
    if not moved:
        return table
    placed: list[Cell] = []
    dropped: list[Cell] = []
    for own, values in moved:
        dropped += [*own.fields, *values.fields]
        placed += [replace(cell, row=own.row, row_end=own.row + 1) for cell in values.fields]
    cells = [cell for cell in table.cells if not any(cell is other for other in dropped)]
    return replace(table, cells=tuple(sorted([*cells, *placed], key=lambda cell: (cell.row, cell.column))))

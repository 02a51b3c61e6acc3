"""What happens to the labels of a table before it is printed: their characters, and rows or fields they break over."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import replace

from training.synthesis import chances
from training.synthesis.noise import NoiseMix, change_label, change_script
from training.synthesis.printed import PrintedCell, PrintedTable

_ORDINAL = re.compile(r"^([一二三四五六七八九十]+、)\s*(\S.*)$", re.DOTALL)
CUT_LENGTH = 3


def change_table(table: PrintedTable, mix: NoiseMix, rng: random.Random) -> PrintedTable:
    """The table with its labels as the page has them; values change only with the script of the whole page."""
    changed = PrintedTable(tuple(_change_cell(cell, mix, rng) for cell in _cut_labels(table, mix, rng)), table.form_id)
    if "label-fields" in mix and rng.random() < chances.LABEL_FIELD_BREAK:
        changed = break_over_fields(changed)
    if "label-rows" in mix and rng.random() < chances.LABEL_ROW_BREAK:
        changed = break_over_rows(changed, rng)
    return changed


def break_over_fields(table: PrintedTable) -> PrintedTable:
    """Labels merged over several columns fall apart into number and wording: `一、` beside `本年新收…`."""
    cells: list[PrintedCell] = []
    for cell in table.cells:
        match = _ORDINAL.match(cell.text)
        if cell.field_id is None and match and cell.column_end - cell.column > 1 and cell.row_end - cell.row == 1:
            cells.append(replace(cell, text=match[1], column_end=cell.column + 1))
            cells.append(replace(cell, text=match[2], column=cell.column + 1))
        else:
            cells.append(cell)
    return PrintedTable(tuple(cells), table.form_id)


def break_over_rows(table: PrintedTable, rng: random.Random) -> PrintedTable:
    """The last halves of the labels of one row fall into a row of their own: `商业` above `企业`."""
    rows = sorted({cell.row for cell in table.cells if _is_breakable(cell)})
    if not rows:
        return table
    headings = [row for row in rows if not any(cell.field_id and cell.row == row for cell in table.cells)]
    row = rng.choice(headings if headings and rng.random() < 0.7 else rows)
    values = any(cell.field_id for cell in table.cells if cell.row == row)
    cells: list[PrintedCell] = []
    for cell in table.cells:
        if cell.row > row:
            cells.append(replace(cell, row=cell.row + 1, row_end=cell.row_end + 1))
        elif cell.row_end <= row:
            cells.append(cell)
        elif cell.row == row and _is_breakable(cell):
            first, second = _halve(cell.text)
            cells.append(replace(cell, text=first))
            cells.append(replace(cell, text=second, row=row + 1, row_end=row + 2))
        elif values and cell.row == row and cell.row_end == row + 1:
            cells.append(cell)
            cells.append(PrintedCell("", row + 1, cell.column, row + 2, cell.column_end))
        else:
            cells.append(replace(cell, row_end=cell.row_end + 1))
    return PrintedTable(tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))), table.form_id)


def _change_cell(cell: PrintedCell, mix: NoiseMix, rng: random.Random) -> PrintedCell:
    if cell.field_id is not None:
        return replace(cell, text=change_script(cell.text, NoiseMix(mix.names - {"pinyin"}), rng))
    return replace(cell, text=change_script(change_label(cell.text, mix, rng), mix, rng))


def _cut_labels(table: PrintedTable, mix: NoiseMix, rng: random.Random) -> Iterable[PrintedCell]:
    """Column headings that lost their end: `本年新` for `本年新制作数量`."""
    if "cut-labels" not in mix or rng.random() >= chances.LABEL_CUT:
        return table.cells
    with_values = {cell.row for cell in table.cells if cell.field_id}
    return [
        replace(cell, text=cell.text[:CUT_LENGTH])
        if cell.field_id is None
        and cell.row not in with_values
        and cell.text.startswith(("本年新", "本年制", "本年废"))
        else cell
        for cell in table.cells
    ]


def _is_breakable(cell: PrintedCell) -> bool:
    plain = cell.text.replace("\n", "")
    return cell.field_id is None and cell.row_end == cell.row + 1 and len(plain) >= 4 and "条第" not in plain


def _halve(text: str) -> tuple[str, str]:
    first, _, second = text.partition("\n")
    if second:
        return first, second.replace("\n", "")
    middle = len(text) // 2
    return text[:middle], text[middle:]

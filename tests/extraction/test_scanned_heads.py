"""Which cells of a scanned table are read on their own: not the empty ones beside headings."""

from __future__ import annotations

import numpy as np

from extraction.pictures.packing import pack_pixels
from extraction.scanned_cells import read_scanned_tables
from models.document import Cell, Evidence, Table
from models.picture import Placement, ScannedPage

WIDTH, HEIGHT = 60, 24  # of a cell, points


def read_table(*lines: str) -> Table:
    """A table on a blank page, with its cells read."""
    cells = []
    for r, line in enumerate(lines):
        for c, text in enumerate(line.split("|")):
            box = (float(WIDTH * c), float(HEIGHT * r), float(WIDTH * (c + 1)), float(HEIGHT * (r + 1)))
            cells.append(Cell(text, r, c, r + 1, c + 1, Evidence(page=1, bbox=box), box=box))
    grey = np.full((400, 600), 255, np.uint8)
    page = ScannedPage(1, pack_pixels(grey), b"", 1.0, Placement(np.eye(3), 1.0, (600, 400)), (), 0.0, 1.0, 0.0)
    (table,) = read_scanned_tables([Table(tuple(cells), "unruled")], [page], wanted={0})
    return table


def list_read(table: Table) -> set[tuple[int, int]]:
    return {(cell.row, cell.column) for cell in table.cells if cell.seen is not None}


def test_empty_cells_beside_headings_hold_no_number() -> None:
    table = read_table("行政复议||行政诉讼|", "结果维持|结果纠正||总计", "0||0|0")
    assert {row for row, _ in list_read(table)} == {2}


def test_empty_cells_of_the_first_row_are_read_though_its_digits_were_lost() -> None:
    table = read_table("|自然人|总计", "本年新收申请数量||", "上年结转申请数量|0|2")
    assert list_read(table) == {(1, 1), (1, 2), (2, 1), (2, 2)}


def test_without_any_number_every_empty_cell_is_read() -> None:
    table = read_table("|自然人|总计", "本年新收申请数量||")
    assert list_read(table) == {(0, 0), (1, 1), (1, 2)}

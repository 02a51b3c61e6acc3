"""Grids of scans whose outer wall was not seen: the labels beyond it are a column, other print is not."""

from __future__ import annotations

from extraction.tables.open_sides import add_label_column
from extraction.tables.page_fill import fill_grid
from extraction.tables.page_table import Grid, Span
from models.page import Character

ROWS, HEIGHT, SIZE = 6, 20.0, 10.0
COLUMNS = (300.0, 350.0, 420.0)


def write(x: float, row: float, text: str) -> list[Character]:
    top = HEIGHT * row + 5
    return [
        Character(sign, (x + SIZE * i, top, x + SIZE * (i + 0.9), top + SIZE), (x + SIZE * i, top + SIZE), SIZE)
        for i, sign in enumerate(text)
    ]


def read(characters: list[Character]) -> list[list[str]]:
    spans = tuple(Span(row, column, row + 1, column + 1) for row in range(ROWS) for column in range(2))
    grid = Grid(COLUMNS, tuple(HEIGHT * row for row in range(ROWS + 1)), spans)
    filling = add_label_column(fill_grid(grid, characters), characters)
    rows: list[list[str]] = [[] for _ in range(ROWS)]
    for span, held in zip(filling.grid.spans, filling.cells, strict=True):
        rows[span.row].append("".join(character.text for character in held))
    return rows


VALUES = [sign for row in range(ROWS) for sign in (*write(310, row, "件"), *write(360, row, str(row)))]


def test_labels_left_of_a_grid_without_labels_are_its_first_column() -> None:
    labels = [sign for row in range(ROWS) for sign in write(100, row, f"申请公开数{row}")]
    rows = read([*VALUES, *labels])
    assert rows == [[f"申请公开数{row}", "件", str(row)] for row in range(ROWS)]


def test_print_that_stands_over_the_edges_of_rows_is_no_column_of_labels() -> None:
    prose = [sign for row in range(ROWS) for sign in write(100, row + 0.5, "年度内未收到申请")]
    assert read([*VALUES, *prose]) == [["件", str(row)] for row in range(ROWS)]


def test_a_remark_beside_one_row_is_no_column_of_labels() -> None:
    assert read([*VALUES, *write(100, 2, "见附件说明")]) == [["件", str(row)] for row in range(ROWS)]


def test_a_grid_with_labels_keeps_its_columns() -> None:
    own = [sign for row in range(ROWS) for sign in write(302, row, "受理申请")]
    margin = [sign for row in range(ROWS) for sign in write(100, row, "旁注的文字")]
    assert all(len(row) == 2 for row in read([*own, *margin]))

"""Rows of forms on scans whose places were not found: parted like the complete rows, or left as they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from extraction.forms import Match, RowMatch
from extraction.rows import find_rows
from extraction.scanned_rows import mend_rows
from models.document import Cell, Evidence, Table
from models.form import load_forms
from models.page import Box
from models.picture import Placement, ScannedPage, SeenCharacter

FORM = load_forms()["requests@2021"]
WIDTH, HEIGHT, LABEL = 40.0, 20.0, 100.0  # points
COLUMNS = 7


def place(row: int, start: int, end: int) -> Box:
    """The box of a row's places, counted from 0 behind the label."""
    return LABEL + WIDTH * start, HEIGHT * row, LABEL + WIDTH * end, HEIGHT * (row + 1)


def make_cell(text: str, row: int, column: int, end: int, box: Box, page: int) -> Cell:
    return Cell(text, row, column, row + 1, end, Evidence(page=page, bbox=box), box=box)


def make_row(row: int, spans: list[tuple[int, int]], *, page: int = 1, text: str = "0") -> list[Cell]:
    label = make_cell("予以公开", row, 0, 1, (0.0, HEIGHT * row, LABEL, HEIGHT * (row + 1)), page)
    values = [make_cell(text, row, 1 + start, 1 + end, place(row, start, end), page) for start, end in spans]
    return [label, *values]


def make_page(number: int, characters: tuple[SeenCharacter, ...] = ()) -> ScannedPage:
    placement = Placement(np.eye(3), 1.0, (500, 500))
    return ScannedPage(number, b"", b"", 1.0, placement, characters, 0.0, 1.0, 0.0)


WHOLE = [(n, n + 1) for n in range(COLUMNS)]


def mend(rows: list[list[Cell]], *pages: ScannedPage) -> tuple[Table, ...]:
    table = Table(tuple(cell for row in rows for cell in row), "ruled")
    printed = find_rows([table])
    matched = tuple(RowMatch(n, 0, n, 1.0, 0.0, 1.0, tuple(range(COLUMNS))) for n in range(len(rows)))
    match = Match(FORM, matched, 1.0, 0.0, 0, 0)
    return mend_rows([table], printed, [match], {page.number: page for page in pages or (make_page(1),)})


def list_row(table: Table, row: int) -> list[Cell]:
    return sorted((c for c in table.cells if c.row == row and c.column > 0), key=lambda c: c.column)


def test_cells_without_the_wall_between_them_are_parted_where_other_rows_are() -> None:
    (table,) = mend([make_row(0, WHOLE), make_row(1, WHOLE), make_row(2, [(0, 1), (1, 3), *WHOLE[3:]])])
    parted = list_row(table, 2)
    assert [cell.box for cell in parted] == [place(2, *span) for span in WHOLE]
    assert all(cell.mended for cell in parted)
    assert not any(cell.mended for cell in list_row(table, 0))


def test_a_mended_row_has_the_characters_of_the_page_in_their_places() -> None:
    seven = SeenCharacter("7", (LABEL + 2 * WIDTH + 10, 2 * HEIGHT + 5, LABEL + 2 * WIDTH + 16, 2 * HEIGHT + 15), 0.9)
    rows = [make_row(0, WHOLE), make_row(1, WHOLE), make_row(2, [(0, 7)], text="0|7|0")]
    (table,) = mend(rows, make_page(1, (seven,)))
    assert [cell.text for cell in list_row(table, 2)] == ["", "", "7", "", "", "", ""]


def test_one_number_over_several_columns_stays_in_one_cell() -> None:
    (table,) = mend([make_row(0, WHOLE), make_row(1, WHOLE), make_row(2, [(0, 7)])])
    assert [cell.text for cell in list_row(table, 2)] == ["0"]


def test_columns_stand_where_those_of_the_nearest_rows_of_the_same_table_do() -> None:
    def shift(cells: list[Cell], step: float) -> list[Cell]:
        boxes = [cell.box for cell in cells if cell.box is not None]
        return [
            replace(cell, box=(left + step, top, right + step, bottom))
            for cell, (left, top, right, bottom) in zip(cells, boxes, strict=True)
        ]

    leaning = [shift(make_row(row, WHOLE), 3.0 * row) for row in range(20)]
    leaning[19] = shift(make_row(19, [*WHOLE[:2], (2, 4), *WHOLE[4:]], text="0|0"), 57.0)
    (table,) = mend(leaning)
    boxes = [cell.box for cell in list_row(table, 19) if cell.box is not None]
    moved = [box[0] - place(19, *span)[0] for box, span in zip(boxes, WHOLE, strict=True)]
    assert all(45 < step <= 57 for step in moved)  # the rows of the whole page are moved by 28 in the middle


def test_a_row_without_any_place_gets_them_from_its_label() -> None:
    (table,) = mend([make_row(0, WHOLE), make_row(1, WHOLE), make_row(2, [])])
    assert [cell.box for cell in list_row(table, 2)] == [place(2, *span) for span in WHOLE]


def test_rows_with_a_place_in_every_column_stay_as_they_are() -> None:
    rows = [make_row(n, WHOLE) for n in range(3)]
    assert mend(rows)[0].cells == tuple(cell for row in rows for cell in row)


def test_a_number_behind_the_last_column_keeps_its_row_as_it_is() -> None:
    rows = [make_row(0, WHOLE), make_row(1, WHOLE), make_row(2, [*WHOLE[1:], (7, 8)])]
    rows.append(make_row(3, [(0, 1), (8, 9)]))
    (table,) = mend(rows)
    assert not any(cell.mended for cell in list_row(table, 3))


def test_one_complete_row_does_not_tell_where_the_columns_are() -> None:
    (table,) = mend([make_row(0, WHOLE), make_row(1, [(0, 3)]), make_row(2, [(2, 5)])])
    assert not any(cell.mended for cell in table.cells)


def test_a_lone_row_on_the_next_page_is_parted_like_the_rows_before_it() -> None:
    rows = [make_row(0, WHOLE), make_row(1, WHOLE), make_row(2, [*WHOLE[:3], (3, 6), (6, 7)], page=2)]
    (table,) = mend(rows, make_page(1), make_page(2))
    assert [cell.box for cell in list_row(table, 2)] == [place(2, *span) for span in WHOLE]


def test_pages_with_a_text_layer_are_not_mended() -> None:
    rows = [make_row(0, WHOLE), make_row(1, WHOLE), make_row(2, [(0, 7)])]
    (table,) = mend(rows, make_page(5))
    assert not any(cell.mended for cell in table.cells)


DISPUTES = load_forms()["disputes@2019"]


def claim(texts: list[str]) -> list[Cell]:
    """The cells of a row without a label of its own, one beside another, after rows were mended."""
    cells = [make_cell(text, 0, n, n + 1, place(0, n, n + 1), 1) for n, text in enumerate(texts)]
    table = Table(tuple(cells), "ruled")
    matched = RowMatch(0, 0, 0, 1.0, 0.0, 1.0, tuple(range(15)))
    match = Match(DISPUTES, (matched,), 1.0, 0.0, 0, 0)
    (mended,) = mend_rows([table], find_rows([table]), [match], {1: make_page(1)})
    return [cell for cell in mended.cells if cell.mended]


def test_cells_of_a_whole_row_under_a_stamp_are_places_of_numbers() -> None:
    assert [cell.text for cell in claim(["0十字", "关区", *"0000000000000"])] == ["0十字", "关区"]


def test_the_name_of_a_row_stays_its_label() -> None:
    assert [cell.text for cell in claim(["数量", "关区", *"00000000000000"])] == ["关区"]


def test_a_row_with_other_places_than_columns_is_left_as_it_is() -> None:
    assert claim(["关区", *"0000000000"]) == []


def test_a_row_of_headings_is_not_taken_for_numbers() -> None:
    assert claim(["结果维持"] * 15) == []


def part(spans: list[tuple[int, int]], characters: tuple[SeenCharacter, ...] = ()) -> list[Cell]:
    """The cells of the only row of a table below a heading over its last column, after rows were mended."""
    heading = make_cell("总计", 0, len(spans) - 1, len(spans), place(0, 14, 15), 1)
    values = [make_cell("0", 1, n, n + 1, place(1, *span), 1) for n, span in enumerate(spans)]
    table = Table((heading, *values), "ruled")
    matched = RowMatch(1, 0, 0, 1.0, 0.0, 1.0, tuple(range(15)))
    match = Match(DISPUTES, (matched,), 1.0, 0.0, 0, 0)
    (mended,) = mend_rows([table], find_rows([table]), [match], {1: make_page(1, characters)})
    return list(mended.cells)


LACKING = [*((n, n + 1) for n in range(4)), (4, 6), *((n, n + 1) for n in range(6, 15))]


def print_at(text: str, place: float) -> SeenCharacter:
    x = LABEL + WIDTH * place
    return SeenCharacter(text, (x - 3, HEIGHT + 5, x + 3, HEIGHT + 15), 1.0)


def test_a_cell_twice_as_wide_is_two_where_a_lone_row_lacks_one() -> None:
    heading, *cells = part(LACKING, (print_at("7", 4.8), print_at("0", 5.8)))
    assert [cell.box for cell in cells] == [place(1, n, n + 1) for n in range(15)]
    assert [cell.text for cell in cells[4:6]] == ["7", "0"]
    assert heading.column == cells[-1].column == 14  # the heading stays over its column


def test_a_number_where_a_wall_would_be_stays_whole() -> None:
    for printed in ((print_at("7", 5.0),), (print_at("1", 4.92), print_at("2", 5.08)), (print_at("1", 5.0),) * 2):
        assert len(part(LACKING, printed)) == 15


def make_torn(row: int, places: list[int], values: str) -> list[Cell]:
    """A row with a label and a cell in each place of a grid of both parts of a torn table, most of them empty."""
    texts = dict(zip(places, values, strict=True))
    label = make_cell("予以公开", row, 0, 1, (0.0, HEIGHT * row, LABEL, HEIGHT * (row + 1)), 1)
    cells = [make_cell(texts.get(n, ""), row, 1 + n, 2 + n, place(row, n, n + 1), 1) for n in range(2 * COLUMNS)]
    return [label, *cells]


UPPER, LOWER = list(range(0, 14, 2)), [6, 7, 8, 9, 10, 11, 13]


def test_parts_of_a_torn_table_keep_columns_of_their_own() -> None:
    upper = [make_torn(row, UPPER, "1000002") for row in range(4)]
    (table,) = mend([*upper, *(make_torn(row, LOWER, "3000004") for row in range(4, 8))])
    for row, values in ((0, "1000002"), (7, "3000004")):
        assert [cell.text for cell in list_row(table, row)] == list(values)


def test_a_row_is_not_parted_where_numbers_of_it_would_be_joined() -> None:
    cells = [make_cell(text, 2, 1 + n, 2 + n, place_half(n), 1) for n, text in enumerate("102030")]
    (table,) = mend([make_row(0, WHOLE), make_row(1, WHOLE), [*make_row(2, []), *cells]])
    assert [cell.text for cell in list_row(table, 2)] == list("102030")


def place_half(n: int) -> Box:
    """The box of the half of a column of the third row."""
    return LABEL + WIDTH / 2 * n, 2 * HEIGHT, LABEL + WIDTH / 2 * (n + 1), 3 * HEIGHT

"""Grids of scans whose rules were lost, repaired by the print in them."""

from __future__ import annotations

from extraction.tables.page_fill import Filling, fill_grid
from extraction.tables.page_table import Grid, Span
from extraction.tables.repaired_rows import part_rows
from extraction.tables.stacked_rows import part_stacked_labels, part_stacked_rows
from tests.extraction.filled_grids import COLUMNS, HEIGHT, VALUES, WHOLE, WIDTH, list_texts, make_filling, put, put_row


def test_a_row_without_walls_is_parted_where_those_of_the_others_are() -> None:
    rows = [WHOLE, WHOLE, {0: COLUMNS}, WHOLE]
    characters = [c for r in range(4) for c in put_row(["规章", *VALUES], r)]
    parted = part_rows(make_filling(rows, characters))
    assert list_texts(parted) == [["规章", *VALUES]] * 4


def test_a_single_number_beside_its_label_is_parted_where_the_row_has_others() -> None:
    rows = [WHOLE, WHOLE, {0: 2, 2: 3, 3: 4, 4: 5}, WHOLE]
    characters = [c for r in range(4) for c in put_row(["规章", *VALUES], r)]
    assert list_texts(part_rows(make_filling(rows, characters)))[2] == ["规章", *VALUES]


def test_a_heading_over_all_columns_stays_one_cell() -> None:
    rows = [{0: COLUMNS}, WHOLE, WHOLE, WHOLE]
    heading = put("第二十条第一项的信息", 1, 5)
    characters = [*heading, *(c for r in (1, 2, 3) for c in put_row(["规章", *VALUES], r))]
    assert list_texts(part_rows(make_filling(rows, characters)))[0] == ["第二十条第一项的信息"]


def test_a_sentence_with_a_number_in_it_stays_one_cell() -> None:
    rows = [WHOLE, WHOLE, WHOLE, {0: COLUMNS}]
    characters = [c for r in range(3) for c in put_row(["规章", *VALUES], r)]
    characters += [*put("共受理", 0, 65), *put("12", 1, 65), *put("件申请", 2, 65)]
    assert list_texts(part_rows(make_filling(rows, characters)))[3] == ["共受理12件申请"]


def test_two_rows_without_the_rule_between_are_two() -> None:
    rows = [WHOLE, WHOLE]
    characters = [*put_row(["一、新收", *VALUES], 0), *put_row(["二、结转", *VALUES], 1)]
    upper = [c for text, n in zip(("一、甲", "5", "6", "0", "11"), range(5), strict=True) for c in put(text, n, 41)]
    lower = [c for text, n in zip(("二、乙", "7", "8", "1", "16"), range(5), strict=True) for c in put(text, n, 52)]
    filling = make_filling([*rows, WHOLE], [*characters, *upper, *lower])
    parted = part_stacked_rows(filling)
    assert list_texts(parted)[2:] == [["一、甲", "5", "6", "0", "11"], ["二、乙", "7", "8", "1", "16"]]
    assert len(parted.grid.rows) == 5


def test_the_second_row_begins_where_its_label_does() -> None:
    long_label = [c for n, part in enumerate(("二、部分", "公开的", "申请")) for c in put(part, 0, 52 + 12 * n)]
    upper = [*put("一、甲", 0, 40), *(c for n in range(1, 5) for c in put("1", n, 40))]
    lower = [*long_label, *(c for n in range(1, 5) for c in put("0", n, 64))]
    grid = Grid(
        tuple(WIDTH * n for n in range(6)),
        (0.0, 38.0, 90.0),
        tuple(Span(r, n, r + 1, n + 1) for r in (0, 1) for n in range(5)),
    )
    parted = part_stacked_rows(fill_grid(grid, [*put_row(["规章", *VALUES], 0), *upper, *lower]))
    assert list_texts(parted)[1:] == [["一、甲", *"1111"], ["二、部分公开的申请", *"0000"]]


def test_labels_of_two_lines_are_no_two_rows() -> None:
    characters = [*put("行政许", 0, 2), *put("可", 0, 12), *(c for n in range(1, 5) for c in put("4", n, 7))]
    filling = make_filling([WHOLE], characters)
    assert part_stacked_rows(filling) == filling


def test_one_cell_with_two_numbers_is_no_two_rows() -> None:
    characters = [*put_row(["规章", "1", "2", "3", ""], 0), *put("4", 4, 1), *put("5", 4, 11)]
    filling = make_filling([WHOLE], characters)
    assert part_stacked_rows(filling) == filling


def test_units_one_above_another_tell_two_rows_with_their_numbers() -> None:
    upper = [c for text, n in zip(("1.当面", "件", "14"), (0, 1, 4), strict=True) for c in put(text, n, 2)]
    lower = [c for text, n in zip(("2.传真", "件", "15"), (0, 1, 4), strict=True) for c in put(text, n, 13)]
    parted = part_stacked_rows(make_filling([WHOLE], [*upper, *lower]))
    assert list_texts(parted) == [["1.当面", "件", "", "", "14"], ["2.传真", "件", "", "", "15"]]


def test_a_cell_with_numbers_on_both_sides_of_an_edge_of_its_row_is_two() -> None:
    spans = (Span(0, 0, 2, 1), *(Span(r, n, r + 1, n + 1) for r in (0, 1) for n in range(1, 5)))
    grid = Grid(tuple(WIDTH * n for n in range(6)), (0.0, 20.0, 40.0), spans)
    numbers = [*put("14", 0, 5), *put("15", 0, 25)]
    parted = part_stacked_rows(fill_grid(grid, [*numbers, *put("次", 1, 5), *put("次", 1, 25)]))
    assert list_texts(parted) == [["14", "次", "", "", ""], ["15", "次", "", "", ""]]


def make_joined(upper: str, lower: str) -> Filling:
    """Two rows of numbers beside one cell with two lines of labels."""
    spans = [Span(0, 0, 2, 1), *(Span(r, n, r + 1, n + 1) for r in range(2) for n in range(1, COLUMNS))]
    characters = [c for r, label in enumerate((upper, lower)) for c in put_row([label, *VALUES], r)]
    columns = tuple(WIDTH * n for n in range(COLUMNS + 1))
    return fill_grid(Grid(columns, (0.0, HEIGHT, 2 * HEIGHT), tuple(spans)), characters)


def test_a_label_with_an_ordinal_below_another_belongs_to_the_row_beside_it() -> None:
    parted = part_stacked_labels(make_joined("3.重复", "4.其他"))
    assert list_texts(parted) == [["3.重复", *VALUES], ["4.其他", *VALUES]]


def test_a_label_that_goes_on_in_a_second_line_stays_one() -> None:
    parted = part_stacked_labels(make_joined("3.重复", "申请件"))
    assert list_texts(parted)[0][0] == "3.重复申请件"


def test_a_heading_of_a_group_over_several_rows_stays_one() -> None:
    parted = part_stacked_labels(make_joined("本年", "结果"))
    assert list_texts(parted)[0][0] == "本年结果"

"""Headings of a page without ruling: joined, broken over lines, in another order than the form's, or cut off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extraction.heading_parts import part_joined
from extraction.headings import ColumnOrder, find_column_orders
from extraction.labels import LabelMatcher
from models.document import Cell, Evidence
from models.form import load_forms

BLOCK = load_forms()["requests@2021"].blocks[0]
STEP = 30.0  # points, of a column


def place(text: str, row: int, column: int, end: int) -> Cell:
    box = (STEP * column, 12.0 * row, STEP * end, 12.0 * row + 10)
    return Cell(text, row, column, row + 1, end, Evidence(page=1), box=box)


def read_orders(labels: LabelMatcher, cells: Sequence[Cell], *, regular: bool = True) -> tuple[ColumnOrder, ...]:
    return find_column_orders(cells, BLOCK, labels, regular=regular)


def test_headings_read_as_one_over_two_columns_stand_each_over_its_own() -> None:
    parts = part_joined([place("科研机构商业企业", 1, 2, 4)], BLOCK.columns)
    assert [(cell.text, cell.column, cell.column_end) for cell in parts] == [("科研机构", 2, 3), ("商业企业", 3, 4)]
    assert [cell.box for cell in parts] == [(60.0, 12.0, 90.0, 22.0), (90.0, 12.0, 120.0, 22.0)]


def test_what_is_more_than_headings_or_stands_over_another_number_of_columns_is_left_whole() -> None:
    for cell in (place("科研机构商业企业等", 1, 2, 4), place("科研机构商业企业", 1, 2, 3), place("总计", 1, 2, 4)):
        assert part_joined([cell], BLOCK.columns) == [cell]


def test_joined_and_broken_headings_tell_in_which_order_columns_stand(labels: LabelMatcher) -> None:
    words = [("自然人", 0, 1), ("总计", 1, 2), ("社会公益组", 2, 3), ("商业企业科研机构", 3, 5), ("法律服务", 5, 6)]
    cells = [place(text, 1, start, end) for text, start, end in [*words, ("其他", 6, 7)]]
    cells += [place("织", 2, 2, 3), place("机构", 2, 5, 6)]
    order = read_orders(labels, cells)[0]
    assert (order.columns, order.printed, order.doubtful) == ((0, 6, 3, 1, 2, 4, 5), True, False)


def test_headings_of_a_table_that_the_page_cuts_are_followed_from_left_to_right_and_never_trusted(
    labels: LabelMatcher,
) -> None:
    lines = [("法人或其他组织", 0, 4, 5), ("总计", 1, 1, 2), ("商业企业", 2, 2, 3), ("科研机构", 2, 3, 4)]
    cells = [place(*word) for word in [*lines, ("社会公益组织", 2, 4, 5)]]
    (order,) = read_orders(labels, cells)
    assert (order.columns, order.printed, order.doubtful) == ((6, 1, 2, 3), False, True)


def test_headings_left_of_the_cut_in_the_order_of_the_form_are_not_doubted(labels: LabelMatcher) -> None:
    lines = [("自然人", 1, 1, 2), ("商业企业", 2, 2, 3), ("科研机构", 2, 3, 4), ("社会公益组织", 2, 4, 5)]
    assert not any(order.doubtful for order in read_orders(labels, [place(*word) for word in lines]))


def test_headings_of_one_group_in_another_order_on_several_lines_are_doubted(labels: LabelMatcher) -> None:
    usual = [("自然人", 1, 0, 1), ("商业企业", 2, 1, 2), ("科研机构", 1, 2, 3), ("社会公益组织", 2, 3, 4)]
    usual += [("法律服务机构", 1, 4, 5), ("其他", 2, 5, 6), ("总计", 1, 6, 7)]
    swapped = [("科研机构", 1, 1, 2) if word[0] == "科研机构" else word for word in usual]
    swapped = [("商业企业", 2, 2, 3) if word[0] == "商业企业" else word for word in swapped]

    def is_doubted(words: list[tuple[str, int, int, int]]) -> bool:
        printed = sorted((place(*word) for word in words), key=lambda cell: (cell.row, cell.column))
        cells = [replace(cell, column=0, column_end=1) for cell in printed]  # columns that do not tell
        return any(order.doubtful for order in read_orders(labels, cells, regular=False))

    assert is_doubted(swapped)
    assert not is_doubted(usual)

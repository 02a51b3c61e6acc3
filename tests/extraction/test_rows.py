"""Rows of tables: which cells are labels and which values."""

from __future__ import annotations

import pytest

from extraction.rows import Kind, PrintedRow, find_kind, find_rows
from models.document import Cell, Evidence, Table


def read_row(line: str) -> PrintedRow:
    cells = [Cell(text, 0, c, 1, c + 1, Evidence()) for c, text in enumerate(line.split("|"))]
    (row,) = find_rows([Table(tuple(cells), "tabs")])
    return row


def test_a_remark_behind_values_does_not_make_them_numbers_of_the_row() -> None:
    row = read_row("0|0|3|0|见说明|")
    assert [cell.text for cell in row.fields] == ["0", "0", "3", "0"]
    assert [cell.text for cell in row.trailing] == ["见说明"]


@pytest.mark.parametrize("line", ["2|规范性文件数|条|", "2|规范性文件数|條|", "2|规范性文件数", "2|规范性文件数||"])
def test_the_number_of_a_row_is_no_value_of_it_where_its_value_is_empty(line: str) -> None:
    assert not read_row(line).filled


def test_units_are_units_in_either_script() -> None:
    assert [find_kind(text) for text in ("条", "條", "萬元", "項")] == [Kind.UNIT] * 4


def test_a_unit_and_a_number_on_lines_of_their_own_are_two_cells() -> None:
    row = read_row("其中：主动公开规范性文件数|条\n0")
    assert [cell.text for cell in row.fields] == ["0"]
    assert row.unit == "条"
    assert [cell.text for cell in read_row("数\n量|1").labels] == ["数\n量"]


def read_rows(*lines: str, layout: str = "ruled") -> list[PrintedRow]:
    cells = [
        Cell(text, r, c, r + 1, c + 1, Evidence())
        for r, line in enumerate(lines)
        for c, text in enumerate(line.split("|"))
    ]
    return find_rows([Table(tuple(cells), layout)])


def test_headings_of_which_one_reads_as_a_number_stand_over_the_row_below() -> None:
    *_, values = read_rows("结果维持|结果纠正|其他结果|4|总计", "0|0|0|0|0")
    assert [cell.text for cell in values.above] == ["结果维持", "结果纠正", "其他结果", "总计"]


def test_a_row_with_numbers_beside_its_labels_heads_nothing() -> None:
    *_, values = read_rows("三、本年度办理结果|（一）予以公开|1|0|1", "（二）部分公开|0|0|0|0")
    assert values.above == ()


def test_a_numeral_over_several_rows_is_the_rest_of_a_label_and_no_value() -> None:
    cells = [Cell("三", 0, 0, 2, 1, Evidence())]
    for row in range(2):
        cells += [Cell(text, row, c, row + 1, c + 1, Evidence()) for c, text in enumerate(["国家秘密", "0", "7"], 1)]
    _, below = find_rows([Table(tuple(cells), "ruled")])
    assert [cell.text for cell in below.fields] == ["0", "7"]

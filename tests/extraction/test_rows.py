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


def test_the_number_of_a_row_between_the_two_lines_of_its_label_is_no_value_of_it() -> None:
    numbered = [
        "11|二、回应解读情况|/",
        "（一）回应公众关注热点或",
        "12|次",
        "重大舆情数",
        "13|（二）不同渠道|/",
        "14|发布会|次|3",
    ]
    rows = read_rows(*numbered, layout="blanks")
    assert [cell.text for row in rows for cell in row.filled] == ["/", "/", "3"]
    last = read_rows(
        "1|机构数|个|2", "2|人员数|人|5", "3|经费|万元|4", "（维护等方面的", "4|万元", "经费）", layout="blanks"
    )
    assert not last[4].filled


@pytest.mark.parametrize("value", ["12", "7", "40"])
def test_a_value_below_a_label_with_its_number_stays(value: str) -> None:
    rows = read_rows("11|公报|条|2", "12|（一）回应公众关注热点数", f"{value}|次", "13|网站|条|3", layout="blanks")
    assert [cell.text for cell in rows[2].filled] == [value]


def test_a_value_alone_at_the_end_stays_where_it_does_not_go_on_from_the_numbers_of_rows() -> None:
    rows = read_rows("1|机构数|个|2", "2|人员数|人|5", "3|经费|万元|4", "培训", "8", layout="blanks")
    assert [cell.text for cell in rows[4].filled] == ["8"]


def test_a_misread_unit_among_units_on_a_page_is_no_label() -> None:
    lines = ["公开数|条|636", "文件数|条|17", "公报数|件|3", "网站数|件|2", "（一）信息数|米|636", "合计|单位名称|5"]
    rows = read_rows(*lines)
    assert [[cell.text for cell in row.labels] for row in rows[-2:]] == [["（一）信息数"], ["合计", "单位名称"]]
    assert rows[4].unit == "米"
    assert [cell.text for cell in read_rows(*lines[3:])[1].labels] == ["（一）信息数", "米"]


def test_a_zero_above_the_first_numbered_row_is_a_value() -> None:
    rows = read_rows("0|件", "1|公报|条|2", "2|网站|条|3", "3|微博|条|0", layout="blanks")
    assert [cell.text for cell in rows[0].filled] == ["0"]

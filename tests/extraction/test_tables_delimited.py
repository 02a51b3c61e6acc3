"""Fields parted by commas and the like, and rows between drawn lines."""

from __future__ import annotations

import pytest

from tests.extraction.text_tables import grid, read


@pytest.mark.parametrize("mark", [",", ";", "，", "；"])
def test_a_mark_between_fields_parts_them_and_keeps_empty_ones(mark: str) -> None:
    text = "信息内容,制发,废止,有效\n规章,0,,12\n行政规范性文件,7,1,57\n行政许可,8,,".replace(",", mark)
    (table,) = read(text)
    assert grid(table)[1:] == [["规章", "0", "", "12"], ["行政规范性文件", "7", "1", "57"], ["行政许可", "8", "", ""]]
    assert table.blanks_kept


def test_a_mark_inside_quotes_parts_nothing_and_the_place_is_that_of_the_text() -> None:
    (table,) = read('"部分公开,区分处理",0,3\n规章,1,2\n行政许可,"1,204",5')
    assert grid(table)[0] == ["部分公开,区分处理", "0", "3"]
    assert grid(table)[2] == ["行政许可", "1,204", "5"]
    assert table.cells[0].evidence.span == (1, 10)


def test_one_blank_parts_a_label_from_its_only_value_where_several_lines_do_so() -> None:
    (table,) = read("规章　0　0　3\n行政规范性文件　7　1　57\n行政许可　8\n行政处罚　0")
    assert grid(table)[2:] == [["行政许可", "8"], ["行政处罚", "0"]]
    assert not table.blanks_kept


def test_sentences_with_commas_are_no_rows() -> None:
    text = "2023年,共收到申请5件,办结4件,结转1件\n其中,网络申请3件,信函申请2件\n全年公开信息120条,微信80条"
    assert read(text) == ()


def test_thousands_are_not_parted() -> None:
    (table,) = read("规章\n1,204\n3\n12\n行政规范性文件\n7,331\n1\n57")
    assert grid(table)[0] == ["规章", "1,204", "3", "12"]


def test_lines_between_drawn_ones_are_one_row() -> None:
    text = """
+--------------+----+----+
| 一、本年新收 | 5  | 0  |
| 申请数量     |    |    |
+--------------+----+----+
| 二、上年结转 |    |    |
| 申请数量     | 1  | 0  |
+--------------+----+----+
| 予以公开     | 3  | 0  |
+--------------+----+----+
| 部分公开     | 3  |    |
+--------------+----+----+
"""
    (table,) = read(text)
    assert grid(table) == [
        ["一、本年新收申请数量", "5", "0"],
        ["二、上年结转申请数量", "1", "0"],
        ["予以公开", "3", "0"],
        ["部分公开", "3", ""],
    ]
    assert table.cells[4].evidence.line == 7  # where the 1 is printed


def test_one_line_under_the_heads_parts_no_rows() -> None:
    (table,) = read("| 项目 | 数 |\n| --- | --- |\n| 规章 | 0 |\n| 行政许可 | 3 |\n| 行政处罚 | 1 |")
    assert grid(table)[1:] == [["规章", "0"], ["行政许可", "3"], ["行政处罚", "1"]]


def test_a_colon_parts_a_label_from_its_only_value() -> None:
    (table,) = read("主动公开信息数：120条\n其中：规范性文件数：3件\n网站公开数：88条")
    assert grid(table) == [["主动公开信息数", "120条"], ["其中：规范性文件数", "3件"], ["网站公开数", "88条"]]


def test_a_table_that_lost_its_line_breaks_is_read_by_its_blanks() -> None:
    blocks = "信息内容 本年制发件数 本年废止件数 现行有效件数 规章 0 3 12 行政规范性文件 7 1 57 "
    rest = "信息内容 本年处理决定数量 行政许可 41 行政处罚 9 行政强制 0 信息内容 收费金额 行政事业性收费 0"
    (table,) = read(blocks + rest)
    rows = {row[-4]: row[-3:] for row in grid(table) if len(row) > 3 and row[-1].isdigit()}
    assert rows["行政规范性文件"] == ["7", "1", "57"]
    assert not table.blanks_kept


def test_a_sentence_with_blanks_around_its_numbers_is_no_table() -> None:
    said = "全年公开信息 120 条，其中网站 88 条，微信 20 条，微博 12 条；收到申请 5 件，办结 4 件，结转 1 件，"
    assert (
        read(said + "复议 2 件，诉讼 0 件，收费 0 元，举办发布会 3 场，参加 41 人，培训 6 次，共 300 人次，全部办结。")
        == ()
    )


def test_a_row_further_below_is_cut_by_the_mark_of_the_table() -> None:
    table = "规章,0,3,12\n行政规范性文件,7,1,57\n行政许可,8,,"
    between = "\n".join("各级行政机关应当继续做好政府信息公开的有关工作。" for _ in range(8))
    *_, last = read(f"{table}\n{between}\n（七）总计,23,0,1\n四、结转下年度继续办理,0,0,0")
    assert grid(last) == [["（七）总计", "23", "0", "1"], ["四、结转下年度继续办理", "0", "0", "0"]]


def test_a_form_without_any_value_is_told_by_the_marks_of_its_empty_fields() -> None:
    labels = ["本年新收", "上年结转", "予以公开", "部分公开", "不予公开", "其他处理"]
    (table,) = read(
        "\n".join(["；自然人；商业企业；科研机构；其他；总计", *(f"{label}；；；；；" for label in labels)])
    )
    assert grid(table)[0][1:] == ["自然人", "商业企业", "科研机构", "其他", "总计"]
    assert grid(table)[1:] == [[label, "", "", "", "", ""] for label in labels]

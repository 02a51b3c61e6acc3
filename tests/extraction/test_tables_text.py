from __future__ import annotations

import pytest

from tests.extraction.text_tables import grid, read

LAYOUTS = {
    "tabs": "规章\t0\t3\t12\n行政规范性文件\t7\t1\t57",
    "pipes": "规章 | 0 | 3 | 12 |\n行政规范性文件 | 7 | 1 | 57 |",
    "pipes-both-sides": "| 规章 | 0 | 3 | 12 |\n| 行政规范性文件 | 7 | 1 | 57 |",
    "full-width-pipes": "规章｜0｜3｜12\n行政规范性文件｜7｜1｜57",
    "box-rules": "│规章│0│3│12│\n│行政规范性文件│7│1│57│",
    "blanks": "规章    0    3    12\n行政规范性文件    7    1    57",
    "single-blanks": "规章 0 3 12\n行政规范性文件 7 1 57",
    "full-width-blanks": "规章　0　3　12\n行政规范性文件　7　1　57",
    "cell-lines": "规章\n0\n3\n12\n行政规范性文件\n7\n1\n57",
    "cell-lines-apart": "规章\n\n0\n\n3\n\n12\n\n行政规范性文件\n\n7\n\n1\n\n57",
    "cell-lines-closed": "规章 |\n0 |\n3 |\n12 |\n行政规范性文件 |\n7 |\n1 |\n57 |",
    "pipe-before-row": "|\n规章 |\n0 |\n3 |\n12 |\n|\n行政规范性文件 |\n7 |\n1 |\n57 |",
    "pipe-alone": "规章\n|\n0\n|\n3\n|\n12\n|\n行政规范性文件\n|\n7\n|\n1\n|\n57\n|",
    "pipe-opens-cell": "规章\n| 0\n| 3\n| 12 |\n行政规范性文件\n| 7\n| 1\n| 57 |",
    "markdown": "| 规章 | 0 | 3 | 12 |\n| --- | --- | --- | --- |\n| 行政规范性文件 | 7 | 1 | 57 |",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_rows(layout: str) -> None:
    (table,) = read(LAYOUTS[layout])
    rows = [[text for text in row if text] for row in grid(table)]
    assert [row for row in rows if row] == [["规章", "0", "3", "12"], ["行政规范性文件", "7", "1", "57"]]


def test_an_empty_field_between_tabs_is_kept() -> None:
    (table,) = read("规章\t\t3\t\n行政规范性文件\t7\t1\t57")
    assert grid(table)[0] == ["规章", "", "3", ""]
    assert table.blanks_kept


def test_an_empty_cell_between_lone_pipes_is_kept() -> None:
    (table,) = read("规章\n|\n0\n|\n|\n12\n|\n行政规范性文件\n|\n7\n|\n1\n|\n57\n|")
    assert grid(table)[0] == ["规章", "0", "", "12"]


def test_an_empty_cell_among_lines_apart_is_a_wider_gap() -> None:
    (table,) = read("规章\n\n0\n\n\n\n12\n\n行政规范性文件\n\n7\n\n1\n\n57\n\n行政许可\n\n5")
    assert grid(table)[0] == ["规章", "0", "", "12"]
    assert table.blanks_kept


def test_cells_on_lines_without_a_trace_of_empty_ones_say_so() -> None:
    (table,) = read("规章\n0\n12\n行政规范性文件\n7\n1\n57")
    assert not table.blanks_kept


def test_sentences_part_tables_and_are_in_none() -> None:
    tables = read(
        "规章\t0\t3\t12\n行政规范性文件\t7\t1\t57\n本机关今年继续做好公开工作，主动接受群众监督。\n行政许可\t9\n行政处罚\t8"
    )
    assert [len(table.cells) for table in tables] == [8, 4]


def test_evidence_is_line_and_span() -> None:
    (table,) = read("说明\n规章\t0\t3\t12\n行政规范性文件\t7\t1\t57")
    cell = next(cell for cell in table.cells if cell.text == "12")
    assert (cell.evidence.line, cell.evidence.span) == (2, (7, 9))


def test_prose_alone_is_no_table() -> None:
    assert read("一、总体情况\n2023年，本机关主动公开信息12条。\n二、其他\n无。") == ()


def test_equal_lines_keep_places_of_their_own() -> None:
    (table,) = read("规章\n0\n0\n行政规范性文件\n0\n0")
    zeros = [cell for cell in table.cells if cell.text == "0"]
    assert [(cell.position, cell.evidence.line) for cell in zeros] == [(1, 2), (2, 3), (4, 5), (5, 6)]


def test_a_pipe_that_opens_a_row_is_an_empty_first_cell_where_rows_do_not_open_with_one() -> None:
    (table,) = read("规章 |0 |3 |12 |\n行政规范性文件 |7 |1 |57 |\n行政许可 |2 |2 |4 |\n|7 | |5 |12 |")
    assert grid(table)[3] == ["", "7", "", "5", "12"]
    (framed,) = read("| 规章 | 0 | 3 |\n| 行政许可 | 7 | 1 |\n| 收费 | 2 | 2 |")
    assert grid(framed)[2] == ["收费", "2", "2"]


@pytest.mark.parametrize("separator", ["|", "\t"])
def test_a_row_of_nothing_but_separators_under_headings_is_a_row(separator: str) -> None:
    headings = separator.join(["行政复议", "行政诉讼"]) + "\n" + separator.join(["维持", "纠正", "其他", "总计"])
    (table,) = read(headings + "\n" + separator * 4)
    assert not any(grid(table)[2])
    assert len(grid(table)[2]) >= 4


def test_half_a_label_without_a_pipe_parts_no_table() -> None:
    rows = [f"{label} |\n" + "\n".join(f"{n} |" for n in range(3)) for label in "甲乙丙丁戊己庚辛壬癸子丑"]
    (table,) = read("\n".join([*rows, "本年新收", "申请数量 |\n1 |\n2 |\n3 |", *rows]))
    assert next(row for row in grid(table) if "申请数量" in row)[-3:] == ["1", "2", "3"]


def test_a_pipe_that_opens_every_cell_but_the_first_stands_for_empty_ones_too() -> None:
    (table,) = read("规章\n| 3\n|\n|\n| 3\n行政规范性文件\n|\n|\n| 2\n| 2\n行政许可\n|\n|\n| 1\n|")
    assert grid(table) == [
        ["规章", "3", "", "", "3"],
        ["行政规范性文件", "", "", "2", "2"],
        ["行政许可", "", "", "1", ""],
    ]


def test_a_row_whole_on_one_line_among_cells_on_lines_of_their_own_keeps_its_empty_cells() -> None:
    cells = "\n".join(["规章", "0", "3", "12", "行政规范性文件", "7", "1", "57", "行政许可", "5", "6", "7"])
    (table,) = read(f"{cells}\n总计 | 1 | | 2 | 3 |")
    assert grid(table)[-1] == ["总计", "1", "", "2", "3"]


def test_a_row_between_torn_lines_has_no_empty_first_cell() -> None:
    (table,) = read("|行政复议|行政诉讼|\n|结果\n维持|结果\n纠正|总计|\n|5|8|13|\n|1|0|1|\n|2|2|4|")
    assert [row for row in grid(table) if "13" in row] == [["5", "8", "13"]]


def test_a_column_of_ordinals_that_ends_within_the_table_is_no_column_of_values() -> None:
    numbered = [f"{n}\n{name}项数\n条\n{2 * n}" for n, name in enumerate("甲乙丙丁戊己庚辛", 1)]
    numbered[4] = "5\n戊项数\n条"  # its empty cell left nothing
    plain = [f"{name}项数\n件\n0" for name in "壬癸子丑寅卯辰巳"]
    (table,) = read("\n".join([*numbered, *plain]))
    rows = {row[0]: row[2:] for row in grid(table) if len(row) > 1}
    assert rows["丁项数"] == ["8"]
    assert rows["戊项数"][:1] != ["6"]


def test_a_column_of_ordinals_in_full_width_is_none_of_values_where_all_values_are_empty() -> None:
    wide = "１２３４５６７８"
    (table,) = read("\n".join(f"{wide[n]} |\n{name}项数 |\n条 |\n |" for n, name in enumerate("甲乙丙丁戊己庚辛")))
    assert not {cell for row in grid(table) for cell in row} & set(wide)


def test_a_number_in_the_brackets_of_a_label_is_no_value_of_a_table_on_one_line() -> None:
    rows = [
        f"{name}类政府信息数(相同信息计 1 条) {n} {name}类通过网站公开的信息数 {n + 1}"
        for n, name in enumerate("甲乙丙丁戊", 20)
    ]
    (table,) = read(" ".join(rows))
    assert [row[1:] for row in grid(table)] == [[str(n)] for k in range(20, 25) for n in (k, k + 1)]


def test_ordinals_are_none_of_the_values_though_values_stand_between_and_some_are_gone() -> None:
    rows = [f"{name}项数\n{200 + n}\n{n}" for n, name in enumerate("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉", 1)]
    rows[2] = "丙项数\n67"  # its ordinal is gone, its value stands before a label
    rows[6] = "庚项数\n23"
    (table,) = read("\n".join([*rows, "其他"]))
    values = {row[0]: row[1:] for row in grid(table)}
    assert values["丁项数"] == ["204"]
    assert values["丙项数"] == ["67"]
    assert values["癸项数"][:1] == ["210"]

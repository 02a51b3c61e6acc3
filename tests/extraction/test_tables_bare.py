"""Tables without rules whose rows are sparse, empty, wrapped or set against one another."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.tables.joining import join_tables
from extraction.tables.page_table import PageTable
from extraction.tables.pages import find_page_tables
from models.document import Table
from models.page import Character, Page
from tests.extraction.page_rows import print_line, read_rows, write

LEAVES = ("维持", "纠正", "其他", "未结", "合计")


def find(characters: Sequence[Character], *, page: int = 1) -> list[PageTable]:
    return find_page_tables(Page(page, 600, 800, tuple(characters), ()))


def print_wide_head(y: float) -> list[Character]:
    leaves = [(text, 40 + 35 * number) for number, text in enumerate(LEAVES * 3)]
    groups = [("行政复议", 90.0), ("直接起诉", 265.0), ("复议后起诉", 440.0)]
    return print_line(groups, y) + print_line(leaves, y + 20)


def test_value_set_against_its_label_is_a_value() -> None:
    heads = [("情形", 60.0), ("自然人", 150.0), ("企业", 210.0), ("总计", 270.0)]
    characters = print_line(heads, 100)
    for number, label in enumerate(("新收", "结转", "总计")):
        characters += print_line([(label, 60), ("1", 160), ("2", 215), ("3", 275)], 120 + 20 * number)
    characters += print_line([("其他对外管理服务事项7", 59), ("5", 215), ("6", 275)], 180)
    (table,) = find(characters)
    assert read_rows(table)[-1] == ["其他对外管理服务事项", "7", "5", "6"]


def test_numeral_of_a_turned_label_is_no_value() -> None:
    characters = print_line([("商业", 150), ("科研", 210), ("总计", 270)], 100)
    for number, text in enumerate(("1.信访举报", "2.重复申请", "3.其他情形")):
        characters += print_line([(text, 60), ("1", 155), ("2", 215), ("3", 275)], 120 + 40 * number)
    characters += print_line([("五", 40), ("4", 155), ("5", 215), ("6", 275)], 180)
    (table,) = find(characters)
    assert all("五" not in cell.text or cell.span.column < table.labels for cell in table.cells)


def test_headings_with_other_columns_below_begin_a_table_of_their_own() -> None:
    upper = [(text, 40 + 100.0 * number) for number, text in enumerate(LEAVES)]
    lower = [(text, 40 + 45.0 * number) for number, text in enumerate(LEAVES * 2)]
    characters = print_line(upper, 100) + print_line([(str(n), x + 12) for n, (_, x) in enumerate(upper)], 120)
    characters += print_line(lower, 140) + print_line([(str(n % 10), x + 30) for n, (_, x) in enumerate(lower)], 160)
    tables = find(characters)
    assert [read_rows(table)[-1] for table in tables] == [list("01234"), list("0123456789")]


def test_row_far_below_its_headings_is_of_their_table() -> None:
    heads = [(text, 40 + 100.0 * number) for number, text in enumerate(LEAVES)]
    characters = print_line(heads, 100) + print_line([(str(n), x + 40) for n, (_, x) in enumerate(heads)], 145)
    (table,) = find(characters)
    assert read_rows(table)[0] == list(LEAVES)


def test_wide_table_without_values_has_an_empty_row() -> None:
    characters = print_wide_head(100) + write("五、存在的主要问题", 60, 190)
    (table,) = find(characters)
    assert read_rows(table)[-1] == [""] * 15
    assert table.rows[-1] < 182  # above the next heading


def test_marks_that_fill_an_empty_row_are_one_for_each_column() -> None:
    characters = print_wide_head(100) + write("—" * 50, 40, 140) + write("五、存在的主要问题", 60, 190)
    (table,) = find(characters)
    marks = read_rows(table)[-1]
    assert len(marks) == 15
    assert all(set(mark) == {"—"} for mark in marks)


def test_headings_at_the_foot_of_a_page_are_no_empty_table() -> None:
    assert find(print_wide_head(740)) == []


def test_few_values_under_many_headings_stand_in_the_columns_of_these() -> None:
    totals = [("0", 40 + 35.0 * number + 8) for number in (4, 9, 14)]
    (table,) = find(print_wide_head(100) + print_line(totals, 140) + write("五、存在的主要问题", 60, 190))
    assert read_rows(table)[-1] == [*[""] * 4, "0"] * 3


def test_a_mark_alone_below_many_headings_is_not_lost() -> None:
    (table,) = find(print_wide_head(100) + write("/", 540, 140) + write("五、存在的主要问题", 60, 190))
    assert read_rows(table)[-1] == [*[""] * 14, "/"]


def test_a_first_label_that_is_numbered_like_a_section_is_no_heading_below_headings() -> None:
    characters = print_line([("自然人", 200), ("企业", 260), ("科研", 310), ("其他", 360), ("总计", 410)], 100)
    characters += write("一、本年新收政府信", 60, 114) + write("0", 420, 120) + write("息公开申请数量", 60, 126)
    for number in range(1, 4):
        characters += print_line([(f"{number}.第{number}种情形", 60), (str(number), 420)], 126 + 20 * number)
    (table,) = find(characters)
    assert read_rows(table)[:2] == [
        ["", "自然人", "企业", "科研", "其他", "总计"],
        ["一、本年新收政府信息公开申请数量", "", "", "", "", "0"],
    ]


def test_menu_of_many_words_is_no_table() -> None:
    words = [("首页", 40 + 45.0 * number) for number in range(11)]
    assert find(print_line(words, 100) + print_line(words, 115) + write("正文从这里开始", 60, 150)) == []


def test_labels_under_headings_without_any_value_have_empty_cells() -> None:
    characters = print_line([("自然人", 200), ("企业", 260), ("科研", 310), ("其他", 360), ("总计", 410)], 100)
    labels = [f"{number}.第{number}种情形" for number in range(1, 9)]
    for number, label in enumerate(labels):
        characters += write(label, 60, 120 + 20 * number)
    (table,) = find(characters)
    assert read_rows(table)[1:] == [[label, "", "", "", "", ""] for label in labels]


def test_numbered_list_under_a_line_of_words_is_no_table() -> None:
    characters = write("下一步从以下方面改进", 60, 100)
    for number in range(1, 9):
        characters += write(f"{number}.加强业务培训和指导", 60, 100 + 20 * number)
    assert find(characters) == []


def test_number_with_digits_below_it_is_not_read_without_them() -> None:
    heads = [(text, 40 + 60.0 * number) for number, text in enumerate(LEAVES)]
    characters = print_line(heads, 100)
    characters += print_line([("13" if n == 4 else "0", x + 5) for n, (_, x) in enumerate(heads)], 120)
    characters += write("2", heads[4][1] + 7.5, 132)
    (table,) = find(characters)
    assert read_rows(table)[1:] == [["0", "0", "0", "0", "13 2"]]


def test_row_aligned_in_another_way_makes_no_columns_of_its_own() -> None:
    heads = [(text, 150 + 60.0 * number) for number, text in enumerate(("甲类", "乙类", "丙类", "丁类", "总数"))]
    characters = print_line([("情形", 60), *heads], 100)
    for number, label in enumerate(("新收", "结转", "办结")):
        row = [(label, 60.0), *((str(n), x + 7.5) for n, (_, x) in enumerate(heads))]
        characters += print_line(row, 120 + 20 * number)
    characters += print_line([("小计", 60), *(("8", x - 8) for _, x in heads)], 180)
    (table,) = find(characters)
    assert read_rows(table)[-1] == ["小计", "8", "8", "8", "8", "8"]
    assert len(table.prints) == 5


def test_label_set_over_the_width_of_its_cell_is_one_label() -> None:
    characters = print_line([("情形", 60), ("自然人", 200), ("企业", 260), ("总计", 320)], 100)
    rows = (("3、要求提供", 120), ("4、重复申请", 140), ("5、其他情形", 160))
    for text, y in rows:
        characters += print_line([(text, 60), ("1", 210), ("2", 265), ("3", 325)], y)
    characters += print_line([("出", 60), ("版", 150), ("4", 210), ("5", 265), ("6", 325)], 180)
    (table,) = find(characters)
    assert table.labels == 1
    assert read_rows(table)[-1] == ["出版", "4", "5", "6"]


def test_part_that_fits_the_page_before_and_not_the_whole_table_stays_apart() -> None:
    def print_page(page: int, first: float, count: int) -> PageTable:
        characters = []
        for number in range(4):
            values = [(str(number), first + 60.0 * column) for column in range(count)]
            characters += print_line([("其他情形", 60), *values], 100 + 20 * number)
        (table,) = find(characters, page=page)
        return table

    parts = [print_page(1, 200, 6), print_page(2, 500, 1), print_page(3, 530, 1)]
    tables = [block for block in join_tables(parts) if isinstance(block, Table)]
    assert sum(len({cell.row for cell in table.cells}) for table in tables) == 12


def test_the_rest_of_a_label_in_brackets_is_not_of_the_labels_over_rows_beside_it() -> None:
    values = [("1", 290), ("2", 340), ("3", 390)]
    characters = print_line([("自然人", 280), ("企业", 335), ("总计", 385)], 100)
    characters += print_line([("三、办理结果", 30), ("(一)予以公开", 110), *values], 120)
    characters += print_line([("三、办理结果", 30)], 152) + print_line([("(二)部分公开(区分处理的,只计", 110)], 140)
    characters += print_line([("这一情形)", 110), *values], 152)
    for number in range(1, 4):
        y = 152 + 13 * number
        characters += print_line([("三、办理结果", 30), ("(三)不公开", 110), (f"{number}.国家秘密", 190), *values], y)
    (table,) = find(characters)
    texts = ["".join(row) for row in read_rows(table)]
    assert "三、办理结果(二)部分公开(区分处理的,只计这一情形)123" in texts

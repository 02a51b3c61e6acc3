"""Headings without ruling at the foot of a page, their values at the head of the next."""

from __future__ import annotations

from extraction.tables.page_table import PageTable
from extraction.tables.pages import find_page_tables
from extraction.tables.torn_headings import find_foot
from models.page import Character, Page
from tests.extraction.page_rows import print_line, read_rows

LEAVES = ("维持", "纠正", "其他", "未结", "合计")
PLACES = tuple(40 + 35.0 * number for number in range(15))
VALUES = tuple(str(number % 10) for number in range(15))


def print_headings(y: float) -> list[Character]:
    groups = [("行政复议", 90.0), ("直接起诉", 265.0), ("复议后起诉", 440.0)]
    return print_line(groups, y) + print_line([*zip(LEAVES * 3, PLACES, strict=True)], y + 20)


def print_values(y: float) -> list[Character]:
    return print_line([(text, x + 5) for text, x in zip(VALUES, PLACES, strict=True)], y)


def find(head: list[Character], foot: list[Character]) -> list[PageTable]:
    return find_page_tables(Page(2, 600, 800, tuple(head), ()), foot=find_foot(foot))


def test_values_at_the_head_of_a_page_have_the_headings_from_the_foot_of_the_page_before() -> None:
    foot = print_line([("四、行政复议、行政诉讼情况", 40)], 660) + print_line([("有关情况如下：", 60)], 690)
    (table,) = find(print_values(60), foot + print_headings(720))
    *heads, values = [[text for text in row if text] for row in read_rows(table)]
    assert heads == [["行政复议", "直接起诉", "复议后起诉"], list(LEAVES * 3)]
    assert values == list(VALUES)
    boxes = [cell.box for cell in table.cells if cell.text in VALUES]
    assert all(45 <= box[1] < box[3] <= 65 for box in boxes), "values keep their places"


def test_the_last_lines_of_headings_may_have_gone_to_the_next_page_with_the_values() -> None:
    rest = print_line([("情况", 40.0), ("结果", 215.0), ("结果", 390.0)], 60)
    (table,) = find(rest + print_values(80), print_headings(720))
    assert read_rows(table)[-1] == list(VALUES)
    assert "行政复议" in {cell.text for cell in table.cells}


def test_prose_and_the_end_of_another_table_are_no_headings() -> None:
    prose = print_line([("今年以来，本机关主动公开政府信息。", 40)], 720)
    rows = print_line([("总计", 40.0), ("1", 215.0), ("2", 390.0), ("3", 500.0)], 720)
    for foot in (prose, rows, print_headings(690) + prose):
        assert "行政复议" not in {cell.text for table in find(print_values(60), foot) for cell in table.cells}


def test_a_page_that_begins_with_a_sentence_or_few_values_takes_no_headings() -> None:
    sentence = print_line([("以上报告。", 40)], 60)
    few = print_line([("1", 45.0), ("2", 80.0), ("3", 115.0)], 60)
    for head in (sentence + print_values(90), few):
        assert "行政复议" not in {cell.text for table in find(head, print_headings(720)) for cell in table.cells}

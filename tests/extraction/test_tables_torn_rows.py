"""Rows between horizontal rules that a browser tears where a page ends."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.tables.joining import join_tables
from extraction.tables.page_table import PageTable
from extraction.tables.pages import find_page_tables
from models.document import Table
from models.page import Character, Page, Rule
from tests.extraction.page_rows import print_line, read_rows

PLACES = (205.0, 265.0, 325.0)


def rule(at: float, left: float = 20, right: float = 345) -> Rule:
    return Rule((left, at, right, at + 0.5))


def print_row(labels: Sequence[Sequence[str]], values: Sequence[str], top: float) -> list[Character]:
    """A row as tall as its longest label, in two columns of labels that are set line by line; values in its middle."""
    middle = top + 14 + 6.0 * (max(map(len, labels)) - 1)
    written = [c for n, text in enumerate(values) for c in print_line([(text, PLACES[n])], middle)]
    for x, lines in zip((22.0, 100.0), labels, strict=True):
        written += [c for n, line in enumerate(lines) for c in print_line([(line, x)], top + 14 + 12.0 * n)]
    return written


def print_foot() -> Page:
    """Headings, two rows, and the first half of a third with its values."""
    written = print_line([("自然人", 200), ("企业", 260), ("总计", 320)], 94)
    written += print_row((["不予", "公开"], ["国家", "秘密"]), ("5", "1", "6"), 100)
    written += print_row((["不予", "公开"], ["内部", "事务"]), ("7", "2", "9"), 134)
    written += print_row((["不予", "公开"], ["危及“三", "安全"]), ("3", "0", "3"), 168)
    return Page(1, 400.0, 210.0, tuple(written), tuple(rule(at) for at in (80, 100, 134, 168)))


def print_head() -> Page:
    """The other half of the row, and two whole ones."""
    written = print_row((["理结", "果"], ["一稳", "定”"]), (), 6)
    written += print_row((["不予", "公开"], ["执法", "案卷"]), ("", "", "0"), 40)
    written += print_row((["不予", "公开"], ["行政", "查询"]), ("8", "1", "9"), 74)
    return Page(2, 400.0, 210.0, tuple(written), tuple(rule(at) for at in (40, 74, 108)))


def find(page: Page) -> PageTable:
    (table,) = find_page_tables(page)
    return table


def test_both_halves_of_a_torn_row_are_of_the_table() -> None:
    assert read_rows(find(print_foot()))[-1] == ["不予公开", "危及“三安全", "3", "0", "3"]
    assert read_rows(find(print_head()))[0][:2] == ["理结果", "一稳定”"]


def test_parts_with_torn_rows_are_one_table_over_the_page() -> None:
    (table,) = join_tables([find(print_foot()), find(print_head())])
    assert isinstance(table, Table)
    values = [[cell.text for cell in table.cells if cell.row == row][-3:] for row in range(1, 6)]
    assert values == [["5", "1", "6"], ["7", "2", "9"], ["3", "0", "3"], ["", "", "0"], ["8", "1", "9"]]
    assert "危及“三安全一稳定”" in [cell.text for cell in table.cells]


def test_text_below_a_table_is_no_torn_row() -> None:
    page = print_foot()
    below = print_line([("以上数据均为本年度一月至十二月的数据。", 22)], 182)
    above = tuple(c for c in page.characters if c.box[3] < 168)
    assert len(read_rows(find(Page(1, 400.0, 210.0, (*above, *below), page.rules)))) == 3


def test_nothing_between_two_tables_is_a_torn_row() -> None:
    page = print_foot()
    rules = (*page.rules, rule(208, 20, 345), rule(209.5, 20, 345))
    tables = find_page_tables(Page(1, 400.0, 230.0, page.characters, rules))
    assert all(row[-3:] != ["3", "0", "3"] or "危及“三安全" in row for table in tables for row in read_rows(table))


def test_labels_on_many_lines_are_no_headings_of_another_table() -> None:
    written = print_line([("自然人", 200), ("企业", 260), ("总计", 320)], 94)
    lines = (["本年", "度办", "理结", "果"], ["保护", "第三", "方的", "权益"])
    written += [c for n, top in enumerate((100, 158, 216)) for c in print_row(lines, ("", "", str(n)), top)]
    written += [c for n, top in enumerate((100, 158, 216)) for c in print_line([("三", 60), ("不", 80)], top + 26)]
    written += print_row(lines, ("5", "6", "11"), 274)
    table = find(Page(1, 400.0, 400.0, tuple(written), tuple(rule(at) for at in (80, 100, 158, 216, 274, 332))))
    assert [row[-3:] for row in read_rows(table)][1:] == [["", "", "0"], ["", "", "1"], ["", "", "2"], ["5", "6", "11"]]


def test_row_taller_than_rows_are_is_of_the_table_where_its_labels_fill_it() -> None:
    written = print_line([("自然人", 200), ("企业", 260), ("总计", 320)], 34)
    written += print_row((["不予", "公开"], ["国家", "秘密"]), ("5", "1", "6"), 40)
    written += print_row((["处理"] * 20, ["政府"] * 20), ("7", "2", "9"), 74)
    written += print_row((["不予", "公开"], ["其他", "情形"]), ("8", "1", "9"), 330)
    table = find(Page(1, 400.0, 400.0, tuple(written), tuple(rule(at) for at in (20, 40, 74, 330, 364))))
    assert [row[-3:] for row in read_rows(table)][1:] == [["5", "1", "6"], ["7", "2", "9"], ["8", "1", "9"]]


def test_many_rows_between_two_rules_below_a_row_alone_are_not_one() -> None:
    """As in a table of three rules whose headings stand on the page before."""
    written = print_line([("一、主动公开情况", 22), ("—", 265), ("-", 325)], 94)
    labels = ["公报公开信息数", "网站公开信息数", "微博公开信息数", "其他公开信息数"]
    for n, (label, value) in enumerate(zip(labels, ["", "9", "161", "8"], strict=True)):
        written += print_line([(f"{n + 1}.{label}", 22), ("条", 265), (value, 325)], 114 + 14.0 * n)
    table = find(Page(1, 400.0, 400.0, tuple(written), tuple(rule(at) for at in (80, 100, 170))))
    assert [(row[0], row[-1]) for row in read_rows(table)][1:] == [
        ("1.公报公开信息数", ""),
        ("2.网站公开信息数", "9"),
        ("3.微博公开信息数", "161"),
        ("4.其他公开信息数", "8"),
    ]

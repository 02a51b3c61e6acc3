from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from extraction.rows import find_rows
from extraction.tables.joining import join_tables
from extraction.tables.joining_columns import find_shift
from extraction.tables.page_table import PageCell, PageTable, Span
from models.document import Evidence, Table, TextLine

EDGES = (50.0, 90.0, 200.0, 260.0, 320.0)
Place = tuple[str, int, int, int, int]


def make_part(page: int, places: Sequence[Place], *, columns: Sequence[float] = EDGES, full: str = "") -> PageTable:
    """A part of a table of the given places (text, row, column, row_end, column_end); `full` names a full cell."""
    cells = tuple(
        PageCell(
            text, Span(*span), (0, 0, 1, 1), Evidence(page=page, bbox=(1, 2, 3, 4)), full=bool(full) and text == full
        )
        for text, *span in places
    )
    n_rows = max(cell.span.row_end for cell in cells)
    rows = tuple(100.0 + 20 * row for row in range(n_rows + 1))
    region = (columns[0], rows[0], columns[-1], rows[-1])
    return PageTable(page, region, tuple(columns), rows, cells, "ruled", 1.0)


def row(number: int, *texts: str, start: int = 0) -> list[Place]:
    return [(text, number, column, number + 1, column + 1) for column, text in enumerate(texts, start)]


def join(*blocks: TextLine | PageTable) -> list[Table]:
    return [block for block in join_tables(blocks) if isinstance(block, Table)]


def show(table: Table) -> list[Place]:
    return [(c.text, c.row, c.column, c.row_end, c.column_end) for c in table.cells]


FIRST = [*row(0, "一", "新收", "1", "2"), *row(1, "二", "结转", "3", "4")]
SECOND = [*row(0, "三", "总计", "5", "6"), *row(1, "四", "其他", "7", "8")]


def test_table_that_goes_on_over_the_page_is_one_table() -> None:
    (table,) = join(make_part(1, FIRST), make_part(2, SECOND))
    assert [cell.text for cell in table.cells] == [
        "一",
        "新收",
        "1",
        "2",
        "二",
        "结转",
        "3",
        "4",
        "三",
        "总计",
        "5",
        "6",
        "四",
        "其他",
        "7",
        "8",
    ]
    assert (table.n_rows, table.n_columns) == (4, 4)


def test_each_cell_keeps_its_own_page() -> None:
    (table,) = join(make_part(3, FIRST), make_part(4, SECOND))
    assert [cell.evidence.page for cell in table.cells] == [3] * 8 + [4] * 8


def test_table_over_three_pages_is_one() -> None:
    (table,) = join(make_part(1, FIRST), make_part(2, SECOND), make_part(3, FIRST))
    assert table.n_rows == 6


@pytest.mark.parametrize("text", ["- 3 -", "3", "第 3 页 共 6 页", "3/6", "—3—"])
def test_page_number_between_does_not_part_a_table(text: str) -> None:
    assert len(join(make_part(1, FIRST), TextLine(text, 1), make_part(2, SECOND))) == 1


def test_lines_keep_their_place_and_the_table_that_of_its_first_part() -> None:
    number = TextLine("- 1 -", 2)
    blocks = join_tables([TextLine("前", 1), make_part(1, FIRST), number, make_part(2, SECOND), TextLine("后", 3)])
    assert [block.text if isinstance(block, TextLine) else "表" for block in blocks] == ["前", "表", "- 1 -", "后"]


def test_heading_between_parts_two_tables() -> None:
    assert len(join(make_part(1, FIRST), TextLine("四、行政复议情况", 1), make_part(2, SECOND))) == 2


def test_tables_of_one_page_or_pages_apart_stay_apart() -> None:
    assert len(join(make_part(1, FIRST), make_part(1, SECOND))) == 2
    assert len(join(make_part(1, FIRST), make_part(3, SECOND))) == 2


def test_tables_of_other_columns_stay_apart() -> None:
    other = make_part(2, SECOND, columns=(50.0, 120.0, 180.0, 250.0, 320.0))
    assert find_shift(make_part(1, FIRST), other) is None
    assert len(join(make_part(1, FIRST), other)) == 2


def test_columns_agree_where_the_margin_alternates() -> None:
    moved = make_part(2, SECOND, columns=[edge + 28 for edge in EDGES])
    assert find_shift(make_part(1, FIRST), moved) == 28
    assert len(join(make_part(1, FIRST), moved)) == 1


def test_part_with_fewer_edges_takes_the_columns_of_the_whole() -> None:
    wide = [("第二十条第（五）项", 0, 0, 1, 2), ("行政许可", 1, 0, 2, 1), ("9", 1, 1, 2, 2)]
    (table,) = join(make_part(1, FIRST), make_part(2, wide, columns=(50.0, 200.0, 320.0)))
    assert show(table)[-3:] == [("第二十条第（五）项", 2, 0, 3, 4), ("行政许可", 3, 0, 4, 2), ("9", 3, 2, 4, 4)]


def test_row_with_the_label_of_one_above_is_no_heading_printed_again() -> None:
    above = [*row(0, "一、复议", "件", "2"), *row(1, "(二)纠错数", "件", ""), *row(2, "二、诉讼", "件", "1")]
    below = [*row(0, "(二)纠错数", "件", ""), *row(1, "(三)其他", "件", "1")]
    prints = ((95.0, 105.0), (225.0, 235.0))
    parts = [make_part(page, rows, columns=EDGES[:4]) for page, rows in enumerate((above, below), 1)]
    (table,) = join(*(replace(part, labels=1, prints=prints) for part in parts))
    assert [cell.text for cell in table.cells if cell.column == 0][-2:] == ["(二)纠错数", "(三)其他"]


def test_headings_printed_again_are_dropped() -> None:
    head = row(0, "序号", "情形", "自然人", "总计")
    body = row(1, "一", "新收", "1", "2")
    (table,) = join(make_part(1, [*head, *body]), make_part(2, [*head, *row(1, "二", "结转", "3", "4")]))
    assert [cell.text for cell in table.cells] == [
        "序号",
        "情形",
        "自然人",
        "总计",
        "一",
        "新收",
        "1",
        "2",
        "二",
        "结转",
        "3",
        "4",
    ]


def test_rows_of_equal_values_are_no_headings() -> None:
    (table,) = join(make_part(1, FIRST), make_part(2, FIRST))
    assert table.n_rows == 4


def test_label_merged_over_rows_goes_on_over_the_page() -> None:
    first = [("三、本年度办理结果", 0, 0, 2, 1), *row(0, "公开", "1", "2", start=1), *row(1, "不予", "3", "4", start=1)]
    second = [("", 0, 0, 2, 1), *row(0, "无法", "5", "6", start=1), *row(1, "总计", "7", "8", start=1)]
    (table,) = join(make_part(1, first), make_part(2, second))
    assert ("三、本年度办理结果", 0, 0, 4, 1) in show(table)
    assert [[cell.text for cell in printed.filled] for printed in find_rows([table])] == [
        ["1", "2"], ["3", "4"], ["5", "6"], ["7", "8"]
    ]  # fmt: skip


def test_label_cut_by_the_break_is_one_label() -> None:
    first = [
        ("（三）", 0, 0, 1, 1),
        *row(0, "甲", "1", "2", start=1),
        ("（四）无", 1, 0, 2, 1),
        *row(1, "乙", "3", "4", start=1),
    ]
    second = [("法提供", 0, 0, 2, 1), *row(0, "丙", "5", "6", start=1), *row(1, "丁", "7", "8", start=1)]
    (table,) = join(make_part(1, first, full="（四）无"), make_part(2, second))
    assert ("（四）无法提供", 1, 0, 4, 1) in show(table)


def test_label_with_a_number_of_its_own_begins_anew() -> None:
    first = [("（四）无法提供", 0, 0, 2, 1), *row(0, "甲", "1", "2", start=1), *row(1, "乙", "3", "4", start=1)]
    second = [("（五）不予处理", 0, 0, 2, 1), *row(0, "丙", "5", "6", start=1), *row(1, "丁", "7", "8", start=1)]
    (table,) = join(make_part(1, first, full="（四）无法提供"), make_part(2, second))
    assert {("（四）无法提供", 0, 0, 2, 1), ("（五）不予处理", 2, 0, 4, 1)} <= set(show(table))


def test_row_cut_by_the_break_is_one_row() -> None:
    first = [*row(0, "一", "新收", "1", "2"), *row(1, "二", "没有现成信息需要", "3", "4")]
    second = [*row(0, "", "另行制作", "", ""), *row(1, "三", "总计", "5", "6")]
    (table,) = join(make_part(1, first, full="没有现成信息需要"), make_part(2, second))
    assert [cell.text for cell in table.cells][4:8] == ["二", "没有现成信息需要另行制作", "3", "4"]
    assert table.n_rows == 3


def test_values_of_a_cut_row_that_stand_on_the_next_page_belong_to_its_label() -> None:
    first = [*row(0, "（一）", "新收", "1", "2"), *row(1, "（二）", "没有现成信息", "", "")]
    second = [*row(0, "", "", "3", "4"), *row(1, "三", "总计", "5", "6")]
    (table,) = join(make_part(1, first), make_part(2, second))
    assert [cell.text for cell in table.cells][4:8] == ["（二）", "没有现成信息", "3", "4"]
    assert [cell.evidence.page for cell in table.cells][4:8] == [1, 1, 2, 2]


def test_row_left_empty_before_the_break_stays_a_row() -> None:
    first = [*row(0, "一", "新收", "1", "2"), *row(1, "", "规章", "", "")]
    second = [*row(0, "", "规范性文件", "3", "4"), *row(1, "三", "总计", "5", "6")]
    (table,) = join(make_part(1, first), make_part(2, second))
    assert table.n_rows == 4
    assert [cell.text for cell in table.cells][4:12] == ["", "规章", "", "", "", "规范性文件", "3", "4"]


def test_an_empty_row_kept_below_headings_gives_way_to_the_values_on_the_next_page() -> None:
    edges = (50.0, 90.0, 130.0, 170.0, 210.0, 250.0)
    heads = [*row(0, "维持", "纠正", "其他", "未结", "总计"), *row(1, "", "", "", "", "")]
    values = row(0, "1", "0", "—", "2", "3")
    (table,) = join(make_part(1, heads, columns=edges), make_part(2, values, columns=edges))
    assert [cell.text for cell in table.cells if cell.row == 1] == ["1", "0", "—", "2", "3"]
    labelled = row(0, "申请", "0", "1", "2", "3")
    kept = join(make_part(1, heads, columns=edges), make_part(2, labelled, columns=edges))[0]
    assert not any(cell.text for cell in kept.cells if cell.row == 1)


def test_values_are_never_merged_over_the_break() -> None:
    (table,) = join(make_part(1, FIRST, full="4"), make_part(2, SECOND))
    assert [cell.text for cell in table.cells if cell.column == 3] == ["2", "4", "6", "8"]


def test_nothing_is_joined_out_of_nothing() -> None:
    assert join_tables([]) == []
    assert join_tables([TextLine("正文", 1)]) == [TextLine("正文", 1)]


def test_line_over_a_table_that_comes_again_over_its_next_part_keeps_them_together() -> None:
    over = [TextLine("申请人类别", 1, page=page) for page in (1, 2)]
    (table,) = join(over[0], make_part(1, FIRST), over[1], make_part(2, SECOND))
    assert [cell.row for cell in table.cells if cell.text in ("一", "四")] == [0, 3]


def test_another_line_between_two_tables_keeps_them_apart() -> None:
    over = [TextLine(text, 1, page=page) for page, text in ((1, "申请人类别"), (2, "上一年的数据"))]
    assert len(join(over[0], make_part(1, FIRST), over[1], make_part(2, SECOND))) == 2

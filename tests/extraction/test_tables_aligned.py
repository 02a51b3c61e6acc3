from __future__ import annotations

from collections.abc import Sequence

from extraction.tables.joining import join_tables
from extraction.tables.page_table import PageTable
from extraction.tables.pages import find_page_tables
from models.document import Table
from models.page import Box, Character, Page, Rule
from tests.extraction.page_rows import SIZE, write

COLUMNS = (50.0, 200.0, 260.0, 320.0)
HEAD = ("情形", "自然人", "企业", "总计")


def print_rows(
    texts: Sequence[Sequence[str]],
    *,
    top: float = 100,
    pitch: float = 20,
    columns: Sequence[float] = COLUMNS,
    right: bool = False,
) -> list[Character]:
    """Rows of print; `columns` are where values begin, or where they end if `right`."""
    characters = []
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            width = sum(SIZE / 2 if letter.isascii() else SIZE for letter in text)
            x = columns[column] - (width if right and column else 0)
            characters += write(text, x, top + pitch * row)
    return characters


def find(
    characters: Sequence[Character],
    rules: Sequence[Rule] = (),
    *,
    shades: Sequence[Box] = (),
    page: int = 1,
    before: PageTable | None = None,
) -> list[PageTable]:
    shown = Page(page, 700, 800, tuple(characters), tuple(rules), tuple(shades))
    return find_page_tables(shown, before=before)


def read_rows(table: PageTable | Table) -> list[list[str]]:
    rows = [cell.span.row if hasattr(cell, "span") else cell.row for cell in table.cells]
    return [
        [cell.text for cell, own in zip(table.cells, rows, strict=True) if own == row] for row in range(max(rows) + 1)
    ]


def draw_lines(heights: Sequence[float], start: float = 40, end: float = 400) -> list[Rule]:
    return [Rule((start, y, end, y + 0.5)) for y in heights]


def test_decimal_point_stays_in_its_number() -> None:
    rows = [("收费", "0.00", "0.00", "0.00"), ("其他", "1.50", "2.00", "3.50"), ("总计", "1.50", "2.00", "3.50")]
    characters = [
        Character(".", (c.box[0], c.origin[1] - 1, c.box[2], c.origin[1] + 0.5), c.origin, c.size)
        if c.text == "."
        else c
        for c in print_rows([HEAD, *rows], pitch=10.5)
    ]
    (table,) = find(characters)
    assert read_rows(table)[1:] == [list(row) for row in rows]


def test_headings_that_stand_over_no_value_are_of_their_columns_in_order() -> None:
    heads = ("情形", "自然人情况", "企业情况", "总计情况")
    characters = print_rows([heads], columns=(50, 150, 250, 350))
    rows = [("新收", "1", "2", "3"), ("结转", "4", "5", "9"), ("总计", "5", "7", "12")]
    characters += print_rows(rows, top=120, columns=(50, 240, 340, 440), right=True)
    (table,) = find(characters)
    assert read_rows(table) == [list(heads), *map(list, rows)]


def test_column_without_values_is_told_by_its_heading_though_values_stand_at_the_right() -> None:
    heads = ("情形", "制发", "废止", "现行")
    rows = [("规章甲乙丙丁戊己", "14", "", "114"), ("规范性文件", "2", "", "3"), ("其他", "1", "", "20")]
    characters = print_rows([heads], columns=(50, 200, 300, 400))
    characters += print_rows(rows, top=120, columns=(50, 275, 375, 475), right=True)
    (table,) = find(characters)
    assert read_rows(table)[1:] == [list(row) for row in rows]


def test_label_merged_over_rows_is_no_row_of_its_own() -> None:
    rows = [("1.国家秘密", "1", "2", "3"), ("2.法律禁止", "4", "5", "9"), ("3.其他", "0", "0", "0")]
    characters = print_rows(rows, columns=(120, 200, 260, 320), pitch=12) + write("不予公开", 50, 106)
    (table,) = find(characters)
    assert [[text for text in row if text][-4:] for row in read_rows(table)] == [list(row) for row in rows]
    assert sum(cell.text == "不予公开" for cell in table.cells) == 1


def test_numeral_in_a_label_written_downwards_is_no_value() -> None:
    rows = [("1.国家秘密", "1", "2", "3"), ("2.法律禁止", "4", "5", "9"), ("其他", "0", "0", "0")]
    characters = print_rows(rows, columns=(120, 200, 260, 320))
    characters += write("三", 60, 100) + write("办", 60, 120) + write("结", 60, 140)
    (table,) = find(characters)
    assert [row[-4:] for row in read_rows(table)] == [list(row) for row in rows]


def test_number_read_badly_is_a_value_and_no_label() -> None:
    rows = [("新收", "0", "2", "2"), ("结转", "", "1)", "0"), ("办结", "0", "0)", "1"), ("总计", "0", "3", "3")]
    (table,) = find(print_rows([HEAD, *rows]))
    assert read_rows(table)[1:] == [list(row) for row in rows]


def test_mark_on_another_baseline_is_in_its_row() -> None:
    characters = print_rows([HEAD, ("新收", "12", "", "15"), ("结转", "1", "", "2"), ("总计", "13", "", "17")])
    for y in (120, 140, 160):
        characters += write("无", 260, y - 4.5)
    (table,) = find(characters)
    assert read_rows(table)[1:3] == [["新收", "12", "无", "15"], ["结转", "1", "无", "2"]]


def test_label_without_a_gap_before_its_value_is_told_by_the_order_of_the_file() -> None:
    label = write("本年新收申请", 50, 120) + write("数量", 50, 132)
    values = write("7", 110.2, 120) + write("8", 200, 120) + write("15", 260, 120)
    rest = print_rows([("结转", "1", "2", "3"), ("总计", "8", "10", "18")], top=150, columns=(50, 110, 200, 260))
    (table,) = find([*label, *values, *rest])
    assert read_rows(table)[0] == ["本年新收申请数量", "7", "8", "15"]


def test_row_with_a_unit_and_no_value_is_a_row() -> None:
    rows = [
        ("收到申请", "件", "5"),
        ("当面申请", "件", ""),
        ("网络申请", "件", ""),
        ("办结", "件", "3"),
        ("收费", "万元", "0"),
    ]
    (table,) = find(print_rows([("指标", "单位", "数量"), *rows]))
    assert read_rows(table)[1:] == [list(row) for row in rows]


def test_title_over_a_part_of_the_table_is_not_joined_with_a_heading() -> None:
    rows = [("处罚", "1", "2", "3"), ("强制", "4", "5", "6"), ("其他", "0", "0", "0")]
    characters = print_rows([HEAD, *rows], pitch=12) + write("第二十条第六项", 255, 148)
    characters += print_rows([("内容", "上年数", "增减", "决定数"), *rows], top=160, pitch=12)
    (table,) = find(characters)
    texts = [cell.text for cell in table.cells]
    assert "增减" in texts
    assert "第二十条第六项" in texts


def test_tables_between_rules_with_a_title_between_are_two() -> None:
    first = print_rows([HEAD, ("新收", "1", "2", "3"), ("总计", "1", "2", "3")], top=112)
    title = write("行政复议和诉讼", 60, 190, size=16)
    second = print_rows([("甲", "乙", "丙", "丁"), ("0", "0", "1", "1")], top=222)
    rules = draw_lines([100, 120, 160, 210, 230, 250])
    tables = find([*first, *title, *second], rules)
    assert [len(read_rows(table)) for table in tables] == [3, 2]


def test_empty_table_between_rules_has_the_columns_of_its_shading() -> None:
    heights = [100.0, 120.0, 140.0, 160.0]
    shades = [(40.0, 100.0, 180.0, 120.0), (180.0, 100.0, 240.0, 120.0), (240.0, 100.0, 400.0, 120.0)]
    characters = write("内容", 50, 114) + write("制发件数", 182, 114) + write("现行", 300, 114)
    characters += write("规章", 50, 134) + write("规范性文件", 50, 154)
    (table,) = find(characters, draw_lines(heights), shades=shades)
    assert read_rows(table) == [["内容", "制发件数", "现行"], ["规章", "", ""], ["规范性文件", "", ""]]


def test_long_label_is_no_prose() -> None:
    long = "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"
    rows = [("新收", "1", "2", "3"), ("结转", "4", "5", "9"), (long, "0", "0", "0"), ("总计", "5", "7", "12")]
    (table,) = find(print_rows(rows, columns=(50, 420, 480, 540)))
    assert read_rows(table) == [list(row) for row in rows]


def test_justified_prose_with_numbers_between_blanks_is_no_table() -> None:
    lines = (
        ("全年新收申请", "381", "件，其中公开", "66", "件不予公开的"),
        ("三件，比上年", "12", "件减少了的是", "4", "件，没有收费"),
    )
    columns = (50, 117, 142, 209, 229)
    assert find(print_rows([*lines, *lines], columns=columns)) == []


def test_rows_far_apart_are_of_one_table_where_their_values_stand_in_line() -> None:
    rows = [("新收", "1", "2", "3"), ("结转", "4", "5", "9"), ("总计", "5", "7", "12")]
    (table,) = find(print_rows([HEAD, *rows], pitch=60))
    assert read_rows(table)[1:] == [list(row) for row in rows]


def join(*tables: PageTable) -> list[Table]:
    return [block for block in join_tables(tables) if isinstance(block, Table)]


def test_part_that_lacks_a_column_which_is_empty_there_goes_on_with_the_table() -> None:
    (above,) = find(print_rows([HEAD, ("新收", "1", "2", "3"), ("结转", "4", "5", "9"), ("其他", "4", "5", "9")]))
    rows = [("补正", "1", "", "3"), ("答复", "4", "", "9"), ("总计", "5", "", "12")]
    (below,) = find(print_rows(rows, top=60), page=2)
    (table,) = join(above, below)
    assert read_rows(table)[4:] == [["补正", "1", "", "3"], ["答复", "4", "", "9"], ["总计", "5", "", "12"]]


def test_margins_of_left_and_right_pages_part_no_table() -> None:
    rows = [("新收", "1", "2", "3"), ("结转", "4", "5", "9"), ("其他", "4", "5", "9")]
    (above,) = find(print_rows([HEAD, *rows]))
    (below,) = find(print_rows(rows, top=60, columns=[x + 25 for x in COLUMNS]), page=2)
    (table,) = join(above, below)
    assert {len(row) for row in read_rows(table)} == {4}
    assert len(read_rows(table)) == 7


def test_single_row_at_the_head_of_a_page_is_of_the_table_before() -> None:
    rows = [("新收", "1", "2", "3"), ("结转", "4", "5", "9"), ("其他", "4", "5", "9")]
    (above,) = find(print_rows([HEAD, *rows]))
    characters = print_rows([("总计", "5", "7", "12")], top=60)
    assert find(characters, page=2) == []
    (below,) = find(characters, page=2, before=above)
    (table,) = join(above, below)
    assert read_rows(table)[-1] == ["总计", "5", "7", "12"]


def test_prose_at_the_head_of_a_page_is_not_of_the_table_before() -> None:
    (above,) = find(print_rows([HEAD, ("新收", "1", "2", "3"), ("结转", "4", "5", "9"), ("其他", "4", "5", "9")]))
    prose = write("本年度共办理申请 5 件，均按时答复，没有收费。", 50, 60) + write("五、存在的问题", 50, 90)
    assert find(prose, page=2, before=above) == []


def test_headings_printed_again_on_the_next_page_are_no_rows() -> None:
    rows = [("新收", "1", "2", "3"), ("结转", "4", "5", "9"), ("其他", "4", "5", "9")]
    (above,) = find(print_rows([HEAD, *rows]))
    (below,) = find(print_rows([HEAD, *rows], top=60), page=2)
    (table,) = join(above, below)
    assert sum(cell.text == "自然人" for cell in table.cells) == 1


def test_tables_of_other_columns_stay_apart() -> None:
    rows = [("新收", "1", "2", "3"), ("结转", "4", "5", "9"), ("其他", "4", "5", "9")]
    (above,) = find(print_rows([HEAD, *rows]))
    (below,) = find(print_rows(rows, top=60, columns=(50, 400, 480, 560)), page=2)
    assert len(join(above, below)) == 2


def test_many_single_characters_in_a_line_are_read_in_time() -> None:
    characters = [c for y in range(60, 780, 12) for x in range(20, 680, 20) for c in write("0", x, y)]
    tables = find(characters)
    assert sum(len(table.cells) for table in tables) >= 60 * 30

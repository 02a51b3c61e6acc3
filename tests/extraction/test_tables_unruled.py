from __future__ import annotations

from collections.abc import Sequence

from extraction.tables.page_table import PageTable
from extraction.tables.pages import find_page_tables
from models.page import Character, Page, Rule
from tests.extraction.page_rows import read_rows, write

COLUMNS = (50.0, 200.0, 260.0, 320.0)


def print_rows(texts: Sequence[Sequence[str]], *, top: float = 100, pitch: float = 20) -> list[Character]:
    return [
        character
        for row, line in enumerate(texts)
        for column, text in enumerate(line)
        for character in write(text, COLUMNS[column], top + pitch * row)
    ]


def find(characters: Sequence[Character], rules: Sequence[Rule] = ()) -> list[PageTable]:
    return find_page_tables(Page(1, 600, 800, tuple(characters), tuple(rules)))


HEAD = ("情形", "自然人", "企业", "总计")
ROWS = (("本年新收", "12", "3", "15"), ("上年结转", "0", "", "0"), ("总计", "12", "3", "15"))


def test_columns_without_rules_are_told_by_alignment() -> None:
    (table,) = find(print_rows([HEAD, *ROWS]))
    assert read_rows(table) == [list(HEAD), *map(list, ROWS)]
    assert table.layout == "unruled"
    assert table.quality < 0.7


def test_place_left_empty_is_a_cell() -> None:
    (table,) = find(print_rows([HEAD, *ROWS]))
    assert [cell.text for cell in table.cells if cell.span.column == 2] == ["企业", "3", "", "3"]


def test_column_that_is_empty_but_for_its_heading_is_a_column() -> None:
    (table,) = find(print_rows([HEAD, ("新收", "1", "", "1"), ("结转", "2", "", "2"), ("总计", "3", "", "3")]))
    assert read_rows(table)[1] == ["新收", "1", "", "1"]


def test_horizontal_rules_part_rows_of_several_lines() -> None:
    characters = print_rows([HEAD, ("没有现成", "1", "2", "3")]) + write("信息需要", 50, 132)
    characters += write("另行制作", 50, 144) + print_rows([("其他", "4", "5", "6"), ("总计", "5", "7", "9")], top=164)
    rules = [Rule((50, y, 340, y + 0.5)) for y in (86.0, 106.0, 150.0, 170.0, 190.0)]
    (table,) = find(characters, rules)
    assert read_rows(table)[1] == ["没有现成信息需要另行制作", "1", "2", "3"]
    assert table.quality > 0.7


def test_values_at_the_middle_of_a_label_of_two_lines_are_of_its_row() -> None:
    characters = print_rows([HEAD, *ROWS], pitch=36)
    characters += write("没有现成信息", 50, 238) + write("需要另行制作", 50, 250)
    characters += print_rows([("", "7", "8", "9")], top=244)
    (table,) = find(characters)
    assert read_rows(table)[-1] == ["没有现成信息需要另行制作", "7", "8", "9"]


def test_values_at_the_middle_of_a_label_of_four_lines_are_of_its_row() -> None:
    characters = print_rows([HEAD, *ROWS], pitch=36)
    for number, text in enumerate(("2.申请人逾期", "未按收费通知", "要求缴纳费用", "不再处理")):
        characters += write(text, 50, 236 + 15 * number)
    characters += print_rows([("", "7", "8", "9")], top=258.5)
    (table,) = find(characters)
    assert read_rows(table)[-1] == ["2.申请人逾期未按收费通知要求缴纳费用不再处理", "7", "8", "9"]


def test_a_table_of_totals_alone_beside_labels_of_two_lines_is_one() -> None:
    """Most of its lines hold a label or a value, few both: rows are told by their only column of values."""
    characters = print_rows([HEAD, ("本年新收", "", "", "0"), ("上年结转", "", "", "0")])
    for number in range(18):
        top = 160 + 34 * number
        characters += write(f"{number + 1}、没有现成信息", 50, top) + write("需要另行制作", 50, top + 12)
        characters += print_rows([("", "", "", str(number))], top=top + 6)
    (table,) = find(characters)
    read = [row for row in read_rows(table)[3:] if any(row)]
    assert read == [[f"{number + 1}、没有现成信息需要另行制作", "", "", str(number)] for number in range(18)]


def test_label_without_values_is_not_given_those_of_the_next_row() -> None:
    (table,) = find(print_rows([HEAD, *ROWS[:2], ("2.重复申请", "", "", ""), ("3.其他", "7", "8", "9"), ROWS[2]]))
    assert read_rows(table)[3:5] == [["2.重复申请", "", "", ""], ["3.其他", "7", "8", "9"]]


def test_last_row_with_its_unit_and_no_value_is_a_row() -> None:
    rows = (("一、收到数", "件", "", "12"), ("二、答复数", "件", "", "3"), ("三、专项经费", "万元", "", "9"))
    (table,) = find(print_rows([*rows, ("四、举报数", "件", "", "")]))
    assert read_rows(table)[-1][:2] == ["四、举报数", "件"]


def test_number_wrapped_under_its_row_is_not_lost() -> None:
    rows = [("新收", "1", "2", "3"), ("结转", "4", "5", "9"), ("总计", "5", "7", "123")]
    (table,) = find(print_rows([HEAD, *rows]) + write("45", 320, 172))
    assert read_rows(table)[-1][-1] != "123"


def test_heading_over_two_columns_is_a_merged_cell() -> None:
    characters = write("法人或其他组织", 200, 80) + print_rows([HEAD, *ROWS])
    (table,) = find([*write("甲", 50, 80), *characters])
    assert [(c.text, c.span.column, c.span.column_end) for c in table.cells if c.span.row == 0][1] == (
        "法人或其他组织", 1, 3
    )  # fmt: skip


def test_heading_of_a_section_is_no_row() -> None:
    characters = print_rows([HEAD, *ROWS]) + write("四、行政复议情况", 50, 190, size=14)
    characters += print_rows([HEAD, *ROWS], top=220)
    assert [len(read_rows(table)) for table in find(characters)] == [4, 4]


def test_prose_with_numbers_is_no_table() -> None:
    lines = [
        "全年共受理申请 21 件，其中 3 件结转下年度继续办理，",
        "主动公开信息 550 条，比上年增加 12 条，",
        "收费 0 元。",
    ]
    assert find([c for n, line in enumerate(lines) for c in write(line, 50, 100 + 18 * n)]) == []


def test_table_of_contents_is_no_table() -> None:
    lines = [f"{name}、总体情况………………………{page}" for name, page in zip("一二三四", "1357", strict=True)]
    assert find([c for n, line in enumerate(lines) for c in write(line, 50, 100 + 18 * n)]) == []


def test_two_lines_of_label_and_number_are_no_table() -> None:
    assert find(print_rows([("电话", "", "", "010"), ("邮编", "", "", "100")])) == []


def test_single_row_of_many_values_under_headings_is_a_table() -> None:
    characters = []
    for number in range(6):
        characters += write("结果", 50 + 40 * number, 100) + write(str(number), 56 + 40 * number, 120)
    (table,) = find(characters)
    assert read_rows(table) == [["结果"] * 6, list("012345")]


def test_page_without_print_has_no_table() -> None:
    assert find([]) == []
    assert find(write(" ", 50, 100)) == []


def test_numbers_that_count_rows_beside_a_label_on_two_lines_are_no_values() -> None:
    characters: list[Character] = []
    for row in range(8):
        y = 100 + 30 * row
        if row in (3, 6):  # the numbers are set apart, and the label stands above and below them
            characters += write("1", 90, y) + write(str(row), 120, y) + write("-", 350, y)
            characters += write("二、回应解读", 150, y - 7) + write("情况", 150, y + 7)
        else:
            characters += write(f"1{row}", 60, y) + write(f"{row}、公开数量", 150, y)
            characters += write("条", 350, y) + write("0", 450, y)
    (table,) = find(characters)
    rows = [[text for text in row if text] for row in read_rows(table)]
    assert [row[-1] for row in rows] == ["0", "0", "0", "-", "0", "0", "-", "0"]
    assert rows[3][-2] == "二、回应解读情况"


def test_a_longer_line_without_a_number_goes_on_with_the_label_above_where_labels_are_numbered() -> None:
    rows = [(f"{n}.保护合法权益", "0", "0", "0") for n in range(1, 5)]
    characters = print_rows([HEAD, *rows], pitch=30)
    characters += write("5.属", 50, 246) + print_rows([("", "7", "8", "9")], top=253)
    characters += write("于三类内部事务信息", 50, 260) + print_rows([("6.其他", "1", "1", "2")], top=284)
    (table,) = find(characters)
    assert read_rows(table)[-2:] == [["5.属于三类内部事务信息", "7", "8", "9"], ["6.其他", "1", "1", "2"]]


def test_a_heading_whose_characters_stand_far_apart_is_one_column() -> None:
    lefts = (50.0, 76.0, 140.0, 166.0, 230.0, 290.0)
    heads = ["结果", "纠正", "其他", "未审", "总计", "维持"]
    characters = [c for x, text in zip(lefts, heads, strict=True) if text != "总计" for c in write(text, x, 100)]
    characters += write("总", lefts[4], 100) + write("计", lefts[4] + 24, 100)
    characters += [c for x in lefts for c in write("0", x + (26 if x == lefts[4] else 12), 120)]
    (table,) = find(characters)
    assert read_rows(table)[0] == heads
    assert read_rows(table)[1] == ["0"] * 6


def test_headings_nearly_their_own_width_apart_over_empty_cells_are_two_columns() -> None:
    characters = (
        write("情形", 50, 100) + write("商业企业", 200, 100) + write("科研机构", 250.5, 100) + write("总计", 330, 100)
    )
    for row, label in enumerate(("本年新收", "上年结转", "予以公开", "结转下年"), 1):
        characters += write(label, 50, 100 + 20 * row) + write("7", 335, 100 + 20 * row)
    (table,) = find(characters)
    assert read_rows(table)[0] == ["情形", "商业企业", "科研机构", "总计"]
    company, research = (cell.box for cell in table.cells if cell.span.row == 1 and cell.span.column in (1, 2))
    assert company[2] <= 251 <= research[2]
    assert company != research


def test_a_heading_goes_on_after_a_gap_with_its_bracket() -> None:
    characters = write("情形", 50, 100) + write("收费金额", 200, 100) + write("（万元）", 249, 100)
    for row, label in enumerate(("行政事业性收费", "其他收费", "合计"), 1):
        characters += write(label, 50, 100 + 20 * row) + write("7", 240, 100 + 20 * row)
    (table,) = find(characters)
    assert read_rows(table)[0] == ["情形", "收费金额（万元）"]

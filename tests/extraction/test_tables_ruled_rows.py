"""Tables with horizontal rules only: what stands between two of them is a row."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.tables.page_table import PageTable
from extraction.tables.pages import find_page_tables
from models.page import Character, Page, Rule
from tests.extraction.page_rows import read_rows, write


def rule(left: float, right: float, at: float) -> Rule:
    return Rule((left, at, right, at + 0.5))


def find(characters: Sequence[Character], rules: Sequence[Rule]) -> list[PageTable]:
    return find_page_tables(Page(1, 400.0, 600.0, tuple(characters), tuple(rules)))


def print_row(number: str, label: Sequence[str], values: Sequence[str], top: float) -> list[Character]:
    """Lines of a label with its number and its values at their middle, as a cell of a table is written."""
    middle = top + 14 + 6 * (len(label) - 1)
    characters = write(number, 22, middle)
    for line, text in enumerate(label):
        characters += write(text, 102, top + 14 + 12 * line)
    return characters + [c for n, value in enumerate(values) for c in write(value, 205 + 60.0 * n, middle)]


def print_numbered(second: Sequence[str]) -> tuple[list[Character], list[Rule]]:
    """Three rows with their numbers, and a label over all of them."""
    heads = [*write("序号", 20, 94), *write("自然人", 200, 94), *write("企业", 260, 94), *write("总计", 320, 94)]
    characters = heads + print_row("1", ["属于国家秘密"], ["0", "1", "1"], 100)
    characters += print_row("2", ["其他法律法规", "禁止公开"], second, 122)
    characters += print_row("3", ["保护第三方", "合法权益"], ["0", "0", "0"], 156)
    characters += [c for n, text in enumerate("不予公开") for c in write(text, 60, 125 + 13.0 * n)]
    rules = [rule(20, 345, at) for at in (80, 100, 190)]
    rules += [rule(left, right, at) for at in (122, 156) for left, right in ((20, 45), (95, 345))]
    return characters, rules


def test_values_beside_labels_of_two_lines_are_in_their_rows() -> None:
    (table,) = find(*print_numbered(["3", "4", "7"]))
    assert [row[-3:] for row in read_rows(table)] == [
        ["自然人", "企业", "总计"],
        ["0", "1", "1"],
        ["3", "4", "7"],
        ["0", "0", "0"],
    ]
    assert "其他法律法规禁止公开" in read_rows(table)[2]


def test_label_over_rows_is_one_cell_beside_all_of_them() -> None:
    (table,) = find(*print_numbered(["3", "4", "7"]))
    (label,) = [cell for cell in table.cells if cell.text == "不予公开"]
    assert (label.span.row, label.span.row_end) == (1, 4)


def test_digits_below_one_another_between_two_rules_are_one_number() -> None:
    characters, rules = print_numbered(["", "", ""])
    for line, digit in enumerate("52"):
        characters += write(digit, 205, 136 + 12.0 * line) + write("0" if line == 0 else "", 325, 136)
    (table,) = find(characters, rules)
    assert read_rows(table)[2][-3:] == ["52", "", "0"]


def test_rows_without_rules_between_them_stay_apart() -> None:
    characters, rules = print_numbered(["3", "4", "7"])
    (table,) = find(characters, [line for line in rules if line.box[1] not in (122, 156)])
    assert [row[-3:] for row in read_rows(table) if row[-1].isdigit()] == [
        ["0", "1", "1"],
        ["3", "4", "7"],
        ["0", "0", "0"],
    ]


def test_label_set_over_its_width_is_one_label_on_two_lines() -> None:
    characters, rules = print_numbered(["3", "4", "7"])
    wide = [c for text, left in (("(", 102), ("七", 122), (")", 145), ("总", 165)) for c in write(text, left, 204)]
    wide += write("计", 102, 216)
    characters += wide + [c for n, value in enumerate("369") for c in write(value, 205 + 60.0 * n, 210)]
    (table,) = find(characters, [*rules, rule(20, 345, 222)])
    assert "(七)总计" in read_rows(table)[-1]


def test_headings_set_over_the_width_of_their_cells_head_their_columns() -> None:
    lefts = [(20, 32, 44, 56), (80, 92, 104, 116), (140, 152, 164, 176)]
    words = ("结果维持", "结果纠正", "其他结果")
    characters = [
        c
        for word, places in zip(words, lefts, strict=True)
        for text, x in zip(word, places, strict=True)
        for c in write(text, x, 94)
    ]
    characters += [c for n in range(3) for c in write("0", 41 + 60.0 * n, 116)]
    characters += [c for n in range(3) for c in write("0", 41 + 60.0 * n, 138)]
    characters += [c for n in range(3) for c in write("0", 41 + 60.0 * n, 160)]
    (table,) = find(characters, [rule(18, 190, at) for at in (80, 100, 122, 144, 166)])
    assert read_rows(table)[0] == list(words)


def test_remark_beside_a_row_is_no_heading() -> None:
    heads = [*write("情形", 20, 94), *write("自然人", 120, 94), *write("总计", 180, 94), *write("说明", 260, 94)]
    characters = list(heads)
    for number, label in enumerate(("新收数量", "结转数量", "总计数量")):
        base = 120 + 40.0 * number
        characters += write(label, 20, base) + write("1", 125, base) + write("1", 185, base)
    characters += write("其中一件", 250, 154) + write("撤回", 250, 166)
    (table,) = find(characters, [])
    rows = read_rows(table)
    assert [row[:3] for row in rows[1:]] == [[text, "1", "1"] for text in ("新收数量", "结转数量", "总计数量")]
    assert rows[2][3] == "其中一件撤回"


def test_columns_of_two_heads_stay_their_own() -> None:
    characters = [*write("内容", 20, 94), *write("制作数", 110, 94), *write("公开数", 190, 94), *write("总数", 275, 94)]
    for number, values in enumerate((("1", "2", "3"), ("4", "5", "6"))):
        base = 114 + 20.0 * number
        characters += write("规章" if number == 0 else "文件", 20, base)
        characters += [c for n, value in enumerate(values) for c in write(value, 122 + 80.0 * n, base)]
    characters += [*write("内容", 20, 160), *write("项目数", 110, 160), *write("采购总金额", 218, 160)]
    characters += write("采购", 20, 180) + write("7", 122, 180) + write("8", 242, 180)
    (table,) = find(characters, [])
    last = [cell for cell in table.cells if cell.span.row == max(c.span.row for c in table.cells)]
    assert [cell.text for cell in last] == ["采购", "7", "8"]
    assert [row[1:] for row in read_rows(table)[1:3]] == [["1", "2", "3"], ["4", "5", "6"]]


def test_label_broken_before_a_third_party_is_one_label() -> None:
    characters, rules = print_numbered(["3", "4", "7"])
    characters += print_row("4", ["4.保护", "第三方权益"], ["1", "0", "1"], 190)
    (table,) = find(characters, [*rules, rule(20, 345, 224)])
    assert read_rows(table)[-1][-4:] == ["4.保护第三方权益", "1", "0", "1"]

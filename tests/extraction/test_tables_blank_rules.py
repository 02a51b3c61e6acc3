"""Tables without vertical rules whose values are left out, or stand in few columns: what tells their columns."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.tables.joining import join_tables
from extraction.tables.page_table import PageTable
from extraction.tables.pages import find_page_tables
from models.document import Table
from models.page import Box, Character, Page, Rule
from tests.extraction.page_rows import print_line, read_rows, write

HEADS = [("自然人", 300.0), ("企业", 370.0), ("总计", 430.0)]
OUTCOMES = ("1.属于国家秘密", "2.法律禁止公开", "3.保护第三方", "4.重复申请")


def rule_rows(*heights: float) -> list[Rule]:
    return [Rule((20, at, 480, at + 0.5)) for at in heights]


def find(
    characters: Sequence[Character], rules: Sequence[Rule] = (), *, page: int = 1, before: PageTable | None = None
) -> list[PageTable]:
    return find_page_tables(Page(page, 600, 800, tuple(characters), tuple(rules)), before=before)


def print_outcomes(texts: Sequence[str], top: float) -> list[Character]:
    """Rows with three labels side by side and nothing behind them, 20 points high."""
    rows = [print_line([("三、结果", 22), ("（三）不予公开", 102), (text, 182)], 0) for text in texts]
    return [_move(c, top + 14 + 20.0 * number) for number, row in enumerate(rows) for c in row]


def _move(character: Character, base: float) -> Character:
    left, top, right, bottom = character.box
    origin = (character.origin[0], character.origin[1] + base)
    return Character(character.text, (left, top + base, right, bottom + base), origin, character.size)


def list_labels(table: PageTable, row: int) -> list[str]:
    return [text for text in read_rows(table)[row] if text]


def test_labels_side_by_side_without_values_stand_in_columns_of_their_own() -> None:
    characters = print_line([("指标", 30), *HEADS], 94) + write("一、本年新收政府信息公开申请", 22, 114)
    characters += print_outcomes(OUTCOMES, 120)
    (table,) = find(characters, rule_rows(80, 100, 120, 140, 160, 180, 200))
    assert [len(row) for row in read_rows(table)[2:]] == [3 + len(HEADS)] * len(OUTCOMES)
    assert [list_labels(table, 2 + n) for n in range(4)] == [["三、结果", "（三）不予公开", text] for text in OUTCOMES]
    assert read_rows(table)[1] == ["一、本年新收政府信息公开申请", "", "", ""]


def test_the_rest_of_a_table_without_values_has_the_columns_of_the_page_before() -> None:
    characters = print_line([("指标", 30), *HEADS], 94) + print_outcomes(OUTCOMES, 100)
    (first,) = find(characters, rule_rows(80, 100, 120, 140, 160, 180))
    rest = print_outcomes(["（七）总计"], 60) + write("四、结转下年度继续办理", 22, 94)
    (second,) = find(rest, rule_rows(60, 80, 100), page=2, before=first)
    (table,) = (block for block in join_tables([first, second]) if isinstance(block, Table))
    last = [cell for cell in table.cells if cell.row == len(OUTCOMES) + 2]
    assert [cell.text for cell in last] == ["四、结转下年度继续办理", "", "", ""]
    assert all(cell.evidence.page == 2 for cell in last)


def test_rules_as_wide_as_those_of_another_table_alone_make_none() -> None:
    characters = write("以上报告，请予审议", 22, 74) + write("联系人", 22, 94)
    assert find(characters, rule_rows(60, 80, 100)) == []


def test_the_name_of_a_section_in_a_row_as_high_as_the_others_ends_no_table() -> None:
    texts = ["统计项目", "一、主动公开情况", "（一）主动公开数", "二、回应解读情况", "（一）回应数", "1.其他"]
    characters = [c for n, text in enumerate(texts) for c in write(text, 22, 94 + 20 * n)]
    characters += write("数量", 300, 94) + write("备注", 400, 94)
    (table,) = find(characters, rule_rows(*range(80, 220, 20)))
    assert [row[0] for row in read_rows(table)] == texts


def test_a_caption_between_rules_parts_two_tables() -> None:
    def print_table(top: float) -> list[Character]:
        rows = [
            [("情形", 30.0), *HEADS],
            *([(text, 30.0), *((str(n), x) for n, (_, x) in enumerate(HEADS))] for text in OUTCOMES),
        ]
        return [c for n, row in enumerate(rows) for c in print_line(row, top + 14 + 20 * n)]

    characters = print_table(80) + write("（附：上年统计表）", 210, 194) + print_table(200)
    tables = find(characters, rule_rows(*range(80, 320, 20)))
    assert [len(read_rows(table)) for table in tables] == [5, 5]


def test_two_headings_in_one_leave_a_value_to_the_column_that_it_stands_in() -> None:
    heads = [("情形", 30.0), ("自然人", 200.0), ("商业企业科研机构", 260.0), ("总计", 380.0)]
    first = print_line(heads, 94) + print_line([("一、新收", 30), ("9", 210), ("1", 330), ("10", 385)], 114)
    first += print_line([("二、结转", 30), ("9", 210), ("1", 330), ("10", 385)], 134)
    (above,) = find(first)
    rows = [[("1.国家秘密", 30.0), ("3", 210.0), ("2", 280.0), ("4", 330.0), ("9", 385.0)]] * 3
    (below,) = find([c for n, row in enumerate(rows) for c in print_line(row, 74 + 20 * n)], page=2, before=above)
    (table,) = (block for block in join_tables([above, below]) if isinstance(block, Table))
    row = [cell for cell in table.cells if cell.row == 1]
    assert [cell.text for cell in row] == ["一、新收", "9", "", "1", "10"]
    empty = row[2].box
    assert empty is not None
    assert row[1].box is not None and row[3].box is not None
    assert middle(row[1].box) < middle(empty) < middle(row[3].box)


def middle(box: Box) -> float:
    return (box[0] + box[2]) / 2


def test_headings_without_a_gap_that_stand_alone_elsewhere_are_several() -> None:
    words = ["维持", "纠正", "其他情形", "总计数量"]
    places = [(word, 100 + 60.0 * n) for n, word in enumerate(words)]
    characters = print_line([("情形", 30), *places, ("其他情形总计数量", 340)], 94)
    for number, label in enumerate(("新收", "结转", "办结")):
        values = [(str(n), 110 + 60.0 * n) for n in range(4)]
        characters += print_line([(label, 30), *values], 114 + 20 * number)
    (table,) = find(characters)
    assert read_rows(table)[0] == ["情形", *words, *words[2:]]


def test_a_number_of_two_digits_over_one_another_is_no_number_of_one() -> None:
    heads = print_line([(text, 40 + 40.0 * n) for n, text in enumerate(("维持", "纠正", "其他", "未结", "总计"))], 94)
    row = [*write("3", 50, 120), *write("1", 90, 114), *write("2", 90, 126)]
    row += [c for n, text in enumerate(("4", "5", "6")) for c in write(text, 130 + 40 * n, 120)]
    (table,) = find([*heads, *row])
    assert read_rows(table)[-1][1] not in ("1", "2")
    assert [text for n, text in enumerate(read_rows(table)[-1]) if n != 1] == ["3", "4", "5", "6"]


def test_the_last_row_of_a_table_may_be_empty_though_it_has_one_row_with_values() -> None:
    characters = print_line([("情形", 30), *HEADS], 94)
    characters += print_line([("（七）总计", 30), ("4", 310), ("2", 375), ("6", 435)], 114)
    (table,) = find([*characters, *write("四、结转下年度", 30, 132)])
    assert read_rows(table)[-1] == ["四、结转下年度", "", "", ""]


def test_a_long_label_far_below_the_last_values_stays_in_its_table() -> None:
    long = "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"
    characters = print_line([("情形", 60), *((text, x + 60) for text, x in HEADS)], 94)
    for number, label in enumerate(("一、新收", "二、结转")):
        characters += print_line([(label, 90), ("1", 370), ("2", 435), ("3", 495)], 114 + 20 * number)
    for number, label in enumerate(("（一）予以公开", "甲乙", "丙丁")):
        characters += write(label, 90, 154 + 16 * number)
    characters += write(long, 62, 202)
    (table,) = find([*characters, *print_line([("3.其他", 90), ("0", 370), ("0", 435), ("0", 495)], 222)])
    assert read_rows(table)[-1][-3:] == ["0", "0", "0"]
    assert any(long in row for row in read_rows(table))

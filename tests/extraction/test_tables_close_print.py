"""Tables without vertical rules whose print stands so close that no gap parts it."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.tables.aligned_heading_parts import part_close
from extraction.tables.aligned_lines import SegmentLine, make_segment
from extraction.tables.page_table import PageTable
from extraction.tables.pages import find_page_tables
from models.page import Character, Page, Rule
from tests.extraction.page_rows import SIZE, read_rows, write

VALUES = (220.0, 250.0, 280.0, 330.0)  # the middles of four columns, the first three 30 points wide


def centre(text: str, middle: float, base: float) -> list[Character]:
    width = sum(SIZE / 2 if letter.isascii() else SIZE for letter in text)
    return write(text, middle - width / 2, base)


def print_row(label: str, values: Sequence[str], base: float, *, left: float = 50) -> list[Character]:
    return write(label, left, base) + [
        character for middle, value in zip(VALUES, values, strict=False) for character in centre(value, middle, base)
    ]


def print_head(headings: Sequence[Sequence[str]], top: float = 86) -> list[Character]:
    """Headings cell by cell, each with all its lines before the next, as converters write them."""
    return [
        character
        for middle, lines in zip(VALUES, headings, strict=True)
        for number, line in enumerate(lines)
        for character in centre(line, middle, top + 12 * number)
    ]


def find(characters: Sequence[Character], rules: Sequence[Rule] = ()) -> list[PageTable]:
    return find_page_tables(Page(1, 600, 800, tuple(characters), tuple(rules)))


def list_headings(table: PageTable) -> set[str]:
    return {"".join(cell.text.split()) for cell in table.cells if cell.span.column > 0 and cell.text}


def test_headings_that_touch_and_go_on_in_the_next_line_are_parted() -> None:
    head = print_head([["自然人"], ["商业企", "业"], ["科研机", "构"], ["总计"]])
    rows = [("一、新收", ("1", "", "", "1")), ("二、结转", ("2", "", "", "2")), ("三、其他", ("3", "", "", "3"))]
    characters = head + [c for n, (label, values) in enumerate(rows) for c in print_row(label, values, 120 + 16 * n)]
    (table,) = find(characters)
    assert len(table.columns) == 6
    assert {"自然人", "总计"} <= list_headings(table)
    assert read_rows(table)[-1] == ["三、其他", "3", "", "", "3"]


def test_headings_on_one_line_with_half_a_blank_between_are_told_by_the_values_under_their_middles() -> None:
    head = centre("商企", 220, 86) + centre("科研", 245, 86) + centre("社会", 270, 86) + centre("总计", 310, 86)
    characters = list(head)
    for number, values in enumerate([("1", "", "3", "4"), ("0", "", "0", "0"), ("2", "", "2", "4")]):
        characters += write("一二三"[number] + "、新收数量", 50, 110 + 16 * number)
        for middle, value in zip((220, 245, 270, 310), values, strict=True):
            characters += centre(value, middle, 110 + 16 * number)
    (table,) = find(characters)
    assert read_rows(table)[-1] == ["三、新收数量", "2", "", "2", "4"]


def test_group_label_that_touches_the_next_label_is_not_joined_with_its_last_line() -> None:
    values = ("1", "2", "3", "6")
    head = [*write("情形", 60, 86), *print_head([["自然人"], ["企业"], ["其他"], ["总计"]])]
    lines = [*write("2.逾期未缴费", 100, 120), *write("1.不予补正", 100, 104)]
    group = write("其他处", 69.5, 132)
    last = [*write("的不再处理", 100, 132), *print_row("", values, 126)]
    characters = head + print_row("", values, 104) + lines[6:] + group + lines[:6] + last
    (table,) = find(characters + print_row("3.其他", values, 148, left=100))
    assert not any("其他处的" in cell.text for cell in table.cells)


def test_short_label_without_values_is_not_joined_with_the_longer_one_below() -> None:
    head = [*write("信息内容", 60, 86), *print_head([["制发"], ["废止"], ["有效"], ["总计"]])]
    characters = head + print_row("规章", (), 100) + print_row("行政规范性文件", ("6", "2", "9", "17"), 112)
    characters += print_row("行政许可", ("1", "1", "1", "3"), 124)
    (table,) = find(characters)
    assert [row[0] for row in read_rows(table)] == ["信息内容", "规章", "行政规范性文件", "行政许可"]
    assert read_rows(table)[1][1:] == ["", "", "", ""]


def test_rows_set_close_with_labels_of_their_own_hold_two_numbers() -> None:
    head = [*write("信息内容", 60, 86), *print_head([["制发"], ["废止"], ["有效"], ["总计"]])]
    characters = list(head)
    for number, (label, value) in enumerate([("行政处罚", "2256"), ("行政强制", "1"), ("行政事业性收费", "7")]):
        characters += write(label, 50, 100 + 10.5 * number) + write(value, 210, 100 + 10.5 * number)
    (table,) = find(characters)
    assert [row[1] for row in read_rows(table)[1:]] == ["2256", "1", "7"]


def test_table_of_few_values_under_text_in_two_columns_is_found_without_the_text() -> None:
    text = [
        character
        for number in range(6)
        for left in (50, 300)
        for character in write("公开目录逐项细化", left, 100 + 20 * number, size=16)
    ]
    rows = [("信息内容", "制发", "废止", "有效"), ("行政许可", "", "2", "3"), ("行政处罚",)]
    table_print = [
        character
        for number, row in enumerate(rows)
        for column, value in enumerate(row)
        for character in write(value, 50 + 80 * column, 230 + 18 * number)
    ]
    (table,) = find(text + table_print)
    assert read_rows(table) == [list(rows[0]), list(rows[1]), ["行政处罚", "", "", ""]]


def test_frame_that_the_page_break_cuts_keeps_the_rows_beside_a_label_that_goes_on() -> None:
    head = [*write("情形", 60, 96), *print_head([["自然人"], ["企业"], ["其他"], ["总计"]], top=96)]
    characters = head + print_row("一、新收", ("1", "0", "0", "1"), 116)
    heights = (80, 104, 124, 144, 164, 184)
    for number, base in enumerate((136, 156, 176)):
        characters += write("办理结"[number], 50, base)
        characters += print_row(f"{number + 1}.不予公开", ("", "", "", str(number)), base, left=80)
    rules = [Rule((40 if at <= 124 else 75, at, 350, at + 0.5)) for at in heights]
    (table,) = find(characters, rules)
    assert [row[-1] for row in read_rows(table)[-3:]] == ["0", "1", "2"]


def test_value_in_the_middle_of_all_columns_is_of_a_cell_over_them() -> None:
    head = [*write("信息内容", 60, 86), *print_head([["甲"], ["乙"], ["丙"], ["丁"]])]
    rows = [("一、新收", ("1", "0", "2", "3")), ("二、结转", ("4", "1", "1", "6")), ("三、其他", ("5", "1", "3", "9"))]
    characters = head + [c for n, (label, values) in enumerate(rows) for c in print_row(label, values, 104 + 18 * n)]
    (table,) = find(characters + write("四、总计", 50, 158) + centre("0", 277.7, 158))
    (cell,) = [cell for cell in table.cells if cell.span.row == 4 and cell.text == "0"]
    assert (cell.span.column, cell.span.column_end) == (1, 5)


def test_headings_whose_places_in_the_file_are_not_known_are_parted_by_the_gap_alone() -> None:
    heading = make_segment(write("商业企业", 50, 100) + write("科研机构", 98, 100))
    line = SegmentLine((heading,), heading.box, 100.0, SIZE)
    ((_, parted),) = part_close([(0, line)])
    assert [segment.text for segment in parted.segments] == ["商业企业", "科研机构"]

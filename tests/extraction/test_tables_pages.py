from __future__ import annotations

from collections.abc import Sequence

import pytest

from extraction.tables.page_table import Grid, PageTable, Span
from extraction.tables.pages import find_page_tables
from extraction.tables.ruled import MAX_RULES
from models.page import Box, Character, Page, Rule
from tests.extraction.page_rows import write


def across(y: float, left: float, right: float, *, thick: float = 0.5) -> Rule:
    return Rule((left, y - thick / 2, right, y + thick / 2))


def down(x: float, top: float, bottom: float, *, thick: float = 0.5) -> Rule:
    return Rule((x - thick / 2, top, x + thick / 2, bottom))


def draw_grid(columns: Sequence[float], rows: Sequence[float]) -> list[Rule]:
    lines = [across(y, columns[0], columns[-1]) for y in rows]
    return lines + [down(x, rows[0], rows[-1]) for x in columns]


def make_page(characters: Sequence[Character], rules: Sequence[Rule] = (), *, turn: int = 0) -> Page:
    return Page(1, 600, 800, tuple(characters), tuple(rules), turn=turn)


def fill(texts: Sequence[Sequence[str]], columns: Sequence[float], rows: Sequence[float]) -> list[Character]:
    return [
        character
        for row, line in enumerate(texts)
        for column, text in enumerate(line)
        for character in write(text, columns[column] + 6, rows[row] + 14)
    ]


def show(table: PageTable) -> list[tuple[str, int, int, int, int]]:
    return [(c.text, c.span.row, c.span.column, c.span.row_end, c.span.column_end) for c in table.cells]


def read_texts(table: PageTable) -> list[str]:
    return [cell.text for cell in table.cells]


COLUMNS, ROWS = (50.0, 150.0, 200.0, 250.0), (100.0, 120.0, 140.0)
TEXTS = (("行政许可", "12", "0"), ("行政处罚", "", "345"))


def test_cells_hold_their_print_and_empty_ones_are_there() -> None:
    page = make_page(fill(TEXTS, COLUMNS, ROWS), draw_grid(COLUMNS, ROWS))
    (table,) = find_page_tables(page)
    assert show(table) == [
        ("行政许可", 0, 0, 1, 1),
        ("12", 0, 1, 1, 2),
        ("0", 0, 2, 1, 3),
        ("行政处罚", 1, 0, 2, 1),
        ("", 1, 1, 2, 2),
        ("345", 1, 2, 2, 3),
    ]
    assert table.layout == "ruled"


def test_evidence_is_the_box_of_the_print_or_of_the_empty_cell() -> None:
    page = make_page(fill(TEXTS, COLUMNS, ROWS), draw_grid(COLUMNS, ROWS))
    cells = find_page_tables(page)[0].cells
    assert cells[1].evidence.bbox == (156.5, 106.0, 165.5, 114.0)
    assert cells[4].evidence.bbox == (150.0, 120.0, 200.0, 140.0)
    assert cells[1].evidence.page == 1


def test_evidence_of_a_turned_page_is_on_the_page_as_shown() -> None:
    page = make_page(fill(TEXTS, COLUMNS, ROWS), draw_grid(COLUMNS, ROWS), turn=90)
    cell = find_page_tables(page)[0].cells[1]
    assert cell.evidence.bbox == page.place_box((156.5, 106.0, 165.5, 114.0))


def test_characters_of_a_table_are_known_from_those_beside_it() -> None:
    beside = write("三、申请情况", 50, 90)
    inside = fill(TEXTS, COLUMNS, ROWS)
    (table,) = find_page_tables(make_page([*beside, *inside], draw_grid(COLUMNS, ROWS)))
    assert all(table.holds(character) for character in inside)
    assert not any(table.holds(character) for character in beside)


def test_row_at_a_page_break_without_bottom_rule_is_a_row() -> None:
    rules = [across(100, 50, 250), across(120, 50, 250), *(down(x, 100, 140) for x in COLUMNS)]
    (table,) = find_page_tables(make_page(fill(TEXTS, COLUMNS, ROWS), rules))
    assert read_texts(table) == ["行政许可", "12", "0", "行政处罚", "", "345"]


def test_outer_rules_that_are_missing_are_where_the_rows_end() -> None:
    rules = [across(y, 50, 250) for y in ROWS] + [down(x, 100, 140) for x in COLUMNS[1:-1]]
    (table,) = find_page_tables(make_page(fill(TEXTS, COLUMNS, ROWS), rules))
    assert read_texts(table) == ["行政许可", "12", "0", "行政处罚", "", "345"]


def test_row_of_one_cell_in_a_table_without_outer_rules_belongs_to_it() -> None:
    rows = (100.0, 120.0, 140.0, 160.0)
    rules = [across(y, 50, 250) for y in rows] + [down(x, 100, 120) for x in (150.0, 200.0)]
    rules += [down(x, 140, 160) for x in (150.0, 200.0)]
    texts = [("规章", "1", "2"), ("第二十条第（五）项", "", ""), ("行政许可", "3", "4")]
    (table,) = find_page_tables(make_page(fill(texts, COLUMNS, rows), rules))
    assert ("第二十条第（五）项", 1, 0, 2, 3) in show(table)
    assert read_texts(table) == ["规章", "1", "2", "第二十条第（五）项", "行政许可", "3", "4"]


def test_a_line_of_text_that_begins_left_of_two_tables_without_outer_rules_parts_them() -> None:
    columns, upper, lower = (100, 200, 300), (100, 120, 140), (160, 180, 200)
    rules = [across(y, 40, 400) for y in (*upper, *lower)]
    rules += [down(x, rows[0], rows[-1]) for x in columns for rows in (upper, lower)]
    texts = [["甲", "1", "2", "3"], ["乙", "4", "5", "6"]]
    print_both = fill(texts, (40, *columns), upper) + fill(texts, (40, *columns), lower)
    apart = find_page_tables(make_page(print_both + write("四、复议情况", 25, 154), rules))
    assert [len(table.cells) for table in apart] == [8, 8]
    (joined,) = find_page_tables(make_page(print_both + write("复议情况", 60, 154), rules))
    assert len(joined.cells) == 17


def test_cells_that_the_page_ends_in_are_known_as_cut() -> None:
    columns, rows = (480, 540, 600), (100, 120, 140)
    characters = fill([["甲", "1"], ["乙", ""]], columns, rows)
    (table,) = find_page_tables(make_page(characters, draw_grid(columns, rows)))
    assert [cell.cut for cell in table.cells] == [False, True, False, True]
    (inside,) = find_page_tables(make_page(fill([["甲", "1"], ["乙", ""]], COLUMNS, ROWS), draw_grid(COLUMNS, ROWS)))
    assert not any(cell.cut for cell in inside.cells)


def test_merged_cells_span_rows_and_columns() -> None:
    rules = [across(100, 50, 250), across(120, 150, 250), across(140, 50, 250), down(50, 100, 140)]
    rules += [down(150, 100, 140), down(200, 120, 140), down(250, 100, 140)]
    (table,) = find_page_tables(make_page(fill((("项目", "申请人", ""), ("", "1", "2")), COLUMNS, ROWS), rules))
    assert show(table) == [("项目", 0, 0, 2, 1), ("申请人", 0, 1, 1, 3), ("1", 1, 1, 2, 2), ("2", 1, 2, 2, 3)]


def test_doubled_rules_are_one() -> None:
    rules = draw_grid(COLUMNS, ROWS)
    rules += draw_grid([x + 1.5 for x in COLUMNS], [y + 1.5 for y in ROWS])
    (table,) = find_page_tables(make_page(fill(TEXTS, COLUMNS, ROWS), rules))
    assert len(table.columns) == 4 and len(table.rows) == 3


def test_boxes_of_cells_that_stand_apart_are_a_grid() -> None:
    rules = []
    for top, bottom in ((100.0, 118.0), (122.0, 140.0)):
        for left, right in ((50.0, 146.0), (150.0, 196.0), (200.0, 250.0)):
            rules += draw_grid((left, right), (top, bottom))
    (table,) = find_page_tables(make_page(fill(TEXTS, COLUMNS, ROWS), rules))
    assert read_texts(table) == ["行政许可", "12", "0", "行政处罚", "", "345"]


def test_rules_that_miss_their_junction_still_close_cells() -> None:
    rules = [across(y, 53, 247) for y in ROWS] + [down(x, 103, 137) for x in COLUMNS]
    (table,) = find_page_tables(make_page(fill(TEXTS, COLUMNS, ROWS), rules))
    assert len(table.cells) == 6


def test_number_that_stands_out_of_its_cell_is_not_cut() -> None:
    texts = (("行政许可", "", "7"), ("行政处罚", "1", "2"))
    wide = write("12345678901234", 141, 114)
    (table,) = find_page_tables(make_page(fill(texts, COLUMNS, ROWS) + wide, draw_grid(COLUMNS, ROWS)))
    assert read_texts(table) == ["行政许可", "12345678901234", "7", "行政处罚", "1", "2"]
    assert table.quality < 0.95


def test_number_that_stands_out_of_the_table_is_held_by_it() -> None:
    wide = write("123456789", 215, 114)
    page = make_page(fill((("许可", "1", ""), ("处罚", "2", "3")), COLUMNS, ROWS) + wide, draw_grid(COLUMNS, ROWS))
    (table,) = find_page_tables(page)
    assert "123456789" in read_texts(table)
    assert all(table.holds(character) for character in wide)


def test_numbers_side_by_side_in_their_cells_are_two() -> None:
    close = [*write("12", 189, 114), *write("34", 201, 114)]
    texts = (("行政许可", "", ""), ("行政处罚", "1", "2"))
    (table,) = find_page_tables(make_page(fill(texts, COLUMNS, ROWS) + close, draw_grid(COLUMNS, ROWS)))
    assert read_texts(table)[:3] == ["行政许可", "12", "34"]


def test_numbers_between_which_a_rule_is_missing_stay_in_their_columns() -> None:
    rules = [across(y, 50, 250) for y in ROWS] + [down(x, 100, 140) for x in (50.0, 150.0, 250.0)]
    rules.append(down(200, 100, 120))
    (table,) = find_page_tables(make_page(fill((("许可", "1", "2"), ("处罚", "3", "4")), COLUMNS, ROWS), rules))
    assert read_texts(table) == ["许可", "1", "2", "处罚", "3", "4"]


@pytest.mark.parametrize(
    "rules",
    [
        draw_grid((50.0, 250.0), (100.0, 140.0)),
        [across(118, 50, 250)],
        [across(100, 50, 250), across(102, 50, 250)],
        [],
    ],
    ids=["frame", "underline", "double line", "nothing"],
)
def test_frames_and_underlined_titles_are_no_tables(rules: list[Rule]) -> None:
    assert find_page_tables(make_page(write("某某区政府信息公开工作年度报告", 60, 116), rules)) == []


def test_table_in_a_frame_is_found_and_the_frame_is_not() -> None:
    rules = draw_grid(COLUMNS, ROWS) + draw_grid((30.0, 400.0), (60.0, 300.0))
    page = make_page(write("外框", 40, 80) + fill(TEXTS, COLUMNS, ROWS), rules)
    (table,) = find_page_tables(page)
    assert table.region == (50.0, 100.0, 250.0, 140.0)


def test_prose_beside_prose_is_a_layout() -> None:
    long = [character for line in range(30) for character in write("公开" * 7, 55, 112 + 12 * line)]
    beside = [character for line in range(30) for character in write("信息" * 7, 205, 112 + 12 * line)]
    assert find_page_tables(make_page(long + beside, draw_grid((50.0, 200.0, 350.0), (100.0, 480.0)))) == []


def test_tables_side_by_side_are_two() -> None:
    right = [x + 300 for x in COLUMNS]
    page = make_page(
        fill(TEXTS, COLUMNS, ROWS) + fill(TEXTS, right, ROWS), draw_grid(COLUMNS, ROWS) + draw_grid(right, ROWS)
    )
    assert [table.region[0] for table in find_page_tables(page)] == [50.0, 350.0]


def test_drawing_of_too_many_rules_is_no_table() -> None:
    columns = [20 + 0.37 * step for step in range(1500)]
    rules = [down(x, 100 + 3 * (number % 2), 500) for number, x in enumerate(columns)]
    rules += [across(100 + 0.26 * step, 20, 575 - step % 2) for step in range(MAX_RULES + 1)]
    assert find_page_tables(make_page(write("图", 60, 90), rules)) == []


def test_lines_with_nothing_in_them_are_no_table() -> None:
    assert find_page_tables(make_page([], draw_grid(COLUMNS, ROWS))) == []


class Second:
    """A second opinion that is given."""

    def __init__(self, grids: list[Grid] | None) -> None:
        self.grids = grids

    def find_grids(self, page: Page) -> list[Grid] | None:
        return self.grids


def make_grid(columns: Sequence[float], rows: Sequence[float]) -> Grid:
    spans = [Span(r, c, r + 1, c + 1) for r in range(len(rows) - 1) for c in range(len(columns) - 1)]
    return Grid(tuple(columns), tuple(rows), tuple(spans))


def test_quality_is_highest_where_two_readers_see_the_same_cells() -> None:
    page = make_page(fill(TEXTS, COLUMNS, ROWS), draw_grid(COLUMNS, ROWS))
    same = find_page_tables(page, Second([make_grid(COLUMNS, ROWS)]))[0].quality
    unasked = find_page_tables(page, Second(None))[0].quality
    unlike = find_page_tables(page, Second([make_grid(COLUMNS[:2], ROWS)]))[0].quality
    unseen = find_page_tables(page, Second([]))[0].quality
    assert same == 1.0 > unasked > unseen > unlike > 0


def test_grid_that_the_print_fits_better_is_taken_where_two_readers_differ() -> None:
    lost = [across(y, 50, 250) for y in ROWS] + [down(x, 100, 140) for x in (50.0, 180.0, 250.0)]
    page = make_page(fill((("行政许可事项", "1", "2"), ("行政处罚事项", "3", "4")), (50, 150, 200), ROWS), lost)
    (table,) = find_page_tables(page, Second([make_grid((50.0, 152.0, 203.0, 250.0), ROWS)]))
    assert read_texts(table) == ["行政许可事项", "1", "2", "行政处罚事项", "3", "4"]
    assert table.quality < 0.9


def test_boxes_are_points_of_the_page() -> None:
    page = make_page(fill(TEXTS, COLUMNS, ROWS), draw_grid(COLUMNS, ROWS))
    box: Box = find_page_tables(page)[0].cells[0].box
    assert box == (50.0, 100.0, 150.0, 120.0)

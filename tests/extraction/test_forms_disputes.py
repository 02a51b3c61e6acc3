"""A form of one row without a label, found by its headings and values: whole, in parts, and cut by the page."""

from __future__ import annotations

import pytest

from extraction.deciding import is_always_reviewed
from extraction.forms import FormMatcher
from extraction.labels import LabelMatcher
from extraction.mapping import MappedForm, map_cells
from extraction.rows import find_rows
from models.document import Cell, Evidence, Table
from models.numbers import State
from tests.extraction.form_tables import FORMS, numbers, read

DISPUTES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]


def read_cells(spans: list[tuple[str, int, int, int]], matcher: FormMatcher, labels: LabelMatcher) -> MappedForm:
    cells = tuple(Cell(text, row, start, row + 1, end, Evidence()) for text, row, start, end in spans)
    tables = (Table(cells, "html"),)
    rows = find_rows(tables)
    (mapped,) = map_cells(matcher.match_forms(rows), rows, tables, labels)
    return mapped


def test_a_part_of_the_disputes_whose_heading_is_printed_is_not_taken_for_missing(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    litigation = ["行政诉讼", "未经复议直接起诉\t\t\t\t\t复议后起诉", "\t".join(DISPUTES * 2), "\t".join("1203312036")]
    printed = ["行政复议", "\t".join(DISPUTES), "（另行公布）", *litigation]
    mapped = read(matcher, labels, printed)["disputes@2019"]
    missing = [cell for cell in mapped.cells if cell.value.state is State.MISSING]
    assert {cell.field.field_id.split(".")[1] for cell in missing} == {"reconsideration"}
    assert all(is_always_reviewed(cell) for cell in missing)
    (alone,) = read(matcher, labels, litigation).values()
    assert not any(is_always_reviewed(cell) for cell in alone.cells)


def test_outer_headings_that_stand_over_columns_of_another_do_not_turn_the_order(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    values = "112150000034007"
    spans = [("行政复议", 0, 0, 5), ("行政讼诉", 0, 5, 15), ("未经复议直接起诉", 1, 0, 5), ("复议后起起诉", 1, 5, 10)]
    spans += [(text, 2, i, i + 1) for i, text in enumerate(DISPUTES * 3)]
    spans += [(text, 3, i, i + 1) for i, text in enumerate(values)]
    mapped = read_cells(spans, matcher, labels)
    assert [int(cell.value.number or 0) for cell in mapped.cells] == [int(digit) for digit in values]


def test_cases_of_another_table_with_more_outcomes_are_no_part_of_the_disputes(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    cases = ["案件类别", "上年未结", "本年新收", "结果维持", "结果纠正", "撤回", "尚未审结", "总计"]
    assert read(matcher, labels, [*cases, "行政复议", *"450249", "行政应诉（一审）", "5", "34", "8"]) == {}


@pytest.mark.parametrize(("last", "state"), [("", State.UNREADABLE), ("3", State.NUMBER)])
def test_a_table_that_the_page_cuts_at_the_right_shifts_no_column(
    matcher: FormMatcher, labels: LabelMatcher, last: str, state: State
) -> None:
    """Twelve of fifteen columns, the last one with the beginning of its heading: what of it is printed is not sure."""
    spans = [("行政复议", 0, 0, 5), ("行政诉讼", 0, 5, 12), ("未经复议直接起诉", 1, 5, 10), ("复议后起诉", 1, 10, 12)]
    spans += [(text, 2, i, i + 1) for i, text in enumerate([*DISPUTES * 2, DISPUTES[0], DISPUTES[1][0]])]
    spans += [(text, 3, i, i + 1) for i, text in enumerate([*"11057000000", last])]
    mapped = read_cells(spans, matcher, labels)
    values = [cell.value.number for cell in mapped.cells]
    assert [int(value) for value in values[:11] if value is not None] == [1, 1, 0, 5, 7, 0, 0, 0, 0, 0, 0]
    assert mapped.cells[11].value.state is state
    assert is_always_reviewed(mapped.cells[11])
    assert {cell.value.state for cell in mapped.cells[12:]} == {State.MISSING}


def test_what_stands_in_a_cell_that_the_page_ends_in_is_never_accepted(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    spans = [("行政复议", 0, 0, 5), ("行政诉讼", 0, 5, 15), ("未经复议直接起诉", 1, 5, 10), ("复议后起诉", 1, 10, 15)]
    spans += [(text, 2, i, i + 1) for i, text in enumerate(DISPUTES * 3)]
    spans += [(text, 3, i, i + 1) for i, text in enumerate([*"11215000003400", ""])]
    cells = tuple(
        Cell(text, row, start, row + 1, end, Evidence(), cut=end == 15 and row > 1) for text, row, start, end in spans
    )
    tables = (Table(cells, "ruled"),)
    rows = find_rows(tables)
    (mapped,) = map_cells(matcher.match_forms(rows), rows, tables, labels)
    assert mapped.cells[-1].value.state is State.UNREADABLE
    assert [is_always_reviewed(cell) for cell in mapped.cells] == [False] * 14 + [True]


def test_sixteen_numbers_under_fifteen_headings_are_one_too_many(matcher: FormMatcher, labels: LabelMatcher) -> None:
    group = "结果维持\t结果纠正\t其他结果\t尚未审结\t总计"
    lines = [
        "行政复议\t\t\t\t\t行政诉讼",
        "\t\t\t\t\t未经复议直接起诉\t\t\t\t\t复议后起诉",
        "\t".join([group, group, group]),
        "\t".join(["0", "1", "0", "0", "1", *["0"] * 10, "7"]),
    ]
    mapped = read(matcher, labels, lines)["disputes@2019"]
    assert numbers(mapped)["disputes.reconsideration.corrected"] == 1
    assert [cell.text for _, cell in mapped.surplus] == ["7"]


def test_disputes_printed_upright_are_the_same_form(matcher: FormMatcher, labels: LabelMatcher) -> None:
    form = FORMS["disputes@2019"]
    lines = ["类别\t数量"] + ["\t".join([*column.path, str(i)]) for i, column in enumerate(form.blocks[0].columns)]
    mapped = read(matcher, labels, lines)["disputes@2019"]
    assert numbers(mapped) == {f.field_id: i for i, f in enumerate(form.fields)}


def print_upright(values: dict[int, str]) -> list[Cell]:
    """The disputes with a row for each column: its headings side by side, and its value."""
    cells = [Cell("类别", 0, 0, 1, 3, Evidence()), Cell("数量", 0, 3, 1, 4, Evidence())]
    for row, column in enumerate(FORMS["disputes@2019"].blocks[0].columns):
        texts = [*column.path[:-1], *[""] * (3 - len(column.path)), column.path[-1], values.get(row, "")]
        cells += [Cell(text, row + 1, c, row + 2, c + 1, Evidence()) for c, text in enumerate(texts)]
    return cells


def test_empty_rows_of_a_form_printed_upright_are_blank_and_not_missing(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    values = {0: "1", 3: "1", 4: "2", 9: "0", 14: "0"}
    tables = (Table(tuple(print_upright(values)), "docx"),)
    printed = find_rows(tables)
    (mapped,) = map_cells(matcher.match_forms(printed), printed, tables, labels)
    states = [cell.value.state for cell in mapped.cells]
    assert states == [State.NUMBER if row in values else State.BLANK for row in range(len(states))]


def test_year_as_the_label_of_a_row_is_no_number_that_ran_into_it(matcher: FormMatcher, labels: LabelMatcher) -> None:
    form = FORMS["disputes@2019"]
    columns = form.blocks[0].columns
    head = [Cell("".join(c.path), 0, n + 1, 1, n + 2, Evidence()) for n, c in enumerate(columns)]
    row = [Cell("2021年", 1, 0, 2, 1, Evidence())]
    row += [Cell("" if n % 2 else "3", 1, n + 1, 2, n + 2, Evidence()) for n in range(len(columns))]
    tables = (Table((*head, *row), "unruled"),)
    printed = find_rows(tables)
    (mapped,) = map_cells(matcher.match_forms(printed), printed, tables, labels)
    assert {c.value.state for c in mapped.cells} == {State.NUMBER, State.BLANK}


def test_disputes_printed_upright_with_hardly_a_value_are_the_same_form(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    tables = (Table(tuple(print_upright({13: "2", 14: "2"})), "ruled"),)
    rows = find_rows(tables)
    (mapped,) = map_cells(matcher.match_forms(rows), rows, tables, labels)
    states = [cell.value.state for cell in mapped.cells]
    assert states == [State.BLANK] * 13 + [State.NUMBER] * 2

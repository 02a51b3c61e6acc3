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
from tests.extraction.form_tables import read

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

from __future__ import annotations

import pytest

from extraction.deciding import is_always_reviewed
from extraction.forms import FormMatcher
from extraction.heading_parts import find_within, follow_columns
from extraction.labels import LabelMatcher
from extraction.mapping import map_cells
from extraction.rows import find_rows
from models.document import Cell, Evidence, Table
from models.form import load_forms

COLUMNS = load_forms()["proactive@2021"].blocks[0].columns
ISSUED, REPEALED, IN_FORCE = (column.leaf for column in COLUMNS)


def test_halves_of_headings_line_after_line_follow_the_columns() -> None:
    assert follow_columns(["信息内容", ISSUED[:3], REPEALED[:3], IN_FORCE[:3], "内容"], COLUMNS)
    assert follow_columns([ISSUED[:3], REPEALED[:3], IN_FORCE[:3], ISSUED[3:], REPEALED[3:], IN_FORCE[3:]], COLUMNS)


def test_halves_of_one_heading_after_another_are_that_heading() -> None:
    assert follow_columns([ISSUED[:3], ISSUED[3:], REPEALED, IN_FORCE[:2], IN_FORCE[2:]], COLUMNS)


@pytest.mark.parametrize(
    "texts",
    [
        [IN_FORCE, REPEALED, ISSUED],
        [REPEALED[:3], IN_FORCE[:3], ISSUED[:3]],
        [REPEALED, IN_FORCE, ISSUED],
        ["新发布", "已失效", "仍生效"],
        ["件", "数"],
        [IN_FORCE],
        [],
    ],
)
def test_another_order_and_words_like_none_follow_nothing(texts: list[str]) -> None:
    assert not follow_columns(texts, COLUMNS)


def test_a_column_without_a_part_is_told_apart_from_those_with_one() -> None:
    assert follow_columns([ISSUED[:3], IN_FORCE[:3]], COLUMNS) == {0, 2}


REQUESTS = load_forms()["requests@2021"]
JOINED = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构其他", "总计"]


def make_cells(*lines: list[str]) -> list[Cell]:
    return [Cell(text, r, c, r + 1, c + 1, Evidence()) for r, line in enumerate(lines) for c, text in enumerate(line)]


def test_a_heading_in_one_that_is_none_of_the_forms_is_known() -> None:
    columns = REQUESTS.blocks[0].columns
    assert find_within(make_cells(["法人或其他组织", *JOINED]), columns) == {4, 5}
    assert not find_within(make_cells(["法人或其他组织", *JOINED[:4], "法律服务机构", "其他", "总计"]), columns)


def test_a_heading_that_is_read_as_two_rows_is_known() -> None:
    assert find_within(make_cells([ISSUED[:3], IN_FORCE], [ISSUED[3:], REPEALED]), COLUMNS) == {0}
    assert not find_within(make_cells([ISSUED[:3], IN_FORCE], [REPEALED]), COLUMNS)


def test_a_column_whose_heading_was_read_with_its_neighbours_is_not_taken_for_one_left_out(
    matcher: FormMatcher, labels: LabelMatcher
) -> None:
    rows = [[row.leaf, "1", "2", "3", "4", "5", "15"] for row in REQUESTS.blocks[0].rows]
    for heads, doubted in ((JOINED, True), ([*JOINED[:4], "法律服务机构", "总计"], False)):
        tables = (Table(tuple(make_cells(["情形", *heads], *rows)), "unruled"),)
        printed = find_rows(tables)
        (mapped,) = map_cells(matcher.match_forms(printed), printed, tables, labels)
        others = [cell for cell in mapped.cells if cell.field.field_id.endswith(".other")]
        assert [is_always_reviewed(cell) for cell in others] == [doubted] * len(rows)

"""A table under an earlier year is not taken for this year's without a person."""

from __future__ import annotations

import pytest

from extraction.dating import find_caption, names_other_year
from extraction.rows import find_rows
from models.document import Cell, Evidence, Table, TextLine


@pytest.mark.parametrize(
    ("caption", "year", "told"),
    [
        ("2018年情况:", 2019, True),
        ("２０１８ 年度统计表", 2019, True),
        ("2019年情况（2018年见下表）", 2019, False),
        ("统计表", 2019, False),
        ("上年度数据如下:", 2019, True),
        ("（附：上年统计表）", 2019, True),
        ("上年结转数据", 2019, False),
        ("上一年项目数量", 2019, False),
        ("2018年情况:", None, False),
    ],
)
def test_an_earlier_year_above_a_table_is_told(caption: str, year: int | None, told: bool) -> None:  # noqa: FBT001
    cells = [Cell(caption, 0, 0, 1, 1, Evidence()), Cell("行政复议", 1, 0, 2, 1, Evidence())]
    rows = find_rows([Table((*cells, Cell("3", 1, 1, 2, 2, Evidence())), "tabs")])
    assert names_other_year(rows[-1], year) is told


@pytest.mark.parametrize(
    ("line", "caption"),
    [("附:2018年同类数据", "附:2018年同类数据"), ("2018年全年发布信息3195条。", ""), ("字" * 40, "")],
)
def test_the_caption_of_a_table_of_markup_is_the_short_line_above_it(line: str, caption: str) -> None:
    table = Table((Cell("行政复议", 0, 0, 1, 1, Evidence(), 1), Cell("3", 0, 1, 1, 2, Evidence(), 1)), "html")
    assert find_caption([TextLine(line, 1), table], find_rows([table])[0]) == caption


def test_the_caption_of_a_table_of_a_page_is_told_by_the_place_of_its_cells() -> None:
    here, other = (Evidence(page=1, bbox=(50.0, top, 90.0, top + 10)) for top in (300.0, 100.0))
    first, second = (
        Table((Cell("行政复议", 0, 0, 1, 1, place), Cell(value, 0, 1, 1, 2, place)), "ruled")
        for value, place in (("3", other), ("5", here))
    )
    rows = find_rows([first, second])
    blocks = [first, TextLine("2018年情况：", 1), second]
    assert [find_caption(blocks, row) for row in rows] == ["", "2018年情况："]

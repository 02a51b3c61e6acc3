from __future__ import annotations

import pytest

from extraction.heading_parts import follow_columns
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

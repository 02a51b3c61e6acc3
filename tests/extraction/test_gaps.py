"""Rows of a form of which the print does not say whether they are there."""

from __future__ import annotations

from extraction.forms import Match, RowMatch
from extraction.gaps import find_crowded, find_twins
from extraction.rows import find_rows
from models.document import Cell, Evidence, Table
from models.form import Form, load_forms

STATISTICS = load_forms()["statistics@2014"]


def find_places(form: Form, *words: str) -> list[tuple[int, int]]:
    """Every row whose label has one of the words, as (block, row)."""
    return [(b, r) for b, r in form.rows if any(word in form.blocks[b].rows[r].leaf for word in words)]


def match_rows(*places: tuple[int, int], unclaimed: dict[tuple[int, int], float] | None = None) -> Match:
    rows = tuple(RowMatch(i, b, r, 0.99, 0.99, 0.0, (0,)) for i, (b, r) in enumerate(places))
    return Match(STATISTICS, rows, 50.0, 0.0, 0, 0, unclaimed or {})


def test_of_two_rows_with_one_label_between_the_same_neighbours_nobody_knows_which_is_printed() -> None:
    first, second = find_places(STATISTICS, "被依法纠错数")
    before, after = find_places(STATISTICS, "四、行政复议数量", "六、举报投诉数量")
    assert find_twins(match_rows(before, second, after)) == {first, second}


def test_a_row_between_its_twin_and_a_row_that_parts_them_is_told_by_the_order() -> None:
    _, second = find_places(STATISTICS, "被依法纠错数")
    before, after = find_places(STATISTICS, "五、行政诉讼数量", "六、举报投诉数量")
    assert not find_twins(match_rows(before, second, after))


def test_a_row_left_out_is_in_doubt_where_a_label_like_it_is_claimed_by_none() -> None:
    lost, first, second = STATISTICS.rows[:3]
    cells = [Cell(text, r, c, r + 1, c + 1, Evidence()) for r in range(3) for c, text in enumerate(("某数", "1"))]
    rows = find_rows([Table(tuple(cells), "tabs")])
    assert lost in find_crowded(match_rows(first, second, unclaimed={lost: 0.8}), rows)
    assert lost not in find_crowded(match_rows(first, second, unclaimed={lost: 0.1}), rows)

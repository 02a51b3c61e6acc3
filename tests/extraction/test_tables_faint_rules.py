"""Grids of scans of whose rules a part was seen: by the alignment of print, by headings over numbers, by labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from extraction.recognition.cell_sides import settle_sides
from extraction.recognition.strips import find_inked
from extraction.tables.page_fill import fill_grid
from extraction.tables.page_table import Grid, Span
from extraction.tables.parted_columns import part_double_columns
from extraction.tables.scanned_grids import choose_aligned, choose_whole, join_slivers, overlaps, part_blanks
from extraction.tables.stacked_labels import join_upright_labels, part_headed_rows, part_rowed_labels
from models.page import Character
from tests.extraction.filled_grids import COLUMNS, HEIGHT, VALUES, WHOLE, WIDTH, list_texts, make_filling, put, put_row


def test_aligned_print_outweighs_rules_of_a_few_rows() -> None:
    characters = [c for r in range(5) for c in put_row(["规章", *VALUES], r)]
    whole = make_filling([WHOLE] * 5, characters)
    part = make_filling([WHOLE], characters)
    assert choose_aligned([part], [whole]) == [whole]
    assert overlaps(part, [whole])


def test_rules_that_hold_as_many_numbers_stay() -> None:
    characters = [c for r in range(5) for c in put_row(["规章", *VALUES], r)]
    whole = make_filling([WHOLE] * 5, characters)
    assert choose_aligned([whole], [whole]) == []


def test_a_table_that_rules_across_part_is_whole_where_print_alone_makes_two_of_it() -> None:
    characters = [c for r in range(6) for c in put_row(["规章", *VALUES], r)]
    whole = make_filling([WHOLE] * 6, characters)
    above = make_filling([WHOLE] * 3, characters)
    below = replace(above, grid=replace(above.grid, rows=tuple(HEIGHT * r for r in range(3, 7))))
    assert choose_whole([whole], [above, below]) == [whole]
    assert choose_whole([whole], [above]) == []  # of one table print tells as much
    poor = make_filling([WHOLE] * 6, [c for c in characters if c.box[1] < 2 * HEIGHT])
    assert choose_whole([poor], [above, below]) == []


def test_numbers_of_two_columns_in_one_cell_count_for_nothing() -> None:
    characters = [c for r in range(5) for c in put_row(["规章", *VALUES], r)]
    merged = make_filling([{0: 1, 1: 3, 3: 5}] * 5, characters)
    whole = make_filling([WHOLE] * 5, characters)
    assert choose_aligned([merged], [whole]) == [whole]


def test_an_empty_cell_over_lost_walls_is_parted_at_those_of_the_other_rows() -> None:
    rows = [WHOLE, WHOLE, {0: 1, 1: 3, 3: 5}, WHOLE]
    parted = part_blanks(make_filling(rows, put_row(["规章"], 2)))
    assert [len(row) for row in list_texts(parted)] == [COLUMNS] * 4


def test_a_label_with_room_beside_it_is_no_lost_wall() -> None:
    rows = [WHOLE, WHOLE, {0: 2, 2: 3, 3: 4, 4: 5}, WHOLE]
    parted = part_blanks(make_filling(rows, put_row(["予以公开"], 2)))
    assert len(list_texts(parted)[2]) == COLUMNS - 1


def test_a_value_over_several_columns_is_not_parted() -> None:
    rows = [WHOLE, WHOLE, {0: 1, 1: 5}, WHOLE]
    value = put("123456", 2, 45)
    assert list_texts(part_blanks(make_filling(rows, value)))[2] == ["", "123456"]


def test_a_wall_that_a_row_of_many_has_alone_is_none() -> None:
    usual = {0: 2, 2: 3, 3: 4, 4: 5}
    rows = [usual] * 5 + [WHOLE] + [usual] * 5
    characters = [c for r in range(11) for c in put_row(["规章", "", "1", "2", "3"], r)]
    assert [len(row) for row in list_texts(join_slivers(make_filling(rows, characters)))] == [4] * 11


def test_a_wall_with_print_on_both_sides_stays() -> None:
    usual = {0: 2, 2: 3, 3: 4, 4: 5}
    rows = [usual] * 5 + [WHOLE] + [usual] * 5
    characters = [c for r in range(11) for c in put_row(["规章", "7" if r == 5 else "", "1", "2", "3"], r)]
    assert len(list_texts(join_slivers(make_filling(rows, characters)))[5]) == COLUMNS


def test_headings_over_numbers_are_a_row_of_their_own() -> None:
    rows = [{n: n + 1 for n in range(COLUMNS)}]
    names = ["项目", "新收", "结转", "办结", "总计"]
    characters = [*put_row(names, 0)]
    low = [c for n, text in enumerate(["规章", *VALUES]) for c in put(text, n, 18)]
    filling = make_filling(rows, [*characters, *low])
    tall = Grid(filling.grid.columns, (0.0, 32.0), filling.grid.spans)
    assert list_texts(part_headed_rows(fill_grid(tall, [*characters, *low]))) == [names, ["规章", *VALUES]]


def test_labels_of_two_lines_are_no_headings() -> None:
    characters = [*put("予以", 0, 5), *put("公开", 0, 18), *put("1", 1, 12), *put("0", 2, 12)]
    spans = tuple(Span(0, n, 1, n + 1) for n in range(COLUMNS))
    filling = fill_grid(Grid(tuple(WIDTH * n for n in range(COLUMNS + 1)), (0.0, 32.0), spans), characters)
    assert part_headed_rows(filling) is filling


def test_a_label_over_rows_that_each_have_a_line_of_it_is_as_many_labels() -> None:
    labels = ["公开信息数", "规范文件数", "制发文件数"]
    characters = [c for r, label in enumerate(labels) for c in (*put(label, 0, 20 * r + 5), *put("4", 1, 20 * r + 5))]
    spans = (Span(0, 0, 3, 1), *(Span(r, 1, r + 1, 5) for r in range(3)))
    grid = Grid(tuple(WIDTH * n for n in range(COLUMNS + 1)), (0.0, 20.0, 40.0, 60.0), spans)
    assert list_texts(part_rowed_labels(fill_grid(grid, characters))) == [[label, "4"] for label in labels]


def test_a_label_in_the_middle_of_its_rows_stays_one() -> None:
    values = [c for r in range(3) for c in put("4", 1, 20 * r + 5)]
    spans = (Span(0, 0, 3, 1), *(Span(r, 1, r + 1, 5) for r in range(3)))
    grid = Grid(tuple(WIDTH * n for n in range(COLUMNS + 1)), (0.0, 20.0, 40.0, 60.0), spans)
    filling = fill_grid(grid, [*put("无法提供", 0, 25), *values])
    assert part_rowed_labels(filling) is filling


def test_labels_that_run_downwards_are_put_together_without_rules() -> None:
    names = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    characters = [c for n, name in enumerate(names) for r, c0 in enumerate(name) for c in put(c0, n, 20 * r + 5)]
    values = [c for n in range(COLUMNS) for c in put(str(n), n, 85)]
    joined = join_upright_labels(make_filling([WHOLE] * 5, [*characters, *values]))
    assert list_texts(joined) == [names, ["0", "1", "2", "3", "4"]]


def test_rows_of_numbers_are_never_put_together() -> None:
    filling = make_filling([WHOLE] * 3, [c for r in range(3) for c in put_row(["一", *VALUES], r)])
    assert join_upright_labels(filling) is filling


def test_a_side_that_cuts_print_is_moved_beside_it_for_both_cells() -> None:
    grey = np.full((40, 200), 255, np.uint8)
    grey[10:30, 95:110] = 0
    left, right = (10.0, 5.0, 100.0, 35.0), (100.0, 5.0, 190.0, 35.0)
    settled = settle_sides(grey, [left, right], reach=20)
    assert settled[left][2] == settled[right][0] < 95


def test_a_side_in_solid_print_stays_where_it_is() -> None:
    grey = np.full((40, 200), 255, np.uint8)
    grey[10:30, 50:150] = 0
    box = (10.0, 5.0, 100.0, 35.0)
    assert settle_sides(grey, [box], reach=20)[box] == box


def test_lines_are_looked_for_where_there_is_ink() -> None:
    grey = np.full((400, 300), 255, np.uint8)
    grey[100:120, 50:150] = 0
    grey[390, 290] = 0  # dust
    left, top, right, bottom = find_inked(grey)
    assert (0 < left < 50, 0 < top < 100, 150 < right < 200, 120 < bottom < 170) == (True,) * 4


def test_a_page_without_ink_is_looked_at_whole() -> None:
    assert find_inked(np.full((400, 300), 255, np.uint8)) == (0, 0, 300, 400)


def test_a_column_with_two_numbers_in_most_rows_is_two() -> None:
    rows = [{0: 1, 1: 2, 2: 3, 3: 5}] * 6
    characters = [c for r in range(6) for c in put_row(["规章", *VALUES], r)]
    filling = make_filling(rows, characters)
    narrow = Grid(
        (0.0, 60.0, 120.0, 180.0, 300.0),
        filling.grid.rows,
        tuple(Span(r, n, r + 1, n + 1) for r in range(6) for n in range(4)),
    )
    assert list_texts(part_double_columns(fill_grid(narrow, characters))) == [["规章", *VALUES]] * 6


def test_a_column_of_single_numbers_stays_one() -> None:
    filling = make_filling([WHOLE] * 6, [c for r in range(6) for c in put_row(["规章", *VALUES], r)])
    assert part_double_columns(filling) is filling


def test_a_grid_with_walls_in_most_rows_stays_though_numbers_at_them_were_misread() -> None:
    rows = [{0: 1, 1: 1, 2: 1, 3: 1} for _ in range(6)]
    ruled = make_filling(rows, [c for row in range(6) for c in put_row(["甲", "|", "l", ")"], row)])
    aligned = make_filling(rows, [c for row in range(6) for c in put_row(["甲", "1", "2", "3"], row)])
    assert choose_aligned([ruled], [aligned]) == []


def test_a_lone_row_with_walls_stays_though_digits_far_apart_are_more_numbers_without_them() -> None:
    columns = tuple(WIDTH * n for n in range(11))
    spans = (Span(0, 0, 1, 10), *(Span(1, n, 2, n + 1) for n in range(10)))
    digits = [put("1", n, HEIGHT + 5)[0] for n in range(10)]
    apart = [shift(character, 30) for character in digits[:4]]  # 11 as 1 1
    walls = [shift(put("l", n, HEIGHT + 5)[0], -8) for n in range(10)]
    ruled = fill_grid(Grid(columns, (0.0, HEIGHT, 2 * HEIGHT), spans), [*digits, *apart[:1], *walls])
    halves = tuple(WIDTH / 2 * n for n in range(21))
    loose = Grid(halves, (HEIGHT, 2 * HEIGHT), tuple(Span(0, n, 1, n + 1) for n in range(20)))
    assert choose_aligned([ruled], [fill_grid(loose, [*digits, *apart])]) == []


def shift(character: Character, by: float) -> Character:
    left, top, right, bottom = character.box
    return replace(character, box=(left + by, top, right + by, bottom), origin=(left + by, bottom))

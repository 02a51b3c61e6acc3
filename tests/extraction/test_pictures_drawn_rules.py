"""Rules found in pictures: broken, faint, dashed or doubled ones are rules, strokes of characters are none."""

from __future__ import annotations

import numpy as np
import pytest

from extraction.pictures.drawn_rules import SURE, find_drawn_rules
from extraction.pictures.strokes import find_strokes
from extraction.tables.ruled import find_ruled_grids
from models.page import Rule
from models.picture import CleanPicture, Pixels

SCALE = 200 / 72
COLUMNS = (100, 300, 500, 700, 900)
ROWS = (100, 160, 220, 280, 340)


def find_rules(clean: CleanPicture) -> tuple[Rule, ...]:
    """The strokes of a picture that are rules on their own."""
    return tuple(drawn.rule for drawn in find_drawn_rules(clean) if drawn.sure >= SURE)


def make_clean(grey: Pixels) -> CleanPicture:
    return CleanPicture(1, grey, SCALE, np.diag([1 / SCALE, 1 / SCALE, 1.0]))


def draw_grid(ink: int = 0, width: int = 2) -> Pixels:
    grey = np.full((700, 1100), 255, dtype=np.uint8)
    for y in ROWS:
        grey[y : y + width, COLUMNS[0] : COLUMNS[-1] + width] = ink
    for x in COLUMNS:
        grey[ROWS[0] : ROWS[-1] + width, x : x + width] = ink
    return grey


def draw_sign(grey: Pixels, x: int, y: int, size: int = 24) -> None:
    """Four strokes across and three down, as of a character; no two alike."""
    rng = np.random.default_rng(x * 1000 + y)
    for top in rng.integers(0, size - 2, 4):
        start = int(rng.integers(0, size // 2))
        grey[y + top : y + top + 2, x + start : x + start + int(rng.integers(size // 3, size - start + 1))] = 0
    for left in rng.integers(0, size - 2, 3):
        start = int(rng.integers(0, size // 2))
        grey[y + start : y + start + int(rng.integers(size // 3, size - start + 1)), x + left : x + left + 2] = 0


def count_cells(grey: Pixels) -> list[int]:
    return [len(grid.spans) for grid in find_ruled_grids(find_rules(make_clean(grey)), ())]


def test_a_grid_is_found_where_it_is() -> None:
    (grid,) = find_ruled_grids(find_rules(make_clean(draw_grid())), ())
    assert grid.columns == pytest.approx([(x + 1) / SCALE for x in COLUMNS], abs=0.5)
    assert grid.rows == pytest.approx([(y + 1) / SCALE for y in ROWS], abs=0.5)
    assert len(grid.spans) == 16


@pytest.mark.parametrize("ink", [150, 200, 210])
def test_a_faint_grid_is_found(ink: int) -> None:
    assert count_cells(draw_grid(ink=ink, width=1)) == [16]


def test_a_faint_grid_is_found_in_noise() -> None:
    grey = draw_grid(ink=150).astype(np.float64) + np.random.default_rng(7).normal(0, 14, (700, 1100))
    assert count_cells(np.clip(grey, 0, 255).astype(np.uint8)) == [16]


def test_broken_rules_are_rules() -> None:
    grey = draw_grid()
    for x in range(110, 900, 83):
        grey[:, x : x + 9] = 255
    for y in range(115, 340, 57):
        grey[y : y + 8] = 255
    assert count_cells(grey) == [16]


@pytest.mark.parametrize(("dash", "gap"), [(3, 3), (8, 6), (12, 8)])
def test_dotted_and_dashed_rules_are_rules(dash: int, gap: int) -> None:
    grey = draw_grid()
    for start in range(dash, 1100, dash + gap):
        for y in ROWS[1:-1]:
            grey[y : y + 2, start : start + gap] = 255
    for x in COLUMNS:
        grey[ROWS[0] : ROWS[-1] + 2, x : x + 2] = 0
    assert count_cells(grey) == [16]


def test_double_rules_make_no_cells_of_their_own() -> None:
    grey = draw_grid()
    for y in ROWS:
        grey[y + 5 : y + 7, COLUMNS[0] : COLUMNS[-1] + 2] = 0
    assert count_cells(grey) == [16]


def test_a_rule_that_leans_a_little_is_a_rule() -> None:
    grey = draw_grid()
    leaning = np.stack([np.roll(grey[:, x], round(0.008 * x)) for x in range(grey.shape[1])], axis=1)
    assert count_cells(leaning) == [16]


def test_merged_cells_have_no_rule_between_them() -> None:
    grey = draw_grid()
    grey[ROWS[1] + 2 : ROWS[3], COLUMNS[1] : COLUMNS[1] + 2] = 255
    assert count_cells(grey) == [14]


def test_strokes_of_characters_are_no_rules() -> None:
    grey = draw_grid()
    for y in ROWS[:-1]:
        for x in range(110, 290, 28):
            draw_sign(grey, x, y + 20)
    for line in range(6):
        for x in range(60, 1000, 27):
            draw_sign(grey, x, 400 + 45 * line)
    assert count_cells(grey) == [16]
    rules = find_rules(make_clean(grey))
    assert [rule for rule in rules if rule.box[1] > 390 / SCALE] == []


def test_characters_that_touch_a_rule_do_not_break_it() -> None:
    grey = draw_grid()
    for x in range(110, 290, 28):
        draw_sign(grey, x, ROWS[1] - 24)
        draw_sign(grey, x, ROWS[2] + 2)
    assert count_cells(grey) == [16]


def test_digits_in_narrow_rows_are_no_walls() -> None:
    grey = np.full((400, 900), 255, dtype=np.uint8)
    for y in range(50, 350, 36):
        grey[y : y + 2, 50:852] = 0
        grey[y + 7 : y + 29, 250:253] = 0
    for x in (50, 450, 850):
        grey[50:340, x : x + 2] = 0
    assert count_cells(grey) == [16]


def test_a_doubtful_stroke_is_told_with_how_sure_it_is() -> None:
    grey = draw_grid()
    draw_sign(grey, 600, 500, size=40)
    drawn = find_drawn_rules(make_clean(grey))
    assert all(0 <= item.sure <= 1 for item in drawn)
    assert any(item.sure < SURE for item in drawn)


@pytest.mark.parametrize("shade", [0, 255])
def test_a_page_without_anything_has_no_rules(shade: int) -> None:
    assert find_rules(make_clean(np.full((300, 200), shade, dtype=np.uint8))) == ()


def test_a_picture_of_noise_has_no_grid() -> None:
    noise = np.random.default_rng(5).integers(0, 256, (800, 600), dtype=np.uint8)
    assert count_cells(noise) == []


def test_a_screen_of_lines_ends_in_bounded_time() -> None:
    grey = np.full((1600, 1200), 255, dtype=np.uint8)
    grey[::8] = 0
    assert len(find_strokes(grey, SCALE)) <= 12_000


def draw_crumbs(seed: int = 3) -> Pixels:
    """A grid of hairlines that a scanner left pieces and dots of, and a page's header under a thick rule."""
    rng = np.random.default_rng(seed)
    grey = np.full((700, 1100), 255, dtype=np.uint8)
    grey[40:45, 100:900] = 0
    for lines, ends, across in ((ROWS, COLUMNS, True), (COLUMNS, ROWS, False)):
        for line in lines:
            along = grey[line] if across else grey[:, line]
            start = ends[0]
            while start < ends[-1]:
                piece, gap = int(rng.integers(30, 70)), int(rng.integers(12, 22))
                inked = np.flatnonzero(rng.random(min(piece, ends[-1] - start)) < 0.8) + start
                along[inked] = 0
                start += piece + gap
    return grey


def test_pieces_and_dots_that_make_a_grid_are_put_together() -> None:
    (grid,) = find_ruled_grids(find_rules(make_clean(draw_crumbs())), ())
    assert grid.columns == pytest.approx([x / SCALE for x in COLUMNS], abs=1)
    assert grid.rows == pytest.approx([y / SCALE for y in ROWS], abs=1)


def test_strokes_of_characters_in_a_grid_of_pieces_are_none() -> None:
    grey = draw_crumbs()
    for y in (115, 175, 235):
        for x in range(320, 480, 30):
            draw_sign(grey, x, y)
    (grid,) = find_ruled_grids(find_rules(make_clean(grey)), ())
    assert grid.rows == pytest.approx([y / SCALE for y in ROWS], abs=1)


def test_pieces_in_a_line_without_others_across_are_no_rule() -> None:
    grey = draw_crumbs()
    grey[90:] = 255
    for start in range(100, 900, 60):
        grey[400, start : start + 45] = 0
    assert not any(abs(rule.box[1] - 400 / SCALE) < 3 for rule in find_rules(make_clean(grey)))


def test_digits_and_dashes_in_a_grid_of_pieces_are_none() -> None:
    grey = draw_crumbs()
    for y in ROWS[:-1]:
        grey[y + 18 : y + 42, 400:402] = 0
        grey[y + 30 : y + 32, 560:640] = 0
    (grid,) = find_ruled_grids(find_rules(make_clean(grey)), ())
    assert grid.columns == pytest.approx([x / SCALE for x in COLUMNS], abs=1)
    assert grid.rows == pytest.approx([y / SCALE for y in ROWS], abs=1)

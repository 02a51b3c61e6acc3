"""Rules of a scan told from strokes, creases and streaks by the characters that were read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from extraction.pictures.crossed_rules import drop_crossed_rules
from extraction.pictures.drawn_rules import DrawnRule
from models.page import Box, Character, Rule
from models.picture import CleanPicture

SIZE = 10.0


def make_row(text: str, x: float, y: float) -> list[Character]:
    """Characters of one size side by side, their ink 9 points wide."""
    boxes = [(x + SIZE * n, y, x + SIZE * n + 9, y + 9) for n in range(len(text))]
    return [Character(c, box, (box[0], box[3]), SIZE) for c, box in zip(text, boxes, strict=True)]


def draw_across(y: float, start: float = 50, end: float = 350, sure: float = 1.0) -> DrawnRule:
    return DrawnRule(Rule((start, y - 0.5, end, y + 0.5)), sure)


def draw_down(x: float, start: float, end: float, sure: float = 1.0) -> DrawnRule:
    return DrawnRule(Rule((x - 0.5, start, x + 0.5, end)), sure)


ROWS = [draw_across(y) for y in (100, 120, 140, 160, 180)]
FRAME = [draw_down(50, 100, 180), draw_down(350, 100, 180)]


def draw_page(*walls: DrawnRule, gap: float = 0.0) -> CleanPicture:
    """A page with ink where walls run, all but `gap` points in the midst of each row."""
    scale = 2.0
    grey = np.full((800, 800), 255, np.uint8)
    for wall in walls:
        left, top, right, bottom = (round(side * scale) for side in wall.rule.box)
        grey[top:bottom, left:right] = 0
        for row in range(100, 180, 20):
            grey[round((row + 10 - gap / 2) * scale) : round((row + 10 + gap / 2) * scale), left:right] = 255
    return CleanPicture(1, grey, scale, np.eye(3))


def keep(
    drawn: Sequence[DrawnRule], characters: Sequence[Character], inked: Sequence[DrawnRule] | None = None
) -> set[Box]:
    """The rules that stay of a table's and some more, on a page with ink where they run, or just where it is given."""
    page = draw_page(*(drawn if inked is None else inked), *ROWS, *FRAME)
    return {rule.box for rule in drop_crossed_rules([*drawn, *ROWS, *FRAME], characters, page)}


def test_rules_that_print_does_not_touch_stay() -> None:
    wall = draw_down(200, 100, 180)
    print_beside = [c for y in (106, 126, 146, 166) for c in make_row("信息内容", 60, y)]
    assert keep([wall], print_beside) == {one.rule.box for one in (wall, *ROWS, *FRAME)}


def test_strokes_of_one_character_in_every_row_are_no_wall() -> None:
    units = [c for y in (106, 126, 146, 166) for c in make_row("件", 200, y)]
    strokes = [draw_down(204.5, y, y + 9) for y in (106, 126, 146, 166)]
    assert keep([draw_down(204.5, 100, 180)], units, strokes) == {one.rule.box for one in (*ROWS, *FRAME)}


def test_a_stroke_of_a_single_character_is_no_wall() -> None:
    assert keep([draw_down(204, 106, 115)], make_row("统", 200, 106)) == {one.rule.box for one in (*ROWS, *FRAME)}


def test_a_crease_through_a_line_of_print_is_no_rule() -> None:
    crease = draw_across(130.5)
    assert crease.rule.box not in keep([crease], make_row("同意公开答复数", 60, 126))


def test_a_rule_right_under_a_line_of_print_stays() -> None:
    underline = draw_across(136)
    assert underline.rule.box in keep([underline], make_row("同意公开答复数", 60, 126))


def test_a_wall_that_was_taken_on_through_a_heading_is_cut_at_its_row() -> None:
    heading = make_row("第二十条第一项", 170, 106)
    drawn, inked = [draw_down(204.5, 100, 180)], [draw_down(204.5, 123, 177)]  # its ends are faded
    walls = {box for box in keep(drawn, heading, inked) if 200 < box[0] < 210}
    assert walls == {(204.0, 120.0, 205.0, 180)}


def test_a_streak_that_goes_on_beyond_the_table_is_no_wall() -> None:
    streak = draw_down(200, 20, 400)
    assert keep([streak], make_row("信息内容", 60, 106)) == {one.rule.box for one in (*ROWS, *FRAME)}


def test_a_doubtful_line_is_a_wall_only_from_rule_to_rule() -> None:
    whole, part = draw_down(200, 119, 161, sure=0.2), draw_down(250, 124, 133, sure=0.2)
    kept = keep([whole, part], [])
    assert any(199 < box[0] < 201 for box in kept)
    assert not any(249 < box[0] < 251 for box in kept)


def test_a_wall_beside_digits_whose_boxes_take_it_in_stays() -> None:
    digits = [Character("0", (199.0, y, 208.0, y + 9), (199.0, y + 9), SIZE) for y in (106, 126, 146, 166)]
    assert any(199 < box[0] < 201 for box in keep([draw_down(200, 100, 180)], digits))


def test_a_single_wall_of_few_rows_without_a_frame_is_none() -> None:
    rules = [*ROWS[:3], draw_down(200, 100, 140)]
    assert all(rule.horizontal for rule in drop_crossed_rules(rules, [], draw_page(*rules)))


def test_a_page_without_rules_has_none() -> None:
    assert drop_crossed_rules([], make_row("总体情况", 60, 100), draw_page()) == ()


UNITS_ON_THE_WALL = [c for y in (106, 126, 146, 166) for c in make_row("件", 197, y)]


def test_a_wall_with_print_on_it_in_every_row_stays() -> None:
    wall = draw_down(200, 100, 180)
    kept = drop_crossed_rules([wall, *ROWS, *FRAME], UNITS_ON_THE_WALL, draw_page(wall))
    assert wall.rule.box in {rule.box for rule in kept}


def test_strokes_without_ink_between_the_rows_are_no_wall_with_print_on_it() -> None:
    wall = draw_down(200, 100, 180)
    kept = drop_crossed_rules([wall, *ROWS, *FRAME], UNITS_ON_THE_WALL, draw_page(wall, gap=18.0))
    assert wall.rule.box not in {rule.box for rule in kept}


def test_a_line_that_goes_on_beyond_the_rows_is_no_wall_with_print_on_it() -> None:
    streak = draw_down(200, 20, 260)
    kept = drop_crossed_rules([streak, *ROWS, *FRAME], UNITS_ON_THE_WALL, draw_page(streak))
    assert streak.rule.box not in {rule.box for rule in kept}


def test_a_wall_that_a_heading_reaches_over_stays_in_all_its_rows() -> None:
    wall = draw_down(200, 140, 180)
    heading = make_row("其他结果", 164, 147)  # the box of its last character is too wide
    kept = drop_crossed_rules([wall, *ROWS, *FRAME], heading, draw_page(wall))
    assert (199.5, 140, 200.5, 180) in {rule.box for rule in kept}


def test_strokes_of_a_heading_on_two_lines_that_meet_from_rule_to_rule_are_no_wall() -> None:
    strokes = DrawnRule(Rule((203.5, 120, 204.5, 140)), 0.8, plain=True, solid=True)
    heading = [*make_row("其他", 200, 120.5), *make_row("结果", 200, 130.5)]
    walls = [draw_down(x, 100, 180) for x in (150, 250)]
    kept = drop_crossed_rules([strokes, *walls, *ROWS, *FRAME], heading, draw_page(strokes, *walls))
    assert strokes.rule.box not in {rule.box for rule in kept}
    assert walls[0].rule.box in {rule.box for rule in kept}

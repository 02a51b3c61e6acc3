"""Walls of a scan told from digits one below another: dashed grids, print that touches walls, tables of few rows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from extraction.pictures.crossed_rules import drop_crossed_rules
from extraction.pictures.drawn_rules import find_drawn_rules
from extraction.tables.ruled import find_ruled_grids
from models.page import Character
from models.picture import CleanPicture

SCALE = 3.0
LEFT, TOP = 150, 300
WIDTHS = (300, 120, 120, 120)
HEIGHT = 26  # of a row: as small print has it
DASH, GAP = 24, 7
SIZE = 20


def draw_line(draw: ImageDraw.ImageDraw, start: tuple[int, int], end: tuple[int, int], *, dashed: bool) -> None:
    """A line two pixels wide, across or down."""
    long = max(end[0] - start[0], end[1] - start[1])
    step = DASH + GAP if dashed else long
    for at in range(0, long, step):
        stop = min(at + (DASH if dashed else long), long)
        if end[1] == start[1]:
            draw.rectangle((start[0] + at, start[1], start[0] + stop, start[1] + 1), fill=0)
        else:
            draw.rectangle((start[0], start[1] + at, start[0] + 1, start[1] + stop), fill=0)


def draw_table(rows: int, *, dashed: bool, edges: bool = False) -> Image.Image:
    """A table with a column of labels and three of zeros; with the black edges that a copier leaves around a sheet."""
    picture = Image.new("L", (1100, 1400), 255)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=SIZE)
    walls = [LEFT + sum(WIDTHS[:n]) for n in range(len(WIDTHS) + 1)]
    bottom = TOP + rows * HEIGHT
    for row in range(rows + 1):
        draw_line(draw, (walls[0], TOP + row * HEIGHT), (walls[-1] + 2, TOP + row * HEIGHT), dashed=dashed)
    for wall in walls:
        draw_line(draw, (wall, TOP), (wall, bottom + 2), dashed=dashed)
    for row in range(rows):
        for wall, width in zip(walls[1:-1], WIDTHS[1:], strict=True):
            draw.text((wall + width / 2, TOP + (row + 0.5) * HEIGHT), "0", 0, font, anchor="mm")
    if edges:
        for box in ((0, 0, 1099, 6), (0, 1392, 1099, 1399), (1092, 0, 1099, 1399)):
            draw.rectangle(box, fill=0)
    return picture


def count_cells(picture: Image.Image, characters: Iterable[Character] = ()) -> list[tuple[int, int]]:
    """Rows and columns of the grids that the rules of a picture make."""
    clean = CleanPicture(1, np.asarray(picture), SCALE, np.diag([1 / SCALE, 1 / SCALE, 1.0]))
    rules = drop_crossed_rules(find_drawn_rules(clean), list(characters), clean)
    return [(len(grid.rows) - 1, len(grid.columns) - 1) for grid in find_ruled_grids(rules, ())]


def test_dashed_rules_are_rules_beside_the_black_edges_of_a_sheet() -> None:
    assert count_cells(draw_table(24, dashed=True, edges=True)) == [(24, 4)]


def test_zeros_that_the_reader_of_pages_missed_are_no_walls() -> None:
    assert count_cells(draw_table(24, dashed=True)) == [(24, 4)]
    assert count_cells(draw_table(24, dashed=False)) == [(24, 4)]


def test_labels_that_touch_the_walls_of_a_low_table_leave_them_whole() -> None:
    labels = []
    for number, wall in enumerate([LEFT + 300, LEFT + 420, LEFT + 540]):
        for row in range(3):
            left, top = wall / SCALE - 9 - number, (TOP + row * HEIGHT) / SCALE + 1
            for step in range(2):  # the box of a character takes in the wall beside it
                box = (left + 9 * step, top, left + 9 * step + 9, top + 7)
                labels.append(Character("结", box, (box[0], box[3]), 9.0))
    assert count_cells(draw_table(3, dashed=False), labels) == [(3, 4)]


def test_headings_between_the_blocks_of_a_table_leave_its_walls() -> None:
    picture = draw_table(12, dashed=False)
    draw = ImageDraw.Draw(picture)
    headings = []
    for row in (0, 4, 8):
        top = TOP + row * HEIGHT + 2
        draw.rectangle((LEFT + 2, top, LEFT + 659, top + HEIGHT - 5), fill=255)
        for step in range(6):
            left = LEFT + 240 + 24 * step
            draw.rectangle((left + 4, top + 4, left + 18, top + 6), fill=0)
            draw.rectangle((left + 10, top + 2, left + 12, top + 18), fill=0)
            box = (left / SCALE, top / SCALE, (left + 24) / SCALE, (top + HEIGHT - 4) / SCALE)
            headings.append(Character("第", box, (box[0], box[3]), 8.0))
    assert count_cells(picture, headings) == [(12, 4)]

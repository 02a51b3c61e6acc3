"""Numbers that the reader of pages passed over, found by their rows and columns."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from extraction.recognition.lone_numbers import find_lone_numbers
from extraction.recognition.page_reader import PrintedCharacter, PrintedText
from models.page import Box

SIZE, STEP = 30, 120  # of the print, and from column to column, in pixels
Place = tuple[int, int]


def draw_page(texts: dict[Place, str]) -> tuple[Image.Image, dict[Place, Box]]:
    """A page with texts in columns and rows, and the box of each."""
    picture = Image.new("L", (1100, 700), 255)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size=SIZE)
    boxes = {}
    for (column, row), text in texts.items():
        at = (80 + STEP * column, 60 + 80 * row)
        draw.text(at, text, 0, font, anchor="lm")
        left, top, right, bottom = draw.textbbox(at, text, font, anchor="lm")
        boxes[column, row] = (float(left), float(top), float(right), float(bottom))
    return picture, boxes


def make_text(text: str, box: Box) -> PrintedText:
    left, top, right, bottom = box
    step = (right - left) / len(text)
    characters = tuple(
        PrintedCharacter(c, (left + n * step, top, left + (n + 1) * step, bottom), 0.99) for n, c in enumerate(text)
    )
    return PrintedText(text, ((left, top), (right, top), (right, bottom), (left, bottom)), 0.99, characters)


def find(texts: dict[Place, str], read: list[Place], *, walls: tuple[Box, ...] = ()) -> list[tuple[str, Place]]:
    """What is found beside the texts that were `read`, each with its place."""
    picture, boxes = draw_page(texts)
    known = [make_text(texts[place], boxes[place]) for place in read]
    found = []
    for text in find_lone_numbers(np.asarray(picture), known, walls=walls):
        x, y = text.corners[0]
        found.append((text.text, (round((x - 80) / STEP), round((y - 48) / 80))))
    return sorted(found, key=lambda one: (one[1][1], one[1][0]))


ROW = {(n, 0): text for n, text in enumerate(["0", "12", "0", "7", "0", "0", "3"])}


def test_digits_that_the_page_reader_passed_over_are_found_by_their_row() -> None:
    found = find(ROW, [(0, 0), (1, 0), (4, 0)])
    assert found == [("0", (2, 0)), ("7", (3, 0)), ("0", (5, 0)), ("3", (6, 0))]


def test_digits_one_below_another_are_found_by_their_column() -> None:
    column = {(3, n): "0" for n in range(6)}
    assert [place for _, place in find(column, [(3, 0), (3, 1), (3, 5)])] == [(3, 2), (3, 3), (3, 4)]


def test_a_digit_in_line_with_nothing_is_left_out() -> None:
    assert find({**ROW, (8, 5): "4"}, list(ROW)) == []


def test_digits_between_walls_are_left_to_the_reading_of_cells() -> None:
    walls = ((60.0, 0.0, 62.0, 120.0), (1000.0, 0.0, 1002.0, 120.0))
    assert find(ROW, [(0, 0), (1, 0), (4, 0)], walls=walls) == []


def test_digits_within_words_are_no_numbers() -> None:
    words = {**ROW, (7, 0): "art 5 b"}
    assert find(words, list(ROW)) == []


def test_a_page_of_which_nothing_was_read_has_none() -> None:
    assert find(ROW, []) == []


def test_a_blank_page_has_none() -> None:
    assert find_lone_numbers(np.full((400, 400), 255, np.uint8), []) == ()


def test_the_dashes_of_a_vertical_rule_are_no_ones() -> None:
    picture, boxes = draw_page(ROW)
    draw = ImageDraw.Draw(picture)
    for top in range(20, 600, 36):
        draw.rectangle((930, top, 932, top + 22), fill=0)
    known = [make_text(ROW[place], boxes[place]) for place in ROW]
    assert find_lone_numbers(np.asarray(picture), known) == ()


def test_a_page_of_noise_as_large_as_digits_has_no_numbers() -> None:
    picture, boxes = draw_page(ROW)
    pixels = np.array(picture)
    for top in range(200, 690, 24):
        for left in range(0, 1090, 13):
            pixels[top : top + 16, left : left + 9] = 0
    known = [make_text(ROW[place], boxes[place]) for place in ((0, 0), (1, 0), (4, 0))]
    assert find_lone_numbers(pixels, known) == ()

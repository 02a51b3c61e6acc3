"""Dashes are told from noise by what other cells of the page print."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from extraction.recognition.cell_reader import read_cells
from extraction.recognition.cell_sides import settle_sides
from tests.extraction.test_recognition_cells import HEIGHT, WIDTH, draw_cells, find_boxes, top

Marks = list[tuple[int, int, int, int]]  # from the left and the top of their cell, width and height in pixels


def blot(texts: list[str], marks: Marks, *, grey: int = 0) -> npt.NDArray[np.uint8]:
    """A row of ruled cells with a mark in each of the first, out of focus as on a scan."""
    picture = np.array(draw_cells(texts))
    for number, (left, above, wide, high) in enumerate(marks):
        x, y = 20 + number * WIDTH + left, 20 + above
        picture[y : y + high, x : x + wide] = grey
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.2), np.uint8)


def test_small_dashes_at_one_place_of_their_cells_are_dashes() -> None:
    marks = [(WIDTH // 2 - 3 + n % 2, HEIGHT // 2 - 1, 7, 3) for n in range(6)]
    readings = read_cells(blot([""] * 6 + ["0", "12"], marks), find_boxes(8))
    assert [top(reading) for reading in readings] == ["—"] * 6 + ["0", "12"]
    assert all(reading.crop.dash and reading.candidates[0].probability > 0.95 for reading in readings[:6])


def test_noise_of_many_sizes_anywhere_is_no_dash() -> None:
    marks = [(20, 10, 9, 3), (110, 30, 14, 4), (60, 8, 6, 3), (85, 22, 20, 4), (35, 33, 11, 5), (130, 15, 8, 3)]
    readings = read_cells(blot([""] * 6 + ["0", "12"], marks, grey=190), find_boxes(8))
    assert not any(reading.crop.dash for reading in readings)
    assert all(top(reading) != "—" for reading in readings)


def test_numbers_and_strokes_that_all_cells_print_are_no_dashes() -> None:
    for text in ("0", "1", "/", "o"):
        readings = read_cells(blot([text] * 7, []), find_boxes(7))
        assert not any(reading.crop.dash for reading in readings), text


def test_print_beside_a_dash_is_read() -> None:
    marks = [(WIDTH // 2 - 24, HEIGHT // 2 - 1, 9, 3)] * 6
    readings = read_cells(blot([""] * 5 + ["8"], marks), find_boxes(6))
    assert [reading.crop.dash for reading in readings] == [True] * 5 + [False]


def test_print_as_high_as_text_is_no_dash_however_wide() -> None:
    marks = [(WIDTH // 2 - 18, HEIGHT // 2 - 9, 36, 18)] * 7  # a number and its unit that have run into one
    boxes = find_boxes(7)
    assert all(reading.crop.dash for reading in read_cells(blot([""] * 7, marks), boxes))
    assert not any(reading.crop.dash for reading in read_cells(blot([""] * 7, marks), boxes, least_text=12.0))


def test_dashes_of_tables_without_rules_are_in_their_columns_though_headings_stand_elsewhere() -> None:
    grey = np.full((300, 500), 255, np.uint8)
    walls = [20.0, 140.0, 250.0, 360.0, 470.0]
    rows = [[(a, 20.0 + 40 * r, b, 60.0 + 40 * r) for a, b in pairwise(walls)] for r in range(6)]
    for row in rows:
        for x in (100, 252, 340, 440):  # the second stands right of the wall that the headings tell
            grey[int(row[0][1]) + 19 : int(row[0][1]) + 22, x : x + 16] = 0
    settled = settle_sides(grey, [box for row in rows for box in row], reach=24.0)
    for row in rows:
        sides = [settled[box] for box in row]
        assert [left < x < x + 16 < right for x, (left, _, right, _) in zip((100, 252, 340, 440), sides, strict=True)]


def test_sides_are_not_taken_into_the_print_of_a_cell() -> None:
    grey = np.full((60, 200), 255, np.uint8)
    grey[20:40, 96:106] = 0
    grey[38:60] = 128  # shading that reaches into the box
    box = (92.0, 18.0, 110.0, 42.0)
    left, _, right, _ = settle_sides(grey, [box], reach=20.0)[box]
    assert left <= 96
    assert right >= 106

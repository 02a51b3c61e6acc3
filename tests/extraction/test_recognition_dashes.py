"""Dashes are told from noise by what other cells of the page print."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from extraction.recognition.cell_reader import read_cells
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

"""Reading of single cells: what stands in a box, and what does not."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from extraction.recognition.cell_crops import cut_cells
from extraction.recognition.cell_reader import CellReading, read_cells
from models.page import Box

WIDTH, HEIGHT = 160, 44  # of a cell, pixels
SIZE = 26  # of its print


def draw_cells(texts: list[str], *, width: int = WIDTH, rule: int = 2, paper: int = 255, ink: int = 0) -> Image.Image:
    """A row of ruled cells with a text in the middle of each."""
    picture = Image.new("L", (len(texts) * width + 40, HEIGHT + 40), paper)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=SIZE)
    for number, text in enumerate(texts):
        left = 20 + number * width
        if rule:
            draw.rectangle((left, 20, left + width, 20 + HEIGHT), outline=ink, width=rule)
        draw.text((left + width / 2, 20 + HEIGHT / 2), text, ink, font, anchor="mm")
    return picture


def find_boxes(count: int, *, width: int = WIDTH) -> list[Box]:
    return [(20.0 + n * width, 20.0, 20.0 + (n + 1) * width, 20.0 + HEIGHT) for n in range(count)]


def read_row(texts: list[str], *, width: int = WIDTH) -> list[CellReading]:
    return list(read_cells(np.asarray(draw_cells(texts, width=width)), find_boxes(len(texts), width=width)))


def top(reading: CellReading) -> str:
    return reading.candidates[0].text if reading.candidates else "?"


def test_numbers_in_ruled_cells_are_read() -> None:
    texts = ["0", "7", "12", "550", "9487", "7730.28", "", "-3"]
    readings = read_row(texts)
    assert [top(reading) for reading in readings] == texts
    assert all(0.9 < reading.candidates[0].probability <= 1.0001 for reading in readings)


def test_a_lone_nine_and_a_lone_six_stay_what_they_are() -> None:
    assert [top(reading) for reading in read_row(["9", "6", "9", "6", "66", "99"])] == ["9", "6", "9", "6", "66", "99"]


def test_a_wide_number_in_a_wide_cell_is_not_cut() -> None:
    texts = ["1234567.89", "550", "40028922"]
    assert [top(reading) for reading in read_row(texts, width=420)] == texts


def test_a_number_that_fills_its_cell_from_rule_to_rule_is_not_cut() -> None:
    picture = draw_cells(["2468", "2468", "2468"], width=72)
    assert [top(reading) for reading in read_cells(np.asarray(picture), find_boxes(3, width=72))] == ["2468"] * 3


def test_an_empty_cell_has_no_print_whatever_its_ruling_is_like() -> None:
    for rule in (0, 1, 2, 4):
        picture = np.asarray(draw_cells(["3", "", ""], rule=rule))
        readings = read_cells(picture, find_boxes(3))
        assert [top(reading) for reading in readings] == ["3", "", ""], rule
        assert readings[1].crop.lines == ()


def test_a_box_that_misses_its_ruling_by_some_pixels_gives_no_stroke() -> None:
    picture = np.asarray(draw_cells(["8", "", "5"]))
    boxes = [(left + 3, above - 2, right + 3, below - 2) for left, above, right, below in find_boxes(3)]
    assert [top(reading) for reading in read_cells(picture, boxes)] == ["8", "", "5"]


def test_a_rest_of_ruling_is_no_one() -> None:
    picture = draw_cells(["8", "", "5"], rule=0)
    ImageDraw.Draw(picture).line((20 + WIDTH + 1, 20, 20 + WIDTH + 1, 20 + HEIGHT // 2), fill=0, width=2)
    assert top(read_cells(np.asarray(picture), find_boxes(3))[1]) == ""


def test_dashed_ruling_is_no_print() -> None:
    picture = draw_cells(["8", "", "0"], rule=0)
    draw = ImageDraw.Draw(picture)
    for left in range(20, 21 + 3 * WIDTH, WIDTH):
        for y in range(20, 20 + HEIGHT, 10):
            draw.line((left, y, left, y + 5), fill=0, width=3)
    for x in range(20, 20 + 3 * WIDTH, 12):
        for y in (20, 20 + HEIGHT):
            draw.line((x, y, x + 6, y), fill=0, width=3)
    assert [top(reading) for reading in read_cells(np.asarray(picture), find_boxes(3))] == ["8", "", "0"]


def test_a_slash_is_never_surely_a_one() -> None:
    for size in (18, 22, 26):
        picture = Image.new("L", (320, 60), 255)
        draw = ImageDraw.Draw(picture)
        for number, text in enumerate(("/", "1", "7", "4")):
            draw.text((40 + 80 * number, 30), text, 0, ImageFont.load_default(size=size), anchor="mm")
        readings = read_cells(np.asarray(picture), [(80.0 * n, 10.0, 80.0 * n + 80, 50.0) for n in range(4)])
        assert [top(reading) for reading in readings[1:]] == ["1", "7", "4"]
        assert all(c.probability < 0.6 for c in readings[0].candidates if c.text != "/")


def test_a_one_is_read_beside_ruling() -> None:
    assert [top(reading) for reading in read_row(["1", "11", "1"], width=44)] == ["1", "11", "1"]


def test_a_row_without_a_bottom_rule_is_read() -> None:
    picture = np.array(draw_cells(["31", "4"]))
    picture[20 + HEIGHT - 3 :] = 255
    assert [top(reading) for reading in read_cells(picture, find_boxes(2))] == ["31", "4"]


def test_faint_print_is_not_empty() -> None:
    picture = draw_cells(["4", "21", "0"])
    faint = np.array(picture)
    cell = faint[24 : 20 + HEIGHT - 3, 24 + WIDTH : 20 + 2 * WIDTH - 3]
    cell[:] = 255 - (255 - cell) // 4
    assert [top(reading) for reading in read_cells(faint, find_boxes(3))] == ["4", "21", "0"]


def test_specks_are_told_from_print() -> None:
    picture = np.array(draw_cells(["4", "", "0", "5", "8", "2"]))
    picture[30:32, 250:252] = 0
    picture[50:52, 300:302] = 0
    reading = read_cells(picture, find_boxes(6))[1]
    assert top(reading) == ""
    assert reading.candidates[0].probability < 0.99


def test_print_on_shading_is_read() -> None:
    picture = np.minimum(np.asarray(draw_cells(["17", "", "0"])), 205).astype(np.uint8)
    assert [top(reading) for reading in read_cells(picture, find_boxes(3))] == ["17", "", "0"]


def test_a_number_over_two_lines_is_one_number() -> None:
    picture = Image.new("L", (400, 120), 255)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=SIZE)
    for line, digits in enumerate(("1234", "567")):
        draw.text((60, 20 + 36 * line), digits, 0, font)
    for left in (160, 220, 280, 340):
        draw.text((left, 40), "8", 0, font)
    boxes: list[Box] = [(40.0, 10.0, 150.0, 110.0), *((float(x), 10.0, x + 50.0, 110.0) for x in (150, 210, 270, 330))]
    assert [top(reading) for reading in read_cells(np.asarray(picture), boxes)] == ["1234567", "8", "8", "8", "8"]


def test_a_tick_is_no_digit() -> None:
    picture = draw_cells(["4", "", "0"])
    ImageDraw.Draw(picture).line([(250, 44), (260, 56), (285, 26)], fill=0, width=3)
    reading = read_cells(np.asarray(picture), find_boxes(3))[1]
    assert not reading.candidates or top(reading) == "" or reading.candidates[0].probability < 0.9


@pytest.mark.parametrize(
    "box", [(-50.0, -50.0, -10.0, -10.0), (0.0, 0.0, 1.0, 1.0), (9e5, 9e5, 9e5, 9e5), (30, 9, 5, 2)]
)
def test_a_box_without_a_place_on_the_page_is_empty(box: Box) -> None:
    assert top(read_cells(np.asarray(draw_cells(["4"])), [box])[0]) == ""


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_page_of_one_colour_is_empty(level: int) -> None:
    picture = np.full((200, 300), level, np.uint8)
    assert [top(reading) for reading in read_cells(picture, [(10, 10, 100, 60)])] == [""]


def test_a_page_of_noise_gives_no_sure_number() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (200, 400), dtype=np.uint8)
    reading = read_cells(picture, [(10, 10, 150, 60)])[0]
    assert not reading.candidates or top(reading) == "" or reading.candidates[0].probability < 0.9


def test_no_boxes_give_no_readings() -> None:
    assert read_cells(np.full((50, 50), 255, np.uint8), []) == ()


def test_probabilities_never_exceed_one() -> None:
    for reading in read_row(["0", "88", "", "/", "12"]):
        assert sum(candidate.probability for candidate in reading.candidates) <= 1.001
        assert reading.rest >= 0


def test_a_crop_tells_that_print_touches_the_border() -> None:
    picture = draw_cells(["3", "5"], rule=0)
    ImageDraw.Draw(picture).line((20 + WIDTH - 20, 40, 20 + WIDTH + 20, 44), fill=0, width=8)
    assert [crop.touches for crop in cut_cells(np.asarray(picture), find_boxes(2))] == [True, True]


def draw_dashes(count: int) -> np.ndarray:
    """Cells with a short dash each, drawn as thick as print."""
    picture = draw_cells([""] * count)
    draw = ImageDraw.Draw(picture)
    for number in range(count):
        middle = 20 + number * WIDTH + WIDTH / 2
        draw.rectangle((middle - 5, 20 + HEIGHT / 2 - 1, middle + 5, 20 + HEIGHT / 2 + 1), fill=0)
    return np.asarray(picture)


def test_dashes_alone_on_a_page_are_marks_where_the_height_of_its_text_is_known() -> None:
    readings = read_cells(draw_dashes(4), find_boxes(4), least_text=16.0)
    assert [top(reading) for reading in readings] == ["—"] * 4


def test_digits_are_no_dashes_however_high_other_text_is() -> None:
    readings = read_cells(np.asarray(draw_cells(["1", "7", "0"])), find_boxes(3), least_text=16.0)
    assert [top(reading) for reading in readings] == ["1", "7", "0"]


def draw_leaning(text: str, *, dash: int = 0, lean: int = 4) -> Image.Image:
    """A cell with a number at its right wall, which leans by `lean` pixels and may be dashed."""
    picture = Image.new("L", (WIDTH + 40, HEIGHT + 40), 255)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=SIZE)
    draw.rectangle((0, 20, WIDTH + 39, 21), fill=0)
    draw.rectangle((0, 20 + HEIGHT, WIDTH + 39, 21 + HEIGHT), fill=0)
    for y in range(20, 20 + HEIGHT):
        if not dash or (y - 20) % (dash + 5) < dash:
            x = 20 + WIDTH + round(lean * ((y - 20) / HEIGHT - 0.5))
            draw.rectangle((x, y, x + 1, y), fill=0)
    draw.text((20 + WIDTH - 1, 20 + HEIGHT / 2), text, 0, font, anchor="rm")
    return picture


@pytest.mark.parametrize("dash", [0, 14])
def test_a_number_beside_a_leaning_or_dashed_wall_is_read_without_it(dash: int) -> None:
    texts = ["0", "8", "30", "4"]
    readings = [read_cells(np.asarray(draw_leaning(text, dash=dash)), find_boxes(1))[0] for text in texts]
    assert [top(reading) for reading in readings] == texts
    assert all(reading.candidates[0].probability > 0.7 for reading in readings)


def draw_lines(texts: list[str], cells: list[int], *, ink: int = 0) -> np.ndarray:
    """A row of cells, with a streak from top to bottom beside the middle of some of them."""
    picture = np.array(draw_cells(texts))
    for number in cells:
        x = 20 + number * WIDTH + WIDTH // 2 + 30
        picture[:, x : x + 3] = np.minimum(picture[:, x : x + 3], ink)
    return picture


def test_a_streak_through_a_cell_is_hardly_a_one() -> None:
    readings = read_cells(draw_lines(["", "1", "7", "", "0"], [0, 3]), find_boxes(5))
    assert [top(reading) for reading in readings] == ["", "1", "7", "", "0"]
    assert all(reading.crop.line for reading in (readings[0], readings[3]))
    assert not readings[1].crop.line


def test_a_number_beside_a_streak_is_read() -> None:
    texts = ["4", "12", "7", "0", "3", "8", "25"]
    assert [top(reading) for reading in read_cells(draw_lines(texts, [0, 1]), find_boxes(7))] == texts


def test_a_crease_from_side_to_side_is_hardly_a_dash() -> None:
    picture = np.array(draw_cells(["", "3", "", ""]))
    picture[40:44, 20 + 3 * WIDTH + 65 : 20 + 3 * WIDTH + 95] = 0  # a dash
    for number in (0, 2):
        left = 20 + number * WIDTH
        picture[20 + HEIGHT // 2 : 22 + HEIGHT // 2, left + 2 : left + WIDTH - 2] = 0
    readings = read_cells(picture, find_boxes(4))
    assert [top(reading) for reading in readings] == ["", "3", "", "—"]


def test_what_shines_through_from_behind_is_hardly_a_number() -> None:
    texts = ["5", "12", "7", "0", "34", "8", "1", "1"]
    picture = np.array(draw_cells(texts))
    behind = picture[24 : 20 + HEIGHT - 3, 24 + 6 * WIDTH : 20 + 7 * WIDTH - 3]
    behind[:] = 255 - (255 - behind) // 4
    readings = read_cells(picture, find_boxes(8))
    assert [reading.crop.pale for reading in readings] == [False] * 6 + [True, False]
    assert [top(reading) for reading in readings] == [*texts[:6], "", "1"]
    assert any(candidate.text == "1" for candidate in readings[6].candidates)

"""Pictures cleaned: upright, straight, evenly lit, and every place can be found again on the page as shown."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from extraction.pictures.cleaning import clean_picture, turn_clean
from extraction.pictures.light import drop_specks, even_light
from extraction.pictures.turning import find_sheet_corners
from models.picture import CleanPicture, Picture, Pixels

SCALE = 150 / 72
ROWS = (150, 300, 450, 600, 750, 900)
COLUMNS = (150, 400, 650, 900, 1090)


def draw_page(mode: str = "L") -> Image.Image:
    """A page of 595 x 842 points at 150 dpi: lines of blocks with low dots as commas, and a table."""
    image = Image.new(mode, (1240, 1754), "white")
    draw = ImageDraw.Draw(image)
    for y in ROWS:
        draw.line((COLUMNS[0], y, COLUMNS[-1], y), fill="black", width=3)
    for x in COLUMNS:
        draw.line((x, ROWS[0], x, ROWS[-1]), fill="black", width=3)
    for line in range(12):
        for place in range(30):
            x, y = 150 + 30 * place, 1000 + 52 * line
            if place % 6 == 5:
                draw.rectangle((x, y + 18, x + 4, y + 22), fill="black")
            else:
                draw.rectangle((x, y, x + 22, y + 22), outline="black", width=3)
                draw.line((x, y + 11, x + 22, y + 11), fill="black", width=3)
    return image


def make_picture(image: Image.Image, dpi: float = 150) -> Picture:
    pixels = np.asarray(image, dtype=np.uint8)
    return Picture(1, pixels, dpi, pixels.shape[1] / dpi * 72, pixels.shape[0] / dpi * 72)


def find_table(clean: CleanPicture) -> tuple[float, float, float, float]:
    """The box of the longest rules, in points of the upright page: a page's dark rows and columns."""
    dark = clean.grey < 128
    rows = np.flatnonzero(dark.sum(axis=1) > 0.6 * clean.grey.shape[1]) / clean.scale
    columns = np.flatnonzero(dark.sum(axis=0) > 0.38 * clean.grey.shape[0]) / clean.scale
    return float(columns[0]), float(rows[0]), float(columns[-1]), float(rows[-1])


def test_a_straight_page_keeps_its_place() -> None:
    clean = clean_picture(make_picture(draw_page()))
    assert (clean.turn, clean.skew, clean.unsure) == (0, 0.0, False)
    box = (10.0, 20.0, 110.0, 220.0)
    assert clean.place_box(box) == pytest.approx(box, abs=1)


@pytest.mark.parametrize("angle", [-5.0, -1.3, 0.7, 4.0, 9.0])
def test_skew_is_found_and_undone(angle: float) -> None:
    turned = draw_page().rotate(-angle, resample=Image.Resampling.BICUBIC, fillcolor="white")
    clean = clean_picture(make_picture(turned))
    assert clean.skew == pytest.approx(angle, abs=0.15)
    table = find_table(clean)
    assert table[2] - table[0] == pytest.approx((COLUMNS[-1] - COLUMNS[0]) / SCALE, abs=3)
    assert table[3] - table[1] == pytest.approx((ROWS[-1] - ROWS[0]) / SCALE, abs=3)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_stands_upright_and_its_boxes_lie_on_the_page_as_shown(turn: int) -> None:
    quarters = {
        0: None,
        90: Image.Transpose.ROTATE_90,
        180: Image.Transpose.ROTATE_180,
        270: Image.Transpose.ROTATE_270,
    }
    how = quarters[turn]
    page = draw_page()
    clean = clean_picture(make_picture(page if how is None else page.transpose(how)))
    assert (clean.turn, clean.unsure) == (turn, False)
    assert find_table(clean)[:2] == pytest.approx((COLUMNS[0] / SCALE, ROWS[0] / SCALE), abs=3)
    left, top, right, bottom = 72.0, 72.0, 192.0, 144.0
    width, height = 1240 / SCALE, 1754 / SCALE
    shown = {
        0: (left, top, right, bottom),
        90: (top, width - right, bottom, width - left),
        180: (width - right, height - bottom, width - left, height - top),
        270: (height - bottom, left, height - top, right),
    }
    assert clean.place_box((left, top, right, bottom)) == pytest.approx(shown[turn], abs=1.5)


@pytest.mark.parametrize("turn", [0, 90])
def test_lone_digits_tell_how_a_page_lies_where_narrow_labels_join_downwards(turn: int) -> None:
    page = Image.new("L", (1240, 1754), "white")
    draw = ImageDraw.Draw(page)
    for row in range(12):
        top = 150 + 120 * row
        for line in range(4):  # a label of two characters a line, and lines as close as characters are
            for place in range(2):
                draw.rectangle(
                    (150 + 24 * place, top + 24 * line, 170 + 24 * place, top + 20 + 24 * line), fill="black"
                )
        for column in range(7):
            draw.ellipse((300 + 110 * column, top + 40, 311 + 110 * column, top + 60), outline="black", width=3)
    clean = clean_picture(make_picture(page if not turn else page.transpose(Image.Transpose.ROTATE_90)))
    assert clean.turn % 180 == turn


def test_a_page_turned_by_half_more_has_its_places_turned_too() -> None:
    clean = clean_picture(make_picture(draw_page()))
    half = turn_clean(clean, 180)
    assert half.turn == 180
    assert np.array_equal(half.grey, clean.grey[::-1, ::-1])
    width, height = clean.width, clean.height
    assert half.place_box((0, 0, 50, 80)) == pytest.approx((width - 50, height - 80, width, height), abs=1)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_place_of_a_bent_page_is_shown_where_it_was_however_the_page_is_turned(turn: int) -> None:
    bend = np.random.default_rng(1).normal(0, 9, (5, 7, 2)).astype(np.float32)
    to_page = np.array([[0.5, 0.02, 3.0], [-0.01, 0.5, 7.0], [0.0, 0.0, 1.0]])
    clean = CleanPicture(1, np.full((300, 200), 255, np.uint8), 2.0, to_page, bend=bend)
    x, y = 31.0, 77.0
    places = {90: (150 - y, x), 180: (100 - x, 150 - y), 270: (y, 100 - x)}  # points; the page has 100 x 150
    turned = places[turn]
    shown = turn_clean(clean, turn).place_box((*turned, *turned))
    assert shown == pytest.approx(clean.place_box((x, y, x, y)), abs=1.0)


def test_four_quarters_are_no_turn() -> None:
    clean = clean_picture(make_picture(draw_page()))
    again = turn_clean(turn_clean(clean, 270), 90)
    assert np.array_equal(again.grey, clean.grey)
    assert again.turn == clean.turn
    assert np.allclose(again.to_page, clean.to_page)


def test_a_page_without_text_lines_is_unsure() -> None:
    image = Image.new("L", (1240, 1754), "white")
    ImageDraw.Draw(image).rectangle((200, 200, 900, 900), outline="black", width=3)
    assert clean_picture(make_picture(image)).unsure


def test_a_curled_page_is_made_flat() -> None:
    pixels = np.asarray(draw_page(), dtype=np.uint8)
    shift = np.rint(14 * np.sin(np.linspace(0, np.pi, pixels.shape[1]))).astype(int)
    curled = np.stack([np.roll(pixels[:, x], shift[x]) for x in range(pixels.shape[1])], axis=1)
    clean = clean_picture(make_picture(Image.fromarray(curled)))
    assert clean.bend is not None
    dark = clean.grey < 128
    assert (dark.sum(axis=1) > 0.7 * (COLUMNS[-1] - COLUMNS[0])).sum() >= len(ROWS)
    left, top, right, _ = find_table(clean)
    middle = clean.place_box(((left + right) / 2 - 1, top, (left + right) / 2 + 1, top + 1))
    assert middle[1] == pytest.approx((ROWS[0] + 13) / SCALE, abs=2.5)


def test_a_shadow_is_evened_and_faint_ink_in_it_stays() -> None:
    page = np.asarray(draw_page(), dtype=np.float64)
    shade = np.linspace(0.35, 1.0, page.shape[1])[None, :]
    clean = clean_picture(make_picture(Image.fromarray((page * shade).astype(np.uint8))))
    assert np.percentile(clean.grey[:, 20:120], 50) > 230
    assert clean.grey[ROWS[1] - 2 : ROWS[1] + 3, 160:300].min(axis=0).max() < 130


def test_the_dark_lid_of_a_scanner_becomes_paper() -> None:
    page = np.asarray(draw_page(), dtype=np.uint8).copy()
    page[:, :60] = 10
    page[-80:] = 10
    even = even_light(page, SCALE)
    assert even[300:600, 10:50].min() == 255
    assert even[ROWS[0], 500] < 80


def test_a_red_stamp_goes_and_black_print_under_it_stays() -> None:
    image = draw_page("RGB")
    draw = ImageDraw.Draw(image)
    draw.ellipse((420, 320, 640, 540), outline=(220, 40, 50), width=9)
    draw.ellipse((500, 370, 560, 430), fill=(220, 40, 50))
    draw.rectangle((526, 390, 530, 410), fill=(20, 20, 20))
    clean = clean_picture(make_picture(image))
    assert clean.stamped is not None
    assert clean.stamped[400, 510]
    assert clean.grey[395:406, 527:529].max() < 110
    assert clean.grey[395:406, 505:520].min() > 200
    assert clean.grey[ROWS[2] - 1 : ROWS[2] + 2, 500:560].min(axis=0).max() < 130


def test_print_in_colour_is_no_stamp() -> None:
    image = draw_page("RGB")
    draw = ImageDraw.Draw(image)
    for place in range(20):
        draw.rectangle((200 + 40 * place, 60, 225 + 40 * place, 85), outline=(200, 20, 20), width=4)
    clean = clean_picture(make_picture(image))
    assert clean.stamped is None
    assert clean.grey[60:86, 200:226].min() < 130


def test_a_photographed_sheet_is_cut_out_and_made_flat() -> None:
    page = draw_page().resize((620, 877))
    corners = [(140, 90), (130, 960), (760, 1010), (720, 60)]  # upper left, lower left, lower right, upper right
    ground = Image.new("L", (900, 1100), 60)
    photo = page.transform(ground.size, Image.Transform.PERSPECTIVE, solve_perspective(corners, page.size))
    inside = Image.new("L", ground.size, 0)
    ImageDraw.Draw(inside).polygon(corners, fill=255)
    ground.paste(photo, (0, 0), inside)
    picture = Picture(1, np.asarray(ground, dtype=np.uint8), 110.0, 589.0, 720.0, guessed=True)
    found = find_sheet_corners(picture.pixels)
    assert found is not None
    assert found[0] == pytest.approx((140, 90), abs=12)
    clean = clean_picture(picture)
    assert clean.height / clean.width == pytest.approx(2**0.5, abs=0.05)
    dark = clean.grey < 150
    assert dark.sum(axis=1).max() > 0.6 * clean.grey.shape[1]


def solve_perspective(corners: list[tuple[int, int]], size: tuple[int, int]) -> list[float]:
    """The eight numbers with which Pillow takes the pixels of a page into a place with these corners."""
    targets = [(0, 0), (0, size[1]), (size[0], size[1]), (size[0], 0)]
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, targets, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows, float), np.array(values, float))]


@pytest.mark.parametrize("dpi", [110, 150, 200, 300, 600])
def test_any_resolution_is_brought_to_one_that_is_read(dpi: int) -> None:
    share = dpi / 150
    page = draw_page().resize((round(1240 * share), round(1754 * share)))
    clean = clean_picture(make_picture(page, dpi))
    assert 145 <= clean.scale * 72 <= 262
    assert clean.width == pytest.approx(595.2, abs=2)


def test_specks_go_and_dotted_rules_and_decimal_points_stay() -> None:
    page = np.asarray(draw_page(), dtype=np.uint8).copy()
    rng = np.random.default_rng(11)
    page[rng.integers(700, 1754, 6000), rng.integers(0, 1240, 6000)] = 0
    page[60, 150:1000:6] = 0
    page[100:104, 300:304] = 0
    cleaned, share = drop_specks(page, SCALE)
    assert share > 0.03
    assert np.count_nonzero(cleaned[1640:] < 128) < 0.1 * np.count_nonzero(page[1640:] < 128)
    assert np.count_nonzero(cleaned[60] < 128) > 0.95 * np.count_nonzero(page[60] < 128)
    assert cleaned[102, 302] == 0


def test_a_page_full_of_specks_is_smoothed_and_its_print_stays_dark() -> None:
    rng = np.random.default_rng(5)
    pixels = np.array(draw_page())
    pixels[rng.random(pixels.shape) < 0.06] = 0
    pixels[rng.random(pixels.shape) < 0.02] = 255
    clean = clean_picture(make_picture(Image.fromarray(pixels)))
    assert clean.noise > 0.1
    plain = clean_picture(make_picture(draw_page())).grey < 128
    assert (clean.grey[plain] < 160).mean() > 0.9
    paper = clean.grey[1660:1740, 100:1100]
    assert (paper < 128).mean() < 0.005 and (pixels[1660:1740, 100:1100] < 128).mean() > 0.05


def make_noise() -> Pixels:
    return np.random.default_rng(3).integers(0, 256, (400, 300, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "pixels",
    [np.full((400, 300), 255, np.uint8), np.zeros((400, 300), np.uint8), make_noise(), np.full((9, 2000), 9, np.uint8)],
)
def test_what_is_no_page_of_print_is_cleaned_all_the_same(pixels: Pixels) -> None:
    clean = clean_picture(Picture(1, pixels, 100.0, pixels.shape[1] * 0.72, pixels.shape[0] * 0.72))
    assert clean.grey.dtype == np.uint8
    assert clean.unsure


def test_pixels_that_make_no_picture_are_refused() -> None:
    with pytest.raises(ValueError, match="make no page"):
        clean_picture(Picture(1, np.zeros((0, 5), np.uint8), 200.0, 10.0, 10.0))

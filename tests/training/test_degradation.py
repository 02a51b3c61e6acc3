import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from extraction.readers.pdf_pages import open_pages
from models.document import Source
from models.page import Page
from training.degradation.files import HiddenText, ScannedPage, write_scan
from training.degradation.geometry import Warp, draw_warp
from training.degradation.legibility import score_cells
from training.degradation.pages import BITS, LIGHT, PAPER, SENSOR, degrade_sheet
from training.degradation.recipes import (
    ALWAYS,
    CHANCES,
    FREE_EFFECTS,
    LEVELS,
    PATHS,
    STRENGTHS,
    Recipe,
    draw_recipe,
    fit_dpi,
    soften_recipe,
)
from training.degradation.sheet import Sheet, lay_ink
from training.synthesis.chances import SPLIT_SHARES
from training.synthesis.choice import find_split

SCALE = 2.0
CELL = (60.0, 60.0, 160.0, 110.0)
FLAT = Warp(np.eye(3), (300, 400))
EFFECTS = {"skew", "perspective", "curl", *PAPER, *LIGHT, *SENSOR, *BITS}


def draw_sheet(seed: int = 1, **changes) -> Sheet:
    return replace(Sheet(SCALE, np.random.default_rng(seed)), **changes)


def draw_clean(text: str = "58", *, size: tuple[int, int] = (400, 300)) -> np.ndarray:
    """A page of `size` (height, width) pixels with a ruled cell and a number in it."""
    page = np.full((*size, 3), 255, np.uint8)
    cv2.rectangle(page, (60, 60), (160, 110), (0, 0, 0), 1)
    cv2.putText(page, text, (85, 97), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0, 0, 0), 2, cv2.LINE_AA)
    return page


def make_recipe(*names: str, strength: float = 0.6, **changes) -> Recipe:
    recipe = Recipe("scan", "medium", (144, 144), "colour", 80, tuple((name, strength) for name in names))
    return replace(recipe, **changes)


def find_dot(pixels: np.ndarray) -> tuple[float, float]:
    """The middle of the darkest place of a picture."""
    dark = 255.0 - pixels
    rows, columns = np.nonzero(dark > dark.max() / 2)
    weights = dark[rows, columns]
    return float((columns * weights).sum() / weights.sum()), float((rows * weights).sum() / weights.sum())


@pytest.mark.parametrize(
    "names", [("skew",), ("perspective",), ("perspective", "curl"), ("skew", "gutter"), ("skew", "curl", "gutter")]
)
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_dot_is_where_the_warp_says(names: tuple[str, ...], turn: int) -> None:
    for seed in range(3):
        warp = draw_warp((400, 300), dict.fromkeys(names, 1.0), draw_sheet(seed))
        for dot in ((60, 80), (240, 90), (150, 330)):
            page = np.full((400, 300), 255, np.uint8)
            cv2.circle(page, dot, 4, 0, -1)
            picture = np.rot90(warp.warp_pixels(page), -turn // 90)
            carried = warp.turn_picture(turn).carry_points(np.array([dot]))[0]
            assert np.hypot(*(carried - find_dot(picture))) < 1.0


def test_a_picture_of_other_resolution_has_its_dots_where_the_warp_says() -> None:
    page = np.full((400, 300), 255, np.uint8)
    cv2.circle(page, (200, 100), 6, 0, -1)
    warp = FLAT.scale_picture(0.5, 0.25)
    small = cv2.resize(page, warp.size, interpolation=cv2.INTER_AREA)
    assert warp.size == (150, 100)
    assert np.hypot(*(warp.carry_points(np.array([(200, 100)]))[0] - find_dot(small))) < 0.5


def test_the_picture_of_a_leaning_page_holds_the_numbers_at_its_edges() -> None:
    edge = (2.0, 2.0, 40.0, 20.0)
    for seed in range(10):
        warp = draw_warp((400, 300), {"skew": 1.0}, draw_sheet(seed, targets=(edge,)))
        left, top, right, bottom = warp.carry_box(edge)
        assert left >= -1 and top >= -1
        assert right <= warp.size[0] and bottom <= warp.size[1]


@pytest.mark.parametrize("name", sorted(EFFECTS - {"bits", "lines"}))
@pytest.mark.parametrize("mode", ["colour", "grey"])
def test_every_effect_changes_a_page_and_leaves_its_number_readable(name: str, mode: str) -> None:
    clean = draw_clean(size=(700, 500))
    clean[150:200, 60:160] = (200, 220, 240)  # a tint, for the screen of a printer
    for seed in range(4):
        sheet = draw_sheet(seed, targets=(CELL,))
        done = degrade_sheet(clean, make_recipe(name, strength=0.4, mode=mode), sheet)
        plain = degrade_sheet(clean, make_recipe(mode=mode), draw_sheet(seed))
        assert done.pixels.dtype == np.uint8
        assert done.pixels.ndim == (3 if mode == "colour" else 2)
        assert name not in done.names or not np.array_equal(done.pixels, plain.pixels)
        grey = done.pixels if mode == "grey" else cv2.cvtColor(done.pixels, cv2.COLOR_RGB2GRAY)
        (score,) = score_cells(cv2.cvtColor(clean, cv2.COLOR_RGB2GRAY), grey, done.warp, [CELL], scale=SCALE)
        assert score is not None and score > 0.3


@pytest.mark.parametrize("names", [(), ("contrast", "lines"), ("bits", "lines", "speckle")])
def test_one_bit_is_black_and_white_alone(names: tuple[str, ...]) -> None:
    done = degrade_sheet(draw_clean(), make_recipe(*names, mode="one-bit"), draw_sheet())
    assert done.pixels.ndim == 2
    assert set(np.unique(done.pixels)) == {0, 255}


def test_a_fax_has_fewer_lines_than_columns() -> None:
    done = degrade_sheet(draw_clean(), make_recipe("bits", mode="one-bit", dpi=(204, 98)), draw_sheet())
    assert done.pixels.shape == (round(200 / 72 * 98), round(150 / 72 * 204))
    left, top, right, bottom = done.warp.carry_box(CELL)
    assert (right - left) / (bottom - top) == pytest.approx(100 / 50 * 204 / 98, rel=0.01)


@pytest.mark.parametrize("level", [*LEVELS, "mixed"])
def test_the_same_seed_makes_the_same_scan(level: str) -> None:
    for clean in (draw_clean(), draw_clean()[:, :, 0]):
        recipe = draw_recipe(level, np.random.default_rng(5))
        done, again = (degrade_sheet(clean, recipe, draw_sheet(5)) for _ in range(2))
        assert np.array_equal(done.pixels, again.pixels)
        assert done.warp.size == (done.pixels.shape[1], done.pixels.shape[0])


def test_a_blank_page_goes_through_every_path() -> None:
    blank = np.full((200, 150, 3), 255, np.uint8)
    for seed in range(40):
        recipe = draw_recipe("heavy", np.random.default_rng(seed), dpi=100)
        assert degrade_sheet(blank, recipe, Sheet(1.0, np.random.default_rng(seed))).pixels.size


def test_what_is_black_stays_black_under_transparent_ink() -> None:
    cover = np.full((20, 20), 0.8, np.float32)
    page = np.full((30, 30, 3), 255, np.uint8)
    page[10] = 0
    inked = lay_ink(page, cover, (210, 20, 30), (-5, -5))
    assert tuple(inked[10, 5]) == (0, 0, 0)
    assert inked[5, 5, 0] > 200
    assert inked[5, 5, 1] < 100
    assert tuple(inked[20, 20]) == (255, 255, 255)
    assert lay_ink(page, cover, (0, 0, 0), (90, 90)) is page


def test_levels_and_paths_have_effects_that_exist() -> None:
    assert set(PATHS) == set(STRENGTHS) == set(LEVELS)
    for path, chances in CHANCES.items():
        assert {*chances, *ALWAYS[path]} <= EFFECTS


@pytest.mark.parametrize("level", LEVELS)
def test_a_recipe_keeps_to_its_level(level: str) -> None:
    low, high = STRENGTHS[level]
    for seed in range(50):
        recipe = draw_recipe(level, np.random.default_rng(seed))
        assert recipe.level == level
        assert all(low <= strength <= high for _, strength in recipe.strengths)
        assert recipe == draw_recipe(level, np.random.default_rng(seed))


def test_mixtures_of_effects_belong_to_one_split() -> None:
    keys: dict[str, set[str]] = {}
    for split in SPLIT_SHARES:
        recipes = [draw_recipe("mixed", np.random.default_rng(seed), split=split) for seed in range(150)]
        rich = [recipe for recipe in recipes if len(recipe.strengths) - len(ALWAYS[recipe.path]) > FREE_EFFECTS]
        keys[split] = {recipe.key for recipe in rich}
        assert {find_split(key) for key in keys[split]} == {split}
    assert not keys["train"] & keys["test"]


def test_nobody_scans_black_and_white_coarser_than_a_fax() -> None:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        assert draw_recipe("heavy", rng, dpi=110).mode != "one-bit"
        recipe = draw_recipe("heavy", rng)
        assert recipe.mode != "one-bit" or recipe.dpi[0] >= 200


def test_a_level_or_split_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no level 'worst'"):
        draw_recipe("worst", np.random.default_rng(1))
    with pytest.raises(ValueError, match="no split"):
        draw_recipe("light", np.random.default_rng(1), split="exam")


def test_small_print_is_scanned_finer() -> None:
    coarse = make_recipe("grain", dpi=(110, 110), level="heavy")
    assert fit_dpi(coarse, 7.0) == coarse
    assert fit_dpi(coarse, 4.0).dpi == (180, 180)
    assert fit_dpi(coarse, 0.5).dpi == (300, 300)
    fax = replace(coarse, path="fax", mode="one-bit", dpi=(204, 98))
    assert fit_dpi(fax, 5.0).dpi == (204, 196)


def test_a_softer_recipe_has_the_same_effects_and_mixture() -> None:
    recipe = make_recipe("skew", "grain", quality=45)
    softer = soften_recipe(recipe, 0.5)
    assert softer.key == recipe.key
    assert softer.quality == 70
    assert dict(softer.strengths) == {"skew": 0.3, "grain": 0.3}


def grey_clean() -> np.ndarray:
    return draw_clean()[:, :, 0].copy()


def score(scan: np.ndarray, *, clean: np.ndarray | None = None, warp: Warp = FLAT) -> float | None:
    return score_cells(grey_clean() if clean is None else clean, scan, warp, [CELL], scale=SCALE)[0]


def test_an_untouched_cell_is_seen_and_a_faint_one_too() -> None:
    clean = grey_clean()
    assert score(clean) == pytest.approx(1, abs=0.02)
    faint = (255 - (255 - clean.astype(float)) * 0.2).astype(np.uint8)
    assert score(faint) == pytest.approx(1, abs=0.05)


def test_a_cell_under_ink_or_burnt_out_is_not_seen() -> None:
    covered, burnt, another = grey_clean(), grey_clean(), grey_clean()
    covered[60:110, 60:160] = 30
    burnt[62:108, 62:158] = 255
    another[62:108, 62:158] = 255
    cv2.line(another, (62, 108), (158, 62), 0, 6)
    assert score(covered) == 0
    assert score(burnt) == 0
    assert score(another) < 0.58


def test_a_cell_in_noise_is_not_seen() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (400, 300)).astype(np.uint8)
    assert score(noise) < 0.58


def test_a_cell_outside_the_picture_is_not_seen() -> None:
    away = Warp(np.array([[1.0, 0, 900], [0, 1, 0], [0, 0, 1]]), (300, 400))
    assert score(grey_clean(), warp=away) == 0


def test_an_empty_cell_has_no_strokes_to_see_unless_it_is_covered() -> None:
    empty = draw_clean("")[:, :, 0].copy()
    assert score(empty, clean=empty) is None
    covered = empty.copy()
    covered[60:110, 60:160] = 20
    assert score(covered, clean=empty) == 0


def read_pdf(content: bytes) -> list[Page]:
    with open_pages(Source("", content, "")) as pages:
        return [page for page in pages if isinstance(page, Page)]


@pytest.mark.parametrize("mode", ["colour", "grey", "one-bit"])
def test_a_pdf_holds_a_picture_a_page_in_its_size(mode: str) -> None:
    pixels = draw_clean() if mode == "colour" else grey_clean()
    pages = read_pdf(write_scan([ScannedPage(pixels, (144, 72), mode)] * 2, "pdf"))
    assert [(page.width, page.height) for page in pages] == [pytest.approx((150, 400))] * 2
    assert [len(page.pictures) for page in pages] == [1, 1]
    assert not pages[0].characters


def test_one_bit_in_a_pdf_is_black_on_white() -> None:
    import pypdfium2

    page = ScannedPage(np.where(grey_clean() < 128, 0, 255).astype(np.uint8), (144, 144), "one-bit")
    drawn = pypdfium2.PdfDocument(write_scan([page], "pdf"))[0].render(scale=2).to_numpy()[:, :, 0]
    assert np.abs(drawn.astype(int) - page.pixels).mean() < 2


def test_text_under_a_scan_is_hidden() -> None:
    texts = [HiddenText("公", 20, 40, 10), HiddenText("5", 30, 40, 10)]
    (page,) = read_pdf(write_scan([ScannedPage(grey_clean(), (144, 144), texts=texts)], "pdf-text"))
    assert not page.characters
    assert page.hidden == 2


def test_a_tiff_holds_every_page_with_both_resolutions() -> None:
    bits = np.where(grey_clean() < 128, 0, 255).astype(np.uint8)
    pages = [ScannedPage(bits, (204, 98), "one-bit"), ScannedPage(draw_clean(), (150, 150), "colour")]
    image = Image.open(io.BytesIO(write_scan(pages, "tiff")))
    assert image.n_frames == 2
    assert image.mode == "1"
    assert tuple(map(float, image.info["dpi"])) == (204, 98)
    assert np.array_equal(np.asarray(image.convert("L")), bits)
    image.seek(1)
    assert image.mode == "RGB"
    assert tuple(map(float, image.info["dpi"])) == (150, 150)


def test_a_turned_photo_is_shown_upright_by_its_exif() -> None:
    from PIL import ImageOps

    page = ScannedPage(draw_clean(), (144, 144), "colour", 95, stored_turn=90)
    image = Image.open(io.BytesIO(write_scan([page], "jpeg")))
    assert image.size == (400, 300)
    shown = np.asarray(ImageOps.exif_transpose(image))
    assert np.abs(shown.astype(int) - page.pixels).mean() < 3


def test_a_picture_may_not_tell_its_resolution() -> None:
    assert "dpi" not in Image.open(io.BytesIO(write_scan([ScannedPage(grey_clean(), None)], "png"))).info
    assert Image.open(io.BytesIO(write_scan([ScannedPage(grey_clean(), (150, 150))], "png"))).info["dpi"][0] > 149


@pytest.mark.parametrize(("container", "count"), [("gif", 1), ("png", 2), ("jpeg", 2), ("pdf", 0)])
def test_pages_that_do_not_go_into_a_file_are_refused(container: str, count: int) -> None:
    with pytest.raises(ValueError, match=r"no kind of file|do not go into"):
        write_scan([ScannedPage(grey_clean(), (72, 72))] * count, container)

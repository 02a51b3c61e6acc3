"""From the picture of a page to an upright, straight and evenly lit one, of a size at which it is read."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from extraction.pictures.bending import MIN_LENGTH, find_bend
from extraction.pictures.light import Mask, drop_specks, drop_stamps, even_light, measure_contrast, smooth_grain
from extraction.pictures.strokes import find_strokes
from extraction.pictures.turning import (
    find_sheet_corners,
    find_skew,
    find_upright,
    map_sheet,
    measure_sheet,
    resize_pixels,
    straighten,
    turn_matrix,
)
from models.picture import POINTS, Bend, CleanPicture, Matrix, Picture, Pixels

WORKING_DPI = 200.0
KEPT_DPI = (150.0, 260.0)  # within which a picture keeps its own resolution
FLAT_SKEW = 0.06  # degrees: less is left as it is
MIN_SIDE = 8  # pixels
MIN_GRAIN = 0.02  # of the dark pixels are specks: the grain of such a page is smoothed out
A4_AREA = 595.3 * 841.9  # square points


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page of even light as far as it is known how it lies.

    `even`: its pixels, `to_shown`: 3 x 3, from them to points of the page as shown. `scale`: pixels a point.
    """

    even: Pixels
    to_shown: Matrix
    scale: float
    contrast: float
    stamped: Mask | None


def clean_picture(picture: Picture) -> CleanPicture:
    """Clean the picture of a page: what is taken out is light, colour of stamps and specks, never print.

    A picture without anything on it stays as it is. Raises `ValueError` for pixels that make no picture.
    """
    if picture.pixels.ndim not in {2, 3} or min(picture.pixels.shape[:2]) < MIN_SIDE:
        raise ValueError(f"pixels of shape {picture.pixels.shape} make no page")
    sheet = _light_sheet(picture)
    upright = find_upright(sheet.even, sheet.scale)
    quarter = np.ascontiguousarray(np.rot90(sheet.even, -upright.turn // 90))
    skew = find_skew(quarter, sheet.scale)
    skew = skew if abs(skew) >= FLAT_SKEW else 0.0
    shape = (float(sheet.even.shape[1]), float(sheet.even.shape[0]))
    if upright.turn == 0 and not skew:
        matrix, size, grey = np.eye(3), (sheet.even.shape[1], sheet.even.shape[0]), sheet.even
    else:
        matrix, size = turn_matrix(shape, upright.turn, skew)
        grey = straighten(sheet.even, matrix, size)
    bend = _find_bend(grey, sheet.scale)
    if bend is not None:
        grey = straighten(sheet.even, matrix, size, bend)
    grey, noise = drop_specks(grey, sheet.scale)
    if noise >= MIN_GRAIN:
        grey = smooth_grain(grey, sheet.scale)
    stamped = None
    if sheet.stamped is not None:
        paper = np.where(sheet.stamped, np.uint8(0), np.uint8(255)).astype(np.uint8)
        stamped = straighten(paper, matrix, size, bend) < 128
    return CleanPicture(
        number=picture.number,
        grey=grey,
        scale=sheet.scale,
        to_page=np.asarray(sheet.to_shown @ matrix, dtype=np.float64),
        bend=bend,
        turn=upright.turn,
        unsure=upright.unsure,
        skew=skew,
        contrast=sheet.contrast,
        noise=noise,
        stamped=stamped,
    )


def _find_bend(grey: Pixels, scale: float) -> Bend | None:
    """The bend of a straight page in its pixels."""
    bend = find_bend(find_strokes(grey, scale, least=MIN_LENGTH), grey.shape[1] / scale, grey.shape[0] / scale)
    return None if bend is None else (bend * scale).astype(np.float32)


def _light_sheet(picture: Picture) -> _Sheet:
    """The page of a picture, cut out of a photo, at the resolution at which it is read, evenly lit."""
    scale = picture.dpi / POINTS
    share = _choose_dpi(picture.dpi) / picture.dpi
    pixels = resize_pixels(picture.pixels, share) if share < 1 else picture.pixels
    contrast = measure_contrast(pixels if pixels.ndim == 2 else pixels[:, :, 1])
    grey, stamped = drop_stamps(pixels, scale * min(share, 1.0))
    if share > 1:
        grey = resize_pixels(grey, share)
        if stamped is not None:
            stamped = resize_pixels(stamped.astype(np.uint8) * 255, share) > 127
    across, down = grey.shape[1] / picture.width, grey.shape[0] / picture.height
    to_shown = np.diag([1 / across, 1 / down, 1.0])
    corners = find_sheet_corners(grey)
    if corners is None:
        return _Sheet(even_light(grey, across), to_shown, across, contrast, stamped)
    width, height = measure_sheet(corners)
    scale = math.sqrt(width * height / A4_AREA) if picture.guessed else across
    wanted = WORKING_DPI / POINTS / scale
    flat = map_sheet(corners, width * wanted, height * wanted)
    size = max(1, round(width * wanted)), max(1, round(height * wanted))
    if stamped is not None:
        paper = np.where(stamped, np.uint8(0), np.uint8(255)).astype(np.uint8)
        stamped = straighten(paper, flat, size) < 128
    scale = WORKING_DPI / POINTS
    return _Sheet(even_light(straighten(grey, flat, size), scale), to_shown @ flat, scale, contrast, stamped)


def _choose_dpi(dpi: float) -> float:
    """A resolution at which a picture is read: its own where that is fit, a whole part of it where that is."""
    if KEPT_DPI[0] <= dpi <= KEPT_DPI[1]:
        return dpi
    part = dpi / math.ceil(dpi / KEPT_DPI[1])
    return part if part >= KEPT_DPI[0] else WORKING_DPI


def turn_clean(clean: CleanPicture, degrees: int) -> CleanPicture:
    """The same page turned clockwise by quarters, for a reader who finds that it did not stand upright."""
    turned = clean
    for _ in range(degrees // 90 % 4):
        turned = _turn_quarter(turned)
    return replace(turned, unsure=False)


def _turn_quarter(clean: CleanPicture) -> CleanPicture:
    """Clockwise: what was at (x, y) is at (height - 1 - y, x)."""
    height = clean.grey.shape[0]
    back = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, height - 1.0], [0.0, 0.0, 1.0]])
    bend = None
    if clean.bend is not None:
        places = np.rot90(clean.bend, -1)
        bend = np.ascontiguousarray(np.stack([-places[..., 1], places[..., 0]], axis=-1))
    return replace(
        clean,
        grey=np.ascontiguousarray(np.rot90(clean.grey, -1)),
        to_page=np.asarray(clean.to_page @ back, dtype=np.float64),
        bend=bend,
        turn=(clean.turn + 90) % 360,
        stamped=None if clean.stamped is None else np.ascontiguousarray(np.rot90(clean.stamped, -1)),
    )

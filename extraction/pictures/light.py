"""Evenly lit pages out of pictures: stamps taken out by colour, shadows and dark borders, specks; by OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.picture import Pixels

Mask = npt.NDArray[np.bool_]

MIN_COLOUR = 45  # between the channels, as a share of the brightest in 255
STAMP = (36.0, 230.0)  # points: how wide and high a stamp is; print in colour is lower, shading wider
STAMP_ASPECT = 3.0
STAMP_INK = (0.01, 0.75)  # share of its box that a stamp covers: less are strokes, more is shading
STAMP_GAP = 5.0  # points between the strokes of one stamp
STAMP_LIGHT = 0.72  # of the light of bare stamp ink: what is darker has print under it
MIN_LIGHT = 40  # of 255, of paper in the deepest shadow
BACKGROUND = 12.0  # points: no stroke of print is as thick
COARSE = 0.75  # pixels a point for what needs no detail
BORDER = 60  # of 255: darker is no paper
MIN_BORDER = 3.0  # points
DARK = 128
INK_SHARE = 0.1  # of the dark pixels, that are full ink or darker
PAPER_POINT = 247.0
SPECK = 0.35  # points across, the largest that is no print
DOTTED = 14.0  # points along a dotted rule, in which there are at least
MIN_DOTS = 4
MIN_LINED = 3.0  # times as many as where specks stand anyhow
TILE = 12.0  # points, of a piece of a page whose grain is measured
GRAIN, MAX_GRAIN = 2.0, 55.0  # of the grain of paper, and in grey levels: what differs by that is alike
GRAIN_PATCH, GRAIN_REACH = 5, 15  # pixels: what is compared, and how far around
MAX_SPECKS = 0.03  # of the dark pixels; more is noise to be removed


def drop_stamps(pixels: Pixels, scale: float) -> tuple[Pixels, Mask | None]:
    """Grey pixels without the ink of coloured stamps, the print under them kept, and where that was.

    `scale`: pixels a point. Shading, coloured print and lines stay, as grey.
    """
    if pixels.ndim == 2:
        return pixels, None
    high, low = pixels.max(axis=2), pixels.min(axis=2)
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    coloured = (high - low).astype(np.uint16) * 255 > MIN_COLOUR * np.maximum(high, 60).astype(np.uint16)
    stamped = _find_stamps(coloured, scale)
    if stamped is None:
        return grey, None
    paper = float(np.percentile(high[::4, ::4], 80))
    bare = high[stamped & coloured]
    light = max(float(np.percentile(bare, 60)), 1.0)
    lifted = np.where(high > STAMP_LIGHT * light, paper, high * (paper / light))
    result = grey.copy()
    result[stamped] = np.clip(lifted[stamped], 0, 255).astype(np.uint8)
    return result, stamped


def _find_stamps(coloured: Mask, scale: float) -> Mask | None:
    """The neighbourhood of coloured strokes that together have the size of a stamp."""
    share = COARSE / scale
    size = (max(1, round(coloured.shape[1] * share)), max(1, round(coloured.shape[0] * share)))
    coarse = cv2.resize(coloured.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    strokes = (coarse > 40).astype(np.uint8)
    reach = _make_odd(STAMP_GAP * COARSE)
    joined = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    chosen = np.zeros(len(stats), dtype=np.uint8)
    for number, (_, _, width, height, _) in enumerate(stats[1:], 1):
        covered = np.count_nonzero(strokes[labels == number]) / (width * height)
        sides = min(width, height) / COARSE, max(width, height) / COARSE
        if STAMP[0] <= sides[0] and sides[1] <= STAMP[1] and sides[1] <= STAMP_ASPECT * sides[0]:
            chosen[number] = STAMP_INK[0] <= covered <= STAMP_INK[1]
    if not chosen.any():
        return None
    inner = chosen[labels]
    for left, top, width, height, _ in stats[chosen > 0]:  # what stands inside the ring of a stamp belongs to it
        inner[top : top + height, left : left + width] |= joined[top : top + height, left : left + width]
    near = cv2.dilate(inner, np.ones((3, 3), np.uint8))
    fine = cv2.resize(near, (coloured.shape[1], coloured.shape[0]), interpolation=cv2.INTER_NEAREST) > 0
    reach = _make_odd(0.8 * scale)
    return fine & (cv2.dilate(coloured.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0)


def even_light(grey: Pixels, scale: float) -> Pixels:
    """The picture with paper at 255 and ink near 0, whatever the light; dark borders become paper."""
    share = min(1.0, COARSE / scale)
    size = (max(1, round(grey.shape[1] * share)), max(1, round(grey.shape[0] * share)))
    coarse = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    border = _find_border(np.asarray(coarse, dtype=np.uint8))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_make_odd(BACKGROUND * COARSE),) * 2)
    light = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, kernel)
    light = cv2.GaussianBlur(cv2.medianBlur(light, 7), (0, 0), 3.0)
    light = np.maximum(light, MIN_LIGHT).astype(np.uint8)
    fine = cv2.resize(light, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    even = cv2.divide(grey, fine, scale=PAPER_POINT)
    if border is not None:
        outside = cv2.resize(border, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_NEAREST)
        even[outside > 0] = 255
    return stretch_ink(np.asarray(even, dtype=np.uint8))


def _find_border(coarse: Pixels) -> Pixels | None:
    """Where dark ground reaches in from the edges of a picture: the lid of a scanner, a table under a photo."""
    kernel = np.ones((_make_odd(MIN_BORDER * COARSE), _make_odd(MIN_BORDER * COARSE)), np.uint8)
    dark = cv2.morphologyEx((coarse < BORDER).astype(np.uint8), cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_REPLICATE)
    if not dark.any():
        return None
    _, labels = cv2.connectedComponents(dark)
    edges = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    touching = np.unique(edges[edges > 0])
    if not len(touching):
        return None
    return np.asarray(cv2.dilate(np.isin(labels, touching).astype(np.uint8), np.ones((5, 5), np.uint8)))


def stretch_ink(grey: Pixels) -> Pixels:
    """Ink made dark where all of it is pale: a faint copy reads as a good one."""
    sample = grey[::3, ::3]
    dark = sample[sample < 200]
    if len(dark) < 50:
        return grey
    ink = float(np.percentile(dark, 100 * INK_SHARE))
    if ink < 60:
        return grey
    table = np.clip((np.arange(256) - ink) * (PAPER_POINT - 20) / (PAPER_POINT - ink) + 20, 0, 255)
    return np.asarray(cv2.LUT(grey, table.astype(np.uint8)))


def measure_contrast(grey: Pixels) -> float:
    """Of ink against paper, from 0 to 1, in a picture as it came."""
    sample = grey[::3, ::3]
    paper = float(np.percentile(sample, 70))
    ink = float(np.percentile(sample, 1))
    return max(0.0, min(1.0, (paper - ink) / max(paper, 1.0)))


def drop_specks(grey: Pixels, scale: float) -> tuple[Pixels, float]:
    """The picture without specks where there are many, and their share of the dark pixels."""
    dark = (grey < DARK).astype(np.uint8)
    total = int(np.count_nonzero(dark))
    if not total:
        return grey, 0.0
    _, labels, stats, middles = cv2.connectedComponentsWithStats(dark, connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] <= max(1.0, (SPECK * scale) ** 2 * 2)
    small[0] = False
    small[small] = ~_find_dotted(middles[small].astype(np.float64), grey.shape, scale)
    share = float(stats[small, cv2.CC_STAT_AREA].sum() / total)
    if share <= MAX_SPECKS:
        return grey, share
    result = grey.copy()
    specks = cv2.dilate(small.astype(np.uint8)[labels], np.ones((3, 3), np.uint8)) > 0
    keep = cv2.dilate((~small & (np.arange(len(stats)) > 0)).astype(np.uint8)[labels], np.ones((3, 3), np.uint8)) > 0
    result[specks & ~keep] = 255
    return result, share


def smooth_grain(grey: Pixels, scale: float) -> Pixels:
    """The picture with each pixel as the mean of those around whose neighbourhoods are alike: print stays sharp.

    Non-local means: Buades, Coll and Morel, "A non-local algorithm for image denoising", CVPR 2005. How far what is
    alike may differ goes by the grain of bare paper, which a quarter of the page is at least.
    """
    side = max(1, round(TILE * scale))
    height, width = (size // side * side for size in grey.shape)
    if not height or not width:
        return grey
    tiles = grey[:height, :width].reshape(height // side, side, width // side, side)
    grain = float(np.percentile(tiles.std(axis=(1, 3), dtype=np.float32), 25))
    smooth = cv2.fastNlMeansDenoising(grey, None, min(GRAIN * grain, MAX_GRAIN), GRAIN_PATCH, GRAIN_REACH)
    return np.asarray(smooth, dtype=np.uint8)


def _find_dotted(middles: npt.NDArray[np.float64], shape: tuple[int, ...], scale: float) -> Mask:
    """Which specks stand in a row, across or down: the dots of a dotted rule, not of a ground full of specks."""
    columns, rows = np.rint(middles).astype(np.intp).T
    dots = np.zeros(shape[:2], dtype=np.uint8)
    dots[rows, columns] = 1
    window = _make_odd(DOTTED * scale)
    across = cv2.boxFilter(dots, cv2.CV_16U, (window, 3), normalize=False)
    down = cv2.boxFilter(dots, cv2.CV_16U, (3, window), normalize=False)
    around = cv2.boxFilter(dots, cv2.CV_16U, (window, window), normalize=False)[rows, columns]
    least = np.maximum(MIN_DOTS, MIN_LINED * 3 / window * around)
    return np.asarray(np.maximum(across, down)[rows, columns] >= least)


def _make_odd(size: float) -> int:
    return max(3, 2 * round(size / 2) + 1)

"""Whether a person could still read a cell of a scan: its strokes, found again where the warp puts them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from models.page import Box
from models.picture import Pixels
from training.degradation.geometry import Warp
from training.degradation.sheet import Field

WALL = 1.6  # points from the box of a cell to what stands in it: rules lie between
ROOM = 2.0  # points around the ink of a cell
SLACK = 1.5  # points by which the strokes may have moved, by line errors of a fax
STROKES = (0.3, 1.4)  # points: spreads of the band that tells strokes from blur and from shading
INK = 60  # of 255: darker than its cell by so much is ink in a clean page
MIN_CONTRAST = 9.0  # of 255, between ink and its surroundings in the scan
GRID = 8  # places along each side of a cell that are carried; those between are interpolated
COVERED = 0.45  # of the light of the page: the ground of a cell darker than this is covered


def score_cells(clean: Pixels, scan: Pixels, warp: Warp, boxes: Sequence[Box], *, scale: float) -> list[float | None]:
    """How well the strokes of each cell are seen in the scan, from 0 to 1; `None` for an empty cell that is seen.

    `clean` and `boxes` are the page before it was scanned, `scale` pixels a point; both pictures are grey.
    """
    paper = float(np.percentile(scan[::8, ::8], 75))
    return [_score_cell(clean, scan, warp, box, scale=scale, paper=paper) for box in boxes]


def measure_print(clean: Pixels, boxes: Sequence[Box], *, scale: float) -> float | None:
    """The median height in points of what stands in the cells of a clean page; `None` where they are empty."""
    found = [_find_ink(clean, _shrink(box, WALL * scale)) for box in boxes]
    heights = [ink[3] - ink[1] for ink in found if ink is not None]
    return float(np.median(heights)) / scale if heights else None


def _score_cell(clean: Pixels, scan: Pixels, warp: Warp, box: Box, *, scale: float, paper: float) -> float | None:
    ink_box = _find_ink(clean, _shrink(box, WALL * scale))
    if ink_box is None:
        seen = _cut_scan(scan, warp, _shrink(box, WALL * scale))
        covered = seen is None or float(np.median(seen)) < COVERED * paper
        return 0.0 if covered else None
    wanted_box = _grow(ink_box, ROOM * scale, clean.shape)
    wanted, slack = _cut(clean, wanted_box), round(SLACK * scale)
    seen = _cut_scan(scan, warp, wanted_box, slack=slack)
    if seen is None:
        return 0.0
    inner = seen[slack : slack + wanted.shape[0], slack : slack + wanted.shape[1]].astype(np.float32)
    ink = wanted < int(wanted.max()) - INK
    if inner.shape != wanted.shape or float(inner[~ink].mean() - inner[ink].mean()) < MIN_CONTRAST:
        return 0.0
    found = cv2.matchTemplate(_find_strokes(seen, scale), _find_strokes(wanted, scale), cv2.TM_CCOEFF_NORMED)
    return max(0.0, float(found.max()))


def _find_ink(clean: Pixels, box: Box) -> Box | None:
    """The box around the ink inside a box of the clean page; `None` where there is none."""
    left, top, right, bottom = (round(side) for side in box)
    part = clean[max(top, 0) : bottom, max(left, 0) : right]
    if part.size == 0:
        return None
    rows, columns = np.nonzero(part < int(np.median(part)) - INK)
    if len(rows) < 3:
        return None
    left, top = max(left, 0), max(top, 0)
    return left + columns.min(), top + rows.min(), left + columns.max() + 1, top + rows.max() + 1


def _cut_scan(scan: Pixels, warp: Warp, box: Box, *, slack: int = 0) -> Pixels | None:
    """A box of the clean page as it is seen in the scan, of the clean size; `None` where it lies outside."""
    left, top, right, bottom = (round(side) for side in box)
    width, height = max(right - left, 4) + 2 * slack, max(bottom - top, 4) + 2 * slack
    xs, ys = np.meshgrid(np.linspace(-0.5, 0.5, GRID), np.linspace(-0.5, 0.5, GRID))
    # cv2.resize spreads the centres of its pixels, so the outermost places lie half a step inside.
    reach = np.array([width, height]) * (GRID - 1) / GRID
    middle = np.array([(left + right - 1) / 2, (top + bottom - 1) / 2])
    places = warp.carry_points(np.stack([xs.ravel(), ys.ravel()], axis=1) * reach + middle)
    rows, columns = scan.shape[:2]
    x, y = places.T
    if ((x < 0) | (y < 0) | (x > columns - 1) | (y > rows - 1)).mean() > 0.3:
        return None
    grid = places.reshape(GRID, GRID, 2).astype(np.float32)
    maps = cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.remap(scan, maps[:, :, 0], maps[:, :, 1], cv2.INTER_LINEAR, borderValue=255), np.uint8)


def _find_strokes(pixels: Pixels, scale: float) -> Field:
    fine, coarse = (
        cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), max(spread * scale, 0.3), borderType=cv2.BORDER_REPLICATE)
        for spread in STROKES
    )
    return np.asarray(fine - coarse, np.float32)


def _cut(pixels: Pixels, box: Box) -> Pixels:
    left, top, right, bottom = (round(side) for side in box)
    return pixels[top:bottom, left:right]


def _shrink(box: Box, by: float) -> Box:
    return box[0] + by, box[1] + by, box[2] - by, box[3] - by


def _grow(box: Box, by: float, shape: tuple[int, ...]) -> Box:
    left, top, right, bottom = box[0] - by, box[1] - by, box[2] + by, box[3] + by
    return max(left, 0), max(top, 0), min(right, shape[1]), min(bottom, shape[0])

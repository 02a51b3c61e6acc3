"""Where the points of a page go: turned, leaning, in perspective, curled; pixels and truth boxes move alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from models.page import Box
from models.picture import Bend, Matrix, Pixels
from training.degradation.sheet import Sheet

Points = npt.NDArray[np.float64]
COARSE = 16  # pixels of the page for each place where its bend is kept
ROUNDS = 25  # of the inversion of a bend; its slopes are far below 1
MAX_SKEW = 5.0  # degrees
EDGE_POINTS = 9  # of each side of a box that is carried through a bend


@dataclass(frozen=True, slots=True)
class Warp:
    """From pixels of the flat page to pixels of the picture.

    `size` is (width, height) of the picture. `bend`, (rows, columns, 2), is for every `COARSE`th pixel of the curled
    page what has to be added to it to be on the flat page; `matrix`, 3 x 3, takes the curled page to the picture.
    """

    matrix: Matrix
    size: tuple[int, int]
    bend: Bend | None = None

    def warp_pixels(self, pixels: Pixels, ground: Pixels | None = None) -> Pixels:
        """The picture of a page; `ground`, of the size of the picture, shows where the page does not reach."""
        if self.bend is not None:
            height, width = pixels.shape[:2]
            bend = cv2.resize(self.bend, (width, height), interpolation=cv2.INTER_LINEAR)
            xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
            maps = (xs + bend[:, :, 0], ys + bend[:, :, 1])
            bent = cv2.remap(pixels, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            pixels = np.asarray(bent, np.uint8)
        white = (255,) * 3
        moved = cv2.warpPerspective(pixels, self.matrix, self.size, flags=cv2.INTER_LINEAR, borderValue=white)
        if ground is None:
            return np.asarray(moved, np.uint8)
        inside = cv2.warpPerspective(np.full(pixels.shape[:2], 255, np.uint8), self.matrix, self.size) > 127
        return np.where(inside if moved.ndim == 2 else inside[:, :, None], moved, ground).astype(np.uint8)

    def carry_points(self, points: Points) -> Points:
        """Pixels (x, y) of the flat page, shape (n, 2), in the picture."""
        places = np.asarray(points, np.float64)
        if self.bend is not None:
            flat = places
            for _ in range(ROUNDS):
                places = flat - self._find_bend(places)
        moved = cv2.perspectiveTransform(places.reshape(-1, 1, 2), self.matrix)
        return np.asarray(moved, np.float64).reshape(-1, 2)

    def carry_box(self, box: Box) -> Box:
        """The box around a carried box, as it lies in the picture; it may stick out of it."""
        left, top, right, bottom = box
        steps = np.linspace(0, 1, EDGE_POINTS)
        xs, ys = left + (right - left) * steps, top + (bottom - top) * steps
        sides = [np.stack([xs, np.full_like(xs, y)], axis=1) for y in (top, bottom)]
        sides += [np.stack([np.full_like(ys, x), ys], axis=1) for x in (left, right)]
        carried = self.carry_points(np.concatenate(sides))
        (x0, y0), (x1, y1) = carried.min(axis=0), carried.max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)

    def scale_picture(self, across: float, down: float) -> Warp:
        """The same with a picture of other resolution."""
        # Centres of pixels, not their corners, keep their place under a resize.
        shift = np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]])
        size = (max(1, round(self.size[0] * across)), max(1, round(self.size[1] * down)))
        return replace(self, matrix=shift @ self.matrix, size=size)

    def turn_picture(self, turn: int) -> Warp:
        """The same with the picture turned clockwise by 0, 90, 180 or 270 degrees."""
        width, height = self.size
        turned = {
            0: np.eye(3),
            90: np.array([[0, -1, height - 1], [1, 0, 0], [0, 0, 1]]),
            180: np.array([[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1]]),
            270: np.array([[0, 1, 0], [-1, 0, width - 1], [0, 0, 1]]),
        }
        size = (height, width) if turn in (90, 270) else (width, height)
        return replace(self, matrix=turned[turn] @ self.matrix, size=size)

    def _find_bend(self, places: Points) -> Points:
        """The bend at places of the curled page, interpolated as `warp_pixels` does."""
        assert self.bend is not None
        # cv2.resize has its centres at halves of a pixel.
        grid = ((places + 0.5) / COARSE - 0.5).astype(np.float32)
        xs, ys = grid[:, :1], grid[:, 1:]
        found = cv2.remap(self.bend, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found, np.float64).reshape(-1, 2)


def draw_warp(shape: tuple[int, ...], strengths: Mapping[str, float], sheet: Sheet) -> Warp:
    """A warp for a page of this shape (height, width), by what is in `strengths`: skew, perspective, curl, gutter.

    Where the lean would cut numbers of the page off, the picture is made large enough for all of it.
    """
    height, width = shape[:2]
    bend = _draw_bend((height, width), strengths, sheet)
    if "perspective" in strengths:
        return _draw_perspective((height, width), strengths["perspective"], bend, sheet)
    sign = 1 if sheet.rng.random() < 0.5 else -1
    degrees = sign * MAX_SKEW * strengths.get("skew", 0.0) * sheet.rng.uniform(0.4, 1.0)
    matrix = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0), (0, 0, 1)])
    matrix[:2, 2] += sheet.scale * sheet.rng.normal(0, 3 * strengths.get("skew", 0.0), 2)
    warp = Warp(matrix, (width, height), bend)
    boxes = [warp.carry_box(box) for box in sheet.targets]
    cut = any(box[0] < 0 or box[1] < 0 or box[2] > width or box[3] > height for box in boxes)
    return _hold_page(warp, (height, width)) if cut or sheet.rng.random() < 0.3 else warp


def _hold_page(warp: Warp, shape: tuple[int, int]) -> Warp:
    """The warp with a picture that holds the whole page."""
    left, top, right, bottom = warp.carry_box((0, 0, shape[1] - 1, shape[0] - 1))
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]])
    return replace(warp, matrix=shift @ warp.matrix, size=(round(right - left) + 1, round(bottom - top) + 1))


def _draw_perspective(shape: tuple[int, int], strength: float, bend: Bend | None, sheet: Sheet) -> Warp:
    """The four corners of the page somewhere in the frame of a camera that is not held straight."""
    height, width = shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    lean = np.radians(MAX_SKEW * strength * sheet.rng.uniform(-1, 1))
    turn = np.array([[np.cos(lean), -np.sin(lean)], [np.sin(lean), np.cos(lean)]])
    middle = np.array([width / 2, height / 2])
    moved = (corners - middle) @ turn.T
    tilt = sheet.rng.normal(0, 0.045 * strength, 2)  # of the camera, as the change of size from edge to edge
    depth = 1 + np.clip((moved / middle) @ tilt, -0.2, 0.2)
    moved = moved / depth[:, None] + sheet.rng.normal(0, 0.006 * strength * width, (4, 2))
    pad = sheet.rng.uniform(0.01, 0.05, 4) * width
    low, high = moved.min(axis=0) - pad[:2], moved.max(axis=0) + pad[2:]
    matrix = cv2.getPerspectiveTransform(corners, (moved - low).astype(np.float32))
    size = (round(float(high[0] - low[0])), round(float(high[1] - low[1])))
    return Warp(np.asarray(matrix, np.float64), size, bend)


def _draw_bend(shape: tuple[int, int], strengths: Mapping[str, float], sheet: Sheet) -> Bend | None:
    """The curl of a loose page, and of a bound one into its gutter; `None` where the page is flat."""
    if not {"curl", "gutter"} & set(strengths):
        return None
    height, width = shape
    rows, columns = (-(-side // COARSE) + 1 for side in shape)
    y, x = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    dx, dy = np.zeros_like(x), np.zeros_like(x)
    rng = sheet.rng
    if "curl" in strengths:
        high = 0.016 * height * strengths["curl"] * rng.uniform(0.4, 1) * (1 if rng.random() < 0.5 else -1)
        fade = rng.uniform(0.3, 1) + (1 - y) * rng.uniform(-0.6, 0.6)
        dy += high * fade * np.sin(np.pi * (x * rng.uniform(0.8, 1.7) + rng.uniform(0, 1)))
        dx += 0.006 * width * strengths["curl"] * np.sin(np.pi * (y + rng.uniform(0, 1)))
    if "gutter" in strengths:
        near = np.exp(-x / 0.09) if rng.random() < 0.6 else np.exp(-(1 - x) / 0.09)
        side = 1 if near[0, 0] > near[0, -1] else -1
        dx -= side * 0.03 * width * strengths["gutter"] * near
        dy += 0.022 * height * strengths["gutter"] * near * (y - rng.uniform(0.3, 0.7))
    return np.stack([dx, dy], axis=2).astype(np.float32)

"""A sheet on its way to a scan: pixels, what an effect may know of them, random fields and ink laid over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from models.page import Box
from models.picture import Pixels

Field = npt.NDArray[np.float32]
Color = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What an effect may know: `scale` in pixels a point, `back` the other side of the paper.

    `targets` are boxes in pixels, of the numbers of the page, over which people put stamps and ticks.
    """

    scale: float
    rng: np.random.Generator
    back: Pixels | None = None
    targets: tuple[Box, ...] = field(default=())


Effect = Callable[[Pixels, float, Sheet], Pixels]


def make_smooth_field(shape: tuple[int, ...], blob: float, rng: np.random.Generator) -> Field:
    """A random surface of about mean 0 and spread 1, of shape (height, width); `blob` is the size of its hills, px."""
    height, width = shape[:2]
    rows, columns = (max(2, round(side / max(blob, 1.0)) + 1) for side in (height, width))
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def make_grain(shape: tuple[int, ...], size: float, rng: np.random.Generator) -> Field:
    """Fine noise of mean 0 and spread 1, of shape (height, width), with grains of about `size` pixels."""
    height, width = shape[:2]
    if size <= 1:
        return rng.standard_normal((height, width), dtype=np.float32)
    small = rng.standard_normal((round(height / size) + 2, round(width / size) + 2), dtype=np.float32)
    grain = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    return grain / max(float(grain.std()), 1e-6)


def round_pixels(values: npt.NDArray[np.floating]) -> Pixels:
    """Values rounded and cut to 0 to 255, in their shape."""
    return np.asarray(cv2.convertScaleAbs(np.maximum(values, 0)), np.uint8).reshape(values.shape)


def scale_light(pixels: Pixels, light: Field) -> Pixels:
    """The pixels under a light of (height, width), where 1 changes nothing."""
    lamps = light if pixels.ndim == 2 else cv2.merge([light] * 3)
    return np.asarray(cv2.multiply(pixels, lamps, dtype=cv2.CV_8U), np.uint8)


def thin_ink(pixels: Pixels, density: Field) -> Pixels:
    """The pixels with only this share of their ink, at each place of (height, width)."""
    return ~scale_light(~pixels, density)


def lay_ink(pixels: Pixels, cover: Field, color: Color, place: tuple[int, int] = (0, 0)) -> Pixels:
    """New pixels with transparent ink of a colour; `cover` is from 0 to 1.

    `place` (x, y) is where its top left lies; it may stick out.
    Ink takes light away, as stamps and pens do: what is black under it stays black.
    """
    left, top = place
    height, width = pixels.shape[:2]
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + cover.shape[1], width), min(top + cover.shape[0], height)
    if x0 >= x1 or y0 >= y1:
        return pixels
    part = cover[y0 - top : y1 - top, x0 - left : x1 - left]
    shades: Sequence[int] = color if pixels.ndim == 3 else (round(float(np.dot(color, (0.299, 0.587, 0.114)))),)
    loss = 1 - np.asarray(shades, np.float32) / 255
    done = pixels.copy()
    below = done[y0:y1, x0:x1]
    done[y0:y1, x0:x1] = round_pixels(below * (1 - (part[:, :, None] * loss if pixels.ndim == 3 else part * loss[0])))
    return done


def pick_target(pixels: Pixels, sheet: Sheet) -> Box:
    """The box of a number of the page, or a place anywhere on it where none is known."""
    if sheet.targets:
        return sheet.targets[int(sheet.rng.integers(len(sheet.targets)))]
    height, width = pixels.shape[:2]
    x, y = float(sheet.rng.uniform(0.1, 0.9) * width), float(sheet.rng.uniform(0.1, 0.9) * height)
    return x, y, x + 40 * sheet.scale, y + 15 * sheet.scale

"""What people do to paper: ticks, underlines, highlighter, punch holes, staples; and the back side shining through."""

from __future__ import annotations

import cv2
import numpy as np

from models.picture import Pixels
from training.degradation.sheet import (
    Color,
    Field,
    Sheet,
    lay_ink,
    make_grain,
    pick_target,
    round_pixels,
    scale_light,
    thin_ink,
)

PENS: tuple[Color, ...] = ((205, 35, 40), (35, 60, 165), (35, 35, 40), (90, 90, 95))
HIGHLIGHTERS: tuple[Color, ...] = ((255, 245, 90), (160, 250, 140), (255, 170, 205), (140, 220, 255))
MARGIN = 8.0  # points around a stroke


def draw_ticks(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Ticks and crosses of a pen beside numbers, some over them."""
    color = PENS[int(sheet.rng.integers(len(PENS)))]
    for _ in range(int(sheet.rng.integers(1, 3 + round(6 * strength)))):
        left, top, right, bottom = pick_target(pixels, sheet)
        size = sheet.scale * sheet.rng.uniform(6, 12)
        x = right - size * sheet.rng.uniform(0.5, 1.5) if sheet.rng.random() < 0.8 else (left + right) / 2
        y = (top + bottom) / 2 + sheet.scale * sheet.rng.uniform(-3, 3)
        tick = np.array([(-0.45, -0.05), (-0.15, 0.4), (0.6, -0.6)])
        cross = np.array([(-0.4, -0.4), (0.4, 0.4), (0.0, 0.0), (0.4, -0.4), (-0.4, 0.4)])
        shape = tick if sheet.rng.random() < 0.8 else cross
        pixels = _stroke(pixels, shape * size + (x, y), sheet.scale * sheet.rng.uniform(0.7, 1.3), color, sheet)
    return pixels


def draw_underlines(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Lines of a pen under numbers, or a ring around one."""
    color = PENS[int(sheet.rng.integers(len(PENS)))]
    for _ in range(int(sheet.rng.integers(1, 2 + round(4 * strength)))):
        left, top, right, bottom = pick_target(pixels, sheet)
        middle = (left + right) / 2
        reach = min((right - left) * 0.45, 22 * sheet.scale)
        if sheet.rng.random() < 0.25:
            angles = np.linspace(0.3, 2 * np.pi + 0.6, 24)
            radius = max((bottom - top) * 0.55, 7 * sheet.scale)
            line = np.stack([middle + reach * np.cos(angles), (top + bottom) / 2 + radius * np.sin(angles)], axis=1)
        else:
            steps = np.linspace(-1, 1, 9)
            down = min(bottom, (top + bottom) / 2 + 8 * sheet.scale) - sheet.scale * sheet.rng.uniform(0, 2)
            line = np.stack([middle + reach * steps, down + sheet.scale * sheet.rng.normal(0, 0.5, 9)], axis=1)
        pixels = _stroke(pixels, line, sheet.scale * sheet.rng.uniform(0.6, 1.1), color, sheet)
    return pixels


def draw_highlighter(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Broad bright strokes over numbers; text stays readable under them."""
    color = HIGHLIGHTERS[int(sheet.rng.integers(len(HIGHLIGHTERS)))]
    for _ in range(int(sheet.rng.integers(1, 3 + round(3 * strength)))):
        left, top, right, bottom = pick_target(pixels, sheet)
        y = (top + bottom) / 2
        ends = np.array([(left - 10 * sheet.scale * sheet.rng.random(), y), (right + 10 * sheet.scale, y)])
        ends[:, 1] += sheet.scale * sheet.rng.normal(0, 1.5, 2)
        pixels = _stroke(pixels, ends, sheet.scale * sheet.rng.uniform(9, 13), color, sheet, dense=0.9)
    return pixels


def punch_holes(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Two or four holes at the left or upper edge: dark where the lid is open, grey rims where it is shut."""
    height, width = pixels.shape[:2]
    upper = sheet.rng.random() < 0.15
    spacing, count = (227, 2) if sheet.rng.random() < 0.7 else (119, 4)  # points: 80 mm, ring binders
    depth = sheet.scale * sheet.rng.uniform(22, 34)
    radius = sheet.scale * sheet.rng.uniform(7, 9)
    dark = float(sheet.rng.uniform(0.1, 0.5 + 0.5 * strength))
    cover = np.zeros((height, width), np.float32)
    middle = (width if upper else height) / 2 + sheet.scale * sheet.rng.uniform(-12, 12)
    for number in range(count):
        along = middle + (number - (count - 1) / 2) * spacing * sheet.scale
        center = (along, depth) if upper else (depth, along)
        cv2.circle(cover, (round(center[0]), round(center[1])), round(radius), dark, -1, cv2.LINE_AA)
        cv2.circle(cover, (round(center[0]), round(center[1])), round(radius), 0.75, max(1, round(sheet.scale * 0.6)))
    return lay_ink(pixels, cover, (40, 38, 36))


def leave_staple(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """A staple with its shadow, and the fold that it keeps, in the upper left corner."""
    unit = sheet.scale
    x, y = (unit * sheet.rng.uniform(18, 40) for _ in range(2))
    angle = sheet.rng.uniform(-0.9, 0.5)
    reach = np.array([np.cos(angle), np.sin(angle)]) * 15 * unit
    ends = np.array([(x, y) - reach, (x, y) + reach])
    pixels = _stroke(pixels, ends + 1.2 * unit, 2.2 * unit, (110, 108, 105), sheet, dense=0.5 + 0.3 * strength)
    pixels = _stroke(pixels, ends, 1.0 * unit, (70, 70, 72), sheet, dense=0.9)
    fold = np.array([(x * 2.6, -5 * unit), (-5 * unit, y * 2.8)])
    return _stroke(pixels, fold, 1.4 * unit, (150, 150, 150), sheet, dense=0.25 + 0.35 * strength)


def shine_through(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """The print of the back side, mirrored, soft and faint."""
    back = sheet.back if sheet.back is not None else np.flipud(pixels)
    height, width = pixels.shape[:2]
    mirrored = cv2.resize(np.ascontiguousarray(np.fliplr(back)), (width, height), interpolation=cv2.INTER_AREA)
    mirrored = mirrored if mirrored.ndim == 2 else cv2.cvtColor(mirrored, cv2.COLOR_RGB2GRAY)
    dx, dy = sheet.scale * sheet.rng.uniform(-8, 8, 2)
    shift = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    moved = cv2.warpAffine(mirrored, shift, (width, height), borderValue=255)
    soft = cv2.GaussianBlur(moved, (0, 0), sheet.scale * sheet.rng.uniform(0.4, 0.9))
    return scale_light(pixels, (1 - (1 - soft.astype(np.float32) / 255) * (0.08 + 0.24 * strength)).astype(np.float32))


def age_paper(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Paper grown dark or yellow with age, with a few stains of foxing."""
    height, width = pixels.shape[:2]
    age = 1 - strength * np.array([0.05, 0.09, 0.2], np.float32) * (0.5 + sheet.rng.random())
    stains = make_grain((height, width), 40 * sheet.scale, sheet.rng)
    light = (1 - 0.05 * strength * np.clip(stains - 0.8, 0, 2)).astype(np.float32)
    tone = np.arange(256)[:, None] * (age if pixels.ndim == 3 else age.mean(keepdims=True))[None, :]
    return scale_light(np.asarray(cv2.LUT(pixels, round_pixels(tone).reshape(1, 256, -1)), np.uint8), light)


def crease_paper(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Lines where the paper was folded: toner has come off in them, and they throw a thin shadow."""
    height, width = pixels.shape[:2]
    across = sheet.rng.random() < 0.7
    middle = (height if across else width) * (0.5 if sheet.rng.random() < 0.5 else sheet.rng.uniform(0.3, 0.7))
    lean = sheet.scale * sheet.rng.uniform(-4, 4)
    ends = np.array([(-9.0, middle), (width + 9.0, middle + lean)])
    ends = ends if across else np.array([(middle, -9.0), (middle + lean, height + 9.0)])
    worn = np.zeros((height, width), np.float32)
    _draw_line(worn, ends, sheet.scale * (0.6 + 0.6 * strength), 1.0)
    rough = make_grain((height, width), 0.8 * sheet.scale, sheet.rng) > 0.2 - strength * 0.4
    pixels = thin_ink(pixels, (1 - 0.75 * worn * rough).astype(np.float32))
    return _stroke(
        pixels, ends + 0.8 * sheet.scale, 1.2 * sheet.scale, (120, 120, 120), sheet, dense=0.15 + 0.3 * strength
    )


def _stroke(
    pixels: Pixels, line: np.ndarray, thick: float, color: Color, sheet: Sheet, *, dense: float = 0.85
) -> Pixels:
    """A pen drawn along points (x, y) in pixels, its ink a little uneven."""
    margin = thick + MARGIN * sheet.scale
    left, top = np.floor(line.min(axis=0) - margin).astype(int)
    right, bottom = np.ceil(line.max(axis=0) + margin).astype(int)
    cover = np.zeros((bottom - top, right - left), np.float32)
    _draw_line(cover, line - (left, top), thick, 1.0)
    cover = cv2.GaussianBlur(cover, (0, 0), max(0.3, 0.15 * sheet.scale))
    uneven = 1 - 0.12 * np.abs(make_grain(cover.shape, 1.2 * sheet.scale, sheet.rng))
    return lay_ink(pixels, np.clip(cover * uneven * dense, 0, 1).astype(np.float32), color, (int(left), int(top)))


def _draw_line(cover: Field, line: np.ndarray, thick: float, value: float) -> None:
    """Draw into `cover`, to a 16th of a pixel."""
    points = np.round(line * 16).astype(np.int32).reshape(-1, 1, 2)
    thickness = max(1, round(thick))
    cv2.polylines(cover, [points], isClosed=False, color=value, thickness=thickness, lineType=cv2.LINE_AA, shift=4)

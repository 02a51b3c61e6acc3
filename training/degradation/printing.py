"""What a printer does to a page: thin or fat toner, specks, drop-outs, and tints made of dots."""

from __future__ import annotations

import cv2
import numpy as np

from models.picture import POINTS, Pixels
from training.degradation.sheet import Field, Sheet, make_grain, make_smooth_field, round_pixels, thin_ink

SCREEN_LINES = (65, 85, 106)  # an inch, of laser printers and copiers
TINT = 246  # a background darker than this is a tint


def thin_toner(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Toner running out: paler print, unevenly, in bands along the way of the paper."""
    height, width = pixels.shape[:2]
    patches = make_smooth_field((height, width), 120 * sheet.scale, sheet.rng)
    bands = make_smooth_field((2, width), 45 * sheet.scale, sheet.rng)[:1]
    loss = strength * (0.42 + 0.13 * np.tanh(patches) + 0.12 * np.tanh(bands))
    return thin_ink(pixels, np.clip(1 - loss, 0.15, 1).astype(np.float32))


def drop_toner(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Specks inside the strokes where toner did not stick, more of them in some places."""
    grain = make_grain(pixels.shape, max(1.0, 0.3 * sheet.scale), sheet.rng)
    patches = make_smooth_field(pixels.shape, 60 * sheet.scale, sheet.rng)
    holes = grain > (2.6 - 1.0 * strength - 0.25 * np.tanh(patches))
    return thin_ink(pixels, np.where(holes, np.float32(0.15), np.float32(1)))


def spread_ink(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Dot gain: strokes grow into their surroundings, small gaps close."""
    return _set_edge(pixels, sheet.scale * (0.14 + 0.16 * strength), 128 + 62 * strength)


def starve_ink(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Strokes get thinner, hairlines begin to break."""
    return _set_edge(pixels, sheet.scale * (0.13 + 0.09 * strength), 128 - 46 * strength)


def screen_tints(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Tints as a printer makes them: dots on a turned grid, the larger the darker; text on them stays solid."""
    side = max(3, round(5 * sheet.scale) | 1)
    small = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    ground = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    ground = cv2.resize(ground, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    tint = ground if ground.ndim == 2 else ground.min(axis=2)
    inside = tint < TINT
    if not inside.any():
        return pixels
    dots = _make_screen(pixels.shape, sheet)
    screened = np.where(dots * 255 < tint, np.uint8(255), np.uint8(255 - 120 * (0.5 + 0.5 * strength)))
    screened = cv2.GaussianBlur(screened, (0, 0), max(0.3, 0.12 * sheet.scale))
    screened = screened if pixels.ndim == 2 else screened[:, :, None]
    text = 255.0 * pixels / np.maximum(ground, 1)
    done = np.where((inside if pixels.ndim == 2 else inside[:, :, None]), screened * (text / 255), pixels)
    return round_pixels(done)


def _make_screen(shape: tuple[int, ...], sheet: Sheet) -> Field:
    """Thresholds from 0 to 1 of a screen turned by 45 degrees."""
    period = POINTS * sheet.scale / float(sheet.rng.choice(SCREEN_LINES))
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    wave = np.float32(2 * np.pi / (max(period, 2.5) * np.sqrt(2)))
    return np.asarray(0.5 + 0.25 * (np.cos((x + y) * wave) + np.cos((x - y) * wave)), np.float32)


def _set_edge(pixels: Pixels, blur: float, middle: float) -> Pixels:
    """Strokes blurred and cut anew at a grey level: one above 128 lets them grow."""
    soft = cv2.GaussianBlur(pixels, (0, 0), max(blur, 0.3))
    table = 255 / (1 + np.exp(-(np.arange(256) - middle) / 22))
    low, high = table[0], table[255]
    stretched = (table - low) * 255 / (high - low)
    return np.asarray(cv2.LUT(soft, round_pixels(stretched)))

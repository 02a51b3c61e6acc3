"""How the page is lit: falling off to one side, under the shadow of a hand or the gutter; and what lies around it."""

from __future__ import annotations

import cv2
import numpy as np

from models.picture import Pixels
from training.degradation.sheet import Field, Sheet, make_grain, make_smooth_field, round_pixels, scale_light

DESKS = ((96, 70, 48), (150, 118, 84), (60, 62, 66), (190, 186, 178), (38, 30, 28))
LIDS = ((255, 255, 255), (244, 244, 242), (215, 215, 214), (60, 60, 60), (12, 12, 12))


def light_unevenly(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Light that falls off to one side and in soft patches, of a lamp's colour where there is colour."""
    height, width = pixels.shape[:2]
    angle = sheet.rng.uniform(0, 2 * np.pi)
    x, y = (np.linspace(-1, 1, side, dtype=np.float32) for side in (width, height))
    slope = x[None, :] * np.float32(np.cos(angle)) + y[:, None] * np.float32(np.sin(angle))
    patches = np.tanh(make_smooth_field((height, width), 220 * sheet.scale, sheet.rng))
    light = 1 - strength * (0.18 + 0.2 * slope + 0.08 * patches)
    done = scale_light(pixels, np.clip(light, 0.25, 1).astype(np.float32))
    if done.ndim == 3:
        lamp = 1 - strength * np.array([0.0, 0.05, 0.16]) * sheet.rng.uniform(0, 1)
        lamp = lamp if sheet.rng.random() < 0.7 else lamp[::-1]
        table = np.arange(256)[:, None] * lamp[None, :]
        done = np.asarray(cv2.LUT(done, round_pixels(table).reshape(1, 256, 3)), np.uint8)
    return done


def cast_shadow(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """The shadow of a phone or a hand: a soft-edged shape that reaches in from an edge."""
    height, width = pixels.shape[:2]
    shadow = np.zeros((height // 4 + 1, width // 4 + 1), np.float32)
    rows, columns = shadow.shape
    x, y = sheet.rng.uniform(0.1, 0.9) * columns, rows * sheet.rng.uniform(0.7, 1.05)
    if sheet.rng.random() < 0.5:
        size = (columns * sheet.rng.uniform(0.3, 0.6), rows * sheet.rng.uniform(0.4, 0.8))
        corners = cv2.boxPoints(((x, y), size, float(sheet.rng.uniform(-35, 35))))
        cv2.fillPoly(shadow, [np.round(corners).astype(np.int32)], 1.0)
    else:
        for finger in range(4):
            center = (round(x + (finger - 1.5) * columns * 0.09), round(y))
            axes = (round(columns * 0.045), round(rows * sheet.rng.uniform(0.22, 0.38)))
            cv2.ellipse(shadow, center, axes, float(sheet.rng.uniform(-12, 12)), 0, 360, 1.0, -1)
        cv2.ellipse(
            shadow, (round(x), round(y + rows * 0.2)), (round(columns * 0.25), round(rows * 0.3)), 0, 0, 360, 1, -1
        )
    soft = cv2.GaussianBlur(shadow, (0, 0), sheet.scale * sheet.rng.uniform(1.5, 5))
    soft = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    return scale_light(pixels, (1 - soft * (0.2 + 0.35 * strength)).astype(np.float32))


def darken_gutter(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """The shadow where a bound page goes down into the spine, and often a strip of the next page's dark edge."""
    height, width = pixels.shape[:2]
    reach = sheet.scale * (25 + 45 * strength) * sheet.rng.uniform(0.6, 1)
    fall = np.exp(-np.arange(width, dtype=np.float32) / reach) * (0.35 + 0.5 * strength)
    fall = fall if sheet.rng.random() < 0.6 else fall[::-1]
    wave = 1 + 0.15 * np.tanh(make_smooth_field((height, 2), 200 * sheet.scale, sheet.rng)[:, :1])
    return scale_light(pixels, np.clip(1 - fall[None, :] * wave, 0.04, 1).astype(np.float32))


def make_moire(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Beats between the dots of a print or screen and those of the sensor, each colour at another place."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    bent = 12 * np.tanh(make_smooth_field((height, width), 200 * sheet.scale, sheet.rng))
    angle = sheet.rng.uniform(0, np.pi)
    wave = np.float32(2 * np.pi / (sheet.scale * sheet.rng.uniform(5, 16)))
    phase = (x * np.cos(angle) + y * np.sin(angle) + bent * sheet.scale * 0.4) * wave
    depth = 0.03 + 0.07 * strength
    if pixels.ndim == 2:
        return scale_light(pixels, (1 - depth * (1 + np.sin(phase)) / 2).astype(np.float32))
    beats = np.stack([np.sin(phase + shift) for shift in (0, 0.7, 1.4)], axis=2)
    return round_pixels(pixels * (1 - depth * (1 + beats) / 2))


def make_lid(size: tuple[int, int], sheet: Sheet) -> Pixels:
    """What a scanner sees beside the page, RGB of (width, height) `size`: its lid, white, grey or dark."""
    color = LIDS[int(sheet.rng.choice(len(LIDS), p=[0.4, 0.25, 0.15, 0.1, 0.1]))]
    return _paint(size, color, make_grain((size[1], size[0]), 2, sheet.rng) * 2)


def make_desk(size: tuple[int, int], sheet: Sheet) -> Pixels:
    """What a camera sees beside the page, RGB of (width, height) `size`: a table with some grain of wood."""
    color = DESKS[int(sheet.rng.integers(len(DESKS)))]
    shape = (size[1], size[0])
    wood = make_smooth_field((shape[0], 2), 6 * sheet.scale, sheet.rng)[:, :1] * 7
    return _paint(size, color, wood + 8 * make_smooth_field(shape, 90 * sheet.scale, sheet.rng))


def _paint(size: tuple[int, int], color: tuple[int, int, int], texture: Field) -> Pixels:
    """A colour with a texture of (height, width or 1) around 0."""
    plane = np.broadcast_to(texture, (size[1], size[0]))
    return np.asarray(cv2.merge([round_pixels(level + plane) for level in color]), np.uint8)

"""What a photocopier does: hard contrast, streaks of its rollers, background, dirt on the glass, dark edges."""

from __future__ import annotations

import cv2
import numpy as np

from models.picture import Pixels
from training.degradation.sheet import (
    Sheet,
    lay_ink,
    make_grain,
    make_smooth_field,
    round_pixels,
    scale_light,
    thin_ink,
)


def harden_contrast(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """A steep tone curve: pale greys burn out or go dark, as the copier was set."""
    middle = float(sheet.rng.uniform(115, 175))
    steep = 50 - 30 * strength
    curve = 1 / (1 + np.exp(-(np.arange(256) - middle) / steep))
    curve = (curve - curve[0]) / (curve[-1] - curve[0])
    darkest = float(sheet.rng.uniform(10, 50))
    return np.asarray(cv2.LUT(pixels, round_pixels(darkest + (255 - darkest) * curve)))


def draw_streaks(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Dark and white lines along the way of the paper, from dirt on the glass and scratches on the drum."""
    height, width = pixels.shape[:2]
    cover = np.zeros((height, width), np.float32)
    light = np.ones((height, width), np.float32)
    for _ in range(int(sheet.rng.integers(1, 3 + round(5 * strength)))):
        x = int(sheet.rng.integers(width))
        thick = max(1, round(sheet.scale * sheet.rng.uniform(0.2, 1.2)))
        fade = 0.6 + 0.4 * make_smooth_field((height, 2), 90 * sheet.scale, sheet.rng)[:, :1]
        plane = cover if sheet.rng.random() < 0.75 else light
        dark = float(sheet.rng.uniform(0.1, 0.25 + 0.35 * strength))
        part = plane[:, x : x + thick]
        part[:] = np.clip(part + (fade * dark if plane is cover else -fade * dark), 0, 1)
    soft = cv2.GaussianBlur(cover, (0, 0), max(0.3, 0.15 * sheet.scale)).astype(np.float32)
    pixels = lay_ink(pixels, soft, (30, 30, 30))
    return thin_ink(pixels, light)


def speckle_ground(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Loose toner on the paper: dark specks, and a grey veil in patches."""
    grain = make_grain(pixels.shape, max(1.0, 0.35 * sheet.scale), sheet.rng)
    patches = np.tanh(make_smooth_field(pixels.shape, 150 * sheet.scale, sheet.rng))
    specks = np.clip((grain - (3.9 - 1.1 * strength - 0.25 * patches)) * 2.2, 0, 0.85)
    veil = 1 - strength * (0.05 + 0.05 * patches)
    return scale_light(lay_ink(pixels, specks.astype(np.float32), (25, 25, 25)), veil.astype(np.float32))


def darken_edges(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """The black border of a copy whose sheet was smaller than the glass, ragged, on one to four sides."""
    height, width = pixels.shape[:2]
    dark = np.zeros((height, width), np.float32)
    sides = sheet.rng.permutation(4)[: int(sheet.rng.integers(1, 5))]
    for side in sides:
        along, across = (height, width) if side < 2 else (width, height)
        depth = sheet.scale * (4 + 12 * strength * sheet.rng.uniform(0.4, 1))
        ragged = depth * (1 + 0.25 * make_smooth_field((along, 2), 60 * sheet.scale, sheet.rng)[:, 0])
        reach = (np.arange(across, dtype=np.float32)[None, :] - ragged[:, None]) / (1.2 * sheet.scale)
        band = 1 / (1 + np.exp(np.clip(reach, -30, 30)))
        band = band[:, ::-1] if side % 2 else band
        dark = np.maximum(dark, band if side < 2 else band.T)
    return lay_ink(pixels, (dark * (0.7 + 0.3 * strength)).astype(np.float32), (15, 15, 15))


def leave_dust(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Dust and hairs on the glass: dark and light dots, a few thin curls."""
    height, width = pixels.shape[:2]
    done = pixels.copy()
    for _ in range(int(sheet.rng.integers(10, 30 + round(200 * strength)))):
        center = (int(sheet.rng.integers(width)), int(sheet.rng.integers(height)))
        radius = max(1, round(sheet.scale * sheet.rng.gamma(1.2, 0.3)))
        shade = int(sheet.rng.integers(40, 150)) if sheet.rng.random() < 0.8 else 250
        cv2.circle(done, center, radius, (shade, shade, shade), -1, cv2.LINE_AA)
    for _ in range(int(sheet.rng.integers(0, 2 + round(5 * strength)))):
        steps = sheet.rng.normal(0, 1.6 * sheet.scale, (24, 2)).cumsum(axis=0)
        curl = cv2.GaussianBlur(steps, (1, 7), 2) + sheet.rng.uniform((0, 0), (width, height))
        shade = int(sheet.rng.integers(90, 180))
        points = np.round(curl).astype(np.int32).reshape(-1, 1, 2)
        thickness = max(1, round(sheet.scale * 0.3))
        cv2.polylines(done, [points], isClosed=False, color=(shade,) * 3, thickness=thickness, lineType=cv2.LINE_AA)
    return done

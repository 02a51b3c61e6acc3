"""What sensors and files do: defocus, shake, noise, JPEG, one bit a pixel, and the line errors of a fax."""

from __future__ import annotations

import cv2
import numpy as np

from models.picture import Pixels
from training.degradation.sheet import Sheet, make_grain, make_smooth_field

TINT_GRAIN = 2.5  # pixels: sensors see colours coarser than light


def defocus(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """The disc of a lens out of focus."""
    radius = sheet.scale * (0.15 + 0.4 * strength)
    side = 2 * int(np.ceil(radius)) + 1
    grid = np.arange(side) - side // 2
    disc = np.clip(radius + 0.5 - np.hypot(grid[:, None], grid[None, :]), 0, 1).astype(np.float32)
    return np.asarray(cv2.filter2D(pixels, -1, disc / disc.sum(), borderType=cv2.BORDER_REPLICATE))


def shake(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """The hand moved while the shutter was open."""
    length = sheet.scale * (0.3 + 0.9 * strength)
    angle = sheet.rng.uniform(0, np.pi)
    side = 2 * int(np.ceil(length / 2)) + 3
    path = np.zeros((side, side), np.float32)
    middle, reach = side / 2 - 0.5, np.array([np.cos(angle), np.sin(angle)]) * length / 2
    ends = [tuple(int(v) for v in np.round((middle + sign * reach) * 16)) for sign in (-1, 1)]
    cv2.line(path, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, shift=4)
    return np.asarray(cv2.filter2D(pixels, -1, path / path.sum(), borderType=cv2.BORDER_REPLICATE))


def add_grain(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Noise of the sensor, each colour its own where there are colours."""
    spread = 2 + 14 * strength
    noise = make_grain(pixels.shape, 1 + sheet.rng.random(), sheet.rng)
    if pixels.ndim == 2:
        return np.asarray(cv2.add(pixels, noise * spread, dtype=cv2.CV_8U), np.uint8)
    rows, columns = (round(side / TINT_GRAIN) + 1 for side in pixels.shape[:2])
    coarse = sheet.rng.standard_normal((rows, columns, 3), dtype=np.float32) * np.float32(0.7 * spread)
    tints = np.asarray(cv2.resize(coarse, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)
    tints += (noise * np.float32(0.8 * spread))[:, :, None]
    return np.asarray(cv2.add(pixels, tints, dtype=cv2.CV_8U), np.uint8)


def add_salt(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Single black and white pixels."""
    chance = 0.0004 + 0.0035 * strength
    dice = sheet.rng.random(pixels.shape[:2], dtype=np.float32)
    done = pixels.copy()
    done[dice < chance] = 20
    done[dice > 1 - chance] = 250
    return done


def press_jpeg(pixels: Pixels, quality: int) -> Pixels:
    """The pixels after a round through JPEG."""
    order = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, packed = cv2.imencode(".jpg", order, [cv2.IMWRITE_JPEG_QUALITY, quality])
    done = np.asarray(cv2.imdecode(packed, cv2.IMREAD_UNCHANGED), np.uint8)
    return np.asarray(done if pixels.ndim == 2 else cv2.cvtColor(done, cv2.COLOR_BGR2RGB), np.uint8)


def make_grey(pixels: Pixels) -> Pixels:
    """Grey of (height, width)."""
    return pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def cut_to_bits(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Black and white, 0 and 255: by one level, by one that follows the light, or by that under noise."""
    grey = make_grey(pixels)
    paper = float(np.percentile(grey[:: max(1, grey.shape[0] // 200), :: max(1, grey.shape[1] // 200)], 70))
    draw = sheet.rng.random()
    if draw < 0.5 - 0.2 * strength:
        level = paper * sheet.rng.uniform(0.62, 0.62 + 0.16 * strength)
        return np.where(grey < level, 0, 255).astype(np.uint8)
    # Scanners follow the ground around each place; a constant keeps empty paper white.
    around = cv2.blur(grey, (round(30 * sheet.scale) | 1, round(30 * sheet.scale) | 1)).astype(np.float32)
    levels = around * sheet.rng.uniform(0.72, 0.78 + 0.08 * strength)
    if draw < 0.9:
        return np.where(grey < levels, 0, 255).astype(np.uint8)
    # Dots as a fax makes them of greys: noise before the cut, the stronger where paper is grey.
    noise = make_grain(grey.shape, 1, sheet.rng) * (8 + 22 * strength)
    return np.where(grey + noise < levels, 0, 255).astype(np.uint8)


def garble_lines(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Line errors of a fax: a line repeated, shifted from some place on, or black in a run."""
    done = pixels.copy()
    height, width = done.shape[:2]
    for _ in range(int(sheet.rng.poisson(2 + 10 * strength))):
        row, start = int(sheet.rng.integers(1, height)), int(sheet.rng.integers(width))
        thick = 1 + int(sheet.rng.random() < 0.3 * strength)
        part = done[row : row + thick]
        kind = sheet.rng.random()
        if kind < 0.5:
            part[:] = done[row - 1]
        elif kind < 0.85:
            part[:, start:] = np.roll(part[:, start:], int(sheet.rng.integers(-30, 30)), axis=1)
        else:
            part[:, start : start + int(sheet.rng.integers(20, 200))] = 0
    return done


def drop_bits(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """Ragged edges of one-bit strokes, as a cut of noise leaves them."""
    noise = make_grain(pixels.shape, 1, sheet.rng) * (18 + 50 * strength)
    veil = 10 * make_smooth_field(pixels.shape, 80 * sheet.scale, sheet.rng) * strength
    soft = cv2.GaussianBlur(pixels, (0, 0), 0.7).astype(np.float32)
    return np.where(soft + noise + veil < 128, 0, 255).astype(np.uint8)

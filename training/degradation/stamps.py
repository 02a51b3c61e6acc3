"""Stamps: the round red seal with star and ring text, square blue ones with their lines and dates."""

from __future__ import annotations

import math

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.picture import Pixels
from training.degradation.sheet import Color, Field, Sheet, lay_ink, make_grain, make_smooth_field, pick_target

REDS: tuple[Color, ...] = ((208, 24, 36), (190, 20, 45), (225, 60, 60), (170, 30, 30))
BLUES: tuple[Color, ...] = ((40, 60, 160), (60, 80, 190), (30, 40, 110), (200, 40, 50))
PLACES = ("栖河县", "湄关区", "云岭市", "青川县", "白沙区", "临江市", "安平镇", "东湖街道")
OFFICES = ("人民政府办公室", "财政局", "人民政府", "教育局", "政务公开专用章", "行政审批局", "卫生健康局")
NOTES = (
    ("收 文", "字第    号", "年  月  日"),
    ("档案室", "2023年归档"),
    ("复印件", "与原件一致"),
    ("已核对",),
    ("存 档",),
)
FACES = ("NotoSerifCJK-Bold.ttc", "NotoSansCJK-Regular.ttc", "uming.ttc", "wqy-zenhei.ttc", "simsun.ttc", "simhei.ttf")
SEAL_RADIUS = (52.0, 60.0)  # points; seals of offices are 38 to 42 mm wide


def press_seal(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """A round red seal over a number, or where reports are signed."""
    radius = round(sheet.scale * sheet.rng.uniform(*SEAL_RADIUS))
    text = str(sheet.rng.choice(PLACES)) + str(sheet.rng.choice(OFFICES))
    seal = _turn(_draw_seal(radius, text), float(sheet.rng.uniform(-25, 25)))
    return _press(pixels, seal, REDS, strength, sheet)


def press_square(pixels: Pixels, strength: float, sheet: Sheet) -> Pixels:
    """A stamp of an office with a frame: received, filed, checked; blue, seldom red."""
    lines = NOTES[int(sheet.rng.integers(len(NOTES)))]
    stamp = _turn(_draw_frame(lines, sheet.scale * sheet.rng.uniform(13, 18)), float(sheet.rng.normal(0, 5)))
    return _press(pixels, stamp, BLUES, strength, sheet)


def _press(pixels: Pixels, stamp: Field, colors: tuple[Color, ...], strength: float, sheet: Sheet) -> Pixels:
    """The stamp on the page, its ink patchy as the pad left it."""
    left, top, right, bottom = pick_target(pixels, sheet)
    height, width = stamp.shape
    spread = 1.1 - 0.8 * strength
    x = (left + right) / 2 - width / 2 + width * spread * sheet.rng.uniform(-0.5, 0.5)
    y = (top + bottom) / 2 - height / 2 + height * spread * sheet.rng.uniform(-0.5, 0.5)
    patches = make_smooth_field(stamp.shape, 14 * sheet.scale, sheet.rng)
    grain = make_grain(stamp.shape, 0.4 * sheet.scale, sheet.rng)
    dense = 0.45 + 0.4 * strength + 0.12 * np.tanh(patches) - 0.12 * np.clip(grain - 0.6, 0, 2)
    cover = np.clip(stamp * dense, 0, 1).astype(np.float32)
    color = colors[int(sheet.rng.choice(len(colors), p=[0.4, 0.3, 0.2, 0.1]))]
    return lay_ink(pixels, cover, color, (round(x), round(y)))


def _draw_seal(radius: int, text: str) -> Field:
    """Ring, star, and text along the upper arc; values from 0 to 1."""
    side = 2 * radius + 8
    image = Image.new("L", (side, side))
    painter = ImageDraw.Draw(image)
    center = side / 2
    edge = [center - radius, center - radius, center + radius, center + radius]
    painter.ellipse(edge, outline=255, width=max(2, round(radius * 0.055)))
    points = [_polar(center, radius * (0.33 if n % 2 == 0 else 0.13), n * 36) for n in range(10)]
    painter.polygon(points, fill=255)
    size = min(0.28 * radius, 4.2 * radius / max(len(text), 1))
    step = min(24.0, 250 / max(len(text) - 1, 1))
    for number, character in enumerate(text):
        angle = (number - (len(text) - 1) / 2) * step
        glyph = _draw_text(character, size).rotate(-angle, Image.Resampling.BICUBIC, expand=True)
        x, y = _polar(center, radius * 0.74, angle)
        image.paste(255, (round(x - glyph.width / 2), round(y - glyph.height / 2)), glyph)
    return np.asarray(image, np.float32) / np.float32(255)


def _draw_frame(lines: tuple[str, ...], size: float) -> Field:
    """Lines of text in a frame, with rules between them; values from 0 to 1."""
    rows = [_draw_text(line, size) for line in lines]
    pad = round(size * 0.5)
    width = max(row.width for row in rows) + 2 * pad
    step = round(size * 1.7)
    image = Image.new("L", (width + 4, step * len(rows) + 4))
    painter = ImageDraw.Draw(image)
    thick = max(1, round(size * 0.11))
    painter.rectangle([1, 1, width + 1, step * len(rows) + 1], outline=255, width=thick)
    for number, row in enumerate(rows):
        image.paste(255, ((width - row.width) // 2, step * number + (step - row.height) // 2), row)
        if number:
            painter.line([1, step * number, width + 1, step * number], fill=255, width=max(1, thick // 2))
    return np.asarray(image, np.float32) / np.float32(255)


def _draw_text(text: str, size: float) -> Image.Image:
    """Text as a mask, cut to its ink."""
    font = _load_font(max(6, round(size)))
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("L", (max(1, math.ceil(right - left)), max(1, math.ceil(bottom - top))))
    ImageDraw.Draw(image).text((-left, -top), text, fill=255, font=font)
    return image


def _load_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A Chinese face of the machine, or the font that Pillow brings, which prints boxes in their place."""
    for face in FACES:
        try:
            return ImageFont.truetype(face, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _polar(center: float, radius: float, degrees: float) -> tuple[float, float]:
    """A point at this many degrees clockwise of straight up."""
    angle = math.radians(degrees)
    return center + radius * math.sin(angle), center - radius * math.cos(angle)


def _turn(mask: Field, degrees: float) -> Field:
    height, width = mask.shape
    side = math.ceil(math.hypot(height, width))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    matrix[:, 2] += (side / 2 - width / 2, side / 2 - height / 2)
    return np.asarray(cv2.warpAffine(mask, matrix, (side, side)), np.float32)

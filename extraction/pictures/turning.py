"""How a page lies in its picture: corners of a photographed sheet, quarter turns, skew; straightened by OpenCV."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.picture import Bend, Matrix, Pixels

Points = npt.NDArray[np.float64]

COARSE = 1.0  # pixels a point for finding turn and skew
DARK = 150
MAX_SKEW = 16.0  # degrees
STEPS = (0.5, 0.1, 0.02)  # degrees
MAX_POINTS = 30_000  # of ink that are weighed
MIN_POINTS = 80
MIN_SHEET = 0.35  # of a photo that a sheet covers
SHEET_EDGE = 0.012  # of a photo's side, within which a corner is that of the photo
GROUND = 0.72  # of the light of a sheet: what lies around it is darker
PAPER_ASPECT = math.sqrt(2)
ASPECT_SLACK = 0.09
REACHES = (5, 9, 13)  # pixels that join characters of a line; the least that join some
MIN_LINES = 600  # pixels
MIN_LINE = 40  # pixels
SIDEWAYS = 1.2  # times more must speak for a page that lies on its side
LETTER = (5.0, 16.0)  # points: sizes of print
DIGIT = (4.0, 14.0)  # points: heights of digits
SLIM = (1.25, 2.6)  # times as high as wide: digits; Chinese characters are square, dashes and a 1 are slimmer
LONE = 0.6  # of its height, how far a lone digit is from all other ink
MIN_LONE = 8
SURE_LONE = 0.9  # by which share lone digits must stand or lie to tell how the page does
MIN_VOTES = 6
SURE_VOTES = 0.7  # by which share of the votes one way up must win


@dataclass(frozen=True, slots=True)
class Upright:
    """How a page has to be turned: `turn` degrees clockwise; `unsure` whether 180 more."""

    turn: int
    unsure: bool


def find_sheet_corners(grey: Pixels) -> Points | None:
    """The corners of a sheet on darker ground, clockwise from the top left, shape (4, 2), if there is one."""
    share = 400 / max(grey.shape)
    coarse = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    smooth = cv2.medianBlur(cv2.dilate(coarse, np.ones((7, 7), np.uint8)), 5)
    level, sheet = cv2.threshold(smooth, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    outlines, _ = cv2.findContours(np.asarray(sheet, np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines or level < 30:
        return None
    outline = cv2.convexHull(max(outlines, key=cv2.contourArea))
    corners = cv2.approxPolyDP(outline, 0.03 * cv2.arcLength(outline, closed=True), closed=True)
    height, width = coarse.shape
    if len(corners) != 4 or cv2.contourArea(corners) < MIN_SHEET * width * height:
        return None
    points = np.asarray(corners, dtype=np.float64).reshape(4, 2)
    if not _is_sheet(points, np.asarray(coarse, np.uint8), np.asarray(sheet, np.uint8)):
        return None
    middle = points.mean(axis=0)
    order = np.argsort(np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0]))
    points = points[order]
    points = np.roll(points, -int(np.argmin(points.sum(axis=1))), axis=0)
    return np.asarray(points / share, dtype=np.float64)


def _is_sheet(corners: Points, coarse: Pixels, sheet: Pixels) -> bool:
    """Whether corners lie inside the photo, and what is around them is darker than what is between."""
    height, width = coarse.shape
    slack = SHEET_EDGE * max(height, width)
    at_edge = (
        (corners[:, 0] <= slack)
        | (corners[:, 1] <= slack)
        | (corners[:, 0] >= width - 1 - slack)
        | (corners[:, 1] >= height - 1 - slack)
    )
    if np.count_nonzero(at_edge) > 2:
        return False
    inside = cv2.fillConvexPoly(np.zeros_like(coarse), corners.astype(np.int32), 1) > 0
    if np.count_nonzero(~inside) < 0.02 * inside.size:
        return False
    covered = np.count_nonzero(sheet[inside]) / np.count_nonzero(inside)
    return bool(covered > 0.9 and np.median(coarse[~inside]) < GROUND * np.median(coarse[inside]))


def measure_sheet(corners: Points) -> tuple[float, float]:
    """Width and height in pixels of the flat sheet; one nearly of the shape of A4 paper has that shape."""
    across = (math.dist(corners[0], corners[1]) + math.dist(corners[3], corners[2])) / 2
    down = (math.dist(corners[0], corners[3]) + math.dist(corners[1], corners[2])) / 2
    for aspect in (PAPER_ASPECT, 1 / PAPER_ASPECT):
        if abs(down / across / aspect - 1) <= ASPECT_SLACK:
            return math.sqrt(across * down / aspect), math.sqrt(across * down * aspect)
    return across, down


def map_sheet(corners: Points, width: float, height: float) -> Matrix:
    """3 x 3, from the flat sheet of this size to the picture."""
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    return np.asarray(cv2.getPerspectiveTransform(flat, corners.astype(np.float32)), dtype=np.float64)


def find_upright(grey: Pixels, scale: float) -> Upright:
    """How an evenly lit page of about straight lines has to be turned to be read."""
    ink = _reduce(grey, scale, 2.0) < DARK
    sideways = _lies_sideways(ink)
    upright = np.rot90(ink) if sideways else ink
    votes, total = _count_low_dots(np.ascontiguousarray(upright, dtype=np.uint8))
    turn = 270 if sideways else 0
    if total < MIN_VOTES or abs(votes) < SURE_VOTES * total:
        return Upright(turn, unsure=True)
    return Upright((turn + 180) % 360 if votes < 0 else turn, unsure=False)


def _lies_sideways(ink: npt.NDArray[np.bool_]) -> bool:
    """Whether a page lies on its side: by its lone digits, which are higher than wide, else by its lines.

    Narrow labels of many lines join downwards as well as across.
    """
    standing, lying = count_lone_digits(ink)
    if standing + lying >= MIN_LONE and max(standing, lying) >= SURE_LONE * (standing + lying):
        return lying > standing
    across, down = measure_lines(ink)
    return down > SIDEWAYS * across


def count_lone_digits(ink: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Marks of the size and shape of a digit with no ink near them: those that stand, and those that lie.

    `ink` has 2 pixels a point.
    """
    letters = _drop_rules(np.ascontiguousarray(ink, dtype=np.uint8))
    _, _, parts, _ = cv2.connectedComponentsWithStats(letters, connectivity=8)
    width, height = parts[1:, cv2.CC_STAT_WIDTH], parts[1:, cv2.CC_STAT_HEIGHT]
    thin, long = np.minimum(width, height), np.maximum(width, height)
    digits = (long >= 2 * DIGIT[0]) & (long <= 2 * DIGIT[1]) & (long >= SLIM[0] * thin) & (long <= SLIM[1] * thin)
    left, top, width, height, area = parts[1:][digits].T
    reach = (LONE * np.maximum(width, height)).astype(int)
    sums = cv2.integral(letters)
    first, last = np.maximum(left - reach, 0), np.minimum(left + width + reach, letters.shape[1])
    high, low = np.maximum(top - reach, 0), np.minimum(top + height + reach, letters.shape[0])
    around = sums[low, last] - sums[high, last] - sums[low, first] + sums[high, first]
    lone = around == area
    return int((lone & (height > width)).sum()), int((lone & (width > height)).sum())


def measure_lines(ink: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """How much print joins into horizontal lines and how much into vertical ones: their lengths in sum.

    `ink` has 2 pixels a point. Characters of a line stand closer than lines do.
    """
    letters = _drop_rules(np.ascontiguousarray(ink, dtype=np.uint8))
    sums = 0.0, 0.0
    for reach in REACHES:
        joined = cv2.morphologyEx(letters, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
        _, _, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
        widths, heights = boxes[1:, cv2.CC_STAT_WIDTH], boxes[1:, cv2.CC_STAT_HEIGHT]
        thin, long = np.minimum(widths, heights), np.maximum(widths, heights)
        lines = (thin >= LETTER[0]) & (thin <= 3 * LETTER[1]) & (long >= MIN_LINE) & (long >= 2 * thin)
        across = lines & (widths > heights)
        sums = float(long[across].sum()), float(long[lines & ~across].sum())
        if sum(sums) >= MIN_LINES:
            break
    return sums


def _drop_rules(ink: Pixels) -> Pixels:
    """Ink without long straight lines and large dark parts."""
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, 45), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((45, 1), np.uint8))
    rules = cv2.dilate(cv2.max(across, down), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.subtract(ink, rules), dtype=np.uint8)


def _count_low_dots(ink: Pixels) -> tuple[int, int]:
    """Votes of commas and full stops, which stand low in their line: those for upright less those against, and all.

    `ink` has 2 pixels a point and horizontal lines.
    """
    letters = _drop_rules(ink)
    lines = cv2.morphologyEx(letters, cv2.MORPH_CLOSE, np.ones((1, 25), np.uint8))
    _, line_of, boxes, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    _, _, parts, middles = cv2.connectedComponentsWithStats(letters, connectivity=8)
    votes = total = 0
    small = parts[:, 2:4].max(axis=1) <= 0.38 * 2 * LETTER[1]
    for number in np.flatnonzero(small[1:]) + 1:
        left, _, width, height, area = (int(value) for value in parts[number])
        x, y = middles[number]
        _, top, long, high, _ = (int(value) for value in boxes[line_of[int(y), int(x)]])
        if not (2 * LETTER[0] <= high <= 2 * LETTER[1]) or long < 4 * high or long > letters.shape[1]:
            continue
        if 0.1 * high <= max(width, height) <= 0.38 * high:
            column = letters[top : top + high, max(left - 1, 0) : left + width + 1]
            place = float(y - top) / high
            if np.count_nonzero(column) == area and not 0.3 <= place <= 0.7:
                votes += 1 if place > 0.7 else -1
                total += 1
    return votes, total


def find_skew(grey: Pixels, scale: float) -> float:
    """Degrees clockwise by which lines of an evenly lit page lean, to `MAX_SKEW`; 0 where there are no lines."""
    coarse = _reduce(grey, scale, COARSE)
    edges = cv2.morphologyEx(255 - coarse, cv2.MORPH_TOPHAT, np.ones((9, 1), np.uint8))
    ys, xs = np.nonzero(edges > 50)
    if len(ys) < MIN_POINTS:
        return 0.0
    step = max(1, len(ys) // MAX_POINTS)
    weights = edges[ys[::step], xs[::step]].astype(np.float64)
    x, y = xs[::step] - coarse.shape[1] / 2, ys[::step].astype(np.float64)
    best, reach = 0.0, MAX_SKEW
    for width in STEPS:
        angles = np.arange(best - reach, best + reach + width / 2, width)
        scores = [_measure_profile(x, y, weights, math.radians(angle), coarse.shape) for angle in angles]
        best, reach = float(angles[int(np.argmax(scores))]), 1.2 * width
    return best


def _measure_profile(x: Points, y: Points, weights: Points, angle: float, shape: tuple[int, ...]) -> float:
    """How uneven the ink is from line to line, seen along an angle."""
    reach = shape[1]
    places = y * math.cos(angle) - x * math.sin(angle) + reach
    profile = np.bincount(places.astype(np.int64), weights, minlength=shape[0] + 2 * reach)
    return float(np.square(np.diff(profile)).sum())


def turn_matrix(size: tuple[float, float], turn: int, skew: float) -> tuple[Matrix, tuple[int, int]]:
    """3 x 3 from pixels of the upright, straight page to those of the picture, and the size of that page.

    `size` is (width, height) of the picture, `turn` clockwise, `skew` the lean of the turned page. Nothing is cut.
    """
    width, height = size
    # By `turn` clockwise to be upright, then by `skew` back.
    angle = math.radians(turn - skew)
    cos, sin = math.cos(angle), math.sin(angle)
    across = abs(width * cos) + abs(height * sin)
    down = abs(width * sin) + abs(height * cos)
    to_upright = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    to_middle = np.array([[1.0, 0.0, -width / 2], [0.0, 1.0, -height / 2], [0.0, 0.0, 1.0]])
    back = np.array([[1.0, 0.0, across / 2], [0.0, 1.0, down / 2], [0.0, 0.0, 1.0]])
    matrix = np.linalg.inv(back @ to_upright @ to_middle)
    return np.asarray(matrix, dtype=np.float64), (max(1, round(across)), max(1, round(down)))


def straighten(pixels: Pixels, matrix: Matrix, size: tuple[int, int], bend: Bend | None = None) -> Pixels:
    """The page of (width, height) pixels that `matrix` maps to the picture; what lies beyond it is paper."""
    if bend is None:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        warped = cv2.warpPerspective(pixels, matrix, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=255)
        return np.asarray(warped, dtype=np.uint8)
    shift = cv2.remap(bend, *_spread_bend(bend, size), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    xs, ys = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    x, y = xs + shift[..., 0], ys + shift[..., 1]
    a = matrix.astype(np.float32)
    depth = a[2, 0] * x + a[2, 1] * y + a[2, 2]
    at_x, at_y = (a[0, 0] * x + a[0, 1] * y + a[0, 2]) / depth, (a[1, 0] * x + a[1, 1] * y + a[1, 2]) / depth
    moved = cv2.remap(pixels, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255)
    return np.asarray(moved, dtype=np.uint8)


def _spread_bend(bend: Bend, size: tuple[int, int]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Where in a bend each pixel of a page is: the first and last places of the bend lie on its edges."""
    columns = np.linspace(0, bend.shape[1] - 1, size[0], dtype=np.float32)
    rows = np.linspace(0, bend.shape[0] - 1, size[1], dtype=np.float32)
    xs, ys = np.meshgrid(columns, rows)
    return xs, ys


def resize_pixels(pixels: Pixels, share: float) -> Pixels:
    """Pixels made smaller by averaging, or larger."""
    size = max(1, round(pixels.shape[1] * share)), max(1, round(pixels.shape[0] * share))
    mode = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, size, interpolation=mode), dtype=np.uint8)


def _reduce(grey: Pixels, scale: float, target: float) -> Pixels:
    return resize_pixels(grey, target / scale)

"""Pieces of a picture as strips for the recognition network: cut, scaled to its height, gathered by width."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from extraction.recognition.ocr_engine import STEP_WIDTH, STRIP_HEIGHT

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

MIN_WIDTH = 64  # pixels of a strip; what is shorter is filled up
MAX_WIDTH = 3_200  # longer ones are squeezed
MAX_BATCH = 16  # strips
MAX_BATCH_WIDTH = 6_400  # pixels of all strips of a batch, for 60 MB of output
LEAN = 1.5  # pixels that the corners of a line may lie off a level box
RULED = 0.8  # of the height of a line that runs downwards: a column so dark is ruling
STRAY = 0.04  # of a row or column, the ink of which is taken for noise
HIGHEST = 1.2  # times the width of such a line, the height of a character
MARGIN = 16  # pixels of paper left around the print of a picture
PRINTED = 40  # grey levels, by which print is darker than paper
SPECK = 0.004  # of the height of a page: smaller pieces of ink are dust, or stand beside larger ones
PADDING = 0.0  # grey, with which the network was trained


def cut_line(pixels: Pixels, corners: Floats) -> Pixels:
    """The quadrilateral (4, 2) from its top left, clockwise, as an upright piece; never empty."""
    xs, ys = corners[:, 0], corners[:, 1]
    level = abs(ys[0] - ys[1]) <= LEAN and abs(ys[2] - ys[3]) <= LEAN
    if level and abs(xs[0] - xs[3]) <= LEAN and abs(xs[1] - xs[2]) <= LEAN:
        left, top = max(int(xs.min()), 0), max(int(ys.min()), 0)
        piece = pixels[top : max(int(ys.max()), top + 1), left : max(int(xs.max()), left + 1)]
        if piece.size:
            return piece
    width = max(int(max(_measure(corners[0], corners[1]), _measure(corners[3], corners[2]))), 1)
    height = max(int(max(_measure(corners[0], corners[3]), _measure(corners[1], corners[2]))), 1)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    size = (width, height)
    warped = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8)


def _measure(first: Floats, second: Floats) -> float:
    return float(np.hypot(*(first - second)))


def scale_strip(piece: Pixels) -> Pixels:
    """A piece, grey or of three colours, at the height of strips and in proportion."""
    height, width = piece.shape[:2]
    wide = min(max(round(width * STRIP_HEIGHT / height), 1), MAX_WIDTH)
    method = cv2.INTER_AREA if height > 2 * STRIP_HEIGHT else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(piece, (wide, STRIP_HEIGHT), interpolation=method), np.uint8)


def find_inked(pixels: Pixels, *, least: int = 0) -> tuple[int, int, int, int]:
    """The part of a picture outside of which there is only paper: left, top, right, bottom in pixels.

    It is `least` pixels wide and high, as far as the picture is. Margins are a third of a page, and looking for lines
    takes its time by the area.
    """
    height, width = pixels.shape[:2]
    dark = cv2.blur(pixels if pixels.ndim == 2 else pixels.min(axis=2), (3, 3))
    ink = (dark < float(np.median(dark[::4, ::4])) - PRINTED).astype(np.uint8)
    stats = cv2.connectedComponentsWithStats(ink, connectivity=8)[2][1:]
    stats = stats[stats[:, 2:4].max(axis=1, initial=0) >= SPECK * max(height, width)]
    if not len(stats):
        return 0, 0, width, height
    start, end = stats[:, :2].min(axis=0), (stats[:, :2] + stats[:, 2:4]).max(axis=0)
    left, right = _widen(int(start[0]) - MARGIN, int(end[0]) + MARGIN, least, width)
    top, bottom = _widen(int(start[1]) - MARGIN, int(end[1]) + MARGIN, least, height)
    return left, top, right, bottom


def _widen(start: int, end: int, least: int, most: int) -> tuple[int, int]:
    """From where to where, at least so far, within 0 and `most`."""
    start, end = max(start, 0), min(end, most)
    start = max(min(start, end - least), 0)
    return start, min(max(end, start + least), most)


def reduce_piece(piece: Pixels, share: float) -> Pixels:
    """A piece with sides of this share of its own, at most 1."""
    if share >= 1:
        return piece
    size = max(round(share * piece.shape[1]), 1), max(round(share * piece.shape[0]), 1)
    return np.asarray(cv2.resize(piece, size, interpolation=cv2.INTER_AREA), np.uint8)


def gather_batches(strips: Sequence[Pixels]) -> Iterator[tuple[list[int], Floats]]:
    """Strips of about one width together, with their indices: (strips, 3, height, width) from -1 to 1."""
    order = sorted(range(len(strips)), key=lambda index: strips[index].shape[1])
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and end - start < MAX_BATCH and _fits(strips, order, start, end):
            end += 1
        chosen = order[start:end]
        width = _round_width(max(strips[chosen[-1]].shape[1], MIN_WIDTH))
        yield chosen, np.stack([_fill_strip(strips[index], width) for index in chosen])
        start = end


def _fits(strips: Sequence[Pixels], order: Sequence[int], start: int, end: int) -> bool:
    """Whether one more strip neither makes the batch too big nor the shortest of it mostly padding."""
    width = int(strips[order[end]].shape[1])
    return width * (end - start + 1) <= MAX_BATCH_WIDTH and width <= 1.25 * int(strips[order[start]].shape[1]) + 32


def _round_width(width: int) -> int:
    return -(-width // STEP_WIDTH) * STEP_WIDTH


def _fill_strip(strip: Pixels, width: int) -> Floats:
    filled = np.full((3, STRIP_HEIGHT, width), PADDING, np.float32)
    planes = strip[None] if strip.ndim == 2 else np.moveaxis(strip, 2, 0)
    filled[:, :, : strip.shape[1]] = planes.astype(np.float32) / 127.5 - 1.0
    return filled


def find_ink(piece: Pixels) -> npt.NDArray[np.bool_]:
    """Where a grey piece is darker than halfway between its own paper and its own ink."""
    level, _ = cv2.threshold(piece, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return np.asarray(piece <= level)


def smooth_piece(piece: Pixels, radius: float) -> Floats:
    """A grey piece without the noise of single pixels."""
    return np.asarray(cv2.GaussianBlur(piece.astype(np.float32), (0, 0), radius), np.float32)


def find_pieces(levels: Floats, threshold: float) -> tuple[npt.NDArray[np.int32], Floats]:
    """Connected places darker than a threshold: (pieces, 5) of left, top, right, bottom, pixels, and their darkest."""
    dark = levels < threshold
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark.astype(np.uint8), connectivity=8)
    darkest = np.full(count, np.inf, np.float32)
    np.minimum.at(darkest, np.asarray(labels, np.int64)[dark], levels[dark])
    left, top, width, height, pixels = stats[1:].T
    return np.stack([left, top, left + width, top + height, pixels], axis=1).astype(np.int32), darkest[1:]


def stack_glyphs(piece: Pixels) -> tuple[Pixels, list[tuple[float, float]]]:
    """The characters of a line that runs downwards side by side, and where along it (0 to 1) each one stands."""
    height = len(piece)
    glyphs = _find_glyphs(piece)
    middles = [round((above[1] + below[0]) / 2) for above, below in itertools.pairwise(glyphs)]
    places = list(itertools.pairwise([0, *middles, height]))
    side = max(bottom - top for top, bottom in glyphs)
    row = np.concatenate([_center_glyph(piece[top:bottom], side) for top, bottom in glyphs], axis=1)
    return row, [(top / height, bottom / height) for top, bottom in places]


def _find_glyphs(piece: Pixels) -> list[tuple[int, int]]:
    """Top and bottom of the characters of a line that runs downwards: each about as high as the line is wide.

    Strokes that together are no higher than that are one character; what is higher is cut into equal parts.
    """
    ink = find_ink(piece)
    ink = ink[:, ink.mean(axis=0) < RULED]
    columns = np.flatnonzero(ink.mean(axis=0) > STRAY)
    side = int(columns[-1] - columns[0]) + 1 if len(columns) else piece.shape[1]
    edges = np.flatnonzero(np.diff(ink.mean(axis=1) > STRAY, prepend=False, append=False)).tolist()
    glyphs: list[tuple[int, int]] = []
    for top, bottom in zip(edges[::2], edges[1::2], strict=True):
        if glyphs and bottom - glyphs[-1][0] <= HIGHEST * side:
            glyphs[-1] = (glyphs[-1][0], bottom)
        else:
            glyphs.append((top, bottom))
    return [part for glyph in glyphs for part in _cut_evenly(glyph, side)] or [(0, len(piece))]


def _cut_evenly(glyph: tuple[int, int], side: int) -> list[tuple[int, int]]:
    top, bottom = glyph
    count = max(round((bottom - top) / max(side, 1)), 1)
    cuts = [top + (bottom - top) * number // count for number in range(count + 1)]
    return list(itertools.pairwise(cuts))


def _center_glyph(glyph: Pixels, side: int) -> Pixels:
    height, width = glyph.shape
    paper = int(np.percentile(glyph, 90))
    above, beside = side - height, max(side - width, 0)
    padded = cv2.copyMakeBorder(
        glyph,
        above // 2,
        above - above // 2,
        beside // 2,
        beside - beside // 2,
        cv2.BORDER_CONSTANT,
        value=(paper, paper, paper),
    )
    return np.asarray(padded, np.uint8)


def find_piece_boxes(ink: npt.NDArray[np.bool_], *, bridge: int) -> npt.NDArray[np.float64]:
    """Boxes of connected ink, shape (n, 4): left, top, right, bottom in pixels.

    Pieces less than `bridge` pixels apart are one, as the parts of a digit that a copy has broken.
    """
    closed = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((bridge, bridge), np.uint8))
    stats = cv2.connectedComponentsWithStats(np.asarray(closed, np.uint8), connectivity=8)[2][1:].astype(np.float64)
    return np.column_stack((stats[:, :2], stats[:, :2] + stats[:, 2:4]))

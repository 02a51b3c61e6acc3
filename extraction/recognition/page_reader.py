"""The reader of pages: every line of text of a picture, with the place and the score of each of its characters."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extraction.recognition.alphabet import HALVES
from extraction.recognition.ctc import Spike, find_spikes
from extraction.recognition.ocr_engine import ENLARGED, MAX_SIDE, STEP_WIDTH, OcrEngine, load_engine
from extraction.recognition.strips import (
    Floats,
    Pixels,
    cut_line,
    find_ink,
    find_inked,
    gather_batches,
    reduce_piece,
    scale_strip,
    stack_glyphs,
)
from models.page import Box, join_boxes

TALL = 1.5  # times its width: a line higher than that may run downwards
LONE = 1.8  # times the height of lines: a tall piece not longer than that is one character, as a 1
MIN_SIDE = 8  # pixels of a picture, below which there is no text in it
WIDEST = 1.15  # times the height of a line, of one character
RULE = 0.8  # of the height or width of a line: what is dark over so much of it is ruling
BROAD = 1.1  # times as wide as high: two brackets closer together are the halves of a 0
SIDE = 0.2  # of the height of a line, where ruling above and below it stands

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class PrintedCharacter:
    """A character with the box of its ink (pixels of the picture) and its score."""

    text: str
    box: Box
    probability: float


@dataclass(frozen=True, slots=True)
class PrintedText:
    """A line of text; `corners` (pixels) go clockwise from its top left; `score` is the mean of its characters'.

    `characters` are those of `text` without its blanks, in order.
    """

    text: str
    corners: tuple[Point, Point, Point, Point]
    score: float
    characters: tuple[PrintedCharacter, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A strip to be read and how a place along it (0 to 1) lies on the picture."""

    corners: Floats
    strip: Pixels
    spans: tuple[tuple[float, float], ...] = ()  # of a line that runs downwards: where along it each glyph stands


def read_page_texts(pixels: Pixels, *, corners: Floats | None = None) -> tuple[PrintedText, ...]:
    """Read a picture, grey or RGB, dark print on light paper; the order of the lines is the detector's.

    With `corners` (lines, 4, 2) these lines are read, and none are looked for. Raises `ocr_engine.EngineError`.
    """
    if min(pixels.shape[:2]) < MIN_SIDE:
        return ()
    engine = load_engine()
    found = find_line_corners(pixels) if corners is None else corners
    grey = pixels if pixels.ndim == 2 else _make_grey(pixels)
    usual = _measure_height(found)
    lines = [_make_line(grey, quad, usual) for quad in found]
    texts = _read_lines(engine, lines)
    return tuple(text for text in texts if text.text.strip())


def find_line_corners(pixels: Pixels) -> Floats:
    """Where lines of text stand in a picture, grey or RGB, as `OcrEngine.find_lines` says it: looked for where ink is.

    The time goes by the area, and margins are a third of a page. Raises `ocr_engine.EngineError`.
    """
    share = min(MAX_SIDE / max(pixels.shape[:2]), 1.0)  # as if the whole picture were looked at
    left, top, right, bottom = find_inked(pixels, least=math.ceil(ENLARGED / share))
    inner = reduce_piece(pixels[top:bottom, left:right], share)
    colored = np.ascontiguousarray(np.stack([inner] * 3, axis=2) if inner.ndim == 2 else inner[:, :, ::-1])
    found = load_engine().find_lines(colored)
    return np.asarray(found / share + np.array([left, top], np.float32), np.float32)


def _make_grey(pixels: Pixels) -> Pixels:
    return np.asarray(np.rint(pixels @ np.array([0.299, 0.587, 0.114])), np.uint8)


def _measure_height(corners: Floats) -> float:
    """Height of most lines in pixels."""
    sides = np.hypot(*np.moveaxis(corners[:, 0] - corners[:, 3], 1, 0)) if len(corners) else np.zeros(1)
    widths = np.hypot(*np.moveaxis(corners[:, 0] - corners[:, 1], 1, 0)) if len(corners) else np.ones(1)
    level = sides[widths > sides]
    return float(np.median(level if len(level) else sides))


def _make_line(grey: Pixels, corners: Floats, usual: float) -> _Line:
    piece = cut_line(grey, corners)
    height, width = piece.shape
    if height < TALL * width or height <= LONE * usual:
        return _Line(corners, scale_strip(piece))
    row, spans = stack_glyphs(piece)
    return _Line(corners, scale_strip(row), tuple(spans))


def _read_lines(engine: OcrEngine, lines: Sequence[_Line]) -> list[PrintedText]:
    texts: dict[int, PrintedText] = {}
    for chosen, batch in gather_batches([line.strip for line in lines]):
        steps = engine.read_strips(batch)
        classes, probabilities = steps.argmax(axis=2), steps.max(axis=2)
        for index, found, scores in zip(chosen, classes, probabilities, strict=True):
            texts[index] = _make_text(engine, lines[index], find_spikes(found, scores))
    return [texts[index] for index in range(len(lines))]


def _make_text(engine: OcrEngine, line: _Line, spikes: Sequence[Spike]) -> PrintedText:
    text = "".join(engine.characters[spike.number] for spike in spikes)
    printed = [spike for spike in spikes if engine.characters[spike.number].strip()]
    spans = _place_glyphs(line, printed) if line.spans else _find_spans(line.strip, printed)
    characters = tuple(
        PrintedCharacter(engine.characters[spike.number], _place_box(line, span), spike.probability)
        for spike, span in zip(printed, spans, strict=True)
    )
    text, characters = _join_halves(text.strip(), characters)
    score = float(np.mean([spike.probability for spike in printed])) if printed else 0.0
    corners = [(float(x), float(y)) for x, y in line.corners]
    return PrintedText(text, (corners[0], corners[1], corners[2], corners[3]), score, characters)


def _join_halves(text: str, characters: tuple[PrintedCharacter, ...]) -> tuple[str, tuple[PrintedCharacter, ...]]:
    """A 0 for two brackets close together, which is what is left of a thin one."""
    if text not in HALVES:
        return text, characters
    box = join_boxes([character.box for character in characters])
    if box[2] - box[0] > BROAD * (box[3] - box[1]):
        return text, characters
    return "0", (PrintedCharacter("0", box, min(character.probability for character in characters)),)


def _find_spans(strip: Pixels, spikes: Sequence[Spike]) -> list[Box]:
    """Tight boxes of the characters on the strip, in parts of its width and height.

    Between two characters the cut is where the least ink stands; around each the box is drawn to its ink.
    """
    if not spikes:
        return []
    width = strip.shape[1]
    ink = _clear_rules(find_ink(strip))
    column = ink.sum(axis=0)
    centers = [min((spike.first + spike.last) / 2 * STEP_WIDTH, width - 1.0) for spike in spikes]
    cuts = [0, *(_find_cut(column, a, b) for a, b in itertools.pairwise(centers)), width]
    return [
        _draw_to_ink(ink, column > 0, first, last, center)
        for first, last, center in zip(cuts, cuts[1:], centers, strict=False)
    ]


def _clear_rules(ink: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Ink without the ruling that a line of text has above, below and between."""
    cleared = ink.copy()
    edge = max(round(SIDE * len(ink)), 1)
    for rows in (slice(0, edge), slice(-edge, None)):
        cleared[rows][ink[rows].mean(axis=1) >= RULE] = False
    cleared[:, ink.mean(axis=0) >= RULE] = False
    return cleared


def _find_cut(column: npt.NDArray[np.int64], first: float, last: float) -> int:
    """The column of least ink between two characters, the most central one of several."""
    start, stop = int(first) + 1, max(int(last), int(first) + 2)
    between = column[start:stop]
    if not len(between):
        return start
    least = np.flatnonzero(between == between.min())
    return start + int(least[np.argmin(np.abs(least - (len(between) - 1) / 2))])


def _draw_to_ink(ink: npt.NDArray[np.bool_], dark: npt.NDArray[np.bool_], first: int, last: int, center: float) -> Box:
    height, width = ink.shape
    reach = WIDEST * height
    left, right = max(first, int(center - reach)), min(last, int(center + reach) + 1)
    columns = np.flatnonzero(dark[left:right])
    if len(columns):
        left, right = left + int(columns[0]), left + int(columns[-1]) + 1
    rows = np.flatnonzero(ink[:, left:right].any(axis=1))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, height)
    return left / width, top / height, max(right, left + 1) / width, bottom / height


def _place_glyphs(line: _Line, spikes: Sequence[Spike]) -> list[Box]:
    """Boxes along a line that runs downwards: each character has the place of the glyph it was read from."""
    share = len(line.spans) / line.strip.shape[1]
    places = [min(int((spike.first + spike.last) / 2 * STEP_WIDTH * share), len(line.spans) - 1) for spike in spikes]
    return [(0.0, line.spans[place][0], 1.0, line.spans[place][1]) for place in places]


def _place_box(line: _Line, span: Box) -> Box:
    """From parts of a line to pixels of the picture: the box around the corners."""
    left, top, right, bottom = span
    origin, across, down = line.corners[0], line.corners[1] - line.corners[0], line.corners[3] - line.corners[0]
    points = np.array([origin + across * x + down * y for x in (left, right) for y in (top, bottom)])
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)

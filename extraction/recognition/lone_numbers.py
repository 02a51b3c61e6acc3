"""Numbers that the reader of pages passed over: it loses lone digits, and without ruling nothing else tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import numpy.typing as npt

from extraction.recognition.cell_crops import measure_darkness
from extraction.recognition.cell_reader import read_cells
from extraction.recognition.page_reader import PrintedCharacter, PrintedText
from extraction.recognition.strips import find_piece_boxes
from models.page import Box

Pixels = npt.NDArray[np.uint8]

PALEST = 0.45  # of the contrast of a page, that print is darker than paper
HEIGHTS = (0.5, 1.3)  # times the height of digits on the page
DIGIT_SHARE = 0.8  # of the height of Chinese characters, that digits are high
NARROW = 0.45  # times its height: a 1, or the dash of a rule
IN_LINE = 0.2  # times the height of digits, from the middle of a line
NARROWEST, WIDEST = 0.08, 1.1  # times its height
BROKEN = 0.1  # of the height of digits, between parts of one that a copy has broken
BESIDE = 0.5  # times its height, to the next digit of a number
CLEAR, APART = 1.5, 1.0  # times its height, without other print on either side, and without other numbers
SPECK = 0.2  # of the height of digits: smaller pieces of ink are dust
LEVEL = 0.5  # times its height, by which numbers of a row stand higher or lower
LONGEST = 7  # digits
LARGEST = 3.0  # times the height of digits, of print
MIN_IN_LINE = 2  # other numbers in its row or in its column
READ = 0.6  # of the best candidate
MARGIN = 0.35  # of its height, of paper around a number
MAX_READ = 400  # numbers of a page
MAX_FREE = 4 * MAX_READ  # pieces of ink like digits: a page of more is one of noise


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Boxes of ink, shape (n, 4): left, top, right, bottom in pixels."""

    boxes: npt.NDArray[np.float64]

    def find_beside(self, box: Box, room: float) -> npt.NDArray[np.bool_]:
        """Which stand in the line of a box, no further than `room` from it."""
        left, top, right, bottom = self.boxes.T
        level = np.minimum(bottom, box[3]) - np.maximum(top, box[1]) > 0.3 * (box[3] - box[1])
        return np.asarray(level & (left < box[2] + room) & (right > box[0] - room), np.bool_)


def find_lone_numbers(
    grey: Pixels, texts: Sequence[PrintedText], *, walls: Sequence[Box] = (), lines: Sequence[Box] = ()
) -> tuple[PrintedText, ...]:
    """Numbers of a grey page (dark ink) that are in none of the lines read, one line each.

    A number stands alone, as high as digits of the page, with two others in its row or its column. Those between
    `walls`, vertical rules in pixels, are left to the reading of cells. What lies in `lines`, all strokes that may be
    vertical rules, is a dash rather than a 1. Raises `ocr_engine.EngineError`.
    """
    height = _measure_digits(texts)
    if not height:
        return ()
    pieces = _find_pieces(grey, height)
    free = _find_free(pieces, texts, height) & ~_are_dashes(pieces, lines, height)
    if free.sum() > MAX_FREE:
        return ()
    numbers = _join_digits(pieces[free], height)
    known = [_bound(text) for text in texts if text.text.strip().replace(".", "").isdigit()]
    words = [c.box for text in texts for c in text.characters if not c.text.isdigit()]
    printed = _Pieces(_stack([*words, *map(tuple, pieces[~free & ~_are_inside(pieces, known)])]))
    counted = _Pieces(_stack([*known, *numbers]))
    alone = [
        box
        for box in numbers
        if _stands_alone(box, printed, CLEAR * height)
        and _stands_alone(box, counted, APART * height)
        and not _is_walled(box, walls)
    ]
    lined = [box for box in alone if _is_in_line(box, [*known, *alone])][:MAX_READ]
    return _read_numbers(grey, lined)


def _measure_digits(texts: Sequence[PrintedText]) -> float:
    """How high digits of a page are in pixels; 0 where nothing tells."""
    characters = [character for text in texts for character in text.characters]
    digits = [c.box[3] - c.box[1] for c in characters if c.text.isascii() and c.text.isdigit()]
    wide = [DIGIT_SHARE * (c.box[3] - c.box[1]) for c in characters if c.text >= "\u3400"]
    return float(median(digits)) if len(digits) > MIN_IN_LINE else float(median(wide)) if wide else 0.0


def _find_pieces(grey: Pixels, height: float) -> npt.NDArray[np.float64]:
    """Boxes of connected ink but for dust and what is larger than print, shape (n, 4), in pixels."""
    ink = np.asarray(grey < 255 - PALEST * measure_darkness(grey), np.bool_)
    boxes = find_piece_boxes(ink, bridge=max(round(BROKEN * height), 1))
    longest = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0.0)
    return np.asarray(boxes[(longest >= SPECK * height) & (longest <= LARGEST * height)], np.float64)


def _find_free(pieces: npt.NDArray[np.float64], texts: Sequence[PrintedText], height: float) -> npt.NDArray[np.bool_]:
    """Which pieces have shape and height of digits and stand in no line that was read."""
    wide, high = (pieces[:, 2:] - pieces[:, :2]).T
    free = (high >= HEIGHTS[0] * height) & (high <= HEIGHTS[1] * height)
    free &= (wide >= NARROWEST * high) & (wide <= WIDEST * high)
    return np.asarray(free & ~_are_inside(pieces, [_bound(text) for text in texts]), np.bool_)


def _are_dashes(pieces: npt.NDArray[np.float64], lines: Sequence[Box], height: float) -> npt.NDArray[np.bool_]:
    """Which narrow pieces lie in a vertical line, or follow one another downwards closer than rows of numbers do."""
    left, top, right, bottom = pieces.T
    narrow = right - left < NARROW * (bottom - top)
    x, y = (left + right) / 2, (top + bottom) / 2
    found = np.zeros(len(pieces), np.bool_)
    for line in lines:
        found |= (abs(x - (line[0] + line[2]) / 2) <= IN_LINE * height) & (y >= line[1]) & (y <= line[3])
    places = np.flatnonzero(narrow)
    order = places[np.lexsort((top[places], np.round(x[places] / (2 * IN_LINE * height))))]
    above, below = order[:-1], order[1:]
    close = (abs(x[above] - x[below]) <= IN_LINE * height) & (abs(top[below] - bottom[above]) <= height)
    found[above[close]] = found[below[close]] = True
    return np.asarray(narrow & found, np.bool_)


def _are_inside(pieces: npt.NDArray[np.float64], boxes: Sequence[Box]) -> npt.NDArray[np.bool_]:
    """Which pieces have their middle in one of several boxes."""
    x, y = ((pieces[:, :2] + pieces[:, 2:]) / 2).T
    inside = np.zeros(len(pieces), np.bool_)
    for left, top, right, bottom in boxes:
        inside |= (x > left) & (x < right) & (y > top) & (y < bottom)
    return inside


def _bound(text: PrintedText) -> Box:
    xs, ys = [x for x, _ in text.corners], [y for _, y in text.corners]
    return min(xs), min(ys), max(xs), max(ys)


def _stack(boxes: Sequence[Sequence[float]]) -> npt.NDArray[np.float64]:
    return np.array(boxes, np.float64).reshape(-1, 4)


def _join_digits(pieces: npt.NDArray[np.float64], height: float) -> list[Box]:
    """Boxes of numbers: pieces that follow one another closely in a line."""
    numbers: list[list[float]] = []
    for left, top, right, bottom in sorted(pieces.tolist()):
        near = next(
            (
                n
                for n in reversed(numbers)
                if left - n[2] < BESIDE * height and min(bottom, n[3]) - max(top, n[1]) > LEVEL * (bottom - top)
            ),
            None,
        )
        if near is None:
            numbers.append([left, top, right, bottom])
        else:
            near[:] = [min(near[0], left), min(near[1], top), max(near[2], right), max(near[3], bottom)]
    return [(n[0], n[1], n[2], n[3]) for n in numbers if n[2] - n[0] <= LONGEST * height]


def _stands_alone(box: Box, printed: _Pieces, room: float) -> bool:
    """Whether nothing but its own pieces is in the line of a number, nearer than `room`."""
    beside = printed.boxes[printed.find_beside(box, room)]
    own = (beside[:, 0] >= box[0] - 1) & (beside[:, 2] <= box[2] + 1)
    return bool(own.all())


def _is_walled(box: Box, walls: Sequence[Box]) -> bool:
    middle = (box[1] + box[3]) / 2
    across = [(wall[0] + wall[2]) / 2 for wall in walls if wall[1] <= middle <= wall[3]]
    return any(x < box[0] for x in across) and any(x > box[2] for x in across)


def _is_in_line(box: Box, others: Sequence[Box]) -> bool:
    """Whether enough other numbers stand in the row or in the column of one."""
    reach = LEVEL * (box[3] - box[1])
    rest = [other for other in others if other != box]
    row = sum(abs(box[1] + box[3] - other[1] - other[3]) / 2 <= reach for other in rest)
    column = sum(min(box[2], other[2]) + reach > max(box[0], other[0]) for other in rest)
    return max(row, column) >= MIN_IN_LINE


def _read_numbers(grey: Pixels, boxes: Sequence[Box]) -> tuple[PrintedText, ...]:
    """The boxes that read as a number beyond doubt."""
    rooms = [MARGIN * (box[3] - box[1]) for box in boxes]
    wide = [(b[0] - m, b[1] - m, b[2] + m, b[3] + m) for b, m in zip(boxes, rooms, strict=True)]
    texts = []
    for box, reading in zip(boxes, read_cells(grey, wide), strict=True):
        best = reading.candidates[0] if reading.candidates else None
        if best is None or best.probability < READ or not best.text.isdigit():
            continue
        left, top, right, bottom = box
        step = (right - left) / len(best.text)
        characters = tuple(
            PrintedCharacter(digit, (left + i * step, top, left + (i + 1) * step, bottom), best.probability)
            for i, digit in enumerate(best.text)
        )
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        texts.append(PrintedText(best.text, corners, best.probability, characters))
    return tuple(texts)

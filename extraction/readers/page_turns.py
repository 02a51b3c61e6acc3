"""From the space in which a PDF page is drawn to the upright page: /Rotate, the visible box and sideways text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from models.page import Box

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
STILL: Matrix = (1, 0, 0, 1, 0, 0)
SKEW = 10.0  # degrees: text of a scan may lean a little, that of a watermark leans more
MIN_SIDEWAYS = 0.6  # of the characters that must run in one direction for the page to be turned to it
# Matrices (a, b, c, d) by the clockwise turn in degrees: x' = a x + c y, y' = b x + d y, PDF's y up to our y down.
_TURNS = {0: (1, 0, 0, -1), 90: (0, 1, 1, 0), 180: (-1, 0, 0, 1), 270: (0, -1, -1, 0)}


@dataclass(frozen=True, slots=True)
class Turn:
    """Places points of a page's own space (y up, anywhere) on the upright page (origin top left, y down, points).

    `visible` is (left, bottom, right, top) of the visible box in the page's own space, `degrees` the clockwise turn
    that makes the text upright.
    """

    visible: Box
    degrees: int
    shift: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        left, bottom, right, top = self.visible
        x = {0: -left, 90: -bottom, 180: right, 270: top}[self.degrees]
        y = {0: top, 90: -left, 180: -bottom, 270: right}[self.degrees]
        object.__setattr__(self, "shift", (x, y))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the upright page."""
        left, bottom, right, top = self.visible
        width, height = right - left, top - bottom
        return (height, width) if self.degrees % 180 else (width, height)

    def place_point(self, x: float, y: float) -> tuple[float, float]:
        """A point on the upright page."""
        a, b, c, d = _TURNS[self.degrees]
        return a * x + c * y + self.shift[0], b * x + d * y + self.shift[1]

    def place_box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """A box of the page's own space (y up) on the upright page."""
        a, b, c, d = _TURNS[self.degrees]
        x, y = self.shift
        x1, x2 = a * left + c * bottom + x, a * right + c * top + x
        y1, y2 = b * left + d * bottom + y, b * right + d * top + y
        return (x1 if x1 < x2 else x2, y1 if y1 < y2 else y2, x2 if x1 < x2 else x1, y2 if y1 < y2 else y1)


def find_direction(a: float, b: float) -> int | None:
    """The clockwise turn that makes text upright whose matrix begins with a and b; `None` for slanting text."""
    if b == 0 < a:
        return 0
    angle = math.degrees(math.atan2(b, a))
    direction = round(angle / 90) * 90
    return direction % 360 if abs(angle - direction) <= SKEW else None


def find_turn(counts: Mapping[int, int], shown: int) -> int:
    """The turn of a page by how many characters want each; `shown` is its /Rotate, which holds when in doubt."""
    total = sum(counts.values())
    best = max(counts, key=lambda turn: counts[turn], default=shown)
    return best if total and counts[best] >= MIN_SIDEWAYS * total else shown


def multiply_matrices(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that does one and then the other."""
    a, b, c, d, e, f = first
    x, y = move_point(then, e, f)
    return (
        a * then[0] + b * then[2],
        a * then[1] + b * then[3],
        c * then[0] + d * then[2],
        c * then[1] + d * then[3],
        x,
        y,
    )


def move_point(matrix: Matrix, x: float, y: float) -> Point:
    """A point under a matrix."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def bound_points(points: Sequence[Point]) -> Box:
    """The smallest box around points: lowest x, lowest y, highest x, highest y."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def clip_boxes(boxes: Iterable[Box], width: float, height: float) -> Iterator[Box]:
    """The parts of boxes that are on the page; boxes beside it are left out."""
    for left, top, right, bottom in boxes:
        if left <= width and top <= height and right >= 0 and bottom >= 0:
            yield max(left, 0.0), max(top, 0.0), min(right, width), min(bottom, height)

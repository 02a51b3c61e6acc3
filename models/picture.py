"""Pictures of pages: as they were scanned, as they are cleaned for reading, and what may stand in a cell of one.

Arrays of pixels are indexed (row, column) from the top left; points of a page are (x, y), 72 an inch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.page import Box

Pixels = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]
Bend = npt.NDArray[np.float32]

POINTS = 72.0  # an inch


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as it was scanned or drawn, not turned upright. Pages count from 1.

    `pixels`: uint8 of shape (height, width), grey, or (height, width, 3), RGB. `dpi` is that of both axes; `width` and
    `height` are those of the page as shown in points. `guessed`: the file does not tell the dpi.
    """

    number: int
    pixels: Pixels
    dpi: float
    width: float
    height: float
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """How an upright page of `size` (width, height) pixels lies on the page as shown.

    `to_page`, `scale` and `bend` are those of `CleanPicture`.
    """

    to_page: Matrix
    scale: float
    size: tuple[int, int]
    bend: Bend | None = None

    def place_box(self, box: Box) -> Box:
        """From points of the upright page to the page as shown: the box around its corners."""
        left, top, right, bottom = box
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        points = [self._place_point(x * self.scale, y * self.scale) for x, y in corners]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return min(xs), min(ys), max(xs), max(ys)

    def _place_point(self, x: float, y: float) -> tuple[float, float]:
        """A pixel of the upright page on the page as shown."""
        dx, dy = self._find_bend(x, y)
        a, b, c = (float(value) for value in self.to_page @ (x + dx, y + dy, 1.0))
        return a / c, b / c

    def _find_bend(self, x: float, y: float) -> tuple[float, float]:
        """The bend at a pixel, interpolated between the four places around it."""
        if self.bend is None:
            return 0.0, 0.0
        width, height = self.size
        rows, columns = self.bend.shape[:2]
        row = min(max(y / max(height - 1, 1), 0.0), 1.0) * (rows - 1)
        column = min(max(x / max(width - 1, 1), 0.0), 1.0) * (columns - 1)
        r, c = min(math.floor(row), rows - 2), min(math.floor(column), columns - 2)
        below, beside = row - r, column - c
        upper = self.bend[r, c] * (1 - beside) + self.bend[r, c + 1] * beside
        lower = self.bend[r + 1, c] * (1 - beside) + self.bend[r + 1, c + 1] * beside
        dx, dy = upper * (1 - below) + lower * below
        return float(dx), float(dy)


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A page as it is read: upright, straight, evenly lit, dark ink on white.

    `grey`: uint8 of shape (height, width), 0 ink and 255 paper. `scale`: pixels a point, the same along both axes; the
    upright page has its origin at the top left of `grey`. `to_page`: 3 x 3, from pixels (x, y, 1) of the straightened
    page to points of the page as shown. `bend`: float32 of shape (rows, columns, 2), for places evenly spread over
    `grey`, first and last at its edges, what (x, y) must be added to a pixel of `grey` to have it on the page before it
    was straightened; `None` where the page was flat.

    `turn`: degrees clockwise by which the page as shown was turned to be upright; where `unsure`, it may have to be
    turned by 180 degrees more. `skew`: degrees clockwise that the upright page leaned. `contrast`: from 0 to 1, of ink
    against paper. `noise`: share of the dark pixels that are specks. `stamped`: bool of the shape of `grey`, true where
    colour was taken out; `None` where there is none.
    """

    number: int
    grey: Pixels
    scale: float
    to_page: Matrix
    bend: Bend | None = None
    turn: int = 0
    unsure: bool = False
    skew: float = 0.0
    contrast: float = 1.0
    noise: float = 0.0
    stamped: npt.NDArray[np.bool_] | None = None

    @property
    def width(self) -> float:
        """Width of the upright page in points."""
        return float(self.grey.shape[1] / self.scale)

    @property
    def height(self) -> float:
        """Height of the upright page in points."""
        return float(self.grey.shape[0] / self.scale)

    @property
    def placement(self) -> Placement:
        """Where the upright page lies on the page as shown, without its pixels."""
        height, width = self.grey.shape
        return Placement(self.to_page, self.scale, (width, height), self.bend)

    def place_box(self, box: Box) -> Box:
        """From points of the upright page to the page as shown, where evidence is given: the box around its corners."""
        return self.placement.place_box(box)


@dataclass(frozen=True, slots=True)
class SeenCharacter:
    """A character that the reader of pages saw: `box` of its ink in points of the upright page, its score."""

    text: str
    box: Box
    probability: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible reading of a cell's picture with its probability.

    `text` is folded: a number as "0", "12", "477.35", "-3"; "" for an empty cell; "/", "—" and the like for marks.
    """

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """A page that was read by its pixels, kept small until its cells are read one by one.

    `packed` are the pixels of `CleanPicture.grey` as a PNG file, empty where the page has no table; `stamped` those of
    its mask, empty where there is none; `scale` and the figures of the picture are those of `CleanPicture`.
    """

    number: int
    packed: bytes
    stamped: bytes
    scale: float
    placement: Placement
    characters: tuple[SeenCharacter, ...]
    skew: float
    contrast: float
    noise: float


@dataclass(frozen=True, slots=True)
class SeenCell:
    """What may stand in a cell of a scan, the most probable first, and what tells how far to trust it.

    `features` are in the order of `extraction.scanned_cells.PICTURE_FEATURES`. What the probabilities of `candidates`
    lack to 1 is anything else; they are scores of networks, not confidences.
    """

    candidates: tuple[Candidate, ...]
    features: tuple[float, ...]

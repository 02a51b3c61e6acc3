"""What is printed on a page: characters, rules, shading and pictures.

Coordinates are PDF points with the origin at the top left of the page as it is shown, x to the right, y down; a box
is (left, top, right, bottom).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.picture import Placement

from models.quick import quicken

Box = tuple[float, float, float, float]


def join_boxes(boxes: Iterable[Box]) -> Box:
    """The box around boxes; raises `ValueError` where there are none."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def scale_box(box: Box, factor: float) -> Box:
    """A box on a page of another scale: from points to pixels by the pixels of a point."""
    return box[0] * factor, box[1] * factor, box[2] * factor, box[3] * factor


def measure_area(box: Box) -> float:
    """In square points."""
    return (box[2] - box[0]) * (box[3] - box[1])


@quicken
@dataclass(frozen=True, slots=True)
class Character:
    """One printed character. `box` is tight around its ink, `origin` is (x, baseline), `size` the font size."""

    text: str
    box: Box
    origin: tuple[float, float]
    size: float


@quicken
@dataclass(frozen=True, slots=True)
class Rule:
    """A straight horizontal or vertical line, however it was drawn: a stroke, a thin filled box, a row of dots."""

    box: Box

    @property
    def horizontal(self) -> bool:
        left, top, right, bottom = self.box
        return right - left >= bottom - top


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is read: upright, in points. Pages count from 1.

    `shades` are filled boxes that are no rules, `pictures` the places of images. `turn` is by how many degrees
    clockwise (0, 90, 180, 270) the page as shown has to be turned for its text to stand upright; coordinates are those
    of the turned page, `width` and `height` too.

    `characters` are those that can be seen, in the order of the file; U+FFFD stands for a glyph whose character the
    file does not tell, and blanks only between words of letters and digits. `hidden` counts characters that cannot be
    seen (as recognised text under the picture of a scan), `curves` the filled shapes that are no boxes: outlines of
    glyphs among them. `placement` is how a page that was read by its pixels lies on the page as shown.
    """

    number: int
    width: float
    height: float
    characters: tuple[Character, ...]
    rules: tuple[Rule, ...] = ()
    shades: tuple[Box, ...] = ()
    pictures: tuple[Box, ...] = ()
    turn: int = 0
    hidden: int = 0
    curves: int = 0
    placement: Placement | None = None

    def place_box(self, box: Box) -> Box:
        """From the upright page to the page as it is shown, where evidence is given."""
        if self.placement is not None:
            return self.placement.place_box(box)
        left, top, right, bottom = box
        if self.turn == 90:
            return top, self.width - right, bottom, self.width - left
        if self.turn == 180:
            return self.width - right, self.height - bottom, self.width - left, self.height - top
        if self.turn == 270:
            return self.height - bottom, left, self.height - top, right
        return box

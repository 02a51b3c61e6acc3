"""A printed table of one page, before tables that go on over the page are joined."""

from __future__ import annotations

from dataclasses import dataclass

from models.document import Evidence
from models.page import Box, Character

UNRULED = "unruled"  # the layout of a table whose columns the print tells, and no rules
Extent = tuple[float, float]  # from and to, in points


@dataclass(frozen=True, slots=True)
class Span:
    """The place of a cell in a grid, half-open and counted from 0."""

    row: int
    column: int
    row_end: int
    column_end: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Edges of columns (x) and rows (y) in points on the upright page, and the cells between them.

    `drawn` is the share of the outlines of cells that rules draw, from 0 to 1. Where no rules show the columns,
    `labels` is the number of those with labels (else -1), and `prints` says where print stands in the others.
    """

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    spans: tuple[Span, ...]
    drawn: float = 1.0
    labels: int = -1
    prints: tuple[Extent, ...] = ()

    @property
    def box(self) -> Box:
        return self.columns[0], self.rows[0], self.columns[-1], self.rows[-1]

    def place_span(self, span: Span) -> Box:
        """The box of a cell, in points on the upright page."""
        return (
            self.columns[span.column],
            self.rows[span.row],
            self.columns[span.column_end],
            self.rows[span.row_end],
        )


@dataclass(frozen=True, slots=True)
class PageCell:
    """A cell of a page: `box` is the whole cell on the upright page, `full` that its last line has no room left.

    `evidence` is the box of the print in it, or of the cell where nothing is printed, on the page as shown. `cut`: the
    page ends in it.
    """

    text: str
    span: Span
    box: Box
    evidence: Evidence
    full: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table of one page. `region`, `columns` and `rows` (edges) are points on the upright page.

    `outside` are boxes of characters that belong to it and stand out over its frame. `quality`, from 0 to 1, is how far
    what was seen speaks for the grid: an uncalibrated score. `labels` and `prints` are those of the grid.
    """

    page: int
    region: Box
    columns: tuple[float, ...]
    rows: tuple[float, ...]
    cells: tuple[PageCell, ...]
    layout: str
    quality: float
    outside: frozenset[Box] = frozenset()
    labels: int = -1
    prints: tuple[Extent, ...] = ()

    def holds(self, character: Character) -> bool:
        """Whether a character of the page stands in this table."""
        return is_inside(find_centre(character.box), self.region) or character.box in self.outside


def find_centre(box: Box) -> tuple[float, float]:
    """The middle of a box."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def is_inside(point: tuple[float, float], box: Box) -> bool:
    """Whether a point lies in a box, its right and lower edge left out."""
    return box[0] <= point[0] < box[2] and box[1] <= point[1] < box[3]

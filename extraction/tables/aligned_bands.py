"""Rows of print in their columns as the filled grid of a table without rules between its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extraction.tables.aligned_lines import Segment
from extraction.tables.page_fill import Filling
from extraction.tables.page_table import Extent, Grid, Span
from extraction.tables.ruled import Line
from models.page import Character

SLACK = 2.0
NEXT_LINE = 1.6  # of the font size, between the lines of a heading
QUALITY_RULED, QUALITY_BARE = 0.8, 0.6  # at most, whatever else speaks for it


@dataclass(frozen=True, slots=True)
class Piece:
    """Print in its columns, half-open and counted from 0."""

    column: int
    column_end: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """What is printed in one row of the table; `base` is its height on the page in points."""

    base: float
    pieces: tuple[Piece, ...]
    head: bool = False


def fit_pieces(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces of a row side by side: where two claim a column, the one further right has it, or both are one."""
    fitted: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: (piece.column, piece.column_end)):
        last = fitted[-1] if fitted else None
        if last is None or piece.column >= last.column_end:
            fitted.append(piece)
        elif piece.column_end > last.column_end:
            fitted.append(Piece(last.column_end, piece.column_end, piece.segments))
        elif piece.column > last.column:
            fitted[-1] = Piece(last.column, piece.column, last.segments)
            fitted.append(Piece(piece.column, last.column_end, piece.segments))
        else:
            fitted[-1] = Piece(last.column, last.column_end, (*last.segments, *piece.segments))
    return fitted


def fill_bands(
    bands: Sequence[Band],
    columns: Sequence[float],
    rules: Sequence[Line],
    prints: Sequence[Extent] | None = None,
    merged: Sequence[tuple[Span, list[Segment]]] = (),
) -> Filling:
    """The grid of rows from the top, between edges of columns in points; each place is in one cell.

    Lines of a heading over the same columns are one cell. `prints` are the extents of print in the columns behind the
    labels, `None` where the edges are sure; `merged` are cells over several rows.
    """
    cells: list[tuple[Span, list[Segment]]] = []
    for row, band in enumerate(bands):
        for piece in band.pieces:
            above = _find_above(cells, bands, row, piece) if band.head else None
            if above is None:
                cells.append((Span(row, piece.column, row + 1, piece.column_end), list(piece.segments)))
            else:
                span, held = cells[above]
                cells[above] = (Span(span.row, span.column, row + 1, span.column_end), [*held, *piece.segments])
    cells += merged
    taken = {(r, c) for s, _ in cells for r in range(s.row, s.row_end) for c in range(s.column, s.column_end)}
    cells += [
        (Span(row, column, row + 1, column + 1), [])
        for row in range(len(bands))
        for column in range(len(columns) - 1)
        if (row, column) not in taken
    ]
    cells.sort(key=lambda cell: (cell[0].row, cell[0].column))
    rows = _find_row_edges(bands, rules)
    quality = QUALITY_RULED if len(rules) > len(bands) / 2 else QUALITY_BARE
    grid = Grid(tuple(columns), tuple(rows), tuple(span for span, _ in cells), quality)
    if prints is not None:
        grid = replace(grid, labels=len(columns) - 1 - len(prints), prints=tuple(prints))
    return Filling(grid, tuple(_list_characters(held) for _, held in cells), 0, 1)


def _list_characters(segments: Sequence[Segment]) -> tuple[Character, ...]:
    return tuple(character for segment in segments for character in segment.characters)


def _find_above(
    cells: Sequence[tuple[Span, list[Segment]]], bands: Sequence[Band], row: int, piece: Piece
) -> int | None:
    """The cell that a line of a heading goes on with: over the same columns, close, with nothing between."""
    for index in range(len(cells) - 1, -1, -1):
        span, held = cells[index]
        if span.column >= piece.column_end or piece.column >= span.column_end:
            continue
        same = (span.column, span.column_end) == (piece.column, piece.column_end)
        size = max(character.size for segment in piece.segments for character in segment.characters)
        follows = bool(held) and piece.segments[0].follows(held[-1])
        near = follows and bands[row].base - held[-1].characters[0].origin[1] < NEXT_LINE * size
        heads = all(band.head for band in bands[span.row : row])
        return index if same and near and heads else None
    return None


def _find_row_edges(bands: Sequence[Band], rules: Sequence[Line]) -> list[float]:
    """Between the print of two rows, at the rule there if there is one."""
    boxes = [[s.box for piece in band.pieces for s in piece.segments] for band in bands]
    printed = [box for held in boxes for box in held]
    edges = [min(box[1] for box in printed) - SLACK]
    for index, (band, after) in enumerate(pairwise(bands)):
        between = [rule.at for rule in rules if band.base <= rule.at <= after.base]
        top = min((box[1] for box in boxes[index + 1] if box[1] > band.base), default=after.base)
        bottom = max((box[3] for box in boxes[index] if box[3] <= top), default=band.base)
        middle = (max(band.base, bottom) + top) / 2
        edges.append(max(edges[-1], between[0] if between else middle))
    last = bands[-1].base if not boxes[-1] else edges[-1]  # of an empty row there is no print to end it
    return [*edges, max(edges[-1], last, *(box[3] for box in printed)) + SLACK]

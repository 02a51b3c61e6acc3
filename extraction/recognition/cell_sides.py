"""The sides of cells that nothing bounds, moved to where they cut no print."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from extraction.recognition.strips import Pixels, find_ink, find_piece_boxes
from models.page import Box

REACH = 0.9  # of the height of text, by which a side may be moved
ROOM = 1  # pixels of paper on either side of where it is put
MIN_ROWS, MIN_COLUMNS, MOST = 4, 3, 0.7  # of a table of which the ink tells where columns stand; of its rows with ink
SPECK, BRIDGE = 0.4, 3  # of the height of text, what print is at least; pixels between its pieces
KEPT = 0.6  # of the width of a cell: what would leave less of it takes its sides into its print
NOISE = 0.06  # of the height of a cell, ink of which a column is paper still


def settle_sides(grey: Pixels, boxes: Sequence[Box], *, reach: float) -> dict[Box, Box]:
    """Boxes (pixels) with their left and right sides at the nearest place without ink, `reach` is the height of text.

    Cells beside one another share a side, and have it moved alike. A side stays where no place near it is free, and
    both do where little would be left between them.
    """
    ink = find_ink(grey)
    far = max(round(REACH * reach), 1)
    moved = _move_columns(ink, set(boxes), reach)
    settled = {}
    for box in set(boxes):
        left, top, right, bottom = moved.get(box, box)
        rows = ink[max(round(top), 0) : max(round(bottom), 0)]
        sides = (_settle(rows, left, far), _settle(rows, right, far)) if rows.size else (left, right)
        kept = sides[1] - sides[0] >= KEPT * (right - left)
        settled[box] = (sides[0], top, sides[1], bottom) if kept else (left, top, right, bottom)
    return settled


def _move_columns(ink: npt.NDArray[np.bool_], boxes: Collection[Box], reach: float) -> dict[Box, Box]:
    """Boxes of rows with the same columns parted between those of the ink, where these are as many and stand elsewhere.

    Headings alone do not tell on which side of their middle print stands.
    """
    rows: dict[tuple[float, float], list[Box]] = {}
    for box in sorted(boxes):
        row = rows.setdefault((box[1], box[3]), [])
        if row and abs(row[-1][2] - box[0]) > 1:
            row.clear()  # the cell of a label: columns share their sides
        row.append(box)
    groups: dict[tuple[int, ...], list[list[Box]]] = {}
    for row in rows.values():
        groups.setdefault(tuple(round(side) for box in row for side in (box[0], box[2])), []).append(row)
    moved: dict[Box, Box] = {}
    pieces: npt.NDArray[np.float64] | None = None
    for group in groups.values():
        if len(group) < MIN_ROWS or len(group[0]) < MIN_COLUMNS:
            continue
        pieces = find_piece_boxes(ink, bridge=BRIDGE) if pieces is None else pieces
        runs = _find_columns(pieces, group, reach)
        inside = [sum(box[0] <= (start + end) / 2 < box[2] for start, end in runs) for box in group[0]]
        if len(runs) != len(inside) or set(inside) == {1}:
            continue
        walls = [(before[1] + after[0]) / 2 for before, after in pairwise(runs)]
        for row in group:
            sides = [min(row[0][0], runs[0][0] - reach / 2), *walls, max(row[-1][2], runs[-1][1] + reach / 2)]
            for box, (left, right) in zip(row, pairwise(sides), strict=True):
                moved[box] = (left, box[1], right, box[3])
    return moved


def _find_columns(
    pieces: npt.NDArray[np.float64], rows: Sequence[Sequence[Box]], reach: float
) -> list[tuple[float, float]]:
    """From where to where most rows have print, in pixels; what is nearer to each other than half its height is one."""
    left, right = min(row[0][0] for row in rows) - reach, max(row[-1][2] for row in rows) + reach
    size = np.maximum(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1])
    print_like = (size >= SPECK * reach) & (pieces[:, 3] - pieces[:, 1] <= 2 * reach)
    print_like &= (pieces[:, 0] >= left) & (pieces[:, 2] <= right)
    middles = (pieces[:, 1] + pieces[:, 3]) / 2
    wide = reach / 4
    inked = np.zeros(max(round(right - left), 0) + 1)
    for row in rows:
        own = np.zeros(len(inked), bool)
        for piece in pieces[print_like & (middles >= row[0][1]) & (middles < row[0][3])]:
            own[max(round(piece[0] - left - wide), 0) : round(piece[2] - left + wide)] = True
        inked += own
    edges = np.flatnonzero(np.diff(inked >= MOST * len(rows), prepend=False, append=False)) + left
    return [(float(start + wide), float(end - wide)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _settle(rows: npt.NDArray[np.bool_], side: float, far: int) -> float:
    first = max(round(side) - far - ROOM, 0)
    near = rows[:, first : round(side) + far + ROOM + 1]
    if near.shape[1] <= 2 * ROOM:
        return side
    dark = near.mean(axis=0) > NOISE
    widened = np.convolve(dark, np.ones(2 * ROOM + 1), mode="same") > 0
    free = np.flatnonzero(~widened) + first
    if not len(free) or round(side) in free:
        return side
    return float(free[np.argmin(np.abs(free - side))])

"""The sides of cells that nothing bounds, moved to where they cut no print."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from extraction.recognition.strips import Pixels, find_ink
from models.page import Box

REACH = 0.9  # of the height of text, by which a side may be moved
ROOM = 1  # pixels of paper on either side of where it is put
NOISE = 0.06  # of the height of a cell, ink of which a column is paper still


def settle_sides(grey: Pixels, boxes: Sequence[Box], *, reach: float) -> dict[Box, Box]:
    """Boxes (pixels) with their left and right sides at the nearest place without ink, `reach` is the height of text.

    Cells beside one another share a side, and have it moved alike. A side stays where no place near it is free.
    """
    ink = find_ink(grey)
    far = max(round(REACH * reach), 1)
    settled = {}
    for box in set(boxes):
        left, top, right, bottom = box
        rows = ink[max(round(top), 0) : max(round(bottom), 0)]
        settled[box] = (_settle(rows, left, far), top, _settle(rows, right, far), bottom) if rows.size else box
    return settled


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

"""Dashes in cells: print of one size and at one place of its cell in several cells is print, and noise is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extraction.recognition.strips import Pixels

Pieces = npt.NDArray[np.int32]
Values = npt.NDArray[np.float64]

LEAST_ALIKE = 4  # other cells of a page with the like of it, that a dash is believed
MOST_PIECES = 3  # of a cell, that may be its dash
EDGE = 8  # pixels from the sides of a crop, where ruling leaves rests
THIN = 3  # pixels, that rests of ruling are wide at most
SPARSE = 0.25  # of the box around a piece: where it has no more ink it is a line that leans, or two at a corner
PLACE, SIZE = 3.0, 2.0  # pixels that places and sides of two dashes differ at most, or by the shares below
PLACE_SHARE, SIZE_SHARE, ROOM_SHARE = 0.2, 0.25, 0.06
FLAT = 1.8  # times its height, the width of a dash, by their deviations without the blur of the scan
INKED = 0.5  # of the darkest of a piece: what is darker is its body
DARK = 0.25  # of the page's contrast, how dark dashes are
LOWEST = 6.0  # pixels: what is lower may be a dash on any page
OTHERS = 0.5  # of the pixels of a dash: other pieces so large are print beside it


@dataclass(frozen=True, slots=True)
class CellPieces:
    """The pieces of ink of a cell as (left, top, right, bottom, pixels) of its crop, and the crop without ruling.

    `seen` are the pieces that are surely no noise.
    """

    grey: Pixels
    pieces: Pieces
    seen: npt.NDArray[np.bool_]
    paper: float


@dataclass(frozen=True, slots=True)
class _Mark:
    """A piece that may be a dash: its cell, its number there, its size and its places, as `_measure_mark` gives them.

    `flat`: its width in heights. `dark`: grey levels below paper.
    """

    cell: int
    piece: int
    places: tuple[float, ...]
    flat: float
    dark: float


def find_dashes(cells: Sequence[CellPieces | None], contrast: float, *, least_text: float = 0.0) -> dict[int, int]:
    """The piece that is the dash of a cell, by the number of the cell, where a page has the like in several cells.

    `contrast`: grey levels between paper and print of the page; `least_text`: pixels that text on it is high at least,
    0 where that is not known: what is as high is none, however wide. A cell with other print has none.
    """
    marks = [mark for number, cell in enumerate(cells) if cell is not None for mark in _find_marks(number, cell)]
    marks = [mark for mark in marks if not least_text or mark.places[1] <= max(least_text, LOWEST)]
    if len(marks) <= LEAST_ALIKE:
        return {}
    alike = _compare_marks(np.array([mark.places for mark in marks]))
    numbers = np.array([mark.cell for mark in marks])
    found: dict[int, int] = {}
    for index, mark in enumerate(marks):
        others = [marks[other] for other in np.flatnonzero(alike[index])]
        held = len(set(numbers[alike[index]].tolist()) - {mark.cell})
        flat = float(np.median([other.flat for other in others]))
        dark = float(np.median([other.dark for other in others]))
        if held >= LEAST_ALIKE and flat >= FLAT and dark >= DARK * contrast:
            found.setdefault(mark.cell, mark.piece)
    return found


def _find_marks(number: int, cell: CellPieces) -> list[_Mark]:
    """The large pieces of a cell that stand off its sides, if each is low enough; none beside larger print."""
    height, width = cell.grey.shape
    left, top, right, bottom, pixels = cell.pieces.T
    beside = (left <= EDGE) | (right >= width - EDGE) | (top <= EDGE) | (bottom >= height - EDGE)
    thin = (np.minimum(right - left, bottom - top) <= THIN) | (pixels <= SPARSE * (right - left) * (bottom - top))
    rests = beside & thin
    sound = [int(n) for n in np.flatnonzero(cell.seen & ~rests & (right - left > THIN))]
    order = sorted(sound, key=lambda n: -int(pixels[n]))[:MOST_PIECES]
    if not order or any(pixels[n] >= OTHERS * pixels[order[0]] for n in order[1:]):
        return []
    return [_measure_mark(number, order[0], cell)]


def _measure_mark(number: int, piece: int, cell: CellPieces) -> _Mark:
    """Its size, and how far its middle is from the middle and the sides of its cell."""
    height, width = cell.grey.shape
    left, top, right, bottom = (int(side) for side in cell.pieces[piece, :4])
    x, y = (left + right) / 2, (top + bottom) / 2
    weights = np.maximum(cell.paper - cell.grey[top:bottom, left:right].astype(np.float64), 0.0)
    dark = float(np.percentile(weights, 90)) if weights.size else 0.0
    weights = np.where(weights >= INKED * weights.max(initial=0.0), weights, 0.0)
    wide, high = _spread(weights.sum(axis=0)), _spread(weights.sum(axis=1))
    places = (right - left, bottom - top, x - width / 2, x, x - width, y - height / 2, y, y - height, height)
    return _Mark(number, piece, tuple(map(float, places)), wide / high if high else 0.0, dark)


def _spread(weights: Values) -> float:
    """How far print reaches, in pixels: the side of an even bar of this deviation."""
    if not weights.any():
        return 0.0
    places = np.arange(len(weights))
    middle = np.average(places, weights=weights)
    return float(np.sqrt(12 * np.average((places - middle) ** 2, weights=weights) + 1))


def _compare_marks(places: Values) -> npt.NDArray[np.bool_]:
    """Which marks are alike: (marks, marks); of one size, and at one place across and along their cells."""
    gaps = np.abs(places[:, None, :] - places[None, :, :])
    wide, high, room = places[:, 0], places[:, 1], places[:, 8]
    most = np.maximum(wide[:, None], wide[None, :])
    across = np.maximum(PLACE, PLACE_SHARE * most)
    along = np.maximum(PLACE, ROOM_SHARE * np.maximum(room[:, None], room[None, :]))
    alike = gaps[:, :, 0] <= np.maximum(SIZE, SIZE_SHARE * most)
    alike &= gaps[:, :, 1] <= np.maximum(SIZE, SIZE_SHARE * np.maximum(high[:, None], high[None, :]))
    alike &= gaps[:, :, 2:5].min(axis=2) <= across
    return np.asarray(alike & (gaps[:, :, 5:8].min(axis=2) <= along))

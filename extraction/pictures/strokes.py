"""Thin straight strokes in the picture of a page, followed where they lean, bend, fade or break; by OpenCV."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.picture import Pixels

Numbers = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]

TRACE_SCALE = 2.0  # pixels a point, at which strokes are followed
THICK = 4.0  # points: no rule is as thick
WINDOW = 8.0  # points along a stroke over which its ink is averaged
FAR_WINDOW = 32.0  # the same, for strokes that are faint
FLANK = (2.5, 5.0)  # points beside a stroke where there is print on one side at most
FLANK_WEIGHT = 0.9
WEAK = 0.16  # of full ink, from which on a stroke is followed
FAINT = 0.05  # the same over `FAR_WINDOW`
MIN_LEVEL = 0.03
GRAIN = 50.0  # per cent of a page at least are paper
PRESENT = 0.4  # of the ink of a stroke: less is a gap
MIN_GAP = 4.5  # points: shorter ones are those of dots and dashes
MIN_LENGTH = 8.0  # points
CLEAR = (0.9, 1.9)  # points from the edge of a rule, where there is paper on one side at least
EVEN = 5  # pixels along a stroke over which its ink is averaged to tell gaps from grain
SMOOTH = 21  # pixels along a stroke over which its place is averaged
MAX_STROKES = 6_000  # in one direction; drawings and screens have more


@dataclass(frozen=True, slots=True)
class Stroke:
    """A thin line that was followed. `along` and `across`: its places in points, x and y where it is horizontal.

    `ink`: its darkness from 0 to 1. `cover`: the share of its length that has ink. `crossed`: the share where there is
    ink close on both sides, as there is in print. `width`: points. `period`: from dash to dash, in points on average.
    """

    horizontal: bool
    along: Numbers
    across: Numbers
    ink: float
    cover: float
    crossed: float
    width: float
    period: float

    @property
    def length(self) -> float:
        """In points."""
        return float(self.along[-1] - self.along[0])


def find_strokes(grey: Pixels, scale: float, *, least: float = MIN_LENGTH) -> list[Stroke]:
    """Horizontal and vertical strokes of an evenly lit page, those of characters among them.

    `scale`: pixels a point, `least`: the length of strokes in points. A page with more strokes than tables have gives
    none of that direction.
    """
    share = TRACE_SCALE / scale
    size = max(1, round(grey.shape[1] * share)), max(1, round(grey.shape[0] * share))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR)
    ink = cv2.bitwise_not(small)
    across = _find_one_way(np.asarray(ink, dtype=np.uint8), least, horizontal=True)
    down = _find_one_way(np.ascontiguousarray(ink.T), least, horizontal=False)
    return across + down


def _find_one_way(ink: Pixels, least: float, *, horizontal: bool) -> list[Stroke]:
    """The strokes that run along the rows of `ink`, of which paper is 0."""
    thick = round(THICK * TRACE_SCALE)
    thin = np.asarray(cv2.morphologyEx(ink, cv2.MORPH_TOPHAT, np.ones((thick, 1), np.uint8)), dtype=np.uint8)
    loose = np.asarray(cv2.dilate(thin, np.ones((3, 1), np.uint8)), dtype=np.uint8)
    # What most places have is the grain of the paper.
    thin, loose = _drop_grain(thin), _drop_grain(loose)
    near = _find_ridges(loose, thin, WINDOW, WEAK)
    far = _find_ridges(loose, thin, FAR_WINDOW, FAINT)
    _, labels = cv2.connectedComponents(((near | far) > 0).astype(np.uint8), connectivity=8)
    even = np.asarray(cv2.blur(loose, (EVEN, 1)), dtype=np.uint8)
    paths = _find_paths(np.asarray(labels, dtype=np.int32), even, least)
    return [] if len(paths.starts) > MAX_STROKES else _measure(paths, thin, horizontal=horizontal)


def _drop_grain(ink: Pixels) -> Pixels:
    grain = np.uint8(np.percentile(ink[::3, ::3], GRAIN))
    return np.asarray(np.maximum(ink, grain) - grain, dtype=np.uint8)


def _find_ridges(loose: Pixels, thin: Pixels, window: float, least: float) -> Pixels:
    """Where the ink averaged along a stroke is highest across it, and higher than beside it."""
    length = 2 * round(window * TRACE_SCALE / 2) + 1
    mean = cv2.blur(loose, (length, 1))
    start, end = (round(side * TRACE_SCALE) for side in FLANK)
    beside = cv2.blur(cv2.blur(thin, (length, 1)), (1, end - start + 1))
    shift = (start + end) // 2
    above, below = np.zeros_like(beside), np.zeros_like(beside)
    above[shift:], below[:-shift] = beside[:-shift], beside[shift:]
    flank = cv2.convertScaleAbs(cv2.min(above, below), alpha=FLANK_WEIGHT)
    score = cv2.subtract(mean, flank)
    # Among the rows of equal score that `loose` gives, the one with the ink.
    peak = cv2.addWeighted(score, 0.5, cv2.blur(thin, (length, 3)), 0.5, 0)
    highest = peak >= cv2.dilate(peak, np.ones((5, 1), np.uint8))
    return np.asarray((highest & (score >= least * 255)).astype(np.uint8))


@dataclass(frozen=True, slots=True)
class _Paths:
    """Where strokes run, one after the other: columns and rows of pixels, half-open pieces of them, their ink."""

    columns: Places
    rows: npt.NDArray[np.float64]
    starts: Places
    ends: Places
    inks: npt.NDArray[np.float64]


def _find_paths(labels: npt.NDArray[np.int32], loose: Pixels, least: float) -> _Paths:
    """The pieces with ink of the ridges that are labelled, of at least this length in points."""
    ys, xs = np.nonzero(labels)
    owners = labels[ys, xs]
    order = np.lexsort((xs, owners))
    ys, xs, owners = ys[order], xs[order], owners[order]
    first = np.flatnonzero(np.r_[True, (np.diff(owners) != 0) | (np.diff(xs) != 0)][: len(xs)])
    if not len(first):
        none = np.zeros(0, dtype=np.intp)
        return _Paths(none, np.zeros(0), none, none, np.zeros(0))
    rows = np.add.reduceat(ys, first) / np.diff(np.r_[first, len(xs)])
    columns, owners = xs[first], owners[first]
    level = loose[np.rint(rows).astype(np.intp), columns] / 255.0
    ridges = np.flatnonzero(np.r_[True, np.diff(owners) != 0])
    number = np.cumsum(np.r_[True, np.diff(owners) != 0]) - 1
    typical = _find_typical(level, number, ridges)
    present = level >= np.maximum(PRESENT * typical[number], MIN_LEVEL)
    columns, rows, number = columns[present], rows[present], number[present]
    cuts = np.r_[True, (np.diff(number) != 0) | (np.diff(columns) > MIN_GAP * TRACE_SCALE)][: len(columns)]
    starts = np.flatnonzero(cuts)
    ends = np.r_[starts[1:], len(columns)][: len(starts)]
    long = columns[ends - 1] - columns[starts] + 1 >= least * TRACE_SCALE
    return _Paths(columns, rows, starts[long], ends[long], typical[number[starts[long]]])


def _find_typical(level: npt.NDArray[np.float64], number: Places, starts: Places) -> npt.NDArray[np.float64]:
    """The median ink of each ridge where it has any; print that it touches is darker, its faded ends are paler."""
    mean = np.add.reduceat(level, starts) / np.diff(np.r_[starts, len(level)])
    inked = level >= mean[number] / 2
    level, number = level[inked], number[inked]
    counts = np.bincount(number, minlength=len(starts))
    ranked = level[np.lexsort((level, number))]
    return np.asarray(ranked[np.cumsum(counts) - counts + counts // 2])


def _measure(paths: _Paths, thin: Pixels, *, horizontal: bool) -> list[Stroke]:
    """Strokes along paths: the middle of the ink, smoothed; where there is ink, and where it is on both sides."""
    if not len(paths.starts):
        return []
    counts = paths.ends - paths.starts
    firsts = np.cumsum(counts) - counts
    picked = np.arange(counts.sum()) + np.repeat(paths.starts - firsts, counts)
    piece = np.repeat(np.arange(len(counts)), counts)
    columns, rows = paths.columns[picked], np.rint(paths.rows[picked]).astype(np.intp)
    windows = np.maximum(np.arange(len(piece)) - SMOOTH // 2, firsts[piece])
    windows_end = np.minimum(np.arange(len(piece)) + SMOOTH // 2 + 1, (firsts + counts)[piece])
    reach = round((FLANK[0] + 1) * TRACE_SCALE)
    offsets = np.arange(-reach, reach + 1)[:, None]
    ink = thin[np.clip(rows + offsets, 0, thin.shape[0] - 1), columns].astype(np.float32) / 255
    inner = ink[reach - 3 : reach + 4]
    weight = inner.sum(axis=0) + 1e-4
    pull = (inner * offsets[reach - 3 : reach + 4]).sum(axis=0)
    middle = rows + 0.5 + pull / weight
    sums, weights = np.r_[0.0, np.cumsum(middle * weight)], np.r_[0.0, np.cumsum(weight, dtype=np.float64)]
    path = (sums[windows_end] - sums[windows]) / (weights[windows_end] - weights[windows])
    thickness = weight / np.maximum(inner.max(axis=0), 0.02)
    width = np.clip(np.add.reduceat(thickness, firsts) / counts, 1.0, THICK * TRACE_SCALE)
    level = PRESENT * paths.inks[piece]
    away = rows + offsets + 0.5 - path
    present = np.where(np.abs(away) <= width[piece] / 2 + 0.5, ink, 0).max(axis=0) >= level
    inside, outside = (width[piece] / 2 + clear * TRACE_SCALE for clear in CLEAR)
    above = np.where((away < -inside) & (away >= -outside), ink, 0).max(axis=0)
    below = np.where((away > inside) & (away <= outside), ink, 0).max(axis=0)
    crossed = np.add.reduceat(np.minimum(above, below) > level, firsts) / counts
    spans = columns[firsts + counts - 1] - columns[firsts] + 1
    cover = np.add.reduceat(present, firsts) / spans
    begins = present & np.r_[True, ~present[:-1] | (np.diff(columns) != 1)]
    begins[firsts] = present[firsts]
    periods = spans / np.maximum(np.add.reduceat(begins.astype(np.intp), firsts), 1)
    return [
        Stroke(
            horizontal=horizontal,
            along=np.asarray((columns[start:end] + 0.5) / TRACE_SCALE, dtype=np.float32),
            across=np.asarray(path[start:end] / TRACE_SCALE, dtype=np.float32),
            ink=float(paths.inks[number]),
            cover=float(cover[number]),
            crossed=float(crossed[number]),
            width=float(width[number]) / TRACE_SCALE,
            period=float(periods[number]) / TRACE_SCALE,
        )
        for number, (start, end) in enumerate(zip(firsts, firsts + counts, strict=True))
    ]

"""How a page is bent: the smooth displacement that makes its long strokes straight and upright."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from extraction.pictures.strokes import Stroke
from models.picture import Bend

Numbers = npt.NDArray[np.float64]
Span = tuple[float, float]

MIN_LENGTH = 70.0  # points, of a stroke that shows how a page is bent
MIN_COVER = 0.55
MAX_CROSSED = 0.15
MIN_SHARE = 0.35  # of the longest of them: strokes of characters in a row are shorter than rules
MAX_LEAN = 0.12  # of its length, by which such a stroke leans
SAMPLES = 24  # of a stroke
ROUNDS = 3
OUTLIER = 2.5  # points
PLACES = (25, 19)  # rows and columns of a bend
MIN_BEND = 0.5  # points: less is left as it is
MAX_BEND = 40.0  # points: more is no page
MAX_LEFT = 0.75  # of what strokes were off a straight line
MIN_GAIN = 0.15  # points that they were off it
RIDGE = 0.02  # what a strong bend must be worth, so that the fit is smooth where there are no strokes


def find_bend(strokes: Sequence[Stroke], width: float, height: float) -> Bend | None:
    """The bend of a page of this size, in points, out of strokes that ought to be straight; `None` for a flat page."""
    across = _fit_shift([stroke for stroke in strokes if stroke.horizontal], width, height)
    down = _fit_shift([stroke for stroke in strokes if not stroke.horizontal], height, width)
    bend = np.zeros((*PLACES, 2), dtype=np.float32)
    if across is not None:
        bend[..., 1] = across(PLACES[0], PLACES[1])
    if down is not None:
        bend[..., 0] = down(PLACES[1], PLACES[0]).T
    strongest = float(np.abs(bend).max())
    return bend if MIN_BEND <= strongest <= MAX_BEND else None


class _Shift:
    """How far places of a page are moved across the strokes; a polynomial in places from -1 to 1.

    Beyond the places `along` and `across` (from, to) where strokes were seen, it is as at the nearest of those.
    """

    def __init__(self, terms: Sequence[tuple[int, int]], factors: Numbers, seen: tuple[Span, Span]) -> None:
        self._terms = terms
        self._factors = factors
        self._seen = seen

    def __call__(self, rows: int, columns: int) -> Numbers:
        ends = [(max(-1.0, low), min(1.0, high)) for low, high in self._seen]
        places = [np.clip(np.linspace(-1, 1, count), *end) for count, end in zip((columns, rows), ends, strict=True)]
        along, across = np.meshgrid(*places)
        return np.asarray((_spread(along, across, self._terms) * self._factors).sum(axis=-1))


def _spread(along: Numbers, across: Numbers, terms: Sequence[tuple[int, int]]) -> Numbers:
    return np.stack([along**i * across**j for i, j in terms], axis=-1)


def _choose_terms(strokes: Sequence[Stroke], extent: float) -> list[tuple[int, int]]:
    """Powers along and across; the more strokes there are and the more of the page they span, the more."""
    levels = [float(np.mean(stroke.across)) for stroke in strokes]
    spread = (max(levels) - min(levels)) / extent
    powers_across = 0 if len(strokes) < 3 or spread < 0.1 else 1 if len(strokes) < 8 or spread < 0.35 else 2
    longest = max(stroke.length for stroke in strokes)
    powers_along = 1 if longest < 150 else 3
    return [(i, j) for i in range(1, powers_along + 1) for j in range(powers_across + 1)]


def _fit_shift(strokes: Sequence[Stroke], length: float, extent: float) -> _Shift | None:
    """The shift across strokes on a page of `length` along and `extent` across them.

    Each stroke runs at a height of its own plus the shift; least squares, outliers left out by turns.
    """
    fit = _choose_telling(strokes)
    if len(fit) < 2:
        return None
    terms = _choose_terms(fit, extent)
    # Neighbouring pieces of one rule may have heights of their own: only their lean and shape count.
    places, targets, owners = [], [], []
    for number, stroke in enumerate(fit):
        picked = np.linspace(0, len(stroke.along) - 1, min(SAMPLES, len(stroke.along))).astype(np.intp)
        along = stroke.along[picked].astype(np.float64) / length * 2 - 1
        places.append(np.stack([along, np.full_like(along, float(np.mean(stroke.across)) / extent * 2 - 1)]))
        targets.append(stroke.across[picked].astype(np.float64))
        owners.append(np.full(len(picked), number))
    seen = np.concatenate(places, axis=1)
    rows = _spread(seen[0], seen[1], terms)
    factors = _solve(rows, np.concatenate(targets), np.concatenate(owners), terms)
    if factors is None:
        return None
    reach = (float(seen[0].min()), float(seen[0].max())), (float(seen[1].min()), float(seen[1].max()))
    return _Shift(terms, factors, reach)


def _solve(
    rows: Numbers, targets: Numbers, owners: npt.NDArray[np.int64], terms: list[tuple[int, int]]
) -> Numbers | None:
    """Factors of the terms; `None` where they make the strokes hardly straighter than they were."""
    kept = np.ones(len(targets), dtype=bool)
    factors: Numbers = np.zeros(len(terms))
    centred, error = targets, targets
    strengths = np.array([RIDGE * (1 + i + j) ** 2 for i, j in terms])
    for _ in range(ROUNDS):
        centred_rows, centred = _centre(rows, owners, kept), _centre(targets, owners, kept)
        design = centred_rows[kept]
        normal = design.T @ design / max(len(design), 1) + np.diag(strengths * 1e-2)
        solved = np.linalg.solve(normal, design.T @ centred[kept] / max(len(design), 1))
        factors = np.asarray(solved, dtype=np.float64)
        error = np.asarray(np.abs(centred - centred_rows @ factors), dtype=np.float64)
        kept = error <= max(OUTLIER, 3 * float(np.median(error)))
    before, after = (float(np.sqrt(np.mean(np.square(values[kept])))) for values in (centred, error))
    return factors if after <= MAX_LEFT * before and before >= MIN_GAIN else None


def _centre(values: Numbers, owners: npt.NDArray[np.int64], kept: npt.NDArray[np.bool_]) -> Numbers:
    """Values less the mean of those kept of the same owner."""
    number = int(owners.max()) + 1
    counts = np.maximum(np.bincount(owners[kept], minlength=number), 1)
    columns = values.reshape(len(values), -1)
    sums = np.stack([np.bincount(owners[kept], column[kept], minlength=number) for column in columns.T], axis=-1)
    return np.asarray((columns - (sums / counts[:, None])[owners]).reshape(values.shape))


def _choose_telling(strokes: Sequence[Stroke]) -> list[Stroke]:
    """The strokes that are rules beyond doubt: long, and without print close on both sides."""
    clear = [stroke for stroke in strokes if _is_telling(stroke)]
    longest = max((stroke.length for stroke in clear), default=0.0)
    return [stroke for stroke in clear if stroke.length >= MIN_SHARE * longest]


def _is_telling(stroke: Stroke) -> bool:
    lean = float(np.ptp(stroke.across)) / max(stroke.length, 1.0)
    clear = stroke.cover >= MIN_COVER and stroke.crossed <= MAX_CROSSED
    return clear and stroke.length >= MIN_LENGTH and lean <= MAX_LEAN

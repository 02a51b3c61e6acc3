"""The accept threshold out of risk control: at most so many wrong cells among those accepted, with stated certainty.

Learn then test (Angelopoulos, Bates, Candès, Jordan & Lei 2021, arXiv 2110.01052): for each threshold the hypothesis
"the share of wrong cells is above the target" is tested on documents that no model learned from; thresholds are tested
from strict to loose from a few places, and the loosest before the first failure is taken. Cells of one document are not
independent, and documents of one agency are alike: what is exchangeable is the unit (an agency, or a document), and
every bound here sees one sum of wrong and one of accepted cells a unit.

Two bounds of the rate. `betting`: capital in a game that is fair at the target (Waudby-Smith & Ramdas 2024, JRSS B);
nothing is assumed but units of at most `largest` cells, and it needs some thousand units. `gamma`: the weighted sum of
rare events of Fay & Feuer 1997 (Statistics in Medicine 16), for units that go wrong independently and bring at most
`largest` wrong cells each; where that is the most that any unit brought so far, the bound holds for units like those.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STARTS = (0.5, 0.8, 0.9, 0.95)  # shares of cells accepted, from which on thresholds are tested
STEPS = 60  # thresholds tested from each of them, at most
NOTHING = 1.0  # a threshold that no confidence reaches
FIRST_BET = 0.5
LEAST_CONFIDENT = 0.02  # share of the cells
LEAST_SEVERE = 25.0  # wrong cells that one further unit may bring, at least: a column of the largest form


@dataclass(frozen=True, slots=True)
class Sums:
    """Wrong and accepted cells of each unit at one threshold; arrays of shape (units,)."""

    wrong: NDArray[np.float64]
    accepted: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Threshold:
    """The loosest threshold for which the target is certain enough, and on what that rests.

    `bound`: of the share of wrong cells among those accepted, with the certainty asked for; above the target where
    nothing could be certified, `threshold` then is 1 and no cell is accepted. `largest`: see `bound_by_gamma`.
    """

    threshold: float
    bound: float
    units: int
    accepted: int
    wrong: int
    largest: float
    certified: bool


def find_threshold(  # noqa: PLR0913
    confidences: NDArray[np.float64],
    right: NDArray[np.bool_],
    units: Sequence[int] | NDArray[np.int_],
    *,
    target: float,
    certainty: float = 0.95,
    method: str = "gamma",
    largest: float | None = None,
) -> Threshold:
    """The loosest threshold at which at most `target` of the accepted cells are wrong, with this certainty.

    Arrays of shape (cells,); `units` says which unit each cell is of. Raises `KeyError` for an unknown method.
    """
    _, places = np.unique(np.asarray(units), return_inverse=True)
    count = int(places.max()) + 1 if len(places) else 0
    worst = LARGEST[method](confidences, right, places) if largest is None else largest
    allowed = (1 - certainty) / len(STARTS)  # Bonferroni over the starts
    best = Threshold(NOTHING, 1.0, count, 0, 0, worst, certified=False)
    for path in _list_thresholds(confidences):
        for threshold in path:
            sums = sum_units(confidences, right, places, threshold)
            bound = BOUNDS[method](sums, allowed, worst, target)
            if bound > target:
                break
            if threshold < best.threshold:
                accepted, wrong = int(sums.accepted.sum()), int(sums.wrong.sum())
                best = Threshold(threshold, bound, count, accepted, wrong, worst, certified=True)
    return best


def sum_units(
    confidences: NDArray[np.float64], right: NDArray[np.bool_], places: NDArray[np.int_], threshold: float
) -> Sums:
    """Wrong and accepted cells of each unit when confidences from the threshold on are accepted."""
    accepted = confidences >= threshold
    count = int(places.max()) + 1
    wrong = np.bincount(places[accepted & ~right], minlength=count).astype(float)
    return Sums(wrong, np.bincount(places[accepted], minlength=count).astype(float))


def bound_by_gamma(sums: Sums, allowed: float, largest: float, target: float) -> float:
    """Upper limit of the rate, exceeded with probability `allowed`: Fay & Feuer's gamma interval for clustered events.

    Each unit with wrong cells is one event that weighs as much as they are. `largest`: the weight that one further
    event is thought to have.
    """
    from scipy.special import gammaincinv

    accepted = float(sums.accepted.sum())
    if not accepted:
        return 1.0
    total = float(sums.wrong.sum()) + largest
    spread = float((sums.wrong**2).sum()) + largest**2
    scale = spread / total
    limit = float(gammaincinv(total / scale, 1 - allowed)) * scale
    return min(limit / accepted, 1.0)


def bound_by_betting(sums: Sums, allowed: float, largest: float, target: float) -> float:
    """The target where a rate above it is refuted, else 1.

    The loss of a unit, wrong minus `target` times accepted cells, is 0 or more on average where the rate is above the
    target; bets against that multiply a capital that exceeds 1 / `allowed` with at most that probability. The stakes
    are those of the approximate growth-rate optimal bets, of the units before (in a seeded order) alone.
    """
    losses = sums.wrong - target * sums.accepted
    low, high = -target * largest, largest
    if np.any(sums.accepted > largest) or not len(losses):
        return 1.0
    scaled = (np.random.default_rng(0).permutation(losses) - low) / (high - low)
    null = -low / (high - low)
    capital, best, mean, square = 0.0, 0.0, 0.0, 0.25
    for count, loss in enumerate(scaled.tolist(), 1):
        edge = null - mean / max(count - 1, 1)
        stake = min(max(edge / (square / count + edge**2), 0.0), FIRST_BET / (1 - null)) if count > 1 else 0.0
        capital += math.log1p(stake * (null - loss))
        best = max(best, capital)
        mean += loss
        square += (loss - null) ** 2
    return target if best >= -math.log(allowed) else 1.0


def bound_by_share(sums: Sums, allowed: float, largest: float, target: float) -> float:
    """The share of wrong cells among these documents themselves: an estimate, with no certainty for others."""
    accepted = float(sums.accepted.sum())
    return float(sums.wrong.sum()) / accepted if accepted else 1.0


Bound = Callable[[Sums, float, float, float], float]
BOUNDS: Mapping[str, Bound] = {"gamma": bound_by_gamma, "betting": bound_by_betting, "share": bound_by_share}


def _find_severe(confidences: NDArray[np.float64], right: NDArray[np.bool_], places: NDArray[np.int_]) -> float:
    """The most wrong cells that any unit brought, of all but the least confident cells: of more than are accepted."""
    if not len(confidences):
        return LEAST_SEVERE
    wrong = sum_units(confidences, right, places, float(np.quantile(confidences, LEAST_CONFIDENT))).wrong
    return max(float(wrong.max()), LEAST_SEVERE)


def _count_most(confidences: NDArray[np.float64], right: NDArray[np.bool_], places: NDArray[np.int_]) -> float:
    """The cells of the largest unit."""
    return float(np.bincount(places).max()) if len(places) else 0.0


LARGEST = {"gamma": _find_severe, "betting": _count_most, "share": _find_severe}


def _list_thresholds(confidences: NDArray[np.float64]) -> list[list[float]]:
    """Thresholds from strict to loose, from each of the starts on: places of the confidences, not of the errors."""
    if not len(confidences):
        return []
    paths = []
    for share in STARTS:
        shares = 1 - np.geomspace(1 - share, 5e-4, STEPS)
        levels = np.unique(np.quantile(confidences, 1 - shares, method="higher"))[::-1]
        paths.append([float(level) for level in levels])
    return paths

"""How well confidences tell right cells from wrong ones: measures of rankings and of calibration, on plain arrays.

Every function takes `confidence` and `right`, both of shape (n,). Cells of equal confidence cannot be told apart, so
they count as if in random order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

REVIEWED_SHARES = (0.01, 0.02, 0.05, 0.1, 0.2)


def find_auroc(confidence: Floats, right: Flags) -> float | None:
    """P(a right cell has more confidence than a wrong one), ties counted half; `None` where all are alike.

    The Mann-Whitney statistic (Hanley and McNeil, Radiology 143, 1982).
    """
    n_right = int(right.sum())
    n_wrong = len(right) - n_right
    if not n_right or not n_wrong:
        return None
    _, places, counts = np.unique(confidence, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[places]
    return float((ranks[right].sum() - n_right * (n_right + 1) / 2) / (n_right * n_wrong))


def find_risk_coverage(confidence: Floats, right: Flags) -> tuple[Floats, Floats]:
    """The share of cells accepted, from the surest on, and the share of wrong ones among them (El-Yaniv, Wiener 2010).

    Both of shape (n_distinct_confidences,).
    """
    accepted, wrong = _count_groups(-confidence, right)
    return accepted / max(1, len(right)), wrong / accepted


def find_risk_area(confidence: Floats, right: Flags) -> float | None:
    """The mean risk over all coverages (AURC, Geifman 2019): 0 is best; `None` without cells."""
    if not len(right):
        return None
    coverage, risk = find_risk_coverage(confidence, right)
    return float(np.sum(np.diff(coverage, prepend=0.0) * risk))


def find_caught(confidence: Floats, right: Flags, shares: Sequence[float] = REVIEWED_SHARES) -> dict[str, float]:
    """The share of the wrong cells that is among the least confident share of all; empty where none is wrong.

    >>> find_caught(np.array([0.1, 0.9, 0.9, 0.9]), np.array([False, True, True, True]), (0.25,))
    {'0.25': 1.0}
    """
    reviewed, caught = find_caught_curve(confidence, right)
    return {f"{share:g}": float(np.interp(share, reviewed, caught)) for share in shares} if len(reviewed) else {}


def find_caught_curve(confidence: Floats, right: Flags) -> tuple[Floats, Floats]:
    """The share reviewed, least confident first, and the share of the wrong cells in it; empty where none is wrong."""
    if right.all():
        return np.zeros(0), np.zeros(0)
    reviewed, wrong = _count_groups(confidence, right)
    zero = np.zeros(1)
    return np.concatenate([zero, reviewed / len(right)]), np.concatenate([zero, wrong / wrong[-1]])


def _count_groups(order: Floats, right: Flags) -> tuple[Floats, Floats]:
    """Cells and wrong ones up to each distinct value of the order, both of shape (n_distinct,)."""
    _, places, counts = np.unique(order, return_inverse=True, return_counts=True)
    wrong = np.bincount(places, weights=~right, minlength=len(counts))
    return np.cumsum(counts).astype(np.float64), np.cumsum(wrong)

"""How often accepted cells are wrong, from an audit of some, with an interval."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

Z95 = 1.959963984540054  # of 95 % on two sides


@dataclass(frozen=True, slots=True)
class Stratum:
    """An audited stratum: how many cells it holds, how many of them were audited, how many of these were wrong."""

    size: float
    audited: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval; `None` where nothing was seen."""

    count: int
    hits: int
    share: float | None = None
    low: float | None = None
    high: float | None = None


def estimate_share(strata: Iterable[Stratum]) -> Share:
    """The share of wrong cells over all strata that were audited, weighted by their sizes.

    The interval is Wilson's (1927) at the sample size that simple sampling would need (Kish 1965); it does not collapse
    where nothing wrong was found.

    >>> round(estimate_share([Stratum(10_000, 1000, 0)]).high, 4)
    0.0038
    """
    seen = [stratum for stratum in strata if stratum.audited]
    count, hits = sum(stratum.audited for stratum in seen), sum(stratum.wrong for stratum in seen)
    total = sum(stratum.size for stratum in seen)
    if not count or total <= 0:
        return Share(count, hits)
    share = sum(stratum.size * stratum.wrong / stratum.audited for stratum in seen) / total
    squares = sum(stratum.size**2 / stratum.audited for stratum in seen)
    return Share(count, hits, share, *_find_wilson(share, total**2 / squares))


def _find_wilson(share: float, count: float) -> tuple[float, float]:
    square = Z95**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = Z95 * math.sqrt(share * (1 - share) / count + square / (4 * count**2)) / (1 + square / count)
    return max(0.0, middle - half), min(1.0, middle + half)

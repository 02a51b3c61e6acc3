"""Two models on the same documents: differences of their error rates with intervals, by paired bootstrap of documents.

Cells of one document are wrong together, so documents are drawn, not cells, and both models are counted on the same
draw (Efron and Tibshirani, An Introduction to the Bootstrap, 1993; Koehn, Statistical significance tests for machine
translation evaluation, 2004).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from training.evaluation import CellVerdict, DocumentVerdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESAMPLES = 10_000
CERTAINTY = 0.95
CHUNK = 500  # resamples at a time: their counts of documents are a matrix
# What counts as one document's loss, and what it is divided by.
LOSSES = {
    "error_rate": (lambda cell: not cell.right, lambda cell: True),
    "non_zero_error_rate": (lambda cell: cell.non_zero and not cell.right, lambda cell: cell.non_zero),
    "silent_error_rate": (lambda cell: cell.accepted and not cell.right, lambda cell: True),
    "review_rate": (lambda cell: not cell.accepted, lambda cell: True),
}
# How much worse a challenger may be, as shares of all cells, and still be promoted.
MARGINS: Mapping[str, float] = {"error_rate": 0.0005, "silent_error_rate": 0.0002, "review_rate": 0.01}
FEWEST_DOCUMENTS = 100  # with less, that nothing differs says little: of 100 without a loss, 3 % may have one


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of two models; `low` and `high` hold second minus first with the certainty asked for, two-sided.

    `bound` is the one-sided upper bound of the difference.
    """

    measure: str
    first: float
    second: float
    low: float
    high: float
    bound: float

    @property
    def difference(self) -> float:
        return self.second - self.first


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same documents; `fixed` and `broken` are cells that only the second, only the first read right.

    `worse` and `better` count the documents in which the second has more, or fewer, wrong cells.
    """

    documents: int
    cells: int
    fixed: int
    broken: int
    better: int
    worse: int
    certainty: float
    differences: tuple[Difference, ...]

    def as_data(self) -> dict[str, Any]:
        """The comparison as plain data."""
        rows = {
            d.measure: {
                "first": d.first, "second": d.second, "difference": d.difference, "low": d.low, "high": d.high,
                "bound": d.bound,
            }
            for d in self.differences
        }  # fmt: skip
        names = ("documents", "cells", "fixed", "broken", "better", "worse", "certainty")
        return {name: getattr(self, name) for name in names} | {"measures": rows}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a challenger may be promoted, and why not where it may not."""

    promoted: bool
    reasons: tuple[str, ...]


def compare_models(
    first: Sequence[DocumentVerdict],
    second: Sequence[DocumentVerdict],
    *,
    seed: int = 1,
    resamples: int = RESAMPLES,
    certainty: float = CERTAINTY,
) -> Comparison:
    """Compare the verdicts on the same documents; raises `ValueError` where they are not the same or there are none."""
    pairs = _pair_documents(first, second)
    weights = np.random.default_rng(seed)
    losses = {name: _count_losses(pairs, name) for name in LOSSES}
    drawn = _draw_differences(list(losses.values()), weights, resamples)
    tail = (1 - certainty) / 2
    differences = []
    for (name, counts), differing in zip(losses.items(), drawn, strict=True):
        lost, base = counts[:, :2].sum(axis=0), max(1.0, counts[:, 2].sum())
        low, high, bound = np.quantile(differing, (tail, 1 - tail, certainty))
        rates = (float(lost[0] / base), float(lost[1] / base))
        differences.append(Difference(name, *rates, float(low), float(high), float(bound)))
    changes = [_count_changes(one, two) for one, two in pairs]
    return Comparison(
        documents=len(pairs),
        cells=sum(len(one.cells) for one, _ in pairs),
        fixed=sum(fixed for fixed, _ in changes),
        broken=sum(broken for _, broken in changes),
        better=sum(fixed > broken for fixed, broken in changes),
        worse=sum(fixed < broken for fixed, broken in changes),
        certainty=certainty,
        differences=tuple(differences),
    )


def judge_challenger(
    comparison: Comparison, *, margins: Mapping[str, float] = MARGINS, fewest: int = FEWEST_DOCUMENTS
) -> Verdict:
    """Whether the second model is no worse than the first in every measure that has a margin.

    It is where the upper bound of every difference lies under its margin. Each is tested with the full certainty, and
    none is corrected for their number, since all must hold (intersection-union test, Berger 1982).
    """
    reasons = []
    if comparison.documents < fewest:
        reasons.append(f"{comparison.documents} documents show too little, {fewest} are needed")
    for difference in comparison.differences:
        margin = margins.get(difference.measure)
        if margin is not None and difference.bound > margin:
            reasons.append(
                f"{difference.measure} may be {difference.bound:+.5f} worse ({comparison.certainty:.0%} certain),"
                f" {margin:+.5f} is allowed"
            )
    return Verdict(not reasons, tuple(reasons))


def find_chance_of_worse(documents: int, *, certainty: float = CERTAINTY) -> float:
    """The share of documents that may be worse though none of so many was (the exact form of the rule of three)."""
    return 1 - math.pow(1 - certainty, 1 / documents)


def _pair_documents(
    first: Sequence[DocumentVerdict], second: Sequence[DocumentVerdict]
) -> list[tuple[DocumentVerdict, DocumentVerdict]]:
    ones, twos = ({document.name: document for document in documents} for documents in (first, second))
    if ones.keys() != twos.keys() or len(ones) != len(first) or len(twos) != len(second):
        raise ValueError("two models are compared on the same documents, each of them once")
    if not ones:
        raise ValueError("there are no documents to compare two models on")
    pairs = [(ones[name], twos[name]) for name in ones]
    for one, two in pairs:
        if [cell.field_id for cell in one.cells] != [cell.field_id for cell in two.cells]:
            raise ValueError(f"the truth of {one.name} has changed between the two models")
    return pairs


def _count_losses(pairs: Sequence[tuple[DocumentVerdict, DocumentVerdict]], measure: str) -> NDArray[np.float64]:
    """(losses of the first, losses of the second, cells that count) of each document, shape (n_documents, 3)."""
    is_loss, counts = LOSSES[measure]
    rows = [
        (sum(map(is_loss, one.cells)), sum(map(is_loss, two.cells)), sum(map(counts, one.cells))) for one, two in pairs
    ]
    return np.array(rows, dtype=np.float64)


def _draw_differences(
    losses: Sequence[NDArray[np.float64]], rng: np.random.Generator, resamples: int
) -> list[NDArray[np.float64]]:
    """Second rate minus first in each resample, for each measure, all measures on the same draws."""
    n_documents = len(losses[0])
    parts: list[list[NDArray[np.float64]]] = [[] for _ in losses]
    for start in range(0, resamples, CHUNK):
        size = min(CHUNK, resamples - start)
        weights = rng.multinomial(n_documents, np.full(n_documents, 1 / n_documents), size=size)
        for found, counts in zip(parts, losses, strict=True):
            one, two, base = (weights @ counts).T
            found.append((two - one) / np.maximum(base, 1))
    return [np.concatenate(found) for found in parts]


def _count_changes(one: DocumentVerdict, two: DocumentVerdict) -> tuple[int, int]:
    pairs: list[tuple[CellVerdict, CellVerdict]] = list(zip(one.cells, two.cells, strict=True))
    fixed = sum(b.right and not a.right for a, b in pairs)
    return fixed, sum(a.right and not b.right for a, b in pairs)

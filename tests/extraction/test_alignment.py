"""The alignment of printed rows with the rows of forms, against a plain one cell by cell."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from extraction.alignment import COST_LEFT_OUT, align_rows


def align_plainly(weights: NDArray[np.float64], skipping: NDArray[np.float64], starts: set[int]) -> list[list[float]]:
    totals: list[list[float]] = []
    for i, row in enumerate(weights):
        own: list[float] = []
        for s, weight in enumerate(row):
            diagonal = totals[i - 1][s - 1] if i and s and s not in starts else 0.0
            above = totals[i - 1][s] if i else 0.0
            left = own[s - 1] - COST_LEFT_OUT if s and s not in starts else 0.0
            own.append(max(0.0, diagonal + weight, above - skipping[i, s], left))
        totals.append(own)
    return totals


@pytest.mark.parametrize("seed", range(6))
def test_totals_are_those_of_the_plain_alignment(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.normal(-1, 3, size=(14, 11))
    weights[rng.random(14) < 0.4] -= 8  # rows like none of the form's
    skipping = rng.choice([0.05, 1.0], size=weights.shape)
    starts = np.array([0, 4, 9])
    aligned = align_rows(weights.astype(np.float32), skipping, starts)
    np.testing.assert_allclose(aligned.totals, align_plainly(weights, skipping, {0, 4, 9}), atol=1e-4)


def test_a_strange_row_between_is_passed_over_and_a_row_left_out_is_not_shifted_to() -> None:
    weights = np.full((4, 4), -4.0)
    weights[[0, 1, 3], [0, 1, 3]] = 4.0  # the third printed row is strange, the third of the form not printed
    aligned = align_rows(weights.astype(np.float32), np.full((4, 4), 0.05), np.array([0]))
    path, score = aligned.find_best(0, 4)
    assert path == [(0, 0), (1, 1), (3, 3)]
    assert score == pytest.approx(12 - 0.05 - COST_LEFT_OUT)


def test_rows_like_no_form_align_with_nothing() -> None:
    aligned = align_rows(np.full((3, 5), -4.0, dtype=np.float32), np.full((3, 5), 0.05), np.array([0, 2]))
    assert aligned.find_best(0, 5) == ([], 0.0)
    assert not aligned.totals.any()

from __future__ import annotations

import numpy as np
import pytest

from training.risk import NOTHING, bound_by_betting, bound_by_gamma, find_threshold, sum_units


def make_cells(rng: np.random.Generator, documents: int, *, cells: int = 150, rate: float = 0.002):
    """Calibrated cells: wrong ones have lower confidences; each document is one unit."""
    confidences = 1 - 10 ** -rng.uniform(1, 6, documents * cells)
    right = rng.random(documents * cells) > rate * 400 * (1 - confidences)
    return confidences, right, np.repeat(np.arange(documents), cells)


def test_the_threshold_keeps_the_target_on_other_documents() -> None:
    rng = np.random.default_rng(3)
    within = []
    for _ in range(20):
        confidences, right, units = make_cells(rng, 800)
        found = find_threshold(confidences, right, units, target=1 / 500, method="gamma")
        assert found.certified
        others, truth, _ = make_cells(rng, 800)
        accepted = others >= found.threshold
        within.append((~truth[accepted]).mean() <= 1 / 500)
    assert np.mean(within) >= 0.95


def test_too_few_documents_promise_nothing() -> None:
    confidences, right, units = make_cells(np.random.default_rng(1), 5)
    found = find_threshold(confidences, right, units, target=1 / 2000)
    assert not found.certified
    assert found.threshold == NOTHING


def test_no_cells_promise_nothing() -> None:
    found = find_threshold(np.array([]), np.array([], dtype=bool), [], target=0.01)
    assert not found.certified
    assert found.units == 0


def test_errors_of_one_document_weigh_more_than_as_many_of_many() -> None:
    units = np.repeat(np.arange(400), 100)
    confidences = np.full(len(units), 0.9)
    together, apart = np.ones(len(units), dtype=bool), np.ones(len(units), dtype=bool)
    together[:30] = False
    apart[:3000:100] = False
    sums = [sum_units(confidences, right, units, 0.5) for right in (together, apart)]
    assert sums[0].wrong.sum() == sums[1].wrong.sum() == 30
    assert bound_by_gamma(sums[0], 0.05, 25, 0.01) > bound_by_gamma(sums[1], 0.05, 25, 0.01)


def test_a_bound_without_an_error_is_that_of_one_further_unit() -> None:
    units = np.arange(100_000)
    sums = sum_units(np.ones(100_000), np.ones(100_000, dtype=bool), units, 0.5)
    assert bound_by_gamma(sums, 0.05, 1.0, 0.01) == pytest.approx(3.0 / 100_000, rel=0.01)  # the rule of three


def test_betting_certifies_with_many_documents_and_not_with_few() -> None:
    units = np.repeat(np.arange(3000), 50)
    sums = sum_units(np.ones(len(units)), np.ones(len(units), dtype=bool), units, 0.5)
    assert bound_by_betting(sums, 0.05, 50, 1 / 200) == 1 / 200
    assert bound_by_betting(sums, 0.05, 50, 1 / 5000) == 1.0


def test_betting_refuses_a_rate_above_the_target() -> None:
    rng = np.random.default_rng(0)
    units = np.repeat(np.arange(3000), 50)
    refused = [
        bound_by_betting(sum_units(np.ones(len(units)), rng.random(len(units)) > 0.011, units, 0.5), 0.05, 50, 0.01)
        for _ in range(10)
    ]
    assert sum(bound == 1.0 for bound in refused) >= 9


def test_a_unit_larger_than_said_is_not_bet_on() -> None:
    units = np.zeros(500, dtype=int)
    sums = sum_units(np.ones(500), np.ones(500, dtype=bool), units, 0.5)
    assert bound_by_betting(sums, 0.05, 100, 0.5) == 1.0


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(KeyError):
        find_threshold(np.ones(3), np.ones(3, dtype=bool), [0, 1, 2], target=0.1, method="guess")

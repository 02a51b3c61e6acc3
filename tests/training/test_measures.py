from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from training.measures import find_auroc, find_caught, find_caught_curve, find_risk_area, find_risk_coverage


def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    confidence = np.round(rng.random(count), 2)  # many cells share one confidence
    return confidence, rng.random(count) < confidence


def test_auroc_is_that_of_scikit_learn_with_ties() -> None:
    confidence, right = draw(500, 1)
    assert find_auroc(confidence, right) == pytest.approx(roc_auc_score(right, confidence))


def test_auroc_is_unknown_where_all_cells_are_right_or_there_are_none() -> None:
    assert find_auroc(np.array([0.5, 0.6]), np.array([True, True])) is None
    assert find_auroc(np.zeros(0), np.zeros(0, dtype=bool)) is None


def test_risk_grows_from_the_surest_cells_to_that_of_all() -> None:
    coverage, risk = find_risk_coverage(np.array([0.9, 0.8, 0.8, 0.1]), np.array([True, True, False, False]))
    assert coverage.tolist() == [0.25, 0.75, 1.0]
    assert risk.tolist() == pytest.approx([0.0, 1 / 3, 0.5])


def test_the_area_under_the_risk_is_nothing_without_errors_and_unknown_without_cells() -> None:
    assert find_risk_area(np.array([0.4, 0.9]), np.array([True, True])) == 0
    assert find_risk_area(np.zeros(0), np.zeros(0, dtype=bool)) is None


def test_errors_caught_do_not_depend_on_the_order_of_equal_confidences() -> None:
    confidence = np.full(10, 0.5)
    first, last = np.arange(10) != 0, np.arange(10) != 9
    assert find_caught(confidence, first, (0.1, 0.5)) == find_caught(confidence, last, (0.1, 0.5))
    assert find_caught(confidence, first, (0.5,)) == {"0.5": pytest.approx(0.5)}


def test_reviewing_the_least_confident_cells_first_catches_their_errors() -> None:
    confidence, right = np.array([0.1, 0.2, 0.9, 0.95]), np.array([False, True, True, False])
    assert find_caught(confidence, right, (0.25, 1.0)) == {"0.25": 0.5, "1": 1.0}


def test_nothing_is_caught_where_nothing_is_wrong() -> None:
    assert find_caught(np.array([0.5]), np.array([True])) == {}
    assert len(find_caught_curve(np.array([0.5]), np.array([True]))[0]) == 0

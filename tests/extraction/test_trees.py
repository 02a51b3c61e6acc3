"""Ensembles of trees evaluated with arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from extraction.trees import TreeEnsemble

# x0 <= 0.5 ? (x1 <= 2 ? -1 : 1) : 3, and a tree that is one leaf.
ARRAYS: dict[str, NDArray[np.float64]] = {
    "feature": np.array([[0, 1, 0, 0, 0], [0, 0, 0, 0, 0]]),
    "threshold": np.array([[0.5, 2.0, np.inf, np.inf, np.inf], [np.inf] * 5]),
    "left": np.array([[1, 3, 2, 3, 4], [0, 1, 2, 3, 4]]),
    "right": np.array([[2, 4, 2, 3, 4], [0, 1, 2, 3, 4]]),
    "value": np.array([[0, 0, 3.0, -1.0, 1.0], [0.25, 0, 0, 0, 0]]),
    "baseline": np.array(10.0),
    "depth": np.array(2),
}


def test_every_row_falls_to_its_leaf_of_every_tree() -> None:
    features = np.array([[0.5, 2.0], [0.5, 2.1], [0.6, 0.0], [0.5, 2.0]])
    assert TreeEnsemble.from_arrays(ARRAYS).score(features).tolist() == [9.25, 11.25, 13.25, 9.25]


def test_no_rows_have_no_scores() -> None:
    assert TreeEnsemble.from_arrays(ARRAYS).score(np.zeros((0, 2))).shape == (0,)


def test_whole_numbers_and_columns_apart_in_memory_score_alike() -> None:
    features = np.asfortranarray(np.array([[0, 3], [1, 3], [0, 1]]))
    assert TreeEnsemble.from_arrays(ARRAYS).score(features).tolist() == [11.25, 13.25, 9.25]

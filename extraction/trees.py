"""A fitted ensemble of small regression trees, evaluated with arrays alone.

Fitted by scikit-learn in training; importing it takes seconds, which a command that reads one report does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TreeEnsemble:
    """Trees as arrays of shape (n_trees, n_nodes): a node sends `x <= threshold` left; leaves point to themselves."""

    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float64]
    baseline: float
    depth: int

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.float64]]) -> TreeEnsemble:
        """Build from the arrays of a trained model."""
        return cls(
            arrays["feature"].astype("int32"),
            arrays["threshold"],
            arrays["left"].astype("int32"),
            arrays["right"].astype("int32"),
            arrays["value"],
            float(arrays["baseline"]),
            int(arrays["depth"]),
        )

    def score(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Raw scores (log-odds), shape (n,), of features of shape (n, n_features)."""
        import numpy as np

        # Most cells of a table look alike: each kind is scored once.
        rows = np.ascontiguousarray(features, dtype=np.float64)
        keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1])))[:, 0]
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        distinct = rows[first]
        n_trees = self.feature.shape[0]
        trees = np.arange(n_trees)[:, None]
        nodes = np.zeros((n_trees, len(distinct)), dtype=np.int32)
        samples = np.arange(len(distinct))[None, :]
        for _ in range(self.depth):
            goes_left = distinct[samples, self.feature[trees, nodes]] <= self.threshold[trees, nodes]
            nodes = np.where(goes_left, self.left[trees, nodes], self.right[trees, nodes])
        scores: NDArray[np.float64] = self.value[trees, nodes].sum(axis=0) + self.baseline
        return scores[inverse]

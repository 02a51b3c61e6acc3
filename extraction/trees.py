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
    """Trees as flat arrays over the nodes of all of them, `roots` those that they begin with.

    A node sends `x <= threshold` to `children[2 * node]`, else to the next; leaves point to themselves.
    """

    roots: NDArray[np.intp]
    feature: NDArray[np.intp]
    threshold: NDArray[np.float64]
    children: NDArray[np.intp]
    value: NDArray[np.float64]
    baseline: float
    depth: int

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.float64]]) -> TreeEnsemble:
        """Build from the arrays of a trained model, of shape (n_trees, n_nodes)."""
        import numpy as np

        n_trees, n_nodes = arrays["feature"].shape
        roots = n_nodes * np.arange(n_trees)
        children = np.stack([arrays["left"], arrays["right"]], axis=-1).astype(np.intp) + roots[:, None, None]
        return cls(
            roots,
            arrays["feature"].astype(np.intp).ravel(),
            arrays["threshold"].ravel(),
            children.ravel(),
            arrays["value"].ravel(),
            float(arrays["baseline"]),
            int(arrays["depth"]),
        )

    def score(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Raw scores (log-odds), shape (n,), of features of shape (n, n_features)."""
        import numpy as np

        # Most cells of a table look alike: each kind is scored once.
        rows = np.ascontiguousarray(features, dtype=np.float64)
        kinds: dict[bytes, int] = {}
        order = [kinds.setdefault(row.tobytes(), len(kinds)) for row in rows]
        distinct = np.frombuffer(b"".join(kinds), dtype=np.float64)
        samples = rows.shape[1] * np.arange(len(kinds))
        # All begin at the roots: a feature and a threshold a tree.
        feature, threshold = self.feature.take(self.roots)[:, None], self.threshold.take(self.roots)[:, None]
        nodes = self.children.take(2 * self.roots[:, None] + (distinct.take(feature + samples) > threshold))
        for _ in range(self.depth - 1):
            right = distinct.take(self.feature.take(nodes) + samples) > self.threshold.take(nodes)
            nodes = self.children.take(2 * nodes + right)
        scores: NDArray[np.float64] = self.value.take(nodes).sum(axis=0) + self.baseline
        return scores[order]

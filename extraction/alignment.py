"""Local alignment of two sequences (Smith and Waterman, Identification of common molecular subsequences, 1981)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COST_LEFT_OUT = 0.5  # a row of the form that is not printed, in logits
# An earlier table is this year's even where it is empty and last year's below it is full.
EARLIER_SHARE = 0.35
MIN_SCORE = 4.0


@dataclass(frozen=True, slots=True)
class Alignment:
    """Scores and steps of the alignment; `totals[i, s]` is the best ending with row i at state s."""

    totals: NDArray[np.float32]
    steps: NDArray[np.int8]
    starts: frozenset[int]

    def find_best(self, first: int, end: int) -> tuple[list[tuple[int, int]], float]:
        """The best path within states first..end, or an earlier one nearly as good: this year's table comes first."""

        totals = self.totals[:, first:end]
        if totals.size == 0:
            return [], 0.0
        row, state = divmod(int(totals.argmax()), end - first)
        best = self._trace(row, state + first)
        score = float(totals.max())
        before = best[0][0] if best else 0
        if before > 0:
            earlier = totals[:before]
            if earlier.max(initial=0) >= max(MIN_SCORE, EARLIER_SHARE * score):
                row, state = divmod(int(earlier.argmax()), end - first)
                return self._trace(row, state + first), float(earlier.max())
        return best, score

    def _trace(self, row: int, state: int) -> list[tuple[int, int]]:
        i, s = row, state
        path = []
        while i >= 0 and s >= 0:
            step = int(self.steps[i, s])
            if step == STOP:
                break
            if step == TAKE:
                path.append((i, s))
                if i == 0 or s in self.starts or self.totals[i - 1, s - 1] <= 0:
                    break
                i, s = i - 1, s - 1
            elif step == SKIP_PRINTED:
                i -= 1
            else:
                s -= 1
        return path[::-1]


STOP, TAKE, SKIP_PRINTED, LEAVE_OUT = 0, 1, 2, 3
BARRIER = 1e4  # more than any path gains


def align_rows(weights: NDArray[np.float32], skipping: NDArray[np.float64], starts: NDArray[np.intp]) -> Alignment:
    """Align printed rows (down) with the rows of all forms (across).

    `weights`, shape (n_rows, n_states): what speaks for a printed row being a row of a form. `skipping`, the same
    shape: what passing over a printed row costs. `starts`: the states at which an alignment may begin anew.
    """
    import numpy as np

    n, m = weights.shape
    inside = np.ones(m)
    inside[starts] = 0.0
    # Leaving out rows of a form is a running maximum across; a barrier keeps forms apart.
    lift = COST_LEFT_OUT * np.arange(m) + BARRIER * np.cumsum(1.0 - inside)
    totals = np.zeros((n, m), dtype=np.float32)
    take, skip, best, left = weights.astype(np.float64), np.empty((n, m)), np.empty((n, m)), np.zeros((n, m))
    # Rows so unlike any that passing over them always costs less than taking them, and the same for every state.
    costs = skipping.max(axis=1, initial=0)
    strange = (weights.max(axis=1, initial=-np.inf) < -COST_LEFT_OUT - costs) & (skipping == costs[:, None]).all(axis=1)
    previous, behind = np.zeros(m, dtype=np.float32), inside[1:]
    for total, taken, skipped, peak, lifted, cost, odd in zip(
        totals, take, skip, best, left, skipping, strange.tolist(), strict=True
    ):
        np.subtract(previous, cost, out=skipped)
        if odd:
            np.maximum(skipped, 0, out=peak)
            previous = total[:] = peak
            continue
        taken[1:] += previous[:-1] * behind
        np.maximum(taken, skipped, out=peak)
        np.maximum(peak, 0, out=peak)
        np.add(peak, lift, out=lifted)
        np.maximum.accumulate(lifted, out=lifted)
        np.subtract(lifted, lift, out=lifted)
        np.maximum(peak, lifted, out=total, casting="same_kind")
        previous = total
    steps = np.where(best <= 0, STOP, np.where(take >= skip, TAKE, SKIP_PRINTED))
    steps = np.where(left > best + 1e-6, LEAVE_OUT, steps)
    return Alignment(totals, steps.astype(np.int8), frozenset(starts.tolist()))

from __future__ import annotations

import numpy as np

from extraction.states import take_best


def test_best_of_a_group_is_taken_place_by_place_and_all_but_its_first_count_less() -> None:
    scores = np.array([[0.4, 0.9], [0.8, 0.0], [0.5, 1.0]], dtype=np.float32)
    best = take_best(scores, [[0], [0, 1], [0, 1, 2], [2, 0]], share=0.5)
    assert np.allclose(best, [[0.4, 0.9], [0.4, 0.9], [0.4, 0.9], [0.5, 1.0]])
    assert np.allclose(take_best(scores, [[0, 1, 2]]), [[0.8, 1.0]])

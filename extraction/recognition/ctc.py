"""Decoding of CTC outputs: the most probable classes with their places, and the most probable texts."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

BEAM = 24  # texts kept at each step
LEAST = 1e-5  # of a symbol at a step, below which it is not followed


@dataclass(frozen=True, slots=True)
class Spike:
    """A character found along a strip: its class, the steps it was seen at (half-open) and its highest probability."""

    number: int
    first: int
    last: int
    probability: float


def find_spikes(classes: npt.NDArray[np.int64], probabilities: Floats) -> list[Spike]:
    """The runs of one class that is not the blank (0), from the best class of every step and its probability."""
    if not len(classes):
        return []
    cuts = [0, *(np.flatnonzero(np.diff(classes)) + 1).tolist(), len(classes)]
    return [
        Spike(int(classes[first]), first, last, float(probabilities[first:last].max()))
        for first, last in itertools.pairwise(cuts)
        if classes[first]
    ]


def search_prefixes(steps: Floats, symbols: Sequence[str], *, beam: int = BEAM) -> dict[str, float]:
    """The most probable texts of a strip with their probabilities: prefix beam search (Hannun et al. 2014, 1408.2873).

    `steps` is (steps, symbols) with the blank first; rows may sum to less than 1, and what is missing belongs to texts
    that hold something else. So the probabilities sum to at most 1 and are never scaled up.
    """
    texts: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}  # ending in a blank, ending in their last symbol
    for row in steps:
        likely = [(symbols[i + 1], float(row[i + 1])) for i in np.flatnonzero(row[1:] > LEAST).tolist()]
        texts = _take_step(texts, float(row[0]), likely)
        if len(texts) > beam:
            texts = dict(sorted(texts.items(), key=lambda item: -sum(item[1]))[:beam])
    return {text: blank + solid for text, (blank, solid) in texts.items()}


def _take_step(
    texts: dict[str, tuple[float, float]], blank: float, likely: Sequence[tuple[str, float]]
) -> dict[str, tuple[float, float]]:
    blanks: dict[str, float] = defaultdict(float)
    solids: dict[str, float] = defaultdict(float)
    for text, (after_blank, after_symbol) in texts.items():
        blanks[text] += (after_blank + after_symbol) * blank
        for symbol, probability in likely:
            if text.endswith(symbol):  # once more the same character, or after a blank another one
                solids[text] += after_symbol * probability
                solids[text + symbol] += after_blank * probability
            else:
                solids[text + symbol] += (after_blank + after_symbol) * probability
    ends = {text: (blanks[text], solids[text]) for text in {**blanks, **solids}}
    return {text: end for text, end in ends.items() if sum(end)}

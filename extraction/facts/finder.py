"""Which candidates are counted facts, and of what: a trained span categorizer, computed from its arrays in NumPy."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extraction.facts.candidates import Candidate, find_candidates
from extraction.facts.context import ROWS, find_other_times, hash_features, list_features, mask_passage
from extraction.facts.numbers import MONEY
from extraction.facts.passages import Passage
from models.fact_items import load_fact_items
from models.quick import quicken
from models.trained import TrainedModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NONE, OTHER = "none", "other"  # no fact; a counted fact that the contract has no name for
MONEY_ITEMS = frozenset(["fees.amount", "fees.waived", "resources.budget", OTHER, NONE])


def list_classes() -> tuple[str, ...]:
    """Every class of a candidate: the named facts, `other` and, last, `none`."""
    return (*load_fact_items(), OTHER, NONE)


@quicken
@dataclass(frozen=True, slots=True)
class Spoken:
    """A candidate that is a fact: `item` is `None` for another kind; `confidence` that item and value are right."""

    passage: Passage
    candidate: Candidate
    item: str | None
    confidence: float


class FactFinder:
    """P(class | candidate in context) by the stored weights, without spaCy.

    A candidate's features are rows of a table; their mean goes through one layer of maxout and a softmax.
    """

    def __init__(self, model: TrainedModel) -> None:
        import numpy as np

        arrays = model.arrays
        self.classes: tuple[str, ...] = tuple(arrays["classes"].tolist())
        if self.classes != list_classes() or len(arrays["table"]) != ROWS:
            raise ValueError("the model facts was fitted on other features; `gouji train facts` makes it anew")
        self._table = arrays["table"].astype(np.float32)
        self._hidden = arrays["hidden"].astype(np.float32)  # (pieces, units, width)
        self._hidden_bias = arrays["hidden_bias"].astype(np.float32)  # (pieces, units)
        self._output = arrays["output"].astype(np.float32)
        self._output_bias = arrays["output_bias"].astype(np.float32)
        self._points = arrays["calibration_scores"], arrays["calibration_confidences"]
        money = np.array([name in MONEY_ITEMS for name in self.classes])
        only_money = np.array([name in MONEY_ITEMS - {OTHER, NONE} for name in self.classes])
        self._barred = {True: ~money, False: only_money}

    def predict_proba(self, features: Sequence[Sequence[int] | NDArray[np.int32]]) -> NDArray[np.float32]:
        """Probabilities of candidates given as rows of the table, shape (n_candidates, n_classes)."""
        import numpy as np

        sizes = [len(rows) for rows in features]
        starts = [0, *itertools.accumulate(sizes[:-1])]
        rows = np.fromiter(itertools.chain.from_iterable(features), dtype=np.intp, count=sum(sizes))
        counts = np.array(sizes, dtype=np.float32)[:, None]
        means = np.add.reduceat(self._table.take(rows, axis=0), starts, axis=0) / counts
        hidden = (np.einsum("nw,puw->npu", means, self._hidden) + self._hidden_bias).max(axis=1)
        logits = hidden @ self._output.T + self._output_bias
        logits -= logits.max(axis=1, keepdims=True)
        raised = np.exp(logits)
        probabilities: NDArray[np.float32] = raised / raised.sum(axis=1, keepdims=True)
        return probabilities

    def judge(self, features: Sequence[Sequence[int] | NDArray[np.int32]], units: Sequence[str]) -> NDArray[np.float32]:
        """As `predict_proba`; what is counted in money is of money, and nothing else is: else it is of another kind."""
        probabilities = self.predict_proba(features)
        other = self.classes.index(OTHER)
        for row, unit in zip(probabilities, units, strict=True):
            if unit:
                barred = self._barred[unit in MONEY]
                row[other] += row[barred].sum()
                row[barred] = 0
        return probabilities

    def find_spoken(self, passages: Sequence[Passage], *, year: int | None) -> list[Spoken]:
        """The facts of a document's passages in reading order, all of them judged in one batch."""
        import numpy as np

        found: list[tuple[Passage, Candidate]] = []
        features: list[list[int]] = []
        of_another_time: list[bool] = []
        before = ""
        for passage in passages:
            candidates = find_candidates(passage.folded)
            if candidates:
                masked = mask_passage(passage, candidates, year)
                found += [(passage, candidate) for candidate in candidates]
                features += map(hash_features, list_features(passage, candidates, year, before=before, masked=masked))
                of_another_time += find_other_times(masked)
            before = passage.folded
        if not found:
            return []
        probabilities = self.judge(features, [candidate.unit for _, candidate in found])
        best = probabilities.argmax(axis=1)
        confidences = np.interp(probabilities.max(axis=1), *self._points)
        judged = zip(found, best.tolist(), confidences, of_another_time, strict=True)
        spoken = [
            Spoken(passage, candidate, None if (name := self.classes[index]) == OTHER else name, float(confidence))
            for (passage, candidate), index, confidence, elsewhere in judged
            if self.classes[index] != NONE and not elsewhere
        ]
        return _drop_repeats(spoken)


def _drop_repeats(spoken: Sequence[Spoken]) -> list[Spoken]:
    """Without what one denial or one shared number says twice (`举报、投诉均为0件`), or of nothing that has a name."""
    kept: list[Spoken] = []
    seen: set[tuple[int, str, int, str | None]] = set()
    for fact in spoken:
        candidate = fact.candidate
        if candidate.kind != "number":
            start = candidate.start if candidate.kind == "denied" else candidate.end
            key = (id(fact.passage), candidate.kind, start, fact.item)
            if fact.item is None or key in seen:
                continue
            seen.add(key)
        kept.append(fact)
    return kept

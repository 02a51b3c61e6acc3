"""Signs that documents are no longer those that the models know: each measured, with what is usual, and an alarm.

Cells of one document go together, so what is usual is found by drawing documents of the reference anew, as many as
there are now (bootstrap): a sign is an alarm where it lies above all but 1 in 100 of such draws, and is large enough
to matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998, 0.9999, 1.0)
DRAWS = 1000
USUAL = 0.99
# Columns of a profile before the bins of confidence.
COUNTS = ("documents", "unread", "without_form", "cells", "reviewed", "unknown_labels")
UNKNOWN_LABEL = "label_doubtful"
HALF = 0.5  # added to every bin, so that an empty one does not make the index infinite
# From where on a sign matters, however sure it is; of the index the customary limit (Siddiqi, Credit Risk Scorecards).
FLOORS: Mapping[str, float] = {
    "confidence_psi": 0.1,
    "confidence_ks": 0.05,
    "review_rate": 0.02,
    "unknown_labels": 0.01,
    "unread": 0.02,
    "without_form": 0.02,
}
MEANINGS: Mapping[str, str] = {
    "confidence_psi": "the confidences are spread otherwise than they were (population stability index)",
    "confidence_ks": "the confidences are shifted (greatest distance of their distributions)",
    "review_rate": "more cells go to review",
    "unknown_labels": "more labels are unlike those of the forms",
    "unread": "more documents cannot be read",
    "without_form": "more documents have no form that is known",
}


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of drift; `before` and `now` are rates, `None` for a distance; `limit` is what is usual."""

    name: str
    value: float
    limit: float
    alarm: bool
    before: float | None
    now: float | None

    def as_data(self) -> dict[str, float | bool | None]:
        """The sign as plain data."""
        return {name: getattr(self, name) for name in ("value", "limit", "alarm", "before", "now")}


def measure_profile(records: Iterable[Mapping[str, Any]]) -> Floats:
    """What each record is like: counts and the histogram of its confidences, shape (n_records, n_counts + n_bins)."""
    rows = [_measure_record(record) for record in records]
    return np.array(rows, dtype=np.float64).reshape(-1, len(COUNTS) + len(EDGES) - 1)


def _measure_record(record: Mapping[str, Any]) -> list[float]:
    cells = record.get("cells", ())
    bins, _ = np.histogram([cell["confidence"] for cell in cells], EDGES)
    unread = "error" in record
    return [
        1.0,
        float(unread),
        float(not unread and not cells),
        float(len(cells)),
        float(sum(cell["review"] for cell in cells)),
        float(sum(UNKNOWN_LABEL in cell["reasons"] for cell in cells)),
        *bins.astype(float).tolist(),
    ]


def find_drift(reference: Floats, current: Floats, *, draws: int = DRAWS, seed: int = 1) -> list[Sign]:
    """The signs of drift from one profile to another; raises `ValueError` where one has no documents."""
    if not len(reference) or not len(current):
        raise ValueError("drift is told between two sets of documents, and one has none")
    rng = np.random.default_rng(seed)
    values = _measure_signs(reference.sum(axis=0), current.sum(axis=0))
    n, m = len(reference), len(current)
    olds = rng.multinomial(n, np.full(n, 1 / n), size=draws) @ reference
    news = rng.multinomial(m, np.full(n, 1 / n), size=draws) @ reference
    drawn = [_measure_signs(old, new) for old, new in zip(olds, news, strict=True)]
    signs = []
    for name, (value, before, now) in values.items():
        limit = float(np.quantile([draw[name][0] for draw in drawn], USUAL))
        signs.append(Sign(name, value, limit, value > limit and value > FLOORS[name], before, now))
    return signs


def _measure_signs(before: Floats, now: Floats) -> dict[str, tuple[float, float | None, float | None]]:
    """(value, rate before, rate now) of every sign; the value of a rate is by how much it has grown."""
    bins = len(COUNTS)
    shares = [(side[bins:] + HALF) / (side[bins:] + HALF).sum() for side in (before, now)]
    psi = float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())
    ks = float(np.abs(np.cumsum(shares[1]) - np.cumsum(shares[0])).max())
    found: dict[str, tuple[float, float | None, float | None]] = {
        "confidence_psi": (psi, None, None),
        "confidence_ks": (ks, None, None),
    }
    for name, part, whole in (
        ("review_rate", "reviewed", "cells"),
        ("unknown_labels", "unknown_labels", "cells"),
        ("unread", "unread", "documents"),
        ("without_form", "without_form", "documents"),
    ):
        old, new = (_rate(side, part, whole) for side in (before, now))
        found[name] = (new - old, old, new)
    return found


def _rate(counts: Floats, part: str, whole: str) -> float:
    total = counts[COUNTS.index(whole)]
    return float(counts[COUNTS.index(part)] / total) if total else 0.0


def describe_signs(signs: Sequence[Sign]) -> str:
    """The signs as lines of text, alarms in plain words."""
    lines = []
    for sign in signs:
        rates = "" if sign.before is None or sign.now is None else f"  ({sign.before:.2%} before, {sign.now:.2%} now)"
        mark = "ALARM" if sign.alarm else "ok"
        text = f": {MEANINGS[sign.name]}" if sign.alarm else ""
        lines.append(f"{mark:6}{sign.name:16}{sign.value:>9.4f}, usual up to {sign.limit:.4f}{rates}{text}")
    return "\n".join(lines)

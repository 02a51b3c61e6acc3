"""What decoding saves reviewers, and whether its posteriors say how often they are right, class by class."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from extraction.decoding import decode
from models.decoding import Priors
from training.misreading import SCANS, make_tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

TARGET = 1 / 2_000
BINS = 15  # of equally many cells each
Rows = list[tuple[str, bool, float, bool]]  # class, tied, confidence, right


def measure_review(count: int, seed: int, priors: Priors) -> dict[str, Any]:
    """Review rate and silent errors at the target, and calibration errors: by the pictures alone, and decoded.

    The thresholds are those at which tables of the calibrate split meet the target (without a margin: for a promise see
    `training/risk.py`); the figures are of the test split. All levels together, equally many tables of each.
    """
    fitted = [_list_cells(count, seed, level, "calibrate", priors) for level in SCANS]
    measured = [_list_cells(count, seed, level, "test", priors) for level in SCANS]
    measures: dict[str, Any] = {}
    for index, name in enumerate(("before", "after")):
        own: Rows = [row for rows in fitted for row in rows[index]]
        other: Rows = [row for rows in measured for row in rows[index]]
        threshold = _meet_target(np.array([row[2] for row in own]), np.array([row[3] for row in own]))
        accepted = [row for row in other if row[2] >= threshold]
        silent = [row for row in accepted if not row[3]]
        measures[name] = {
            "threshold": threshold,
            "review_rate": 1 - len(accepted) / len(other),
            "silent_share": len(silent) / max(len(accepted), 1),
            "silent_untied": sum(not row[1] for row in silent),
            "calibration_error": {
                kind: find_calibration_error([row for row in other if row[0] == kind]) for kind in CLASSES
            },
        }
    return measures


CLASSES = ("empty", "zero", "digit", "more", "other")


def _list_cells(count: int, seed: int, level: str, split: str, priors: Priors) -> tuple[Rows, Rows]:
    before: Rows = []
    after: Rows = []
    for table in make_tables(count, seed=seed, level=level, split=split):
        for cell in decode(table.cells, table.form.identities, priors=priors).cells:
            truth = table.printed[cell.field_id]
            first = cell.candidates[0]
            before.append((_find_class(first.text), cell.tied, first.probability, first.text == truth))
            after.append((_find_class(cell.text or ""), cell.tied, cell.confidence, cell.text == truth))
    return before, after


def _find_class(text: str) -> str:
    if not text.isdigit():
        return "other" if text else "empty"
    return "zero" if text == "0" else "digit" if len(text) == 1 else "more"


def _meet_target(confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """The lowest threshold at which the share of wrong cells is at most the target."""
    order = np.argsort(-confidences, kind="stable")
    wrong = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    fine = np.nonzero(wrong <= TARGET)[0]
    return float(confidences[order][fine[-1]]) if len(fine) else 1.0


def find_calibration_error(rows: Rows) -> float | None:
    """Expected calibration error over bins of equally many cells; `None` without cells."""
    if not rows:
        return None
    ordered = sorted(rows, key=lambda row: row[2])
    parts = [part for part in _cut(ordered, BINS) if part]
    gaps = [abs(sum(row[2] for row in part) - sum(row[3] for row in part)) for part in parts]
    return sum(gaps) / len(rows)


def _cut(rows: Rows, count: int) -> Iterator[Rows]:
    edges = [round(len(rows) * i / count) for i in range(count + 1)]
    for start, end in itertools.pairwise(edges):
        yield rows[start:end]

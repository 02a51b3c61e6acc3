"""Fitting what judges a reading: P(the rows are this form) and P(state and value of a cell are right).

Both are boosted trees (scikit-learn's HistGradientBoostingClassifier) on one set of agencies, mapped to frequencies by
isotonic regression on the documents of others. Exported as arrays for `extraction.trees`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from extraction.checking import check_form
from extraction.confidence import (
    CELL_FEATURES,
    FORM_FEATURES,
    LAYOUTS,
    SCAN_FEATURES,
    Calibrator,
    make_cell_features,
    make_form_features,
    make_scan_features,
)
from extraction.deciding import is_always_reviewed
from extraction.forms import FormMatcher
from extraction.labels import LabelMatcher
from extraction.mapping import MappedCell, MappedForm
from extraction.pipeline import draft_report
from models.decoding import Priors
from models.document import DocumentError, Source
from models.numbers import State, plain_number
from models.trained import TrainedModel
from training.measures import find_auroc

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_DEPTH = {"forms": 5, "cells": 5, "scans": 5}
N_TREES = {"forms": 40, "cells": 100, "scans": 200}
LEARNING_RATE = {"forms": 0.15, "cells": 0.15, "scans": 0.05}
FOLDS = 8  # of documents, of a judge that is calibrated on all of them
# Of the features, drawn for each split: where documents are few, trees that look at different ones err apart.
FEATURE_SHARE = {"forms": 1.0, "cells": 1.0, "scans": 0.3}
FEATURES = {"forms": FORM_FEATURES, "cells": CELL_FEATURES, "scans": SCAN_FEATURES}
MIN_LEAF = {"forms": 5, "cells": 30, "scans": 20}
# What all cells of a page or form share tells documents apart, of which there are too few scans to learn from.
UNUSED = {
    "scans": {
        "skew", "contrast", "noise", "height", "width", "area", "form_score", "form_margin", "row_headings",
        "order_score", "digits", "rows_before", "rows_after", "form_share", "form_complete", "form_fails", "form_holds",
        "form_odd", "grid_quality", "surplus", "repeats", *(f"layout_{layout}" for layout in LAYOUTS),
    }
}  # fmt: skip
FORM_THRESHOLD = 0.7  # a form too many costs more than one left out, which a problem tells of
# Of accepted cells the share that may be wrong, where no policy promises more (PDFs, scans).
TARGET_SILENT = {"cells": 1 / 10_000, "scans": 1 / 4_000}
LEAST_ACCEPTED = 0.95  # a lower step of the calibration stands on few cells, or has a wrong one among twenty
MOVED = frozenset({"columns_permuted", "column_left_out"})  # what headings on another page tell


@dataclass(slots=True)
class Examples:
    """Features and outcomes; `documents` says which document each example is from."""

    features: list[NDArray[np.float64]] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    documents: list[int] = field(default_factory=list)

    def extend(self, others: Examples) -> None:
        """Append the examples of other documents."""
        self.features.extend(others.features)
        self.right.extend(others.right)
        self.documents.extend(others.documents)

    def add(self, features: Iterable[NDArray[np.float64]], right: Iterable[bool], document: int) -> None:
        """Append the examples of one document."""
        before = len(self.features)
        self.features.extend(features)
        self.right.extend(right)
        self.documents.extend([document] * (len(self.features) - before))

    def arrays(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """X of shape (n, n_features) and y of shape (n,)."""
        return np.array(self.features), np.array(self.right)


def collect_examples(
    reports: Iterable[tuple[bytes, Mapping[str, Any]]],
    *,
    labels: LabelMatcher,
    matcher: FormMatcher,
    priors: Priors,
    first: int = 0,
    scanned: bool = False,
) -> tuple[Examples, Examples]:
    """Examples for forms and for cells from documents and their truth; the documents are numbered from `first`.

    Cells of scans (`scanned`) have the features of their pictures and of decoding under `priors` too; a scan's form
    with no cell in the picture, and other documents' with one, have no part. Of scans only pages with tables are read.
    """
    forms, cells = Examples(), Examples()
    for index, (content, truth) in enumerate(reports, first):
        source = Source(str(index), content, "", tables_only=True)
        try:
            draft = draft_report(source, labels=labels, matcher=matcher, priors=priors)
        except DocumentError:
            continue
        for mapped in (form for form in draft.forms if form.scanned == scanned):
            present = mapped.match.form.form_id in truth["forms"]
            forms.add([np.array(make_form_features(mapped, draft.rows))], [present], index)
            if _is_judged(mapped, truth):
                make_features = make_scan_features if scanned else make_cell_features
                features = make_features(mapped, check_form(mapped), draft.rows)
                right = judge_cells(mapped, truth["cells"])
                # What always goes to a person has no threshold to be judged by.
                judged = [i for i, cell in enumerate(mapped.cells) if not is_always_reviewed(cell)]
                if "page_of" in truth:  # what stands on the other pages is missing rightly, as in no whole document
                    judged = [i for i in judged if not _is_elsewhere(mapped.cells[i], truth["cells"])]
                cells.add(features[judged], [right[i] for i in judged], index)
    return forms, cells


def _is_elsewhere(cell: MappedCell, truth: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a cell is not on the page that was cut out, or only its label is."""
    return cell.value.state is State.MISSING or "elsewhere" in truth.get(cell.field.field_id, ())


def _is_judged(mapped: MappedForm, truth: Mapping[str, Any]) -> bool:
    """Whether a form of this family is there.

    A page alone, cut out of its document, may not tell which version, nor in which order columns are that are moved.
    """
    if "page_of" in truth:
        moved = not MOVED.isdisjoint(truth.get("variations", ()))
        return mapped.match.form.form_id in truth["forms"] and not moved
    return mapped.match.form.family in {form.split("@")[0] for form in truth["forms"]}


def judge_cells(mapped: MappedForm, truth: Mapping[str, Mapping[str, Any]]) -> list[bool]:
    """Whether state and value of each cell are those of the truth, or of what it accepts besides."""
    verdicts = []
    for cell in mapped.cells:
        expected = truth.get(cell.field.field_id)
        read = (cell.value.state.value, plain_number(cell.value.number))
        readings = [] if expected is None else [expected, *expected.get("accept", ())]
        verdicts.append(any(read == (reading["state"], reading["value"]) for reading in readings))
    return verdicts


def fit_judge(
    name: str, train: Examples, calibrate: Examples, *, seed: int, weights: NDArray[np.float64] | None = None
) -> TrainedModel:
    """Fit trees on `train` and the map from score to confidence on `calibrate`; the card is filled by the caller.

    `weights` of the examples to train on, shape (n_train,), where they do not all count alike.
    """
    model = _make_trees(name, seed).fit(*_drop_unused(name, train), sample_weight=weights)
    features, right = calibrate.arrays()
    return _make_judge(name, model, model.decision_function(features), right)


def fit_crossed_judge(name: str, examples: Examples, *, seed: int) -> TrainedModel:
    """Fit trees on all examples, and the map to confidence on the scores that trees of the other documents give each.

    For kinds of which there are too few documents to hold some out: cross-validated calibration, as scikit-learn's
    `CalibratedClassifierCV(ensemble=False)` does it, in `FOLDS` parts by document.
    """
    features, right = _drop_unused(name, examples)
    documents = np.array(examples.documents)
    numbers = np.unique(documents)
    np.random.default_rng(seed).shuffle(numbers)
    parts = dict(zip(numbers.tolist(), itertools.cycle(range(FOLDS)), strict=False))
    fold = np.array([parts[document] for document in documents.tolist()])
    scores = np.zeros(len(right))
    for number in range(FOLDS):
        held = fold == number
        if held.any():
            scores[held] = _make_trees(name, seed).fit(features[~held], right[~held]).decision_function(features[held])
    return _make_judge(name, _make_trees(name, seed).fit(features, right), scores, right)


def _make_trees(name: str, seed: int) -> Any:
    """The trees of a judge, not fitted."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=N_TREES[name],
        max_depth=MAX_DEPTH[name],
        learning_rate=LEARNING_RATE[name],
        max_features=FEATURE_SHARE[name],
        min_samples_leaf=MIN_LEAF[name],
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )


def _make_judge(name: str, model: Any, scores: NDArray[np.float64], right: NDArray[np.bool_]) -> TrainedModel:
    """Fitted trees with the map to confidence by the scores of examples held out, and the threshold."""
    points, confidences = fit_calibration(scores, right)
    arrays = export_trees(model) | {"calibration_scores": points, "calibration_confidences": confidences}
    known = np.interp(scores, points, confidences)
    threshold = FORM_THRESHOLD if name == "forms" else find_threshold(known, right, target=TARGET_SILENT[name])
    card = {"threshold": threshold, "features": list(FEATURES[name])}
    return TrainedModel(name, arrays, card)


def _drop_unused(name: str, examples: Examples) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The examples, the same for all in the features that trees are not to part them by."""
    features, right = examples.arrays()
    unused = [place for place, feature in enumerate(FEATURES[name]) if feature in UNUSED.get(name, ())]
    features[:, unused] = 0.0
    return features, right


def measure_judge(model: TrainedModel, examples: Examples) -> dict[str, float | int | None]:
    """How good the confidences are on examples never fitted: ranking, calibration, and what the threshold lets pass."""
    features, right = examples.arrays()
    if not len(right):
        return {"examples": 0}
    confidences = Calibrator(model).predict_confidence(features)
    accepted = confidences >= model.card["threshold"]
    loss = -np.log(np.clip(np.where(right, confidences, 1 - confidences), 1e-12, 1))
    return {
        "examples": len(right),
        "wrong": int((~right).sum()),
        "auroc": find_auroc(confidences, right),
        "log_loss": float(loss.mean()),
        "mean_confidence": float(confidences.mean()),
        "right": float(right.mean()),
        "accepted": float(accepted.mean()),
        "accepted_wrong": int((accepted & ~right).sum()),
    }


def fit_calibration(
    scores: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points of the map from score to frequency, by isotonic regression; never 0, never 1."""
    from sklearn.isotonic import IsotonicRegression

    return _smooth_steps(scores, right, IsotonicRegression(out_of_bounds="clip").fit(scores, right))


def _smooth_steps(
    scores: NDArray[np.float64], right: NDArray[np.bool_], isotonic: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each step of the isotonic map as a point, its frequency drawn in by Laplace's rule: never 0, never 1."""
    steps = isotonic.predict(scores)
    points, confidences = [], []
    for step in np.unique(steps):
        inside = steps == step
        points.append(float(scores[inside].mean()))
        confidences.append((right[inside].sum() + 1) / (inside.sum() + 2))
    order = np.argsort(points)
    return np.array(points)[order], np.maximum.accumulate(np.array(confidences)[order])


def find_threshold(confidences: NDArray[np.float64], right: NDArray[np.bool_], *, target: float) -> float:
    """The lowest confidence from which on at most a share of `target` of the held-out cells are wrong.

    None below `LEAST_ACCEPTED`: where few cells are held out, their shares say little of such steps.
    """
    order = np.argsort(-confidences)
    wrong = np.cumsum(~right[order])
    kept = np.arange(1, len(order) + 1)
    fine = np.nonzero(wrong / kept <= target)[0]
    if not len(fine):
        return 1.0
    threshold = confidences[order][fine[-1]]
    return float(np.clip(threshold, LEAST_ACCEPTED, 0.9999))


def export_trees(model: Any) -> dict[str, NDArray[np.float64]]:
    """The fitted trees as padded arrays, shape (n_trees, n_nodes); leaves point to themselves."""
    trees = [predictors[0].nodes for predictors in model._predictors]
    size = max(len(nodes) for nodes in trees)
    shape = (len(trees), size)
    arrays = {key: np.zeros(shape) for key in ("feature", "threshold", "left", "right", "value")}
    for i, nodes in enumerate(trees):
        own = np.arange(len(nodes))
        leaf = nodes["is_leaf"].astype(bool)
        arrays["feature"][i, own] = np.where(leaf, 0, nodes["feature_idx"])
        arrays["threshold"][i, own] = np.where(leaf, np.inf, nodes["num_threshold"])
        arrays["left"][i, own] = np.where(leaf, own, nodes["left"])
        arrays["right"][i, own] = np.where(leaf, own, nodes["right"])
        arrays["value"][i, own] = np.where(leaf, nodes["value"], 0)
    return arrays | {
        "baseline": np.array(float(np.ravel(model._baseline_prediction)[0])),
        "depth": np.array(max(int(nodes["depth"].max()) for nodes in trees)),
    }

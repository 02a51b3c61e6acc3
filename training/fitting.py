"""`gouji train`: every model that ships, from one seed, each with its card."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from extraction.forms import FormMatcher
from extraction.labels import LabelMatcher
from models.form import FORMS_FOLDER, load_forms
from models.trained import TRAINED_FOLDER, TrainedModel, load_trained, save_trained
from training.judging import collect_examples, fit_judge
from training.label_fitting import fit_labels
from training.line_fitting import fit_lines
from training.synthesis.corpus import iterate_corpus

PARTS = ("lines", "labels", "forms")
CODE_FOLDERS = ("models", "extraction", "training")
Echo = Callable[[str], None]


def fit_parts(parts: Sequence[str], *, seed: int, count: int, echo: Echo, folder: Path = TRAINED_FOLDER) -> None:
    """Fit and save the named parts in the order in which they depend on one another."""
    for part in (part for part in PARTS if part in parts):
        echo(f"fitting {part}")
        for model in FITTERS[part](seed, count, echo, folder):
            save_trained(model, folder=folder)
            echo(f"saved {model.name} {model.version}")


def _fit_lines(seed: int, count: int, echo: Echo, folder: Path) -> Iterable[TrainedModel]:
    model = fit_lines(seed=seed, count=min(count, 2000), progress=_make_progress(echo, "lines"))
    yield _complete_card(model, seed=seed, count=min(count, 2000))


def _fit_labels(seed: int, count: int, echo: Echo, folder: Path) -> Iterable[TrainedModel]:
    model, metrics = fit_labels(seed=seed)
    yield _complete_card(model, seed=seed, count=0, synthetic=metrics)


def _fit_judges(seed: int, count: int, echo: Echo, folder: Path) -> Iterable[TrainedModel]:
    forms = load_forms()
    labels = LabelMatcher(load_trained("labels", folder=folder), forms.values())
    matcher = FormMatcher(forms, labels)
    sets = {}
    for split, size in (("train", count), ("calibrate", count)):
        reports = iterate_corpus(size, seed, split, other_share=0.15)
        progress = _make_progress(echo, split)
        sets[split] = collect_examples(reports, labels=labels, matcher=matcher, progress=progress)
    for index, name in enumerate(("forms", "cells")):
        train, calibrate = sets["train"][index], sets["calibrate"][index]
        model = fit_judge(name, train, calibrate, seed=seed)
        measures = {
            "train_examples": len(train.right),
            "train_wrong": len(train.right) - sum(train.right),
            "calibrate_examples": len(calibrate.right),
            "calibrate_wrong": len(calibrate.right) - sum(calibrate.right),
        }
        yield _complete_card(model, seed=seed, count=count, synthetic=measures)


def _complete_card(
    model: TrainedModel, *, seed: int, count: int, synthetic: dict[str, Any] | None = None
) -> TrainedModel:
    """Add to a card what every card has; the version is a hash of the arrays."""
    import numpy as np
    import sklearn

    digest = hashlib.sha256()
    for name in sorted(model.arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(model.arrays[name]).tobytes())
    card = model.card | {
        "name": model.name,
        "version": digest.hexdigest()[:12],
        "data": {"kind": "synthetic", "seed": seed, "documents": count, "code": hash_code()},
        "libraries": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
    }
    if synthetic is not None:
        card["synthetic"] = synthetic
    return TrainedModel(model.name, model.arrays, card)


def hash_code() -> str:
    """A hash of the code and the forms that make the data and the models."""
    digest = hashlib.sha256()
    root = FORMS_FOLDER.parent.parent
    for folder in CODE_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".py", ".yaml"):
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _make_progress(echo: Echo, name: str) -> Callable[[], None]:
    """Says every 250 documents how far it is."""
    seen = 0

    def count() -> None:
        nonlocal seen
        seen += 1
        if seen % 250 == 0:
            echo(f"  {name}: {seen} documents")

    return count


FITTERS: dict[str, Callable[[int, int, Echo, Path], Iterable[TrainedModel]]] = {
    "lines": _fit_lines,
    "labels": _fit_labels,
    "forms": _fit_judges,
}

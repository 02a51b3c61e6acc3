"""`gouji train`: every model that ships, from one seed, each with its card."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from extraction.forms import FormMatcher
from extraction.labels import LabelMatcher
from models.form import FORMS_FOLDER, load_forms
from models.trained import TRAINED_FOLDER, TrainedModel, load_trained, save_trained
from training.fact_fitting import fit_facts
from training.judging import Examples, collect_examples, fit_judge
from training.label_fitting import fit_labels
from training.line_fitting import fit_lines
from training.synthesis.corpus import make_document
from training.synthesis.pages_corpus import make_page_documents

PARTS = ("lines", "labels", "facts", "forms")
# Documents of each kind to learn the judging from, as a share of those asked for; PDFs take the longest to make.
KIND_SHARES = {"text": 1.0, "docx": 0.12, "pdf": 0.05}
FIRST = {"text": 0, "docx": 1_000_000, "pdf": 2_000_000}  # where the numbers of documents of a kind begin
FACT_SHARE = 0.4  # of the documents asked for, reports whose sentences facts are learned from
OTHER_SHARE = 0.15
CHUNK = 40
CODE_FOLDERS = ("models", "extraction", "training")
Echo = Callable[[str], None]


def fit_parts(
    parts: Sequence[str],
    *,
    seed: int,
    count: int,
    echo: Echo,
    folder: Path = TRAINED_FOLDER,
    reports: Path | None = None,
) -> None:
    """Fit and save the named parts in the order in which they depend on one another.

    `reports` is a folder of real documents with their truth beside them, for the cards.
    """
    for part in (part for part in PARTS if part in parts):
        echo(f"fitting {part}")
        fitter = functools.partial(_fit_lines, reports=reports) if part == "lines" else FITTERS[part]
        for model in fitter(seed, count, echo, folder):
            save_trained(model, folder=folder)
            echo(f"saved {model.name} {model.version}")


def _fit_lines(
    seed: int, count: int, echo: Echo, folder: Path, *, reports: Path | None = None
) -> Iterable[TrainedModel]:
    model = fit_lines(seed=seed, count=min(count, 2000), progress=_make_progress(echo, "lines"), reports=reports)
    yield _complete_card(model, seed=seed, count=min(count, 2000))


def _fit_labels(seed: int, count: int, echo: Echo, folder: Path) -> Iterable[TrainedModel]:
    model, metrics = fit_labels(seed=seed)
    yield _complete_card(model, seed=seed, count=0, synthetic=metrics)


def _fit_facts(seed: int, count: int, echo: Echo, folder: Path) -> Iterable[TrainedModel]:
    documents = round(count * FACT_SHARE)
    model, metrics = fit_facts(seed=seed, count=documents, echo=echo)
    yield _complete_card(model, seed=seed, count=documents, synthetic=metrics)


def _fit_judges(seed: int, count: int, echo: Echo, folder: Path) -> Iterable[TrainedModel]:
    jobs = [
        Job(kind, split, range(start, min(start + CHUNK, round(count * share))), seed, folder)
        for split in ("train", "calibrate")
        for kind, share in KIND_SHARES.items()
        for start in range(0, round(count * share), CHUNK)
    ]
    sets: dict[str, tuple[Examples, Examples]] = {split: (Examples(), Examples()) for split in ("train", "calibrate")}
    for job, found in zip(jobs, _run_jobs(jobs, echo), strict=True):
        for examples, more in zip(sets[job.split], found, strict=True):
            examples.extend(more)
    for index, name in enumerate(("forms", "cells")):
        train, calibrate = sets["train"][index], sets["calibrate"][index]
        model = fit_judge(name, train, calibrate, seed=seed)
        measures = {
            "train_examples": len(train.right),
            "train_wrong": len(train.right) - sum(train.right),
            "calibrate_examples": len(calibrate.right),
            "calibrate_wrong": len(calibrate.right) - sum(calibrate.right),
            "documents": {kind: round(count * share) for kind, share in KIND_SHARES.items()},
        }
        yield _complete_card(model, seed=seed, count=count, synthetic=measures)


@dataclass(frozen=True, slots=True)
class Job:
    """Documents of one kind and split to learn from, by their indices."""

    kind: str
    split: str
    numbers: range
    seed: int
    folder: Path


def _run_jobs(jobs: Sequence[Job], echo: Echo) -> Iterator[tuple[Examples, Examples]]:
    """The examples of each job, in their order, made by as many processes as there are cores."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for done, examples in enumerate(pool.map(collect_job, jobs), 1):
            echo(f"  {done} of {len(jobs)} parts of the documents")
            yield examples


def collect_job(job: Job) -> tuple[Examples, Examples]:
    """Make the documents of a job and read them; raises `ConversionError` where PDFs cannot be made."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    labels, matcher = _load_matcher(job.folder)
    if job.kind == "text":
        texts = (make_document(i, seed=job.seed, split=job.split, other_share=OTHER_SHARE) for i in job.numbers)
        reports = ((text.content, text.truth) for text in texts)
    else:
        pages = make_page_documents(job.numbers, job.seed, job.split, kinds=job.kind, boxes=False)
        reports = ((page.content, page.truth) for page in pages)
    first = FIRST[job.kind] + job.numbers.start
    return collect_examples(reports, labels=labels, matcher=matcher, first=first)


@functools.cache
def _load_matcher(folder: Path) -> tuple[LabelMatcher, FormMatcher]:
    forms = load_forms()
    labels = LabelMatcher(load_trained("labels", folder=folder), forms.values())
    return labels, FormMatcher(forms, labels)


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
    "facts": _fit_facts,
    "forms": _fit_judges,
}

"""`gouji train`: every model that ships, from one seed, each with its card; what is done already is kept."""

from __future__ import annotations

import functools
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from extraction.forms import FormMatcher
from extraction.labels import LabelMatcher, learn_forms
from models.decoding import load_priors
from models.form import load_forms
from models.memory import settle_memory
from models.trained import TRAINED_FOLDER, TrainedModel, hash_arrays, load_trained, save_trained
from training.datasets import (
    Origin,
    Portion,
    load_arrays,
    make_card,
    make_origin,
    pack_text,
    save_arrays,
    save_dataset,
    unpack_text,
)
from training.degradation.scans_corpus import make_scans
from training.fact_fitting import fit_facts
from training.judging import Examples, collect_examples, fit_crossed_judge, fit_judge, measure_judge
from training.label_fitting import fit_labels
from training.line_fitting import fit_lines
from training.stages import CODE, fill_folder, find_key, hash_code, hash_own_forms, is_fitted, list_own_forms
from training.synthesis.corpus import make_document
from training.synthesis.pages_corpus import make_page_documents

PARTS = {
    "lines": ("lines",),
    "labels": ("labels",),
    "facts": ("facts",),
    "forms": ("forms", "cells"),
    "scans": ("scans",),
}
# Fitted side by side, each of these one after the other: what needs one core leaves the others to making documents.
LANES = (("forms",), ("lines", "facts", "scans"))
# Documents of each kind to learn the judging from, as a share of those asked for; PDFs take the longest to make.
# Wrong cells come by whole documents of a rare kind: texts are cheap, and more of them bring more such kinds.
KIND_SHARES = {"text": 2.0, "docx": 0.12, "pdf": 0.05}
SPLIT_SHARES = {"train": 1.0, "calibrate": 0.8, "test": 0.1}
SCAN_SHARES = {"scan": 0.045}  # reading a scan takes ten times as long as a PDF
# Where the numbers of documents of a kind begin.
FIRST = {"text": 0, "docx": 1_000_000, "pdf": 2_000_000, "scan": 3_000_000}
FACT_SHARE = 0.4  # of the documents asked for, reports whose sentences facts are learned from
OTHER_SHARE = 0.15
CHUNK = 40
MOST_PAGES = 4  # of a scan to learn from
SCAN_CHUNK = 4  # scans take long: small parts keep all cores busy; each starts a converter
MOST_LINES = 2000  # documents whose lines are learned from; more tell nothing new
WORK_FOLDER = Path("out") / "training"
DATASETS, UNFINISHED = "datasets", "parts"
Echo = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What to fit from, and where to: `folder` gets the models, `work` the data and what is done so far.

    `reports` is a folder of real documents with their truth beside them, measured for the cards. `echo` goes to other
    processes too, so that it must be picklable.
    """

    seed: int
    count: int
    echo: Echo
    folder: Path = TRAINED_FOLDER
    work: Path = WORK_FOLDER
    reports: Path | None = None


def fit_parts(parts: Iterable[str], order: Order, *, fresh: bool = False) -> list[str]:
    """Fit and save the named parts; those fitted already under the same key are kept, but where `fresh` is asked for.

    Returns the names of the models that were fitted anew.
    """
    wanted = set(parts)
    asked = [part for part in PARTS if part in wanted]
    if len(asked) < len(PARTS) and fill_folder(order.folder):
        order.echo(f"{order.folder} begins as a copy of the models that ship")
    made = _fit_in_turn([part for part in asked if part == "labels"], order, fresh=fresh)  # the others need them
    lanes = [lane for parts in LANES if (lane := [part for part in parts if part in asked])]
    if len(lanes) < 2:
        return made + _fit_in_turn([part for lane in lanes for part in lane], order, fresh=fresh)
    with ProcessPoolExecutor(len(lanes) - 1, mp_context=get_context("spawn")) as pool:
        beside = [pool.submit(_fit_in_turn, lane, order, fresh=fresh) for lane in lanes[1:]]
        made += _fit_in_turn(lanes[0], order, fresh=fresh)
        return made + [name for lane in beside for name in lane.result()]


def _fit_in_turn(parts: Sequence[str], order: Order, *, fresh: bool) -> list[str]:
    """Fit and save these parts one after the other; the names of the models that were fitted anew."""
    made = []
    for part in parts:
        key = find_key(part, **_find_settings(part, order))
        if not fresh and is_fitted(PARTS[part], key, folder=order.folder):
            order.echo(f"{part}: kept, as fitted before from the same code and settings")
            continue
        order.echo(f"fitting {part}")
        for model in FITTERS[part](order):
            card = model.card | {"stage": key}
            save_trained(TrainedModel(model.name, model.arrays, card), folder=order.folder)
            made.append(model.name)
            order.echo(f"saved {model.name} {card['version']}")
    return made


def _find_settings(part: str, order: Order) -> dict[str, Any]:
    """What decides on a part besides its code; the judges judge what is matched by the labels as they are now."""
    settings: dict[str, Any] = {"seed": order.seed, "count": order.count, "reports": order.reports is not None}
    settings |= hash_own_forms()
    if part in {"forms", "scans"}:
        settings["labels"] = load_trained("labels", folder=order.folder).version
    return settings


def _fit_lines(order: Order) -> Iterable[TrainedModel]:
    count = min(order.count, MOST_LINES)
    portions: dict[str, Portion] = {}
    model = fit_lines(
        seed=order.seed,
        count=count,
        progress=_make_progress(order.echo, "lines"),
        reports=order.reports,
        keep=portions.__setitem__,
    )
    yield _complete_card(model, order, data=_keep_data("lines", portions, order, count=count), documents=count)


def _fit_labels(order: Order) -> Iterable[TrainedModel]:
    model, metrics, portions = fit_labels(seed=order.seed)
    data = _keep_data("labels", portions, order, count=0)
    yield _complete_card(model, order, data=data, documents=0, synthetic=metrics)


def _fit_facts(order: Order) -> Iterable[TrainedModel]:
    documents = round(order.count * FACT_SHARE)
    model, metrics = fit_facts(seed=order.seed, count=documents, echo=order.echo)
    data = find_key("facts", seed=order.seed, documents=documents)  # made anew from these, not kept
    yield _complete_card(model, order, data=data, documents=documents, synthetic=metrics)


def _fit_judges(order: Order) -> Iterable[TrainedModel]:
    yield from _fit_judges_of(("forms", "cells"), order, KIND_SHARES)


def _fit_scans(order: Order) -> Iterable[TrainedModel]:
    """The judge of cells on scans, of all levels alike."""
    yield from _fit_judges_of(("scans",), order, SCAN_SHARES)


def _fit_judges_of(names: Sequence[str], order: Order, shares: Mapping[str, float]) -> Iterable[TrainedModel]:
    """Judges of forms and of cells from documents of these kinds."""
    sets, origins = load_judged(order, shares)
    for name in names:
        index = int(name != "forms")
        train, calibrate, test = (sets[split][index] for split in SPLIT_SHARES)
        portions = {split: make_portion(sets[split][index], origins[split]) for split in SPLIT_SHARES}
        data = _keep_data(name, portions, order, count=order.count)
        if name == "scans":
            model = fit_crossed_judge(name, pool_examples(train, calibrate), seed=order.seed)
        else:
            model = fit_judge(name, train, calibrate, seed=order.seed)
        measures = {
            "train_examples": len(train.right),
            "train_wrong": len(train.right) - sum(train.right),
            "calibrate_examples": len(calibrate.right),
            "calibrate_wrong": len(calibrate.right) - sum(calibrate.right),
            "documents": {kind: round(order.count * share) for kind, share in shares.items()},
            "test": measure_judge(model, test),
        }
        yield _complete_card(model, order, data=data, documents=order.count, synthetic=measures)


def pool_examples(*sets: Examples) -> Examples:
    """Examples of several splits as one set; documents are counted in each, and are others in the next."""
    pooled = Examples()
    for examples in sets:
        first = max(pooled.documents, default=-1) + 1
        moved = [document + first for document in examples.documents]
        pooled.extend(Examples(examples.features, examples.right, moved))
    return pooled


def make_portion(examples: Examples, origins: Sequence[Origin]) -> Portion:
    """Examples of the judging as a part of a dataset."""
    import numpy as np

    features, right = examples.arrays()
    arrays = {"features": features, "right": right, "documents": np.array(examples.documents, dtype=np.int64)}
    classes = {"right": int(right.sum()), "wrong": int((~right).sum())}
    return Portion(arrays, len(right), origins, classes)


def _keep_data(name: str, portions: Mapping[str, Portion], order: Order, *, count: int) -> str:
    """Keep the data of a model; its version."""
    part = next(part for part, names in PARTS.items() if name in names)
    recipe = {"generator": "synthetic", "seed": order.seed, "documents": count, "code": hash_code(CODE[part])}
    card = make_card(name, portions, recipe=recipe)
    save_dataset(card, portions, folder=order.work / DATASETS)
    return str(card["version"])


Judged = dict[str, tuple[Examples, Examples]]


@dataclass(frozen=True, slots=True)
class Job:
    """Documents of one kind and split to learn from, by their indices; `path` is where their examples are kept."""

    kind: str
    split: str
    numbers: range
    seed: int
    folder: Path
    path: Path


def load_judged(order: Order, shares: Mapping[str, float] = KIND_SHARES) -> tuple[Judged, dict[str, list[Origin]]]:
    """The examples for forms and cells by split, with their documents; what was made before is taken from the disk."""
    labels = load_trained("labels", folder=order.folder).version
    key = find_key("forms", seed=order.seed, labels=labels, **hash_own_forms())
    jobs = [
        Job(kind, split, range(start, min(start + step, count)), order.seed, order.folder, path)
        for split, split_share in SPLIT_SHARES.items()
        for kind, share in shares.items()
        for step in [SCAN_CHUNK if kind == "scan" else CHUNK]
        for count in [round(order.count * share * split_share)]
        for start in range(0, count, step)
        for path in [order.work / UNFINISHED / key / f"{split}-{kind}-{start}-{min(start + step, count)}.npz"]
    ]
    sets: Judged = {split: (Examples(), Examples()) for split in SPLIT_SHARES}
    origins: dict[str, list[Origin]] = {split: [] for split in SPLIT_SHARES}
    for job, found in zip(jobs, run_jobs(jobs, order.echo), strict=True):
        for examples, name in zip(sets[job.split], ("forms", "cells"), strict=True):
            examples.extend(unpack_examples(found, name))
        origins[job.split] += [Origin(**row) for row in unpack_text(found["origins"])]
    return sets, origins


def run_jobs(jobs: Sequence[Job], echo: Echo) -> Iterator[Mapping[str, Any]]:
    """The arrays of each job, in their order; those not there yet are made by as many processes as there are cores."""
    missing = [job for job in jobs if load_arrays(job.path) is None]
    what = "scans" if {job.kind for job in jobs} == {"scan"} else "documents"
    if len(missing) < len(jobs):
        echo(f"  {len(jobs) - len(missing)} of {len(jobs)} parts of the {what} are there from before")
    if missing:
        begun = time.monotonic()
        context = get_context("spawn")
        with ProcessPoolExecutor(os.cpu_count(), context, prepare_process, (missing[0].folder,)) as pool:
            for done, _ in enumerate(pool.map(collect_job, missing), 1):
                left = (time.monotonic() - begun) / done * (len(missing) - done) / 60
                echo(f"  {done} of {len(missing)} parts of the {what}, {left:.0f} minutes left")
    for job in jobs:
        arrays = load_arrays(job.path)
        if arrays is None:
            raise OSError(f"{job.path} was written and cannot be read")
        yield arrays


def prepare_process(folder: Path) -> None:
    """Load what all jobs of a process need."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _load_matcher(folder)
    settle_memory()


def collect_job(job: Job) -> None:
    """Make the documents of a job, read them and keep the examples; raises `ConversionError` without converters."""
    labels, matcher = _load_matcher(job.folder)
    if job.kind == "text":
        texts = (make_document(i, seed=job.seed, split=job.split, other_share=OTHER_SHARE) for i in job.numbers)
        reports = ((text.content, text.truth) for text in texts)
    elif job.kind == "scan":
        scans = make_scans(job.numbers, job.seed, job.split, cells_only=True)
        reports = ((scan.content, scan.truth) for scan in scans if _is_worth_reading(scan.truth))
    else:
        pages = make_page_documents(job.numbers, job.seed, job.split, kinds=job.kind, boxes=False)
        reports = ((page.content, page.truth) for page in pages)
    origins: list[Origin] = []
    first = FIRST[job.kind] + job.numbers.start
    seen = _note_origins(reports, job.kind, origins)
    priors = load_priors(folder=job.folder)
    forms, cells = collect_examples(
        seen, labels=labels, matcher=matcher, priors=priors, first=first, scanned=job.kind == "scan"
    )
    save_arrays(job.path, pack_examples(forms=forms, cells=cells) | {"origins": pack_text(map(asdict, origins))})


def _is_worth_reading(truth: Mapping[str, Any]) -> bool:
    """Whether a scan has cells to learn from, on few enough pages for the time that they take."""
    return bool(truth["forms"] and truth["cells"]) and truth["pages"] <= MOST_PAGES


def pack_examples(**sets: Examples) -> dict[str, Any]:
    """Sets of examples as arrays named by set."""
    import numpy as np

    packed: dict[str, Any] = {}
    for name, examples in sets.items():
        features, right = examples.arrays()
        packed |= {f"{name}_features": features, f"{name}_right": right.astype(bool)}
        packed[f"{name}_documents"] = np.array(examples.documents, dtype=np.int64)
    return packed


def unpack_examples(arrays: Mapping[str, Any], name: str) -> Examples:
    """One set of `pack_examples`."""
    features, right, documents = (arrays[f"{name}_{part}"] for part in ("features", "right", "documents"))
    return Examples(list(features), right.tolist(), documents.tolist())


def _note_origins(
    reports: Iterable[tuple[bytes, Mapping[str, Any]]], kind: str, origins: list[Origin]
) -> Iterator[tuple[bytes, Mapping[str, Any]]]:
    for content, truth in reports:
        origins.append(make_origin(content, truth, kind=kind))
        yield content, truth


@functools.cache
def _load_matcher(folder: Path) -> tuple[LabelMatcher, FormMatcher]:
    model = load_trained("labels", folder=folder)
    forms = learn_forms(load_forms(), model)
    labels = LabelMatcher(model, forms.values())
    return labels, FormMatcher(forms, labels)


def _complete_card(
    model: TrainedModel, order: Order, *, data: str, documents: int, synthetic: dict[str, Any] | None = None
) -> TrainedModel:
    """Add to a card what every card has; the version is a hash of the arrays."""
    part = next(part for part, names in PARTS.items() if model.name in names)
    card = model.card | {
        "name": model.name,
        "version": hash_arrays(model.arrays),
        "data": {
            "kind": "synthetic",
            "seed": order.seed,
            "documents": documents,
            "hash": data,
            "code": hash_code(CODE[part]),
        },
        "libraries": list_libraries(),
    }
    if synthetic is not None:
        card["synthetic"] = synthetic
    if list_own_forms():
        card["forms"] = list(load_forms())
    return TrainedModel(model.name, model.arrays, card)


def list_libraries() -> dict[str, str]:
    """The versions that a fitted model depends on."""
    import numpy as np
    import sklearn

    return {"python": platform.python_version(), "numpy": np.__version__, "scikit-learn": sklearn.__version__}


def _make_progress(echo: Echo, name: str) -> Callable[[], None]:
    """Says every 250 documents how far it is."""
    seen = 0

    def count() -> None:
        nonlocal seen
        seen += 1
        if seen % 250 == 0:
            echo(f"  {name}: {seen} documents")

    return count


FITTERS: dict[str, Callable[[Order], Iterable[TrainedModel]]] = {
    "lines": _fit_lines,
    "labels": _fit_labels,
    "facts": _fit_facts,
    "forms": _fit_judges,
    "scans": _fit_scans,
}

"""Learning from corrections: wordings that people confirmed, and examples for the confidence, measured on others.

A part of the corrected documents is held out: what was learned from the rest is shown on them before anything is
promoted. The models go to a folder of their own; those that ship are left alone.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extraction.checking import check_form
from extraction.confidence import make_cell_features
from extraction.deciding import is_always_reviewed
from extraction.pipeline import draft_report
from models.document import DocumentError, Source
from models.form import load_forms
from models.numbers import plain_number
from models.trained import TRAINED_FOLDER, TrainedModel, hash_arrays, save_trained
from training.corrections import Correction, CorrectionError, hash_corrections, read_corrections
from training.datasets import load_dataset
from training.fitting import DATASETS, Order, list_libraries, load_judged
from training.judging import Examples, fit_judge
from training.reading import load_models, read_content
from training.stages import hash_code
from training.wordings import LearnedWording, RefusedWording, learn_wordings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from extraction.pipeline import Reader

HELD_OUT = 4  # one document in so many
CALIBRATED = 3  # one in so many of those learned from
WEIGHT = 5.0  # of a corrected cell among those of the generator


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned, and the measures of the cells answered in held-out documents before and after."""

    name: str
    folder: Path
    data: str
    corrections: int
    documents: int
    learned_from: int
    held_out: int
    examples: int
    learned: tuple[LearnedWording, ...]
    refused: tuple[RefusedWording, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    def as_data(self) -> dict[str, Any]:
        """The lesson as plain data."""
        return asdict(self) | {"folder": self.folder.name}


@dataclass(frozen=True, slots=True)
class CorrectedDocument:
    """A document with the answers on its cells; `content` is `None` where the document is not at hand."""

    name: str
    content: bytes | None
    answers: tuple[Correction, ...]


def learn_corrections(
    path: Path,
    order: Order,
    *,
    documents: Path | None = None,
    base: Path | None = None,
    confidence: bool = True,
) -> Lesson:
    """Learn from the corrections of a file, and show what it gains on documents held out.

    `documents` is where the corrected documents lie, found by their hash; without them only wordings are learned, and
    nothing can be measured. `base` holds the models to learn from (those that ship), `order.folder` gets the new ones.
    With `confidence` the judge of cells is fitted anew, on the generator's examples and those of the corrections, but
    not on fewer of the generator's than it was fitted on before. Raises `CorrectionError`.
    """
    corrections = read_corrections(path)
    gathered = gather_documents(corrections, documents)
    kept, held_out = split_documents(gathered)
    answers = [answer for document in kept for answer in document.answers]
    learned, refused = learn_wordings(answers, load_forms())
    models = load_models(base)
    models["labels"] = _teach_labels(models["labels"], learned, corrections=path.name)
    examples = 0
    if confidence:
        models["cells"], examples = _teach_confidence(models, kept, order, base=base)
    _save_models(models, order.folder, base=base)
    return Lesson(
        name=path.name,
        folder=order.folder,
        data=hash_corrections(corrections),
        corrections=len(corrections),
        documents=len(gathered),
        learned_from=len(kept),
        held_out=len(held_out),
        examples=examples,
        learned=tuple(learned),
        refused=tuple(refused),
        before=measure_answers(held_out, _make_reader(load_models(base))),
        after=measure_answers(held_out, _make_reader(models)),
    )


def gather_documents(corrections: Sequence[Correction], folder: Path | None) -> list[CorrectedDocument]:
    """The corrected documents in order of their names, each with its bytes where the folder has it."""
    by_document: dict[str, list[Correction]] = {}
    for correction in corrections:
        by_document.setdefault(correction.document, []).append(correction)
    at_hand: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")) if folder is not None else ():
        if path.is_file():
            data = path.read_bytes()
            at_hand |= {hashlib.sha256(data).hexdigest(): data, path.name: data}
    found = []
    for name, answers in sorted(by_document.items()):
        keys = (answers[0].sha256, Path(answers[0].source).name)
        content = next((at_hand[key] for key in keys if key in at_hand), None)
        found.append(CorrectedDocument(Path(answers[0].source or name).name, content, tuple(answers)))
    return found


def split_documents(
    documents: Sequence[CorrectedDocument],
) -> tuple[list[CorrectedDocument], list[CorrectedDocument]]:
    """Those to learn from, and one in `HELD_OUT` to measure on, by a hash of their names."""
    ordered = sorted(documents, key=lambda document: hashlib.sha256(document.name.encode()).hexdigest())
    count = max(1, len(ordered) // HELD_OUT) if len(ordered) > 1 else 0
    return ordered[count:], ordered[:count]


def measure_answers(documents: Sequence[CorrectedDocument], reader: Reader) -> dict[str, Any]:
    """Of the cells answered: how many are right as read now, how many silently wrong, how many asked about."""
    counts = {"documents": 0, "cells": 0, "wrong": 0, "silent_errors": 0, "reviewed": 0}
    for document in documents:
        if document.content is None:
            continue
        counts["documents"] += 1
        read = {cell["id"]: cell for cell in read_content(document.name, document.content, reader).get("cells", ())}
        for answer in document.answers:
            cell = read.get(answer.field)
            right = cell is not None and (cell["state"], cell["value"]) == (answer.after.state, answer.after.value)
            accepted = cell is not None and not cell["review"]
            counts["cells"] += 1
            counts["wrong"] += not right
            counts["silent_errors"] += accepted and not right
            counts["reviewed"] += not accepted
    cells = counts["cells"]
    shares = {"error_rate": counts["wrong"] / cells, "review_rate": counts["reviewed"] / cells} if cells else {}
    return counts | shares


def collect_answers(documents: Sequence[CorrectedDocument], reader: Reader, *, first: int) -> Examples:
    """Features of the answered cells as they are read now, and whether that is what the person says."""
    examples = Examples()
    for number, document in enumerate(documents, first):
        if document.content is None:
            continue
        source = Source(document.name, document.content, "")
        try:
            draft = draft_report(source, labels=reader.labels, matcher=reader.matcher, priors=reader.priors)
        except DocumentError:
            continue
        answers = {answer.field: answer.after for answer in document.answers}
        for mapped in draft.forms:
            features = make_cell_features(mapped, check_form(mapped), draft.rows)
            rows: list[NDArray[np.float64]] = []
            right = []
            for cell, row in zip(mapped.cells, features, strict=True):
                after = answers.get(cell.field.field_id)
                if after is not None and not is_always_reviewed(cell):
                    rows.append(row)
                    right.append(
                        (cell.value.state.value, plain_number(cell.value.number)) == (after.state, after.value)
                    )
            examples.add(rows, right, number)
    return examples


def _teach_labels(model: TrainedModel, learned: Sequence[LearnedWording], *, corrections: str) -> TrainedModel:
    """The model of labels with the wordings, beside those that it has learned before."""
    import numpy as np

    before = [tuple(row) for row in model.arrays["learned"].tolist()] if "learned" in model.arrays else []
    rows = sorted({*before, *((w.family, w.leaf, w.wording) for w in learned)})
    if not rows:
        return model
    arrays = model.arrays | {"learned": np.array(rows)}
    card = model.card | {
        "version": hash_arrays(arrays),
        "stage": None,
        "learned": {"from": corrections, "wordings": len(rows), "new": len(rows) - len(before)},
    }
    return TrainedModel("labels", arrays, card)


def _teach_confidence(
    models: Mapping[str, TrainedModel], documents: Sequence[CorrectedDocument], order: Order, *, base: Path | None
) -> tuple[TrainedModel, int]:
    """The judge of cells fitted on the generator's examples and on those of the corrections, and how many these are."""
    import numpy as np

    reader = _make_reader(models)
    calibrated = documents[::CALIBRATED]
    fitted = [document for document in documents if document not in calibrated]
    more = collect_answers(fitted, reader, first=9_000_000)
    for_calibration = collect_answers(calibrated, reader, first=9_500_000)
    found = _load_base(models["cells"], order, base=base) if more.right else None
    if found is None:
        return models["cells"], 0
    train, calibrate, data = found
    weights = np.concatenate([np.ones(len(train.right)), np.full(len(more.right), WEIGHT)])
    train.extend(more)
    calibrate.extend(for_calibration)
    judge = fit_judge("cells", train, calibrate, seed=order.seed, weights=weights)
    card = models["cells"].card | judge.card
    card |= {
        "version": hash_arrays(judge.arrays),
        "stage": None,
        "data": models["cells"].card["data"] | {"kind": "synthetic and corrections", "hash": data, "code": hash_code()},
        "libraries": list_libraries(),
        "learned": {"examples": len(more.right), "wrong": len(more.right) - sum(more.right)},
    }
    card.pop("synthetic", None)  # the measures of the model before
    return TrainedModel("cells", judge.arrays, card), len(more.right) + len(for_calibration.right)


def _load_base(judge: TrainedModel, order: Order, *, base: Path | None) -> tuple[Examples, Examples, str] | None:
    """The generator's examples that the judge was fitted on where they are kept, else as many made anew.

    `None` where fewer are ordered: a judge fitted on fewer is a worse one, whatever it learns from corrections.
    """
    version = str(judge.card["data"].get("hash", ""))
    try:
        kept = load_dataset("cells", version, folder=order.work / DATASETS)
    except (OSError, ValueError, KeyError):
        needed = int(judge.card["data"].get("documents", 0))
        if order.count < needed:
            order.echo(f"confidence not fitted anew: it was fitted on {needed} documents, {order.count} are ordered")
            return None
        made, _ = load_judged(
            Order(order.seed, order.count, order.echo, folder=base or TRAINED_FOLDER, work=order.work)
        )
        return made["train"][1], made["calibrate"][1], f"{order.seed}/{order.count}"
    train, calibrate = (
        Examples(list(kept[split]["features"]), kept[split]["right"].tolist(), kept[split]["documents"].tolist())
        for split in ("train", "calibrate")
    )
    return train, calibrate, version


def _save_models(models: Mapping[str, TrainedModel], folder: Path, *, base: Path | None) -> None:
    if folder.resolve() in ((base or TRAINED_FOLDER).resolve(), TRAINED_FOLDER.resolve()):
        raise CorrectionError("the models learned from corrections need a folder of their own (--out)")
    source = base or TRAINED_FOLDER
    for path in sorted(p for p in source.iterdir() if p.is_dir() and p.name not in models):
        shutil.copytree(path, folder / path.name, dirs_exist_ok=True)
    for model in models.values():
        save_trained(model, folder=folder)


def _make_reader(models: Mapping[str, TrainedModel]) -> Reader:
    from extraction.pipeline import make_reader

    return make_reader(models)

"""Fitting what finds facts: lessons of three splits, spaCy's span categorizer, a calibration, measures for the card."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import numpy as np

from extraction.facts.finder import NONE, FactFinder, list_classes
from models.trained import TrainedModel
from training.fact_passages import Lesson, make_lessons
from training.judging import fit_calibration

if TYPE_CHECKING:
    from numpy.typing import NDArray

EPOCHS = 4
OTHER_SPLITS = 4  # of the reports to learn from, one in so many is made for each of the other splits
CHUNK = 50


@dataclass(frozen=True, slots=True)
class Predicted:
    """Truth and prediction of candidates; `missed` counts facts that are no candidate."""

    true: tuple[str, ...]
    guessed: tuple[str, ...]
    scores: tuple[float, ...]
    missed: int


def fit_facts(*, seed: int, count: int, echo: Callable[[str], None]) -> tuple[TrainedModel, dict[str, Any]]:
    """Fit on `count` reports of the train split; the measures are of wordings that were never trained on."""
    from training.fact_spans import fit_spans

    lessons = collect_lessons(count, seed=seed, split="train")
    echo(f"  facts: {len(lessons)} passages, {sum(len(lesson.candidates) for lesson in lessons)} candidates")
    arrays: dict[str, Any] = dict(fit_spans(lessons, seed=seed, epochs=EPOCHS, progress=echo))
    card: dict[str, Any] = {"classes": list(list_classes())}
    plain = {"calibration_scores": np.array([0.0, 1.0]), "calibration_confidences": np.array([0.0, 1.0])}
    finder = FactFinder(TrainedModel("facts", arrays | plain, card))
    held_out = predict_lessons(finder, collect_lessons(count // OTHER_SPLITS, seed=seed, split="calibrate", own=True))
    points, confidences = calibrate(held_out)
    arrays |= {"calibration_scores": points, "calibration_confidences": confidences}
    model = TrainedModel("facts", arrays, card)
    finder = FactFinder(model)
    tested = predict_lessons(finder, collect_lessons(count // OTHER_SPLITS, seed=seed, split="test", own=True))
    measures = {
        "train": {"passages": len(lessons), "candidates": sum(len(lesson.candidates) for lesson in lessons)},
        "held_out_wordings": measure_predicted(tested),
        "held_out_wordings_by_item": measure_items(tested),
        "calibrate_split": measure_predicted(held_out),
    }
    return model, measures


def collect_lessons(count: int, *, seed: int, split: str, own: bool = False) -> list[Lesson]:
    """The lessons of `count` reports, made by as many processes as there are cores."""
    jobs = [(range(start, min(start + CHUNK, count)), seed, split, own) for start in range(0, count, CHUNK)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        return [lesson for lessons in pool.map(_make_part, jobs) for lesson in lessons]


def _make_part(job: tuple[range, int, str, bool]) -> list[Lesson]:
    numbers, seed, split, own = job
    return [lesson for i in numbers for lesson in make_lessons(i, seed=seed, split=split, dealt_only=own)]


def predict_lessons(finder: FactFinder, lessons: Iterable[Lesson]) -> Predicted:
    """What the finder says of every candidate."""
    true: list[str] = []
    guessed: list[str] = []
    scores: list[float] = []
    missed = 0
    for lesson in lessons:
        missed += len(lesson.missed)
        if not lesson.candidates:
            continue
        probabilities = finder.judge(lesson.features, [candidate.unit for candidate in lesson.candidates])
        true += lesson.classes
        guessed += [finder.classes[i] for i in probabilities.argmax(axis=1)]
        scores += probabilities.max(axis=1).tolist()
    return Predicted(tuple(true), tuple(guessed), tuple(scores), missed)


def calibrate(predicted: Predicted) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The map from score to confidence, on the candidates that were taken for facts."""
    taken = [i for i, name in enumerate(predicted.guessed) if name != NONE]
    scores = np.array([predicted.scores[i] for i in taken])
    right = np.array([predicted.guessed[i] == predicted.true[i] for i in taken])
    return fit_calibration(scores, right)


def measure_predicted(predicted: Predicted) -> dict[str, float]:
    """Precision and recall of facts; a fact under another item is both invented and missed."""
    pairs = list(zip(predicted.true, predicted.guessed, strict=True))
    right = sum(true == guessed != NONE for true, guessed in pairs)
    found = sum(guessed != NONE for _, guessed in pairs)
    expected = sum(true != NONE for true, _ in pairs) + predicted.missed
    return {
        "facts": expected,
        "precision": round(right / max(found, 1), 5),
        "recall": round(right / max(expected, 1), 5),
        "not_candidates": predicted.missed,
    }


def measure_items(predicted: Predicted) -> dict[str, dict[str, float]]:
    """Precision and recall of each item."""
    pairs = list(zip(predicted.true, predicted.guessed, strict=True))
    right = Counter(true for true, guessed in pairs if true == guessed)
    found, expected = Counter(guessed for _, guessed in pairs), Counter(true for true, _ in pairs)
    return {
        name: {
            "facts": expected[name],
            "precision": round(right[name] / max(found[name], 1), 4),
            "recall": round(right[name] / max(expected[name], 1), 4),
        }
        for name in sorted(expected)
        if name != NONE
    }

"""Reading documents in worker processes and judging them against their truth, with any models."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.bulk import read_records
from service.reading import ReadOptions
from training.evaluation import Evaluation, find_truths, judge_record

Track = Callable[[Iterable[str], list[str]], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Measured:
    """A set of documents measured; `versions` are those of the models that read them."""

    evaluation: Evaluation
    measures: dict[str, Any]
    versions: dict[str, str]


def _untracked(lines: Iterable[str], sources: list[str]) -> Iterable[str]:
    return lines


def find_pairs(folder: Path) -> list[tuple[Path, Path]]:
    """(document, truth) of every document below a folder; raises `ValueError` without any."""
    pairs = list(find_truths(folder))
    if not pairs:
        raise ValueError(f"no document with a truth file beside it in {folder}")
    return pairs


def measure_documents(
    pairs: Sequence[tuple[Path, Path]], *, workers: int, models: Path | None = None, track: Track = _untracked
) -> Measured:
    """Read documents and judge them against their truth."""
    sources = [str(document) for document, _ in pairs]
    evaluation = Evaluation()
    versions: dict[str, str] = {}
    lines = track(
        read_records(sources, workers=max(1, min(workers, len(sources))), options=ReadOptions(models=models)), sources
    )
    for line, (_, truth) in zip(lines, pairs, strict=True):
        record = json.loads(line)
        versions = versions or dict(record.get("models") or {})
        evaluation.documents.append(judge_record(record, json.loads(truth.read_text("utf-8"))))
    return Measured(evaluation, evaluation.measures(), versions)

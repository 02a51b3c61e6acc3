"""Proof of the loop: `python -m training.learning_trial` plants a kind of report, corrects 20, learns, reads others.

A scripted person answers every cell of the 20 documents that is asked about, and a random share of those accepted, as
an audit asks them; the answers are the truth with the labels as printed. The documents to measure on are of other
agencies, made with another seed, and of the same planted kind; reports of the usual kinds show what is lost elsewhere.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.trained import TRAINED_FOLDER
from training.evaluation import Evaluation
from training.fitting import WORK_FOLDER, Order, fit_parts
from training.learning import Lesson, learn_corrections
from training.reading import evaluate_contents, load_reader_of, read_content
from training.synthesis.corpus import make_document
from training.synthesis.planted import make_planted
from training.synthesis.printed import RenderedReport

if TYPE_CHECKING:
    from extraction.pipeline import Reader

CORRECTED = 20
MEASURED = 60
USUAL = 60
AUDITED = 0.05  # of the accepted cells
SECONDS = 4.0  # that an answer of the scripted person takes
SHOWN = ("cells", "accuracy", "non_zero_accuracy", "silent_errors", "review_rate", "calibration_error")


@dataclass(frozen=True, slots=True)
class Trial:
    """The measures before and after, on the planted kind and on usual reports."""

    lesson: Lesson
    answers: int
    planted: tuple[dict[str, Any], dict[str, Any]]
    usual: tuple[dict[str, Any], dict[str, Any]]

    def as_data(self) -> dict[str, Any]:
        """The trial as plain data."""
        return {
            "answers": self.answers,
            "documents": self.lesson.documents,
            "wordings": len(self.lesson.learned),
            "held_out": {"before": dict(self.lesson.before), "after": dict(self.lesson.after)},
            "planted": {"before": self.planted[0], "after": self.planted[1]},
            "usual": {"before": self.usual[0], "after": self.usual[1]},
        }


def run_trial(
    folder: Path, order: Order, *, corrected: int = CORRECTED, measured: int = MEASURED, usual: int = USUAL,
    confidence: bool = False,
) -> Trial:  # fmt: skip
    """Plant, correct, learn and measure; documents and corrections go to `folder`, the models to `order.folder`.

    With `confidence` the judges are fitted before on as many documents as ordered, so that those fitted on corrections
    too have the like to be compared with; without it the models that ship learn wordings.
    """
    base = fit_base(folder / "base", order) if confidence else None
    before = load_reader_of(base)
    taught = [make_planted(index, seed=order.seed, split="train") for index in range(corrected)]
    path = folder / "corrections.jsonl"
    answers = write_answers(path, taught, before, seed=order.seed)
    lesson = learn_corrections(path, order, documents=folder / "documents", base=base, confidence=confidence)
    after = load_reader_of(order.folder)
    planted = [make_planted(index, seed=order.seed + 1, split="test") for index in range(measured)]
    others = [make_document(index, seed=order.seed + 1, split="test") for index in range(usual)]
    return Trial(lesson, answers, _measure(planted, before, after), _measure(others, before, after))


def fit_base(folder: Path, order: Order) -> Path:
    """Models with judges fitted on as many documents as ordered, the others as they ship."""
    for name in ("lines", "labels"):
        shutil.copytree(TRAINED_FOLDER / name, folder / name)
    fit_parts(["forms"], replace(order, folder=folder))
    return folder


def write_answers(path: Path, documents: Sequence[RenderedReport], reader: Reader, *, seed: int) -> int:
    """Read documents, answer as a person would, and write the documents and the answers; how many answers."""
    rng = random.Random(f"answers/{seed}")
    lines = []
    for document in documents:
        target = path.parent / "documents" / str(document.truth["source"])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(document.content)
        record = read_content(target.name, document.content, reader)
        for cell in record.get("cells", ()):
            truth = document.truth["cells"].get(cell["id"])
            if truth is None or not (cell["review"] or rng.random() < AUDITED):
                continue
            printed = truth.get("printed", {})
            lines.append(
                {
                    "source": target.name,
                    "sha256": hashlib.sha256(document.content).hexdigest(),
                    "form": cell["form"],
                    "field": cell["id"],
                    "before": {"state": cell["state"], "value": cell["value"]},
                    "after": {"state": truth["state"], "value": truth["value"]},
                    "row_labels": printed.get("row", []),
                    "column_labels": printed.get("column", []),
                    "who": "script",
                    "when": "2026-01-01T00:00:00Z",
                    "seconds": SECONDS,
                    "models": record["models"],
                }
            )
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return len(lines)


def _measure(
    documents: Sequence[RenderedReport], before: Reader, after: Reader
) -> tuple[dict[str, Any], dict[str, Any]]:
    contents = [(str(document.truth["source"]), document.content, document.truth) for document in documents]
    first, second = (_shorten(evaluate_contents(contents, reader)) for reader in (before, after))
    return first, second


def _shorten(evaluation: Evaluation) -> dict[str, Any]:
    measures = evaluation.measures()
    return {name: measures[name] for name in SHOWN}


def describe_trial(trial: Trial) -> str:
    """The trial as lines of text."""
    lines = [
        f"{trial.answers} answers on {trial.lesson.documents} documents;"
        f" {len(trial.lesson.learned)} wordings learned, {len(trial.lesson.refused)} refused",
        f"{'':24}{'planted kind':>24}{'usual reports':>24}",
        f"{'':24}{'before':>12}{'after':>12}{'before':>12}{'after':>12}",
    ]
    for name in SHOWN:
        values = (*(half[name] for half in trial.planted), *(half[name] for half in trial.usual))
        lines.append(f"{name.replace('_', ' '):24}" + "".join(f"{_format(value):>12}" for value in values))
    return "\n".join(lines)


def _format(value: float | int | None) -> str:
    return f"{value:.5f}" if isinstance(value, float) else str(value)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the trial and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corrected", type=int, default=CORRECTED, help="documents that are corrected")
    parser.add_argument("--measured", type=int, default=MEASURED, help="others of the kind, to measure on")
    parser.add_argument("--count", type=int, default=0, help="text documents to fit the judges on; 0: they stay")
    parser.add_argument("--work", type=Path, default=WORK_FOLDER)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        order = Order(given.seed, max(given.count, 20), _say, folder=place / "models", work=given.work)
        trial = run_trial(place, order, corrected=given.corrected, measured=given.measured, confidence=given.count > 0)
    text = json.dumps(trial.as_data(), ensure_ascii=False, indent=2) if given.json else describe_trial(trial)
    sys.stdout.write(text + "\n")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()

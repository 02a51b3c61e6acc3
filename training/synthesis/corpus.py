"""Corpora of synthetic documents, reproducible one by one: `write_corpus(folder, count=100, seed=1, split="train")`."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from training.synthesis.choice import check_split
from training.synthesis.made_documents import write_document
from training.synthesis.own_reports import draw_report
from training.synthesis.printed import RenderedReport
from training.synthesis.rendering import render_report

OTHER_SHARE = 0.1


def make_document(
    index: int, *, seed: int, split: str, other_share: float = OTHER_SHARE, difficulty: str = "mixed"
) -> RenderedReport:
    """The document of one index, alike whether made alone or among others."""
    check_split(split)
    rng = random.Random(f"{seed}/{split}/{index}")
    report = draw_report(rng, split=split, difficulty=difficulty, other_share=other_share)
    rendered = render_report(report, rng, split=split, clean=difficulty == "clean")
    truth = rendered.truth | {"source": f"{index:05d}{rendered.suffix}", "difficulty": difficulty, "synthetic": True}
    return replace(rendered, truth=truth)


def iterate_corpus(
    count: int, seed: int, split: str, *, other_share: float = OTHER_SHARE, difficulty: str = "mixed"
) -> Iterator[RenderedReport]:
    """`count` documents of a split, in the order of their index."""
    for index in range(count):
        yield make_document(index, seed=seed, split=split, other_share=other_share, difficulty=difficulty)


def write_corpus(
    folder: Path, *, count: int, seed: int, split: str, other_share: float = OTHER_SHARE, difficulty: str = "mixed"
) -> None:
    """Write the documents of a split as `00000.txt` (or .html, .md) beside `00000.truth.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = iterate_corpus(count, seed, split, other_share=other_share, difficulty=difficulty)
    for document in documents:
        write_document(folder / document.truth["source"], document.content, document.truth)

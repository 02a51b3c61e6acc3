"""Corpora of scans with their truth: PDFs of the generator, degraded; `write_scans_corpus(folder, count=100, …)`."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from training.degradation.documents import degrade_document
from training.degradation.files import CONTAINERS
from training.degradation.recipes import LEVELS, draw_recipe
from training.synthesis.choice import check_split, pick
from training.synthesis.made_documents import MadeDocument, write_documents
from training.synthesis.pages_corpus import make_page_documents, name_page, plan_page

CHUNK = 20  # documents made at a time
LEARNED_PAGES = {"fullest": 3, "cells": 1}  # of documents to learn from


def write_scans_corpus(
    folder: Path, *, count: int, seed: int, split: str, level: str = "mixed", difficulty: str = "mixed"
) -> list[str]:
    """Write `count` scans of a split as `00000.pdf` (or .tif, .png, .jpg) beside `00000.truth.json`.

    Gives the names of those left out because their converter failed on them. Raises `ConversionError` where a
    converter is missing or makes none, `ValueError` for an unknown split or level.
    """
    scans = iterate_scans_corpus(count, seed, split, level=level, difficulty=difficulty)
    return write_documents(folder, scans, count)


def iterate_scans_corpus(
    count: int, seed: int, split: str, *, level: str = "mixed", difficulty: str = "mixed"
) -> Iterator[MadeDocument]:
    """The scans in the order of their index; each is alike whether made alone or among others."""
    for start in range(0, count, CHUNK):
        yield from make_scans(range(start, min(start + CHUNK, count)), seed, split, level=level, difficulty=difficulty)


def make_scans(
    numbers: Sequence[int],
    seed: int,
    split: str,
    *,
    level: str = "mixed",
    difficulty: str = "mixed",
    cells_only: bool = False,
) -> Iterator[MadeDocument]:
    """The scans of these indices; raises `ValueError` for an unknown split or level, `ConversionError`.

    With `cells_only` documents without cells are left out, and of the others pages without; of most only the page with
    the most cells is scanned. More documents tell more than more pages of one.
    """
    check_split(split)
    if level not in (*LEVELS, "mixed"):
        raise ValueError(f"no level {level!r}; there are {', '.join(LEVELS)} and mixed")
    wanted = [n for n in numbers if not cells_only or _has_cells(seed, split, n, difficulty)]
    documents = make_page_documents(wanted, seed, split, kinds="pdf", difficulty=difficulty)
    for document in documents:  # without those that could not be printed
        index = int(Path(document.truth["source"]).stem)
        name = f"{seed}/{split}/{index}/{level}"
        pages = pick(random.Random(f"{name}/pages"), LEARNED_PAGES) if cells_only else "all"
        scan = scan_document(document, name, split, level=level, pages=pages)
        yield replace(scan, truth=scan.truth | {"source": f"{index:05d}{scan.suffix}"})


def _has_cells(seed: int, split: str, number: int, difficulty: str) -> bool:
    plan = plan_page(name_page(seed, split, number, "pdf"), "pdf", split, difficulty=difficulty)
    return bool(plan.report.truth.get("cells"))


def scan_document(document: MadeDocument, seed: str, split: str, *, level: str, pages: str = "all") -> MadeDocument:
    """A PDF of the generator as a scan by a recipe of the split; `pages` as for `degrade_document`."""
    rng = random.Random(f"{seed}/scan")
    recipe = draw_recipe(level, np.random.default_rng(rng.getrandbits(64)), split=split)
    container = draw_container(recipe.mode, rng)
    return degrade_document(document.content, document.truth, recipe, seed=seed, container=container, pages=pages)


def draw_container(mode: str, rng: random.Random) -> str:
    """A kind of file for pictures of a mode: black and white does not go into a JPEG."""
    return pick(rng, {name: weight for name, weight in CONTAINERS.items() if (mode, name) != ("one-bit", "jpeg")})
